//! Sessions as organisers edit them: identity, immutable revisions, and the time slot of the published one.

use sqlx::{PgConnection, PgTransaction};
use time::OffsetDateTime;

use crate::domain::{
    ConferenceId, RevisionId, RoomId, SessionId, SessionKind, SessionText, Slug, Speakers, TimeSlot, Title, TopicId,
};
use crate::store::programme::{
    revisions::{Content, Fate, ItemRow, Key, Revision, RevisionSummary, Version, Which},
    time_slot,
};

/// The content of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionContent {
    /// Its title.
    pub title: Title,
    /// The kind of session.
    pub kind: SessionKind,
    /// Its topic.
    pub topic: Option<TopicId>,
    /// When it takes place.
    pub slot: TimeSlot,
    /// The room, if it is known.
    pub room: Option<RoomId>,
    /// Whether its times are provisional.
    pub provisional: bool,
    /// The speakers.
    pub speakers: Speakers,
    /// The description in Markdown.
    pub text: SessionText,
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
    /// Its topic's number.
    pub topic: Option<i16>,
    /// Its room.
    pub room: Option<String>,
    /// Whether its times are provisional.
    pub provisional: bool,
    /// The number of the published revision.
    pub revision: i32,
    /// When that revision was saved.
    pub changed: OffsetDateTime,
    /// The name of the account that saved it; `None` for the initial programme.
    pub who: Option<String>,
}

/// A topic to choose.
#[derive(Clone, Debug)]
pub struct TopicChoice {
    /// Its key.
    pub id: TopicId,
    /// Its number.
    pub number: i16,
    /// Its title.
    pub title: String,
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
}

/// Lists all sessions in order of time.
pub async fn list(conn: &mut PgConnection, conference: ConferenceId) -> Result<Vec<ListedSession>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select session.id as "id: SessionId", revision.title, lower(slot.during) as "starts_at!",
               upper(slot.during) as "ends_at!", topic.number as "topic?", room.name as "room?", revision.provisional,
               revision.number, revision.created_at, account.name as "who?"
           from session
           join session_revision revision on revision.id = session.published_revision_id
           join slot on slot.session_id = session.id
           left join topic on topic.id = revision.topic_id
           left join room on room.id = slot.room_id
           left join account on account.id = revision.account_id
           where session.conference_id = $1
           order by lower(slot.during), room.place nulls first, session.slug"#,
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
                topic: row.topic,
                room: row.room,
                provisional: row.provisional,
                revision: row.number,
                changed: row.created_at,
                who: row.who,
            })
        })
        .collect()
}

/// Lists the topics of a conference.
pub async fn topics(conn: &mut PgConnection, conference: ConferenceId) -> Result<Vec<TopicChoice>, sqlx::Error> {
    sqlx::query_as!(
        TopicChoice,
        r#"select id as "id: TopicId", number, title from topic where conference_id = $1 order by number"#,
        conference.0,
    )
    .fetch_all(conn)
    .await
}

/// Finds the session that has this room at this time, other than `session` itself.
pub async fn find_in_the_way(
    conn: &mut PgConnection,
    conference: ConferenceId,
    session: SessionId,
    room: RoomId,
    slot: TimeSlot,
) -> Result<Option<InTheWay>, sqlx::Error> {
    let row = sqlx::query!(
        r#"select session.id as "id: SessionId", revision.title, lower(slot.during) as "starts_at!",
               upper(slot.during) as "ends_at!", room.name as room
           from slot
           join session on session.id = slot.session_id
           join session_revision revision on revision.id = session.published_revision_id
           join room on room.id = slot.room_id
           where slot.conference_id = $1 and slot.room_id = $2 and slot.during && tstzrange($3, $4) and session.id <> $5
           order by lower(slot.during) limit 1"#,
        conference.0,
        room.0,
        slot.start(),
        slot.end(),
        session.0,
    )
    .fetch_optional(conn)
    .await?;
    row.map(|row| {
        let slot = time_slot(row.starts_at, row.ends_at)?;
        Ok(InTheWay { id: row.id, title: row.title, slot, room: row.room })
    })
    .transpose()
}

impl Content for SessionContent {
    type Id = SessionId;

    fn title(&self) -> &Title {
        &self.title
    }

    async fn find_item(conn: &mut PgConnection, (conference, id): Key<Self>) -> Result<Option<ItemRow>, sqlx::Error> {
        sqlx::query_as!(
            ItemRow,
            r#"select slug, revision, published_revision_id as "published: RevisionId" from session
               where conference_id = $1 and id = $2"#,
            conference.0,
            id.0,
        )
        .fetch_optional(conn)
        .await
    }

