//! The data that mails about registrations and accounts need. Dietary and access needs are not read: no mail contains them.

use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::domain::{
    AccountId, AttendeeId, AttendeeState, ConferenceId, Country, OfferId, OfferOutcome, RegistrationId, Stored,
};

/// A registration, with the data that mails need.
#[derive(Clone, Debug)]
pub struct Registration {
    /// Its key.
    pub id: RegistrationId,
    /// The key of its conference.
    pub conference: ConferenceId,
    /// The slug of its conference.
    pub conference_slug: String,
    /// The reference.
    pub reference: String,
    /// The attendee who is the contact; `None` if the contact does not attend.
    pub contact_attendee: Option<AttendeeId>,
    /// The contact's name.
    pub contact_name: String,
    /// The contact's address.
    pub contact_email: String,
    /// The contact's telephone number; may be empty.
    pub contact_telephone: String,
    /// The organisation.
    pub organisation: String,
    /// The organisation's city.
    pub city: String,
    /// The organisation's country.
    pub country: Country,
    /// The purchase-order number; may be empty.
    pub purchase_order: String,
    /// The invoice address; may be empty.
    pub invoice_address: String,
    /// When it was made.
    pub created_at: OffsetDateTime,
    /// The attendees, in the order of the form.
    pub attendees: Vec<Attendee>,
}

/// An attendee, with the data that mails need.
#[derive(Clone, Debug)]
pub struct Attendee {
    /// The key.
    pub id: AttendeeId,
    /// The name.
    pub name: String,
    /// The address.
    pub email: String,
    /// The job title; may be empty.
    pub job_title: String,
    /// The name of the category.
    pub category: String,
    /// The state.
    pub state: Stored<AttendeeState>,
    /// The position in the queue of the category, from 1, while the attendee waits.
    pub queue_position: Option<i64>,
}

impl Attendee {
    /// Returns whether the attendee has a place.
    pub fn is_coming(&self) -> bool {
        self.state.is(AttendeeState::Confirmed)
    }

    /// Returns whether the attendee waits for a place, or has not answered the offer of one yet.
    pub fn is_waiting(&self) -> bool {
        self.state.is(AttendeeState::Waiting) || self.state.is(AttendeeState::Offered)
    }

    /// Returns whether the attendee was cancelled.
    pub fn is_cancelled(&self) -> bool {
        self.state.is(AttendeeState::Cancelled)
    }
}

/// Returns whether somebody with this normalised address has a place, or is the contact of others who have one.
pub async fn is_expected(
    conn: &mut PgConnection,
    conference: ConferenceId,
    email_normalised: &str,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select exists (
               select from attendee where conference_id = $1 and email_normalised = $2 and state = 'confirmed'
           ) or exists (
               select from registration join attendee on attendee.registration_id = registration.id
               where registration.conference_id = $1 and contact_email_normalised = $2 and state = 'confirmed'
           ) as "is_expected!""#,
        conference.0,
        email_normalised,
    )
    .fetch_one(conn)
    .await
}

/// Gets a registration.
pub async fn get_registration(
    conn: &mut PgConnection,
    registration: RegistrationId,
) -> Result<Registration, sqlx::Error> {
    let row = sqlx::query!(
        r#"select registration.conference_id as "conference: ConferenceId", conference.slug, registration.reference,
               contact_attendee_id as "contact_attendee: AttendeeId", contact.name as "contact_name!",
               contact.email as "contact_email!", registration.contact_telephone, organisation, registration.city,
               registration.country as "country: Country", purchase_order, invoice_address, registration.created_at
           from registration
           join conference on conference.id = registration.conference_id
           join contact on contact.registration_id = registration.id
           where registration.id = $1"#,
        registration.0,
    )
    .fetch_one(&mut *conn)
    .await?;
    let attendees = sqlx::query_as!(
        Attendee,
        r#"select attendee.id as "id: AttendeeId", attendee.name, email, job_title, category.name as category,
               state as "state: Stored<AttendeeState>",
               (select count(*) from attendee ahead
                where ahead.category_id = attendee.category_id and ahead.queue_rank <= attendee.queue_rank
                having attendee.queue_rank is not null) as queue_position
           from attendee join category on category.id = attendee.category_id
           where registration_id = $1 order by position"#,
        registration.0,
    )
    .fetch_all(conn)
    .await?;
    Ok(Registration {
        id: registration,
        conference: row.conference,
        conference_slug: row.slug,
        reference: row.reference,
        contact_attendee: row.contact_attendee,
        contact_name: row.contact_name,
        contact_email: row.contact_email,
        contact_telephone: row.contact_telephone,
        organisation: row.organisation,
        city: row.city,
        country: row.country,
        purchase_order: row.purchase_order,
        invoice_address: row.invoice_address,
        created_at: row.created_at,
        attendees,
    })
}

/// The offer of a place, with the data that mails need.
#[derive(Clone, Debug)]
pub struct Offer {
    /// To whom it was made.
    pub attendee: AttendeeId,
    /// From this instant on it cannot be accepted.
    pub lapses_at: OffsetDateTime,
    /// What became of it; `None` while it is open.
    pub outcome: Option<Stored<OfferOutcome>>,
}

/// Gets an offer.
pub async fn get_offer(conn: &mut PgConnection, id: OfferId) -> Result<Offer, sqlx::Error> {
    sqlx::query_as!(
        Offer,
        r#"select attendee_id as "attendee: AttendeeId", lapses_at, outcome as "outcome: Stored<OfferOutcome>"
           from offer where id = $1"#,
        id.0,
    )
    .fetch_one(conn)
    .await
}

/// Gets the name of the owner of an account.
pub async fn get_account_name(conn: &mut PgConnection, account: AccountId) -> Result<String, sqlx::Error> {
    sqlx::query_scalar!("select name from account where id = $1", account.0).fetch_one(conn).await
}
