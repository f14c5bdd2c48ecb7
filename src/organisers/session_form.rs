//! The choices in a session's form, and the time slot that it describes.

use std::str::FromStr;

use askama::Template;
use sqlx::PgConnection;
use time::{Date, OffsetDateTime, Time};

use crate::{
    domain::{Conference, Day, Language, SessionKind, Status, TimeSlot, Zone, ZoneError, time_of_day},
    editing::{STATUS, compare::Field},
    store::programme::{
        rooms::{self, ListedRoom},
        sessions::InTheWay,
        topics::{self, ListedTopic},
    },
    web::{Errors, FieldMessage, Result, Submitted},
};

/// The error messages of a session's form.
#[derive(Template)]
#[template(path = "organisers/session_errors.txt")]
pub enum ErrorMessage<'a> {
    /// The text is not a time of day.
    NotATime,
    /// The end is not after the start.
    EndsBeforeStart,
    /// The clocks change on this day, and skip this time or show it twice.
    NotOnce(Day),
    /// The day is not a day of the conference.
    OtherDay(&'a Conference),
    /// Another session uses the room at that time.
    RoomTaken {
        /// The other session.
        other: &'a InTheWay,
        /// The start of the other session.
        from: String,
        /// The end of the other session.
        until: String,
    },
    /// The public still reads that another session has the room at that time.
    TakenInPublic {
        /// The name of the room.
        room: &'a str,
        /// The other session's title.
        title: &'a str,
    },
    /// Another session used the room, but no longer does.
    TakenJustNow,
    /// The room no longer exists.
    NoSuchRoom,
    /// The room or the topic, which is not public yet, has a name or number that the public reads of another one.
    NameUsedInPublic,
    /// The room or the topic has just been removed.
    NamesRemoved,
}

#[derive(Template)]
#[template(path = "organisers/kind.txt")]
struct KindLabel {
    kind: SessionKind,
}

#[derive(Template)]
#[template(path = "organisers/status.txt")]
struct StatusLabel {
    status: Status,
}

/// The days, topics and rooms that a session can have.
#[derive(Clone, Debug)]
pub struct Choices {
    conference: Conference,
    topics: Vec<ListedTopic>,
    rooms: Vec<ListedRoom>,
}

impl Choices {
    /// Loads the current choices of this conference.
    pub async fn load(conn: &mut PgConnection, conference: &Conference) -> Result<Self> {
        Ok(Self {
            conference: conference.clone(),
            topics: topics::list(conn, conference.id).await?,
            rooms: rooms::list(conn, conference.id).await?,
        })
    }

    /// Returns the days as options of a select.
    pub fn days(&self) -> Vec<(String, String)> {
        self.conference.days().into_iter().map(|day| (day.iso(), day.long())).collect()
    }

    /// Returns the topics as options of a select.
    pub fn topics(&self) -> Vec<(String, String)> {
        self.topics.iter().filter(|topic| topic.status != Status::Withdrawn).map(topic_option).collect()
    }

    /// Returns the rooms as options of a select.
    pub fn rooms(&self) -> Vec<(String, String)> {
        let usable = self.rooms.iter().filter(|room| room.status != Status::Withdrawn);
        usable.map(|room| (room.id.to_string(), room.name.clone())).collect()
    }

    /// Returns the value of a field in words.
    pub fn say(&self, field: &Field, value: &str) -> String {
        let offered = match field.name {
            "day" => self.days(),
            "kind" => kinds(),
            STATUS => statuses(),
            "language" => languages(),
            "topic" => self.topics.iter().map(topic_option).collect(),
            "room" if value.is_empty() => return "to be announced".to_owned(),
            "room" => self.rooms.iter().map(|room| (room.id.to_string(), room.name.clone())).collect(),
            _ => Vec::new(),
        };
        offered.into_iter().find(|(key, _)| key == value).map_or_else(|| field.say(value), |(_, label)| label)
    }

    /// Returns the conference's time zone.
    pub fn zone(&self) -> &Zone {
        &self.conference.zone
    }

    /// Returns the time slot in a form, or adds its errors.
    pub fn slot(&self, form: &Submitted, errors: &mut Errors) -> Option<TimeSlot> {
        let zone = &self.conference.zone;
        let day = Day::parse(form.get("day")).filter(|day| self.conference.days().contains(day));
        if day.is_none() {
            errors.add("day", &ErrorMessage::OtherDay(&self.conference));
        }
        let start = clock(form, "start", errors);
        let end = clock(form, "end", errors);
        let (day, start, end) = (day?, start?, end?);
        // A session may end at midnight, which is the first minute of the next day.
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

/// Returns the kinds as options of a select.
pub fn kinds() -> Vec<(String, String)> {
    SessionKind::ALL.into_iter().map(|kind| (kind.as_str().to_owned(), label_of(kind))).collect()
}

/// Returns the languages as options of a select.
pub fn languages() -> Vec<(String, String)> {
    Language::all().map(|language| (language.code().to_owned(), language.name().to_owned())).collect()
}

/// Returns the statuses as options of a select.
pub fn statuses() -> Vec<(String, String)> {
    Status::ALL.into_iter().map(|status| (status.as_str().to_owned(), status_label(status))).collect()
}

fn status_label(status: Status) -> String {
    StatusLabel { status }.render().map_or_else(|_| status.to_string(), |label| label.trim().to_owned())
}

fn label_of(kind: SessionKind) -> String {
    KindLabel { kind }.render().map_or_else(|_| kind.to_string(), |label| label.trim().to_owned())
}

fn topic_option(topic: &ListedTopic) -> (String, String) {
    (topic.id.to_string(), format!("{} {}", topic.mark.number, topic.title))
}

/// Returns the chosen value, or `None` if nothing was chosen.
pub fn chosen<T: FromStr>(value: &str, offered: &[(String, String)]) -> Result<Option<T>, FieldMessage> {
    match offered.iter().find(|(key, _)| key == value) {
        _ if value.is_empty() => Ok(None),
        Some(_) => value.parse().map(Some).map_err(|_| FieldMessage::NotOffered),
        None => Err(FieldMessage::NotOffered),
    }
}

/// Reads a time of day. Some browsers also send seconds.
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
