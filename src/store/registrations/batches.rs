//! What staff do to many attendees at once. It is one transaction, and can be undone as one as far as places are left.

use std::collections::BTreeMap;

use sqlx::{Connection, PgConnection, PgTransaction};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{
    Cancelling, Tells,
    authority::Authority,
    cancel,
    choosing::{ChooseError, Choosing, choose},
    waiting::lock_queue,
};
use crate::{
    domain::{
        AccountId, AttendeeId, AttendeeState, BatchId, CancelReason, CategoryId, ConferenceId, EmailAddress,
        RegistrationId, Stored, text_enum,
    },
    store::{
        audit::Actor,
        outbox::{self, ChangeData},
    },
};

text_enum! {
    /// What was done to many attendees.
    pub enum BatchKind {
        /// They were cancelled.
        Cancellation = "cancellation",
        /// They were changed to one category.
        Category = "category",
    }
}

text_enum! {
    /// How one of the attendees of a batch stands now.
    pub enum Standing {
        /// As before the batch.
        AsBefore = "as_before",
        /// Still as the batch left them.
        AsLeft = "as_left",
        /// Somebody has decided something else since then.
        Changed = "changed",
    }
}

/// Somebody at the desk who does something to many attendees.
#[derive(Clone, Copy, Debug)]
pub struct Batching<'a> {
    /// The conference.
    pub conference: ConferenceId,
    /// Who does it.
    pub by: AccountId,
    /// Why. Only staff read it.
    pub reason: &'a CancelReason,
    /// The time.
    pub at: OffsetDateTime,
    /// The operations desk's address.
    pub operations: &'a EmailAddress,
}

/// What was done to many attendees.
#[derive(Clone, Debug)]
pub struct Batch {
    /// The key.
    pub id: BatchId,
    /// What was done.
    pub kind: BatchKind,
    /// Who did it.
    pub author: String,
    /// Why.
    pub reason: String,
    /// Whether people were told of it.
    pub tells: bool,
    /// When.
    pub created_at: OffsetDateTime,
    /// When it was undone, if it was.
    pub undone_at: Option<OffsetDateTime>,
    /// Whom it concerned, by name.
    pub people: Vec<BatchPerson>,
}

/// One of the attendees whom it concerned.
#[derive(Clone, Debug)]
pub struct BatchPerson {
    /// The key.
    pub id: AttendeeId,
    /// The name.
    pub name: String,
    /// The registration.
    pub registration: RegistrationId,
    /// Whether they had a place.
    pub had_place: bool,
    /// Whether they come now.
    pub state: Stored<AttendeeState>,
    /// The category that they had.
    pub category: CategoryId,
    /// Whether it could be done for them.
    pub is_done: bool,
    /// How they stand now.
    pub standing: Standing,
}

impl BatchPerson {
    /// Whether they are cancelled now.
    pub fn is_cancelled(&self) -> bool {
        self.state.is(AttendeeState::Cancelled)
    }
}

/// Locks what a change of these attendees needs, in the order that prevents deadlocks: the queue, then their registrations. Returns
/// the attendees by registration.
pub(super) async fn lock(
    tx: &mut PgTransaction<'_>,
    conference: ConferenceId,
    attendees: &[AttendeeId],
) -> Result<BTreeMap<Uuid, Vec<AttendeeId>>, sqlx::Error> {
    lock_queue(tx, conference).await?;
    let ids: Vec<_> = attendees.iter().map(|id| id.0).collect();
    let rows = sqlx::query!(
        "select id, registration_id from attendee where conference_id = $1 and id = any($2) order by position",
        conference.0,
        &ids,
    )
    .fetch_all(&mut **tx)
    .await?;
    let mut by_registration: BTreeMap<Uuid, Vec<AttendeeId>> = BTreeMap::new();
    for row in rows {
        by_registration.entry(row.registration_id).or_default().push(AttendeeId(row.id));
    }
    for registration in by_registration.keys() {
        super::lock(tx, conference, RegistrationId(*registration)).await?;
    }
    Ok(by_registration)
}

