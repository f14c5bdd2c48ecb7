//! The secret links in mails and on the page after registering. Only their hashes are stored. A registration or an attendee
//! may have several valid links.

use sqlx::PgConnection;

use crate::domain::{AttendeeId, ConferenceId, LinkId, RegistrationId, Secret, text_enum};

text_enum! {
    /// The page that a link opens.
    pub enum Purpose {
        /// The page where a delegate sees and cancels the registration.
        Manage = "manage",
        /// The page after registering.
        Receipt = "receipt",
    }
}

/// The owner of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subject {
    /// The conference.
    pub conference: ConferenceId,
    /// The registration.
    pub registration: RegistrationId,
    /// The attendee, who sees only their own data; `None` for the contact, who sees everything.
    pub attendee: Option<AttendeeId>,
}

/// Creates a link. The secret is not stored, so only the caller has it.
pub async fn mint(conn: &mut PgConnection, purpose: Purpose, subject: Subject) -> Result<Secret, sqlx::Error> {
    let secret = Secret::random();
    let hash = secret.hash();
    sqlx::query!(
        "insert into link (id, conference_id, hash, purpose, registration_id, attendee_id)
         values ($1, $2, $3, $4, $5, $6)",
        LinkId::new().0,
        subject.conference.0,
        hash.as_bytes(),
        purpose.as_str(),
        subject.registration.0,
        subject.attendee.map(|id| id.0),
    )
    .execute(conn)
    .await?;
    Ok(secret)
}

/// A valid link that somebody followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Followed {
    /// Its owner.
    pub subject: Subject,
    /// The slug of the conference.
    pub slug: String,
}

/// Finds the link with this secret, unless it was revoked.
pub async fn find(conn: &mut PgConnection, purpose: Purpose, secret: &Secret) -> Result<Option<Followed>, sqlx::Error> {
    let hash = secret.hash();
    let row = sqlx::query!(
        r#"select conference.id as "conference: ConferenceId", conference.slug,
               link.registration_id as "registration: RegistrationId", link.attendee_id as "attendee: AttendeeId"
           from link join conference on conference.id = link.conference_id
           where link.hash = $1 and link.purpose = $2 and link.revoked_at is null"#,
        hash.as_bytes(),
        purpose.as_str(),
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| Followed {
        subject: Subject { conference: row.conference, registration: row.registration, attendee: row.attendee },
        slug: row.slug,
    }))
}
