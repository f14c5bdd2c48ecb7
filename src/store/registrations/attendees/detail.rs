//! Attendees with the registrations that they are on: for a page, for a list and for its export.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use sqlx::PgConnection;
use uuid::Uuid;

use crate::{
    domain::{AttendeeId, ConferenceId, EmailAddress, PersonName, email, text::folded},
    store::registrations::{self, Registered, RegisteredAttendee},
};

/// An attendee with the registration that they are on.
#[derive(Clone, Debug)]
pub struct Detail {
    /// The attendee.
    pub attendee: RegisteredAttendee,
    /// The registration with all its attendees. Colleagues share it.
    pub registration: Arc<Registered>,
}

impl Detail {
    /// Iterates over the other attendees of the registration.
    pub fn colleagues(&self) -> impl Iterator<Item = &RegisteredAttendee> {
        self.registration.attendees.iter().filter(|other| other.id != self.attendee.id)
    }

    /// Whether the attendee is the registration's contact.
    pub fn is_the_contact(&self) -> bool {
        self.registration.contact_attendee == Some(self.attendee.id)
    }

    /// Whether the contact has the attendee's address and therefore gets one mail for both.
    pub fn is_contact(&self) -> bool {
        email::is_same(&self.attendee.email, &self.registration.contact_email)
    }
}

/// Returns the attendee with this key, if there is one at the conference.
pub async fn find(
    conn: &mut PgConnection,
    conference: ConferenceId,
    id: AttendeeId,
) -> Result<Option<Detail>, sqlx::Error> {
    let found = list_details(conn, &[id.0]).await?.pop();
    Ok(found.filter(|detail| detail.registration.conference == conference))
}

/// Returns the attendees with these keys, in the same order.
pub(super) async fn list_details(conn: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<Detail>, sqlx::Error> {
    details(conn, ids, None).await
}

/// Returns the attendees with these keys, in the same order. Of their colleagues, their registrations have only those who are
/// among them, because reading all would take several times as long.
pub(super) async fn list_without_colleagues(conn: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<Detail>, sqlx::Error> {
    details(conn, ids, Some(ids)).await
}

async fn details(conn: &mut PgConnection, ids: &[Uuid], only: Option<&[Uuid]>) -> Result<Vec<Detail>, sqlx::Error> {
    let registrations = sqlx::query_scalar!("select distinct registration_id from attendee where id = any($1)", ids)
        .fetch_all(&mut *conn)
        .await?;
    let wanted: HashSet<_> = ids.iter().collect();
    let mut details = HashMap::with_capacity(ids.len());
    for registration in registrations::list_with(conn, &registrations, only).await? {
        let registration = Arc::new(registration);
        for attendee in registration.attendees.iter().filter(|attendee| wanted.contains(&attendee.id.0)) {
            let detail = Detail { attendee: attendee.clone(), registration: registration.clone() };
            details.insert(attendee.id.0, detail);
        }
    }
    Ok(ids.iter().filter_map(|id| details.remove(id)).collect())
}

/// At most this many people with one mailbox are returned.
const MOST_OF_MAILBOX: i64 = 50;

/// Lists the people at the conference who have this mailbox and are not cancelled, first those with this name.
pub async fn list_of_mailbox(
    conn: &mut PgConnection,
    conference: ConferenceId,
    (name, email): (&PersonName, &EmailAddress),
) -> Result<Vec<Detail>, sqlx::Error> {
    let ids = sqlx::query_scalar!(
        "select id from attendee where conference_id = $1 and email_normalised = $2 and state <> 'cancelled'
         order by name_folded = $3 desc, created_at, id limit $4",
        conference.0,
        email.normalised(),
        folded(name.as_str()),
        MOST_OF_MAILBOX,
    )
    .fetch_all(&mut *conn)
    .await?;
    list_details(conn, &ids).await
}
