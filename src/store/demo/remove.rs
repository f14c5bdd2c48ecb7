//! Removing demonstrations. No other conference can be removed.

use sqlx::{Connection, PgConnection, PgTransaction};

use super::choices::ACCOUNT;
use crate::{
    domain::{AuditKind, ConferenceId, email::normalised},
    store::audit::{self, Actor, Change, Entry},
};

/// PostgreSQL's code for a missing right.
const INSUFFICIENT_PRIVILEGE: &str = "42501";

/// Why the demonstrations were not removed.
#[derive(Debug, thiserror::Error)]
pub enum RemoveError {
    /// Somebody registered for this one.
    #[error("nothing was removed, because people have registered for {0}")]
    HasRegistrations(String),
    /// What was saved and published never changes for the role that serves.
    #[error("only the role that owns the tables can remove demonstrations: use its DATABASE_URL")]
    NotOwner,
    /// The database reported an error.
    #[error(transparent)]
    Database(sqlx::Error),
}

impl From<sqlx::Error> for RemoveError {
    fn from(error: sqlx::Error) -> Self {
        let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
        if code.as_deref() == Some(INSUFFICIENT_PRIVILEGE) { Self::NotOwner } else { Self::Database(error) }
    }
}

/// Removes all demonstrations with their invented attendees, or none if anybody else registered for one. Returns their slugs.
pub async fn remove(conn: &mut PgConnection) -> Result<Vec<String>, RemoveError> {
    let mut tx = conn.begin().await?;
    // Until this transaction ends, nobody can register for them or edit them. Copies of them lose the name of their source.
    let all = sqlx::query!(
        r#"select id as "id: ConferenceId", slug, is_demonstration from conference
           where is_demonstration or copied_from in (select id from conference where is_demonstration)
           order by slug for update"#
    )
    .fetch_all(&mut *tx)
    .await?;
    let mut removed = Vec::with_capacity(all.len());
    for row in all.into_iter().filter(|row| row.is_demonstration) {
        if has_registrations(&mut tx, row.id).await? {
            return Err(RemoveError::HasRegistrations(row.slug));
        }
        delete_attendees(&mut tx, row.id).await?;
        delete(&mut tx, row.id).await?;
        let changes = Change::list([("slug", &*row.slug, "")]);
        let entry = Entry::of(AuditKind::DemonstrationRemoved, Actor::Program);
        audit::note(&mut tx, Entry { conference: Some(row.id), changes: &changes, ..entry }).await?;
        removed.push(row.slug);
    }
    tx.commit().await?;
    Ok(removed)
}

async fn has_registrations(tx: &mut PgTransaction<'_>, conference: ConferenceId) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select exists (select from registration where conference_id = $1 and not is_invented) as "has_registrations!""#,
        conference.0,
    )
    .fetch_one(&mut **tx)
    .await
}

/// Deletes the invented attendees of a demonstration, with everything that was added about them. The audit log stays.
async fn delete_attendees(tx: &mut PgTransaction<'_>, conference: ConferenceId) -> Result<(), sqlx::Error> {
    // What is derived from them first and as a whole: row by row, each would be taken from the counts by itself. The list comes before
    // the counts, as when it is filled in, which prevents deadlocks.
    sqlx::query!("delete from attendee_listing where conference_id = $1", conference.0).execute(&mut **tx).await?;
    sqlx::query!(
        "with balances as (delete from balance_counted where conference_id = $1)
         delete from attendee_counted where conference_id = $1",
        conference.0,
    )
    .execute(&mut **tx)
    .await?;
    // Amounts before registrations, because they can be deleted only while their registration says that they are invented.
    sqlx::query!(
        "with payments as (delete from payment where conference_id = $1) delete from charge where conference_id = $1",
        conference.0,
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        "with notes as (delete from attendee_note where conference_id = $1),
             batched as (delete from batch_attendee where conference_id = $1),
             batches as (delete from batch where conference_id = $1),
             links as (delete from link where conference_id = $1),
             email_changes as (delete from email_change where conference_id = $1),
             pending as (delete from pending_registration where conference_id = $1),
             messages as (delete from message where conference_id = $1),
             answers as (delete from answer where conference_id = $1),
             needs as (delete from attendee_needs where conference_id = $1),
             offers as (delete from offer where conference_id = $1),
             places as (delete from place where conference_id = $1),
             registrations as (delete from registration where conference_id = $1)
         delete from attendee where conference_id = $1",
        conference.0,
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        "delete from account where email_normalised = $1 and not active
             and not exists (select from payment where account_id = account.id)
             and not exists (select from audit where account_id = account.id)",
        normalised(ACCOUNT),
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Deletes a conference for which nobody registered. The audit log stays.
async fn delete(tx: &mut PgTransaction<'_>, conference: ConferenceId) -> Result<(), sqlx::Error> {
    // One statement, because foreign keys are checked at its end.
    sqlx::query!(
        "with roles as (delete from membership where conference_id = $1),
             views as (delete from saved_view where conference_id = $1),
             links as (delete from preview_link where conference_id = $1),
             scheduled as (delete from scheduled_release where conference_id = $1),
             changes as (delete from release_change where conference_id = $1),
             releases as (delete from release where conference_id = $1),
             slots as (delete from slot where conference_id = $1),
             names as (delete from item_name where conference_id = $1),
             its_rooms as (delete from session_room where conference_id = $1),
             its_people as (delete from session_person where conference_id = $1),
             its_files as (delete from session_file where conference_id = $1),
             sessions as (delete from session_content where conference_id = $1),
             kinds as (delete from session_kind_content where conference_id = $1),
             rooms as (delete from room_content where conference_id = $1),
             topics as (delete from topic_content where conference_id = $1),
             people as (delete from person_content where conference_id = $1),
             pages as (delete from page_content where conference_id = $1),
             facts as (delete from conference_content where conference_id = $1),
             revisions as (delete from revision where conference_id = $1),
             items as (delete from item where conference_id = $1),
             slugs as (delete from slug where conference_id = $1),
             edits as (delete from edit where conference_id = $1),
             sizes as (delete from picture_size where conference_id = $1),
             pictures as (delete from picture where conference_id = $1),
             files as (delete from file where conference_id = $1),
             settings as (delete from registration_settings where conference_id = $1),
             capacities as (delete from capacity where conference_id = $1),
             codes as (delete from code where conference_id = $1),
             asked_categories as (delete from question_category where conference_id = $1),
             questions as (delete from question where conference_id = $1),
             question_versions as (delete from question_version where conference_id = $1),
             mails_off as (delete from mail_off where conference_id = $1),
             mailings as (delete from mailing where conference_id = $1),
             mail_templates as (delete from mail_template where conference_id = $1),
             reminders as (delete from reminder where conference_id = $1),
             categories as (delete from category where conference_id = $1)
         delete from conference where id = $1",
        conference.0,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
