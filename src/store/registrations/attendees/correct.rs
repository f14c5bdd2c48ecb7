//! Correcting what a delegate gave about an attendee, the organisation and the contact.

use sqlx::PgTransaction;

use crate::{
    domain::{
        AccountId, AttendeeDetails, AttendeeId, AuditKind, ConferenceId, Contact, Organisation, RegistrationId, email,
    },
    store::{
        audit::{self, Actor, Change, Entry},
        outbox,
        registrations::{
            Registered,
            attendees::{find, row},
        },
        violated,
    },
};

/// The corrected values, and the revisions that were corrected.
#[derive(Clone, Debug)]
pub struct Correction {
    /// What the attendee says about themself.
    pub details: AttendeeDetails,
    /// The organisation that all attendees of the registration come from.
    pub organisation: Organisation,
    /// The registration's contact.
    pub contact: Contact,
    /// The revision of the attendee.
    pub revision: i32,
    /// The revision of the registration.
    pub registration_revision: i32,
}

/// The effects of a correction on links.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Corrected {
    /// The attendee has a new address, so the links in mails to the old one no longer work.
    pub attendee_moved: bool,
    /// The contact has a new address, so the links in mails to the old one no longer work.
    pub contact_moved: bool,
}

/// Why a correction was not saved.
#[derive(Debug, thiserror::Error)]
pub enum CorrectionError {
    /// Somebody else has changed the attendee or the registration, or there is no such attendee.
    #[error("changed by somebody else")]
    Changed,
    /// Another attendee of the registration has this name and address.
    #[error("the same person twice")]
    Twice,
    /// The database failed.
    #[error(transparent)]
    Database(sqlx::Error),
}

impl From<sqlx::Error> for CorrectionError {
    fn from(error: sqlx::Error) -> Self {
        match violated(&error) {
            Some("attendee_once_per_registration") => Self::Twice,
            _ => Self::Database(error),
        }
    }
}

/// Corrects an attendee and their registration, records the changes, revokes the links that were sent to an address that
/// is no longer theirs, and redirects waiting mails to the new one.
pub async fn correct(
    tx: &mut PgTransaction<'_>,
    conference: ConferenceId,
    id: AttendeeId,
    correction: &Correction,
    by: AccountId,
) -> Result<Corrected, CorrectionError> {
    // Every field is named, so that a new field does not compile until it is compared and written here.
    let Correction { details, organisation, contact, revision, registration_revision } = correction;
    lock(tx, conference, id, (*revision, *registration_revision)).await?.ok_or(CorrectionError::Changed)?;
    let before = find(tx, conference, id).await?.ok_or(CorrectionError::Changed)?;
    let registration = before.registration.id;
    let of_attendee = row::changes(&before.attendee, details);
    let of_registration = registration_changes(&before.registration, organisation, contact);
    let entry = Entry {
        conference: Some(conference),
        registration: Some(registration),
        ..Entry::of(AuditKind::RegistrationCorrected, Actor::Account(by))
    };
    if !of_attendee.is_empty() {
        row::update(tx, id, details).await?;
        let entry =
            Entry { kind: AuditKind::AttendeeCorrected, attendee: Some(id), changes: &of_attendee, ..entry.clone() };
        audit::note(tx, entry).await?;
    }
    if !of_registration.is_empty() {
        update_registration(tx, registration, organisation, contact).await?;
        audit::note(tx, Entry { changes: &of_registration, ..entry }).await?;
    }
    let moved = |changes: &[Change], field| {
        changes.iter().any(|change| change.field == field && !email::is_same(&change.before, &change.after))
    };
    let corrected = Corrected {
        attendee_moved: moved(&of_attendee, "email"),
        contact_moved: moved(&of_registration, "contact_email"),
    };
    if corrected != Corrected::default() {
        // Links are revoked last: a mail that is being composed now already has its link, or goes to the new address.
        outbox::readdress(tx, registration).await?;
        revoke(tx, registration, id, corrected).await?;
    }
    Ok(corrected)
}

/// Locks the registration and then the attendee, in the same order as cancelling does, if both are still at these
/// revisions.
async fn lock(
    tx: &mut PgTransaction<'_>,
    conference: ConferenceId,
    id: AttendeeId,
    (revision, registration_revision): (i32, i32),
) -> Result<Option<()>, sqlx::Error> {
    let registration = sqlx::query!(
        "select from registration
         where conference_id = $1 and revision = $3
             and id = (select registration_id from attendee where conference_id = $1 and id = $2)
         for no key update",
        conference.0,
        id.0,
        registration_revision,
    )
    .fetch_optional(&mut **tx)
    .await?;
    if registration.is_none() {
        return Ok(None);
    }
    let attendee =
        sqlx::query!("select from attendee where id = $1 and revision = $2 for no key update", id.0, revision)
            .fetch_optional(&mut **tx)
            .await?;
    Ok(attendee.map(|_| ()))
}

fn registration_changes(before: &Registered, organisation: &Organisation, contact: &Contact) -> Vec<Change> {
    let Contact { name, email, telephone } = contact;
    Change::list([
        ("organisation", before.organisation.as_str(), organisation.as_str()),
        ("contact_name", before.contact_name.as_str(), name.as_str()),
        ("contact_email", before.contact_email.as_str(), email.as_str()),
        ("contact_telephone", before.contact_telephone.as_str(), telephone.as_str()),
    ])
}

async fn update_registration(
    tx: &mut PgTransaction<'_>,
    id: RegistrationId,
    organisation: &Organisation,
    Contact { name, email, telephone }: &Contact,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update registration set organisation = $2, contact_name = $3, contact_email = $4, contact_telephone = $5,
             revision = revision + 1
         where id = $1",
        id.0,
        organisation.as_str(),
        name.as_str(),
        email.as_str(),
        telephone.as_str(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Revokes the links that were sent to an old address, because it may be somebody else's.
async fn revoke(
    tx: &mut PgTransaction<'_>,
    registration: RegistrationId,
    attendee: AttendeeId,
    corrected: Corrected,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update link set revoked_at = now()
         where registration_id = $1 and purpose = 'manage' and revoked_at is null
             and (($3 and attendee_id = $2) or ($4 and attendee_id is null))",
        registration.0,
        attendee.0,
        corrected.attendee_moved,
        corrected.contact_moved,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
