//! The rooms and people that sessions take, and what is in the way of a session.

use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{
    Side,
    editing::Editing,
    items::{self, Content, Item},
    releases,
    saving::{self, SaveError},
    sessions::{Place, Schedule, SessionContent},
    slot_between,
};
use crate::domain::{ConferenceId, Key, SessionId, SessionKindId, TimeSlot};

/// What a session would take, and when.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The session that it is, or a part of which it is. Its parts do not get in its way.
    root: SessionId,
    /// Whether it is a part, so that the other parts get in its way.
    is_part: bool,
    /// The rooms and people.
    taken: Vec<Uuid>,
    /// When it takes place.
    pub slot: TimeSlot,
    /// Whether rooms need their changeover after it.
    needs_changeover: bool,
}

/// A session that has what another is to get.
#[derive(Clone, Debug)]
pub struct InTheWay {
    /// The key.
    pub id: SessionId,
    /// Its title.
    pub title: String,
    /// When it takes place.
    pub slot: TimeSlot,
    /// The room or the person.
    pub taken: String,
    /// How many minutes the room stays empty between two sessions; 0 for people.
    pub changeover: i32,
    /// The name of the account that put it there; `None` for the initial programme.
    pub who: Option<String>,
    /// When that was.
    pub since: OffsetDateTime,
}

impl Wanted {
    /// Returns what this session would take if its content were this; `None` if its time is open.
    pub async fn of(
        conn: &mut PgConnection,
        side: Side,
        (conference, session): (ConferenceId, SessionId),
        content: &SessionContent,
    ) -> Result<Option<Self>, sqlx::Error> {
        let (starts_at, rooms, root) = match &content.schedule {
            Schedule::Own { starts_at, place } => {
                let rooms: Vec<Uuid> = match place {
                    Place::Rooms(rooms) => rooms.iter().map(|room| room.0).collect(),
                    Place::WholeVenue => list_rooms(conn, side, conference).await?,
                };
                (*starts_at, rooms, session)
            }
            Schedule::Within { parent, offset } => {
                let row = sqlx::query!(
                    r#"select starts_at, whole_venue as "whole_venue!",
                           array(select room_id from session_room where revision_id = place_revision_id) as "rooms!"
                       from session_side where conference_id = $1 and session_id = $2 and side = $3"#,
                    conference.0,
                    parent.0,
                    side.as_str(),
                )
                .fetch_optional(&mut *conn)
                .await?;
                let Some(row) = row else { return Ok(None) };
                let rooms = if row.whole_venue { list_rooms(conn, side, conference).await? } else { row.rooms };
                let offset = offset.map(|minutes| time::Duration::minutes(i64::from(minutes)));
                (row.starts_at.zip(offset).map(|(start, offset)| start + offset), rooms, *parent)
            }
        };
        let needs_changeover = !is_break(conn, side, content.kind).await?;
        let people = content.people.iter().map(|(person, _)| person.0);
        Ok(starts_at.map(|start| Self {
            root,
            is_part: root != session,
            taken: rooms.into_iter().chain(people).collect(),
            slot: TimeSlot::lasting(start, content.length),
            needs_changeover,
        }))
    }
}

/// Returns whether this kind of session is a break. A kind that is not public yet is published with the first session of it.
async fn is_break(conn: &mut PgConnection, side: Side, kind: SessionKindId) -> Result<bool, sqlx::Error> {
    let is_break = sqlx::query_scalar!(
        "select is_break from item
         join session_kind_content
             on revision_id = case $2 when 'draft' then head_id else coalesce(published_id, head_id) end
         where item.id = $1",
        kind.0,
        side.as_str(),
    );
    Ok(is_break.fetch_optional(conn).await?.unwrap_or_default())
}

async fn list_rooms(conn: &mut PgConnection, side: Side, conference: ConferenceId) -> Result<Vec<Uuid>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select item_side.id as "id!" from item_side
           join revision on revision.id = revision_id and status <> 'withdrawn'
           where item_side.conference_id = $1 and item_side.kind = 'room' and side = $2"#,
        conference.0,
        side.as_str(),
    )
    .fetch_all(conn)
    .await
}

