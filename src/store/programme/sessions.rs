//! Sessions as organisers edit them.

use sqlx::PgConnection;
use time::{OffsetDateTime, PrimitiveDateTime};
use uuid::Uuid;

use crate::domain::{
    AbstractText, ConferenceId, FileId, Language, Length, Links, PersonId, PersonPart, RevisionId, RoomId, Rooms,
    SessionId, SessionKindId, SessionNote, SessionText, Status, Subtitle, TimeSlot, Title, TopicId, TopicMark, Zone,
};
use crate::store::programme::{
    Side,
    editing::Editing,
    items::{Content, ItemKind},
    length, time_slot,
};

/// The content of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionContent {
    /// Its title.
    pub title: Title,
    /// The second line of its title; may be empty.
    pub subtitle: Subtitle,
    /// What it is about, for lists; may be empty.
    pub abstract_text: AbstractText,
    /// The kind of session.
    pub kind: SessionKindId,
    /// Its topic.
    pub topic: Option<TopicId>,
    /// When and where it takes place.
    pub schedule: Schedule,
    /// How long it takes.
    pub length: Length,
    /// How far it is.
    pub status: Status,
    /// The people who take part, in order, each with their part.
    pub people: Vec<(PersonId, PersonPart)>,
    /// The language in which people speak, if somebody has said.
    pub language: Option<Language>,
    /// The description in Markdown.
    pub text: SessionText,
    /// Pages about it.
    pub links: Links,
    /// Files to download, in order: at most [`SessionContent::MOST_FILES`].
    pub files: Vec<FileId>,
    /// For organisers only.
    pub note: SessionNote,
}

impl SessionContent {
    /// The largest number of files.
    pub const MOST_FILES: usize = 5;
}

/// When and where a session takes place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Schedule {
    /// At a time and in rooms of its own.
    Own {
        /// When it begins, if that is known.
        starts_at: Option<OffsetDateTime>,
        /// Where it takes place.
        place: Place,
    },
    /// As a part of another session, in whose rooms it takes place.
    Within {
        /// The other session.
        parent: SessionId,
        /// How many minutes it begins after the other, if that is known.
        offset: Option<i16>,
    },
}

impl Schedule {
    /// Returns the session that it is a part of.
    pub fn parent(&self) -> Option<SessionId> {
        if let Self::Within { parent, .. } = self { Some(*parent) } else { None }
    }
}

/// The rooms that a session takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// These rooms, in the order of their keys; none while they are to be announced.
    Rooms(Vec<RoomId>),
    /// All rooms.
    WholeVenue,
}

/// A session in a list.
#[derive(Clone, Debug)]
pub struct ListedSession {
    /// The key.
    pub id: SessionId,
    /// Its title.
    pub title: String,
    /// When it takes place, if that is known.
    pub slot: Option<TimeSlot>,
    /// The session that it is a part of.
    pub parent: Option<SessionId>,
    /// The number and colour of its topic.
    pub topic: Option<TopicMark>,
    /// Its rooms.
    pub rooms: Rooms,
    /// How far it is.
    pub status: Status,
    /// Whether the public reads another revision or none.
    pub unpublished: bool,
    /// The number of the head.
    pub revision: i32,
    /// When it was saved.
    pub changed: OffsetDateTime,
    /// The name of the account that saved it; `None` for the initial programme.
    pub who: Option<String>,
}

/// Lists the sessions of the draft that have a time of their own and are not removed, with the time, by their keys. Parts of
/// sessions have none of their own.
pub async fn list_scheduled(
    conn: &mut PgConnection,
    conference: ConferenceId,
) -> Result<Vec<(SessionId, OffsetDateTime)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select session_id as "id!: SessionId", starts_at as "starts_at!" from session_side
           where conference_id = $1 and side = 'draft' and parent_id is null and starts_at is not null
             and status <> 'withdrawn'
           order by session_id"#,
        conference.0,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.starts_at)).collect())
}

