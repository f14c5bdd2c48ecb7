//! Fills in what the list of attendees is searched and counted by, so that a search finds little left to do: after registrations,
//! after a migration, and for rows that an older instance has written.

use std::time::Duration;

use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::JobContext;
use crate::store::{
    promptly,
    registrations::attendees::{self, FilledIn},
};

/// How often it looks.
const READ_INTERVAL: Duration = Duration::from_secs(2);

/// Works until `stop`.
pub async fn run(context: JobContext, stop: CancellationToken) {
    let (mut has_failed, mut after) = (false, Uuid::default());
    while !stop.is_cancelled() {
        let begun = Instant::now();
        let filled_in = Box::pin(promptly(attendees::fill_in(&context.mail.store, after))).await;
        if let Err(error) = &filled_in
            && !has_failed
        {
            tracing::warn!(%error, "the list of attendees cannot be filled in; trying again");
        }
        has_failed = filled_in.is_err();
        let rest = if let Ok(FilledIn::UpTo(last)) = filled_in {
            after = last;
            // So that others get on with their work.
            begun.elapsed() / 4
        } else {
            after = Uuid::default();
            READ_INTERVAL
        };
        stop.run_until_cancelled(sleep(rest)).await;
    }
}
