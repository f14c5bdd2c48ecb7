//! The form as it is shown, and the page in its place when nobody can register.

use std::sync::Arc;

use askama::Template;
use axum::http::StatusCode;
use sqlx::PgConnection;

use super::people::{self, Person};
use crate::{
    domain::{Country, Day, SubmissionId, WindowState},
    store::{
        categories::Offer,
        privacy::{self, Notice},
    },
    urls,
    web::{App, AppError, Errors, Frame, Nav, Result, Site, Submitted, markdown, reply},
};

#[derive(Template)]
#[template(path = "delegates/register.html")]
pub struct RegisterPage {
    frame: Frame,
    site: Arc<Site>,
    form: Submitted,
    errors: Errors,
    remark: Remark,
    /// Whether a block was just taken away; the button that adds one takes focus.
    pub removed: bool,
    pub people: Vec<Person>,
    /// The names of categories that have no place left.
    full: Vec<String>,
    privacy: Notice,
    privacy_day: Day,
    privacy_html: String,
    /// Given at the first rendering and kept at the later ones, so that the form is kept once, whichever of them is sent.
    submission: SubmissionId,
}

/// What stands above the form beside the errors of fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remark {
    None,
    /// The field that nobody sees was filled in.
    Trap,
    /// The contact attends after all, so whoever was person 1 became person 2.
    Moved,
    /// The privacy notice that was shown is none of ours.
    Privacy,
    /// Too many places went to this network; so many seconds to wait.
    Wait(u32),
}

/// A page instead of the form: too early, too late, or full.
#[derive(Template)]
#[template(path = "delegates/register/not_now.html")]
pub struct NotNowPage {
    frame: Frame,
    site: Arc<Site>,
    why: WhyNot,
    /// The form that was sent, if one was.
    sent: Option<Submitted>,
}

pub enum WhyNot {
    NotYet(Instant),
    Closed(Instant),
    Full,
}

/// An instant as the clocks at the venue show it.
pub struct Instant {
    iso: String,
    words: String,
    zone: String,
}

/// Why nobody can register now: out of time, or full.
pub fn why_not(app: &App, site: &Site, offer: &Offer) -> Option<WhyNot> {
    out_of_time(app, site).or_else(|| offer.is_full().then_some(WhyNot::Full))
}

/// Why it is not the time to register.
pub fn out_of_time(app: &App, site: &Site) -> Option<WhyNot> {
    let zone = &site.conference.zone;
    let said = |at, words| Instant { iso: zone.iso(at), words, zone: zone.abbreviation(at) };
    match site.conference.window().at(app.clock.now()) {
        WindowState::NotYet { opens } => Some(WhyNot::NotYet(said(opens, zone.dated_moment(opens)))),
        WindowState::Closed { closed } => Some(WhyNot::Closed(said(closed, zone.dated_end(closed)))),
        WindowState::Open => None,
    }
}

impl NotNowPage {
    pub fn new(app: &App, site: Arc<Site>, why: WhyNot, sent: Option<Submitted>) -> Self {
        Self { frame: Frame::of(app, &site, Nav::Register).titled(why.heading()), site, why, sent }
    }

    /// Whether the page has a button that sends the same form again.
    fn can_try_again(&self) -> bool {
        self.sent.is_some() && matches!(self.why, WhyNot::Full)
    }
}

impl WhyNot {
    fn heading(&self) -> &'static str {
        match self {
            Self::NotYet(_) => "Registration is not open yet",
            Self::Closed(_) => "Registration is closed",
            Self::Full => "The conference is full",
        }
    }
}

impl RegisterPage {
    /// The form with these fields, which are in order; nothing wrong with it yet.
    pub async fn new(
        app: &App,
        conn: &mut PgConnection,
        site: Arc<Site>,
        form: Submitted,
        offer: &Offer,
    ) -> Result<Self> {
        let privacy = privacy::find(conn, site.conference.id).await?.ok_or_else(|| {
            AppError::internal("the conference has no privacy notice, and nobody can register without")
        })?;
        let frame = Frame::of(app, &site, Nav::Register).titled("Register").published_at(
            &urls::public::register(&site.conference.slug),
            format!("Register for {}", site.conference.title),
        );
        let full = offer.public().filter(|category| category.capacity.is_full());
        let errors = Errors::default();
        let submission = form.get("submission").parse().unwrap_or_else(|_| SubmissionId::new());
        Ok(Self {
            frame,
            people: people::blocks(&form, &errors, offer),
            form,
            errors,
            remark: Remark::None,
            removed: false,
            full: full.map(|category| category.name.clone()).collect(),
            privacy_day: site.conference.zone.day(privacy.since),
            privacy_html: markdown::html(&privacy.text),
            privacy,
            submission,
            site,
        })
    }

    /// The same, with what is wrong.
    pub fn wrong(mut self, errors: Errors, offer: &Offer) -> Self {
        self.people = people::blocks(&self.form, &errors, offer);
        self.errors = errors;
        self
    }

    /// The same, with words above it.
    pub fn remarking(mut self, remark: Remark) -> Self {
        self.remark = remark;
        self
    }

    /// 422, or 429 with the time to wait.
    pub fn again(&self) -> Result {
        match self.remark {
            Remark::Wait(seconds) => reply::form_too_many(self, seconds),
            _ => reply::form(StatusCode::UNPROCESSABLE_ENTITY, self),
        }
    }

    /// The countries as the form offers them: those of Europe first.
    fn countries() -> [(&'static str, impl Iterator<Item = (&'static str, &'static str)>); 2] {
        [("Europe", true), ("Other countries", false)].map(|(group, european)| {
            let countries = Country::all().iter().filter(move |country| country.is_european() == european);
            (group, countries.map(|country| (country.code(), country.name())))
        })
    }

    fn invoice_open(&self) -> bool {
        ["purchase-order", "invoice-address"]
            .iter()
            .any(|name| !self.form.get(name).is_empty() || self.errors.of(name).is_some())
    }
}
