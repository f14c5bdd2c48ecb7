//! Caches what public pages share: each conference as the frame needs it, and its programme. Both are read from the
//! database once for each publication.

use std::{
    collections::HashMap,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicI64, Ordering},
    },
};

use super::{AppError, Result};
use crate::{
    domain::{EditionSlug, Zone},
    store::{
        Store,
        programme::{self, Programme, Side},
    },
};

pub use crate::store::sites::Site;

/// The conferences and programmes as last read, each with the publication number under which it was read.
#[derive(Default)]
pub struct Sites {
    version: AtomicI64,
    conferences: Cache<Site>,
    programmes: Cache<Programme>,
    /// The slug of the current conference.
    current: RwLock<Option<(i64, String)>>,
}

/// One value for each conference, by the conference's slug.
struct Cache<T> {
    by_slug: RwLock<HashMap<String, (i64, Arc<T>)>>,
    /// Locked while a value is read, so that a hundred pages after a change read it once.
    reading: tokio::sync::Mutex<()>,
}

impl<T> Default for Cache<T> {
    fn default() -> Self {
        Self { by_slug: RwLock::default(), reading: tokio::sync::Mutex::default() }
    }
}

impl<T> Cache<T> {
    fn find(&self, slug: &str) -> Option<(i64, Arc<T>)> {
        self.by_slug.read().unwrap_or_else(PoisonError::into_inner).get(slug).cloned()
    }

    /// Returns the cached value if it was read under the current publication number, otherwise reads it.
    async fn get(&self, published: &AtomicI64, slug: &str, read: impl AsyncFnOnce() -> Result<T>) -> Result<Arc<T>> {
        let fresh = || self.find(slug).filter(|(version, _)| *version == published.load(Ordering::Acquire));
        if let Some((_, cached)) = fresh() {
            return Ok(cached);
        }
        let _reading = self.reading.lock().await;
        if let Some((_, cached)) = fresh() {
            return Ok(cached);
        }
        // The publication number is read first. If a change comes in between, the value is read once more; no change is
        // missed.
        let version = published.load(Ordering::Acquire);
        let value = Arc::new(read().await?);
        let mut by_slug = self.by_slug.write().unwrap_or_else(PoisonError::into_inner);
        by_slug.insert(slug.to_owned(), (version, value.clone()));
        Ok(value)
    }
}

impl Sites {
    /// Sets the current publication number. Values read under another number are no longer fresh.
    pub fn publish(&self, version: i64) {
        self.version.store(version, Ordering::Release);
    }

    /// Returns the conference with this slug. Not found if there is none.
    pub async fn named(&self, store: &Store, slug: &str) -> Result<Arc<Site>> {
        self.conferences.get(&self.version, slug, async || store.find_site(slug).await?.ok_or(AppError::NotFound)).await
    }

    /// Whether this is a conference in preparation. During an outage of the database, as it was last read; fails if it never was.
    pub async fn is_in_preparation(&self, store: &Store, slug: &str) -> Result<bool> {
        if EditionSlug::parse(slug).is_none() {
            return Ok(false);
        }
        match self.named(store, slug).await {
            Ok(site) => Ok(site.conference.in_preparation),
            Err(AppError::NotFound) => Ok(false),
            Err(error) => self.conferences.find(slug).map(|(_, site)| site.conference.in_preparation).ok_or(error),
        }
    }

    /// Returns the published programme of this conference.
    pub async fn programme(&self, store: &Store, site: &Site) -> Result<Arc<Programme>> {
        let conference = &site.conference;
        let read = async || Ok(programme::get(&mut *store.read().await?, Side::Public, conference.id).await?);
        self.programmes.get(&self.version, &conference.slug, read).await
    }

    /// Returns the current conference, to which addresses without a slug lead.
    pub async fn current(&self, store: &Store) -> Result<Arc<Site>> {
        let version = self.version.load(Ordering::Acquire);
        let cached = self.current.read().unwrap_or_else(PoisonError::into_inner).clone();
        let slug = match cached {
            Some((read_under, slug)) if read_under == version => slug,
            _ => {
                let slug = store.current_slug().await?.ok_or(AppError::NotFound)?;
                *self.current.write().unwrap_or_else(PoisonError::into_inner) = Some((version, slug.clone()));
                slug
            }
        };
        self.named(store, &slug).await
    }

    /// Returns the zone in which times are shown that belong to no conference: that of the current one, if there is one.
    pub async fn current_zone(&self, store: &Store) -> Zone {
        self.current(store).await.map_or_else(|_| Zone::utc(), |site| site.conference.zone.clone())
    }

    /// Returns the current conference as last read, if it was ever read. It does not ask the database, so that error
    /// pages can always be shown.
    pub fn last_known(&self) -> Option<Arc<Site>> {
        let slug = self.current.read().unwrap_or_else(PoisonError::into_inner).clone()?.1;
        self.conferences.find(&slug).map(|(_, site)| site)
    }
}
