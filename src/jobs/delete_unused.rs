//! Deletes pictures and files that were uploaded and never saved with anything, and what was entered about people whose
//! registrations were not completed in time.

use std::time::Duration;

use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::JobContext;
use crate::store::{
    programme::{files, pictures},
    promptly,
    registrations::same_person,
};

/// How often it looks. Several instances may do so at once: each deletes what it finds.
const INTERVAL: Duration = Duration::from_hours(1);

/// Deletes them until `stop`.
pub async fn run(context: JobContext, stop: CancellationToken) {
    stop.run_until_cancelled(async {
        loop {
            let now = context.mail.clock.now();
            let uploads = async {
                let mut conn = context.mail.store.read().await?;
                Ok(pictures::delete_unused(&mut conn, now).await? + files::delete_unused(&mut conn, now).await?)
            };
            report("pictures and files that nothing uses", promptly(Box::pin(uploads)).await);
            let pending = async { same_person::delete_expired(&mut *context.mail.store.read().await?, now).await };
            report("registrations that were not completed in time", promptly(Box::pin(pending)).await);
            sleep(INTERVAL).await;
        }
    })
    .await;
}

fn report(what: &str, deleted: Result<u64, sqlx::Error>) {
    match deleted {
        Ok(0) => {}
        Ok(count) => tracing::info!(count, "deleted: {what}"),
        Err(error) => tracing::warn!(%error, "not deleted: {what}; trying again in an hour"),
    }
}
