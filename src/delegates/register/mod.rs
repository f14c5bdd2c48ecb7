//! The registration form, for one to ten people from one organisation. It has no review step: the page after it shows
//! what was registered, and the link in the mail can cancel it.
//!
//! Links on the form open in the same window. The browser stores the form in its history ([`reply::form`]) and fills it
//! in again when people come back. Browsers do not refill fields with `autocomplete="off"`, so no field that people
//! fill in has it.

mod keep;
mod limits;
mod people;
mod validate;

use std::sync::Arc;

use askama::Template;
use axum::{extract::State, http::StatusCode};
use sqlx::PgConnection;

use self::people::{Action, Person};
use super::description::Description;
use crate::{
    domain::{Country, Day, MOST_ATTENDEES, RevisionId, SubmissionId, WindowState},
    store::{
        categories::{self, Offer},
        privacy::{self, Notice},
    },
    urls,
    web::{App, AppError, Current, Errors, Frame, Nav, Result, Site, Submitted, Visitor, markdown, page, reply},
};

#[derive(Template)]
#[template(path = "delegates/register.html")]
struct RegisterPage {
    frame: Frame,
    site: Arc<Site>,
    form: Submitted,
    errors: Errors,
    notice: FormNotice,
    /// Whether a person was just removed. Then the button "Add a colleague" gets focus.
    removed: bool,
    people: Vec<Person>,
    /// The names of the categories that have no places left.
    full: Vec<String>,
    privacy: Notice,
    privacy_day: Day,
    privacy_html: String,
    /// The number of this submission. It stays the same when the form is shown again, so that the registration is
    /// stored only once, however often the form is sent.
    submission: SubmissionId,
}

/// The notice above the form, in addition to the summary of errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FormNotice {
    None,
    /// The honeypot field, which people do not see, was filled in.
    Honeypot,
    /// The contact chose to attend, so the contact became person 1 and the previous person 1 became person 2.
    PeopleMoved,
    /// The form did not contain a privacy notice of this conference.
    PrivacyMissing,
    /// This network has taken too many places; the seconds to wait.
    Wait(u32),
}

/// The page instead of the form when nobody can register.
#[derive(Template)]
#[template(path = "delegates/register/not_now.html")]
struct NotNowPage {
    frame: Frame,
    site: Arc<Site>,
    reason: ClosedReason,
    /// The form, if one was sent.
    sent: Option<Submitted>,
}

/// Why nobody can register.
enum ClosedReason {
    NotYet(Instant),
    Closed(Instant),
    Full,
}

/// An instant in the conference's time zone.
struct Instant {
    iso: String,
    text: String,
    zone: String,
}

/// `GET /{c}/register`: shows the empty form.
pub async fn get(State(app): State<App>, Current(site): Current) -> Result {
    let mut conn = app.store.read().await?;
    let offer = categories::offer(&mut conn, site.conference.id).await?;
    if let Some(reason) = closed_reason(&app, &site, &offer) {
        return page(&NotNowPage::new(&app, site, reason, None));
    }
    let form = people::in_order(&Submitted::new(vec![("attends".to_owned(), "me".to_owned())]));
    reply::form(StatusCode::OK, &RegisterPage::new(&app, &mut conn, site, form, &offer).await?)
}

/// `POST /{c}/register`: stores the registration and queues its mails. Or shows the form again: with one person more or
/// fewer, or with its errors.
pub async fn post(State(app): State<App>, Current(site): Current, visitor: Visitor, form: Submitted) -> Result {
    let form = people::in_order(&form);
    let (_permit, mut conn) = app.store.register().await?;
    let offer = categories::offer(&mut conn, site.conference.id).await?;
    let action = Action::of(&form);
    if action == Action::Register {
        return keep::keep(&app, &mut conn, site, visitor, form, offer).await;
    }
    if let Some(reason) = closed_reason(&app, &site, &offer) {
        return reply::not_now(&NotNowPage::new(&app, site, reason, Some(form)));
    }
    let form = match action {
        Action::Add if people::count(&form) < MOST_ATTENDEES => people::with_one_more(&form),
        Action::Remove(number) => people::without(&form, number),
        Action::Add | Action::Edit | Action::Register => form,
    };
    let (form, notice) = match people::with_contact_first(&form) {
        Some(moved) => (moved, FormNotice::PeopleMoved),
        None => (form, FormNotice::None),
    };
    let mut page = RegisterPage::new(&app, &mut conn, site, form, &offer).await?.with_notice(notice);
    if let Some(person) = page.people.last_mut() {
        person.is_new = action == Action::Add;
    }
    page.removed = matches!(action, Action::Remove(_));
    reply::form(StatusCode::OK, &page)
}

