//! Puts the mails of mailings into the outbox when they are due. Who gets one is determined at that time.

use std::time::Duration;

use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::{
    JobContext,
    rounds::{REST, Rounds},
};
use crate::{
    mail::Mailing,
    store::{
        mailings::{self, Claimed, Readers},
        promptly,
        registrations::attendees,
    },
};

/// The time limit for one mailing. It is shorter than the lease, half a minute.
const TIME_LIMIT: Duration = Duration::from_secs(20);

/// Queues mailings until `stop`. One that has begun is finished.
pub async fn run(context: JobContext, stop: CancellationToken) {
    let mut rounds = Rounds::until(stop, "the mailings cannot be read");
    while rounds.go_on() {
        rounds.end(look(&context).await).await;
    }
}

async fn look(context: &JobContext) -> Result<Duration, sqlx::Error> {
    let Some(claimed) = claim(context).await? else { return Ok(REST) };
    send(context, claimed).await;
    Ok(Duration::ZERO)
}

async fn claim(context: &JobContext) -> Result<Option<Claimed>, sqlx::Error> {
    let now = context.mail.clock.now();
    promptly(async { mailings::claim(&mut *context.mail.store.read().await?, now).await }).await
}

/// Queues the mails of one mailing. If it fails, it is claimed again when the lease ends.
async fn send(context: &JobContext, claimed: Claimed) {
    let id = claimed.id;
    match timeout(TIME_LIMIT, queue(context, claimed)).await {
        Ok(Ok(Some(count))) => {
            tracing::info!(%id, count, "the mails of a mailing are in the outbox");
            context.outbox.notify_one();
        }
        Ok(Ok(None)) => tracing::info!(%id, "a mailing was stopped or already sent"),
        Ok(Err(error)) => tracing::error!(%id, %error, "a mailing has failed; trying again"),
        Err(_) => tracing::error!(%id, "a mailing takes too long; trying again"),
    }
}

async fn queue(context: &JobContext, claimed: Claimed) -> Result<Option<u64>, sqlx::Error> {
    let Claimed { id, conference, view, readers, with_cancelled, subject, text, instead } = claimed;
    let now = context.mail.clock.now();
    let Some(wanted) = (context.read_view)(&view, conference) else {
        tracing::error!(%id, "the view of a mailing cannot be read any more, so nobody gets it");
        mailings::give_up(&mut *context.mail.store.read().await?, id, now).await?;
        return Ok(None);
    };
    let needed = Mailing { readers, subject, text, instead }.needed();
    // Otherwise people would be left out. After an error, it is claimed again when the lease ends.
    attendees::require_up_to_date(&context.mail.store).await?;
    let mut tx = context.mail.store.begin().await?;
    let attendees = attendees::list_all(&mut tx, &wanted).await?;
    let readers = Readers { conference, attendees: &attendees, who: readers, with_cancelled, needed };
    let queued = mailings::queue(&mut tx, id, readers, now).await?;
    tx.commit().await?;
    Ok(queued)
}
