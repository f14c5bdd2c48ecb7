//! The programme, as the public reads it and as its draft.

pub mod changes;
pub mod departing;
pub mod editing;
pub mod facts;
pub mod files;
pub mod items;
pub mod linked;
pub mod one_by_one;
pub mod pages;
pub mod people;
pub mod pictures;
pub mod previews;
pub mod releases;
pub mod rooms;
pub mod same_person;
pub mod saving;
pub mod scheduled;
pub mod session_kinds;
pub mod sessions;
mod side;
pub mod slots;
pub mod slugs;
pub mod texts;
pub mod topics;

pub use side::Side;

use std::collections::HashMap;

use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::domain::{
    ConferenceId, Language, Length, Links, PersonId, PersonPart, PictureId, Rooms, SessionId, Status, TimeSlot,
    TopicMark,
};

/// A topic of a conference.
#[derive(Clone, Debug)]
pub struct Topic {
    /// Its number and colour.
    pub mark: TopicMark,
    /// Its name in the addresses of filters.
    pub slug: String,
    /// Its title.
    pub title: String,
    /// One or two sentences.
    pub description: String,
}

/// What sort of session it is.
#[derive(Clone, Debug)]
pub struct SessionKind {
    /// Its name.
    pub name: String,
    /// One or two sentences; may be empty.
    pub description: String,
    /// Its colour, from 1 to [`TopicMark::COLOURS`], if it has one.
    pub colour: Option<i16>,
    /// Whether it is coffee, lunch or the like, which has no page.
    pub is_break: bool,
}

/// Somebody who takes part in a session.
#[derive(Clone, Debug)]
pub struct Participant {
    /// The person.
    pub person: PersonId,
    /// What they do in the session.
    pub part: PersonPart,
    /// The last part of the address of their page.
    pub slug: String,
    /// Their name.
    pub name: String,
    /// What they do; may be empty.
    pub job_title: String,
    /// Where they do it; may be empty.
    pub organisation: String,
    /// The city that they come from; may be empty.
    pub city: String,
    /// A picture of them.
    pub picture: Option<PictureId>,
}

impl Participant {
    /// Returns what they do, where, and the city, as far as it is known.
    pub fn about(&self) -> String {
        let known = [&*self.job_title, &*self.organisation, &*self.city].into_iter().filter(|part| !part.is_empty());
        known.collect::<Vec<_>>().join(", ")
    }
}

/// An item of the programme.
#[derive(Clone, Debug)]
pub struct Item {
    /// The session.
    pub session: SessionId,
    /// The last part of its address.
    pub slug: String,
    /// Its title.
    pub title: String,
    /// The second line of its title; may be empty.
    pub subtitle: String,
    /// What it is about, for lists; may be empty.
    pub abstract_text: String,
    /// The language in which people speak, if organisers have said.
    pub language: Option<Language>,
    /// The kind of session.
    pub kind: SessionKind,
    /// The number and colour of its topic.
    pub topic: Option<TopicMark>,
    /// The people who take part, in order.
    pub people: Vec<Participant>,
    /// The description in Markdown.
    pub text: String,
    /// Pages about it.
    pub links: Links,
    /// Files to download, in order.
    pub files: Vec<files::ListedFile>,
    /// How far it is: not withdrawn, and not a draft on the public side.
    pub status: Status,
    /// When it takes place, if that is known.
    pub slot: Option<TimeSlot>,
    /// Its rooms. A part of a session has those of that session.
    pub rooms: Rooms,
    /// The session that it is a part of.
    pub parent: Option<SessionId>,
    /// A number that grows whenever something changes that calendars show of it, its room and the venue included.
    pub sequence: i32,
    /// When that was.
    pub changed: OffsetDateTime,
}

impl Item {
    /// Whether it does not take place.
    pub fn is_cancelled(&self) -> bool {
        self.status == Status::Cancelled
    }
}

/// One side of a conference's programme. Its public pages and files are made from the public side.
#[derive(Clone, Debug)]
pub struct Programme {
    /// The topics, in their order.
    pub topics: Vec<Topic>,
    /// The names of the rooms, in their order.
    pub rooms: Vec<String>,
    /// The items in order of time, those whose time is open last.
    pub items: Vec<Item>,
}

impl Programme {
    /// Iterates over the items that take place.
    pub fn held(&self) -> impl Iterator<Item = &Item> {
        self.items.iter().filter(|item| !item.is_cancelled())
    }

    /// Finds the item with this slug.
    pub fn find(&self, slug: &str) -> Option<&Item> {
        self.items.iter().find(|item| item.slug == slug)
    }

