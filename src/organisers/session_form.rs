//! The fields of a session's form: what can be chosen, and how it is said.

use std::str::FromStr;

use askama::Template;
use sqlx::PgConnection;
use time::{Date, OffsetDateTime, Time};

use crate::{
    domain::{Conference, Day, SessionKind, TimeSlot, Zone, ZoneError, time_of_day},
    editing::compare::Field,
    store::programme::{
        rooms::{self, Room},
        sessions::{self, TopicChoice},
    },
    web::{Errors, FieldMessage, Result, Submitted},
};

/// What is wrong with a session, in words of its own.
#[derive(Template)]
#[template(path = "organisers/session_errors.txt")]
pub enum ErrorMessage<'a> {
    /// No time of day.
    NotATime,
    /// The end is not after the start.
    EndsBeforeStart,
    /// The clocks skip this time that night, or show it twice.
    NotOnce(Day),
    /// The day is none of the conference.
    OtherDay(&'a Conference),
    /// Another session has the room.
    RoomTaken {
        /// Its room.
        room: &'a str,
        /// Its title.
        title: &'a str,
        /// From when it is there.
        from: String,
        /// Until when.
        until: String,
    },
    /// Another session had the room, and has left it since.
    TakenJustNow,
    /// The room is not there any more.
    NoSuchRoom,
}

#[derive(Template)]
#[template(path = "organisers/kind.txt")]
struct KindWords {
    kind: SessionKind,
}

/// What a session can be given: the conference's days, topics and rooms.
#[derive(Clone, Debug)]
pub struct Choices {
    conference: Conference,
    topics: Vec<TopicChoice>,
    rooms: Vec<Room>,
}

impl Choices {
    /// Of this conference, as they are now.
    pub async fn load(conn: &mut PgConnection, conference: &Conference) -> Result<Self> {
        Ok(Self {
            conference: conference.clone(),
            topics: sessions::topics(conn, conference.id).await?,
            rooms: rooms::list(conn, conference.id).await?,
        })
    }

    /// The days, for a select.
    pub fn days(&self) -> Vec<(String, String)> {
        self.conference.days().into_iter().map(|day| (day.iso(), day.long())).collect()
    }

    /// The topics, for a select.
    pub fn topics(&self) -> Vec<(String, String)> {
        self.topics.iter().map(|topic| (topic.id.to_string(), format!("{} {}", topic.number, topic.title))).collect()
    }

    /// The rooms, for a select.
    pub fn rooms(&self) -> Vec<(String, String)> {
        self.rooms.iter().map(|room| (room.id.to_string(), room.name.clone())).collect()
    }

    /// The value of a field as a person says it.
    pub fn say(&self, field: &Field, value: &str) -> String {
        let offered = match field.name {
            "day" => self.days(),
            "kind" => kinds(),
            "topic" => self.topics(),
            "room" if value.is_empty() => return "to be announced".to_owned(),
            "room" => self.rooms(),
            _ => Vec::new(),
        };
        offered.into_iter().find(|(key, _)| key == value).map_or_else(|| field.say(value), |(_, words)| words)
    }

    /// When the conference's clocks show what.
    pub fn zone(&self) -> &Zone {
        &self.conference.zone
    }

    /// The time slot that a form says, or its errors.
    pub fn slot(&self, form: &Submitted, errors: &mut Errors) -> Option<TimeSlot> {
        let zone = &self.conference.zone;
        let day = Day::parse(form.get("day")).filter(|day| self.conference.days().contains(day));
        if day.is_none() {
            errors.add("day", &ErrorMessage::OtherDay(&self.conference));
        }
        let start = clock(form, "start", errors);
        let end = clock(form, "end", errors);
        let (day, start, end) = (day?, start?, end?);
        // An evening may end at midnight, which the clocks show as the next day's first minute.
        let last = if end == Time::MIDNIGHT { day.0.next_day()? } else { day.0 };
        let start = instant(zone, "start", day.0, start, errors);
        let end = instant(zone, "end", last, end, errors);
        let slot = TimeSlot::new(start?, end?).ok();
        if slot.is_none() {
            errors.add("end", &ErrorMessage::EndsBeforeStart);
        }
        slot
    }
}

/// The kinds, for a select.
pub fn kinds() -> Vec<(String, String)> {
    SessionKind::ALL.into_iter().map(|kind| (kind.as_str().to_owned(), words_of(kind))).collect()
}

fn words_of(kind: SessionKind) -> String {
    KindWords { kind }.render().map_or_else(|_| kind.to_string(), |words| words.trim().to_owned())
}

/// Returns the chosen value, or `None` if nothing was chosen.
pub fn chosen<T: FromStr>(value: &str, offered: &[(String, String)]) -> Result<Option<T>, FieldMessage> {
    match offered.iter().find(|(key, _)| key == value) {
        _ if value.is_empty() => Ok(None),
        Some(_) => value.parse().map(Some).map_err(|_| FieldMessage::NotOffered),
        None => Err(FieldMessage::NotOffered),
    }
}

/// Some browsers send seconds along.
fn clock(form: &Submitted, field: &str, errors: &mut Errors) -> Option<Time> {
    let text = form.line(field);
    let time = time_of_day(&text).or_else(|| time_of_day(text.strip_suffix(":00")?));
    if time.is_none() {
        errors.add(field, &ErrorMessage::NotATime);
    }
    time
}

fn instant(zone: &Zone, field: &str, day: Date, time: Time, errors: &mut Errors) -> Option<OffsetDateTime> {
    match zone.instant(day, time) {
        Ok(instant) => Some(instant),
        Err(ZoneError::NotOnce | ZoneError::Unknown) => {
            errors.add(field, &ErrorMessage::NotOnce(Day(day)));
            None
        }
    }
}
