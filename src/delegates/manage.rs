//! The page to which the secret manage link in a mail leads. The contact's link shows the whole registration, an
//! attendee's link only that attendee. Both can be changed there until the date that is set for the conference.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Query, State},
    response::Response,
};
use sqlx::{PgConnection, PgTransaction};
use time::OffsetDateTime;

use super::{limits, register::outside_window, registered};
use crate::{
    domain::{AnswerReaders, AskedOf, AttendeeId, AttendeeState, MOST_ATTENDEES, Secret, Stored},
    store::registrations::{
        self, Registered, RegisteredAttendee,
        amounts::{self, Amounts},
        answers::{self, GivenAnswer},
        attendees,
        categories::{self, Offer},
        email_changes::{self, Waiting},
        links::{self, Followed, Purpose, Subject},
    },
    urls,
    web::{App, AppError, Frame, Named, Nav, Result, Site, Token, Visitor, page, see_other},
};

/// The largest number of people whose details are all shown.
const MOST_UNFOLDED: usize = 5;

#[derive(Template)]
#[template(path = "delegates/manage.html")]
struct ManagePage {
    frame: Frame,
    site: Arc<Site>,
    managed: Managed,
    token: String,
    /// Whether nothing can be changed here any more.
    is_frozen: bool,
    /// Whether registration is open, so that people can be added.
    is_open: bool,
    /// What can be chosen again: categories and answers.
    offer: Offer,
    /// The attendees whose needs we store. The page does not show the needs themselves.
    with_needs: Vec<AttendeeId>,
    /// The answers of the attendees whom the link may see; those about the registration only for the contact.
    answers: Vec<GivenAnswer>,
    /// The new e-mail addresses that wait for their confirmation.
    waiting: Vec<Waiting>,
    /// The cancelled attendees whose cancellation can be undone here.
    undoable: Vec<AttendeeId>,
    /// What the registration owes, if the link is the contact's and anything was ever owed or paid.
    amounts: Option<Amounts>,
    /// What was just done, from the address, such as `cancelled` or `withdrawn`.
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

/// The query of the pages about one attendee.
#[derive(Clone, Copy, serde::Deserialize)]
pub struct AttendeeQuery {
    /// The attendee; `None` for the one whose link it is.
    pub attendee: Option<AttendeeId>,
}

/// The error messages of the forms on the pages of a manage link.
#[derive(Template)]
#[template(path = "delegates/manage_errors.txt")]
pub enum ErrorMessage {
    /// Somebody on the registration has this name and address.
    Twice,
    /// The registration has as many people as it can have.
    TooMany,
    /// No place is left at the conference.
    Full,
    /// The category has no free place, or is not offered any more.
    NotFree,
    /// It is the address already.
    SameEmail,
    /// The person who gives the place away was named.
    SamePerson,
    /// The network has taken too many places; the minutes to wait.
    Wait(u32),
    /// Not enough places are left, at the conference or in a category, for all the people who were to be added.
    NotEnough,
    /// Somebody who was to be added has to answer a question.
    MustAnswer,
    /// This address has been sent too many mails; the hours to wait.
    TooManyMails(String, u32),
    /// The fees have changed since the page was opened.
    FeesChanged,
}

/// A manage link and the registration that it opens.
#[derive(Clone)]
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

