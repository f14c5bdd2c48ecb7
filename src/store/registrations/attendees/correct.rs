//! Correcting what a delegate gave about an attendee, the organisation and the contact.

use sqlx::PgTransaction;
use time::OffsetDateTime;

use crate::{
    domain::{
        AttendeeDetails, AttendeeId, AttendeeNeeds, AuditKind, ConferenceId, Contact, Country, InvoiceAddress,
        Organisation, PurchaseOrder, RegistrationId, SortName, Town, email, text::folded,
    },
    store::{
        audit::{self, Actor, Change, Entry},
        outbox,
        registrations::{
            self, Registered,
            attendees::{needs, row},
            links,
        },
        violated,
    },
};

/// A correction of an attendee, of their registration, or of both.
#[derive(Clone, Debug)]
pub struct Correction {
    /// The registration.
    pub registration: RegistrationId,
    /// What is corrected about one of its attendees.
    pub attendee: Option<AttendeeCorrection>,
    /// What is corrected about the registration.
    pub shared: Option<SharedCorrection>,
}

/// What is corrected about an attendee.
#[derive(Clone, Debug)]
pub struct AttendeeCorrection {
    /// The attendee.
    pub id: AttendeeId,
    /// The revision that is corrected.
    pub revision: i32,
    /// What the attendee says about themself.
    pub details: AttendeeDetails,
    /// The name as lists are sorted by it, empty if it follows from the name; `None` if it stays as it is.
    pub sort_name: Option<SortName>,
    /// The needs that replace the saved ones; `None` if those stay.
    pub needs: Option<AttendeeNeeds>,
}

/// What is corrected about the registration.
#[derive(Clone, Debug)]
pub struct SharedCorrection {
    /// The revision that is corrected.
    pub revision: i32,
    /// The corrected values.
    pub details: SharedDetails,
}

/// What all attendees of a registration share, and its contact.
#[derive(Clone, Debug)]
pub struct SharedDetails {
    /// The organisation that they come from.
    pub organisation: Organisation,
    /// The organisation's city.
    pub city: Town,
    /// The organisation's country.
    pub country: Country,
    /// The contact.
    pub contact: Contact,
    /// The finance office's purchase-order number.
    pub purchase_order: PurchaseOrder,
    /// The address for the invoice.
    pub invoice_address: InvoiceAddress,
}

/// What a correction changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Corrected {
    /// The attendee has a new address, so the links in mails to the old one no longer work.
    pub attendee_moved: bool,
    /// The contact has a new address, so the links in mails to the old one no longer work.
    pub contact_moved: bool,
    /// The fields that changed, with their values.
    pub changes: Vec<Change>,
    /// Whether needs were given or replaced.
    pub needs: bool,
}

impl Corrected {
    /// Whether nothing changed.
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
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
    correction: &Correction,
    by: Actor,
    at: OffsetDateTime,
) -> Result<Corrected, CorrectionError> {
    let Correction { registration, attendee, shared } = correction;
    let before = lock(tx, conference, correction).await?.ok_or(CorrectionError::Changed)?;
    let entry = Entry {
        conference: Some(conference),
        registration: Some(*registration),
        ..Entry::of(AuditKind::RegistrationCorrected, by)
    };
    let mut corrected = Corrected::default();
    if let Some(AttendeeCorrection { id, revision: _, details, sort_name, needs }) = attendee {
        let of_attendee = before.attendees.iter().find(|one| one.id == *id).ok_or(CorrectionError::Changed)?;
        let mut changes = row::changes(of_attendee, details);
        if let Some(sort_name) = sort_name {
            let before = of_attendee.sort_name.as_deref().unwrap_or_default();
            changes.extend(Change::list([("sort_name", before, sort_name.as_str())]));
        }
        let entry = Entry { attendee: Some(*id), ..entry.clone() };
        if !changes.is_empty() {
            row::update(tx, *id, details, sort_name.as_ref()).await?;
            let entry = Entry { kind: AuditKind::AttendeeCorrected, changes: &changes, ..entry.clone() };
            audit::note(tx, entry).await?;
        }
        if let Some(needs) = needs {
            needs::keep(tx, conference, *id, needs, at).await?;
            audit::note(tx, Entry { kind: AuditKind::NeedsChanged, ..entry }).await?;
            corrected.needs = true;
        }
        corrected.attendee_moved = has_moved(&changes, "email");
        corrected.contact_moved = corrected.attendee_moved && before.contact_attendee == Some(*id);
        corrected.changes = changes;
    }
    if let Some(SharedCorrection { revision: _, details }) = shared {
        let contact_attendee = contact_attendee(&before, attendee.as_ref(), &details.contact);
        let changes = shared_changes(&before, details, contact_attendee);
        if !changes.is_empty() {
            update_registration(tx, *registration, details, contact_attendee).await?;
            audit::note(tx, Entry { changes: &changes, ..entry }).await?;
        }
        corrected.contact_moved |= has_moved(&changes, "contact_email");
        corrected.changes.extend(changes);
    }
    if corrected.attendee_moved || corrected.contact_moved {
        // Links are revoked last: a mail that is being composed now already has its link, or goes to the new address.
        outbox::readdress(tx, *registration).await?;
        let moved = attendee.as_ref().map(|one| one.id).filter(|_| corrected.attendee_moved);
        links::revoke(tx, *registration, moved, corrected.contact_moved).await?;
    }
    Ok(corrected)
}

