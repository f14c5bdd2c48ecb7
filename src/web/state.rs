//! The application state that handlers share.

use std::sync::Arc;

use tokio::sync::{Mutex, Notify};

use super::{downloads::Downloads, page_cache::PageCache, site::Sites};
use crate::{
    clock::Clock,
    config::Settings,
    store::{self, Store},
    urls,
};

/// The state of the running application. Cloning it is cheap. Everything that must outlive the process, or that other
/// instances need, is in the database.
#[derive(Clone)]
pub struct App {
    /// Access to the database.
    pub store: Store,
    /// The clock.
    pub clock: Clock,
    /// The settings from the start of the program.
    pub settings: Arc<Settings>,
    /// The address that visitors use, without a final slash: `https://conference.example.eu`.
    pub public_url: Arc<str>,
    /// The cache of public pages.
    pub pages: Arc<PageCache>,
    /// The cache of conferences and programmes.
    pub sites: Arc<Sites>,
    /// Notified when this instance puts a mail into the outbox, so that the mail is sent at once.
    pub outbox: Arc<Notify>,
    /// The downloads of people who are signed in.
    pub downloads: Arc<Downloads>,
    publication_lock: Arc<Mutex<()>>,
}

impl App {
    /// Creates the state for a site with this public address.
    pub fn new(store: Store, clock: Clock, settings: Arc<Settings>, public_url: &str) -> Self {
        Self {
            store,
            clock,
            settings,
            public_url: public_url.trim_end_matches('/').into(),
            pages: Arc::default(),
            sites: Arc::default(),
            outbox: Arc::default(),
            downloads: Arc::default(),
            publication_lock: Arc::default(),
        }
    }

    /// Returns the absolute address of a path on this site, for mails, canonical links and feeds.
    pub fn absolute(&self, path: &str) -> String {
        urls::absolute(&self.public_url, path)
    }

    /// Whether visitors use HTTPS. Then cookies are `Secure` and `__Host-`, and HSTS is sent.
    pub fn is_secure(&self) -> bool {
        self.public_url.starts_with("https://")
    }

    /// Updates this instance's publication number at once after a change to public pages, so that the person who saved
    /// sees the change. The database notifies the other instances.
    pub async fn published(&self) {
        if let Err(error) = self.look_for_publication().await {
            tracing::warn!(%error, "could not read the publication number; it will be read again shortly");
        }
    }

    /// Reads the publication number. Pages that were cached under another number will be rendered again.
    pub async fn look_for_publication(&self) -> std::result::Result<(), sqlx::Error> {
        // One read at a time, so that a slow one cannot bring back an older number. The time limit keeps the wait
        // short.
        let _lock = self.publication_lock.lock().await;
        store::promptly(async {
            let version = self.store.publication_version().await?;
            // The sites come first, so that no page is rendered under the new number with an old frame.
            self.sites.publish(version);
            self.pages.publish(version);
            // Read the current conference now, so that error pages can show it during an outage of the database. An
            // error here does not matter: there may be no conference yet.
            let _ = self.sites.current(&self.store).await;
            Ok(())
        })
        .await
    }
}
