//! What is not at the address that somebody asked for: it has another address now, was withdrawn, or never existed.

use crate::{
    domain::ConferenceId,
    store::programme::{Side, items::ItemKind, slugs},
    web::{App, AppError, Result, reply},
};

/// Returns the response of a public page or file. If it was not found under this slug, responds with [`respond`] instead.
pub async fn follow(
    app: &App,
    conference: &str,
    item: (ItemKind, &str),
    response: Result,
    href: impl Fn(&str) -> String,
) -> Result {
    match response {
        Err(AppError::NotFound) => {
            let site = app.sites.named(&app.store, conference).await?;
            respond(app, site.conference.id, Side::Public, item, href).await
        }
        response => response,
    }
}

/// Responds to a request for an item that is not found under this slug: redirects to its present page, whose address `href`
/// makes from its slug, or returns the error.
pub async fn respond(
    app: &App,
    conference: ConferenceId,
    side: Side,
    (kind, slug): (ItemKind, &str),
    href: impl Fn(&str) -> String,
) -> Result {
    let mut conn = app.store.read().await?;
    match slugs::find_present(&mut conn, side, conference, kind, slug).await? {
        Some(present) if present.is_withdrawn && kind == ItemKind::Session => Err(AppError::Withdrawn),
        Some(present) if present.is_withdrawn => Err(AppError::Gone),
        Some(present) if present.slug != slug => Ok(reply::moved(&href(&present.slug))),
        _ => Err(AppError::NotFound),
    }
}
