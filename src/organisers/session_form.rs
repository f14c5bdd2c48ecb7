//! The fields of a session's editor: out of a saved state, and back into one.

use askama::Template;
use sqlx::PgConnection;
use time::{Date, OffsetDateTime, Time};

use super::{
    compare::{Field, Kind},
    merging::Layout,
};
use crate::{
    domain::{
        Conference, Day, RoomId, SessionKind, SessionText, Speakers, TimeSlot, Title, TopicId, Zone, ZoneError,
        time_of_day,
    },
    store::{
        rooms::{self, Room},
        sessions::{self, InTheWay, State, TopicChoice},
    },
    web::{Errors, Result, Submitted, form::Words},
};

/// The fields, in the order of the form.
pub const FIELDS: [Field; 10] = [
    Field { name: "title", label: "Title", kind: Kind::Value },
    Field { name: "day", label: "Day", kind: Kind::Value },
    Field { name: "start", label: "Start", kind: Kind::Value },
    Field { name: "end", label: "End", kind: Kind::Value },
    Field { name: "provisional", label: "Hours are provisional", kind: Kind::Value },
    Field { name: "room", label: "Room", kind: Kind::Value },
    Field { name: "kind", label: "Kind", kind: Kind::Value },
    Field { name: "topic", label: "TopicChoice", kind: Kind::Value },
    Field { name: "speakers", label: "Speakers", kind: Kind::Text(Layout::Lines) },
    Field { name: "text", label: "Text", kind: Kind::Text(Layout::Paragraphs) },
];

/// What is wrong with a session, in words of its own.
#[derive(Template)]
#[template(path = "organisers/session_words.txt")]
pub enum SessionWords<'a> {
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
        /// When it is there.
        when: String,
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
    pub fn say(&self, field: &str, value: &str) -> String {
        let offered = match field {
            "day" => self.days(),
            "kind" => kinds(),
            "topic" => self.topics(),
            "room" if value.is_empty() => return "to be announced".to_owned(),
            "room" => self.rooms(),
            "provisional" => return if value.is_empty() { "no" } else { "yes" }.to_owned(),
            _ => Vec::new(),
        };
        offered.into_iter().find(|(key, _)| key == value).map_or_else(|| value.to_owned(), |(_, words)| words)
    }

    /// What a form says, or every field's error at once.
    pub fn validate(&self, form: &Submitted) -> Result<State, Errors> {
        let mut errors = Errors::default();
        let title = errors.keep("title", Title::parse(form.get("title")), Words::text("the title"));
        let slot = self.slot(form, &mut errors);
        let room = offered(form.get("room"), self.rooms.iter().map(|room| room.id));
        let room: Option<Option<RoomId>> = errors.keep("room", room, |()| Words::NotOffered);
        let kind = SessionKind::parse(form.get("kind")).ok_or(());
        let kind = errors.keep("kind", kind, |()| Words::Choose("a kind"));
        let topic = offered(form.get("topic"), self.topics.iter().map(|topic| topic.id));
        let topic: Option<Option<TopicId>> = errors.keep("topic", topic, |()| Words::NotOffered);
        let speakers = errors.keep("speakers", Speakers::parse(form.get("speakers")), Words::text("the speakers"));
        let text = errors.keep("text", SessionText::parse(form.get("text")), Words::text("the text"));
        let provisional = form.has("provisional");
        match (title, slot, room, kind, topic, speakers, text) {
            (Some(title), Some(slot), Some(room), Some(kind), Some(topic), Some(speakers), Some(text)) => {
                Ok(State { title, kind, topic, slot, room, provisional, speakers, text })
            }
            _ => Err(errors),
        }
    }

    fn slot(&self, form: &Submitted, errors: &mut Errors) -> Option<TimeSlot> {
        let zone = &self.conference.zone;
        let day = Day::parse(form.get("day")).filter(|day| self.conference.days().contains(day));
        if day.is_none() {
            errors.add("day", &SessionWords::OtherDay(&self.conference));
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
            errors.add("end", &SessionWords::EndsBeforeStart);
        }
        slot
    }

    /// The form of a saved state.
    pub fn form_of(&self, state: &State) -> Submitted {
        let zone = &self.conference.zone;
        let key = |key: Option<String>| key.unwrap_or_default();
        let mut fields = vec![
            ("title", state.title.to_string()),
            ("day", zone.day(state.slot.start()).iso()),
            ("start", zone.clock(state.slot.start())),
            ("end", zone.clock(state.slot.end())),
            ("room", key(state.room.map(|room| room.to_string()))),
            ("kind", state.kind.to_string()),
            ("topic", key(state.topic.map(|topic| topic.to_string()))),
            ("speakers", state.speakers.to_string()),
            ("text", state.text.to_string()),
        ];
        if state.provisional {
            fields.push(("provisional", "on".to_owned()));
        }
        submitted(fields)
    }

    /// From when to when, as a person says it.
    pub fn hours(&self, slot: TimeSlot) -> String {
        let zone = &self.conference.zone;
        format!("{} to {}", zone.moment(slot.start()), zone.clock(slot.end()))
    }

    /// Notes that another session has the room.
    pub fn note_taken(&self, errors: &mut Errors, other: &InTheWay) {
        let when = self.hours(other.slot);
        errors.add("room", &SessionWords::RoomTaken { room: &other.room, title: &other.title, when });
    }

    /// Notes that the session lies outside the conference's days.
    pub fn note_outside(&self, errors: &mut Errors) {
        errors.add("day", &SessionWords::OtherDay(&self.conference));
    }
}

/// The kinds, for a select.
pub fn kinds() -> Vec<(String, String)> {
    SessionKind::ALL.into_iter().map(|kind| (kind.as_str().to_owned(), words_of(kind))).collect()
}

/// The form of a session that does not exist yet; on this day, if it is one of the conference.
pub fn blank(day: &str) -> Submitted {
    let kind = SessionKind::Talk.to_string();
    submitted(vec![("day", day.to_owned()), ("kind", kind), ("provisional", "on".to_owned())])
}

fn words_of(kind: SessionKind) -> String {
    KindWords { kind }.render().map_or_else(|_| kind.to_string(), |words| words.trim().to_owned())
}

/// None where nothing was chosen; an error where something was that is not offered.
fn offered<T: std::str::FromStr + PartialEq>(
    value: &str,
    mut offered: impl Iterator<Item = T>,
) -> Result<Option<T>, ()> {
    if value.is_empty() {
        return Ok(None);
    }
    let wanted: T = value.parse().map_err(|_| ())?;
    if offered.any(|one| one == wanted) { Ok(Some(wanted)) } else { Err(()) }
}

/// Some browsers send seconds along.
fn clock(form: &Submitted, field: &str, errors: &mut Errors) -> Option<Time> {
    let text = form.line(field);
    let time = time_of_day(&text).or_else(|| time_of_day(text.strip_suffix(":00")?));
    if time.is_none() {
        errors.add(field, &SessionWords::NotATime);
    }
    time
}

fn instant(zone: &Zone, field: &str, day: Date, time: Time, errors: &mut Errors) -> Option<OffsetDateTime> {
    match zone.instant(day, time) {
        Ok(instant) => Some(instant),
        Err(ZoneError::NotOnce | ZoneError::Unknown) => {
            errors.add(field, &SessionWords::NotOnce(Day(day)));
            None
        }
    }
}

fn submitted(fields: Vec<(&str, String)>) -> Submitted {
    Submitted::new(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}
