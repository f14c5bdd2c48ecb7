//! `/administration/{c}/categories/{category}/remove`: explains the consequences and removes a category that nobody is in.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;

use super::category::find;
use crate::{
    access::Person,
    domain::{Action, AuditKind, CategoryId, SignedIn},
    store::{
        audit::{self, Actor, Change, Entry},
        category_removal::{self, CategoryUse},
        settings::CategorySettings,
    },
    urls,
    web::{App, Current, Desk, DeskNav, Named, Result, Site, page, reply, see_other},
};

/// The page.
#[derive(Template)]
#[template(path = "administration/remove_category.html")]
struct RemovePage {
    desk: Desk,
    slug: String,
    category: CategorySettings,
    used: CategoryUse,
    /// Whether the person has just tried to remove it.
    refused: bool,
}

/// `GET /administration/{c}/categories/{category}/remove`.
pub async fn get(
    State(app): State<App>,
    Person(person): Person,
    Current(site): Current,
    Named(category): Named<CategoryId>,
) -> Result {
    page(&RemovePage::of(&app, &person, &site, category).await?)
}

/// `POST /administration/{c}/categories/{category}/remove`.
pub async fn post(
    State(app): State<App>,
    Person(person): Person,
    Current(site): Current,
    Named(category): Named<CategoryId>,
) -> Result {
    let conference = site.conference.id;
    let before = find(&app, conference, category).await?;
    let mut tx = app.store.begin().await?;
    if !category_removal::remove(&mut tx, conference, category).await? {
        drop(tx);
        let again = RemovePage { refused: true, ..RemovePage::of(&app, &person, &site, category).await? };
        return reply::conflict(&again);
    }
    let changes = Change::list([("name", before.details.name.as_str(), "")]);
    let entry = Entry::of(AuditKind::CategoryRemoved, Actor::Account(person.account));
    let entry = Entry { conference: Some(conference), subject: Some(category.0), changes: &changes, ..entry };
    audit::note(&mut tx, entry).await?;
    tx.commit().await?;
    app.published().await;
    Ok(see_other(&urls::administration::settings_after(&site.conference.slug, "removed")))
}

impl RemovePage {
    async fn of(app: &App, person: &SignedIn, site: &Arc<Site>, category: CategoryId) -> Result<Self> {
        let category = find(app, site.conference.id, category).await?;
        let mut conn = app.store.read().await?;
        Ok(Self {
            desk: Desk::new(DeskNav::Settings, Some(site), person),
            slug: site.conference.slug.clone(),
            used: category_removal::find_use(&mut conn, site.conference.id, category.id).await?,
            category,
            refused: false,
        })
    }

    fn is_used(&self) -> bool {
        self.used != CategoryUse::default()
    }

    /// Returns the list of the attendees in the category.
    fn attendees(&self) -> String {
        urls::staff::attendees_where(&self.slug, &[("category", self.category.id.to_string())])
    }

    fn back(&self) -> String {
        urls::administration::category(&self.slug, self.category.id)
    }
}
