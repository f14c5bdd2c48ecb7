//! `/staff/{c}/attendees/{attendee}`: everything about one attendee.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Path, State},
    http::Uri,
};
use time::OffsetDateTime;

use super::attendee_of;
use crate::{
    access::Person,
    domain::{AttendeeState, Stored},
    store::{
        accounts::SignedIn,
        attendees::{self, Detail, KeptNeeds},
        audit::{self, Teller, Told},
        messages::{self, Message, MessageState},
        registrations::RegisteredAttendee,
    },
    urls,
    web::{App, Current, Desk, DeskNav, Result, Site, page},
};

/// The page.
#[derive(Template)]
#[template(path = "staff/attendee.html")]
pub struct AttendeePage {
    desk: Desk,
    site: Arc<Site>,
    detail: Detail,
    needs: Option<KeptNeeds>,
    mails: Vec<Message>,
    history: Vec<Told>,
    /// What was just done, in the word of the address.
    done: String,
    /// A confirmation was sent often enough for now; in so many minutes it goes again.
    pub wait: Option<u32>,
}

/// `GET /staff/{c}/attendees/{attendee}`.
pub async fn get(
    State(app): State<App>,
    Person(person): Person,
    Current(site): Current,
    Path((_, attendee)): Path<(String, String)>,
    uri: Uri,
) -> Result {
    let mut attendee = AttendeePage::of(&app, &person, &site, attendee_of(&app, &site, &attendee).await?).await?;
    uri.query().and_then(|query| query.strip_prefix("done=")).unwrap_or_default().clone_into(&mut attendee.done);
    page(&attendee)
}

impl AttendeePage {
    /// The page of this attendee.
    pub async fn of(app: &App, person: &SignedIn, site: &Arc<Site>, detail: Detail) -> Result<Self> {
        let mut conn = app.store.read().await?;
        Ok(Self {
            desk: Desk::new(detail.attendee.name.clone(), DeskNav::Attendees, Some(site), person),
            site: site.clone(),
            needs: attendees::find_needs(&mut conn, detail.attendee.id).await?,
            mails: messages::list_of_registration(&mut conn, detail.registration.id).await?,
            history: audit::history(&mut conn, detail.registration.id, detail.attendee.id).await?,
            detail,
            done: String::new(),
            wait: None,
        })
    }

    fn is_coming(&self) -> bool {
        self.detail.attendee.is_coming()
    }

    /// When consent to keep needs was withdrawn, if it was.
    fn withdrawn_at(&self) -> Option<OffsetDateTime> {
        self.history.iter().find(|entry| entry.kind == "consent_withdrawn").map(|entry| entry.at)
    }

    fn action(&self, action: &str) -> String {
        urls::attendee_action(&self.site.conference.slug, self.detail.attendee.id, action)
    }

    fn colleague(&self, other: &RegisteredAttendee) -> String {
        urls::attendee(&self.site.conference.slug, other.id)
    }

    fn mail(&self, mail: &Message) -> String {
        urls::message(&self.site.conference.slug, mail.id)
    }

    fn iso(&self, at: &OffsetDateTime) -> String {
        self.site.conference.zone.iso(*at)
    }

    fn moment(&self, at: &OffsetDateTime) -> String {
        self.site.conference.zone.zoned_moment(*at)
    }
}