/// Records the batch with the attendees as they are now, before the change.
async fn begin(
    tx: &mut PgTransaction<'_>,
    what: Batching<'_>,
    (kind, category, tells): (BatchKind, Option<CategoryId>, bool),
    attendees: &[AttendeeId],
) -> Result<BatchId, sqlx::Error> {
    let id = BatchId::new();
    let ids: Vec<_> = attendees.iter().map(|id| id.0).collect();
    sqlx::query!(
        "with batch as (
             insert into batch (id, conference_id, kind, account_id, reason, category_id, created_at, tells)
             values ($1, $2, $3, $4, $5, $6, $7, $9) returning id, conference_id
         )
         insert into batch_attendee (batch_id, conference_id, attendee_id, category_id, had_place)
         select batch.id, batch.conference_id, attendee.id, attendee.category_id, attendee.state = 'confirmed'
         from batch join attendee on attendee.conference_id = batch.conference_id and attendee.id = any($8)",
        id.0,
        what.conference.0,
        kind.as_str(),
        what.by.0,
        what.reason.as_str(),
        category.map(|id| id.0),
        what.at,
        &ids,
        tells,
    )
    .execute(&mut **tx)
    .await?;
    Ok(id)
}

/// Cancels these attendees, if they are not cancelled yet. Returns the batch, or `None` if all were.
pub async fn cancel_many(
    tx: &mut PgTransaction<'_>,
    what: Batching<'_>,
    attendees: &[AttendeeId],
    tells: Tells<'_>,
) -> Result<Option<BatchId>, sqlx::Error> {
    let by_registration = lock(tx, what.conference, attendees).await?;
    let active = list_active(tx, what.conference, attendees).await?;
    if active.is_empty() {
        return Ok(None);
    }
    let batch = begin(tx, what, (BatchKind::Cancellation, None, tells.is_told()), &active).await?;
    for (registration, attendees) in by_registration {
        let cancelling = Cancelling {
            conference: what.conference,
            registration: RegistrationId(registration),
            attendees: Some(&attendees),
            actor: Actor::Account(what.by),
            by: None,
            reason: Some(what.reason),
            tells,
            remains: None,
            at: what.at,
            operations: what.operations,
        };
        cancel(tx, cancelling).await?;
    }
    Ok(Some(batch))
}

/// Changes these attendees to a category, as far as it has places for which nobody waits. Those who are in it or are cancelled are left
/// out. Returns the batch, which says for whom it could not be done, or `None` if nobody is left.
pub async fn change_category(
    tx: &mut PgTransaction<'_>,
    what: Batching<'_>,
    attendees: &[AttendeeId],
    (category, tells): (CategoryId, bool),
) -> Result<Option<BatchId>, sqlx::Error> {
    lock(tx, what.conference, attendees).await?;
    let others = list_of_other_category(tx, what.conference, attendees, category).await?;
    if others.is_empty() {
        return Ok(None);
    }
    let ids: Vec<_> = others.iter().map(|(attendee, _)| *attendee).collect();
    let batch = begin(tx, what, (BatchKind::Category, Some(category), tells), &ids).await?;
    for (attendee, registration) in others {
        let change = Changing { attendee, registration, category, tells };
        if !change_one(tx, (what.conference, what.by), (what.at, what.operations), change).await? {
            sqlx::query!(
                "update batch_attendee set is_done = false where batch_id = $1 and attendee_id = $2",
                batch.0,
                attendee.0,
            )
            .execute(&mut **tx)
            .await?;
        }
    }
    Ok(Some(batch))
}

/// A change of one attendee to a category.
#[derive(Clone, Copy)]
pub(super) struct Changing {
    pub attendee: AttendeeId,
    pub registration: RegistrationId,
    pub category: CategoryId,
    pub tells: bool,
}

/// Changes one attendee to a category and tells people of it. Returns whether the category had a place; if not, nothing is changed.
pub(super) async fn change_one(
    tx: &mut PgTransaction<'_>,
    (conference, by): (ConferenceId, AccountId),
    (at, operations): (OffsetDateTime, &EmailAddress),
    Changing { attendee, registration, category, tells }: Changing,
) -> Result<bool, sqlx::Error> {
    let mut point = tx.begin().await?;
    let choosing = Choosing {
        conference,
        registration,
        attendee: Some(attendee),
        category: Some(category),
        asked: &[],
        answers: &[],
        at,
        operations,
        authority: Authority { actor: Actor::Account(by), tells, overriding: None },
    };
    match choose(&mut point, choosing).await {
        Ok(chosen) => {
            let changes = chosen.changes.iter().map(Into::into).collect();
            let data = ChangeData { attendee: Some(attendee), changes, by_staff: true, ..ChangeData::default() };
            outbox::tell_of_change(&mut point, (conference, registration), &data, (operations, tells)).await?;
            point.commit().await?;
            Ok(true)
        }
        Err(ChooseError::Full | ChooseError::Changed) => {
            point.rollback().await?;
            Ok(false)
        }
        Err(ChooseError::Database(error)) => Err(error),
    }
}

