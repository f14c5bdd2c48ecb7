//! What releases changed, for those who read the programme. Only revisions that a release made public are read.

use std::collections::{HashMap, HashSet};

use sqlx::PgConnection;
use time::OffsetDateTime;

use super::items::ItemKind;
use crate::domain::{ConferenceId, Effect, ReleaseId, RevisionId, Rooms, Status, TimeSlot, text_enum};

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

/// A release with what it did.
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
    /// Whether it was the first with sessions. Then the other items do not stand among its steps.
    pub is_first: bool,
    /// What it did, in order of kind and time.
    pub steps: Vec<Step>,
}

/// What a release did to an item.
#[derive(Clone, Debug)]
pub struct Step {
    /// The kind of item.
    pub kind: ItemKind,
    /// Its title or name.
    pub title: String,
    /// The title before, if it was another one.
    pub old_title: Option<String>,
    /// The last part of the item's present address, if the public can read the item and it is not a break.
    pub slug: Option<String>,
    /// What became of it.
    pub effect: Effect,
    /// What the public read before; `None` if it was not public, or withdrawn.
    pub before: Option<Version>,
    /// What the public read afterwards; `None` if it was not public, or withdrawn. Nobody reads the revision that withdraws an
    /// item.
    pub after: Option<Version>,
    /// What differs between the two besides status, time and room.
    pub parts: Vec<Part>,
}

/// A public revision of an item, without its texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// Its title.
    pub title: String,
    /// Whether it is a break by today's public programme.
    pub is_break: bool,
    /// How far it is.
    pub status: Status,
    /// When it takes place, for a session whose time is known.
    pub slot: Option<TimeSlot>,
    /// Its rooms, for a session.
    pub rooms: Rooms,
}

text_enum! {
    /// A part of an item that may change, with its key in `content_of`. What the public does not read, such as the changeover of a
    /// room, is none.
    pub enum Part {
        /// The title.
        Title = "title",
        /// The name of a room, a kind of session or a person.
        Name = "name",
        /// The subtitle of a session.
        Subtitle = "subtitle",
        /// The abstract of a session.
        Abstract = "abstract_text",
        /// The language of a session.
        Language = "language",
        /// The people who take part in a session.
        People = "people",
        /// The number of a topic.
        Number = "number",
        /// The description of a topic or a kind of session.
        Description = "description",
        /// What a person does.
        JobTitle = "job_title",
        /// Where a person does it.
        Organisation = "organisation",
        /// The city of a person.
        City = "city",
        /// The country of a person.
        Country = "country",
        /// The picture of a person.
        Picture = "picture_id",
        /// The text of a session, a person or a page.
        Text = "text",
        /// The links of a session or a person.
        Links = "links",
        /// The files of a session.
        Files = "files",
        /// The kind of a session.
        Kind = "session_kind_id",
        /// The topic of a session.
        Topic = "topic_id",
        /// The theme of the conference.
        Theme = "theme",
        /// The venue of the conference.
        Venue = "venue",
        /// The website of the venue.
        VenueUrl = "venue_url",
        /// The hosts of the conference.
        Hosts = "hosts",
        /// The first day of the conference.
        FirstDay = "starts_on",
        /// The last day of the conference.
        LastDay = "ends_on",
        /// The time zone of the conference.
        Zone = "time_zone",
    }
}

impl Version {
    fn can_be_read(&self) -> bool {
        self.status != Status::Withdrawn
    }

    fn is_moved(&self, after: &Self) -> bool {
        // A time or a room that is announced for the first time moves nobody.
        self.slot.is_some() && self.slot != after.slot || !self.rooms.is_open() && self.rooms != after.rooms
    }
}

/// Returns the latest releases of the programme, at most [`MOST`]. What changed nothing that people can read is left out, such as
/// sessions that were changed and changed back. So is what was taken back: the notes and titles of those releases, and items that
/// were published by mistake.
pub async fn list(conn: &mut PgConnection, conference: ConferenceId) -> Result<Changes, sqlx::Error> {
    let mut rows = sqlx::query!(
        r#"select id as "id: ReleaseId", number, note, created_at,
               coalesce(id = (select release.id
                              from release join release_change on release_id = release.id join item on item.id = item_id
                              where release.conference_id = $1 and kind = 'session' order by number limit 1), false) as "is_first!"
           from release where conference_id = $1 order by number desc limit $2"#,
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
    let valid = list_valid(conn, conference, rows.last().map_or(i32::MAX, |row| row.number)).await?;
    let mut steps = list_steps(conn, &rows.iter().map(|row| row.id).collect::<Vec<_>>(), &valid).await?;
    let releases = rows.into_iter().map(|row| {
        let mut steps = steps.remove(&row.id).unwrap_or_default();
        steps.retain(|step| !row.is_first || step.kind == ItemKind::Session);
        Release {
            id: row.id,
            number: row.number,
            note: if valid.contains(&row.id) { row.note } else { String::new() },
            at: row.created_at,
            is_first: row.is_first,
            steps,
        }
    });
    let releases = releases.filter(|release| !release.steps.is_empty() || !release.note.is_empty()).collect();
    Ok(Changes { releases, is_complete, updated })
}

/// Returns the releases from this number on that were not taken back and do not take back others. A release that took others back
/// and was taken back itself does not count.
async fn list_valid(
    conn: &mut PgConnection,
    conference: ConferenceId,
    from: i32,
) -> Result<HashSet<ReleaseId>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select id as "id: ReleaseId", number, takes_back
           from release where conference_id = $1 and number >= $2 order by number desc"#,
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
            None => _ = valid.insert(row.id),
        }
    }
    Ok(valid)
}

