//! A conference as every page's frame needs it, and its programme as all public pages share it: read once for each
//! publication.

use std::{
    collections::HashMap,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicI64, Ordering},
    },
};

use super::{AppError, Result};
use crate::store::{
    Store,
    programme::{self, Programme},
};

pub use crate::store::sites::Site;

/// What was last read of the conferences, each with the publication's number under which it was.
#[derive(Default)]
pub struct Sites {
    version: AtomicI64,
    frames: Kept<Site>,
    programmes: Kept<Programme>,
    current: RwLock<Option<(i64, String)>>,
}

/// One thing of each conference, by the conference's slug.
struct Kept<T> {
    by_slug: RwLock<HashMap<String, (i64, Arc<T>)>>,
    /// Held while one is read, so that a hundred pages after a change read it once.
    reading: tokio::sync::Mutex<()>,
}

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self { by_slug: RwLock::default(), reading: tokio::sync::Mutex::default() }
    }
}

impl<T> Kept<T> {
    fn find(&self, slug: &str) -> Option<(i64, Arc<T>)> {
        self.by_slug.read().unwrap_or_else(PoisonError::into_inner).get(slug).cloned()
    }

    /// What is kept under this number of the publication, or else is read now.
    async fn get(&self, published: &AtomicI64, slug: &str, read: impl AsyncFnOnce() -> Result<T>) -> Result<Arc<T>> {
        let fresh = || self.find(slug).filter(|(version, _)| *version == published.load(Ordering::Acquire));
        if let Some((_, kept)) = fresh() {
            return Ok(kept);
        }
        let _reading = self.reading.lock().await;
        if let Some((_, kept)) = fresh() {
            return Ok(kept);
        }
        // The number first: what is published meanwhile is then read again, never missed.
        let version = published.load(Ordering::Acquire);
        let kept = Arc::new(read().await?);
        let mut by_slug = self.by_slug.write().unwrap_or_else(PoisonError::into_inner);
        by_slug.insert(slug.to_owned(), (version, kept.clone()));
        Ok(kept)
    }
}

impl Sites {
    /// From now on, only what was read under this number is good.
    pub fn publish(&self, version: i64) {
        self.version.store(version, Ordering::Release);
    }

    /// The conference of this slug, from the database if it changed; not found if there is none.
    pub async fn named(&self, store: &Store, slug: &str) -> Result<Arc<Site>> {
        self.frames.get(&self.version, slug, async || store.find_site(slug).await?.ok_or(AppError::NotFound)).await
    }

    /// What is published of this conference's programme, from the database if it changed.
    pub async fn programme(&self, store: &Store, site: &Site) -> Result<Arc<Programme>> {
        let conference = &site.conference;
        let read = async || Ok(programme::get(&mut *store.read().await?, conference.id).await?);
        self.programmes.get(&self.version, &conference.slug, read).await
    }

    /// The conference that the addresses without a slug lead to.
    pub async fn current(&self, store: &Store) -> Result<Arc<Site>> {
        let version = self.version.load(Ordering::Acquire);
        let kept = self.current.read().unwrap_or_else(PoisonError::into_inner).clone();
        let slug = match kept {
            Some((kept, slug)) if kept == version => slug,
            _ => {
                let slug = store.current_slug().await?.ok_or(AppError::NotFound)?;
                *self.current.write().unwrap_or_else(PoisonError::into_inner) = Some((version, slug.clone()));
                slug
            }
        };
        self.named(store, &slug).await
    }

    /// The current conference if it was ever read, without asking the database: for pages that must appear whatever
    /// is broken.
    pub fn last_known(&self) -> Option<Arc<Site>> {
        let slug = self.current.read().unwrap_or_else(PoisonError::into_inner).clone()?.1;
        self.frames.find(&slug).map(|(_, site)| site)
    }
}