/// Lists those of these attendees who come or wait in another category, in the order in which they registered.
async fn list_of_other_category(
    conn: &mut PgConnection,
    conference: ConferenceId,
    attendees: &[AttendeeId],
    category: CategoryId,
) -> Result<Vec<(AttendeeId, RegistrationId)>, sqlx::Error> {
    let ids: Vec<_> = attendees.iter().map(|id| id.0).collect();
    let rows = sqlx::query!(
        r#"select id as "id: AttendeeId", registration_id as "registration: RegistrationId" from attendee
           where conference_id = $1 and id = any($2) and state in ('waiting', 'confirmed') and category_id <> $3 order by id"#,
        conference.0,
        &ids,
        category.0,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.registration)).collect())
}

async fn list_active(
    conn: &mut PgConnection,
    conference: ConferenceId,
    attendees: &[AttendeeId],
) -> Result<Vec<AttendeeId>, sqlx::Error> {
    let ids: Vec<_> = attendees.iter().map(|id| id.0).collect();
    sqlx::query_scalar!(
        r#"select id as "id: AttendeeId" from attendee
           where conference_id = $1 and id = any($2) and state in ('waiting', 'offered', 'confirmed')"#,
        conference.0,
        &ids,
    )
    .fetch_all(conn)
    .await
}

/// A batch that concerned an attendee.
#[derive(Clone, Debug)]
pub struct BatchOf {
    /// The key.
    pub id: BatchId,
    /// What was done.
    pub kind: BatchKind,
    /// When.
    pub created_at: OffsetDateTime,
    /// How many attendees it concerned.
    pub people: i64,
}

/// Lists the batches that concerned this attendee, the newest first.
pub async fn list_of_attendee(
    conn: &mut PgConnection,
    conference: ConferenceId,
    attendee: AttendeeId,
) -> Result<Vec<BatchOf>, sqlx::Error> {
    sqlx::query_as!(
        BatchOf,
        r#"select batch.id as "id: BatchId", kind as "kind: BatchKind", created_at,
               (select count(*) from batch_attendee every where every.batch_id = batch.id and every.is_done) as "people!"
           from batch_attendee one join batch on batch.id = one.batch_id
           where one.attendee_id = $2 and one.is_done and batch.conference_id = $1 order by created_at desc"#,
        conference.0,
        attendee.0,
    )
    .fetch_all(conn)
    .await
}

/// Returns what was done to many attendees, if there is such a batch at the conference.
pub async fn find(
    conn: &mut PgConnection,
    conference: ConferenceId,
    id: BatchId,
) -> Result<Option<Batch>, sqlx::Error> {
    let row = sqlx::query!(
        r#"select kind as "kind: BatchKind", account.name as author, reason, tells, batch.created_at, undone_at
           from batch join account on account.id = account_id where conference_id = $1 and batch.id = $2"#,
        conference.0,
        id.0,
    );
    let Some(row) = row.fetch_optional(&mut *conn).await? else { return Ok(None) };
    let people = sqlx::query_as!(
        BatchPerson,
        r#"select attendee.id as "id: AttendeeId", name, registration_id as "registration: RegistrationId", had_place,
               state as "state: Stored<AttendeeState>", batch_attendee.category_id as "category: CategoryId", is_done,
               case when state <> 'cancelled' and attendee.category_id = batch_attendee.category_id then 'as_before'
                    when batch.category_id is null and state = 'cancelled' and cancelled_at = batch.created_at then 'as_left'
                    when state in ('waiting', 'confirmed') and attendee.category_id = batch.category_id then 'as_left'
                    else 'changed' end as "standing!: Standing"
           from batch_attendee join batch on batch.id = batch_id join attendee on attendee.id = attendee_id
           where batch_id = $1 order by name_folded, attendee.id"#,
        id.0,
    )
    .fetch_all(conn)
    .await?;
    Ok(Some(Batch {
        id,
        kind: row.kind,
        author: row.author,
        reason: row.reason,
        tells: row.tells,
        created_at: row.created_at,
        undone_at: row.undone_at,
        people,
    }))
}
