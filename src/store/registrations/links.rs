//! The secret links in mails and on the page after registering. Only their hashes are stored. A registration or an attendee
//! may have several valid links.

use sqlx::{PgConnection, PgTransaction};
use time::OffsetDateTime;

use crate::domain::{
    AttendeeId, ConferenceId, EmailChangeId, LinkId, PendingRegistrationId, RegistrationId, Secret, text_enum,
};

text_enum! {
    /// The page that a link opens.
    pub enum Purpose {
        /// The page where a delegate sees and changes the registration.
        Manage = "manage",
        /// The page after registering.
        Receipt = "receipt",
        /// The page that confirms a new e-mail address.
        ConfirmEmail = "confirm_email",
        /// The page that registers another person of the same name and address.
        AnotherPerson = "another_person",
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

/// Creates a link that confirms a new e-mail address.
pub async fn mint_for_email_change(
    conn: &mut PgConnection,
    subject: Subject,
    change: EmailChangeId,
) -> Result<Secret, sqlx::Error> {
    let secret = Secret::random();
    let hash = secret.hash();
    sqlx::query!(
        "insert into link (id, conference_id, hash, purpose, registration_id, attendee_id, email_change_id)
         values ($1, $2, $3, $4, $5, $6, $7)",
        LinkId::new().0,
        subject.conference.0,
        hash.as_bytes(),
        Purpose::ConfirmEmail.as_str(),
        subject.registration.0,
        subject.attendee.map(|id| id.0),
        change.0,
    )
    .execute(conn)
    .await?;
    Ok(secret)
}

/// Creates a link that registers another person of the same name and address.
pub async fn mint_for_another_person(
    conn: &mut PgConnection,
    subject: Subject,
    pending: PendingRegistrationId,
) -> Result<Secret, sqlx::Error> {
    let secret = Secret::random();
    let hash = secret.hash();
    sqlx::query!(
        "insert into link (id, conference_id, hash, purpose, registration_id, attendee_id, pending_registration_id)
         values ($1, $2, $3, $4, $5, $6, $7)",
        LinkId::new().0,
        subject.conference.0,
        hash.as_bytes(),
        Purpose::AnotherPerson.as_str(),
        subject.registration.0,
        subject.attendee.map(|id| id.0),
        pending.0,
    )
    .execute(conn)
    .await?;
    Ok(secret)
}

/// Revokes the manage links of an attendee, of the contact, or of both, because their mails went to an address that is no
/// longer theirs.
pub async fn revoke(
    tx: &mut PgTransaction<'_>,
    registration: RegistrationId,
    attendee: Option<AttendeeId>,
    of_contact: bool,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update link set revoked_at = now()
         where registration_id = $1 and purpose = 'manage' and revoked_at is null
             and (attendee_id = $2 or ($3 and attendee_id is null))",
        registration.0,
        attendee.map(|id| id.0),
        of_contact,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// A valid link that somebody followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Followed {
    /// Its owner.
    pub subject: Subject,
    /// The slug of the conference.
    pub slug: String,
    /// From when on delegates of the conference can change nothing themselves; `None` if they always can.
    pub changes_until: Option<OffsetDateTime>,
}

/// Finds the link with this secret, unless it was revoked.
pub async fn find(conn: &mut PgConnection, purpose: Purpose, secret: &Secret) -> Result<Option<Followed>, sqlx::Error> {
    let hash = secret.hash();
    let row = sqlx::query!(
        r#"select conference.id as "conference: ConferenceId", conference.slug,
               link.registration_id as "registration: RegistrationId", link.attendee_id as "attendee: AttendeeId",
               changes_until as "changes_until?"
           from link join conference on conference.id = link.conference_id
           left join registration_settings on registration_settings.conference_id = conference.id
           where link.hash = $1 and link.purpose = $2 and link.revoked_at is null"#,
        hash.as_bytes(),
        purpose.as_str(),
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| Followed {
        subject: Subject { conference: row.conference, registration: row.registration, attendee: row.attendee },
        slug: row.slug,
        changes_until: row.changes_until,
    }))
}

/// A delegate who has an address, and who can have a link to it.
#[derive(Clone, Debug)]
pub struct Reader {
    /// Whose link it is.
    pub subject: Subject,
    /// The address as it was typed.
    pub email: String,
}

/// The most links that one mail brings.
const MOST_LINKS: i64 = 50;

/// Lists those who have this address at the conference, the latest first. The contact's link is also for attendees of the
/// registration who have the same address.
pub async fn list_readers(
    conn: &mut PgConnection,
    conference: ConferenceId,
    email_normalised: &str,
) -> Result<Vec<Reader>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"with reader as (
               select id as registration_id, null::uuid as attendee_id, contact_email as email
               from registration where conference_id = $1 and contact_email_normalised = $2
               union all
               select registration.id, case when contact_attendee_id = attendee.id then null else attendee.id end, email
               from attendee join registration on registration.id = registration_id
               where attendee.conference_id = $1 and email_normalised = $2
           )
           select registration_id as "registration!: RegistrationId", attendee_id as "attendee: AttendeeId", email as "email!"
           from reader
           where attendee_id is null or not exists (
               select from reader contact
               where contact.registration_id = reader.registration_id and contact.attendee_id is null)
           order by registration_id desc, attendee_id limit $3"#,
        conference.0,
        email_normalised,
        MOST_LINKS,
    )
    .fetch_all(conn)
    .await?;
    let readers = rows.into_iter().map(|row| Reader {
        subject: Subject { conference, registration: row.registration, attendee: row.attendee },
        email: row.email,
    });
    Ok(readers.collect())
}
