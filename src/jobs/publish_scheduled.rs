//! Carries out the publications that organisers have scheduled, when they are due.

use std::time::Duration;

use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::{
    JobContext,
    rounds::{REST, Rounds},
};
use crate::{
    domain::AuditKind,
    store::{
        audit::{self, Actor, Entry},
        programme::{
            editing::Editing,
            saving::SaveError,
            scheduled::{self, Claimed, Outcome},
        },
        promptly,
    },
};

/// The time limit for carrying out one publication. It is shorter than the lease, half a minute.
const TIME_LIMIT: Duration = Duration::from_secs(20);

/// Carries out publications until `stop`. One that has begun is finished.
pub async fn run(context: JobContext, stop: CancellationToken) {
    let mut rounds = Rounds::until(stop, "the scheduled publications cannot be read");
    while rounds.go_on() {
        rounds.end(look(&context).await).await;
    }
}

async fn look(context: &JobContext) -> Result<Duration, sqlx::Error> {
    let Some(claimed) = claim(context).await? else { return Ok(REST) };
    publish(context, &claimed).await;
    Ok(Duration::ZERO)
}

async fn claim(context: &JobContext) -> Result<Option<Claimed>, sqlx::Error> {
    let now = context.mail.clock.now();
    promptly(async { scheduled::claim(&mut *context.mail.store.read().await?, now).await }).await
}

/// Carries out one publication. If it fails, it is claimed again when the lease ends.
async fn publish(context: &JobContext, claimed: &Claimed) {
    let id = claimed.id;
    match timeout(TIME_LIMIT, carry_out(context, claimed)).await {
        Ok(Ok(Outcome::Published(release))) => {
            tracing::info!(%id, release, "scheduled publication carried out");
            // The database notifies all instances. This one may as well look now.
            let _ = (context.look_for_publication)().await;
        }
        Ok(Ok(Outcome::NothingReady)) => tracing::info!(%id, "scheduled publication: nothing was ready"),
        Ok(Ok(Outcome::EndedBefore)) => {
            tracing::info!(%id, "scheduled publication was cancelled or already carried out");
        }
        Ok(Err(error)) => tracing::error!(%id, %error, "a scheduled publication has failed; trying again"),
        Err(_) => tracing::error!(%id, "a scheduled publication takes too long; trying again"),
    }
}

async fn carry_out(context: &JobContext, claimed: &Claimed) -> Result<Outcome, SaveError> {
    let Claimed { id, conference, account, .. } = *claimed;
    let (tx, now) = (context.mail.store.begin().await?, context.mail.clock.now());
    let mut editing = Editing::begin(tx, conference, Some(account), now).await?;
    let outcome = scheduled::carry_out(&mut editing, claimed).await?;
    if let Outcome::Published(_) = outcome {
        let entry = Entry::of(AuditKind::ProgrammePublished, Actor::Account(account));
        let entry = Entry { conference: Some(conference), subject: Some(id.0), ..entry };
        audit::note(&mut editing, entry).await?;
    }
    editing.commit().await?;
    Ok(outcome)
}
