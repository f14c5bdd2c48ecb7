//! The registration form, and the page instead of it when nobody can register.

use std::sync::Arc;

use askama::Template;
use axum::http::StatusCode;
use sqlx::PgConnection;
use time::OffsetDateTime;

use super::paste;
use crate::{
    delegates::description::Description,
    domain::{
        AnswerReaders, CategoryId, Day, MOST_ATTENDEES, Question, QuestionKind, Registration, SubmissionId,
        WindowState, Zone,
    },
    registering::{
        code::{self, CodePart},
        fees::{self, Described, FeeChange},
        people::{self, Person},
        questions,
    },
    store::registrations::{
        categories::{self, Offer, OfferedCategory},
        privacy::{self, Notice},
        terms,
    },
    urls,
    web::{App, AppError, AskedQuestion, Errors, Frame, Nav, Result, Site, Submitted, Visitor, markdown, reply, texts},
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
    /// How many people were just added from a spreadsheet.
    pub pasted: usize,
    pub people: Vec<Person>,
    /// The questions about the registration.
    questions: Vec<AskedQuestion>,
    /// All questions: the privacy notice lists them, and their versions are sent along, because the answers are to these.
    all_questions: Vec<Question>,
    /// The part that asks for a code, if there is any.
    code: Option<CodePart>,
    /// The names of the categories that have no places left.
    full: Vec<String>,
    /// Whether those who register for them join the waiting list.
    waiting_list: bool,
    /// Whether the whole conference is full.
    all_wait: bool,
    /// The categories in which, as the page says, people may have to wait.
    waiting: Vec<CategoryId>,
    /// What the categories are and cost.
    described: Vec<Described>,
    /// What delegates read about VAT, which may be empty; `None` if the conference has no fees.
    vat_wording: Option<String>,
    /// The slug of the page with the terms, if the conference has fees.
    terms: Option<String>,
    /// The fees that the form showed when it was opened, for the hidden field.
    fees: String,
    privacy: Notice,
    privacy_day: Day,
    privacy_html: String,
    /// The number of this submission. It stays the same when the form is shown again, so that the registration is
    /// stored only once, however often the form is sent.
    submission: SubmissionId,
}

/// The notice above the form, in addition to the summary of errors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FormNotice {
    None,
    /// These people would have to wait, which the form had not said.
    HaveToWait(Vec<WaitingPerson>),
    /// The honeypot field, which people do not see, was filled in.
    Honeypot,
    /// The contact chose to attend, so the contact became person 1 and the previous person 1 became person 2.
    PeopleMoved,
    /// A question has changed since the form was opened.
    QuestionsChanged,
    /// The form did not contain a privacy notice of this conference.
    PrivacyMissing,
    /// Fees have changed since the form was opened.
    FeesChanged(Vec<FeeChange>),
    /// This network has taken too many places; the seconds to wait.
    Wait(u32),
}

/// A person for whom no place was left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitingPerson {
    name: String,
    category: String,
}

/// The hidden field with the categories in which, as the page said, people may have to wait.
pub const WAITING: &str = "waiting";

/// The page instead of the form when nobody can register.
#[derive(Template)]
#[template(path = "delegates/register/not_now.html")]
pub struct NotNowPage {
    frame: Frame,
    site: Arc<Site>,
    reason: ClosedReason,
    /// The form, if one was sent.
    sent: Option<Submitted>,
    /// Whether somebody who has a code may still be able to register.
    asks_for_code: bool,
    /// The code that was given, and why it cannot be used.
    form: Submitted,
    errors: Errors,
}

/// Why nobody can register.
pub enum ClosedReason {
    InPreparation,
    NotYet(Instant),
    Closed(Instant),
    Full,
    /// Every category is only for people with a code.
    CodeNeeded,
}

/// An instant in the conference's time zone.
pub struct Instant {
    iso: String,
    text: String,
    zone: String,
}

impl Instant {
    fn beginning(zone: &Zone, at: OffsetDateTime) -> Self {
        Self { iso: zone.iso(at), text: zone.dated_moment(at), zone: zone.abbreviation(at) }
    }

