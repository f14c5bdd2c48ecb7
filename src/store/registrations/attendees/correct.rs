//! Correcting what a delegate gave about an attendee, the organisation and the contact.

use sqlx::PgTransaction;

use crate::{
    domain::{
        AccountId, AttendeeDetails, AttendeeId, AuditKind, ConferenceId, Contact, Organisation, RegistrationId, email,
        text::folded,
    },
    store::{
        audit::{self, Actor, Change, Entry},
        outbox,
        registrations::attendees::{Detail, find, row},
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
    let contact_attendee = contact_attendee(&before, details, contact);
    let of_registration = registration_changes(&before, organisation, contact, contact_attendee);
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
        update_registration(tx, registration, organisation, contact, contact_attendee).await?;
        audit::note(tx, Entry { changes: &of_registration, ..entry }).await?;
    }
    let moved = |changes: &[Change], field| {
        changes.iter().any(|change| change.field == field && !email::is_same(&change.before, &change.after))
    };
    let attendee_moved = moved(&of_attendee, "email");
    let corrected = Corrected {
        attendee_moved,
        contact_moved: moved(&of_registration, "contact_email") || attendee_moved && before.is_the_contact(),
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

/// Returns the attendee who is the contact after the correction: still the same one if the contact was not changed, otherwise
/// whoever has the contact's name and address then.
fn contact_attendee(before: &Detail, corrected: &AttendeeDetails, contact: &Contact) -> Option<AttendeeId> {
    let Contact { name, email, telephone: _ } = contact;
    let (attendee, registration) = (&before.attendee, &*before.registration);
    let is_unchanged = (name.as_str(), email.as_str()) == (&*registration.contact_name, &*registration.contact_email);
    if is_unchanged && registration.contact_attendee.is_some() {
        return registration.contact_attendee;
    }
    let AttendeeDetails { name: corrected_name, email: corrected_email, job_title: _ } = corrected;
    let others = before.colleagues().map(|other| (other.id, &*other.name, &*other.email));
    let mut all = others.chain([(attendee.id, corrected_name.as_str(), corrected_email.as_str())]);
    let contact = (folded(name.as_str()), email.normalised());
    let found = all.find(|(_, name, email)| (folded(name), &*email::normalised(email)) == contact);
    found.map(|(id, _, _)| id)
}

/// Returns what the correction changes in the registration. If the contact is an attendee, a correction of the attendee is not a
/// change of the registration.
fn registration_changes(
    Detail { attendee: _, registration: before }: &Detail,
    organisation: &Organisation,
    contact: &Contact,
    contact_attendee: Option<AttendeeId>,
) -> Vec<Change> {
    let Contact { name, email, telephone } = contact;
    let mut changes = Change::list([
        ("organisation", before.organisation.as_str(), organisation.as_str()),
        ("contact_name", before.contact_name.as_str(), name.as_str()),
        ("contact_email", before.contact_email.as_str(), email.as_str()),
        ("contact_telephone", before.contact_telephone.as_str(), telephone.as_str()),
    ]);
    if contact_attendee.is_some() && contact_attendee == before.contact_attendee {
        changes.retain(|change| !["contact_name", "contact_email"].contains(&change.field));
    }
    changes
}

async fn update_registration(
    tx: &mut PgTransaction<'_>,
    id: RegistrationId,
    organisation: &Organisation,
    Contact { name, email, telephone }: &Contact,
    contact_attendee: Option<AttendeeId>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update registration set organisation = $2, contact_attendee_id = $3,
             contact_name = case when $3::uuid is null then $4 end, contact_email = case when $3 is null then $5 end,
             contact_telephone = $6, revision = revision + 1
         where id = $1",
        id.0,
        organisation.as_str(),
        contact_attendee.map(|id| id.0),
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
