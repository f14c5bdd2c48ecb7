//! A conference as every page's frame needs it, kept until the next publication.

use std::{
    collections::HashMap,
    sync::{
        Arc, RwLock,
        atomic::{AtomicI64, Ordering},
    },
};

use super::{AppError, Result};
use crate::store::Store;

pub use crate::store::sites::Site;

/// The sites as last read, each with the publication's number under which it was.
#[derive(Default)]
pub struct Sites {
    version: AtomicI64,
    by_slug: RwLock<HashMap<String, (i64, Arc<Site>)>>,
    current: RwLock<Option<(i64, String)>>,
}

impl Sites {
    /// From now on, only what was read under this number is good.
    pub fn publish(&self, version: i64) {
        self.version.store(version, Ordering::Release);
    }

    /// The conference of this slug, from the database if it changed; not found if there is none.
    pub async fn named(&self, store: &Store, slug: &str) -> Result<Arc<Site>> {
        let version = self.version.load(Ordering::Acquire);
        if let Some((kept, site)) = self.by_slug.read().unwrap_or_else(std::sync::PoisonError::into_inner).get(slug)
            && *kept == version
        {
            return Ok(site.clone());
        }
        let site = Arc::new(store.find_site(slug).await?.ok_or(AppError::NotFound)?);
        self.by_slug
            .write()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .insert(slug.to_owned(), (version, site.clone()));
        Ok(site)
    }

    /// The conference that the addresses without a slug lead to.
    pub async fn current(&self, store: &Store) -> Result<Arc<Site>> {
        let version = self.version.load(Ordering::Acquire);
        let kept = self.current.read().unwrap_or_else(std::sync::PoisonError::into_inner).clone();
        let slug = match kept {
            Some((kept, slug)) if kept == version => slug,
            _ => {
                let slug = store.current_slug().await?.ok_or(AppError::NotFound)?;
                *self.current.write().unwrap_or_else(std::sync::PoisonError::into_inner) =
                    Some((version, slug.clone()));
                slug
            }
        };
        self.named(store, &slug).await
    }

    /// The current conference if it was ever read, without asking the database: for pages that must appear whatever
    /// is broken.
    pub fn last_known(&self) -> Option<Arc<Site>> {
        let slug = self.current.read().unwrap_or_else(std::sync::PoisonError::into_inner).clone()?.1;
        let sites = self.by_slug.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        sites.get(&slug).map(|(_, site)| site.clone())
    }
}
