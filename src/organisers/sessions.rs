//! `/organisers/{c}/sessions`: the list of sessions, day by day, with filters. Several can be changed at once.

use std::sync::Arc;

use askama::Template;
use axum::extract::{RawQuery, State};

use super::{
    session_bulk::{self, Selection},
    session_filter::{Filter, Listed, ShownOnly},
    session_form::Choices,
    session_together::Outcome,
};
use crate::{
    access::{Person, ResumedForm},
    domain::{Conference, Day, SessionId, SignedIn, Status, TopicMark},
    editing::{InTheWay, Refusal, SavedBy, WayOut, with_way_out},
    urls,
    web::{App, Desk, DeskNav, Drafted, Errors, Result, Site, Submitted, reply, see_other},
};

#[derive(Template)]
#[template(path = "organisers/sessions.html")]
struct SessionsPage {
    desk: Desk,
    list: String,
    new: String,
    programme: String,
    warnings: String,
    /// The number of sessions with warnings.
    warned: usize,
    /// The address of the list with its filters.
    action: String,
    filter: Submitted,
    is_filtered: bool,
    choices: Choices,
    days: Vec<DayView>,
    /// The sessions whose time is not known yet.
    open: Vec<SessionView>,
    /// The number of sessions that are shown.
    count: usize,
    /// What was changed before this page.
    done: Option<(String, usize)>,
    form: Submitted,
    errors: Errors,
    in_the_way: Vec<InTheWay>,
    ways_out: Vec<WayOut>,
}

struct DayView {
    day: Day,
    new: String,
    sessions: Vec<SessionView>,
}

struct SessionView {
    id: SessionId,
    edit: String,
    title: String,
    /// The start and the end.
    time: Option<(String, String)>,
    topic: Option<TopicMark>,
    room: Option<String>,
    people: String,
    status: Status,
    unpublished: bool,
    has_warnings: bool,
    last: SavedBy,
}

/// `GET /organisers/{c}/sessions?q=data&status=draft&day=2018-05-29&topic=7&room=…&person=…&show=unpublished`.
pub async fn get(
    State(app): State<App>,
    Drafted(site): Drafted,
    Person(person): Person,
    RawQuery(query): RawQuery,
    resumed: ResumedForm,
) -> Result {
    let query = Submitted::decode(query.unwrap_or_default().as_bytes());
    let mut page = SessionsPage::read(&app, &site, &person, query).await?;
    page.form = resumed.shown_in(&mut page.desk).unwrap_or_default();
    reply::page(&page)
}

/// `POST /organisers/{c}/sessions`: changes the selected sessions, all or none of them. The filters are in the query.
pub async fn post(
    State(app): State<App>,
    Drafted(site): Drafted,
    Person(person): Person,
    RawQuery(query): RawQuery,
    form: Submitted,
) -> Result {
    let query = Submitted::decode(query.unwrap_or_default().as_bytes());
    let form = with_way_out(form);
    let page = SessionsPage::read(&app, &site, &person, query).await?;
    let shown = page.days.iter().flat_map(|day| &day.sessions).chain(&page.open).map(|one| one.id);
    let selection = Selection { form: &form, shown: shown.collect() };
    match session_bulk::carry_out(&app, &site, &person, &page.choices, &selection).await? {
        Outcome::Done(done, count) => {
            let separator = if page.action.contains('?') { '&' } else { '?' };
            Ok(see_other(&format!("{}{separator}done={done}&count={count}", page.action)))
        }
        Outcome::Refused(Refusal { errors, in_the_way, ways_out, .. }) => {
            reply::unprocessable(&SessionsPage { form, errors, in_the_way, ways_out, ..page })
        }
    }
}

impl SessionsPage {
    async fn read(app: &App, site: &Arc<Site>, person: &SignedIn, query: Submitted) -> Result<Self> {
        let conference = &site.conference;
        let mut conn = app.store.read().await?;
        let choices = Choices::load(&mut conn, conference).await?;
        let filter = Filter::read(&query);
        let all = Listed::load(&mut conn, conference, &choices).await?;
        let shown: Vec<&Listed<'_>> = all.iter().filter(|one| filter.shows(conference, one)).collect();
        let day_of = |one: &Listed<'_>| one.session.slot.map(|slot| conference.zone.day(slot.start()));
        let views = |day: Option<Day>| {
            let here = shown.iter().filter(|one| day_of(one) == day);
            here.map(|one| SessionView::of(conference, one)).collect::<Vec<_>>()
        };
        let on = |day: Day| DayView {
            day,
            new: urls::organisers::new_session_on(&conference.slug, day),
            sessions: views(Some(day)),
        };
        // If the conference's days have changed, sessions on other days are listed too. A filter hides empty days.
        let mut days = if filter.is_set() { Vec::new() } else { conference.days() };
        days.extend(shown.iter().filter_map(|one| day_of(one)));
        days.sort_unstable();
        days.dedup();
        let slug = &conference.slug;
        let done = query.get("count").parse().ok().map(|count| (query.get("done").to_owned(), count));
        Ok(Self {
            desk: Desk::new(DeskNav::Sessions, Some(site), person),
            list: urls::organisers::sessions(slug),
            new: urls::organisers::new_session(slug),
            programme: urls::public::programme(slug),
            warnings: urls::organisers::warnings(slug),
            warned: all.iter().filter(|one| one.has_warnings).count(),
            action: urls::organisers::sessions_filtered(slug, &filter.query()),
            is_filtered: filter.is_set(),
            days: days.into_iter().map(on).collect(),
            open: views(None),
            count: shown.len(),
            filter: query,
            done,
            form: Submitted::default(),
            errors: Errors::default(),
            in_the_way: Vec::new(),
            ways_out: Vec::new(),
            choices,
        })
    }
}

impl SessionView {
    fn of(conference: &Conference, one: &Listed<'_>) -> Self {
        let zone = &conference.zone;
        let session = one.session;
        Self {
            id: session.id,
            edit: urls::organisers::session(&conference.slug, session.id),
            title: session.title.clone(),
            time: session.slot.map(|slot| (zone.clock(slot.start()), zone.clock(slot.end()))),
            topic: session.topic,
            room: session.rooms.said(),
            people: one.names(),
            status: session.status,
            unpublished: session.unpublished,
            has_warnings: one.has_warnings,
            last: SavedBy::new(zone, session.revision, session.who.clone(), session.changed),
        }
    }
}