    async fn find_revision(
        conn: &mut PgConnection,
        (conference, id): Key<Self>,
        which: Which,
    ) -> Result<Option<Revision<Self>>, sqlx::Error> {
        let (revision, number) = which.key_or_number();
        let row = sqlx::query!(
            r#"select revision.id as "id: RevisionId", number, title as "title: Title", kind as "kind: SessionKind",
                   topic_id as "topic: TopicId", starts_at, ends_at, room_id as "room: RoomId", provisional,
                   speakers as "speakers: Speakers", text as "text: SessionText", set_aside, revision.created_at,
                   account.name as "who?"
               from session_revision revision left join account on account.id = revision.account_id
               where conference_id = $1 and session_id = $2
                 and (revision.id = $3 or ($3::uuid is null and number <= $4 and not set_aside))
               order by number desc limit 1"#,
            conference.0,
            id.0,
            revision,
            number,
        )
        .fetch_optional(conn)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let content = Self {
            title: row.title,
            kind: row.kind,
            topic: row.topic,
            slot: time_slot(row.starts_at, row.ends_at)?,
            room: row.room,
            provisional: row.provisional,
            speakers: row.speakers,
            text: row.text,
        };
        let (id, number, who, at) = (row.id, row.number, row.who, row.created_at);
        Ok(Some(Revision { id, number, who, at, set_aside: row.set_aside, content }))
    }

    async fn list_revisions(
        conn: &mut PgConnection,
        (conference, id): Key<Self>,
    ) -> Result<Vec<RevisionSummary>, sqlx::Error> {
        sqlx::query_as!(
            RevisionSummary,
            r#"select revision.id as "id: RevisionId", number, title, account.name as "who?",
                   revision.created_at as at, set_aside
               from session_revision revision left join account on account.id = revision.account_id
               where conference_id = $1 and session_id = $2 order by number desc"#,
            conference.0,
            id.0,
        )
        .fetch_all(conn)
        .await
    }

    async fn insert_item(
        tx: &mut PgTransaction<'_>,
        (conference, id): Key<Self>,
        slug: &Slug,
        published: RevisionId,
    ) -> Result<bool, sqlx::Error> {
        let added = sqlx::query!(
            "insert into session (id, conference_id, slug, published_revision_id) values ($1, $2, $3, $4)
             on conflict on constraint session_slug_unique do nothing",
            id.0,
            conference.0,
            slug.as_str(),
            published.0,
        )
        .execute(&mut **tx)
        .await?;
        Ok(added.rows_affected() == 1)
    }

    async fn count_save(
        tx: &mut PgTransaction<'_>,
        (conference, id): Key<Self>,
        base: i32,
        published: Option<RevisionId>,
    ) -> Result<Option<i32>, sqlx::Error> {
        sqlx::query_scalar!(
            "update session set revision = revision + 1, published_revision_id = coalesce($4, published_revision_id)
             where conference_id = $1 and id = $2 and revision = $3
             returning revision",
            conference.0,
            id.0,
            base,
            published.map(|id| id.0),
        )
        .fetch_optional(&mut **tx)
        .await
    }

    async fn insert_revision(
        tx: &mut PgTransaction<'_>,
        (conference, id): Key<Self>,
        (revision, number): (RevisionId, i32),
        version: &Version<'_, Self>,
    ) -> Result<(), sqlx::Error> {
        let content = version.content;
        sqlx::query!(
            "insert into session_revision (id, conference_id, session_id, number, title, kind, topic_id, speakers, text,
                 provisional, starts_at, ends_at, room_id, set_aside, account_id, created_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
            revision.0,
            conference.0,
            id.0,
            number,
            content.title.as_str(),
            content.kind.as_str(),
            content.topic.map(|topic| topic.0),
            content.speakers.as_str(),
            content.text.as_str(),
            content.provisional,
            content.slot.start(),
            content.slot.end(),
            content.room.map(|room| room.0),
            version.fate == Fate::SetAside,
            version.account.0,
            version.now,
        )
        .execute(&mut **tx)
        .await?;
        Ok(())
    }

    /// Books the time slot and the room.
    async fn take_effect(&self, tx: &mut PgTransaction<'_>, (conference, id): Key<Self>) -> Result<(), sqlx::Error> {
        sqlx::query!(
            "insert into slot (session_id, conference_id, room_id, during) values ($1, $2, $3, tstzrange($4, $5))
             on conflict (session_id) do update set room_id = excluded.room_id, during = excluded.during",
            id.0,
            conference.0,
            self.room.map(|room| room.0),
            self.slot.start(),
            self.slot.end(),
        )
        .execute(&mut **tx)
        .await?;
        Ok(())
    }
}
