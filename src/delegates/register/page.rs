//! The registration form, and the page instead of it when nobody can register.

use std::sync::Arc;

use askama::Template;
use axum::http::StatusCode;
use sqlx::PgConnection;

use super::{
    people::{self, Person},
    questions,
};
use crate::{
    delegates::description::Description,
    domain::{AnswerReaders, Country, Day, Question, QuestionKind, SubmissionId, WindowState},
    store::registrations::{
        categories::Offer,
        privacy::{self, Notice},
    },
    urls,
    web::{App, AppError, AskedQuestion, Errors, Frame, Nav, Result, Site, Submitted, markdown, reply},
};

#[derive(Template)]
#[template(path = "delegates/register.html")]
pub struct RegisterPage {
    frame: Frame,
    site: Arc<Site>,
    form: Submitted,
    errors: Errors,
    notice: FormNotice,
    /// Whether a person was just removed. Then the button "Add a colleague" gets focus.
    pub removed: bool,
    pub people: Vec<Person>,
    /// The questions about the registration.
    questions: Vec<AskedQuestion>,
    /// All questions: the privacy notice lists them, and their versions are sent along, because the answers are to these.
    all_questions: Vec<Question>,
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
pub enum FormNotice {
    None,
    /// The honeypot field, which people do not see, was filled in.
    Honeypot,
    /// The contact chose to attend, so the contact became person 1 and the previous person 1 became person 2.
    PeopleMoved,
    /// A question has changed since the form was opened.
    QuestionsChanged,
    /// The form did not contain a privacy notice of this conference.
    PrivacyMissing,
    /// This network has taken too many places; the seconds to wait.
    Wait(u32),
}

/// The page instead of the form when nobody can register.
#[derive(Template)]
#[template(path = "delegates/register/not_now.html")]
pub struct NotNowPage {
    frame: Frame,
    site: Arc<Site>,
    reason: ClosedReason,
    /// The form, if one was sent.
    sent: Option<Submitted>,
}

/// Why nobody can register.
pub enum ClosedReason {
    NotYet(Instant),
    Closed(Instant),
    Full,
}

/// An instant in the conference's time zone.
pub struct Instant {
    iso: String,
    text: String,
    zone: String,
}

/// Returns why nobody can register now, or `None` if delegates can.
pub fn closed_reason(app: &App, site: &Site, offer: &Offer) -> Option<ClosedReason> {
    outside_window(app, site).or_else(|| offer.is_full().then_some(ClosedReason::Full))
}

/// Returns why nobody can register at this time, or `None` while registration is open.
pub fn outside_window(app: &App, site: &Site) -> Option<ClosedReason> {
    let zone = &site.conference.zone;
    let instant = |at, text| Instant { iso: zone.iso(at), text, zone: zone.abbreviation(at) };
    match site.conference.window().at(app.clock.now()) {
        WindowState::NotYet { opens } => Some(ClosedReason::NotYet(instant(opens, zone.dated_moment(opens)))),
        WindowState::Closed { closed } => Some(ClosedReason::Closed(instant(closed, zone.dated_end(closed)))),
        WindowState::Open => None,
    }
}

impl NotNowPage {
    pub fn new(app: &App, site: Arc<Site>, reason: ClosedReason, sent: Option<Submitted>) -> Self {
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
    pub async fn new(
        app: &App,
        conn: &mut PgConnection,
        site: Arc<Site>,
        form: Submitted,
        offer: &Offer,
    ) -> Result<Self> {
        let privacy = privacy::find(conn, site.conference.id)
            .await?
            .ok_or_else(|| AppError::internal("the conference has no privacy notice, so nobody can register"))?;
        let frame = Frame::of(app, &site, Nav::Register).titled("Register").published_at(
            &urls::public::register(&site.conference.slug),
            Description::Register(&site.conference).text()?,
        );
        let full = offer.public().filter(|category| category.capacity.is_full());
        let errors = Errors::default();
        let submission = form.get("submission").parse().unwrap_or_else(|_| SubmissionId::new());
        Ok(Self {
            frame,
            people: people::blocks(&form, &errors, offer),
            questions: questions::of_registration(offer),
            all_questions: offer.questions.clone(),
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
    pub fn with_errors(mut self, errors: Errors, offer: &Offer) -> Self {
        self.people = people::blocks(&self.form, &errors, offer);
        self.errors = errors;
        self
    }

    /// Adds a notice above the form.
    pub fn with_notice(mut self, notice: FormNotice) -> Self {
        self.notice = notice;
        self
    }

    /// Responds with the form because it could not be accepted: 422, or 429 with the time to wait.
    pub fn refused(&self) -> Result {
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

    /// Returns when registration closes.
    fn closes(&self) -> Instant {
        let (zone, closes) = (&self.site.conference.zone, self.site.conference.window().closes);
        Instant { iso: zone.iso(closes), text: zone.dated_end(closes), zone: zone.abbreviation(closes) }
    }

    /// Whether the invoice details are shown open: if a field has a value or an error.
    fn invoice_open(&self) -> bool {
        ["purchase-order", "invoice-address"]
            .iter()
            .any(|name| !self.form.get(name).is_empty() || self.errors.of(name).is_some())
    }
}
