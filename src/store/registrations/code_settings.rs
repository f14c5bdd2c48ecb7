//! The codes of a conference as organisers set them. Every change locks the queue and then the counters of places, because a code
//! may keep places, and ends with offering those that become free.

use sqlx::{PgConnection, PgTransaction};
use time::OffsetDateTime;

use super::waiting::{lock_places, lock_queue, offer_places};
use crate::{
    domain::{
        AttendeeId, AttendeeState, AuditKind, CategoryId, Cents, Code, CodeAudience, CodeId, CodeUses, ConferenceId,
        EmailAddress, Stored,
    },
    store::{
        audit::{self, Actor, Entry},
        violated,
    },
};

/// A code with everything that is set for it.
#[derive(Clone, Debug)]
pub struct ListedCode {
    /// Its key.
    pub id: CodeId,
    /// The code.
    pub code: Code,
    /// The category that it is for.
    pub category: CategoryId,
    /// The name of that category.
    pub category_name: String,
    /// Whom or what it is for.
    pub audience: CodeAudience,
    /// What somebody pays with it; `None` for the fee of the category.
    pub fee: Option<Cents>,
    /// How many people can use it; `None` for no limit.
    pub uses: Option<i32>,
    /// How many people use it.
    pub used: i32,
    /// Whether the places for its unused uses are kept.
    pub reserves: bool,
    /// How many places are kept for it.
    pub kept: i32,
    /// From this instant on it cannot be used; `None` for no limit.
    pub until: Option<OffsetDateTime>,
    /// When it ended; `None` if it has not.
    pub ended_at: Option<OffsetDateTime>,
    /// The revision of the settings, which each change increments.
    pub revision: i32,
}

impl ListedCode {
    /// Returns whether it cannot be used any more at this instant.
    pub fn is_over(&self, now: OffsetDateTime) -> bool {
        self.ended_at.is_some() || self.until.is_some_and(|until| until <= now)
    }
}

/// A code's new settings.
#[derive(Clone, Debug)]
pub struct NewCode {
    /// The code.
    pub code: Code,
    /// The category that it is for.
    pub category: CategoryId,
    /// Whom or what it is for.
    pub audience: CodeAudience,
    /// What somebody pays with it; `None` for the fee of the category.
    pub fee: Option<Cents>,
    /// How many people can use it; `None` for no limit.
    pub uses: Option<CodeUses>,
    /// Whether the places for its unused uses are kept.
    pub reserves: bool,
    /// From this instant on it cannot be used; `None` for no limit.
    pub until: Option<OffsetDateTime>,
}

/// Why a code was not saved or removed. The transaction cannot be committed then.
#[derive(Debug, thiserror::Error)]
pub enum CodeSettingsError {
    /// Somebody else has changed it since it was read, or it was removed.
    #[error("changed by somebody else")]
    Changed,
    /// The conference has this code already.
    #[error("another code is the same")]
    Taken,
    /// More people use it than could.
    #[error("more people use it")]
    BelowUsed,
    /// Fewer places are free than would be kept.
    #[error("too few places are free")]
    TooFewPlaces,
    /// Somebody with it waits for a place.
    #[error("somebody with it waits")]
    SomebodyWaits,
    /// People have used it, so its category stays, and so does the code.
    #[error("people have used it")]
    Used,
    /// The database failed.
    #[error(transparent)]
    Database(sqlx::Error),
}

impl From<sqlx::Error> for CodeSettingsError {
    fn from(error: sqlx::Error) -> Self {
        match violated(&error) {
            Some("code_unique") => Self::Taken,
            Some("code_not_used_up" | "code_kept_not_negative") => Self::BelowUsed,
            Some("capacity_holds") => Self::TooFewPlaces,
            Some("attendee_code" | "place_code" | "charge_code") => Self::Used,
            _ => Self::Database(error),
        }
    }
}

/// When something is changed, and the operations desk's address.
type When<'a> = (OffsetDateTime, &'a EmailAddress);

