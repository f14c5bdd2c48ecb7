//! `/staff/{c}/attendees/{attendee}/needs`: an attendee's dietary and access needs. Reading them is a separate action,
//! and the attendee's history records each time. If the person withdraws their consent, staff delete them here.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::IntoResponse,
};

use super::attendee_of;
use crate::{
    access::Person,
    domain::{Action, AttendeeId},
    store::{
        audit::Actor,
        registrations::{
            answers::GivenAnswer,
            attendees::{self, Detail, KeptNeeds},
        },
    },
    urls,
    web::{App, Current, Desk, DeskNav, Named, Result, Site, page, see_other},
};

/// The page.
#[derive(Template)]
#[template(path = "staff/needs.html")]
struct NeedsPage {
    desk: Desk,
    site: Arc<Site>,
    detail: Detail,
    needs: Option<KeptNeeds>,
    /// The answers that only people who may read needs see.
    answers: Vec<GivenAnswer>,
}

/// `GET /staff/{c}/attendees/{attendee}/needs`.
pub async fn get(
    State(app): State<App>,
    Person(person): Person,
    Current(site): Current,
    Named(attendee): Named<AttendeeId>,
    headers: HeaderMap,
) -> Result {
    if is_early(&headers) {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let detail = attendee_of(&app, &site, attendee).await?;
    let (registration, attendee) = (detail.registration.id, detail.attendee.id);
    let mut tx = app.store.begin().await?;
    let (needs, answers) =
        attendees::read_needs(&mut tx, site.conference.id, registration, attendee, person.account).await?;
    tx.commit().await?;
    page(&NeedsPage { desk: Desk::new(DeskNav::Attendees, Some(&site), &person), site, detail, needs, answers })
}

/// `POST /staff/{c}/attendees/{attendee}/needs`: deletes the needs, because the person has withdrawn their consent.
pub async fn withdraw(
    State(app): State<App>,
    Person(person): Person,
    Current(site): Current,
    Named(attendee): Named<AttendeeId>,
) -> Result {
    let registration = attendee_of(&app, &site, attendee).await?.registration.id;
    let (about, by) = ((registration, attendee), Actor::Account(person.account));
    let mut tx = app.store.begin().await?;
    attendees::withdraw_consent(&mut tx, site.conference.id, about, by).await?;
    tx.commit().await?;
    Ok(see_other(&urls::staff::attendee_done(&site.conference.slug, attendee, "withdrawn")))
}

/// Whether the browser only prefetches the page, so that nobody reads it yet.
fn is_early(headers: &HeaderMap) -> bool {
    let purpose = headers.get("sec-purpose").and_then(|purpose| purpose.to_str().ok());
    purpose.is_some_and(|purpose| purpose.starts_with("prefetch"))
}

impl NeedsPage {
    fn back(&self) -> String {
        urls::staff::attendee(&self.site.conference.slug, self.detail.attendee.id)
    }

    fn iso(&self, at: &time::OffsetDateTime) -> String {
        self.site.conference.zone.iso(*at)
    }

    fn moment(&self, at: &time::OffsetDateTime) -> String {
        self.site.conference.zone.zoned_moment(*at)
    }
}
