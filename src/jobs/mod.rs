//! Work without a visitor: mail out of the outbox, news of publications.
//!
//! What is to be done stands in a table; any instance takes it with `FOR UPDATE SKIP LOCKED` and a lease that is
//! committed before the work starts (`store::messages::claim`), so that a killed instance loses nothing. Nothing here
//! ends because the database or a mail server is away: it is tried again.

mod backoff;
mod send_mail;
mod watch_publication;

use std::{pin::Pin, sync::Arc};

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::{
    clock::Clock,
    config::Settings,
    mail::{Context, Transport},
    store::Store,
};

/// What jobs hold. They know no pages and no visitors.
#[derive(Clone)]
pub struct Workshop {
    /// What is kept.
    pub store: Store,
    /// What time it is.
    pub clock: Clock,
    /// What the program was told at its start.
    pub settings: Arc<Settings>,
    /// The address that visitors use, without a slash at its end.
    pub public_url: Arc<str>,
    /// Rung when a mail was put into the outbox here.
    pub outbox: Arc<Notify>,
    /// Looks for the number of what is published, so that kept pages are rendered again.
    pub look_for_publication: Arc<dyn Fn() -> Looking + Send + Sync>,
}

/// A look for the publication's number, under way.
pub type Looking = Pin<Box<dyn Future<Output = Result<(), sqlx::Error>> + Send>>;

impl Workshop {
    /// What the making of a mail needs.
    fn mailing(&self) -> Context {
        Context {
            store: self.store.clone(),
            clock: self.clock.clone(),
            settings: Arc::clone(&self.settings),
            public_url: Arc::clone(&self.public_url),
        }
    }
}

/// Runs all jobs until `stop`, then finishes what is in hand.
pub async fn run(workshop: Workshop, stop: CancellationToken) {
    let news = tokio::spawn(watch_publication::run(workshop.clone(), stop.clone()));
    match Transport::new(&workshop.settings) {
        Ok(transport) => send_mail::run(workshop, transport, stop).await,
        // The settings were judged at the start; mails wait in the outbox until this is put right.
        Err(error) => tracing::error!(%error, "no mail can be sent"),
    }
    if let Err(error) = news.await {
        tracing::error!(%error, "the watch for publications ended by itself");
    }
}
