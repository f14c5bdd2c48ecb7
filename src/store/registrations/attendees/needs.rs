//! Dietary and access needs. They are stored only with consent, and deleted when it is withdrawn.

use sqlx::{PgConnection, PgTransaction};
use time::OffsetDateTime;

use crate::{
    domain::{AccountId, AnswerReaders, AttendeeId, AttendeeNeeds, AuditKind, ConferenceId, RegistrationId},
    store::{
        audit::{self, Actor, Entry},
        registrations::answers::{self, GivenAnswer},
    },
};

/// An attendee's needs, with the consent. Only [`read_needs`] returns them.
#[derive(Clone, Debug)]
pub struct KeptNeeds {
    /// Dietary needs; may be empty.
    pub dietary: String,
    /// Access needs, at the door and in the venue; may be empty.
    pub access: String,
    /// The exact sentence that the delegate agreed to.
    pub consent_wording: String,
    /// When the delegate agreed.
    pub consented_at: OffsetDateTime,
}

/// Returns the needs of this attendee, if there are any, and the answers that only people who may read needs see, and records who
/// has read them. Commit the transaction before showing
/// them.
pub async fn read_needs(
    tx: &mut PgTransaction<'_>,
    conference: ConferenceId,
    registration: RegistrationId,
    attendee: AttendeeId,
    by: AccountId,
) -> Result<(Option<KeptNeeds>, Vec<GivenAnswer>), sqlx::Error> {
    let needs = sqlx::query_as!(
        KeptNeeds,
        "select dietary, access, consent_wording, consented_at from attendee_needs
         where conference_id = $1 and attendee_id = $2",
        conference.0,
        attendee.0,
    )
    .fetch_optional(&mut **tx)
    .await?;
    let mut answers = answers::list(tx, registration, AnswerReaders::Needs).await?;
    answers.retain(|answer| answer.is_about(attendee));
    if needs.is_some() || !answers.is_empty() {
        let entry = Entry {
            conference: Some(conference),
            registration: Some(registration),
            attendee: Some(attendee),
            ..Entry::of(AuditKind::NeedsRead, Actor::Account(by))
        };
        audit::note(tx, entry).await?;
    }
    Ok((needs, answers))
}

/// Returns the attendees of a registration who have needs, without the needs themselves.
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

/// Saves an attendee's needs, which replace earlier ones.
pub async fn keep(
    tx: &mut PgTransaction<'_>,
    conference: ConferenceId,
    attendee: AttendeeId,
    AttendeeNeeds { dietary, access, consent }: &AttendeeNeeds,
    at: OffsetDateTime,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into attendee_needs (attendee_id, conference_id, dietary, access, consent_wording, consented_at)
         values ($1, $2, $3, $4, $5, $6)
         on conflict (attendee_id) do update set dietary = excluded.dietary, access = excluded.access,
             consent_wording = excluded.consent_wording, consented_at = excluded.consented_at",
        attendee.0,
        conference.0,
        dietary.as_str(),
        access.as_str(),
        consent,
        at,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Deletes an attendee's needs with their consent. Returns whether there were any.
pub async fn delete(
    tx: &mut PgTransaction<'_>,
    conference: ConferenceId,
    attendee: AttendeeId,
) -> Result<bool, sqlx::Error> {
    let deleted = sqlx::query!(
        "delete from attendee_needs where conference_id = $1 and attendee_id = $2",
        conference.0,
        attendee.0,
    )
    .execute(&mut **tx)
    .await?;
    Ok(deleted.rows_affected() > 0)
}

/// Deletes an attendee's needs because the consent was withdrawn, and records this without the needs. `by` is who did it: a delegate,
/// or somebody at the desk for a caller. Does nothing if there are none.
pub async fn withdraw_consent(
    tx: &mut PgTransaction<'_>,
    conference: ConferenceId,
    (registration, attendee): (RegistrationId, AttendeeId),
    by: Actor,
) -> Result<(), sqlx::Error> {
    if !delete(tx, conference, attendee).await? {
        return Ok(());
    }
    let entry = Entry {
        conference: Some(conference),
        registration: Some(registration),
        attendee: Some(attendee),
        ..Entry::of(AuditKind::ConsentWithdrawn, by)
    };
    audit::note(tx, entry).await
}