/// Lists the sessions that have what is wanted at that time, or too soon before or after it, other than `session` itself. A session
/// stands there once for each room and person.
pub async fn list_in_the_way(
    conn: &mut PgConnection,
    side: Side,
    session: SessionId,
    wanted: &Wanted,
) -> Result<Vec<InTheWay>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select item.id as "id: SessionId", revision.title, lower(slot.during) as "starts_at!",
               upper(slot.during) as "ends_at!", taken_revision.title as taken,
               case when taken.kind = 'room' then coalesce((extract(epoch from changeover) / 60)::integer, 0) else 0 end as "changeover!",
               moved.who as "who?", moved.at as "since!"
           from slot
           join item on item.id = slot.session_id
           join item_side session on session.id = item.id and session.side = slot.side
           join revision on revision.id = session.revision_id
           join item taken on taken.id = slot.taken_id
           join revision taken_revision on taken_revision.id = taken.head_id
           left join room_content
               on room_content.revision_id = case $2 when 'draft' then taken.head_id else taken.published_id end
           cross join lateral (
               -- The first of the last revisions with the same time, rooms and people.
               select account.name as who, edit.created_at as at
               from (select edit_id, number, (starts_at, minutes, whole_venue, parent_id, parent_offset, rooms, people)
                         is distinct from lag((starts_at, minutes, whole_venue, parent_id, parent_offset, rooms, people)) over (order by number) as is_moved
                     from revision
                     join session_content on session_content.revision_id = revision.id
                     cross join lateral (select array(select room_id from session_room
                                                      where session_room.revision_id = revision.id order by room_id) as rooms,
                                                array(select person_id from session_person
                                                      where session_person.revision_id = revision.id order by person_id) as people) as of
                     where item_id = item.id and not set_aside) as versions
               join edit on edit.id = edit_id
               left join account on account.id = edit.account_id
               where is_moved
               order by number desc limit 1) as moved
           where slot.taken_id = any($1) and slot.side = $2
             and (slot.during && tstzrange($3, $4)
                  or $5 and slot.root_id <> $7 and taken.kind = 'room' and slot.held && tstzrange($3, $4 + coalesce(changeover, '0')))
             and item.id <> $6 and (slot.root_id <> $7 or $8 and slot.is_part)
           order by lower(slot.during), revision.title, taken_revision.title"#,
        &wanted.taken,
        side.as_str(),
        wanted.slot.start(),
        wanted.slot.end(),
        wanted.needs_changeover,
        session.0,
        wanted.root.0,
        wanted.is_part,
    )
    .fetch_all(conn)
    .await?;
    let in_the_way = rows.into_iter().map(|row| {
        let slot = slot_between(row.starts_at, row.ends_at)?;
        Ok(InTheWay {
            id: row.id,
            title: row.title,
            slot,
            taken: row.taken,
            changeover: row.changeover,
            who: row.who,
            since: row.since,
        })
    });
    in_the_way.collect()
}

/// Lists the times at which what is wanted is not free for a session of that length, other than `session` itself: it must not
/// overlap any of them.
pub async fn list_busy(
    conn: &mut PgConnection,
    side: Side,
    session: SessionId,
    wanted: &Wanted,
) -> Result<Vec<TimeSlot>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select lower(during) - coalesce(case when $5 then changeover end, '0') as "starts_at!",
               greatest(upper(during), case when $5 then upper(held) end) as "ends_at!"
           from slot
           left join item_side room on room.id = slot.taken_id and room.side = slot.side
           left join room_content on room_content.revision_id = room.revision_id and held is not null
           where slot.taken_id = any($1) and slot.side = $2 and slot.session_id <> $3 and (slot.root_id <> $4 or $6 and slot.is_part)"#,
        &wanted.taken,
        side.as_str(),
        session.0,
        wanted.root.0,
        wanted.needs_changeover && !wanted.is_part,
        wanted.is_part,
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(|row| slot_between(row.starts_at, row.ends_at)).collect()
}

/// Two sessions that have the same room or person at the same time.
#[derive(Clone, Debug)]
pub struct Clash {
    /// The session that was moved.
    pub session: SessionId,
    /// Its title.
    pub title: String,
    /// The session that it clashes with.
    pub other: SessionId,
    /// The title of that session.
    pub other_title: String,
    /// When that session takes place.
    pub slot: TimeSlot,
    /// The room or the person.
    pub taken: String,
}

/// Saves new versions of several sessions, which may pass through what would clash: only the outcome counts. Returns all clashes;
/// if there are any, the transaction must not be committed, and the database would refuse it.
pub async fn save_all(
    editing: &mut Editing<'_>,
    changes: &[(Item<SessionContent>, SessionContent)],
) -> Result<Vec<Clash>, SaveError> {
    defer(editing).await?;
    saving::save_all(editing, changes).await?;
    let moved: Vec<_> = changes.iter().map(|(item, _)| item.id.0).collect();
    clashes_of(editing, Side::Draft, &moved).await
}

/// Publishes several sessions as one release, like [`releases::publish`]. Returns all clashes, as [`save_all`] does.
pub async fn publish_all(editing: &mut Editing<'_>, sessions: &[Uuid]) -> Result<Vec<Clash>, SaveError> {
    defer(editing).await?;
    releases::publish(editing, sessions, "").await?;
    clashes_of(editing, Side::Public, sessions).await
}

/// Lets statements pass through what would clash.
pub async fn defer(editing: &mut Editing<'_>) -> Result<(), sqlx::Error> {
    sqlx::query!("set constraints slot_free, slot_free_among_parts, slot_changeover deferred")
        .execute(&mut ***editing)
        .await?;
    Ok(())
}

