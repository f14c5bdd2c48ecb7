//! Publications at a set time: who scheduled them, and carrying them out exactly once.

use sqlx::{PgConnection, PgTransaction};
use time::OffsetDateTime;

use super::{editing::Editing, releases, saving::SaveError};
use crate::domain::{AccountId, ConferenceId, ReleaseNote, ScheduledReleaseId};

/// A publication that waits for its time.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// Its key.
    pub id: ScheduledReleaseId,
    /// When it is due.
    pub due_at: OffsetDateTime,
    /// What organisers said about it; may be empty.
    pub note: String,
    /// The name of the account that scheduled it.
    pub who: String,
    /// When it was scheduled.
    pub at: OffsetDateTime,
}

/// A publication to schedule.
#[derive(Clone, Debug)]
pub struct NewSchedule {
    /// The conference.
    pub conference: ConferenceId,
    /// Who schedules it.
    pub account: AccountId,
    /// When it is due.
    pub due_at: OffsetDateTime,
    /// The note of the release.
    pub note: ReleaseNote,
}

/// Why a publication was not scheduled.
#[derive(Debug, thiserror::Error)]
pub enum ScheduleError {
    /// Another publication is scheduled for the same time.
    #[error("another publication is scheduled for this time")]
    Taken,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// Schedules a publication. Returns its key, or `None` if the same person has scheduled the same already.
pub async fn add(
    tx: &mut PgTransaction<'_>,
    new: &NewSchedule,
    now: OffsetDateTime,
) -> Result<Option<ScheduledReleaseId>, ScheduleError> {
    let id = ScheduledReleaseId::new();
    let added = sqlx::query!(
        "insert into scheduled_release (id, conference_id, due_at, note, account_id, created_at) values ($1, $2, $3, $4, $5, $6)
         on conflict (conference_id, due_at) where done_at is null and cancelled_at is null do nothing",
        id.0,
        new.conference.0,
        new.due_at,
        new.note.as_str(),
        new.account.0,
        now,
    )
    .execute(&mut **tx)
    .await?;
    if added.rows_affected() == 1 {
        return Ok(Some(id));
    }
    let same = sqlx::query_scalar!(
        r#"select exists (select from scheduled_release
                          where conference_id = $1 and due_at = $2 and done_at is null and cancelled_at is null
                              and note = $3 and account_id = $4) as "same!""#,
        new.conference.0,
        new.due_at,
        new.note.as_str(),
        new.account.0,
    )
    .fetch_one(&mut **tx)
    .await?;
    if same { Ok(None) } else { Err(ScheduleError::Taken) }
}

/// Lists the publications that wait for their time, the next one first.
pub async fn list(conn: &mut PgConnection, conference: ConferenceId) -> Result<Vec<Waiting>, sqlx::Error> {
    sqlx::query_as!(
        Waiting,
        r#"select scheduled_release.id as "id: ScheduledReleaseId", due_at, note, account.name as who,
               scheduled_release.created_at as at
           from scheduled_release join account on account.id = account_id
           where conference_id = $1 and done_at is null and cancelled_at is null
           order by due_at"#,
        conference.0,
    )
    .fetch_all(conn)
    .await
}

/// Cancels a publication. Returns whether it was still waiting; if it is being carried out, waits for the outcome.
pub async fn cancel(
    tx: &mut PgTransaction<'_>,
    conference: ConferenceId,
    id: ScheduledReleaseId,
    account: AccountId,
    now: OffsetDateTime,
) -> Result<bool, sqlx::Error> {
    let cancelled = sqlx::query!(
        "update scheduled_release set cancelled_at = $4, cancelled_by = $3
         where conference_id = $1 and id = $2 and done_at is null and cancelled_at is null",
        conference.0,
        id.0,
        account.0,
        now,
    );
    Ok(cancelled.execute(&mut **tx).await?.rows_affected() == 1)
}

