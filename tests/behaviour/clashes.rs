//! Finds what overlaps in the programme by comparing everything with everything, as it was saved. It reads neither the table with
//! which the database prevents it nor the views from which that table is derived.

use std::collections::HashMap;

use sqlx::{FromRow, PgPool, types::time::PrimitiveDateTime};
use time::Duration;
use uuid::Uuid;

/// A session as the organisers or the public read it.
#[derive(FromRow)]
struct Session {
    side: String,
    conference_id: Uuid,
    id: Uuid,
    title: String,
    status: String,
    starts_at: Option<PrimitiveDateTime>,
    minutes: i16,
    whole_venue: bool,
    parent_id: Option<Uuid>,
    parent_offset: Option<i16>,
    is_break: bool,
    rooms: Vec<Uuid>,
    people: Vec<Uuid>,
}

/// A room as the organisers or the public read it.
#[derive(FromRow)]
struct Room {
    side: String,
    conference_id: Uuid,
    id: Uuid,
    changeover: i32,
}

/// A session's claim on a room or a person.
struct Claim<'a> {
    session: &'a Session,
    taken: Uuid,
    start: PrimitiveDateTime,
    /// How long the room stays empty afterwards; `None` for people.
    changeover: Option<Duration>,
}

const SESSIONS: &str = "
    select side, own.conference_id, own.id, title, status, starts_at, minutes, whole_venue, parent_id, parent_offset, is_break,
        array(select room_id from session_room where revision_id = own_id) as rooms,
        array(select person_id from session_person where revision_id = own_id) as people
    from item own
    join item session_kind on session_kind.conference_id = own.conference_id
    cross join lateral (values ('draft', own.head_id, session_kind.head_id), ('public', own.published_id, session_kind.published_id))
        as pointer (side, own_id, kind_id)
    join revision on revision.id = own_id
    join session_content content on content.revision_id = own_id and content.session_kind_id = session_kind.id
    join session_kind_content kind on kind.revision_id = kind_id";

const ROOMS: &str = "
    select side, item.conference_id, item.id, (extract(epoch from changeover) / 60)::integer as changeover
    from item
    cross join lateral (values ('draft', head_id), ('public', published_id)) as pointer (side, revision_id)
    join revision on revision.id = pointer.revision_id and status <> 'withdrawn'
    join room_content on room_content.revision_id = pointer.revision_id";

/// Returns the pairs of sessions that take the same room or person at the same time, or a room without its changeover between
/// them.
pub async fn clashes(db: &PgPool) -> Vec<String> {
    let mut moment = db.begin_with("begin isolation level repeatable read read only").await.expect("a moment");
    let sessions: Vec<Session> = sqlx::query_as(SESSIONS).fetch_all(&mut *moment).await.expect("the sessions");
    let rooms: Vec<Room> = sqlx::query_as(ROOMS).fetch_all(&mut *moment).await.expect("the rooms");
    moment.commit().await.expect("the end");
    let by_id = sessions.iter().map(|one| ((&*one.side, one.id), one)).collect();
    let claims: Vec<Claim<'_>> = sessions.iter().flat_map(|one| claims(one, &by_id, &rooms)).collect();
    let pairs =
        claims.iter().enumerate().flat_map(|(index, one)| claims[..index].iter().map(move |other| (other, one)));
    pairs.filter(|(one, other)| one.clashes_with(other)).map(|(one, other)| format!("{one} and {other}")).collect()
}

fn claims<'a>(session: &'a Session, by_id: &HashMap<(&str, Uuid), &'a Session>, rooms: &[Room]) -> Vec<Claim<'a>> {
    let place = session.parent_id.map_or(session, |parent| by_id[&(&*session.side, parent)]);
    let start = match session.parent_id {
        Some(_) => place.starts_at.zip(session.parent_offset).map(|(start, offset)| start + minutes(offset)),
        None => session.starts_at,
    };
    let Some(start) = start.filter(|_| session.takes_place() && place.takes_place()) else { return Vec::new() };
    let here = rooms.iter().filter(|room| (&room.side, room.conference_id) == (&session.side, session.conference_id));
    let taken = here.filter(|room| place.whole_venue || place.rooms.contains(&room.id));
    let rooms = taken.map(|room| (room.id, Some(Duration::minutes(room.changeover.into()))));
    let people = session.people.iter().map(|person| (*person, None));
    rooms.chain(people).map(|(taken, changeover)| Claim { session, taken, start, changeover }).collect()
}

fn minutes(number: i16) -> Duration {
    Duration::minutes(number.into())
}

impl Session {
    fn takes_place(&self) -> bool {
        ["draft", "tentative", "confirmed"].contains(&&*self.status)
    }
}

impl Claim<'_> {
    fn clashes_with(&self, other: &Self) -> bool {
        let (one, two) = (self.session, other.session);
        if self.taken != other.taken || one.side != two.side {
            return false;
        }
        let is_family = one.parent_id.unwrap_or(one.id) == two.parent_id.unwrap_or(two.id);
        if is_family {
            return one.parent_id.is_some() && two.parent_id.is_some() && self.overlaps(other, Duration::ZERO);
        }
        let empty = self.changeover.filter(|_| !one.is_break && !two.is_break).unwrap_or_default();
        self.overlaps(other, empty)
    }

    /// Whether less than this time is between them.
    fn overlaps(&self, other: &Self, between: Duration) -> bool {
        let ends = |claim: &Self| claim.start + minutes(claim.session.minutes) + between;
        self.start < ends(other) && other.start < ends(self)
    }
}

impl std::fmt::Display for Claim<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Session { side, title, minutes, .. } = self.session;
        write!(f, "{side} {title} ({}, {minutes} minutes, {})", self.start, self.taken)
    }
}
