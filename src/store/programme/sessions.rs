//! Sessions as organisers edit them.

use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::domain::{
    AbstractText, ConferenceId, Language, RevisionId, RoomId, SessionId, SessionKind, SessionNote, SessionText,
    Speakers, Status, Subtitle, TimeSlot, Title, TopicId, TopicMark,
};
use crate::store::programme::{
    Side,
    editing::Editing,
    items::{Content, ItemKind},
    time_slot,
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
    pub kind: SessionKind,
    /// Its topic.
    pub topic: Option<TopicId>,
    /// When it takes place.
    pub slot: TimeSlot,
    /// The room, if it is known.
    pub room: Option<RoomId>,
    /// How far it is.
    pub status: Status,
    /// The speakers.
    pub speakers: Speakers,
    /// The language in which people speak, if somebody has said.
    pub language: Option<Language>,
    /// The description in Markdown.
    pub text: SessionText,
    /// For organisers only.
    pub note: SessionNote,
}

/// A session in a list.
#[derive(Clone, Debug)]
pub struct ListedSession {
    /// The key.
    pub id: SessionId,
    /// Its title.
    pub title: String,
    /// When it takes place.
    pub slot: TimeSlot,
    /// The number and colour of its topic.
    pub topic: Option<TopicMark>,
    /// Its room.
    pub room: Option<String>,
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

/// A session that has the room which another is to get.
#[derive(Clone, Debug)]
pub struct InTheWay {
    /// The key.
    pub id: SessionId,
    /// Its title.
    pub title: String,
    /// When it takes place.
    pub slot: TimeSlot,
    /// The room.
    pub room: String,
    /// How many minutes the room stays empty between two sessions.
    pub changeover: i32,
}

/// Lists all sessions in order of time.
pub async fn list(conn: &mut PgConnection, conference: ConferenceId) -> Result<Vec<ListedSession>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select item.id as "id: SessionId", revision.title, starts_at at time zone time_zone as "starts_at!",
               ends_at at time zone time_zone as "ends_at!", topic.number as "topic?", topic.colour as "colour?", room_revision.title as "room?",
               revision.status as "status: Status", item.head_id is distinct from item.published_id as "unpublished!",
               revision.number, edit.created_at, account.name as "who?"
           from item
           join conference on conference.id = item.conference_id
           join revision on revision.id = item.head_id
           join session_content on session_content.revision_id = revision.id
           join edit on edit.id = revision.edit_id
           left join account on account.id = edit.account_id
           left join item topic_item on topic_item.id = topic_id
           left join topic_content topic on topic.revision_id = topic_item.head_id
           left join session_room on session_room.revision_id = revision.id
           left join item room_item on room_item.id = room_id
           left join revision room_revision on room_revision.id = room_item.head_id
           left join room_content room on room.revision_id = room_revision.id
           where item.conference_id = $1
           order by starts_at, room.place nulls first, revision.slug"#,
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
                topic: row.topic.zip(row.colour).map(|(number, colour)| TopicMark { number, colour }),
                room: row.room,
                status: row.status,
                unpublished: row.unpublished,
                revision: row.number,
                changed: row.created_at,
                who: row.who,
            })
        })
        .collect()
}

/// Finds the session that has this room at the time of this content, or too soon before or after it, other than `session` itself.
pub async fn find_in_the_way(
    conn: &mut PgConnection,
    side: Side,
    (conference, session): (ConferenceId, SessionId),
    room: RoomId,
    content: &SessionContent,
) -> Result<Option<InTheWay>, sqlx::Error> {
    let row = sqlx::query!(
        r#"select item.id as "id: SessionId", revision.title, lower(slot.during) as "starts_at!",
               upper(slot.during) as "ends_at!", room_revision.title as room,
               coalesce((extract(epoch from changeover) / 60)::integer, 0) as "changeover!"
           from slot
           join item on item.id = slot.session_id
           join revision on revision.id = item.head_id
           join item room on room.id = slot.room_id
           join revision room_revision on room_revision.id = room.head_id
           left join room_content
               on room_content.revision_id = case $6 when 'draft' then room.head_id else room.published_id end
           where slot.conference_id = $1 and slot.room_id = $2 and slot.side = $6
             and (slot.during && tstzrange($3, $4)
                  or not $7 and slot.held && tstzrange($3, $4 + coalesce(changeover, '0')))
             and item.id <> $5
           order by lower(slot.during) limit 1"#,
        conference.0,
        room.0,
        content.slot.start(),
        content.slot.end(),
        session.0,
        side.as_str(),
        content.kind == SessionKind::Break,
    )
    .fetch_optional(conn)
    .await?;
    row.map(|row| {
        let slot = time_slot(row.starts_at, row.ends_at)?;
        Ok(InTheWay { id: row.id, title: row.title, slot, room: row.room, changeover: row.changeover })
    })
    .transpose()
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
            r#"select revision.title as "title: Title", session_kind as "kind: SessionKind", topic_id as "topic: TopicId",
                   starts_at at time zone time_zone as "starts_at!", ends_at at time zone time_zone as "ends_at!",
                   room_id as "room?: RoomId", status as "status: Status", speakers as "speakers: Speakers", text as "text: SessionText",
                   subtitle as "subtitle: Subtitle", abstract_text as "abstract_text: AbstractText",
                   language as "language: Language", note as "note: SessionNote"
               from revision
               join session_content on session_content.revision_id = revision.id
               join conference on conference.id = revision.conference_id
               left join session_room on session_room.revision_id = revision.id
               where revision.id = $1"#,
            revision.0,
        )
        .fetch_one(conn)
        .await?;
        Ok(Self {
            title: row.title,
            kind: row.kind,
            topic: row.topic,
            slot: time_slot(row.starts_at, row.ends_at)?,
            room: row.room,
            status: row.status,
            speakers: row.speakers,
            text: row.text,
            subtitle: row.subtitle,
            abstract_text: row.abstract_text,
            language: row.language,
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
            slot,
            room,
            speakers,
            language,
            text,
            note,
        } = self;
        let conference = editing.conference();
        sqlx::query!(
            "insert into session_content (revision_id, conference_id, session_kind, topic_id, speakers, text, starts_at,
                 ends_at, subtitle, abstract_text, language, note)
             select $1, id, $3, $4, $5, $6, $7::timestamptz at time zone time_zone,
                 $8::timestamptz at time zone time_zone, $9, $10, $11, $12
             from conference where id = $2",
            revision.0,
            conference.0,
            kind.as_str(),
            topic.map(|topic| topic.0),
            speakers.as_str(),
            text.as_str(),
            slot.start(),
            slot.end(),
            subtitle.as_str(),
            abstract_text.as_str(),
            language.map(Language::code),
            note.as_str(),
        )
        .execute(&mut ***editing)
        .await?;
        if let Some(room) = room {
            sqlx::query!(
                "insert into session_room (revision_id, conference_id, room_id) values ($1, $2, $3)",
                revision.0,
                conference.0,
                room.0,
            )
            .execute(&mut ***editing)
            .await?;
        }
        Ok(())
    }
}