/// Cancels all publications that wait, because the release with this number has taken others back. Returns their keys.
pub async fn cancel_all(editing: &mut Editing<'_>, release: i32) -> Result<Vec<ScheduledReleaseId>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"update scheduled_release
           set cancelled_at = $3, cancelled_by = $4,
               release_id = (select id from release where conference_id = $1 and number = $2)
           where conference_id = $1 and done_at is null and cancelled_at is null
           returning id as "id: ScheduledReleaseId""#,
        editing.conference().0,
        release,
        editing.now,
        editing.account.map(|account| account.0),
    )
    .fetch_all(&mut ***editing)
    .await
}

/// Lists the times of the publications that the release with this number cancelled, the earliest first.
pub async fn list_cancelled_by(
    conn: &mut PgConnection,
    conference: ConferenceId,
    release: i32,
) -> Result<Vec<OffsetDateTime>, sqlx::Error> {
    sqlx::query_scalar!(
        "select due_at from scheduled_release join release on release.id = release_id
         where release.conference_id = $1 and release.number = $2 and cancelled_at is not null
         order by due_at",
        conference.0,
        release,
    )
    .fetch_all(conn)
    .await
}

/// Returns how many publications the last restore of a backup has cancelled.
pub async fn count_cancelled_by_restore(conn: &mut PgConnection) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select count(*) as "count!" from scheduled_release
           where cancelled_by is null and cancelled_at = (select max(at) from audit where kind = 'backup_restored')"#,
    )
    .fetch_one(conn)
    .await
}

/// A publication that this instance has claimed.
#[derive(Clone, Debug)]
pub struct Claimed {
    /// Its key.
    pub id: ScheduledReleaseId,
    /// The conference.
    pub conference: ConferenceId,
    /// Who scheduled it.
    pub account: AccountId,
    /// The note of the release.
    pub note: String,
}

/// Claims the publication that is due first, and commits before it is carried out. No other instance claims it, or a later one of
/// the same conference, until it has ended or half a minute has passed. Skips one that another instance is claiming at this moment.
pub async fn claim(conn: &mut PgConnection, now: OffsetDateTime) -> Result<Option<Claimed>, sqlx::Error> {
    sqlx::query_as!(
        Claimed,
        r#"update scheduled_release set claimed_until = now() + interval '30 seconds'
           where id = (
               select id from scheduled_release next
               where done_at is null and cancelled_at is null and due_at <= $1
                   and (claimed_until is null or claimed_until <= now())
                   and not exists (select from scheduled_release earlier
                                   where earlier.conference_id = next.conference_id and earlier.due_at < next.due_at
                                       and earlier.done_at is null and earlier.cancelled_at is null)
               order by due_at limit 1 for update skip locked
           )
           returning id as "id: ScheduledReleaseId", conference_id as "conference: ConferenceId",
               account_id as "account: AccountId", note"#,
        now,
    )
    .fetch_optional(conn)
    .await
}

/// What became of a claimed publication.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It made the release with this number.
    Published(i32),
    /// It is done, but nothing was ready, so there is no release.
    NothingReady,
    /// Another instance had carried it out, or somebody had cancelled it.
    EndedBefore,
}

/// Carries out a claimed publication: makes public what is ready. The lock on the conference and the row of the publication decide
/// that it happens once, even if an instance is so slow that its lease has ended.
pub async fn carry_out(editing: &mut Editing<'_>, claimed: &Claimed) -> Result<Outcome, SaveError> {
    let waits = sqlx::query!(
        "select from scheduled_release where id = $1 and done_at is null and cancelled_at is null for update",
        claimed.id.0,
    );
    if waits.fetch_optional(&mut ***editing).await?.is_none() {
        return Ok(Outcome::EndedBefore);
    }
    let number = releases::publish_due(editing, &claimed.note).await?;
    sqlx::query!(
        "update scheduled_release
         set done_at = $2, release_id = (select id from release where conference_id = $3 and number = $4) where id = $1",
        claimed.id.0,
        editing.now,
        claimed.conference.0,
        number,
    )
    .execute(&mut ***editing)
    .await?;
    Ok(number.map_or(Outcome::NothingReady, Outcome::Published))
}
