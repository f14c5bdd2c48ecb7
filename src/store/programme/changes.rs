//! What releases changed, for those who read the programme. Only revisions that a release made public are read.

use std::collections::{HashMap, HashSet};

use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::domain::{ConferenceId, Effect, ReleaseId, RevisionId, Rooms, SessionId, Status, TimeSlot};

/// The number of releases that are listed.
pub const MOST: usize = 50;

/// The latest releases of a programme.
#[derive(Clone, Debug)]
pub struct Changes {
    /// Those that readers notice, latest first.
    pub releases: Vec<Release>,
    /// Whether the list goes back to the first release of the programme.
    pub is_complete: bool,
    /// When the latest release was made. Without releases, when the conference was added.
    pub updated: OffsetDateTime,
}

/// A release with what it did to sessions.
#[derive(Clone, Debug)]
pub struct Release {
    /// Its key.
    pub id: ReleaseId,
    /// Its number.
    pub number: i32,
    /// What organisers say about it; may be empty.
    pub note: String,
    /// When it was made.
    pub at: OffsetDateTime,
    /// Whether it was the first of the programme.
    pub is_first: bool,
    /// What it did, in order of time.
    pub steps: Vec<Step>,
}

/// What a release did to a session.
#[derive(Clone, Debug)]
pub struct Step {
    /// The session.
    pub session: SessionId,
    /// What became of it.
    pub effect: Effect,
    /// What the public read before; `None` if it was not public, or withdrawn.
    pub before: Option<Version>,
    /// What the public read afterwards; `None` if it was not public, or withdrawn. Nobody reads the revision that withdraws a
    /// session.
    pub after: Option<Version>,
    /// What differs between the two besides status, time and room.
    pub parts: Vec<Part>,
}

/// A public revision of a session, without its texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// Its title.
    pub title: String,
    /// Whether it is a break by today's public programme.
    pub is_break: bool,
    /// How far it is.
    pub status: Status,
    /// When it takes place, if that is known.
    pub slot: Option<TimeSlot>,
    /// Its rooms.
    pub rooms: Rooms,
}

/// A part of a session that may change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// The title.
    Title,
    /// The subtitle.
    Subtitle,
    /// The abstract.
    Abstract,
    /// The language.
    Language,
    /// The people who take part.
    People,
    /// The description.
    Text,
    /// The links.
    Links,
    /// The files.
    Files,
    /// The kind of session.
    Kind,
    /// The topic.
    Topic,
}

impl Version {
    fn is_moved(&self, after: &Self) -> bool {
        // A time or a room that is announced for the first time moves nobody.
        self.slot.is_some() && self.slot != after.slot || !self.rooms.is_open() && self.rooms != after.rooms
    }
}

/// Returns the latest releases of the programme, at most [`MOST`]. What changed nothing that people can read is left out:
/// releases of pages alone, and sessions that were changed and changed back. So is what was taken back: the notes of those
/// releases, and sessions that were published by mistake.
pub async fn list(conn: &mut PgConnection, conference: ConferenceId) -> Result<Changes, sqlx::Error> {
    let mut rows = sqlx::query!(
        r#"select id as "id: ReleaseId", number, note, created_at
           from release
           where conference_id = $1
               and exists (select from release_change join item on item.id = item_id
                           where release_id = release.id and kind = 'session')
           order by number desc limit $2"#,
        conference.0,
        i64::try_from(MOST + 1).unwrap_or(i64::MAX),
    )
    .fetch_all(&mut *conn)
    .await?;
    let is_complete = rows.len() <= MOST;
    rows.truncate(MOST);
    let updated = match rows.first() {
        Some(latest) => latest.created_at,
        None => {
            sqlx::query_scalar!("select created_at from conference where id = $1", conference.0)
                .fetch_one(&mut *conn)
                .await?
        }
    };
    let first = rows.last().map(|row| row.id).filter(|_| is_complete);
    let valid = list_valid(conn, conference, rows.last().map_or(i32::MAX, |row| row.number)).await?;
    let mut steps = list_steps(conn, &rows.iter().map(|row| row.id).collect::<Vec<_>>()).await?;
    let releases = rows.into_iter().map(|row| Release {
        id: row.id,
        number: row.number,
        note: if valid.contains(&row.number) { row.note } else { String::new() },
        at: row.created_at,
        is_first: Some(row.id) == first,
        steps: steps.remove(&row.id).unwrap_or_default(),
    });
    let releases = releases.filter(|release| !release.steps.is_empty() || !release.note.is_empty()).collect();
    Ok(Changes { releases, is_complete, updated })
}

/// Returns the numbers of the releases from this one on that were not taken back. A release that took others back and was taken
/// back itself does not count.
async fn list_valid(conn: &mut PgConnection, conference: ConferenceId, from: i32) -> Result<HashSet<i32>, sqlx::Error> {
    let rows = sqlx::query!(
        "select number, takes_back from release where conference_id = $1 and number >= $2 order by number desc",
        conference.0,
        from,
    )
    .fetch_all(conn)
    .await?;
    let mut valid = HashSet::new();
    let mut before = i32::MAX;
    for row in rows {
        match row.takes_back {
            _ if row.number >= before => {}
            Some(number) => before = number,
            None => _ = valid.insert(row.number),
        }
    }
    Ok(valid)
}

