//! A delegate's own registration, by the secret link of a mail: the contact sees all of it, an attendee what is theirs.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use sqlx::PgConnection;

use crate::{
    domain::{AttendeeId, AttendeeState, Secret},
    store::{
        attendees,
        links::{self, Followed, Purpose},
        registrations::{self, Registered, RegisteredAttendee},
    },
    web::{App, AppError, Frame, Named, Nav, Result, Site, Token, page},
};

#[derive(Template)]
#[template(path = "delegates/manage.html")]
struct ManagePage {
    frame: Frame,
    site: Arc<Site>,
    held: Held,
    token: String,
    /// The attendees of whom needs are kept; the page does not say what they are.
    with_needs: Vec<AttendeeId>,
    /// What was just done, in the word of the address.
    done: String,
    /// Whom it concerns, where that is one attendee.
    done_to: Option<AttendeeId>,
}

/// What stands in the address.
#[derive(serde::Deserialize)]
pub struct Asked {
    done: Option<String>,
    attendee: Option<AttendeeId>,
}

/// What a link opens.
pub struct Held {
    /// The link.
    pub link: Followed,
    /// The registration it is of.
    pub registered: Registered,
}

impl Held {
    /// Whether it is the contact's link, for everything.
    pub fn is_contact(&self) -> bool {
        self.link.subject.attendee.is_none()
    }

    /// The attendees whom this link shows.
    pub fn shown(&self) -> impl Iterator<Item = &RegisteredAttendee> {
        let only = self.link.subject.attendee;
        self.registered.attendees.iter().filter(move |attendee| only.is_none_or(|only| only == attendee.id))
    }

    /// Those of them who come, and of these only `one` if somebody was picked.
    pub fn coming(&self, one: Option<AttendeeId>) -> impl Iterator<Item = &RegisteredAttendee> {
        self.shown().filter(move |attendee| attendee.is_coming() && one.is_none_or(|one| one == attendee.id))
    }

    /// How many come.
    pub fn count_coming(&self) -> usize {
        self.coming(None).count()
    }
}

/// `GET /manage/{token}`.
pub async fn get(State(app): State<App>, Named(Token(token)): Named<Token>, Query(asked): Query<Asked>) -> Result {
    let mut conn = app.store.read().await?;
    let held = held(&mut conn, &token).await?;
    let with_needs = attendees::list_with_needs(&mut conn, held.registered.id).await?;
    drop(conn);
    let site = app.sites.named(&app.store, &held.link.slug).await?;
    let title = if held.is_contact() { "Your registration" } else { "Your place" };
    page(&ManagePage {
        frame: Frame::of(&app, &site, Nav::None).titled(title),
        site,
        held,
        token,
        with_needs,
        done: asked.done.unwrap_or_default(),
        done_to: asked.attendee,
    })
}

impl ManagePage {
    /// The attendee whom it concerns; nobody whom the link does not show.
    fn done_for(&self) -> Option<&RegisteredAttendee> {
        self.held.shown().find(|attendee| self.done_to == Some(attendee.id))
    }
}

/// What this link opens; nothing when it is unknown or was revoked.
pub async fn held(conn: &mut PgConnection, token: &str) -> Result<Held> {
    let secret = Secret::parse(token).ok_or(AppError::NotFound)?;
    let link = links::find(conn, Purpose::Manage, &secret).await?.ok_or(AppError::NotFound)?;
    let registered = registrations::get(conn, link.subject.registration).await?;
    Ok(Held { link, registered })
}
