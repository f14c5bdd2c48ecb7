//! One attendee, with everything that staff may see.

use sqlx::PgConnection;

use crate::{
    domain::{AttendeeId, ConferenceId, RegistrationId, email},
    store::registrations::{self, Registered, RegisteredAttendee},
};

/// An attendee and the registration it belongs to.
#[derive(Clone, Debug)]
pub struct Detail {
    /// The attendee.
    pub attendee: RegisteredAttendee,
    /// Counts the attendee's changes.
    pub revision: i32,
    /// Why staff cancelled; none where they did not or where the delegate did.
    pub cancel_reason: Option<String>,
    /// The registration, with all its attendees.
    pub registration: Registered,
    /// Counts the registration's changes.
    pub registration_revision: i32,
}

impl Detail {
    /// The others on the same registration.
    pub fn colleagues(&self) -> impl Iterator<Item = &RegisteredAttendee> {
        self.registration.attendees.iter().filter(|other| other.id != self.attendee.id)
    }

    /// Whether the contact reads mail at the attendee's address, and so gets one mail for both.
    pub fn is_contact(&self) -> bool {
        email::is_same(&self.attendee.email, &self.registration.contact_email)
    }
}

/// The attendee of this key, if it is one of the conference.
pub async fn find(
    conn: &mut PgConnection,
    conference: ConferenceId,
    id: AttendeeId,
) -> Result<Option<Detail>, sqlx::Error> {
    let row = sqlx::query!(
        r#"select registration.id as "registration: RegistrationId", attendee.revision, attendee.cancel_reason,
               registration.revision as registration_revision
           from attendee join registration on registration.id = attendee.registration_id
           where attendee.conference_id = $1 and attendee.id = $2"#,
        conference.0,
        id.0,
    )
    .fetch_optional(&mut *conn)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let registration = registrations::get(conn, row.registration).await?;
    let attendee = registration.attendees.iter().find(|one| one.id == id).cloned();
    Ok(attendee.map(|attendee| Detail {
        attendee,
        revision: row.revision,
        cancel_reason: row.cancel_reason,
        registration,
        registration_revision: row.registration_revision,
    }))
}
