//! `/organisers/{c}/sessions`: the list of sessions, day by day.

use askama::Template;
use axum::extract::State;

use crate::{
    access::Person,
    domain::{Conference, Day, Status, TopicMark},
    editing::SavedBy,
    store::programme::sessions::{self, ListedSession},
    urls,
    web::{App, Current, Desk, DeskNav, Result, reply},
};

#[derive(Template)]
#[template(path = "organisers/sessions.html")]
struct SessionsPage {
    desk: Desk,
    new: String,
    programme: String,
    days: Vec<DayView>,
    /// The sessions whose time is not known yet.
    open: Vec<SessionView>,
}

struct DayView {
    day: Day,
    new: String,
    sessions: Vec<SessionView>,
}

struct SessionView {
    edit: String,
    title: String,
    /// The start and the end.
    time: Option<(String, String)>,
    topic: Option<TopicMark>,
    room: Option<String>,
    status: Status,
    unpublished: bool,
    last: SavedBy,
}

/// `GET /organisers/{c}/sessions`.
pub async fn get(State(app): State<App>, Current(site): Current, Person(person): Person) -> Result {
    let conference = &site.conference;
    let all = sessions::list(&mut *app.store.read().await?, conference.id).await?;
    let day_of = |one: &ListedSession| one.slot.map(|slot| conference.zone.day(slot.start()));
    let views = |day: Option<Day>| {
        let here = all.iter().filter(|one| day_of(one) == day);
        here.map(|one| SessionView::of(conference, one)).collect::<Vec<_>>()
    };
    let on = |day: Day| DayView {
        day,
        new: urls::organisers::new_session_on(&conference.slug, day),
        sessions: views(Some(day)),
    };
    // If the conference's days have changed, sessions on other days are listed too.
    let mut days = conference.days();
    days.extend(all.iter().filter_map(day_of));
    days.sort_unstable();
    days.dedup();
    reply::page(&SessionsPage {
        desk: Desk::new(DeskNav::Sessions, Some(&site), &person),
        new: urls::organisers::new_session(&conference.slug),
        programme: urls::public::programme(&conference.slug),
        days: days.into_iter().map(on).collect(),
        open: views(None),
    })
}

impl SessionView {
    fn of(conference: &Conference, one: &ListedSession) -> Self {
        let zone = &conference.zone;
        Self {
            edit: urls::organisers::session(&conference.slug, one.id),
            title: one.title.clone(),
            time: one.slot.map(|slot| (zone.clock(slot.start()), zone.clock(slot.end()))),
            topic: one.topic,
            room: one.rooms.said(),
            status: one.status,
            unpublished: one.unpublished,
            last: SavedBy::new(zone, one.revision, one.who.clone(), one.changed),
        }
    }
}
