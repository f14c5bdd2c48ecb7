//! The code that somebody gives when they register.

use sqlx::{PgConnection, PgTransaction};
use time::OffsetDateTime;

use crate::domain::{AttendeeId, CategoryId, Cents, Code, CodeId, ConferenceId};

/// A code that can be used now.
#[derive(Clone, Debug)]
pub struct ValidCode {
    /// Its key.
    pub id: CodeId,
    /// The code.
    pub code: Code,
    /// The category that it is for.
    pub category: CategoryId,
    /// What somebody pays with it; `None` for the fee of the category.
    pub fee: Option<Cents>,
    /// How many more people can use it; `None` if there is no limit.
    pub left: Option<i32>,
    /// How many places are kept for it.
    pub kept: i32,
}

/// The code in the form.
#[derive(Clone, Debug, Default)]
pub enum GivenCode {
    /// None was given.
    #[default]
    None,
    /// It cannot be used.
    Refused(CodeRefusal),
    /// It can be used, and is part of what is offered.
    Valid(ValidCode),
}

/// Why a code cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CodeRefusal {
    /// There is no such code.
    Unknown,
    /// Its time is over since then, as delegates read it.
    Over(String),
    /// As many people as can use it do.
    UsedUp,
    /// This network has given too many wrong codes; the seconds to wait.
    TooMany(u32),
}

/// A code as it is, whether it can be used or not.
#[derive(Clone, Debug)]
pub struct FoundCode {
    /// The code.
    pub code: ValidCode,
    /// From this instant on it cannot be used; `None` if there is no limit.
    pub until: Option<OffsetDateTime>,
    /// When it ended; `None` if it has not.
    pub ended_at: Option<OffsetDateTime>,
}

impl FoundCode {
    /// Returns since when it cannot be used, if that is so at this instant.
    pub fn over_since(&self, now: OffsetDateTime) -> Option<OffsetDateTime> {
        self.until.filter(|until| *until <= now).or(self.ended_at)
    }
}

/// Returns the code of a conference that was typed.
pub async fn find(
    conn: &mut PgConnection,
    conference: ConferenceId,
    code: &Code,
) -> Result<Option<FoundCode>, sqlx::Error> {
    let row = sqlx::query!(
        r#"select id as "id: CodeId", code as "code: Code", category_id as "category: CategoryId", fee_cents as "fee: Cents",
               uses - used as "left", kept as "kept!", until, ended_at
           from code where conference_id = $1 and code = $2"#,
        conference.0,
        code.as_str(),
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| FoundCode {
        code: ValidCode {
            id: row.id,
            code: row.code,
            category: row.category,
            fee: row.fee,
            left: row.left,
            kept: row.kept,
        },
        until: row.until,
        ended_at: row.ended_at,
    }))
}

/// The code of an attendee.
#[derive(Clone, Debug)]
pub struct CodeOfAttendee {
    /// The code.
    pub code: Code,
    /// How many more people can use it; `None` if there is no limit.
    pub left: Option<i32>,
    /// How many places are kept for it.
    pub kept: i32,
}

/// Returns the code that an attendee uses, or used before they were cancelled.
pub async fn find_of_attendee(
    conn: &mut PgConnection,
    attendee: AttendeeId,
) -> Result<Option<CodeOfAttendee>, sqlx::Error> {
    sqlx::query_as!(
        CodeOfAttendee,
        r#"select code as "code: Code", uses - used as "left", kept as "kept!"
           from code join attendee on attendee.code_id = code.id where attendee.id = $1"#,
        attendee.0,
    )
    .fetch_optional(conn)
    .await
}

/// Returns the category of a code that can be used now, and how many places are kept for it. The queue must be locked.
pub async fn find_kept(
    tx: &mut PgTransaction<'_>,
    conference: ConferenceId,
    code: CodeId,
    at: OffsetDateTime,
) -> Result<Option<(CategoryId, i32)>, sqlx::Error> {
    let row = sqlx::query!(
        r#"select category_id as "category: CategoryId", kept as "kept!" from code
           where conference_id = $1 and id = $2 and ended_at is null and (until is null or until > $3)"#,
        conference.0,
        code.0,
        at,
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.map(|row| (row.category, row.kept)))
}
