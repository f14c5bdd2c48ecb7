//! Registrations and their attendees: saving, reading, correcting, adding, transferring, cancelling and reinstating; the waiting list.

mod add;
pub mod amounts;
pub mod answers;
pub mod attendees;
mod authority;
pub mod batches;
mod cancel;
pub mod categories;
pub mod charges;
pub mod choosing;
pub mod code_settings;
pub mod codes;
mod columns;
mod confirmations;
pub mod email_changes;
pub mod figures;
mod insert;
mod keep;
pub mod links;
mod new_registration;
pub mod offers;
pub mod payments;
pub mod privacy;
pub mod questions;
pub mod queue;
mod reinstate;
pub mod remaining;
pub mod reminding;
pub mod same_person;
mod seating;
mod submission;
pub mod terms;
mod transfer;
pub mod undoing;
pub mod waiting;

pub use add::{AddError, Adding, add};
pub use attendees::RegisteredAttendee;
pub use authority::{Authority, Overriding};
pub use cancel::{Cancelling, Tells, cancel};
pub use keep::{RegisterError, keep};
pub use new_registration::{Another, NewRegistration};
pub use reinstate::{
    ReinstateError, Reinstating, SamePerson, count_ahead, join_queue, list_registered_again, list_undoable, reinstate,
};
pub use seating::Waiting;
pub use submission::Submission;
pub use transfer::{Transferring, transfer};

use std::collections::HashMap;

use sqlx::{PgConnection, PgTransaction};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    domain::{AttendeeId, ConferenceId, Country, Reference, RegistrationId, email},
    store::violated,
};

/// A saved registration with all its attendees.
#[derive(Clone, Debug)]
pub struct Registered {
    /// The key.
    pub id: RegistrationId,
    /// The conference.
    pub conference: ConferenceId,
    /// The code that people quote on the telephone.
    pub reference: Reference,
    /// The attendee who is the contact; `None` if the contact does not attend.
    pub contact_attendee: Option<AttendeeId>,
    /// The name of the contact, who filled in the form.
    pub contact_name: String,
    /// The contact's e-mail address.
    pub contact_email: String,
    /// The contact's telephone number; may be empty.
    pub contact_telephone: String,
    /// The organisation that the attendees come from.
    pub organisation: String,
    /// That organisation's country.
    pub country: Country,
    /// That organisation's city.
    pub city: String,
    /// The finance office's purchase-order number; may be empty.
    pub purchase_order: String,
    /// The address for the invoice; may be empty.
    pub invoice_address: String,
    /// When the delegate registered.
    pub created_at: OffsetDateTime,
    /// The revision of the row, which each correction increments.
    pub revision: i32,
    /// All attendees, also cancelled ones, in the order of the form.
    pub attendees: Vec<RegisteredAttendee>,
}

impl Registered {
    /// Iterates over the attendees who are coming.
    pub fn coming(&self) -> impl Iterator<Item = &RegisteredAttendee> {
        self.attendees.iter().filter(|attendee| attendee.is_coming())
    }

    /// Iterates over the attendees who wait for a place, or have not answered the offer of one yet.
    pub fn waiting(&self) -> impl Iterator<Item = &RegisteredAttendee> {
        self.attendees.iter().filter(|attendee| attendee.is_waiting() || attendee.is_offered())
    }

    /// Iterates over the attendees who have a place or may get one.
    pub fn active(&self) -> impl Iterator<Item = &RegisteredAttendee> {
        self.attendees.iter().filter(|attendee| attendee.is_active())
    }

    /// Iterates over the attendees who were cancelled.
    pub fn cancelled(&self) -> impl Iterator<Item = &RegisteredAttendee> {
        self.attendees.iter().filter(|attendee| attendee.is_cancelled())
    }

    /// Returns whether the contact is coming.
    pub fn contact_comes(&self) -> bool {
        self.coming().any(|one| self.is_contact(one))
    }

    /// Returns whether this attendee is the contact.
    pub fn is_contact(&self, one: &RegisteredAttendee) -> bool {
        self.contact_attendee == Some(one.id)
    }

    /// Returns whether an attendee who has a place or may get one has another address than the contact.
    pub fn has_other_mailboxes(&self) -> bool {
        self.active().any(|attendee| !email::is_same(&attendee.email, &self.contact_email))
    }
}

/// Locks a registration, so that changes to it are made one at a time. Returns the contact's address.
async fn lock(
    tx: &mut PgTransaction<'_>,
    conference: ConferenceId,
    registration: RegistrationId,
) -> Result<String, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select contact.email as "email!"
           from registration join contact on contact.registration_id = registration.id
           where registration.conference_id = $1 and registration.id = $2 for no key update of registration"#,
        conference.0,
        registration.0,
    )
    .fetch_one(&mut **tx)
    .await
}

