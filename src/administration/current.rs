//! `/administration/{c}/current`: makes this the current conference, to which addresses without a slug lead.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;

use crate::{
    access::Person,
    domain::{AuditKind, Conference},
    store::{
        audit::{self, Actor, Change, Entry},
        settings::{self, Edition},
    },
    urls,
    web::{App, AppError, Current, Desk, DeskNav, Result, Site, page, see_other},
};

/// The page.
#[derive(Template)]
#[template(path = "administration/current.html")]
struct CurrentPage {
    desk: Desk,
    conference: Conference,
    /// The conference that is the current one now.
    now: Option<Edition>,
    /// Whether the new one is over.
    is_over: bool,
}

/// `GET /administration/{c}/current`: says what changes, and asks for confirmation.
pub async fn get(State(app): State<App>, Person(person): Person, Current(site): Current) -> Result {
    let conference = read(&app, &site).await?;
    let editions = settings::list_editions(&mut *app.store.read().await?).await?;
    page(&CurrentPage {
        desk: Desk::new(DeskNav::Administration, Some(&site), &person),
        is_over: conference.is_over(app.clock.now()),
        conference,
        now: editions.into_iter().find(|edition| edition.is_current),
    })
}

/// `POST /administration/{c}/current`.
pub async fn post(State(app): State<App>, Person(person): Person, Current(site): Current) -> Result {
    let conference = read(&app, &site).await?;
    let mut tx = app.store.begin().await?;
    if let Some(before) = settings::make_current(&mut tx, conference.id).await? {
        let changes = [Change { field: "current", before, after: conference.slug.clone() }];
        let entry = Entry::of(AuditKind::ConferenceSettingsChanged, Actor::Account(person.account));
        audit::note(&mut tx, Entry { conference: Some(conference.id), changes: &changes, ..entry }).await?;
        tx.commit().await?;
        app.published().await;
    }
    Ok(see_other(&urls::administration::home()))
}

/// Reads the conference. A demonstration never becomes the current one.
async fn read(app: &App, site: &Arc<Site>) -> Result<Conference> {
    let found = app.store.find_site(&site.conference.slug).await?.map(|site| site.conference);
    found.filter(|conference| !conference.is_demonstration).ok_or(AppError::NotFound)
}
