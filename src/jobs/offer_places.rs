//! Lets offers of places lapse when their time has come, sends their reminders, ends codes that keep places when theirs has, and
//! offers places that became free unnoticed.

use std::time::Duration;

use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::{
    JobContext,
    rounds::{REST, Rounds},
};
use crate::store::{
    promptly,
    registrations::{
        code_settings,
        offers::{self, Lapsing},
        waiting,
    },
};

/// The time limit for one offer, or for the places of one conference. It is shorter than the lease, half a minute.
const TIME_LIMIT: Duration = Duration::from_secs(20);

/// Works until `stop`. A transaction that has begun is finished.
pub async fn run(context: JobContext, stop: CancellationToken) {
    let mut rounds = Rounds::until(stop, "the waiting lists cannot be served");
    while rounds.go_on() {
        let looked = Box::pin(timeout(TIME_LIMIT, look(&context))).await.unwrap_or(Err(sqlx::Error::PoolTimedOut));
        rounds.end(looked.map(|any| if any { Duration::ZERO } else { REST })).await;
    }
}

/// Does the next thing that is due. Returns whether there was one.
async fn look(context: &JobContext) -> Result<bool, sqlx::Error> {
    let now = context.mail.clock.now();
    let claim = async { offers::claim_lapsing(&mut *context.mail.store.read().await?, now).await };
    if let Some(lapsing) = promptly(claim).await? {
        lapse(context, lapsing).await?;
        return Ok(true);
    }
    let mut tx = context.mail.store.begin().await?;
    if offers::remind(&mut tx, now).await? {
        tx.commit().await?;
        context.outbox.notify_one();
        return Ok(true);
    }
    drop(tx);
    end_codes(context).await?;
    offer(context).await
}

/// Lets a claimed offer lapse. If it fails, it is claimed again when the lease ends.
async fn lapse(context: &JobContext, lapsing: Lapsing) -> Result<(), sqlx::Error> {
    let (mut tx, now) = (context.mail.store.begin().await?, context.mail.clock.now());
    let has_lapsed = offers::lapse(&mut tx, lapsing, now, &context.mail.settings.operations_address).await?;
    tx.commit().await?;
    context.outbox.notify_one();
    if has_lapsed {
        tracing::info!(offer = %lapsing.id, "an offer of a place has lapsed");
    }
    Ok(())
}

/// Ends the codes that keep places and whose time is over.
async fn end_codes(context: &JobContext) -> Result<(), sqlx::Error> {
    let now = context.mail.clock.now();
    let list = async { code_settings::list_over(&mut *context.mail.store.read().await?, now).await };
    for conference in promptly(list).await? {
        let mut tx = context.mail.store.begin().await?;
        code_settings::end_over(&mut tx, conference, (now, &context.mail.settings.operations_address)).await?;
        tx.commit().await?;
        context.outbox.notify_one();
    }
    Ok(())
}

/// Offers places that became free unnoticed. Returns whether there were any.
async fn offer(context: &JobContext) -> Result<bool, sqlx::Error> {
    let list = async { offers::list_with_free_places(&mut *context.mail.store.read().await?).await };
    let mut any = false;
    for conference in promptly(list).await? {
        let (mut tx, now) = (context.mail.store.begin().await?, context.mail.clock.now());
        let offered =
            waiting::offer_places(&mut tx, conference, now, &context.mail.settings.operations_address).await?;
        tx.commit().await?;
        any |= offered > 0;
    }
    if any {
        context.outbox.notify_one();
    }
    Ok(any)
}
