//! Work without a visitor: mail out of the outbox, news of publications.
//!
//! What is to be done stands in a table; any instance takes it with `FOR UPDATE SKIP LOCKED` and a lease that is
//! committed before the work starts (`store::outbox::claim`), so that a killed instance loses nothing. Nothing here
//! ends because the database or a mail server is away: it is tried again.

mod backoff;
mod send_mail;
mod watch_publication;
mod workshop;

use tokio_util::sync::CancellationToken;

pub use self::workshop::Workshop;
use crate::mail::Transport;

/// Runs all jobs until `stop`, then finishes what is in hand.
pub async fn run(workshop: Workshop, stop: CancellationToken) {
    let news = tokio::spawn(watch_publication::run(workshop.clone(), stop.clone()));
    match Transport::new(&workshop.settings) {
        Ok(transport) => send_mail::run(workshop, transport, stop).await,
        // The settings were validated at the start; mails wait in the outbox until this is put right.
        Err(error) => tracing::error!(%error, "no mail can be sent"),
    }
    if let Err(error) = news.await {
        tracing::error!(%error, "the watch for publications ended by itself");
    }
}
