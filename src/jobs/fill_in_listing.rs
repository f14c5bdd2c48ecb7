//! Fills in what the list of attendees is searched by, so that a search finds little left to do: after registrations, after a
//! migration, and for rows that an older instance has written.

use std::time::Duration;

use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::JobContext;
use crate::store::{promptly, registrations::attendees};

/// How often it looks.
const READ_INTERVAL: Duration = Duration::from_secs(2);

/// Works until `stop`.
pub async fn run(context: JobContext, stop: CancellationToken) {
    let mut has_failed = false;
    while !stop.is_cancelled() {
        match Box::pin(promptly(attendees::fill_in(&context.mail.store))).await {
            Ok(true) => has_failed = false,
            Ok(false) => {
                has_failed = false;
                stop.run_until_cancelled(sleep(READ_INTERVAL)).await;
            }
            Err(error) => {
                if !has_failed {
                    tracing::warn!(%error, "the list of attendees cannot be filled in; trying again");
                }
                has_failed = true;
                stop.run_until_cancelled(sleep(READ_INTERVAL)).await;
            }
        }
    }
}