    /// Whether nothing can be changed with it any more.
    pub fn is_frozen(&self, now: OffsetDateTime) -> bool {
        self.link.changes_until.is_some_and(|until| until <= now)
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

    /// Returns the attendee whom a page is about. Not found if the link may not see that attendee.
    pub fn one(&self, AttendeeQuery { attendee }: AttendeeQuery) -> Result<&RegisteredAttendee> {
        let one = attendee.or(self.link.subject.attendee);
        self.shown().find(|attendee| Some(attendee.id) == one).ok_or(AppError::NotFound)
    }

    /// Returns whether the attendee has this link's own name: it is their link, or they are the contact whose link it is.
    pub fn is_own(&self, attendee: AttendeeId) -> bool {
        self.link.subject.attendee.or(self.registered.contact_attendee) == Some(attendee)
    }

    /// Returns the owner of links for this attendee of the registration.
    pub fn subject(&self, attendee: Option<AttendeeId>) -> Subject {
        Subject { attendee, ..self.link.subject }
    }

    /// Returns whether one of them has a place.
    pub fn has_place(&self) -> bool {
        self.shown().any(RegisteredAttendee::is_coming)
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
    let now = app.clock.now();
    let mut conn = app.store.read().await?;
    let managed = find(&mut conn, &token).await?;
    let id = managed.registered.id;
    let offer = categories::offer(&mut conn, managed.registered.conference, now).await?;
    let with_needs = attendees::list_with_needs(&mut conn, id).await?;
    let waiting = email_changes::list_waiting(&mut conn, id, now).await?;
    let mut undoable = Vec::new();
    for attendee in registrations::list_undoable(&mut conn, id).await? {
        // With a code, there may be a place that nobody else can have.
        let has_code = managed.registered.attendees.iter().any(|one| one.id == attendee && one.code.is_some());
        if has_code || registrations::count_ahead(&mut conn, managed.registered.conference, attendee).await? == 0 {
            undoable.push(attendee);
        }
    }
    let mut answers = answers::list(&mut conn, id, AnswerReaders::Desk).await?;
    // Those that only few may read are shown only to whom they are about.
    let mut own = answers::list(&mut conn, id, AnswerReaders::Needs).await?;
    own.retain(|answer| answer.attendee.is_none_or(|attendee| managed.is_own(attendee)));
    answers.extend(own);
    answers.retain(|answer| match answer.attendee {
        Some(attendee) => managed.shown().any(|one| one.id == attendee),
        None => managed.is_contact(),
    });
    let amounts = amounts_for(&mut conn, &managed).await?;
    drop(conn);
    let site = app.sites.named(&app.store, &managed.link.slug).await?;
    let title = if managed.is_contact() || !managed.has_place() { "Your registration" } else { "Your place" };
    page(&ManagePage {
        frame: Frame::of(&app, &site, Nav::None).titled(title),
        is_frozen: managed.is_frozen(now),
        is_open: outside_window(&app, &site).is_none(),
        site,
        managed,
        token,
        offer,
        with_needs,
        answers,
        waiting,
        undoable,
        amounts,
        done: query.done.unwrap_or_default(),
        done_to: query.attendee,
    })
}

/// `GET /manage/{token}/calendar.ics`: the days of the conference as a calendar file.
pub async fn days(State(app): State<App>, Named(Token(token)): Named<Token>) -> Result {
    let managed = find(&mut *app.store.read().await?, &token).await?;
    let site = app.sites.named(&app.store, &managed.link.slug).await?;
    Ok(registered::calendar_of_days(&app, &site))
}

impl ManagePage {
    /// Whether the category or answers of this attendee, or answers about the registration, can be changed.
    fn can_choose(&self, attendee: Option<&RegisteredAttendee>) -> bool {
        !self.is_frozen && can_choose(&self.offer, attendee)
    }

    /// Returns the answers of an attendee, or those about the registration.
    fn answers_of(&self, attendee: Option<AttendeeId>) -> impl Iterator<Item = &GivenAnswer> {
        self.answers.iter().filter(move |answer| answer.attendee == attendee)
    }

    /// Returns the attendee for whom something was just done, if the link may see that attendee.
    fn done_for(&self) -> Option<&RegisteredAttendee> {
        self.managed.shown().find(|attendee| self.done_to == Some(attendee.id))
    }

    /// Returns the new address that waits for this attendee's confirmation, or for that of a contact who does not attend.
    fn waiting_of(&self, attendee: Option<AttendeeId>) -> Option<&Waiting> {
        self.waiting.iter().find(|waiting| waiting.attendee == attendee)
    }

    /// Whether this attendee's cancellation can be undone here.
    fn can_undo(&self, attendee: AttendeeId) -> bool {
        !self.is_frozen && self.undoable.contains(&attendee)
    }

    /// Whether a person can be added.
    fn can_add(&self) -> bool {
        !self.is_frozen
            && self.is_open
            && self.managed.is_contact()
            && self.managed.registered.active().count() < MOST_ATTENDEES
    }

    /// Whether there are so many people that they are counted and their details are folded.
    fn is_long(&self) -> bool {
        self.managed.shown().count() > MOST_UNFOLDED
    }

    /// Returns how many people are in each state, such as "38 confirmed, 10 waiting, 2 cancelled".
    fn counted(&self) -> String {
        let states =
            [AttendeeState::Confirmed, AttendeeState::Offered, AttendeeState::Waiting, AttendeeState::Cancelled];
        let counts = states.map(|state| {
            let those = self.managed.shown().filter(|attendee| attendee.state == Stored::Known(state));
            (those.count(), if state == AttendeeState::Offered { "with an offer" } else { state.as_str() })
        });
        let counts = counts.into_iter().filter(|(count, _)| *count > 0);
        counts.map(|(count, state)| format!("{count} {state}")).collect::<Vec<_>>().join(", ")
    }

    /// Whether the attendee's details are folded. Somebody for whom something was just done, or has to be done, is shown.
    fn is_folded(&self, attendee: &RegisteredAttendee) -> bool {
        self.is_long() && !attendee.is_offered() && self.done_to != Some(attendee.id)
    }

    /// Returns the instant from which on nothing can be changed, as the clocks at the venue show it.
    fn changes_until(&self) -> Option<String> {
        self.managed.link.changes_until.map(|until| self.site.conference.zone.zoned_moment(until))
    }
}

/// Whether something can be chosen for an attendee, or about the registration. It does not matter whether other categories have
/// free places.
pub fn can_choose(offer: &Offer, attendee: Option<&RegisteredAttendee>) -> bool {
    match attendee {
        Some(one) if !one.is_active() => false,
        Some(one) => {
            let others = offer.public().any(|category| category.id != one.category) && !one.is_offered();
            others
                || offer
                    .questions
                    .iter()
                    .any(|question| question.asked_of == AskedOf::Attendee && question.concerns(one.category))
        }
        None => offer.questions.iter().any(|question| question.asked_of == AskedOf::Registration),
    }
}

/// Returns what the registration owes, for its contact; `None` for others, or if nothing was ever owed or paid.
pub async fn amounts_for(conn: &mut PgConnection, managed: &Managed) -> Result<Option<Amounts>> {
    if !managed.is_contact() {
        return Ok(None);
    }
    Ok(amounts::find(conn, managed.registered.conference, managed.registered.id).await?)
}

/// Finds the registration that this link opens. Not found if the link is unknown or was revoked.
pub async fn find(conn: &mut PgConnection, token: &str) -> Result<Managed> {
    let secret = Secret::parse(token).ok_or(AppError::NotFound)?;
    let link = links::find(conn, Purpose::Manage, &secret).await?.ok_or(AppError::NotFound)?;
    let registered = registrations::get(conn, link.subject.registration).await?;
    Ok(Managed { link, registered })
}

/// Begins what a form on the page of a manage link does: counts the form, and finds the registration in the transaction that
/// changes it.
pub async fn begin(app: &App, visitor: Visitor, token: &str) -> Result<(PgTransaction<'static>, Managed)> {
    limits::change_with(&mut *app.store.read().await?, visitor, token).await?;
    let mut tx = app.store.begin().await?;
    let managed = find(&mut tx, token).await?;
    Ok((tx, managed))
}

/// Whether a person can be added now. Not found for an attendee's link.
pub fn may_add(app: &App, site: &Site, managed: &Managed) -> Result<bool> {
    if !managed.is_contact() {
        return Err(AppError::NotFound);
    }
    Ok(outside_window(app, site).is_none() && managed.registered.active().count() < MOST_ATTENDEES)
}

/// Leads back to the page because nothing can be changed any more.
pub fn frozen(token: &str) -> Response {
    see_other(&urls::public::manage_done(token, "frozen", None))
}
