//! Listens for publications on any instance, so that cached pages are rendered again. A notification can be missed while the
//! connection is lost, so the job also checks twice a second. It has a connection of its own, whose state shows requests
//! whether the database is unavailable or only busy.

use std::{convert::Infallible, io::ErrorKind, time::Duration};

use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::JobContext;
use crate::store;

/// The longest time between two checks.
const CHECK_INTERVAL: Duration = Duration::from_millis(500);

/// Watches until `stop`, and reconnects whenever the connection is lost.
pub async fn run(context: JobContext, stop: CancellationToken) {
    stop.run_until_cancelled(async {
        let mut away = false;
        loop {
            let Err(error) = follow(&context, &mut away).await;
            if away {
                sleep(CHECK_INTERVAL).await;
            } else {
                // The first attempt to reconnect is immediate: usually the server was only restarted.
                tracing::warn!(%error, "cannot listen for publications; trying again");
                away = true;
            }
        }
    })
    .await;
}

/// Listens while the database answers. A connection that is lost silently brings no notification and no error; the regular
/// check, which has a time limit, detects it.
async fn follow(context: &JobContext, away: &mut bool) -> Result<Infallible, sqlx::Error> {
    let listening = store::promptly(Box::pin(context.mail.store.hear_publications())).await;
    // A server that has no free connection still answers on the connections of requests.
    let is_full = |error: &sqlx::Error| {
        let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
        code.is_some_and(|code| code.starts_with("53"))
    };
    context.mail.store.set_away(listening.as_ref().err().is_some_and(|error| !is_full(error)));
    let mut listener = listening?;
    loop {
        (context.look_for_publication)().await?;
        if *away {
            tracing::info!("listening for publications again");
            *away = false;
        }
        match timeout(CHECK_INTERVAL, listener.try_recv()).await {
            Ok(Ok(Some(_))) | Err(_) => {}
            Ok(lost) => {
                context.mail.store.set_away(true);
                return Err(lost.err().unwrap_or_else(|| sqlx::Error::Io(ErrorKind::ConnectionAborted.into())));
            }
        }
    }
}
