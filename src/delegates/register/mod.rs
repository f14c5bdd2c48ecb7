//! Registering: one form for one to ten people of an organisation, on one page, without a review step; the page after
//! it shows what was taken, and the link in the mail takes it back.
//!
//! Links on the form open in the same window. The browser keeps the form in its history ([`reply::form`]) and fills it in
//! again when people come back; so fields say `autocomplete="off"` only where nothing is lost, because browsers do not
//! fill those in again.

mod keep;
mod limits;
mod people;
mod validate;

use std::sync::Arc;

use askama::Template;
use axum::{extract::State, http::StatusCode};
use sqlx::PgConnection;

use self::people::{Action, Person};
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
    remark: Remark,
    /// Whether a block was just taken away; the button that adds one takes focus.
    removed: bool,
    people: Vec<Person>,
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
enum Remark {
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
struct NotNowPage {
    frame: Frame,
    site: Arc<Site>,
    why: WhyNot,
    /// The form that was sent, if one was.
    sent: Option<Submitted>,
}

enum WhyNot {
    NotYet(Instant),
    Closed(Instant),
    Full,
}

/// An instant as the clocks at the venue show it.
struct Instant {
    iso: String,
    words: String,
    zone: String,
}

/// `GET /{c}/register`: the empty form.
pub async fn get(State(app): State<App>, Current(site): Current) -> Result {
    let mut conn = app.store.read().await?;
    let offer = categories::offer(&mut conn, site.conference.id).await?;
    if let Some(why) = why_not(&app, &site, &offer) {
        return page(&NotNowPage::new(&app, site, why, None));
    }
    let form = people::in_order(&Submitted::new(vec![("attends".to_owned(), "me".to_owned())]));
    reply::form(StatusCode::OK, &RegisterPage::new(&app, &mut conn, site, form, &offer).await?)
}

/// `POST /{c}/register`: keeps the registration and queues its mails; or shows the form again, with one person more or
/// less, or with what is wrong.
pub async fn post(State(app): State<App>, Current(site): Current, visitor: Visitor, form: Submitted) -> Result {
    let form = people::in_order(&form);
    let (_turn, mut conn) = app.store.register().await?;
    let offer = categories::offer(&mut conn, site.conference.id).await?;
    let action = Action::of(&form);
    if action == Action::Register {
        return keep::keep(&app, &mut conn, site, visitor, form, offer).await;
    }
    if let Some(why) = why_not(&app, &site, &offer) {
        return reply::not_now(&NotNowPage::new(&app, site, why, Some(form)));
    }
    let form = match action {
        Action::Add if people::count(&form) < MOST_ATTENDEES => people::with_one_more(&form),
        Action::Remove(number) => people::without(&form, number),
        Action::Add | Action::Edit | Action::Register => form,
    };
    let (form, remark) = match people::with_oneself_first(&form) {
        Some(moved) => (moved, Remark::Moved),
        None => (form, Remark::None),
    };
    let mut shown = RegisterPage::new(&app, &mut conn, site, form, &offer).await?.remarking(remark);
    if let Some(person) = shown.people.last_mut() {
        person.fresh = action == Action::Add;
    }
    shown.removed = matches!(action, Action::Remove(_));
    reply::form(StatusCode::OK, &shown)
}

/// Why nobody can register now: out of time, or full.
fn why_not(app: &App, site: &Site, offer: &Offer) -> Option<WhyNot> {
    out_of_time(app, site).or_else(|| offer.is_full().then_some(WhyNot::Full))
}

/// Why it is not the time to register.
fn out_of_time(app: &App, site: &Site) -> Option<WhyNot> {
    let zone = &site.conference.zone;
    let said = |at, words| Instant { iso: zone.iso(at), words, zone: zone.abbreviation(at) };
    match site.conference.window().at(app.clock.now()) {
        WindowState::NotYet { opens } => Some(WhyNot::NotYet(said(opens, zone.dated_moment(opens)))),
        WindowState::Closed { closed } => Some(WhyNot::Closed(said(closed, zone.dated_end(closed)))),
        WindowState::Open => None,
    }
}

impl NotNowPage {
    fn new(app: &App, site: Arc<Site>, why: WhyNot, sent: Option<Submitted>) -> Self {
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
    async fn new(app: &App, conn: &mut PgConnection, site: Arc<Site>, form: Submitted, offer: &Offer) -> Result<Self> {
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
    fn wrong(mut self, errors: Errors, offer: &Offer) -> Self {
        self.people = people::blocks(&self.form, &errors, offer);
        self.errors = errors;
        self
    }

    /// The same, with words above it.
    fn remarking(mut self, remark: Remark) -> Self {
        self.remark = remark;
        self
    }

    /// 422, or 429 with the time to wait.
    fn again(&self) -> Result {
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

/// The privacy notice that came with the form, if it is one of this conference's.
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