/// Returns why nobody can register now, or `None` if delegates can.
fn closed_reason(app: &App, site: &Site, offer: &Offer) -> Option<ClosedReason> {
    outside_window(app, site).or_else(|| offer.is_full().then_some(ClosedReason::Full))
}

/// Returns why nobody can register at this time, or `None` while registration is open.
fn outside_window(app: &App, site: &Site) -> Option<ClosedReason> {
    let zone = &site.conference.zone;
    let instant = |at, text| Instant { iso: zone.iso(at), text, zone: zone.abbreviation(at) };
    match site.conference.window().at(app.clock.now()) {
        WindowState::NotYet { opens } => Some(ClosedReason::NotYet(instant(opens, zone.dated_moment(opens)))),
        WindowState::Closed { closed } => Some(ClosedReason::Closed(instant(closed, zone.dated_end(closed)))),
        WindowState::Open => None,
    }
}

impl NotNowPage {
    fn new(app: &App, site: Arc<Site>, reason: ClosedReason, sent: Option<Submitted>) -> Self {
        Self { frame: Frame::of(app, &site, Nav::Register).titled(reason.heading()), site, reason, sent }
    }

    /// Whether the page has a button that sends the form again.
    fn can_try_again(&self) -> bool {
        self.sent.is_some() && matches!(self.reason, ClosedReason::Full)
    }
}

impl ClosedReason {
    fn heading(&self) -> &'static str {
        match self {
            Self::NotYet(_) => "Registration is not open yet",
            Self::Closed(_) => "Registration is closed",
            Self::Full => "The conference is full",
        }
    }
}

impl RegisterPage {
    /// Returns the page for a form whose people are in order, without errors.
    async fn new(app: &App, conn: &mut PgConnection, site: Arc<Site>, form: Submitted, offer: &Offer) -> Result<Self> {
        let privacy = privacy::find(conn, site.conference.id)
            .await?
            .ok_or_else(|| AppError::internal("the conference has no privacy notice, so nobody can register"))?;
        let frame = Frame::of(app, &site, Nav::Register)
            .titled("Register")
            .published_at(&urls::register(&site.conference.slug), Description::Register(&site.conference).text()?);
        let full = offer.public().filter(|category| category.capacity.is_full());
        let errors = Errors::default();
        let submission = form.get("submission").parse().unwrap_or_else(|_| SubmissionId::new());
        Ok(Self {
            frame,
            people: people::blocks(&form, &errors, offer),
            form,
            errors,
            notice: FormNotice::None,
            removed: false,
            full: full.map(|category| category.name.clone()).collect(),
            privacy_day: site.conference.zone.day(privacy.since),
            privacy_html: markdown::html(&privacy.text),
            privacy,
            submission,
            site,
        })
    }

    /// Adds the errors.
    fn with_errors(mut self, errors: Errors, offer: &Offer) -> Self {
        self.people = people::blocks(&self.form, &errors, offer);
        self.errors = errors;
        self
    }

    /// Adds a notice above the form.
    fn with_notice(mut self, notice: FormNotice) -> Self {
        self.notice = notice;
        self
    }

    /// Responds with the form because it could not be accepted: 422, or 429 with the time to wait.
    fn refused(&self) -> Result {
        match self.notice {
            FormNotice::Wait(seconds) => reply::form_too_many(self, seconds),
            _ => reply::form(StatusCode::UNPROCESSABLE_ENTITY, self),
        }
    }

    /// Returns the countries in two groups, those of Europe first.
    fn countries() -> [(&'static str, impl Iterator<Item = (&'static str, &'static str)>); 2] {
        [("Europe", true), ("Other countries", false)].map(|(group, european)| {
            let countries = Country::all().iter().filter(move |country| country.is_european() == european);
            (group, countries.map(|country| (country.code(), country.name())))
        })
    }

    /// Whether the invoice details are shown open: if a field has a value or an error.
    fn invoice_open(&self) -> bool {
        ["purchase-order", "invoice-address"]
            .iter()
            .any(|name| !self.form.get(name).is_empty() || self.errors.of(name).is_some())
    }
}

/// Returns the privacy notice that was shown with the form, if it is one of this conference's.
async fn shown_notice(
    conn: &mut PgConnection,
    site: &Site,
    form: &Submitted,
    offer: &Offer,
) -> Result<Option<RevisionId>, sqlx::Error> {
    let Ok(shown) = form.get("privacy").parse() else { return Ok(None) };
    let known = offer.privacy == Some(shown) || privacy::is_notice(conn, site.conference.id, shown).await?;
    Ok(known.then_some(shown))
}
