//! The choices in a session's form, and its error messages.

use askama::Template;
use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::{
    documents::file_type::{FileError, LARGEST_FILE},
    domain::{Conference, Day, Language, SessionId, SessionKindId, Status, Zone},
    editing::{STATUS, compare::Field},
    store::programme::{
        files::{self, ListedFile},
        people::{self, ListedPerson},
        rooms::{self, ListedRoom},
        session_kinds::{self, ListedSessionKind},
        sessions::{self, ListedSession, SessionContent},
        slots::InTheWay,
        topics::{self, ListedTopic},
    },
    urls,
    web::{Result, Submitted},
};

/// The error messages of a session's form.
#[derive(Template)]
#[template(path = "organisers/session_errors.txt")]
pub enum ErrorMessage<'a> {
    /// The text is not a time of day.
    NotATime,
    /// There is a start without a day.
    DayMissing,
    /// There is a day without a start.
    StartMissing,
    /// The text is not a length.
    NotALength,
    /// The text does not say how long after another session it begins.
    NotAnOffset,
    /// The clocks change on this day, and skip this time or show it twice.
    NotOnce(Day),
    /// Both particular rooms and the whole venue are chosen.
    RoomsTwice,
    /// The session that it is a part of is a part itself, or this one has parts.
    PartOfPart,
    /// The number of minutes after the start of another session is missing the other session.
    ParentMissing,
    /// Rooms or people are taken at that time.
    Taken,
    /// The public still reads that rooms or people are taken at that time.
    TakenInPublic,
    /// Another session was in the way, but no longer is.
    TakenJustNow,
    /// A room or the other session no longer exists.
    NotFound,
    /// A room, the topic or the kind, which is not public yet, has a name or number that the public reads of another one.
    NameUsedInPublic,
    /// What the session names has just been removed.
    NamesRemoved,
    /// The same person is chosen twice.
    PersonTwice,
    /// What the session names is a draft.
    NamesDraft,
    /// The clocks in the time zone that the public reads skip the hour at which it begins.
    HourSkipped,
    /// The file is not accepted.
    File(FileError),
    /// There are too many files.
    TooManyFiles,
    /// A file was deleted meanwhile.
    FileGone,
    /// It is withdrawn, but is named by others.
    InUse(&'a [&'a str]),
    /// It is withdrawn, but the public still reads that it is named by others.
    InPublicUse,
}

/// What is said about a session in the way of another.
#[derive(Template)]
#[template(path = "organisers/session_in_the_way.txt")]
pub struct InTheWayWords<'a> {
    /// The session.
    pub other: &'a InTheWay,
    /// Its start.
    pub from: String,
    /// Its end.
    pub until: String,
    /// When somebody put it there.
    pub since: String,
}

/// The words on a button that saves the session at another time.
#[derive(Template)]
#[template(path = "organisers/session_ways_out.txt")]
pub enum WayOutWords<'a> {
    /// At this time.
    At(String),
    /// Without a time.
    Open,
    /// Published together with these sessions.
    With(&'a [String]),
}

#[derive(Template)]
#[template(path = "organisers/status.txt")]
struct StatusLabel {
    status: Status,
}

/// The days, kinds, topics and rooms that a session can have.
#[derive(Clone, Debug)]
pub struct Choices {
    conference: Conference,
    kinds: Vec<ListedSessionKind>,
    topics: Vec<ListedTopic>,
    rooms: Vec<ListedRoom>,
    sessions: Vec<ListedSession>,
    people: Vec<ListedPerson>,
    files: Vec<ListedFile>,
}

impl Choices {
    /// Loads the current choices of this conference.
    pub async fn load(conn: &mut PgConnection, conference: &Conference) -> Result<Self> {
        Ok(Self {
            conference: conference.clone(),
            kinds: session_kinds::list(conn, conference.id).await?,
            topics: topics::list(conn, conference.id).await?,
            rooms: rooms::list(conn, conference.id).await?,
            sessions: sessions::list(conn, conference.id).await?,
            people: people::list(conn, conference.id).await?,
            files: files::list(conn, conference.id).await?,
        })
    }

    /// Returns the days as options of a select: those of the conference, and the one in the form if it is another.
    pub fn days(&self, form: &Submitted) -> Vec<(String, String)> {
        let mut days = self.conference.days();
        days.extend(Day::parse(form.get("day")));
        days.sort_unstable();
        days.dedup();
        days.into_iter().map(|day| (day.iso(), day.long())).collect()
    }

    /// Returns the sessions that can have parts as options of a select: those that are no part themselves.
    pub fn parents(&self) -> Vec<(String, String)> {
        let whole = self.sessions.iter().filter(|one| one.parent.is_none() && one.status != Status::Withdrawn);
        whole.map(|one| (one.id.to_string(), self.with_time(one))).collect()
    }

    fn with_time(&self, session: &ListedSession) -> String {
        let when = session.slot.map(|slot| self.zone().short_moment(slot.start()));
        when.map_or_else(|| session.title.clone(), |when| format!("{when} {}", session.title))
    }

    /// Returns the people who can take part as options of a select.
    pub fn people(&self) -> Vec<(String, String)> {
        let usable = self.people.iter().filter(|person| person.status != Status::Withdrawn);
        usable.map(|person| (person.id.to_string(), with_origin(person))).collect()
    }

    /// Returns the address of the editor of a new person.
    pub fn new_person(&self) -> String {
        urls::organisers::new_person(&self.conference.slug)
    }

