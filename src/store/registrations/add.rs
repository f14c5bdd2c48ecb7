//! Adding people to a registration.

use sqlx::PgTransaction;
use time::OffsetDateTime;

use crate::{
    domain::{
        AttendeeDetails, AttendeeId, AuditKind, ConferenceId, EmailAddress, MOST_ATTENDEES, NewAttendee, PlaceId,
        RegistrationId, text::folded,
    },
    store::{
        audit::{self, Actor, Entry},
        outbox::{self, ChangeData, ChangeOf},
        rate_limits::{self, Refused, Try},
        registrations::{answers, attendees, charges, same_person},
        violated,
    },
};

/// People to add.
#[derive(Clone, Copy, Debug)]
pub struct Adding<'a> {
    /// The conference.
    pub conference: ConferenceId,
    /// The registration.
    pub registration: RegistrationId,
    /// The people.
    pub people: &'a [NewAttendee],
    /// The time.
    pub at: OffsetDateTime,
    /// The operations desk's address.
    pub operations: &'a EmailAddress,
    /// The rate limits, which are counted in the same transaction.
    pub limits: &'a [Try],
}

/// Why nobody was added. The transaction cannot be committed then.
#[derive(Debug, thiserror::Error)]
pub enum AddError {
    /// The registration has as many people as it can have.
    #[error("the registration has too many people")]
    TooMany,
    /// One of them is on the registration.
    #[error("the same person twice")]
    Twice,
    /// A rate limit is reached.
    #[error("limit {} is reached", .0.which)]
    Limited(Refused),
    /// Not enough places are left, at the conference or in a category.
    #[error("full")]
    Full,
    /// The database failed.
    #[error(transparent)]
    Database(sqlx::Error),
}

impl From<sqlx::Error> for AddError {
    fn from(error: sqlx::Error) -> Self {
        match violated(&error) {
            Some("capacity_holds" | "attendee_category") => Self::Full,
            Some("attendee_once_per_registration") => Self::Twice,
            _ => Self::Database(error),
        }
    }
}

/// Adds the people, each with a place and, if given, their needs, records this and queues the mails: a confirmation to each
/// person, and a notice to the contact and to operations. Either all are added or nobody.
pub async fn add(tx: &mut PgTransaction<'_>, what: Adding<'_>) -> Result<Vec<AttendeeId>, AddError> {
    super::lock(tx, what.conference, what.registration).await?;
    if let Some(refused) = rate_limits::take_each(tx, what.limits).await? {
        return Err(AddError::Limited(refused));
    }
    let others = sqlx::query_scalar!(
        r#"select count(*) as "number!" from attendee where registration_id = $1 and state <> 'cancelled'"#,
        what.registration.0,
    )
    .fetch_one(&mut **tx)
    .await?;
    if usize::try_from(others).is_ok_and(|others| others + what.people.len() > MOST_ATTENDEES) {
        return Err(AddError::TooMany);
    }
    let mut added = Vec::with_capacity(what.people.len());
    for person in what.people {
        added.push(insert(tx, what, person).await?);
    }
    let data = match added.as_slice() {
        [one] => ChangeData { of: ChangeOf::Added, attendee: Some(*one), ..ChangeData::default() },
        _ => ChangeData { of: ChangeOf::Added, added: added.clone(), ..ChangeData::default() },
    };
    outbox::tell_of_change(tx, (what.conference, what.registration), &data, what.operations).await?;
    for attendee in &added {
        charges::settle(tx, (what.conference, what.registration), *attendee, what.at).await?;
    }
    let places: Vec<_> = added.iter().map(|_| PlaceId::new().0).collect();
    let attendees: Vec<_> = added.iter().map(|id| id.0).collect();
    // The last statement, because its trigger locks the counters, for which all registrations wait.
    sqlx::query!(
        "insert into place (id, conference_id, attendee_id, category_id, state, since)
         select place.id, conference_id, attendee.id, category_id, 'held', $3
         from unnest($1::uuid[], $2::uuid[]) as place (id, attendee) join attendee on attendee.id = place.attendee",
        &places,
        &attendees,
        what.at,
    )
    .execute(&mut **tx)
    .await?;
    Ok(added)
}

/// Adds one person without a place.
async fn insert(tx: &mut PgTransaction<'_>, what: Adding<'_>, person: &NewAttendee) -> Result<AttendeeId, sqlx::Error> {
    let NewAttendee { details, category, needs, answers: given } = person;
    let AttendeeDetails { name, email, job_title } = details;
    let id = AttendeeId::new();
    let folded = folded(name.as_str());
    let insert = |is_another: bool| {
        sqlx::query!(
            "insert into attendee (id, conference_id, registration_id, position, name, name_folded, email,
                 email_normalised, job_title, category_id, state, created_at, is_another)
             select $1, $2, $3, max(position) + 1, $4, $5, $6, $7, $8, $9, 'confirmed', $10, $11
             from attendee where registration_id = $3",
            id.0,
            what.conference.0,
            what.registration.0,
            name.as_str(),
            &folded,
            email.as_str(),
            email.normalised(),
            job_title.as_str(),
            category.0,
            what.at,
            is_another,
        )
    };
    same_person::write_as_another_if_known(tx, insert).await?;
    if let Some(needs) = needs {
        attendees::keep_needs(tx, what.conference, id, needs, what.at).await?;
    }
    answers::keep_of_attendee(tx, (what.conference, what.registration, id), given, what.at).await?;
    let entry = Entry {
        conference: Some(what.conference),
        registration: Some(what.registration),
        attendee: Some(id),
        ..Entry::of(AuditKind::AttendeeAdded, Actor::Delegate)
    };
    audit::note(tx, entry).await?;
    Ok(id)
}