    fn end(zone: &Zone, at: OffsetDateTime) -> Self {
        Self { text: zone.dated_end(at), ..Self::beginning(zone, at) }
    }
}

/// Returns what the form can offer now to somebody who gave the code in it, if there is one.
pub async fn offer(
    app: &App,
    conn: &mut PgConnection,
    site: &Site,
    visitor: Visitor,
    form: &Submitted,
) -> Result<Offer> {
    let now = app.clock.now();
    let waiting_list = site.conference.window().can_wait(now);
    let offer = categories::offer(conn, site.conference.id, now).await?.with_waiting_list(waiting_list);
    code::apply(app, conn, site, Some(visitor), form, offer).await
}

/// Returns why nobody can register now, or `None` if delegates can.
pub fn closed_reason(app: &App, site: &Site, offer: &Offer) -> Option<ClosedReason> {
    let closed = outside_window(app, site).or_else(|| outside_periods(site, offer));
    let needs_code = offer.asks_for_code && offer.at_some_time().next().is_none();
    let closed = closed.or_else(|| needs_code.then_some(ClosedReason::CodeNeeded));
    closed.or_else(|| offer.is_closed().then_some(ClosedReason::Full))
}

/// Returns why nobody can register if no category can be chosen now, although some can at another time.
fn outside_periods(site: &Site, offer: &Offer) -> Option<ClosedReason> {
    if offer.public().next().is_some() {
        return None;
    }
    let periods = || offer.at_some_time().map(|category| category.period);
    let zone = &site.conference.zone;
    match periods().filter_map(|period| period.opens_after(offer.at)).min() {
        Some(opens) => Some(ClosedReason::NotYet(Instant::beginning(zone, opens))),
        None => periods()
            .filter_map(|period| period.closed_by(offer.at))
            .max()
            .map(|closed| ClosedReason::Closed(Instant::end(zone, closed))),
    }
}

/// Returns why nobody can register at this time, or `None` while registration is open.
pub fn outside_window(app: &App, site: &Site) -> Option<ClosedReason> {
    let zone = &site.conference.zone;
    match site.conference.window().at(app.clock.now()) {
        WindowState::InPreparation => Some(ClosedReason::InPreparation),
        WindowState::NotYet { opens } => Some(ClosedReason::NotYet(Instant::beginning(zone, opens))),
        WindowState::Closed { closed } => Some(ClosedReason::Closed(Instant::end(zone, closed))),
        WindowState::Open => None,
    }
}

impl NotNowPage {
    pub fn new(app: &App, site: Arc<Site>, reason: ClosedReason, sent: Option<Submitted>) -> Self {
        Self {
            frame: Frame::of(app, &site, Nav::Register).titled(reason.heading()),
            site,
            reason,
            sent,
            asks_for_code: false,
            form: Submitted::default(),
            errors: Errors::default(),
        }
    }

    /// Asks for a code, if there are any, with the one that was given and why it cannot be used.
    pub fn with_code(mut self, form: Submitted, errors: Errors, offer: &Offer) -> Self {
        let helps = matches!(self.reason, ClosedReason::Full | ClosedReason::CodeNeeded);
        self.asks_for_code = code::is_asked(&form, offer) && helps;
        Self { form, errors, ..self }
    }

    /// Whether the page has a button that sends the form again.
    fn can_try_again(&self) -> bool {
        self.sent.is_some() && matches!(self.reason, ClosedReason::Full | ClosedReason::CodeNeeded)
    }
}

impl ClosedReason {
    fn heading(&self) -> &'static str {
        match self {
            Self::InPreparation | Self::NotYet(_) => "Registration is not open yet",
            Self::Closed(_) => "Registration is closed",
            Self::Full => "The conference is full",
            Self::CodeNeeded => "Registration is by invitation",
        }
    }
}