    /// Returns the name of the person with this key.
    pub fn name_of(&self, person: &str) -> Option<&str> {
        self.people.iter().find(|one| one.id.to_string() == person).map(|one| &*one.name)
    }

    /// Returns the file with this key.
    pub fn file(&self, file: &str) -> Option<&ListedFile> {
        self.files.iter().find(|one| one.id.to_string() == file)
    }

    /// Returns the address of a file, public or not.
    pub fn address_of(&self, file: &ListedFile) -> String {
        urls::organisers::file(&self.conference.slug, file.id)
    }

    /// Returns the titles of a session's parts.
    pub fn parts_of(&self, session: SessionId) -> Vec<&str> {
        let parts = self.sessions.iter().filter(|one| one.parent == Some(session) && one.status != Status::Withdrawn);
        parts.map(|one| &*one.title).collect()
    }

    /// Returns when this session begins, if that is known.
    pub fn start_of(&self, session: SessionId) -> Option<OffsetDateTime> {
        Some(self.sessions.iter().find(|one| one.id == session)?.slot?.start())
    }

    /// Returns the kinds as options of a select.
    pub fn kinds(&self) -> Vec<(String, String)> {
        let usable = self.kinds.iter().filter(|kind| kind.status != Status::Withdrawn);
        usable.map(|kind| (kind.id.to_string(), kind.name.clone())).collect()
    }

    /// Returns the kind of a new session: the first one that is not a break.
    pub fn first_kind(&self) -> Option<SessionKindId> {
        self.kinds.iter().find(|kind| kind.status != Status::Withdrawn && !kind.is_break).map(|kind| kind.id)
    }

    /// Returns the length in minutes that most sessions have, if there are any.
    pub fn usual_length(&self) -> Option<i16> {
        let mut counts = std::collections::BTreeMap::new();
        for slot in self.sessions.iter().filter_map(|session| session.slot) {
            *counts.entry((slot.end() - slot.start()).whole_minutes()).or_insert(0) += 1;
        }
        let (minutes, _) = counts.into_iter().max_by_key(|(_, count)| *count)?;
        i16::try_from(minutes).ok()
    }

    /// Returns all sessions, in order of time.
    pub fn sessions(&self) -> &[ListedSession] {
        &self.sessions
    }

    /// Returns the topics as options of a select.
    pub fn topics(&self) -> Vec<(String, String)> {
        self.topics.iter().filter(|topic| topic.status != Status::Withdrawn).map(topic_option).collect()
    }

    /// Returns the numbers of the topics as options of a filter.
    pub fn topic_numbers(&self) -> Vec<(String, String)> {
        let usable = self.topics.iter().filter(|topic| topic.status != Status::Withdrawn);
        usable.map(|topic| (topic.mark.number.to_string(), topic_option(topic).1)).collect()
    }

    /// Returns the topics and the absence of one as options of a select.
    pub fn topics_or_none(&self) -> Vec<(String, String)> {
        let none = std::iter::once(("none".to_owned(), "No topic".to_owned()));
        none.chain(self.topics()).collect()
    }

    /// Returns the names of the rooms as options of a filter.
    pub fn room_filter(&self) -> Vec<(String, String)> {
        self.rooms().into_iter().map(|(_, name)| (name.clone(), name)).collect()
    }

    /// Returns the rooms, the absence of one and the whole venue as options of a select.
    pub fn places(&self) -> Vec<(String, String)> {
        let others = [("open", "To be announced"), ("whole_venue", "Whole venue")];
        others.into_iter().map(|(key, label)| (key.to_owned(), label.to_owned())).chain(self.rooms()).collect()
    }

    /// Returns the rooms as options of a select.
    pub fn rooms(&self) -> Vec<(String, String)> {
        let usable = self.rooms.iter().filter(|room| room.status != Status::Withdrawn);
        usable.map(|room| (room.id.to_string(), room.name.clone())).collect()
    }

    /// Returns the value of a field in words.
    pub fn say(&self, field: &Field, value: &str) -> String {
        let offered = match field.name {
            "day" | "start" if value.is_empty() => return "open".to_owned(),
            "day" => return Day::parse(value).map_or_else(|| value.to_owned(), Day::long),
            "length" => return format!("{value} minutes"),
            "kind" => self.kinds.iter().map(|kind| (kind.id.to_string(), kind.name.clone())).collect(),
            STATUS => statuses(),
            "language" => languages(),
            "topic" => self.topics.iter().map(topic_option).collect(),
            "rooms" if value.is_empty() => return "to be announced".to_owned(),
            "rooms" => return self.room_names(value),
            "parent" => self.sessions.iter().map(|one| (one.id.to_string(), one.title.clone())).collect(),
            _ => Vec::new(),
        };
        offered.into_iter().find(|(key, _)| key == value).map_or_else(|| field.say(value), |(_, label)| label)
    }

    /// Returns the conference's time zone.
    pub fn zone(&self) -> &Zone {
        &self.conference.zone
    }

    fn room_names(&self, entries: &str) -> String {
        let name = |entry: &str| self.rooms.iter().find(|room| room.id.to_string() == entry).map(|room| &*room.name);
        entries.lines().map(|entry| name(entry).unwrap_or(entry)).collect::<Vec<_>>().join(", ")
    }
}

fn with_origin(person: &ListedPerson) -> String {
    let origin = person.from();
    if origin.is_empty() { person.name.clone() } else { format!("{} ({origin})", person.name) }
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

fn topic_option(topic: &ListedTopic) -> (String, String) {
    (topic.id.to_string(), format!("{} {}", topic.mark.number, topic.title))
}
