//! `/organisers/{c}/warnings`: what organisers should look at before they publish the programme. Nothing of it is forbidden.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::State;

use crate::{
    access::Person,
    domain::{Conference, SessionId, TimeSlot},
    store::programme::{self, Item, Programme, Side},
    urls,
    web::{App, Desk, DeskNav, Drafted, Result, reply},
};

/// What is odd about a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Warning {
    /// It takes place on a day that is not one of the conference.
    OtherDay,
    /// It begins in the night.
    AtNight,
    /// It begins before the session that it is a part of, or ends after it.
    OutsideItsSession,
    /// Another session about the same topic takes place at the same time.
    SameTopic,
    /// Its time is open.
    NoTime,
    /// Its rooms are open.
    NoRoom,
    /// It has no speaker.
    NobodySpeaks,
    /// It has no text.
    NoText,
}

/// The hours of the night, in which no session should begin.
const NIGHT: std::ops::Range<u8> = 1..7;

#[derive(Template)]
#[template(path = "organisers/warnings.html")]
struct WarningsPage {
    desk: Desk,
    sessions: String,
    groups: Vec<Group>,
}

/// The sessions with the same warning.
struct Group {
    warning: Warning,
    sessions: Vec<SessionView>,
}

struct SessionView {
    edit: String,
    title: String,
    when: Option<String>,
}

/// `GET /organisers/{c}/warnings`.
pub async fn get(State(app): State<App>, Drafted(site): Drafted, Person(person): Person) -> Result {
    let conference = &site.conference;
    let draft = programme::get(&mut *app.store.read().await?, Side::Draft, conference.id).await?;
    let mut groups: BTreeMap<Warning, Vec<SessionView>> = BTreeMap::new();
    for (session, warnings) in of(conference, &draft) {
        let Some(item) = draft.items.iter().find(|item| item.session == session) else { continue };
        for warning in warnings {
            groups.entry(warning).or_default().push(SessionView {
                edit: urls::organisers::session(&conference.slug, session),
                title: item.title.clone(),
                when: item.slot.map(|slot| conference.zone.short_moment(slot.start())),
            });
        }
    }
    reply::page(&WarningsPage {
        desk: Desk::new(DeskNav::Sessions, Some(&site), &person),
        sessions: urls::organisers::sessions(&conference.slug),
        groups: groups.into_iter().map(|(warning, sessions)| Group { warning, sessions }).collect(),
    })
}

/// Returns the sessions with warnings, in order of time.
pub fn of(conference: &Conference, programme: &Programme) -> Vec<(SessionId, Vec<Warning>)> {
    let held: Vec<&Item> = programme.held().collect();
    let with_warnings = held.iter().map(|item| (item.session, warnings(conference, item, &held)));
    with_warnings.filter(|(_, warnings)| !warnings.is_empty()).collect()
}

fn warnings(conference: &Conference, item: &Item, all: &[&Item]) -> Vec<Warning> {
    let is_break = item.kind.is_break;
    let parent = all.iter().find(|other| Some(other.session) == item.parent);
    let slots = |other: &Item| Some((item.slot?, other.slot?));
    let others = || all.iter().filter(|other| other.session != item.session);
    let is_on = |holds: &dyn Fn(TimeSlot) -> bool| item.slot.is_some_and(holds);
    let zone = &conference.zone;
    [
        (
            Warning::OtherDay,
            is_on(&|slot| !conference.days().contains(&zone.day(slot.start())) && !is_late(conference, slot)),
        ),
        (Warning::AtNight, is_on(&|slot| NIGHT.contains(&zone.local(slot.start()).hour()))),
        (
            Warning::OutsideItsSession,
            parent
                .and_then(|parent| slots(parent))
                .is_some_and(|(own, of_parent)| own.start() < of_parent.start() || own.end() > of_parent.end()),
        ),
        (
            Warning::SameTopic,
            item.topic.is_some()
                && others().any(|other| {
                    other.topic == item.topic
                        && other.parent != Some(item.session)
                        && item.parent != Some(other.session)
                        && slots(other).is_some_and(|(own, other)| own.overlaps(other))
                }),
        ),
        (Warning::NoTime, item.slot.is_none()),
        (Warning::NoRoom, item.rooms.is_open()),
        (Warning::NobodySpeaks, item.people.is_empty() && !is_break),
        (Warning::NoText, item.text.is_empty() && !is_break),
    ]
    .into_iter()
    .filter_map(|(warning, holds)| holds.then_some(warning))
    .collect()
}

/// Whether it begins in the first hours after the last evening of the conference.
fn is_late(conference: &Conference, slot: TimeSlot) -> bool {
    let begins = slot.start();
    begins >= conference.ends() && begins < conference.ends() + time::Duration::hours(NIGHT.end.into())
}