/// Returns what these releases did to the sessions that are public now.
async fn list_steps(
    conn: &mut PgConnection,
    releases: &[ReleaseId],
) -> Result<HashMap<ReleaseId, Vec<Step>>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select release_id as "release: ReleaseId", item_id as "session: SessionId",
               before_id as "before: RevisionId", after_id as "after: RevisionId",
               array(select (person_id, part) from session_person where revision_id = before_id order by position)
                   <> array(select (person_id, part) from session_person where revision_id = after_id order by position)
                   as "people!",
               array(select file_id from session_file where revision_id = before_id order by position)
                   <> array(select file_id from session_file where revision_id = after_id order by position) as "files!",
               coalesce(earlier.text <> later.text, false) as "text!",
               coalesce(earlier.links <> later.links, false) as "links!",
               coalesce(earlier.subtitle <> later.subtitle, false) as "subtitle!",
               coalesce(earlier.abstract_text <> later.abstract_text, false) as "abstract_text!",
               earlier.language is distinct from later.language as "language!",
               earlier.session_kind_id is distinct from later.session_kind_id as "kind!",
               earlier.topic_id is distinct from later.topic_id as "topic!"
           from release_change
           join item on item.id = item_id and item.kind = 'session' and item.published_id is not null
           left join session_content earlier on earlier.revision_id = before_id
           left join session_content later on later.revision_id = after_id
           where release_id = any($1)
           order by coalesce(later.starts_at, earlier.starts_at) nulls last, item_id"#,
        &releases.iter().map(|id| id.0).collect::<Vec<_>>(),
    )
    .fetch_all(&mut *conn)
    .await?;
    let revisions: Vec<_> = rows.iter().flat_map(|row| [row.before, row.after]).flatten().collect();
    let versions = find_versions(conn, &revisions).await?;
    let mut steps: HashMap<_, Vec<_>> = HashMap::new();
    for row in rows {
        let version = |id: Option<RevisionId>| id.and_then(|id| versions.get(&id)).cloned();
        let differs = [
            (Part::Subtitle, row.subtitle),
            (Part::Abstract, row.abstract_text),
            (Part::Language, row.language),
            (Part::People, row.people),
            (Part::Text, row.text),
            (Part::Links, row.links),
            (Part::Files, row.files),
            (Part::Kind, row.kind),
            (Part::Topic, row.topic),
        ];
        if let Some(step) = Step::of(row.session, version(row.before), version(row.after), &differs) {
            steps.entry(row.release).or_default().push(step);
        }
    }
    Ok(steps)
}

impl Step {
    /// Returns what going from one version to the other means for readers, or `None` if they do not notice it. `differs` says
    /// whether these parts differ.
    fn of(
        session: SessionId,
        before: Option<Version>,
        after: Option<Version>,
        differs: &[(Part, bool)],
    ) -> Option<Self> {
        let status = |version: &Version| version.status;
        let can_be_read = |version: &Version| version.status != Status::Withdrawn;
        if !before.iter().chain(&after).any(can_be_read) {
            return None;
        }
        let mut parts = Vec::new();
        let mut is_moved = false;
        if let (Some(before), Some(after)) = (&before, &after) {
            is_moved = before.is_moved(after);
            let title = [(Part::Title, before.title != after.title)];
            let differing = title.iter().chain(differs).filter(|(_, differs)| *differs);
            parts.extend(differing.map(|(part, _)| *part));
            parts.sort_unstable();
            if parts.is_empty() && before == after {
                return None;
            }
        }
        let effect = Effect::of(before.as_ref().map(status), after.as_ref().map(status), is_moved);
        Some(Self { session, effect, before: before.filter(can_be_read), after: after.filter(can_be_read), parts })
    }
}

async fn find_versions(
    conn: &mut PgConnection,
    revisions: &[RevisionId],
) -> Result<HashMap<RevisionId, Version>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select revision.id as "id!: RevisionId", revision.title as "title!", coalesce(is_break, false) as "is_break!",
               revision.status as "status!: Status",
               coalesce(session_content.starts_at at time zone time_zone,
                   parent.starts_at + make_interval(mins => session_content.parent_offset)) as "starts_at?", minutes as "minutes!",
               coalesce(parent.whole_venue, session_content.whole_venue) as "whole_venue!",
               array(select room_revision.title from session_room
                     join item room on room.id = room_id
                     join revision room_revision on room_revision.id = room.published_id
                     join room_content on room_content.revision_id = room_revision.id
                     where session_room.revision_id = coalesce(parent.place_revision_id, revision.id)
                     order by place, room_revision.title) as "rooms!"
           from revision
           join conference on conference.id = revision.conference_id
           join session_content on session_content.revision_id = revision.id
           left join item kind_item on kind_item.id = session_kind_id
           left join session_kind_content session_kind on session_kind.revision_id = kind_item.published_id
           left join session_side parent on parent.session_id = session_content.parent_id and parent.side = 'public'
           where revision.id = any($1)"#,
        &revisions.iter().map(|id| id.0).collect::<Vec<_>>(),
    )
    .fetch_all(conn)
    .await?;
    let versions = rows.into_iter().map(|row| {
        let length = super::length(row.minutes)?;
        let slot = row.starts_at.map(|start| TimeSlot::lasting(start, length));
        let rooms = Rooms::of(row.whole_venue, row.rooms);
        Ok((row.id, Version { title: row.title, is_break: row.is_break, status: row.status, slot, rooms }))
    });
    versions.collect()
}
