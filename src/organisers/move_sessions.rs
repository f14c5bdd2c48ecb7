//! `/organisers/{c}/facts/move`: moves all sessions by the same number of days, after the days of the conference have changed.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{RawQuery, State},
    http::StatusCode,
};
use data_encoding::BASE64URL_NOPAD;
use sha2::{Digest, Sha256};
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};

use super::{
    session_bulk::moved,
    session_form::Choices,
    session_together::{Changed, Outcome, SESSIONS, Together},
    warnings::{self, Warning::OtherDay},
};
use crate::{
    access::{Person, ResumedForm},
    domain::{Conference, Day, SessionId, SignedIn},
    editing::{InTheWay, Refusal, Remedy, begin},
    store::programme::{
        self, Side, items,
        sessions::{self, Schedule, SessionContent},
    },
    urls,
    web::{App, Desk, DeskNav, Drafted, Errors, Result, Site, Submitted, reply, see_other},
};

/// The field with the number of days.
const DAYS: &str = "days";

/// The field that says which times the sessions had when the button was shown.
const SEEN: &str = "seen";

/// The largest number of days: a hundred years.
const MOST: i64 = 36_525;

#[derive(Template)]
#[template(path = "organisers/move_sessions.html")]
struct MoveSessionsPage {
    desk: Desk,
    conference: Conference,
    facts: String,
    unpublished: String,
    /// The number of sessions with a time of their own.
    count: usize,
    /// The first of their days, which need not be one of the conference.
    begins: Option<Day>,
    /// The titles of the sessions outside of the conference's days, and their editors.
    outside: Vec<(String, String)>,
    /// The number of sessions that have just been moved.
    done: Option<usize>,
    form: Submitted,
    errors: Errors,
    in_the_way: Vec<InTheWay>,
}

#[derive(Template)]
#[template(path = "organisers/move_sessions_words.txt")]
enum Words<'a> {
    /// The words on the button, for a number of days that is not 0.
    Button(i64),
    /// The text is no number of days.
    NoDays,
    /// The times of sessions have changed since.
    Seen,
    /// The clocks skip the hour of this session on that day, or show it twice.
    NotATime(&'a str),
}

/// The sessions with a time of their own, and when they begin. Their parts move with them.
type Scheduled = Vec<(SessionId, OffsetDateTime)>;

/// A move of all sessions that makes them begin with the conference.
pub struct Move {
    days: i64,
    seen: String,
}

impl Move {
    /// Returns the move by as many days as the first session is away from the first day, unless it is on that day.
    pub async fn proposed(conn: &mut PgConnection, conference: &Conference) -> Result<Option<Self>> {
        let scheduled = sessions::list_scheduled(conn, conference.id).await?;
        Ok(Self::of(conference, &scheduled))
    }

    fn of(conference: &Conference, scheduled: &Scheduled) -> Option<Self> {
        let begins = first_day(conference, scheduled)?;
        let days = (conference.first_day.0 - begins.0).whole_days();
        (days != 0).then(|| Self { days, seen: seen(scheduled) })
    }

    /// Returns the button that does it.
    pub fn remedy(self, conference: &Conference) -> Result<Remedy> {
        Ok(Remedy {
            label: Words::Button(self.days).render()?.trim().to_owned(),
            action: urls::organisers::move_sessions(&conference.slug),
            otherwise: "By another number of days",
            fields: vec![(DAYS, self.days.to_string()), (SEEN, self.seen)],
        })
    }
}

/// Lists the titles of the sessions that are not on a day of the conference, and the addresses of their editors.
pub async fn list_outside(conn: &mut PgConnection, conference: &Conference) -> Result<Vec<(String, String)>> {
    let draft = programme::get(conn, Side::Draft, conference.id).await?;
    let warnings = warnings::of(conference, &draft);
    let is_outside = |session| warnings.iter().any(|(id, all)| *id == session && all.contains(&OtherDay));
    let outside = draft.items.iter().filter(|item| is_outside(item.session));
    let editor = |id| urls::organisers::session(&conference.slug, id);
    Ok(outside.map(|item| (item.title.clone(), editor(item.session))).collect())
}

/// `GET /organisers/{c}/facts/move`: the number of days, and which sessions are outside of the conference's days.
pub async fn get(
    State(app): State<App>,
    Drafted(site): Drafted,
    Person(person): Person,
    RawQuery(query): RawQuery,
    resumed: ResumedForm,
) -> Result {
    let mut page = MoveSessionsPage::read(&app, &site, &person).await?;
    if let Some(form) = resumed.shown_in(&mut page.desk) {
        page.form = form;
    }
    page.done = Submitted::decode(query.unwrap_or_default().as_bytes()).get("moved").parse().ok();
    reply::page(&page)
}

