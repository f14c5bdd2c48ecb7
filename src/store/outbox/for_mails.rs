//! What mails about registrations and accounts tell. Needs at table and at the door are not among it: they stand in no
//! mail.

use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::domain::{AccountId, AttendeeId, AttendeeState, ConferenceId, Country, RegistrationId, Stored};

/// A registration, as mails tell of it.
#[derive(Clone, Debug)]
pub struct Registration {
    /// Its key.
    pub id: RegistrationId,
    /// Its conference.
    pub conference: ConferenceId,
    /// That conference's slug.
    pub conference_slug: String,
    /// The short code.
    pub reference: String,
    /// Who registered.
    pub contact_name: String,
    /// That person's address.
    pub contact_email: String,
    /// That person's telephone, if given.
    pub contact_telephone: String,
    /// Where they come from.
    pub organisation: String,
    /// The organisation's city.
    pub city: String,
    /// The organisation's country.
    pub country: Country,
    /// The finance office's number, if given.
    pub purchase_order: String,
    /// Where the invoice goes, if given.
    pub invoice_address: String,
    /// When it was made.
    pub created_at: OffsetDateTime,
    /// Who comes, in the order of the form.
    pub attendees: Vec<Attendee>,
}

/// One attendee, as mails tell of them.
#[derive(Clone, Debug)]
pub struct Attendee {
    /// Which one.
    pub id: AttendeeId,
    /// The name.
    pub name: String,
    /// The address.
    pub email: String,
    /// What they do there, if given.
    pub job_title: String,
    /// The name of their category.
    pub category: String,
    /// How it stands.
    pub state: Stored<AttendeeState>,
}

impl Attendee {
    /// Whether the person has a place.
    pub fn is_coming(&self) -> bool {
        self.state.is(AttendeeState::Confirmed)
    }

    /// Whether the person does not come any more.
    pub fn is_cancelled(&self) -> bool {
        self.state.is(AttendeeState::Cancelled)
    }
}

/// The registration.
pub async fn get_registration(
    conn: &mut PgConnection,
    registration: RegistrationId,
) -> Result<Registration, sqlx::Error> {
    let row = sqlx::query!(
        r#"select registration.conference_id as "conference: ConferenceId", conference.slug, registration.reference,
               contact_name, registration.contact_email, registration.contact_telephone, organisation, registration.city,
               registration.country as "country: Country", purchase_order, invoice_address, registration.created_at
           from registration join conference on conference.id = registration.conference_id
           where registration.id = $1"#,
        registration.0,
    )
    .fetch_one(&mut *conn)
    .await?;
    let attendees = sqlx::query!(
        r#"select attendee.id as "id: AttendeeId", attendee.name, email, job_title, category.name as category, state
           from attendee join category on category.id = attendee.category_id
           where registration_id = $1 order by position"#,
        registration.0,
    )
    .fetch_all(conn)
    .await?;
    let attendees = attendees.into_iter().map(|row| Attendee {
        id: row.id,
        name: row.name,
        email: row.email,
        job_title: row.job_title,
        category: row.category,
        state: Stored::read(row.state, AttendeeState::parse),
    });
    Ok(Registration {
        id: registration,
        conference: row.conference,
        conference_slug: row.slug,
        reference: row.reference,
        contact_name: row.contact_name,
        contact_email: row.contact_email,
        contact_telephone: row.contact_telephone,
        organisation: row.organisation,
        city: row.city,
        country: row.country,
        purchase_order: row.purchase_order,
        invoice_address: row.invoice_address,
        created_at: row.created_at,
        attendees: attendees.collect(),
    })
}

/// The name of the person with this account.
pub async fn get_account_name(conn: &mut PgConnection, account: AccountId) -> Result<String, sqlx::Error> {
    sqlx::query_scalar!("select name from account where id = $1", account.0).fetch_one(conn).await
}
