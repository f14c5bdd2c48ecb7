//! Deletes pictures and files that were uploaded and never saved with anything.

use std::time::Duration;

use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::JobContext;
use crate::store::{
    programme::{files, pictures},
    promptly,
};

/// How often it looks. Several instances may do so at once: each deletes what it finds.
const INTERVAL: Duration = Duration::from_hours(1);

/// Deletes them until `stop`.
pub async fn run(context: JobContext, stop: CancellationToken) {
    stop.run_until_cancelled(async {
        loop {
            let now = context.mail.clock.now();
            let delete = async {
                let mut conn = context.mail.store.read().await?;
                Ok(pictures::delete_unused(&mut conn, now).await? + files::delete_unused(&mut conn, now).await?)
            };
            match promptly(Box::pin(delete)).await {
                Ok(0) => {}
                Ok(count) => tracing::info!(count, "pictures and files that nothing uses were deleted"),
                Err(error) => {
                    tracing::warn!(%error, "pictures and files that nothing uses cannot be deleted; trying again in an hour");
                }
            }
            sleep(INTERVAL).await;
        }
    })
    .await;
}