/// Returns what these releases did to the items that are public now. Nothing is said of people who were removed, not even that
/// they were: it would repeat their names. Nor of texts, such as those of mails, which are not part of the programme.
async fn list_steps(
    conn: &mut PgConnection,
    releases: &[ReleaseId],
    valid: &HashSet<ReleaseId>,
) -> Result<HashMap<ReleaseId, Vec<Step>>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select release_id as "release: ReleaseId", item.kind as "kind: ItemKind", before_id as "before: RevisionId",
               after_id as "after: RevisionId", present.id as "present: RevisionId", present.slug,
               array(select key from jsonb_each(content_of(before_id)) as earlier
                     join jsonb_each(content_of(after_id)) as later using (key)
                     where before_id is not null and after_id is not null and earlier.value <> later.value) as "differing!"
           from release_change
           join item on item.id = item_id
           join revision present on present.id = item.published_id
           where release_id = any($1) and item.kind <> 'text' and item.kind = any($2)
             and (item.kind <> 'person' or present.status <> 'withdrawn')"#,
        &releases.iter().map(|id| id.0).collect::<Vec<_>>(),
        &ItemKind::known(),
    )
    .fetch_all(&mut *conn)
    .await?;
    let revisions = rows.iter().flat_map(|row| [row.before, row.after, Some(row.present)]).flatten();
    let versions = find_versions(conn, &revisions.collect::<Vec<_>>()).await?;
    let mut steps: HashMap<_, Vec<_>> = HashMap::new();
    for row in rows {
        let [before, after] = [row.before, row.after].map(|id| id.and_then(|id| versions.get(&id)).cloned());
        let differing = row.differing.iter().filter_map(|key| Part::parse(key)).collect();
        let present = (&versions[&row.present], row.slug);
        if let Some(step) = Step::of(row.kind, valid.contains(&row.release), present, before, after, differing) {
            steps.entry(row.release).or_default().push(step);
        }
    }
    for steps in steps.values_mut() {
        steps.sort_by_cached_key(|step| {
            let start =
                step.after.as_ref().or(step.before.as_ref()).and_then(|version| version.slot).map(TimeSlot::start);
            (step.kind, start.is_none(), start, step.title.clone())
        });
    }
    Ok(steps)
}

impl Step {
    /// Returns what going from one version to the other means for readers, or `None` if they do not notice it. `present` is what
    /// the public reads now, with its slug, and `parts` what differs besides the title. Unless the release is valid, the item has
    /// its present title: the one that it had then may have been taken back. So do people, who may have changed their names.
    fn of(
        kind: ItemKind,
        is_valid: bool,
        (present, slug): (&Version, String),
        before: Option<Version>,
        after: Option<Version>,
        mut parts: Vec<Part>,
    ) -> Option<Self> {
        let readable = |version: &&Version| version.can_be_read();
        let known = after.as_ref().filter(readable).or(before.as_ref().filter(readable))?;
        let title = match kind {
            ItemKind::Person => present.title.clone(),
            _ if is_valid => known.title.clone(),
            _ => Some(present).filter(readable)?.title.clone(),
        };
        let mut old_title = None;
        let mut is_moved = false;
        if let (Some(before), Some(after)) = (&before, &after) {
            is_moved = before.is_moved(after)
                || parts.iter().any(|part| matches!(part, Part::Venue | Part::FirstDay | Part::LastDay));
            if before.title != after.title {
                let has_name = matches!(kind, ItemKind::Room | ItemKind::SessionKind | ItemKind::Person);
                parts.push(if has_name { Part::Name } else { Part::Title });
                old_title = (is_valid && kind != ItemKind::Person).then(|| before.title.clone());
            }
            parts.sort_unstable();
            if parts.is_empty() && before == after {
                return None;
            }
        }
        let status = |version: &Version| version.status;
        Some(Self {
            kind,
            title,
            old_title,
            slug: (present.can_be_read() && !present.is_break).then_some(slug),
            effect: Effect::of(before.as_ref().map(status), after.as_ref().map(status), is_moved),
            before: before.filter(Version::can_be_read),
            after: after.filter(Version::can_be_read),
            parts,
        })
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
                   parent.starts_at + make_interval(mins => session_content.parent_offset)) as "starts_at?", minutes as "minutes?",
               coalesce(parent.whole_venue, session_content.whole_venue, false) as "whole_venue!",
               array(select room_revision.title from session_room
                     join item room on room.id = room_id
                     join revision room_revision on room_revision.id = room.published_id
                     join room_content on room_content.revision_id = room_revision.id
                     where session_room.revision_id = coalesce(parent.place_revision_id, revision.id)
                     order by place, room_revision.title) as "rooms!"
           from revision
           join conference on conference.id = revision.conference_id
           left join session_content on session_content.revision_id = revision.id
           left join item kind_item on kind_item.id = session_kind_id
           left join session_kind_content session_kind on session_kind.revision_id = kind_item.published_id
           left join session_side parent on parent.session_id = session_content.parent_id and parent.side = 'public'
           where revision.id = any($1)"#,
        &revisions.iter().map(|id| id.0).collect::<Vec<_>>(),
    )
    .fetch_all(conn)
    .await?;
    let versions = rows.into_iter().map(|row| {
        let length = row.minutes.map(super::length).transpose()?;
        let slot = row.starts_at.zip(length).map(|(start, length)| TimeSlot::lasting(start, length));
        let rooms = Rooms::of(row.whole_venue, row.rooms);
        Ok((row.id, Version { title: row.title, is_break: row.is_break, status: row.status, slot, rooms }))
    });
    versions.collect()
}
