//! Undoing what staff did to many attendees at once, as far as places are left.

use sqlx::{Connection, PgTransaction};
use time::OffsetDateTime;

use super::{
    ReinstateError, Reinstating,
    authority::Authority,
    batches::{Batch, BatchKind, BatchPerson, Changing, change_one, find, lock},
    reinstate::{join_queue, reinstate},
    waiting::offer_places,
};
use crate::{
    domain::{AccountId, BatchId, ConferenceId, EmailAddress},
    store::audit::Actor,
};

/// Undoes a batch, in the order in which people registered, as far as places are left. Whoever was cancelled on the waiting list joins it
/// again. Those who cannot return stay as they are. Returns whether it was not undone before.
pub async fn undo(tx: &mut PgTransaction<'_>, what: Undoing<'_>) -> Result<bool, sqlx::Error> {
    let Some(batch) = claim(tx, what).await? else { return Ok(false) };
    if batch.kind == BatchKind::Category {
        change_back(tx, what, &batch).await?;
        return Ok(true);
    }
    let mut cancelled: Vec<_> = batch.people.iter().filter(|one| one.is_cancelled()).collect();
    cancelled.sort_by_key(|one| one.id.0);
    lock(tx, what.conference, &cancelled.iter().map(|one| one.id).collect::<Vec<_>>()).await?;
    for one in cancelled {
        let reinstating = what.reinstating(one, batch.tells);
        if !one.had_place {
            join_queue(tx, reinstating).await?;
            continue;
        }
        let mut point = tx.begin().await?;
        match reinstate(&mut point, reinstating).await {
            Ok(_) => point.commit().await?,
            Err(ReinstateError::Database(error)) => return Err(error),
            Err(_) => point.rollback().await?,
        }
    }
    offer_places(tx, what.conference, what.at, what.operations).await?;
    Ok(true)
}

/// Changes those of a batch who have its category to the one that they had.
async fn change_back(tx: &mut PgTransaction<'_>, what: Undoing<'_>, batch: &Batch) -> Result<(), sqlx::Error> {
    let mut changed: Vec<_> =
        batch.people.iter().filter(|one| one.is_done && !one.is_back && !one.is_cancelled()).collect();
    changed.sort_by_key(|one| one.id.0);
    lock(tx, what.conference, &changed.iter().map(|one| one.id).collect::<Vec<_>>()).await?;
    for one in changed {
        let change =
            Changing { attendee: one.id, registration: one.registration, category: one.category, tells: batch.tells };
        change_one(tx, (what.conference, what.by), (what.at, what.operations), change).await?;
    }
    Ok(())
}

/// Somebody at the desk who undoes a batch.
#[derive(Clone, Copy, Debug)]
pub struct Undoing<'a> {
    /// The conference.
    pub conference: ConferenceId,
    /// The batch.
    pub batch: BatchId,
    /// Who undoes it.
    pub by: AccountId,
    /// The time.
    pub at: OffsetDateTime,
    /// The operations desk's address.
    pub operations: &'a EmailAddress,
}

impl<'a> Undoing<'a> {
    /// Returns how one of the batch returns. `tells` is whether people are told.
    fn reinstating(self, one: &BatchPerson, tells: bool) -> Reinstating<'a> {
        Reinstating {
            conference: self.conference,
            registration: one.registration,
            attendee: one.id,
            authority: Authority { actor: Actor::Account(self.by), tells, overriding: None },
            at: self.at,
            operations: self.operations,
        }
    }
}

/// Marks a batch as undone. Returns it, or `None` if it was undone before.
async fn claim(tx: &mut PgTransaction<'_>, what: Undoing<'_>) -> Result<Option<Batch>, sqlx::Error> {
    let claimed = sqlx::query!(
        "update batch set undone_at = $3 where conference_id = $1 and id = $2 and undone_at is null",
        what.conference.0,
        what.batch.0,
        what.at,
    )
    .execute(&mut **tx)
    .await?;
    if claimed.rows_affected() == 0 { Ok(None) } else { find(tx, what.conference, what.batch).await }
}

/// Puts those of a batch who are still cancelled on the waiting list, if the batch is undone. Returns how many.
pub async fn put_on_waiting_list(tx: &mut PgTransaction<'_>, what: Undoing<'_>) -> Result<usize, sqlx::Error> {
    let Some(batch) = find(tx, what.conference, what.batch).await? else { return Ok(0) };
    if batch.undone_at.is_none() {
        return Ok(0);
    }
    let ids: Vec<_> = batch.people.iter().filter(|one| one.is_cancelled()).map(|one| one.id).collect();
    lock(tx, what.conference, &ids).await?;
    let mut number = 0;
    for one in batch.people.iter().filter(|one| one.is_cancelled()) {
        number += usize::from(join_queue(tx, what.reinstating(one, true)).await?);
    }
    offer_places(tx, what.conference, what.at, what.operations).await?;
    Ok(number)
}
