//! Hears from the database that something was published, on this instance or another, so that kept pages are rendered
//! again. A notice can be missed while the connection is lost, so the number is also looked at twice a second. Its
//! connection is this job's own: what becomes of it tells requests whether the database is away or only busy.

use std::{convert::Infallible, io::ErrorKind, time::Duration};

use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::Workshop;
use crate::store;

/// The longest time between two looks.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Watches until `stop`, reconnecting for ever while the database is away.
pub async fn run(workshop: Workshop, stop: CancellationToken) {
    stop.run_until_cancelled(async {
        let mut away = false;
        loop {
            let Err(error) = follow(&workshop, &mut away).await;
            if away {
                sleep(LOOK_EVERY).await;
            } else {
                // The first try to reconnect comes at once: most often the server was only restarted.
                tracing::warn!(%error, "the database does not tell of publications; trying again");
                away = true;
            }
        }
    })
    .await;
}

/// Follows the notices for as long as the database answers. A connection that died silently brings no notice and no
/// error; the look, which has an end, is what finds it out.
async fn follow(workshop: &Workshop, away: &mut bool) -> Result<Infallible, sqlx::Error> {
    let heard = store::promptly(Box::pin(workshop.store.hear_publications())).await;
    // A server without room for one more connection still answers on those that requests have.
    let is_full = |error: &sqlx::Error| {
        let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
        code.is_some_and(|code| code.starts_with("53"))
    };
    workshop.store.set_away(heard.as_ref().err().is_some_and(|error| !is_full(error)));
    let mut listener = heard?;
    loop {
        (workshop.look_for_publication)().await?;
        if *away {
            tracing::info!("the database tells of publications again");
            *away = false;
        }
        match timeout(LOOK_EVERY, listener.try_recv()).await {
            Ok(Ok(Some(_))) | Err(_) => {}
            Ok(lost) => {
                workshop.store.set_away(true);
                return Err(lost.err().unwrap_or_else(|| sqlx::Error::Io(ErrorKind::ConnectionAborted.into())));
            }
        }
    }
}