fn has_moved(changes: &[Change], field: &str) -> bool {
    changes.iter().any(|change| change.field == field && !email::is_same(&change.before, &change.after))
}

/// Locks the registration and then the attendee, in the same order as cancelling does, if what is corrected is still at
/// its revision. Returns the registration as it is.
async fn lock(
    tx: &mut PgTransaction<'_>,
    conference: ConferenceId,
    correction: &Correction,
) -> Result<Option<Registered>, sqlx::Error> {
    let Correction { registration, attendee, shared } = correction;
    let locked = sqlx::query!(
        "select from registration where conference_id = $1 and id = $2 and ($3::int is null or revision = $3)
         for no key update",
        conference.0,
        registration.0,
        shared.as_ref().map(|shared| shared.revision),
    )
    .fetch_optional(&mut **tx)
    .await?;
    if locked.is_none() {
        return Ok(None);
    }
    if let Some(attendee) = attendee {
        let locked = sqlx::query!(
            "select from attendee where registration_id = $1 and id = $2 and revision = $3 for no key update",
            registration.0,
            attendee.id.0,
            attendee.revision,
        )
        .fetch_optional(&mut **tx)
        .await?;
        if locked.is_none() {
            return Ok(None);
        }
    }
    registrations::get(tx, *registration).await.map(Some)
}

/// Returns the attendee who is the contact after the correction. It is the same one if the contact was not changed; otherwise the
/// one, if any, who has the corrected name and address of the contact.
fn contact_attendee(
    before: &Registered,
    corrected: Option<&AttendeeCorrection>,
    contact: &Contact,
) -> Option<AttendeeId> {
    let Contact { name, email, telephone: _ } = contact;
    let is_unchanged = (name.as_str(), email.as_str()) == (&*before.contact_name, &*before.contact_email);
    if is_unchanged && before.contact_attendee.is_some() {
        return before.contact_attendee;
    }
    let corrected = corrected.map(|AttendeeCorrection { id, details, .. }| {
        let AttendeeDetails { name, email, job_title: _ } = details;
        (*id, name.as_str(), email.as_str())
    });
    let others = before.attendees.iter().filter(|other| corrected.is_none_or(|(id, ..)| id != other.id));
    let mut all = others.map(|other| (other.id, &*other.name, &*other.email)).chain(corrected);
    let contact = (folded(name.as_str()), email.normalised());
    let found = all.find(|(_, name, email)| (folded(name), &*email::normalised(email)) == contact);
    found.map(|(id, _, _)| id)
}

/// Returns what the correction changes in the registration. If the contact is an attendee, a correction of the attendee is not a
/// change of the registration.
fn shared_changes(before: &Registered, after: &SharedDetails, contact_attendee: Option<AttendeeId>) -> Vec<Change> {
    // Every field is named, so that a new field does not compile until it is compared here.
    let SharedDetails { organisation, city, country, contact, purchase_order, invoice_address } = after;
    let Contact { name, email, telephone } = contact;
    let mut changes = Change::list([
        ("organisation", before.organisation.as_str(), organisation.as_str()),
        ("city", before.city.as_str(), city.as_str()),
        ("country", before.country.name(), country.name()),
        ("contact_name", before.contact_name.as_str(), name.as_str()),
        ("contact_email", before.contact_email.as_str(), email.as_str()),
        ("contact_telephone", before.contact_telephone.as_str(), telephone.as_str()),
        ("purchase_order", before.purchase_order.as_str(), purchase_order.as_str()),
        ("invoice_address", before.invoice_address.as_str(), invoice_address.as_str()),
    ]);
    if contact_attendee.is_some() && contact_attendee == before.contact_attendee {
        changes.retain(|change| !["contact_name", "contact_email"].contains(&change.field));
    }
    changes
}

async fn update_registration(
    tx: &mut PgTransaction<'_>,
    id: RegistrationId,
    details: &SharedDetails,
    contact_attendee: Option<AttendeeId>,
) -> Result<(), sqlx::Error> {
    let SharedDetails { organisation, city, country, contact, purchase_order, invoice_address } = details;
    let Contact { name, email, telephone } = contact;
    sqlx::query!(
        "update registration set organisation = $2, contact_attendee_id = $3,
             contact_name = case when $3::uuid is null then $4 end, contact_email = case when $3 is null then $5 end,
             contact_email_normalised = case when $3 is null then $6 end, contact_telephone = $7, city = $8,
             country = $9, purchase_order = $10, invoice_address = $11, revision = revision + 1
         where id = $1",
        id.0,
        organisation.as_str(),
        contact_attendee.map(|id| id.0),
        name.as_str(),
        email.as_str(),
        email.normalised(),
        telephone.as_str(),
        city.as_str(),
        country.code(),
        purchase_order.as_str(),
        invoice_address.as_str(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
