//! An attendee's own columns: every statement that reads or corrects them. `registrations::keep` inserts them.

use sqlx::{PgConnection, PgTransaction};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    domain::{
        AttendeeDetails, AttendeeId, AttendeeState, CancelCause, CategoryId, EmailAddress, JobTitle, PersonName,
        RegistrationId, SortName, Stored, text::folded,
    },
    store::{audit::Change, registrations::same_person},
};

/// An attendee of a registration, without dietary and access needs, which only few people may see.
#[derive(Clone, Debug)]
pub struct RegisteredAttendee {
    /// The key.
    pub id: AttendeeId,
    /// The registration that they are on.
    pub registration: RegistrationId,
    /// The name.
    pub name: String,
    /// The name as lists are sorted by it, if staff have given one.
    pub sort_name: Option<String>,
    /// The e-mail address.
    pub email: String,
    /// The job title; may be empty.
    pub job_title: String,
    /// The category.
    pub category: CategoryId,
    /// Its name.
    pub category_name: String,
    /// The code that was given for them, if there was one.
    pub code: Option<String>,
    /// Whether the attendee is coming, waits or was cancelled.
    pub state: Stored<AttendeeState>,
    /// The position in the queue of the category, from 1, while the attendee waits.
    pub queue_position: Option<i64>,
    /// When the open offer of a place ends, if there is one.
    pub offered_until: Option<OffsetDateTime>,
    /// When the attendee was cancelled.
    pub cancelled_at: Option<OffsetDateTime>,
    /// Who or what cancelled the attendee.
    pub cancel_cause: Option<Stored<CancelCause>>,
    /// The reason that staff gave for cancelling. `None` if they gave none or the delegate cancelled.
    pub cancel_reason: Option<String>,
    /// The revision of the row, which each change increments.
    pub revision: i32,
}

impl RegisteredAttendee {
    /// Returns the name as lists are sorted by it: the one that staff have given, or the last word of the name first.
    pub fn sort_name(&self) -> String {
        let follows = || PersonName::parse(&self.name).map_or_else(|_| self.name.clone(), |name| name.sort_name());
        self.sort_name.clone().unwrap_or_else(follows)
    }

    /// Whether the attendee has a place.
    pub fn is_coming(&self) -> bool {
        self.state.is(AttendeeState::Confirmed)
    }

    /// Whether the attendee waits for a place.
    pub fn is_waiting(&self) -> bool {
        self.state.is(AttendeeState::Waiting)
    }

    /// Whether the attendee has been offered a place and has not answered yet.
    pub fn is_offered(&self) -> bool {
        self.state.is(AttendeeState::Offered)
    }

    /// Whether the attendee has a place or may get one, and so can be cancelled.
    pub fn is_active(&self) -> bool {
        self.is_coming() || self.is_waiting() || self.is_offered()
    }

    /// Whether the attendee was cancelled. In a state from a newer version, an attendee neither comes nor is cancelled.
    pub fn is_cancelled(&self) -> bool {
        self.state.is(AttendeeState::Cancelled)
    }
}

/// Returns the attendees of these registrations, those of each registration in the order of the form; if `only` names some,
/// only these.
pub async fn list_of(
    conn: &mut PgConnection,
    registrations: &[Uuid],
    only: Option<&[Uuid]>,
) -> Result<impl Iterator<Item = RegisteredAttendee> + use<>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select attendee.id as "id: AttendeeId", registration_id as "registration: RegistrationId", attendee.name,
               sort_name, email, job_title, category.id as "category: CategoryId", category.name as category_name,
               code.code as "code?", state, cancelled_at,
               cancel_cause as "cancel_cause: Stored<CancelCause>", cancel_reason, attendee.revision,
               (select count(*) from attendee ahead
                where ahead.category_id = attendee.category_id and ahead.queue_rank <= attendee.queue_rank
                having attendee.queue_rank is not null) as queue_position,
               (select lapses_at from offer where attendee_id = attendee.id and ended_at is null) as offered_until
           from attendee join category on category.id = attendee.category_id
           left join code on code.id = attendee.code_id
           where attendee.id = any(coalesce($2::uuid[], array(select id from attendee where registration_id = any($1))))
           order by position"#,
        registrations,
        only,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| RegisteredAttendee {
        id: row.id,
        registration: row.registration,
        name: row.name,
        sort_name: row.sort_name,
        email: row.email,
        job_title: row.job_title,
        category: row.category,
        category_name: row.category_name,
        code: row.code,
        state: Stored::read(row.state, AttendeeState::parse),
        queue_position: row.queue_position,
        offered_until: row.offered_until,
        cancelled_at: row.cancelled_at,
        cancel_cause: row.cancel_cause,
        cancel_reason: row.cancel_reason,
        revision: row.revision,
    }))
}

/// Returns what an attendee says about themself, and the revision.
pub async fn get_details(conn: &mut PgConnection, id: AttendeeId) -> Result<(AttendeeDetails, i32), sqlx::Error> {
    let row = sqlx::query!(
        r#"select name as "name: PersonName", email as "email: EmailAddress", job_title as "job_title: JobTitle", revision
           from attendee where id = $1"#,
        id.0,
    )
    .fetch_one(conn)
    .await?;
    Ok((AttendeeDetails { name: row.name, email: row.email, job_title: row.job_title }, row.revision))
}

/// Returns what a correction changes.
pub fn changes(before: &RegisteredAttendee, after: &AttendeeDetails) -> Vec<Change> {
    let AttendeeDetails { name, email, job_title } = after;
    Change::list([
        ("name", before.name.as_str(), name.as_str()),
        ("email", before.email.as_str(), email.as_str()),
        ("job_title", before.job_title.as_str(), job_title.as_str()),
    ])
}

/// Returns what a transfer changes.
pub fn detail_changes(before: &AttendeeDetails, after: &AttendeeDetails) -> Vec<Change> {
    let AttendeeDetails { name, email, job_title } = after;
    Change::list([
        ("name", before.name.as_str(), name.as_str()),
        ("email", before.email.as_str(), email.as_str()),
        ("job_title", before.job_title.as_str(), job_title.as_str()),
    ])
}

/// Writes a correction. If no sort name is given, the saved one stays unless the name changes.
pub async fn update(
    tx: &mut PgTransaction<'_>,
    id: AttendeeId,
    AttendeeDetails { name, email, job_title }: &AttendeeDetails,
    sort_name: Option<&SortName>,
) -> Result<(), sqlx::Error> {
    let folded = folded(name.as_str());
    let update = |is_another: bool| {
        sqlx::query!(
            "update attendee set name = $2, name_folded = $3, email = $4, email_normalised = $5, job_title = $6,
                 is_another = $7, sort_name = case when $8::text is not null then nullif($8, '') when name = $2 then sort_name end,
                 revision = revision + 1
             where id = $1",
            id.0,
            name.as_str(),
            &folded,
            email.as_str(),
            email.normalised(),
            job_title.as_str(),
            is_another,
            sort_name.map(SortName::as_str),
        )
    };
    same_person::write_as_another_if_known(tx, update).await
}