    /// Returns the parts of a session, in order of time.
    pub fn parts_of(&self, session: SessionId) -> impl Iterator<Item = &Item> {
        self.items.iter().filter(move |item| item.parent == Some(session))
    }

    /// Finds the topic with this slug.
    pub fn find_topic(&self, slug: &str) -> Option<&Topic> {
        self.topics.iter().find(|topic| topic.slug == slug)
    }
}

/// Returns one side of the programme of this conference.
pub async fn get(conn: &mut PgConnection, side: Side, conference: ConferenceId) -> Result<Programme, sqlx::Error> {
    let topics = sqlx::query!(
        "select topic.number, colour, slug, title, description
         from item
         join revision on revision.id = case $2 when 'draft' then item.head_id else item.published_id end
         join topic_content topic on topic.revision_id = revision.id
         where item.conference_id = $1 and status <> 'withdrawn' order by topic.number",
        conference.0,
        side.as_str(),
    )
    .fetch_all(&mut *conn)
    .await?;
    let topics = topics.into_iter().map(|row| Topic {
        mark: TopicMark { number: row.number, colour: row.colour },
        slug: row.slug,
        title: row.title,
        description: row.description,
    });
    let rooms = sqlx::query_scalar!(
        "select title from item_side
         join revision on revision.id = revision_id and status <> 'withdrawn'
         join room_content on room_content.revision_id = revision.id
         where item_side.conference_id = $1 and side = $2 order by place, title",
        conference.0,
        side.as_str(),
    )
    .fetch_all(&mut *conn)
    .await?;
    let rows = sqlx::query!(
        r#"select session.session_id as "session!: SessionId", revision.slug, revision.title,
               kind_revision.title as "kind?", session_kind.description as "kind_description?",
               session_kind.colour as "kind_colour?", session_kind.is_break as "is_break?",
               topic.number as "topic?", topic.colour as "colour?", subtitle, abstract_text,
               language as "language: Language", text, links as "links: Links", session.status as "status!: Status",
               session.starts_at as "starts_at?", session.ends_at as "ends_at?", session.parent_id as "parent?: SessionId",
               session.whole_venue as "whole_venue!",
               array(select title from session_place
                     where session_place.session_id = session.session_id and session_place.side = session.side
                     order by place, title) as "rooms!",
               coalesce(released.number, 0) + conference.revision as "sequence!",
               greatest(released.at, conference.changed_at) as "changed!"
           from session_side session
           join conference on conference.id = session.conference_id
           join revision on revision.id = session.revision_id
           join session_content on session_content.revision_id = revision.id
           left join item_side kind_side on kind_side.id = session_kind_id and kind_side.side = session.side
           left join revision kind_revision on kind_revision.id = kind_side.revision_id
           left join session_kind_content session_kind on session_kind.revision_id = kind_side.revision_id
           left join item_side topic_side on topic_side.id = topic_id and topic_side.side = session.side
           left join topic_content topic on topic.revision_id = topic_side.revision_id
           cross join lateral (
               select max(release.number) as number, max(release.created_at) as at
               from release_change join release on release.id = release_id
               where item_id = any(array[session.session_id, session_kind_id, topic_id, session.parent_id]
                   || array(select room_id from session_room where session_room.revision_id = session.place_revision_id)
                   || array(select person_id from session_person where session_person.revision_id = session.revision_id))) as released
           where session.conference_id = $1 and session.side = $2 and session.status <> 'withdrawn'
           order by session.starts_at nulls last, session.parent_id is not null,
               (select min(place) from session_place
                where session_place.session_id = session.session_id and session_place.side = session.side) nulls first,
               revision.slug"#,
        conference.0,
        side.as_str(),
    )
    .fetch_all(&mut *conn)
    .await?;
    let mut people = list_participants(&mut *conn, side, conference).await?;
    let mut files = files::list_by_session(&mut *conn, side, conference).await?;
    let items = rows.into_iter().map(|row| {
        Ok(Item {
            session: row.session,
            slug: row.slug,
            title: row.title,
            subtitle: row.subtitle,
            abstract_text: row.abstract_text,
            language: row.language,
            kind: SessionKind {
                name: row.kind.unwrap_or_default(),
                description: row.kind_description.unwrap_or_default(),
                colour: row.kind_colour,
                is_break: row.is_break.unwrap_or_default(),
            },
            topic: row.topic.zip(row.colour).map(|(number, colour)| TopicMark { number, colour }),
            people: people.remove(&row.session).unwrap_or_default(),
            text: row.text,
            links: row.links,
            files: files.remove(&row.session).unwrap_or_default(),
            status: row.status,
            slot: time_slot(row.starts_at, row.ends_at)?,
            rooms: Rooms::of(row.whole_venue, row.rooms),
            parent: row.parent,
            sequence: row.sequence,
            changed: row.changed,
        })
    });
    Ok(Programme { topics: topics.collect(), rooms, items: items.collect::<Result<_, sqlx::Error>>()? })
}

