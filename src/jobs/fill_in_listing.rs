//! Fills in what the list of attendees is searched and counted by, so that a search finds little left to do: after registrations,
//! after a migration, and for rows that an older instance has written.

use std::{mem, time::Duration};

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{
    JobContext,
    rounds::{REST, Rounds},
};
use crate::store::{
    promptly,
    registrations::attendees::{self, FilledIn},
};

/// Works until `stop`.
pub async fn run(context: JobContext, stop: CancellationToken) {
    let mut after = Uuid::default();
    let mut rounds = Rounds::until(stop, "the list of attendees cannot be filled in");
    while rounds.go_on() {
        rounds.end(Box::pin(fill_in(&context, &mut after)).await).await;
    }
}

/// Fills in some rows after this key. If there may be more, it becomes the last key.
async fn fill_in(context: &JobContext, after: &mut Uuid) -> Result<Duration, sqlx::Error> {
    let begun = Instant::now();
    let filled_in = promptly(attendees::fill_in(&context.mail.store, mem::take(after))).await?;
    let FilledIn::UpTo(last) = filled_in else { return Ok(REST) };
    *after = last;
    // So that others get on with their work.
    Ok(begun.elapsed() / 4)
}