/// Lists all sessions in order of time, those whose time is open last.
pub async fn list(conn: &mut PgConnection, conference: ConferenceId) -> Result<Vec<ListedSession>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select item_id as "id!: SessionId", title as "title!", session.starts_at as "starts_at?",
               session.ends_at as "ends_at?", session.parent_id as "parent?: SessionId",
               topic.number as "topic?", topic.colour as "colour?", session.whole_venue as "whole_venue!",
               array(select session_place.title from session_place
                     where session_id = item_id and session_place.side = 'draft' order by place, title) as "rooms!",
               listed_item.status as "status!: Status", unpublished as "unpublished!", revision as "revision!",
               changed as "changed!", who
           from listed_item
           join session_content using (revision_id)
           join session_side session on session.session_id = item_id and session.side = 'draft'
           left join item topic_item on topic_item.id = topic_id
           left join topic_content topic on topic.revision_id = topic_item.head_id
           where listed_item.conference_id = $1
           order by session.starts_at nulls last, session.parent_id is not null,
               (select min(place) from session_place
                where session_place.session_id = item_id and session_place.side = 'draft') nulls first, slug"#,
        conference.0,
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(ListedSession {
                id: row.id,
                title: row.title,
                slot: time_slot(row.starts_at, row.ends_at)?,
                parent: row.parent,
                topic: row.topic.zip(row.colour).map(|(number, colour)| TopicMark { number, colour }),
                rooms: Rooms::of(row.whole_venue, row.rooms),
                status: row.status,
                unpublished: row.unpublished,
                revision: row.revision,
                changed: row.changed,
                who: row.who,
            })
        })
        .collect()
}

/// A session that begins at an hour that the clocks in a time zone skip.
#[derive(Clone, Debug)]
pub struct SkippedStart {
    /// The session.
    pub id: SessionId,
    /// Its title.
    pub title: String,
    /// The hour on the clock.
    pub starts_at: PrimitiveDateTime,
}

/// Lists the sessions that would begin at an hour that the clocks in this time zone skip, in order of time. An hour that they show
/// twice is no obstacle: the clocks show what the session says.
pub async fn list_skipped(
    conn: &mut PgConnection,
    side: Side,
    conference: ConferenceId,
    zone: &Zone,
) -> Result<Vec<SkippedStart>, sqlx::Error> {
    sqlx::query_as!(
        SkippedStart,
        r#"select item_side.id as "id!: SessionId", title, starts_at as "starts_at!"
           from item_side
           join revision on revision.id = item_side.revision_id and status <> 'withdrawn'
           join session_content on session_content.revision_id = revision.id
           where item_side.conference_id = $1 and side = $2
               and starts_at <> (starts_at at time zone $3) at time zone $3
           order by starts_at, title"#,
        conference.0,
        side.as_str(),
        zone.name(),
    )
    .fetch_all(conn)
    .await
}

/// Lists the sessions on this side of the programme that name an item, by their titles.
pub async fn list_naming(
    conn: &mut PgConnection,
    item: Uuid,
    side: Side,
) -> Result<Vec<(SessionId, String)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select distinct item_side.id as "id!: SessionId", title, title_folded
           from named_by($1) as naming
           join item_side on item_side.revision_id = naming.revision_id and item_side.side = $2
           join revision on revision.id = naming.revision_id and status <> 'withdrawn'
           order by title_folded, 1"#,
        item,
        side.as_str(),
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.title)).collect())
}

impl Content for SessionContent {
    type Id = SessionId;

    const KIND: ItemKind = ItemKind::Session;

    fn title(&self) -> &str {
        self.title.as_str()
    }

    fn status(&self) -> Status {
        self.status
    }

