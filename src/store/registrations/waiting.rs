//! The waiting list: while a conference has not begun, nobody waits when a commit leaves a free place that they could have.
//!
//! Everything that gives places back, takes them for people who are on record, or changes how many there are, locks the queue
//! first, then registrations and attendees, and last the counters of places; and it ends with [`offer_places`]. A registration
//! that finds places for everybody locks no queue: at its commit it has places that nobody waits for.

use sqlx::PgTransaction;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    domain::{
        AttendeeId, AuditId, AuditKind, ConferenceId, Day, EmailAddress, MessageId, OfferId, OfferTimes, PlaceId,
        RegistrationId, Zone, email, waits_until,
    },
    store::outbox::{Kind, OfferData},
};

/// The queue of a conference, locked.
#[derive(Clone, Copy, Debug)]
pub struct Queue {
    /// How many hours an offer is open.
    pub offer_hours: i32,
    /// When the waiting list ends.
    pub waits_until: OffsetDateTime,
}

/// Locks the queue of a conference until the transaction ends.
pub async fn lock_queue(tx: &mut PgTransaction<'_>, conference: ConferenceId) -> Result<Queue, sqlx::Error> {
    let row = sqlx::query!(
        r#"select offer_hours, starts_on, ends_on, time_zone as "zone: Zone", registration_closes
           from registration_settings settings join conference on conference.id = settings.conference_id
           where conference_id = $1 for no key update of settings"#,
        conference.0,
    )
    .fetch_one(&mut **tx)
    .await?;
    let (first, last) = (Day(row.starts_on), Day(row.ends_on));
    let waits_until = waits_until(&row.zone, first, last, row.registration_closes);
    Ok(Queue { offer_hours: row.offer_hours, waits_until })
}

/// Locks all counters of places, in the order of their keys. A registration that changes the published availability locks the
/// counters first and then the row of `publication`. Every transaction that changes both must use this order, which prevents
/// deadlocks.
pub async fn lock_places(tx: &mut PgTransaction<'_>, conference: ConferenceId) -> Result<(), sqlx::Error> {
    sqlx::query!("select from capacity where conference_id = $1 order by id for update", conference.0)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Somebody who waits and for whom there is a place.
struct Next {
    attendee: AttendeeId,
    registration: RegistrationId,
    email: String,
    contact_email: String,
}

/// Offers every free place to those who wait, in the order of the queue: each goes to the person who has waited longest and whose
/// category has a place. Locks the queue and the counters, records the offers and queues the mails. Returns how many it offered. This
/// must come last in a transaction.
pub async fn offer_places(
    tx: &mut PgTransaction<'_>,
    conference: ConferenceId,
    now: OffsetDateTime,
    operations: &EmailAddress,
) -> Result<usize, sqlx::Error> {
    let queue = lock_queue(tx, conference).await?;
    if now >= queue.waits_until {
        return Ok(0);
    }
    lock_places(tx, conference).await?;
    let next = list_next(tx, conference).await?;
    if !next.is_empty() {
        let times = OfferTimes::of(now, queue.offer_hours, queue.waits_until);
        offer(tx, conference, &next, (now, times), operations).await?;
    }
    Ok(next.len())
}

/// Lists those who wait and could have a place now. In each category these are the first of its queue, as many as it has places;
/// of these the first, as many as the conference has.
async fn list_next(tx: &mut PgTransaction<'_>, conference: ConferenceId) -> Result<Vec<Next>, sqlx::Error> {
    sqlx::query_as!(
        Next,
        r#"with in_category as (
               select attendee.id, registration_id, email, queue_rank, places - taken as left_in_category,
                   row_number() over (partition by attendee.category_id order by queue_rank) as number
               from attendee
               left join capacity on capacity.conference_id = $1 and capacity.category_id = attendee.category_id
               where attendee.conference_id = $1 and queue_rank is not null
           ), in_conference as (
               select id, registration_id, email, queue_rank, row_number() over (order by queue_rank) as number
               from in_category where left_in_category is null or number <= left_in_category
           )
           select one.id as "attendee: AttendeeId", one.registration_id as "registration: RegistrationId", one.email,
               contact.email as "contact_email!"
           from in_conference one
           join contact on contact.registration_id = one.registration_id
           left join capacity whole on whole.conference_id = $1 and whole.category_id is null
           where whole.places is null or one.number <= whole.places - whole.taken
           order by one.queue_rank"#,
        conference.0,
    )
    .fetch_all(&mut **tx)
    .await
}

