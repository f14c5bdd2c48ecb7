//! Undoing what staff did to many attendees at once, as far as places are left.

use sqlx::{Connection, PgTransaction};
use time::OffsetDateTime;

use super::{
    ReinstateError, Reinstating,
    authority::Authority,
    batches::{Batch, BatchKind, BatchPerson, Changing, Standing, change_one, find, lock},
    reinstate::{join_queue, reinstate},
    waiting::offer_places,
};
use crate::{
    domain::{AccountId, BatchId, ConferenceId, EmailAddress},
    store::audit::Actor,
};

/// Undoes a batch, in the order in which people registered, as far as places are left. Whoever was cancelled on the waiting list joins it
/// again. Those who cannot return stay as they are. So do those whom somebody has changed since then. Returns whether it was not undone before.
pub async fn undo(tx: &mut PgTransaction<'_>, what: Undoing<'_>) -> Result<bool, sqlx::Error> {
    let Some(batch) = claim(tx, what).await? else { return Ok(false) };
    let mut left: Vec<_> = batch.people.iter().filter(|one| one.is_done && one.standing == Standing::AsLeft).collect();
    left.sort_by_key(|one| one.id.0);
    for one in left {
        if batch.kind == BatchKind::Category {
            let (attendee, registration, category) = (one.id, one.registration, one.category);
            let change = Changing { attendee, registration, category, tells: batch.tells };
            change_one(tx, (what.conference, what.by), (what.at, what.operations), change).await?;
            continue;
        }
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
    if claimed.rows_affected() == 0 { Ok(None) } else { find_locked(tx, what).await }
}

/// Locks the people of a batch and returns it with them as they are from here on.
async fn find_locked(tx: &mut PgTransaction<'_>, what: Undoing<'_>) -> Result<Option<Batch>, sqlx::Error> {
    let Some(batch) = find(tx, what.conference, what.batch).await? else { return Ok(None) };
    lock(tx, what.conference, &batch.people.iter().map(|one| one.id).collect::<Vec<_>>()).await?;
    find(tx, what.conference, what.batch).await
}

/// Puts those of a batch whom it cancelled, and who are still cancelled by it, on the waiting list, if the batch is undone. They get mails
/// about it in any case, because nobody waits without knowing it. Returns how many.
pub async fn put_on_waiting_list(tx: &mut PgTransaction<'_>, what: Undoing<'_>) -> Result<usize, sqlx::Error> {
    let Some(batch) = find_locked(tx, what).await? else { return Ok(0) };
    if batch.undone_at.is_none() || batch.kind != BatchKind::Cancellation {
        return Ok(0);
    }
    let mut number = 0;
    for one in batch.people.iter().filter(|one| one.standing == Standing::AsLeft) {
        number += usize::from(join_queue(tx, what.reinstating(one, true)).await?);
    }
    offer_places(tx, what.conference, what.at, what.operations).await?;
    Ok(number)
}
