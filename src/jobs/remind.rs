//! Reminds people of a conference a week before it begins.

use std::time::Duration;

use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::JobContext;
use crate::store::registrations::reminding;

/// How often it looks. Several instances may do so at once: one of them queues the mails of a conference.
const INTERVAL: Duration = Duration::from_mins(1);

/// Reminds people until `stop`.
pub async fn run(context: JobContext, stop: CancellationToken) {
    stop.run_until_cancelled(async {
        loop {
            if let Err(error) = remind(&context).await {
                tracing::warn!(%error, "people cannot be reminded of a conference; trying again in a minute");
            }
            sleep(INTERVAL).await;
        }
    })
    .await;
}

/// Queues the mails of each conference in one transaction.
async fn remind(context: &JobContext) -> Result<(), sqlx::Error> {
    let (store, now) = (&context.mail.store, context.mail.clock.now());
    let due = reminding::list_due(&mut *store.read().await?, now).await?;
    for conference in due {
        let mut tx = store.begin().await?;
        if let Some(count) = reminding::remind(&mut tx, conference.id, now).await? {
            tx.commit().await?;
            tracing::info!(conference = conference.slug, count, "people are reminded of the conference");
            context.outbox.notify_one();
        }
    }
    Ok(())
}
