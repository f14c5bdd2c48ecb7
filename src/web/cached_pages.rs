//! Responds with public pages from the cache.

use std::sync::{Arc, PoisonError, atomic::Ordering};

use axum::{
    http::{HeaderMap, HeaderValue, header},
    response::IntoResponse,
};

use super::{
    App, AppError, Result, headers,
    page_cache::{CachedPage, Entry, Rendered},
};

impl App {
    /// Returns the cached page for this address if it is fresh.
    pub fn cached_page(&self, key: &str) -> Option<CachedPage> {
        self.pages.find(key).filter(|page| self.is_fresh(page)).map(CachedPage)
    }

    fn is_fresh(&self, page: &Entry) -> bool {
        page.version == self.pages.version.load(Ordering::Acquire)
            && page.expires_at.is_none_or(|instant| self.clock.now() < instant)
    }

    /// Responds with the cached page, or renders the page and caches it. A page of a conference in preparation, which only people
    /// who are signed in may read, is not cached. If the database is unavailable, responds with
    /// the last cached state, even if it is not fresh.
    ///
    /// `key` is an address from [`crate::urls`], so that a page has one entry however its address was spelled. `render`
    /// must fail for pages that do not exist; otherwise the cache would grow without limit.
    pub async fn cached<F>(&self, key: &str, content_type: &'static str, request: &HeaderMap, render: F) -> Result
    where
        F: AsyncFnOnce() -> Result<Rendered>,
    {
        if let Some(page) = self.cached_page(key) {
            return Ok(page.respond(request));
        }
        let pages = &self.pages;
        let _rendering = pages.rendering_lock(key).lock().await;
        let previous = pages.find(key);
        if let Some(page) = previous.as_ref().filter(|page| self.is_fresh(page)) {
            return Ok(CachedPage(page.clone()).respond(request));
        }
        // The number is read before rendering. If a change comes in between, the page is rendered once more; no change
        // is missed.
        let version = pages.version.load(Ordering::Acquire);
        if self.is_in_preparation(key).await? {
            let headers = [(header::CONTENT_TYPE, HeaderValue::from_static(content_type))];
            return Ok((headers, render().await?.into_text()).into_response());
        }
        match (render().await, previous) {
            (Ok(rendered), previous) => {
                let mut page = Entry::new(version, content_type, rendered, &headers::security(self.is_secure()))?;
                if let Some(previous) = previous {
                    page.route = previous.route.clone();
                }
                let page = Arc::new(page);
                pages.pages.write().unwrap_or_else(PoisonError::into_inner).insert(key.to_owned(), page.clone());
                Ok(CachedPage(page).respond(request))
            }
            (Err(AppError::Unavailable(error)), Some(page)) => {
                tracing::warn!(%error, page = key, "the database is unavailable; the last cached state of the page is shown");
                Ok(CachedPage(page).respond(request))
            }
            (Err(error), _) => Err(error),
        }
    }

    /// Whether the address belongs to a conference in preparation.
    async fn is_in_preparation(&self, address: &str) -> Result<bool> {
        let first = address.split('/').nth(1).unwrap_or_default();
        self.sites.is_in_preparation(&self.store, first).await
    }
}
