//! The filters of the list of sessions.

use sqlx::PgConnection;

use super::{session_form::Choices, warnings};
use crate::{
    domain::{Conference, Day, Status, search::latin, text_enum},
    store::programme::{self, Participant, Side, sessions::ListedSession},
    web::{Result, Submitted},
};

text_enum! {
    /// Which sessions are shown at all.
    pub enum ShownOnly {
        /// Those that the public does not read like this.
        Unpublished = "unpublished",
        /// Those with warnings.
        Warnings = "warnings",
    }
}

/// A session with what the filters need to know of it.
pub struct Listed<'a> {
    /// The session.
    pub session: &'a ListedSession,
    /// Who takes part.
    pub people: Vec<Participant>,
    /// Whether something is odd about it.
    pub has_warnings: bool,
}

impl<'a> Listed<'a> {
    /// Returns all sessions of these choices.
    pub async fn load(conn: &mut PgConnection, conference: &Conference, choices: &'a Choices) -> Result<Vec<Self>> {
        let draft = programme::get(conn, Side::Draft, conference.id).await?;
        let warned = warnings::of(conference, &draft);
        let listed = choices.sessions().iter().map(|session| {
            let item = draft.items.iter().find(|item| item.session == session.id);
            Self {
                session,
                people: item.map(|item| item.people.clone()).unwrap_or_default(),
                has_warnings: warned.iter().any(|(id, _)| *id == session.id),
            }
        });
        Ok(listed.collect())
    }

    /// Returns the names of the people.
    pub fn names(&self) -> String {
        self.people.iter().map(|person| &*person.name).collect::<Vec<_>>().join(", ")
    }
}

/// The filters of an address. Values that mean nothing are ignored.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    words: String,
    status: Option<Status>,
    day: Option<Day>,
    /// The number of a topic.
    topic: Option<i16>,
    /// The name of a room.
    room: String,
    /// The key of a person.
    person: String,
    only: Option<ShownOnly>,
}

impl Filter {
    /// Reads the filters.
    pub fn read(query: &Submitted) -> Self {
        Self {
            words: query.line("q"),
            status: Status::parse(query.get("status")),
            day: Day::parse(query.get("day")),
            topic: query.get("topic").parse().ok(),
            room: query.line("room"),
            person: query.line("person"),
            only: ShownOnly::parse(query.get("show")),
        }
    }

    /// Returns the filters as they stand in an address.
    pub fn query(&self) -> Vec<(&'static str, String)> {
        let fields = [
            ("q", self.words.clone()),
            ("status", self.status.map(|status| status.to_string()).unwrap_or_default()),
            ("day", self.day.map(Day::iso).unwrap_or_default()),
            ("topic", self.topic.map(|topic| topic.to_string()).unwrap_or_default()),
            ("room", self.room.clone()),
            ("person", self.person.clone()),
            ("show", self.only.map(|only| only.to_string()).unwrap_or_default()),
        ];
        fields.into_iter().filter(|(_, value)| !value.is_empty()).collect()
    }

    /// Whether there is any.
    pub fn is_set(&self) -> bool {
        !self.query().is_empty()
    }

    /// Whether this session is shown: if all filters fit, and each word begins a word of the title or of a name.
    pub fn shows(&self, conference: &Conference, one: &Listed<'_>) -> bool {
        let session = one.session;
        let text = latin(&format!("{} {}", session.title, one.names()));
        let begins = |word: &str| text.split(|c: char| !c.is_alphanumeric()).any(|other| other.starts_with(word));
        let is_on = |day: &Day| session.slot.is_some_and(|slot| conference.zone.day(slot.start()) == *day);
        latin(&self.words).split(|c: char| !c.is_alphanumeric()).all(begins)
            && self.status.is_none_or(|status| session.status == status)
            && self.day.as_ref().is_none_or(is_on)
            && self.topic.is_none_or(|number| session.topic.is_some_and(|topic| topic.number == number))
            && (self.room.is_empty() || session.rooms.names().contains(&self.room))
            && (self.person.is_empty() || one.people.iter().any(|person| person.person.to_string() == self.person))
            && match self.only {
                None => true,
                Some(ShownOnly::Unpublished) => session.unpublished,
                Some(ShownOnly::Warnings) => one.has_warnings,
            }
    }
}
