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
}

struct DayView {
    day: Day,
    new: String,
    sessions: Vec<SessionView>,
}

struct SessionView {
    edit: String,
    title: String,
    starts: String,
    ends: String,
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
    let on = |day: Day| {
        let here = all.iter().filter(|one| conference.zone.day(one.slot.start()) == day);
        DayView {
            day,
            new: urls::organisers::new_session_on(&conference.slug, day),
            sessions: here.map(|one| SessionView::of(conference, one)).collect(),
        }
    };
    // If the conference's days have changed, sessions on other days are listed too.
    let mut days = conference.days();
    days.extend(all.iter().map(|one| conference.zone.day(one.slot.start())));
    days.sort_unstable();
    days.dedup();
    reply::page(&SessionsPage {
        desk: Desk::new(DeskNav::Sessions, Some(&site), &person),
        new: urls::organisers::new_session(&conference.slug),
        programme: urls::public::programme(&conference.slug),
        days: days.into_iter().map(on).collect(),
    })
}

impl SessionView {
    fn of(conference: &Conference, one: &ListedSession) -> Self {
        let zone = &conference.zone;
        Self {
            edit: urls::organisers::session(&conference.slug, one.id),
            title: one.title.clone(),
            starts: zone.clock(one.slot.start()),
            ends: zone.clock(one.slot.end()),
            topic: one.topic,
            room: one.room.clone(),
            status: one.status,
            unpublished: one.unpublished,
            last: SavedBy::new(zone, one.revision, one.who.clone(), one.changed),
        }
    }
}