/// Returns the people who take part in each session.
async fn list_participants(
    conn: &mut PgConnection,
    side: Side,
    conference: ConferenceId,
) -> Result<HashMap<SessionId, Vec<Participant>>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select session.id as "session!: SessionId", person_id as "person: PersonId", part as "part: PersonPart",
               revision.slug, title as name, job_title, organisation, city, picture_id as "picture: PictureId"
           from item_side session
           join session_person on session_person.revision_id = session.revision_id
           join item_side person on person.id = person_id and person.side = session.side
           join revision on revision.id = person.revision_id
           join person_content on person_content.revision_id = revision.id
           where session.conference_id = $1 and session.side = $2 and session.kind = 'session'
           order by session.id, position"#,
        conference.0,
        side.as_str(),
    )
    .fetch_all(conn)
    .await?;
    let mut people: HashMap<SessionId, Vec<Participant>> = HashMap::new();
    for row in rows {
        people.entry(row.session).or_default().push(Participant {
            person: row.person,
            part: row.part,
            slug: row.slug,
            name: row.name,
            job_title: row.job_title,
            organisation: row.organisation,
            city: row.city,
            picture: row.picture,
        });
    }
    Ok(people)
}

/// Returns the time slot between two instants that a query found; `None` while the time is open.
fn time_slot(start: Option<OffsetDateTime>, end: Option<OffsetDateTime>) -> Result<Option<TimeSlot>, sqlx::Error> {
    start.zip(end).map(|(start, end)| slot_between(start, end)).transpose()
}

/// Returns the time slot between two instants that a query found.
fn slot_between(start: OffsetDateTime, end: OffsetDateTime) -> Result<TimeSlot, sqlx::Error> {
    TimeSlot::new(start, end).map_err(|error| sqlx::Error::Decode(error.into()))
}

/// Returns the length of a session that a query found.
fn length(minutes: i16) -> Result<Length, sqlx::Error> {
    Length::new(minutes).ok_or_else(|| sqlx::Error::Decode("no length of a session".into()))
}

/// A public address for search engines.
#[derive(Clone, Debug)]
pub struct SitemapEntry {
    /// The conference's slug.
    pub conference: String,
    /// The session's slug, for a session.
    pub session: Option<String>,
    /// The page's slug, for a page.
    pub page: Option<String>,
    /// The person's slug, for a person.
    pub person: Option<String>,
    /// When it was last changed.
    pub changed: OffsetDateTime,
}

/// Lists every conference (as an entry with no other slug), every session that is not a break, every page and every person, but
/// nothing of a demonstration.
pub async fn list_addresses(conn: &mut PgConnection) -> Result<Vec<SitemapEntry>, sqlx::Error> {
    sqlx::query_as!(
        SitemapEntry,
        r#"select conference.slug as "conference!", null as "session?", null as "page?", null as "person?",
               greatest(conference.created_at, max(release.created_at)) as "changed!"
           from conference
           left join release on release.conference_id = conference.id
           where not is_demonstration and not in_preparation
           group by conference.id
           union all
           select conference.slug, revision.slug, null, null, edit.created_at
           from item
           join conference on conference.id = item.conference_id
           join revision on revision.id = item.published_id
           join session_content on session_content.revision_id = revision.id
           join item kind_item on kind_item.id = session_kind_id
           join session_kind_content session_kind on session_kind.revision_id = kind_item.published_id
           join edit on edit.id = revision.edit_id
           where not is_demonstration and not in_preparation and not is_break and status <> 'withdrawn'
           union all
           select conference.slug, null, revision.slug, null, edit.created_at
           from item
           join conference on conference.id = item.conference_id
           join revision on revision.id = item.published_id
           join edit on edit.id = revision.edit_id
           where not is_demonstration and not in_preparation and item.kind = 'page' and status <> 'withdrawn'
           union all
           select conference.slug, null, null, revision.slug, edit.created_at
           from item
           join conference on conference.id = item.conference_id
           join revision on revision.id = item.published_id
           join edit on edit.id = revision.edit_id
           where not is_demonstration and not in_preparation and item.kind = 'person' and status <> 'withdrawn'
           order by 1, 2 nulls first, 3 nulls first, 4 nulls first"#,
    )
    .fetch_all(conn)
    .await
}
