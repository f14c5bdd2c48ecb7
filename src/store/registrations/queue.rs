//! The waiting list as staff see and change it.

use sqlx::{PgConnection, PgTransaction};
use time::OffsetDateTime;

use super::waiting::lock_queue;
use crate::{
    domain::{
        AccountId, AttendeeId, AuditKind, CategoryId, ConferenceId, MoveReason, OfferOutcome, Reference,
        RegistrationId, Stored,
    },
    store::audit::{self, Actor, Change, Entry},
};

/// Somebody who waits.
#[derive(Clone, Debug)]
pub struct InQueue {
    /// The attendee.
    pub attendee: AttendeeId,
    /// Their name.
    pub name: String,
    /// Their organisation.
    pub organisation: String,
    /// The category, in whose queue they wait.
    pub category: CategoryId,
    /// Its name.
    pub category_name: String,
    /// The position in that queue, from 1.
    pub position: i64,
    /// How many wait in that queue.
    pub length: i64,
    /// When they joined the waiting list.
    pub since: OffsetDateTime,
}

/// How many of a queue are listed at once.
pub const PAGE: i64 = 50;

/// The part of the waiting list to read.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    /// The queue; `None` for that of each category.
    pub category: Option<CategoryId>,
    /// The position from which on it is read.
    pub from: i64,
    /// Somebody who is listed wherever they stand in such a queue.
    pub chosen: Option<AttendeeId>,
}

/// Lists those who wait, by category and position: at most [`PAGE`] of each queue.
pub async fn list(conn: &mut PgConnection, conference: ConferenceId, part: Part) -> Result<Vec<InQueue>, sqlx::Error> {
    sqlx::query_as!(
        InQueue,
        r#"select attendee.id as "attendee: AttendeeId", attendee.name, organisation,
               category.id as "category: CategoryId", category.name as category_name, waiting.position as "position!",
               (select count(*) from attendee other where other.category_id = category.id and other.queue_rank is not null)
                   as "length!",
               attendee.created_at as since
           from category
           cross join lateral (
               select id, $2::bigint - 1 + row_number() over (order by queue_rank) as position
               from (
                   select id, queue_rank from attendee where category_id = category.id and queue_rank is not null
                   order by queue_rank offset $2::bigint - 1 limit $3
               ) as page
               union
               select id, (select count(*) from attendee ahead
                           where ahead.category_id = category.id and ahead.queue_rank <= chosen.queue_rank)
               from attendee chosen where id = $5 and category_id = category.id and queue_rank is not null
           ) as waiting
           join attendee on attendee.id = waiting.id
           join registration on registration.id = attendee.registration_id
           where category.conference_id = $1 and ($4::uuid is null or category.id = $4)
           order by category.place, category.name, category.id, waiting.position"#,
        conference.0,
        part.from,
        PAGE,
        part.category.map(|category| category.0),
        part.chosen.map(|attendee| attendee.0),
    )
    .fetch_all(conn)
    .await
}

/// Returns how many wait for a place that somebody else would take in this category: those of the same category and, if the place is
/// a new one and the whole conference has a limit, those of categories that have places.
pub async fn count_waiting_for(
    conn: &mut PgConnection,
    conference: ConferenceId,
    category: CategoryId,
    is_new: bool,
) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select count(*) as "count!"
           from attendee waiting
           left join capacity on capacity.conference_id = $1 and capacity.category_id = waiting.category_id
           where waiting.conference_id = $1 and waiting.queue_rank is not null
               and (waiting.category_id = $2
                   or $3 and (capacity.places is null or capacity.taken < capacity.places)
                       and exists (select from capacity whole
                                   where whole.conference_id = $1 and whole.category_id is null and whole.places is not null))"#,
        conference.0,
        category.0,
        is_new,
    )
    .fetch_one(conn)
    .await
}

/// An offer in the list of all offers.
#[derive(Clone, Debug)]
pub struct ListedOffer {
    /// To whom it was made.
    pub attendee: AttendeeId,
    /// Their name.
    pub name: String,
    /// The reference of their registration.
    pub reference: Reference,
    /// The name of their category.
    pub category_name: String,
    /// When it was made.
    pub offered_at: OffsetDateTime,
    /// When it ends, or would have ended.
    pub lapses_at: OffsetDateTime,
    /// When the reminder was sent.
    pub reminded_at: Option<OffsetDateTime>,
    /// What became of it and when; `None` while it is open.
    pub ended: Option<(Stored<OfferOutcome>, OffsetDateTime)>,
}

