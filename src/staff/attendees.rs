//! `/staff/{c}/attendees`: the list of attendees and its search.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::State,
    http::{HeaderMap, Uri},
};

use super::query::ListQuery;
use crate::{
    access::Person,
    domain::{Action, AttendeeState, CategoryId, Stored},
    store::registrations::{
        attendees::{self, Count, Detail, ListPage, Order, Turn},
        categories,
    },
    urls,
    web::{App, Current, Desk, DeskNav, Result, Site, page},
};

/// The page.
#[derive(Template)]
#[template(path = "staff/attendees.html")]
struct AttendeesPage {
    desk: Desk,
    found: FoundPart,
    categories: Vec<(CategoryId, String)>,
}

/// The part of the page that a search changes. When the page searches while somebody types, only this part is sent.
#[derive(Template)]
#[template(path = "staff/attendees_found.html")]
struct FoundPart {
    site: Arc<Site>,
    query: ListQuery,
    listed: ListPage,
    /// Whether this part is sent without the rest of the page.
    alone: bool,
    /// Whether this person may download the list as a file.
    may_export: bool,
}

/// `GET /staff/{c}/attendees`.
pub async fn get(
    State(app): State<App>,
    Person(person): Person,
    Current(site): Current,
    uri: Uri,
    headers: HeaderMap,
) -> Result {
    let query = ListQuery::read(uri.query());
    let mut search = app.store.search().await?;
    let listed = attendees::list(&mut search, &query.wanted(site.conference.id), query.turn).await?;
    let alone = headers.contains_key("hx-request");
    let may_export = person.may(Action::ExportAttendees, Some(site.conference.id));
    let found = FoundPart { site: site.clone(), query, listed, alone, may_export };
    if alone {
        return page(&found);
    }
    let categories = categories::list(&mut search, site.conference.id).await?;
    page(&AttendeesPage { desk: Desk::new(DeskNav::Attendees, Some(&site), &person), found, categories })
}

impl FoundPart {
    fn slug(&self) -> &str {
        &self.site.conference.slug
    }

    /// Returns the value of `aria-sort` for a column.
    fn sorted(&self, order: Order) -> &'static str {
        match (self.query.order == order, order) {
            (false, _) => "none",
            (true, Order::Newest) => "descending",
            (true, _) => "ascending",
        }
    }

    fn ordered(&self, order: Order) -> String {
        self.query.ordered(self.slug(), order)
    }

    fn turned(&self, turn: &Turn) -> String {
        self.query.turned(self.slug(), *turn)
    }

    fn file(&self) -> String {
        self.query.file(self.slug())
    }

    fn attendee(&self, found: &Detail) -> String {
        urls::staff::attendee(self.slug(), found.attendee.id)
    }

    fn day(&self, found: &Detail) -> String {
        let day = self.site.conference.zone.day(found.registration.created_at);
        format!("{} {}", day.short(), day.0.year())
    }

    fn is_filtered(&self) -> bool {
        !self.query.wanted(self.site.conference.id).is_everybody()
    }
}

impl AttendeesPage {
    fn is_category(&self, id: &CategoryId) -> bool {
        self.found.query.category == Some(*id)
    }

    fn is_state(&self, state: AttendeeState) -> bool {
        self.found.query.state == Some(state)
    }

    fn is_order(&self, order: Order) -> bool {
        self.found.query.order == order
    }
}
