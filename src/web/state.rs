//! What handlers hold.

use std::sync::Arc;

use tokio::sync::{Mutex, Notify};

use super::{downloads::Downloads, page_cache::PageCache, site::Sites};
use crate::{
    clock::Clock,
    config::Settings,
    store::{self, Store},
    urls,
};

/// The running application, as handlers and jobs see it. Cheap to clone. Nothing in it matters to anybody but this
/// process: what must last is in the database.
#[derive(Clone)]
pub struct App {
    /// What is kept.
    pub store: Store,
    /// What time it is.
    pub clock: Clock,
    /// What the program was told at its start.
    pub settings: Arc<Settings>,
    /// The address that visitors use, without a slash at its end: `https://conference.example.eu`.
    pub public_url: Arc<str>,
    /// Public pages as they were last rendered.
    pub pages: Arc<PageCache>,
    /// The conferences and their footer pages as last read, which frames need.
    pub sites: Arc<Sites>,
    /// Rung when a mail was put into the outbox here, so that it need not wait for the next look.
    pub outbox: Arc<Notify>,
    /// The lists that people are downloading, one for each of them.
    pub downloads: Arc<Downloads>,
    looking: Arc<Mutex<()>>,
}

impl App {
    /// An application on this store, reached at this public address.
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
            looking: Arc::default(),
        }
    }

    /// A path of this site as a whole address, for mails, canonical links and feeds.
    pub fn absolute(&self, path: &str) -> String {
        urls::absolute(&self.public_url, path)
    }

    /// The host's name alone, for identifiers that must be unique in the world.
    pub fn host(&self) -> &str {
        urls::host(&self.public_url)
    }

    /// Whether visitors come over https: cookies are `Secure` and `__Host-`, and HSTS is sent.
    pub fn is_secure(&self) -> bool {
        self.public_url.starts_with("https://")
    }

    /// After a change to what the public reads: this instance looks at once, so that whoever saved sees it. The
    /// others hear of it from the database.
    pub async fn published(&self) {
        if let Err(error) = self.look_for_publication().await {
            tracing::warn!(%error, "could not look for the publication's number; it is looked for again shortly");
        }
    }

    /// Reads the publication's number; pages kept under another one are rendered again.
    pub async fn look_for_publication(&self) -> std::result::Result<(), sqlx::Error> {
        // One look at a time: a slow one must not bring back an older number. None takes long: the others wait for it.
        let _looking = self.looking.lock().await;
        store::promptly(async {
            let version = self.store.publication_version().await?;
            // The sites first: a page that is rendered under the new number must not stand in an old frame.
            self.sites.publish(version);
            self.pages.publish(version);
            // Read now, for the frames of pages that cannot wait for the database. That there is none is no reason to
            // fail.
            let _ = self.sites.current(&self.store).await;
            Ok(())
        })
        .await
    }
}