/// The mails about new offers as arrays, one for each column.
#[derive(Default)]
struct Mails<'a> {
    ids: Vec<Uuid>,
    kinds: Vec<&'static str>,
    recipients: Vec<&'a str>,
    registrations: Vec<Uuid>,
    attendees: Vec<Option<Uuid>>,
    data: Vec<serde_json::Value>,
}

impl<'a> Mails<'a> {
    fn of(next: &'a [Next], offers: &[Uuid], operations: &'a EmailAddress) -> Self {
        let mut mails = Self::default();
        for (one, offer) in next.iter().zip(offers) {
            let mut add = |kind: Kind, to, attendee: Option<AttendeeId>| {
                mails.ids.push(MessageId::new().0);
                mails.kinds.push(kind.0);
                mails.recipients.push(to);
                mails.registrations.push(one.registration.0);
                mails.attendees.push(attendee.map(|id| id.0));
                mails.data.push(OfferData { offer: OfferId(*offer) }.into());
            };
            add(Kind("offer"), &one.contact_email, None);
            if !email::is_same(&one.email, &one.contact_email) {
                add(Kind("offer"), &one.email, Some(one.attendee));
            }
            add(Kind("operations_offer"), operations.as_str(), None);
        }
        mails
    }
}

async fn offer(
    tx: &mut PgTransaction<'_>,
    conference: ConferenceId,
    next: &[Next],
    (now, times): (OffsetDateTime, OfferTimes),
    operations: &EmailAddress,
) -> Result<(), sqlx::Error> {
    let attendees: Vec<_> = next.iter().map(|one| one.attendee.0).collect();
    let registrations: Vec<_> = next.iter().map(|one| one.registration.0).collect();
    let places: Vec<_> = next.iter().map(|_| PlaceId::new().0).collect();
    let offers: Vec<_> = next.iter().map(|_| OfferId::new().0).collect();
    let entries: Vec<_> = next.iter().map(|_| AuditId::new().0).collect();
    let mails = Mails::of(next, &offers, operations);
    sqlx::query!(
        "with chosen as (
             select * from unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::uuid[])
                 as one (attendee, registration, place, offer, entry)
         ), placed as (
             insert into place (id, conference_id, attendee_id, category_id, code_id, state, since)
             select chosen.place, $1, attendee.id, attendee.category_id, attendee.code_id, 'offered', $7
             from chosen join attendee on attendee.id = chosen.attendee
         ), offered as (
             insert into offer (id, conference_id, attendee_id, place_id, offered_at, lapses_at, remind_at)
             select offer, $1, attendee, place, $7, $8, $9 from chosen
         ), noted as (
             insert into audit (id, conference_id, actor, kind, registration_id, attendee_id, subject_id)
             select entry, $1, 'program', $10, registration, attendee, offer from chosen
         ), queued as (
             insert into message (id, conference_id, kind, recipient, registration_id, attendee_id, data)
             select id, $1, kind, recipient, registration, attendee, data
             from unnest($11::uuid[], $12::text[], $13::text[], $14::uuid[], $15::uuid[], $16::jsonb[])
                 as mail (id, kind, recipient, registration, attendee, data)
         )
         update attendee set state = 'offered', queue_rank = null, revision = revision + 1
         from chosen where attendee.id = chosen.attendee",
        conference.0,
        &attendees,
        &registrations,
        &places,
        &offers,
        &entries,
        now,
        times.lapses_at,
        times.remind_at,
        AuditKind::PlaceOffered.as_str(),
        &mails.ids,
        &mails.kinds as &[&str],
        &mails.recipients as &[&str],
        &mails.registrations,
        &mails.attendees as &[Option<Uuid>],
        &mails.data,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