impl RegisterPage {
    /// Returns what organisers say about the form, as HTML.
    fn introduction(&self) -> String {
        texts::published(&self.site, texts::INTRODUCTION)
    }

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
        let terms = if offer.has_fees() { terms::find(conn, site.conference.id).await? } else { None };
        let frame = Frame::of(app, &site, Nav::Register).titled("Register").published_at(
            &urls::public::register(&site.conference.slug),
            Description::Register(&site.conference).text()?,
        );
        let full = offer.public().filter(|category| category.is_full());
        let waiting = offer.public().filter(|category| offer.waits_in(category)).map(|category| category.id);
        let errors = Errors::default();
        let code = CodePart::of(&form, offer);
        let fees = fees::carried(&form, offer);
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
            pasted: 0,
            code,
            full: full.map(|category| category.name.clone()).collect(),
            waiting_list: offer.waiting_list,
            all_wait: offer.waiting_list && offer.public().all(|category| offer.waits_in(category)),
            waiting: waiting.collect(),
            described: fees::described(offer, &site.conference.zone),
            vat_wording: offer.has_fees().then(|| offer.vat_wording.clone()),
            terms: terms.map(|terms| terms.slug),
            fees,
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

    /// Says that fees have changed. From then on, the form contains the new ones.
    pub fn with_changed_fees(mut self, changes: Vec<FeeChange>, offer: &Offer) -> Self {
        self.fees = fees::shown(offer);
        self.with_notice(FormNotice::FeesChanged(changes))
    }

    /// Says what the code does that was just applied. From then on, the form contains the fees with it.
    pub fn with_applied_code(mut self, offer: &Offer) -> Self {
        self.fees = fees::shown(offer);
        if let Some(code) = &mut self.code {
            code.is_new = true;
        }
        self
    }

    /// Adds a notice above the form.
    pub fn with_notice(mut self, notice: FormNotice) -> Self {
        self.notice = notice;
        self
    }

    /// Adds the notice that these people would have to wait. Sending the form again accepts that. `people` are indices from 0.
    pub fn for_waiting(mut self, registration: &Registration, people: &[usize], offer: &Offer) -> Self {
        let category = |id| offer.public().find(|category| category.id == id);
        let attendees = people.iter().filter_map(|number| registration.attendees.iter().nth(*number));
        let mut waiting = Vec::new();
        for one in attendees {
            if !self.waiting.contains(&one.category) {
                self.waiting.push(one.category);
            }
            let category = category(one.category).map_or("", |category: &OfferedCategory| &category.name).to_owned();
            waiting.push(WaitingPerson { name: one.details.name.to_string(), category });
        }
        self.with_notice(FormNotice::HaveToWait(waiting))
    }

    /// Returns the words of the main button.
    fn main_button(&self) -> &'static str {
        if self.all_wait || matches!(self.notice, FormNotice::HaveToWait(_)) {
            "Join the waiting list"
        } else {
            "Register"
        }
    }

    /// Returns the value of the hidden field with the categories in which people may have to wait.
    fn waiting_value(&self) -> String {
        self.waiting.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
    }

    /// Responds with the form because it could not be accepted: 422, or 429 with the time to wait.
    pub fn refused(&self) -> Result {
        match self.notice {
            FormNotice::Wait(seconds) => reply::form_too_many(self, seconds),
            _ => reply::form(StatusCode::UNPROCESSABLE_ENTITY, self),
        }
    }

    /// Returns when registration closes.
    fn closes(&self) -> Instant {
        let (zone, closes) = (&self.site.conference.zone, self.site.conference.window().closes);
        Instant { iso: zone.iso(closes), text: zone.dated_end(closes), zone: zone.abbreviation(closes) }
    }

    /// Whether the field for people from a spreadsheet is shown open: if it has rows or errors.
    fn paste_open(&self) -> bool {
        !self.form.line(paste::FIELD).is_empty() || self.errors.of(paste::FIELD).is_some()
    }

    /// Returns what the field says about cells that are empty.
    #[expect(clippy::unused_self, reason = "each page with the field says something else")]
    fn paste_hint(&self) -> &'static str {
        "The last two may be empty. Whoever has no category gets that of person 1."
    }

    /// Whether there is room for more people, or rows are left in the field.
    fn can_paste(&self) -> bool {
        self.people.len() < MOST_ATTENDEES || self.paste_open()
    }

    /// Whether the invoice details are shown open: if a field has a value or an error.
    fn invoice_open(&self) -> bool {
        ["purchase-order", "invoice-address"]
            .iter()
            .any(|name| !self.form.get(name).is_empty() || self.errors.of(name).is_some())
    }
}
