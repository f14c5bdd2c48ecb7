//! What jobs work with.

use std::{pin::Pin, sync::Arc};

use tokio::sync::Notify;

use crate::{clock::Clock, config::Settings, store::Store, urls};

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
    /// A path of this site as a whole address.
    pub fn absolute(&self, path: &str) -> String {
        urls::absolute(&self.public_url, path)
    }

    /// The host's name alone, for identifiers that must be unique in the world.
    pub fn host(&self) -> &str {
        urls::host(&self.public_url)
    }
}
