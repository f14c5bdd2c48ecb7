//! Notes that staff write about an attendee. Only staff read them.

use sqlx::{PgConnection, PgTransaction};
use time::OffsetDateTime;

use crate::{
    domain::{AccountId, AttendeeId, AttendeeNoteId, AuditKind, RegistrationId, StaffNote},
    store::{
        audit::{self, Actor, Entry},
        registrations::attendees::Detail,
    },
};

/// A note about an attendee.
#[derive(Clone, Debug)]
pub struct AttendeeNote {
    /// The key.
    pub id: AttendeeNoteId,
    /// Its text.
    pub text: String,
    /// Who wrote it.
    pub author: String,
    /// When it was written.
    pub at: OffsetDateTime,
}

/// Lists the notes about an attendee, the newest first.
pub async fn list_notes(conn: &mut PgConnection, attendee: AttendeeId) -> Result<Vec<AttendeeNote>, sqlx::Error> {
    sqlx::query_as!(
        AttendeeNote,
        r#"select attendee_note.id as "id: AttendeeNoteId", text, account.name as author, attendee_note.created_at as at
           from attendee_note join account on account.id = account_id
           where attendee_id = $1 order by attendee_note.created_at desc, attendee_note.id desc"#,
        attendee.0,
    )
    .fetch_all(conn)
    .await
}

/// Adds a note and records that somebody has, without the text.
pub async fn add_note(
    tx: &mut PgTransaction<'_>,
    Detail { attendee, registration }: &Detail,
    text: &StaffNote,
    by: AccountId,
    at: OffsetDateTime,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into attendee_note (id, conference_id, attendee_id, account_id, text, created_at)
         values ($1, $2, $3, $4, $5, $6)",
        AttendeeNoteId::new().0,
        registration.conference.0,
        attendee.id.0,
        by.0,
        text.as_str(),
        at,
    )
    .execute(&mut **tx)
    .await?;
    record(tx, (registration.id, attendee.id), registration.conference, (AuditKind::NoteAdded, by)).await
}

/// Removes a note and records that somebody has. Returns whether there was one.
pub async fn remove_note(
    tx: &mut PgTransaction<'_>,
    Detail { attendee, registration }: &Detail,
    note: AttendeeNoteId,
    by: AccountId,
) -> Result<bool, sqlx::Error> {
    let removed = sqlx::query!("delete from attendee_note where attendee_id = $1 and id = $2", attendee.id.0, note.0)
        .execute(&mut **tx)
        .await?;
    if removed.rows_affected() == 0 {
        return Ok(false);
    }
    record(tx, (registration.id, attendee.id), registration.conference, (AuditKind::NoteRemoved, by)).await?;
    Ok(true)
}

async fn record(
    tx: &mut PgTransaction<'_>,
    (registration, attendee): (RegistrationId, AttendeeId),
    conference: crate::domain::ConferenceId,
    (kind, by): (AuditKind, AccountId),
) -> Result<(), sqlx::Error> {
    let entry = Entry {
        conference: Some(conference),
        registration: Some(registration),
        attendee: Some(attendee),
        ..Entry::of(kind, Actor::Account(by))
    };
    audit::note(tx, entry).await
}
