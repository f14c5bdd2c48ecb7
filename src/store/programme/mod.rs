//! The programme as the public reads it: what is published, when and where.

pub mod pages;
pub mod revisions;
pub mod rooms;
pub mod sessions;

use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::domain::{ConferenceId, SessionId, SessionKind, TimeSlot};

/// A topic of a conference.
#[derive(Clone, Debug)]
pub struct Topic {
    /// Its number, from 1.
    pub number: i16,
    /// Its readable name in filters.
    pub slug: String,
    /// Its title.
    pub title: String,
    /// One or two sentences.
    pub description: String,
}

/// One item of the programme.
#[derive(Clone, Debug)]
pub struct Item {
    /// Which session it is.
    pub session: SessionId,
    /// The last part of its address.
    pub slug: String,
    /// Its title.
    pub title: String,
    /// What sort of session it is.
    pub kind: SessionKind,
    /// Its topic's number.
    pub topic: Option<i16>,
    /// Who speaks, as organisers wrote it; empty while nobody is known.
    pub speakers: String,
    /// What it is about, in Markdown.
    pub text: String,
    /// Whether its hours are a proposal.
    pub provisional: bool,
    /// When it takes place.
    pub slot: TimeSlot,
    /// In which room, once that is known.
    pub room: Option<String>,
    /// That room's place among the rooms.
    pub room_place: i16,
    /// How often it was saved.
    pub revision: i32,
    /// When it was saved last.
    pub changed: OffsetDateTime,
}

/// What is published of a conference's programme: all that its public pages and files are made of.
#[derive(Clone, Debug)]
pub struct Programme {
    /// The topics, in their order.
    pub topics: Vec<Topic>,
    /// The items, in the order of the day.
    pub items: Vec<Item>,
}

impl Programme {
    /// The item of this slug.
    pub fn find(&self, slug: &str) -> Option<&Item> {
        self.items.iter().find(|item| item.slug == slug)
    }

    /// The topic of this slug.
    pub fn find_topic(&self, slug: &str) -> Option<&Topic> {
        self.topics.iter().find(|topic| topic.slug == slug)
    }
}

/// What is published of this conference's programme.
pub async fn get(conn: &mut PgConnection, conference: ConferenceId) -> Result<Programme, sqlx::Error> {
    let topics = sqlx::query_as!(
        Topic,
        "select number, slug, title, description from topic where conference_id = $1 order by number",
        conference.0,
    )
    .fetch_all(&mut *conn)
    .await?;
    let rows = sqlx::query!(
        r#"select session.id as "session: SessionId", session.slug, revision.title, revision.kind as "kind: SessionKind",
               topic.number as "topic?", revision.speakers, revision.text, revision.provisional,
               lower(slot.during) as "starts_at!", upper(slot.during) as "ends_at!", room.name as "room?",
               coalesce(room.place, 0::smallint) as "room_place!", revision.number, revision.created_at
           from session
           join session_revision revision on revision.id = session.published_revision_id
           join slot on slot.session_id = session.id
           left join topic on topic.id = revision.topic_id
           left join room on room.id = slot.room_id
           where session.conference_id = $1
           order by lower(slot.during), room.place nulls first, session.slug"#,
        conference.0,
    )
    .fetch_all(conn)
    .await?;
    let items = rows.into_iter().map(|row| {
        Ok(Item {
            session: row.session,
            slug: row.slug,
            title: row.title,
            kind: row.kind,
            topic: row.topic,
            speakers: row.speakers,
            text: row.text,
            provisional: row.provisional,
            slot: TimeSlot::new(row.starts_at, row.ends_at).map_err(|_| super::unreadable("time slot"))?,
            room: row.room,
            room_place: row.room_place,
            revision: row.number,
            changed: row.created_at,
        })
    });
    Ok(Programme { topics, items: items.collect::<Result<_, sqlx::Error>>()? })
}

/// One public address for search engines.
#[derive(Clone, Debug)]
pub struct SitemapEntry {
    /// The conference's slug.
    pub conference: String,
    /// The session's slug, for a session.
    pub session: Option<String>,
    /// The page's slug, for a page.
    pub page: Option<String>,
    /// When it was last changed.
    pub changed: OffsetDateTime,
}

/// Every conference (neither session nor page), every session that is no break, and every page.
pub async fn list_addresses(conn: &mut PgConnection) -> Result<Vec<SitemapEntry>, sqlx::Error> {
    sqlx::query_as!(
        SitemapEntry,
        r#"select conference.slug as "conference!", null as "session?", null as "page?",
               greatest(conference.created_at, max(revision.created_at)) as "changed!"
           from conference
           left join session on session.conference_id = conference.id
           left join session_revision revision on revision.id = session.published_revision_id
           group by conference.id
           union all
           select conference.slug, session.slug, null, revision.created_at
           from session
           join conference on conference.id = session.conference_id
           join session_revision revision on revision.id = session.published_revision_id
           where revision.kind <> 'break'
           union all
           select conference.slug, null, page.slug, revision.created_at
           from page
           join conference on conference.id = page.conference_id
           join page_revision revision on revision.id = page.published_revision_id
           order by 1, 2 nulls first, 3 nulls first"#,
    )
    .fetch_all(conn)
    .await
}
