//! The page to which the secret manage link in a mail leads. The contact's link shows the whole registration, an
//! attendee's link only that attendee.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use sqlx::PgConnection;

use crate::{
    domain::{AnswerReaders, AttendeeId, AttendeeState, Secret, Stored},
    store::registrations::{
        self, Registered, RegisteredAttendee,
        answers::{self, GivenAnswer},
        attendees,
        links::{self, Followed, Purpose},
    },
    web::{App, AppError, Frame, Named, Nav, Result, Site, Token, page},
};

#[derive(Template)]
#[template(path = "delegates/manage.html")]
struct ManagePage {
    frame: Frame,
    site: Arc<Site>,
    managed: Managed,
    token: String,
    /// The attendees whose needs we store. The page does not show the needs themselves.
    with_needs: Vec<AttendeeId>,
    /// The answers of the attendees whom the link may see; those about the registration only for the contact.
    answers: Vec<GivenAnswer>,
    /// What was just done, from the address: `cancelled` or `withdrawn`.
    done: String,
    /// The attendee for whom it was done, if it was one.
    done_to: Option<AttendeeId>,
}

/// The query of the address. The redirect after an action sets it.
#[derive(serde::Deserialize)]
pub struct ManageQuery {
    done: Option<String>,
    attendee: Option<AttendeeId>,
}

/// A manage link and the registration that it opens.
pub struct Managed {
    /// The link.
    pub link: Followed,
    /// The registration.
    pub registered: Registered,
}

impl Managed {
    /// Whether it is the contact's link, which opens the whole registration.
    pub fn is_contact(&self) -> bool {
        self.link.subject.attendee.is_none()
    }

    /// Returns the attendees whom this link may see: all for the contact, otherwise one.
    pub fn shown(&self) -> impl Iterator<Item = &RegisteredAttendee> {
        let only = self.link.subject.attendee;
        self.registered.attendees.iter().filter(move |attendee| only.is_none_or(|only| only == attendee.id))
    }

    /// Returns those of them who have a place or may get one, limited to `one` if given.
    pub fn active(&self, one: Option<AttendeeId>) -> impl Iterator<Item = &RegisteredAttendee> {
        self.shown().filter(move |attendee| attendee.is_active() && one.is_none_or(|one| one == attendee.id))
    }

    /// Returns whether all of them are cancelled.
    pub fn all_cancelled(&self) -> bool {
        self.shown().all(RegisteredAttendee::is_cancelled)
    }

    /// Returns how many of them have a place or may get one.
    pub fn count_active(&self) -> usize {
        self.active(None).count()
    }

    /// Returns whether all of these are on the waiting list, so that cancelling frees no place.
    pub fn all_wait(&self, one: Option<AttendeeId>) -> bool {
        self.active(one).all(RegisteredAttendee::is_waiting)
    }
}

/// `GET /manage/{token}`: shows the registration.
pub async fn get(
    State(app): State<App>,
    Named(Token(token)): Named<Token>,
    Query(query): Query<ManageQuery>,
) -> Result {
    let mut conn = app.store.read().await?;
    let managed = find(&mut conn, &token).await?;
    let with_needs = attendees::list_with_needs(&mut conn, managed.registered.id).await?;
    let mut answers = answers::list(&mut conn, managed.registered.id, AnswerReaders::Desk).await?;
    answers.extend(answers::list(&mut conn, managed.registered.id, AnswerReaders::Needs).await?);
    answers.retain(|answer| match answer.attendee {
        Some(attendee) => managed.shown().any(|one| one.id == attendee),
        None => managed.is_contact(),
    });
    drop(conn);
    let site = app.sites.named(&app.store, &managed.link.slug).await?;
    let has_place = managed.shown().any(RegisteredAttendee::is_coming);
    let title = if managed.is_contact() || !has_place { "Your registration" } else { "Your place" };
    page(&ManagePage {
        frame: Frame::of(&app, &site, Nav::None).titled(title),
        site,
        managed,
        token,
        with_needs,
        answers,
        done: query.done.unwrap_or_default(),
        done_to: query.attendee,
    })
}

impl ManagePage {
    /// Returns the answers of an attendee, or those about the registration.
    fn answers_of(&self, attendee: Option<AttendeeId>) -> impl Iterator<Item = &GivenAnswer> {
        self.answers.iter().filter(move |answer| answer.attendee == attendee)
    }

    /// Returns the attendee for whom something was just done, if the link may see that attendee.
    fn done_for(&self) -> Option<&RegisteredAttendee> {
        self.managed.shown().find(|attendee| self.done_to == Some(attendee.id))
    }
}

/// Finds the registration that this link opens. Not found if the link is unknown or was revoked.
pub async fn find(conn: &mut PgConnection, token: &str) -> Result<Managed> {
    let secret = Secret::parse(token).ok_or(AppError::NotFound)?;
    let link = links::find(conn, Purpose::Manage, &secret).await?.ok_or(AppError::NotFound)?;
    let registered = registrations::get(conn, link.subject.registration).await?;
    Ok(Managed { link, registered })
}
