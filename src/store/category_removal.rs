//! Removing a category of delegates, which is possible while nothing names it.

use sqlx::{PgConnection, PgTransaction};

use super::registrations::waiting::{lock_places, lock_queue};
use crate::domain::{CategoryId, ConferenceId};

/// Removes a category and its counter of places. Returns false, and changes nothing, if something names the category: then
/// the transaction cannot be committed.
pub async fn remove(
    tx: &mut PgTransaction<'_>,
    conference: ConferenceId,
    category: CategoryId,
) -> Result<bool, sqlx::Error> {
    lock_queue(tx, conference).await?;
    lock_places(tx, conference).await?;
    // One statement, because foreign keys are checked at its end.
    let removed = sqlx::query!(
        "with counted as (delete from capacity where conference_id = $1 and category_id = $2)
         delete from category where conference_id = $1 and id = $2",
        conference.0,
        category.0,
    )
    .execute(&mut **tx)
    .await;
    match removed {
        Err(error) if is_still_named(&error) => Ok(false),
        removed => removed.map(|_| true),
    }
}

/// Returns whether a statement failed because another row names what it deletes.
fn is_still_named(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some_and(sqlx::error::DatabaseError::is_foreign_key_violation)
}

/// What names a category.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CategoryUse {
    /// How many attendees are in it.
    pub attendees: i64,
    /// How many of them are cancelled.
    pub cancelled: i64,
    /// How many questions are asked of it.
    pub questions: i64,
    /// How many codes are for it.
    pub codes: i64,
}

/// Returns what names a category. Nothing can name a category that is removed.
pub async fn find_use(
    conn: &mut PgConnection,
    conference: ConferenceId,
    category: CategoryId,
) -> Result<CategoryUse, sqlx::Error> {
    sqlx::query_as!(
        CategoryUse,
        r#"select count(*) as "attendees!", count(*) filter (where state = 'cancelled') as "cancelled!",
               (select count(*) from question_category where conference_id = $1 and category_id = $2) as "questions!",
               (select count(*) from code where conference_id = $1 and category_id = $2) as "codes!"
           from attendee where conference_id = $1 and category_id = $2"#,
        conference.0,
        category.0,
    )
    .fetch_one(conn)
    .await
}