/// Lists the codes of a conference: by category, then by code.
pub async fn list(conn: &mut PgConnection, conference: ConferenceId) -> Result<Vec<ListedCode>, sqlx::Error> {
    sqlx::query_as!(
        ListedCode,
        r#"select code.id as "id: CodeId", code as "code: Code", category.id as "category: CategoryId",
               category.name as category_name, code.audience as "audience: CodeAudience", code.fee_cents as "fee: Cents", uses,
               used, reserves, kept as "kept!", until, ended_at, code.revision
           from code join category on category.id = code.category_id
           where code.conference_id = $1 order by category.place, category.name, code"#,
        conference.0,
    )
    .fetch_all(conn)
    .await
}

/// Adds a code.
pub async fn add(
    tx: &mut PgTransaction<'_>,
    conference: ConferenceId,
    new: &NewCode,
    (now, _): When<'_>,
) -> Result<CodeId, CodeSettingsError> {
    let id = CodeId::new();
    lock_queue(tx, conference).await?;
    lock_places(tx, conference).await?;
    let NewCode { code, category, audience, fee, uses, reserves, until } = new;
    sqlx::query!(
        "insert into code (id, conference_id, code, category_id, audience, fee_cents, uses, reserves, until, ended_at, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9::timestamptz, case when $9 <= $10 then $10 end, $10::timestamptz)",
        id.0,
        conference.0,
        code.as_str(),
        category.0,
        audience.as_str(),
        fee.map(|fee| fee.0),
        uses.map(CodeUses::number),
        reserves,
        *until,
        now,
    )
    .execute(&mut **tx)
    .await?;
    Ok(id)
}

/// Changes a code if it is still as it was read, and offers places that are no longer kept. A code that has ended can be used again
/// if its new time is not over.
pub async fn change(
    tx: &mut PgTransaction<'_>,
    conference: ConferenceId,
    before: &ListedCode,
    new: &NewCode,
    (now, operations): When<'_>,
) -> Result<(), CodeSettingsError> {
    lock_queue(tx, conference).await?;
    lock_places(tx, conference).await?;
    let NewCode { code, category, audience, fee, uses, reserves, until } = new;
    if *reserves && somebody_waits(tx, before.id).await? {
        return Err(CodeSettingsError::SomebodyWaits);
    }
    let changed = sqlx::query!(
        "update code set code = $4, category_id = $5, audience = $6, fee_cents = $7, uses = $8, reserves = $9, until = $10::timestamptz,
             ended_at = case when $10 <= $11 then coalesce(ended_at, $11::timestamptz) end, revision = revision + 1
         where conference_id = $1 and id = $2 and revision = $3",
        conference.0,
        before.id.0,
        before.revision,
        code.as_str(),
        category.0,
        audience.as_str(),
        fee.map(|fee| fee.0),
        uses.map(CodeUses::number),
        reserves,
        *until,
        now,
    )
    .execute(&mut **tx)
    .await?;
    if changed.rows_affected() == 0 {
        return Err(CodeSettingsError::Changed);
    }
    offer_places(tx, conference, now, operations).await?;
    Ok(())
}

async fn somebody_waits(tx: &mut PgTransaction<'_>, code: CodeId) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select exists (select from attendee where code_id = $1 and state = 'waiting') as "waits!""#,
        code.0
    )
    .fetch_one(&mut **tx)
    .await
}

/// Ends a code now, and offers the places that were kept for it. Returns false if it had ended.
pub async fn end(
    tx: &mut PgTransaction<'_>,
    conference: ConferenceId,
    code: CodeId,
    (now, operations): When<'_>,
) -> Result<bool, sqlx::Error> {
    lock_queue(tx, conference).await?;
    lock_places(tx, conference).await?;
    let ended = sqlx::query!(
        "update code set until = least(until, $3), ended_at = $3, revision = revision + 1
         where conference_id = $1 and id = $2 and ended_at is null",
        conference.0,
        code.0,
        now,
    )
    .execute(&mut **tx)
    .await?;
    offer_places(tx, conference, now, operations).await?;
    Ok(ended.rows_affected() > 0)
}

