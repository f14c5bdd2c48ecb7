//! Deletes what was entered about people whose registrations were not completed in time.

use std::time::Duration;

use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::JobContext;
use crate::store::{promptly, registrations::same_person};

/// How often it looks. Several instances may do so at once: each deletes what it finds.
const INTERVAL: Duration = Duration::from_hours(1);

/// Deletes it until `stop`.
pub async fn run(context: JobContext, stop: CancellationToken) {
    stop.run_until_cancelled(async {
        loop {
            let now = context.mail.clock.now();
            let delete = async {
                same_person::delete_expired(&mut *context.mail.store.read().await?, now).await
            };
            match promptly(Box::pin(delete)).await {
                Ok(0) => {}
                Ok(count) => tracing::info!(count, "registrations that were not completed in time were deleted"),
                Err(error) => {
                    tracing::warn!(%error, "registrations that were not completed cannot be deleted; trying again in an hour");
                }
            }
            sleep(INTERVAL).await;
        }
    })
    .await;
}