/// `POST /organisers/{c}/facts/move`: moves all sessions, or none of them. The public reads it when it is published.
pub async fn post(State(app): State<App>, Drafted(site): Drafted, Person(person): Person, form: Submitted) -> Result {
    let mut errors = Errors::default();
    let Some(days) = days(&form, &mut errors) else {
        let page = MoveSessionsPage::read(&app, &site, &person).await?;
        return reply::unprocessable(&MoveSessionsPage { form, errors, ..page });
    };
    let conference = &site.conference;
    let choices = Choices::load(&mut *app.store.read().await?, conference).await?;
    let mut editing = begin(&app, &site, &person).await?;
    // From here on nobody else moves a session, so a button that is pressed twice moves them once.
    let scheduled = sessions::list_scheduled(&mut editing, conference.id).await?;
    if form.get(SEEN) != seen(&scheduled) {
        drop(editing);
        errors.add(DAYS, &Words::Seen);
        let page = MoveSessionsPage::read(&app, &site, &person).await?;
        return reply::conflict(&MoveSessionsPage { errors, ..page });
    }
    let mut all = Vec::with_capacity(scheduled.len());
    for (id, _) in &scheduled {
        let found = items::find::<SessionContent>(&mut editing, (conference.id, *id)).await?;
        all.extend(found.map(|item| later(conference, item, days, &mut errors)));
    }
    let outcome = if errors.is_empty() {
        let together =
            Together { app: &app, site: &site, person: &person, choices: &choices, form: &form, publishes: false };
        together.save(editing, all).await?
    } else {
        drop(editing);
        Outcome::Refused(errors.into())
    };
    match outcome {
        Outcome::Done(_, count) => Ok(see_other(&urls::organisers::move_sessions_after(&conference.slug, count))),
        Outcome::Refused(Refusal { errors, in_the_way, .. }) => {
            let page = MoveSessionsPage::read(&app, &site, &person).await?;
            reply::with_status(StatusCode::UNPROCESSABLE_ENTITY, &MoveSessionsPage { form, errors, in_the_way, ..page })
        }
    }
}

/// Reads the number of days, or adds its error.
fn days(form: &Submitted, errors: &mut Errors) -> Option<i64> {
    let days = form.line(DAYS).replace('−', "-").parse().ok().filter(|days: &i64| *days != 0 && days.abs() <= MOST);
    if days.is_none() {
        errors.add(DAYS, &Words::NoDays);
    }
    days
}

/// Returns the session as it is so many days later, or adds an error and returns it as it is.
fn later(conference: &Conference, item: items::Item<SessionContent>, days: i64, errors: &mut Errors) -> Changed {
    let mut content = item.head.content.clone();
    if let Schedule::Own { starts_at: Some(start), .. } = &mut content.schedule {
        match moved(&conference.zone, *start, None, Duration::days(days)) {
            Some(later) => *start = later,
            None => errors.add(DAYS, &Words::NotATime(item.head.content.title.as_str())),
        }
    }
    (item, content)
}

/// Returns a word for the times of all sessions. It is another one as soon as one of them changes.
fn seen(scheduled: &Scheduled) -> String {
    let mut digest = Sha256::new();
    for (session, start) in scheduled {
        digest.update(session.0.as_bytes());
        digest.update(start.unix_timestamp().to_be_bytes());
    }
    BASE64URL_NOPAD.encode(&digest.finalize()[..12])
}

fn first_day(conference: &Conference, scheduled: &Scheduled) -> Option<Day> {
    scheduled.iter().map(|(_, start)| conference.zone.day(*start)).min()
}

impl MoveSessionsPage {
    async fn read(app: &App, site: &Arc<Site>, person: &SignedIn) -> Result<Self> {
        let conference = &site.conference;
        let mut conn = app.store.read().await?;
        let scheduled = sessions::list_scheduled(&mut conn, conference.id).await?;
        let proposed = Move::of(conference, &scheduled).map(|proposed| proposed.days.to_string());
        Ok(Self {
            desk: Desk::new(DeskNav::Facts, Some(site), person),
            facts: urls::organisers::facts(&conference.slug),
            unpublished: urls::organisers::unpublished(&conference.slug),
            count: scheduled.len(),
            begins: first_day(conference, &scheduled),
            outside: list_outside(&mut conn, conference).await?,
            done: None,
            form: Submitted::of([(DAYS, proposed.unwrap_or_default()), (SEEN, seen(&scheduled))]),
            errors: Errors::default(),
            in_the_way: Vec::new(),
            conference: conference.clone(),
        })
    }
}