/// Removes a code that nobody has used, and offers the places that were kept for it.
pub async fn remove(
    tx: &mut PgTransaction<'_>,
    conference: ConferenceId,
    code: CodeId,
    (now, operations): When<'_>,
) -> Result<(), CodeSettingsError> {
    lock_queue(tx, conference).await?;
    lock_places(tx, conference).await?;
    sqlx::query!("delete from code where conference_id = $1 and id = $2", conference.0, code.0)
        .execute(&mut **tx)
        .await?;
    offer_places(tx, conference, now, operations).await?;
    Ok(())
}

/// Returns how many places are kept for codes, at the whole conference or in one category.
pub async fn count_kept(
    conn: &mut PgConnection,
    conference: ConferenceId,
    category: Option<CategoryId>,
) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select coalesce(sum(kept), 0) as "count!" from code
           where conference_id = $1 and ($2::uuid is null or category_id = $2)"#,
        conference.0,
        category.map(|id| id.0),
    )
    .fetch_one(conn)
    .await
}

/// Lists the conferences at which places are kept for codes whose time is over.
pub async fn list_over(conn: &mut PgConnection, now: OffsetDateTime) -> Result<Vec<ConferenceId>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select distinct conference_id as "id: ConferenceId" from code
           where reserves and ended_at is null and until <= $1"#,
        now,
    )
    .fetch_all(conn)
    .await
}

/// Ends the codes of a conference whose time is over and that keep places, records it, and offers the places.
pub async fn end_over(
    tx: &mut PgTransaction<'_>,
    conference: ConferenceId,
    (now, operations): When<'_>,
) -> Result<(), sqlx::Error> {
    lock_queue(tx, conference).await?;
    lock_places(tx, conference).await?;
    let ended = sqlx::query_scalar!(
        r#"update code set ended_at = $2, revision = revision + 1
           where conference_id = $1 and reserves and ended_at is null and until <= $2 returning id as "id: CodeId""#,
        conference.0,
        now,
    )
    .fetch_all(&mut **tx)
    .await?;
    for code in ended {
        let entry = Entry::of(AuditKind::CodeEnded, Actor::Program);
        audit::note(tx, Entry { conference: Some(conference), subject: Some(code.0), ..entry }).await?;
    }
    offer_places(tx, conference, now, operations).await?;
    Ok(())
}

/// Somebody who has used a code.
#[derive(Clone, Debug)]
pub struct CodeUser {
    /// The attendee.
    pub attendee: AttendeeId,
    /// Their name.
    pub name: String,
    /// Their organisation.
    pub organisation: String,
    /// Their state. Somebody who is cancelled no longer counts.
    pub state: Stored<AttendeeState>,
}

/// Lists who has used a code, in the order in which they registered.
pub async fn list_users(
    conn: &mut PgConnection,
    conference: ConferenceId,
    code: CodeId,
) -> Result<Vec<CodeUser>, sqlx::Error> {
    sqlx::query_as!(
        CodeUser,
        r#"select attendee.id as "attendee: AttendeeId", name, organisation, state as "state: Stored<AttendeeState>"
           from attendee join registration on registration.id = attendee.registration_id
           where attendee.conference_id = $1 and code_id = $2 order by attendee.id"#,
        conference.0,
        code.0,
    )
    .fetch_all(conn)
    .await
}

/// Returns whether this category has codes that can be used at this instant.
pub async fn are_in_use(
    conn: &mut PgConnection,
    conference: ConferenceId,
    category: CategoryId,
    at: OffsetDateTime,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select exists (select from code where conference_id = $1 and category_id = $2 and ended_at is null
               and (until is null or until > $3)) as "are_in_use!""#,
        conference.0,
        category.0,
        at,
    )
    .fetch_one(conn)
    .await
}
