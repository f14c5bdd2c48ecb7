//! The counters of places: of the whole conference and of each category. They are locked in the order of their keys, so
//! that nobody waits in a ring, and last, because whoever holds one makes every registration wait.

use sqlx::PgTransaction;
use uuid::Uuid;

use crate::domain::ConferenceId;

/// Counts a place in each of these categories, and as many at the conference. The check constraint `capacity_holds` is
/// the judge of whether there are any.
pub async fn take(
    tx: &mut PgTransaction<'_>,
    conference: ConferenceId,
    categories: &[Uuid],
) -> Result<(), sqlx::Error> {
    count(tx, conference, categories, 1).await
}

/// Gives a place in each of these categories back, and as many at the conference.
pub async fn give_back(
    tx: &mut PgTransaction<'_>,
    conference: ConferenceId,
    categories: &[Uuid],
) -> Result<(), sqlx::Error> {
    count(tx, conference, categories, -1).await
}

async fn count(
    tx: &mut PgTransaction<'_>,
    conference: ConferenceId,
    categories: &[Uuid],
    each: i32,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "with wanted as (
             select category, count(*) as places from unnest($2::uuid[]) as category group by category
             union all select null, cardinality($2::uuid[])
         ), locked as (
             select capacity.id, wanted.places
             from capacity join wanted on capacity.category_id is not distinct from wanted.category
             where capacity.conference_id = $1 order by capacity.id for update of capacity
         )
         update capacity set taken = taken + $3 * locked.places from locked where capacity.id = locked.id",
        conference.0,
        categories,
        i64::from(each),
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
