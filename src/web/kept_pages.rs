//! Answering with public pages as they are kept.

use std::sync::{Arc, PoisonError, atomic::Ordering};

use axum::http::HeaderMap;

use super::{
    App, AppError, Result, headers,
    page_cache::{Kept, KeptPage, Rendered},
};

impl App {
    /// The page that is kept under this address, if there is one and nothing has changed since. Its answer is complete.
    pub fn kept_already(&self, key: &str) -> Option<Kept> {
        self.pages.find(key).filter(|page| self.is_fresh(page)).map(Kept)
    }

    fn is_fresh(&self, page: &KeptPage) -> bool {
        page.version == self.pages.version.load(Ordering::Acquire)
            && page.good_until.is_none_or(|until| self.clock.now() < until)
    }

    /// Answers with the kept page, or renders and keeps it. `key` is an address made by [`crate::urls`], so that each page
    /// is kept once however it was spelled; rendering fails for what does not exist, so that there is an end to them. While
    /// the database is away, the last state is shown rather than nothing.
    pub async fn kept<F>(&self, key: &str, content_type: &'static str, request: &HeaderMap, render: F) -> Result
    where
        F: AsyncFnOnce() -> Result<Rendered>,
    {
        if let Some(page) = self.kept_already(key) {
            return Ok(page.goes_along(request));
        }
        let pages = &self.pages;
        let _one_at_a_time = pages.rendering_of(key).lock().await;
        let known = pages.find(key);
        if let Some(page) = known.as_ref().filter(|page| self.is_fresh(page)) {
            return Ok(Kept(page.clone()).goes_along(request));
        }
        // Read before rendering: what a change behind our back brings is then rendered again, never missed.
        let version = pages.version.load(Ordering::Acquire);
        match (render().await, known) {
            (Ok(rendered), known) => {
                let mut page = KeptPage::new(version, content_type, rendered, &headers::security(self.is_secure()))?;
                if let Some(known) = known {
                    page.route = known.route.clone();
                }
                let page = Arc::new(page);
                pages.pages.write().unwrap_or_else(PoisonError::into_inner).insert(key.to_owned(), page.clone());
                Ok(Kept(page).goes_along(request))
            }
            (Err(AppError::Unavailable(error)), Some(page)) => {
                tracing::warn!(%error, page = key, "the database is away; the last state of the page is shown");
                Ok(Kept(page).goes_along(request))
            }
            (Err(error), _) => Err(error),
        }
    }
}