/// Returns the clashes that there would be if an item had this content: those of the draft or, if there are none, those that the
/// public would read of once it is published. The transaction must not be committed.
pub async fn list_clashes_with<C: Content + Clone>(
    editing: &mut Editing<'_>,
    (id, content): (C::Id, &C),
) -> Result<(Side, Vec<Clash>), sqlx::Error> {
    let conference = editing.conference();
    let nothing = (Side::Draft, Vec::new());
    let Some(item) = items::find::<C>(&mut *editing, (conference, id)).await? else { return Ok(nothing) };
    defer(editing).await?;
    match saving::save_all(editing, &[(item, content.clone())]).await {
        Ok(()) => {}
        Err(SaveError::Database(error)) => return Err(error),
        Err(_) => return Ok(nothing),
    }
    let all = sqlx::query_scalar!("select id from item where conference_id = $1 and kind = 'session'", conference.0)
        .fetch_all(&mut ***editing)
        .await?;
    let clashes = list_clashes(editing, Side::Draft, &all).await?;
    if !clashes.is_empty() {
        return Ok((Side::Draft, clashes));
    }
    match releases::publish(editing, &[id.uuid()], "").await {
        Ok(_) => Ok((Side::Public, list_clashes(editing, Side::Public, &all).await?)),
        Err(SaveError::Database(error)) => Err(error),
        Err(_) => Ok(nothing),
    }
}

/// Returns the clashes of these sessions. If there are none, the database checks the whole.
async fn clashes_of(editing: &mut Editing<'_>, side: Side, sessions: &[Uuid]) -> Result<Vec<Clash>, SaveError> {
    let clashes = list_clashes(editing, side, sessions).await?;
    if clashes.is_empty() {
        sqlx::query!("set constraints slot_free, slot_free_among_parts, slot_changeover immediate")
            .execute(&mut ***editing)
            .await?;
    }
    Ok(clashes)
}

/// Returns the other sessions that must be published with these, so that no room or person is taken twice in public, with their
/// titles. They have moved already, but the public does not know. Returns nothing if that is of no use. Publishes on the way, so
/// the transaction must not be committed.
pub async fn list_published_with(
    editing: &mut Editing<'_>,
    sessions: &[Uuid],
) -> Result<Vec<(SessionId, String)>, SaveError> {
    let mut others: Vec<(SessionId, String)> = Vec::new();
    defer(editing).await?;
    loop {
        let all: Vec<Uuid> = sessions.iter().copied().chain(others.iter().map(|(other, _)| other.0)).collect();
        releases::publish(editing, &all, "").await?;
        let clashes = list_clashes(editing, Side::Public, &all).await?;
        let known = others.len();
        for clash in &clashes {
            let pair = [(clash.session, &clash.title), (clash.other, &clash.other_title)];
            for (id, title) in pair.into_iter().filter(|(id, _)| !all.contains(&id.0)) {
                if !others.iter().any(|(other, _)| *other == id) {
                    others.push((id, title.clone()));
                }
            }
        }
        match clashes.len() {
            0 => return Ok(others),
            _ if others.len() == known => return Ok(Vec::new()),
            _ => {}
        }
    }
}

/// Lists the clashes of these sessions, each pair once, those of the earliest sessions first.
async fn list_clashes(conn: &mut PgConnection, side: Side, moved: &[Uuid]) -> Result<Vec<Clash>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select own.session_id as "session: SessionId", own_revision.title,
               other.session_id as "other: SessionId", other_revision.title as other_title, lower(other.during) as "starts_at!", upper(other.during) as "ends_at!",
               taken_revision.title as taken
           from slot own
           join slot other on other.taken_id = own.taken_id and other.side = own.side and other.session_id <> own.session_id
               and (own.root_id <> other.root_id and (other.during && own.during or other.held && own.held)
                    or own.root_id = other.root_id and own.is_part and other.is_part and other.during && own.during)
           join item own_item on own_item.id = own.session_id
           join revision own_revision on own_revision.id = own_item.head_id
           join item other_item on other_item.id = other.session_id
           join revision other_revision on other_revision.id = other_item.head_id
           join item taken on taken.id = own.taken_id
           join revision taken_revision on taken_revision.id = taken.head_id
           where own.side = $2
             and (own.session_id = any($1) or own.root_id = any($1))
             and (not (other.session_id = any($1) or other.root_id = any($1)) or own.session_id < other.session_id)
           order by lower(own.during), own_revision.title, lower(other.during), other_revision.title, taken_revision.title"#,
        moved,
        side.as_str(),
    )
    .fetch_all(conn)
    .await?;
    let clashes = rows.into_iter().map(|row| {
        let slot = slot_between(row.starts_at, row.ends_at)?;
        Ok(Clash {
            session: row.session,
            title: row.title,
            other: row.other,
            other_title: row.other_title,
            slot,
            taken: row.taken,
        })
    });
    clashes.collect()
}