/// How many offers that have ended are listed.
const MOST_ENDED: i64 = 200;

/// Lists the offers: those that are open, the next to end first, and then those that have ended, the last to end first.
pub async fn list_offers(conn: &mut PgConnection, conference: ConferenceId) -> Result<Vec<ListedOffer>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select attendee.id as "attendee: AttendeeId", attendee.name, reference, category.name as category_name,
               offered_at as "offered_at!", lapses_at as "lapses_at!", reminded_at, outcome as "outcome: Stored<OfferOutcome>", ended_at
           from (
               (select * from offer where conference_id = $1 and ended_at is null)
               union all
               (select * from offer where conference_id = $1 and ended_at is not null order by ended_at desc limit $2)
           ) as offer
           join attendee on attendee.id = offer.attendee_id
           join registration on registration.id = attendee.registration_id
           join category on category.id = attendee.category_id
           order by ended_at desc nulls first, lapses_at, offer.id"#,
        conference.0,
        MOST_ENDED,
    )
    .fetch_all(conn)
    .await?;
    let offers = rows.into_iter().map(|row| ListedOffer {
        attendee: row.attendee,
        name: row.name,
        reference: Reference::kept(row.reference),
        category_name: row.category_name,
        offered_at: row.offered_at,
        lapses_at: row.lapses_at,
        reminded_at: row.reminded_at,
        ended: row.outcome.zip(row.ended_at),
    });
    Ok(offers.collect())
}

/// Somebody to move in the queue of their category.
#[derive(Clone, Copy, Debug)]
pub struct Moving<'a> {
    /// The conference.
    pub conference: ConferenceId,
    /// The attendee.
    pub attendee: AttendeeId,
    /// The new position, from 1. One beyond the end is the last.
    pub position: i64,
    /// Why, for the history.
    pub reason: &'a MoveReason,
    /// The account that moves them.
    pub by: AccountId,
}

/// Moves somebody to another position and records it with the reason. Returns the position that they have now, or `None` if they do
/// not wait.
pub async fn move_to(tx: &mut PgTransaction<'_>, moving: Moving<'_>) -> Result<Option<i64>, sqlx::Error> {
    lock_queue(tx, moving.conference).await?;
    let found = sqlx::query!(
        r#"select registration_id as "registration: RegistrationId", category_id,
               (select count(*) from attendee ahead
                where ahead.category_id = attendee.category_id and ahead.queue_rank <= attendee.queue_rank) as "position!",
               (select count(*) from attendee other where other.category_id = attendee.category_id and other.queue_rank is not null)
                   as "length!"
           from attendee where conference_id = $1 and id = $2 and queue_rank is not null"#,
        moving.conference.0,
        moving.attendee.0,
    );
    let Some(found) = found.fetch_optional(&mut **tx).await? else { return Ok(None) };
    let position = moving.position.clamp(1, found.length);
    if position == found.position {
        return Ok(Some(position));
    }
    // The new rank lies between that of the one who will be next, or none, and the rank before it in the whole conference, so that
    // no two are equal. Halves are exact, whatever the number of digits.
    sqlx::query!(
        "with following as (
             select queue_rank as rank from attendee
             where category_id = $3 and id <> $2 and queue_rank is not null order by queue_rank offset $4 limit 1
         ), before as (
             select max(queue_rank) as rank from attendee
             where conference_id = $1 and id <> $2 and queue_rank < (select rank from following)
         )
         update attendee
         set queue_rank = case when exists (select from following)
                 then ((select rank from following) + coalesce((select rank from before), (select rank - 2 from following))) * 0.5
                 else nextval('queue_rank') end,
             revision = revision + 1
         where id = $2",
        moving.conference.0,
        moving.attendee.0,
        found.category_id,
        position - 1,
    )
    .execute(&mut **tx)
    .await?;
    let changes = [
        Change { field: "queue_position", before: found.position.to_string(), after: position.to_string() },
        Change { field: "move_reason", before: String::new(), after: moving.reason.as_str().to_owned() },
    ];
    let entry = Entry {
        conference: Some(moving.conference),
        registration: Some(found.registration),
        attendee: Some(moving.attendee),
        changes: &changes,
        ..Entry::of(AuditKind::AttendeeMoved, Actor::Account(moving.by))
    };
    audit::note(tx, entry).await?;
    Ok(Some(position))
}