    async fn get(conn: &mut PgConnection, revision: RevisionId) -> Result<Self, sqlx::Error> {
        let row = sqlx::query!(
            r#"select revision.title as "title: Title", session_kind_id as "kind: SessionKindId", topic_id as "topic: TopicId",
                   starts_at at time zone time_zone as starts_at, minutes, whole_venue,
                   parent_id as "parent: SessionId", parent_offset as "offset",
                   array(select file_id from session_file where session_file.revision_id = $1 order by position) as "files!: Vec<FileId>",
                   array(select room_id from session_room where session_room.revision_id = $1 order by room_id) as "rooms!: Vec<RoomId>",
                   status as "status: Status", text as "text: SessionText",
                   subtitle as "subtitle: Subtitle", abstract_text as "abstract_text: AbstractText",
                   language as "language: Language", links as "links: Links", note as "note: SessionNote"
               from revision
               join session_content on session_content.revision_id = revision.id
               join draft_facts on draft_facts.id = revision.conference_id
               where revision.id = $1"#,
            revision.0,
        )
        .fetch_one(&mut *conn)
        .await?;
        let place = if row.whole_venue { Place::WholeVenue } else { Place::Rooms(row.rooms) };
        let schedule = match row.parent {
            Some(parent) => Schedule::Within { parent, offset: row.offset },
            None => Schedule::Own { starts_at: row.starts_at, place },
        };
        Ok(Self {
            title: row.title,
            kind: row.kind,
            topic: row.topic,
            schedule,
            length: length(row.minutes)?,
            status: row.status,
            people: list_people(conn, revision).await?,
            text: row.text,
            subtitle: row.subtitle,
            abstract_text: row.abstract_text,
            language: row.language,
            links: row.links,
            files: row.files,
            note: row.note,
        })
    }

    async fn insert(&self, editing: &mut Editing<'_>, revision: RevisionId) -> Result<(), sqlx::Error> {
        let Self {
            title: _,
            subtitle,
            abstract_text,
            status: _,
            kind,
            topic,
            schedule,
            length,
            people,
            language,
            text,
            links,
            files,
            note,
        } = self;
        let (starts_at, place, parent, offset) = match schedule {
            Schedule::Own { starts_at, place } => (*starts_at, Some(place), None, None),
            Schedule::Within { parent, offset } => (None, None, Some(parent.0), *offset),
        };
        let conference = editing.conference();
        sqlx::query!(
            "insert into session_content (revision_id, conference_id, session_kind_id, topic_id, text, starts_at, minutes,
                 whole_venue, parent_id, parent_offset, subtitle, abstract_text, language, links, note)
             select $1, id, $3, $4, $5, $6::timestamptz at time zone time_zone, $7, $8, $9, $10, $11, $12, $13, $14, $15
             from draft_facts where id = $2",
            revision.0,
            conference.0,
            kind.0,
            topic.map(|topic| topic.0),
            text.as_str(),
            starts_at,
            length.minutes(),
            place == Some(&Place::WholeVenue),
            parent,
            offset,
            subtitle.as_str(),
            abstract_text.as_str(),
            language.map(Language::code),
            links.to_string(),
            note.as_str(),
        )
        .execute(&mut ***editing)
        .await?;
        if let Some(Place::Rooms(rooms)) = place {
            sqlx::query!(
                "insert into session_room (revision_id, conference_id, room_id) select $1, $2, unnest($3::uuid[])",
                revision.0,
                conference.0,
                &rooms.iter().map(|room| room.0).collect::<Vec<_>>(),
            )
            .execute(&mut ***editing)
            .await?;
        }
        sqlx::query!(
            "insert into session_person (revision_id, conference_id, person_id, part, position)
             select $1, $2, person_id, part, position
             from unnest($3::uuid[], $4::text[]) with ordinality as entered (person_id, part, position)",
            revision.0,
            conference.0,
            &people.iter().map(|(person, _)| person.0).collect::<Vec<_>>(),
            &people.iter().map(|(_, part)| part.to_string()).collect::<Vec<_>>(),
        )
        .execute(&mut ***editing)
        .await?;
        sqlx::query!(
            "insert into session_file (revision_id, conference_id, file_id, position)
             select $1, $2, file_id, position from unnest($3::uuid[]) with ordinality as entered (file_id, position)",
            revision.0,
            conference.0,
            &files.iter().map(|file| file.0).collect::<Vec<_>>(),
        )
        .execute(&mut ***editing)
        .await?;
        Ok(())
    }
}

async fn list_people(
    conn: &mut PgConnection,
    revision: RevisionId,
) -> Result<Vec<(PersonId, PersonPart)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select person_id as "person: PersonId", part as "part: PersonPart"
           from session_person where revision_id = $1 order by position"#,
        revision.0,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.person, row.part)).collect())
}