/// Returns the registration with this key.
pub async fn get(conn: &mut PgConnection, id: RegistrationId) -> Result<Registered, sqlx::Error> {
    list(conn, &[id.0]).await?.pop().ok_or(sqlx::Error::RowNotFound)
}

/// Returns the registration with this key, if it is one of this conference.
pub async fn find(
    conn: &mut PgConnection,
    conference: ConferenceId,
    id: RegistrationId,
) -> Result<Option<Registered>, sqlx::Error> {
    Ok(list(conn, &[id.0]).await?.pop().filter(|registered| registered.conference == conference))
}

/// Returns the registrations with these keys, in any order.
async fn list(conn: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<Registered>, sqlx::Error> {
    list_with(conn, ids, None).await
}

/// Returns the registrations with these keys, in any order; if `only` names attendees, with these alone.
async fn list_with(
    conn: &mut PgConnection,
    ids: &[Uuid],
    only: Option<&[Uuid]>,
) -> Result<Vec<Registered>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select id as "id: RegistrationId", conference_id as "conference: ConferenceId", reference,
               contact_attendee_id as "contact_attendee: AttendeeId", contact.name as "contact_name!",
               contact.email as "contact_email!", contact_telephone, organisation, country as "country: Country", city,
               purchase_order, invoice_address, created_at, revision
           from registration join contact on contact.registration_id = registration.id
           where id = any($1)"#,
        ids,
    )
    .fetch_all(&mut *conn)
    .await?;
    let mut attendees: HashMap<RegistrationId, Vec<RegisteredAttendee>> = HashMap::new();
    for attendee in attendees::list_of(conn, ids, only).await? {
        attendees.entry(attendee.registration).or_default().push(attendee);
    }
    let registrations = rows.into_iter().map(|row| Registered {
        id: row.id,
        conference: row.conference,
        reference: Reference::kept(row.reference),
        contact_attendee: row.contact_attendee,
        contact_name: row.contact_name,
        contact_email: row.contact_email,
        contact_telephone: row.contact_telephone,
        organisation: row.organisation,
        country: row.country,
        city: row.city,
        purchase_order: row.purchase_order,
        invoice_address: row.invoice_address,
        created_at: row.created_at,
        revision: row.revision,
        attendees: attendees.remove(&row.id).unwrap_or_default(),
    });
    Ok(registrations.collect())
}

/// The registration that an earlier submission made.
#[derive(Clone, Debug)]
pub struct Earlier {
    /// The registration.
    pub registration: RegistrationId,
    /// Its reference.
    pub reference: Reference,
    /// The fingerprint of its content ([`crate::domain::Registration::fingerprint`]).
    pub fingerprint: Vec<u8>,
}

/// Finds the registration that an earlier submission made: of the same form, or of the same content from the same network
/// since [`Submission::repeated_since`]. A registration whose attendees are all cancelled does not count, because a delegate
/// who sends the form again wants to register again.
pub async fn find_earlier(conn: &mut PgConnection, submission: Submission<'_>) -> Result<Option<Earlier>, sqlx::Error> {
    // If there is one registration of each kind, the one with the same content is returned.
    let row = sqlx::query!(
        r#"select id as "id: RegistrationId", reference, submission_hash
           from registration
           where conference_id = $1 and (submission_id = $2 or repeat_hash = $3 and created_at > $4)
               and exists (select from attendee where registration_id = registration.id and state <> 'cancelled')
           order by submission_hash = $5 desc limit 1"#,
        submission.conference.0,
        submission.id.0,
        &submission.repeat_hash(),
        submission.repeated_since(),
        &submission.registration.fingerprint(),
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| Earlier {
        registration: row.id,
        reference: Reference::kept(row.reference),
        fingerprint: row.submission_hash,
    }))
}

/// Gives a registration the number of a new form that was sent with the same content, unless another registration has that
/// number.
pub async fn take_over(
    conn: &mut PgConnection,
    registration: RegistrationId,
    submission: Submission<'_>,
) -> Result<(), sqlx::Error> {
    let taken = sqlx::query!(
        "update registration set submission_id = $3
         where conference_id = $1 and id = $2 and submission_id is distinct from $3
             and not exists (select from registration as other where conference_id = $1 and submission_id = $3)",
        submission.conference.0,
        registration.0,
        submission.id.0,
    )
    .execute(conn)
    .await;
    match taken {
        // Another registration took the number at the same instant.
        Err(error) if violated(&error) == Some("registration_submission_unique") => Ok(()),
        taken => taken.map(|_| ()),
    }
}
