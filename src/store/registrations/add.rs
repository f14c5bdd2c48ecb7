//! Adding people to a registration.

use sqlx::PgTransaction;
use time::OffsetDateTime;

use super::{
    authority::{self, Authority},
    seating::{self, Seats},
    waiting::lock_queue,
};
use crate::{
    domain::{
        AttendeeDetails, AttendeeId, AttendeeState, AuditKind, ConferenceId, EmailAddress, MOST_ATTENDEES, NewAttendee,
        PlaceId, RegistrationId, text::folded,
    },
    store::{
        audit::{self, Change, Entry},
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
    /// Whether those for whom no place is free join the waiting list.
    pub waits: bool,
    /// Who adds them.
    pub authority: Authority<'a>,
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
    let decides = what.waits || what.authority.raises();
    if decides {
        lock_queue(tx, what.conference).await?;
    }
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
    let (seats, raised) = if decides { seat(tx, what).await? } else { (Seats::for_all(what.people.len()), Vec::new()) };
    let mut added = Vec::with_capacity(what.people.len());
    for (number, person) in what.people.iter().enumerate() {
        added.push(insert(tx, what, person, seats.waits(number)).await?);
    }
    let data = ChangeData {
        of: ChangeOf::Added,
        by_staff: what.authority.is_staff(),
        waits: seats.any_waits(),
        ..ChangeData::default()
    };
    let data = match added.as_slice() {
        [one] => ChangeData { attendee: Some(*one), ..data },
        _ => ChangeData { added: added.clone(), ..data },
    };
    let about = (what.conference, what.registration);
    outbox::tell_of_change(tx, about, &data, (what.operations, what.authority.tells)).await?;
    for attendee in &added {
        charges::settle(tx, about, *attendee, what.at).await?;
    }
    authority::note(tx, what.authority, (what.conference, what.registration, added.first().copied()), raised).await?;
    let seated = added.iter().enumerate().filter(|(number, _)| !seats.waits(*number));
    let (places, attendees): (Vec<_>, Vec<_>) = seated.map(|(_, id)| (PlaceId::new().0, id.0)).unzip();
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

/// Decides, with the queue and the counters locked, who gets a place and who has to wait. Returns what was raised so that nobody has
/// to.
async fn seat(tx: &mut PgTransaction<'_>, what: Adding<'_>) -> Result<(Seats, Vec<Change>), AddError> {
    let seats = seating::decide(tx, what.conference, (what.people, None), what.at, what.operations).await?;
    let seats = seats.ok_or(AddError::Full)?;
    if !seats.any_waits() || what.waits {
        return Ok((seats, Vec::new()));
    }
    let raised = authority::raise(tx, what.conference, what.people).await?;
    Ok((Seats::for_all(what.people.len()), raised))
}

/// Adds one person without a place.
async fn insert(
    tx: &mut PgTransaction<'_>,
    what: Adding<'_>,
    person: &NewAttendee,
    waits: bool,
) -> Result<AttendeeId, sqlx::Error> {
    let state = if waits { AttendeeState::Waiting } else { AttendeeState::Confirmed };
    let NewAttendee { details, category, needs, answers: given } = person;
    let AttendeeDetails { name, email, job_title } = details;
    let id = AttendeeId::new();
    let folded = folded(name.as_str());
    let insert = |is_another: bool| {
        sqlx::query!(
            "insert into attendee (id, conference_id, registration_id, position, name, name_folded, email,
                 email_normalised, job_title, category_id, state, queue_rank, created_at, is_another)
             select $1, $2, $3, max(position) + 1, $4, $5, $6, $7, $8, $9, $12,
                 case when $12 = 'waiting' then nextval('queue_rank') end, $10, $11
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
            state.as_str(),
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
        ..Entry::of(AuditKind::AttendeeAdded, what.authority.actor)
    };
    audit::note(tx, entry).await?;
    Ok(id)
}
