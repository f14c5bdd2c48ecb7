//! What an attendee needs at table and at the door. It is kept with consent only, and deleted when that is withdrawn.

use sqlx::{PgConnection, PgTransaction};
use time::OffsetDateTime;

use crate::{
    domain::{AccountId, AttendeeId, AuditKind, ConferenceId, RegistrationId},
    store::audit::{self, Actor, Entry},
};

/// What an attendee needs, and what was agreed to. It is had by [`read_needs`] alone.
#[derive(Clone, Debug)]
pub struct KeptNeeds {
    /// At table; may be empty.
    pub dietary: String,
    /// At the door and in the hall; may be empty.
    pub access: String,
    /// The sentence that was agreed to, word for word.
    pub consent_wording: String,
    /// When it was agreed to.
    pub consented_at: OffsetDateTime,
}

/// What this attendee needs, if anything was said, for somebody who reads it. Each time is noted, so the transaction must
/// be committed before anything is shown.
pub async fn read_needs(
    tx: &mut PgTransaction<'_>,
    conference: ConferenceId,
    registration: RegistrationId,
    attendee: AttendeeId,
    by: AccountId,
) -> Result<Option<KeptNeeds>, sqlx::Error> {
    let needs = sqlx::query_as!(
        KeptNeeds,
        "select dietary, access, consent_wording, consented_at from attendee_needs
         where conference_id = $1 and attendee_id = $2",
        conference.0,
        attendee.0,
    )
    .fetch_optional(&mut **tx)
    .await?;
    if needs.is_some() {
        let entry = Entry {
            conference: Some(conference),
            registration: Some(registration),
            attendee: Some(attendee),
            ..Entry::of(AuditKind::NeedsRead, Actor::Account(by))
        };
        audit::note(tx, entry).await?;
    }
    Ok(needs)
}

/// The attendees of a registration of whom needs are kept; not what they are.
pub async fn list_with_needs(
    conn: &mut PgConnection,
    registration: RegistrationId,
) -> Result<Vec<AttendeeId>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select attendee.id as "id: AttendeeId"
           from attendee join attendee_needs on attendee_needs.attendee_id = attendee.id
           where attendee.registration_id = $1"#,
        registration.0,
    )
    .fetch_all(conn)
    .await
}

/// Deletes an attendee's needs because the consent to keep them was withdrawn by a delegate, and notes that, but not
/// what they were. Where none are kept, nothing is noted.
pub async fn withdraw_consent(
    tx: &mut PgTransaction<'_>,
    conference: ConferenceId,
    registration: RegistrationId,
    attendee: AttendeeId,
) -> Result<(), sqlx::Error> {
    let deleted = sqlx::query!(
        "delete from attendee_needs where conference_id = $1 and attendee_id = $2",
        conference.0,
        attendee.0,
    )
    .execute(&mut **tx)
    .await?;
    if deleted.rows_affected() == 0 {
        return Ok(());
    }
    let entry = Entry {
        conference: Some(conference),
        registration: Some(registration),
        attendee: Some(attendee),
        ..Entry::of(AuditKind::ConsentWithdrawn, Actor::Delegate)
    };
    audit::note(tx, entry).await
}
