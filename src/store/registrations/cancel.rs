//! Cancelling attendees: they stay on record, and their places become free.

use sqlx::PgTransaction;
use time::OffsetDateTime;

use super::waiting::{lock_places, lock_queue, offer_places};
use crate::{
    domain::{
        AttendeeId, AuditKind, CancelCause, CancelMessage, CancelReason, Cents, ConferenceId, EmailAddress,
        RegistrationId, email,
    },
    store::{
        audit::{self, Actor, Entry},
        outbox::{self, CancellationData, Kind, NewMessage},
        registrations::remaining::{self, Setting},
    },
};

/// A cancellation.
#[derive(Clone, Copy, Debug)]
pub struct Cancelling<'a> {
    /// The conference.
    pub conference: ConferenceId,
    /// The registration.
    pub registration: RegistrationId,
    /// The attendees; `None` for all of the registration who have a place or may get one.
    pub attendees: Option<&'a [AttendeeId]>,
    /// Who cancels.
    pub actor: Actor,
    /// The attendee whose link was used, if it was an attendee's.
    pub by: Option<AttendeeId>,
    /// The reason, if one was given. Only staff read it.
    pub reason: Option<&'a CancelReason>,
    /// Whether the attendees and the contact are told.
    pub tells: Tells<'a>,
    /// What remains owed for each attendee, if staff set it. `None` leaves what is owed as it is.
    pub remains: Option<Cents>,
    /// The time of the cancellation.
    pub at: OffsetDateTime,
    /// The operations desk's address.
    pub operations: &'a EmailAddress,
}

/// What the attendees and the contact are told of a cancellation.
#[derive(Clone, Copy, Debug)]
pub enum Tells<'a> {
    /// Nothing: no mail is sent to them.
    Nothing,
    /// That it is cancelled.
    Cancelled,
    /// Also this message by staff, which may be empty.
    Message(&'a CancelMessage),
}

impl Tells<'_> {
    /// Whether they are told anything.
    pub(super) fn is_told(self) -> bool {
        !matches!(self, Self::Nothing)
    }
}

struct Cancelled {
    id: AttendeeId,
    email: String,
    /// Whether the attendee waited, and so had no place.
    waited: bool,
}

/// Cancels attendees, gives their places back and offers them to those who wait, records this and queues the mails: to the
/// contact, to the cancelled attendees (one mail for each address) and to operations. Returns the attendees that it cancelled; those who were cancelled before
/// do not change.
pub async fn cancel(tx: &mut PgTransaction<'_>, what: Cancelling<'_>) -> Result<Vec<AttendeeId>, sqlx::Error> {
    lock_queue(tx, what.conference).await?;
    let contact = super::lock(tx, what.conference, what.registration).await?;
    let chosen = what.attendees.map(|attendees| attendees.iter().map(|id| id.0).collect::<Vec<_>>());
    let cause = if matches!(what.actor, Actor::Delegate) { CancelCause::Delegate } else { CancelCause::Staff };
    let cancelled = sqlx::query_as!(
        Cancelled,
        r#"with active as (
               select id, state from attendee
               where conference_id = $1 and registration_id = $2 and ($3::uuid[] is null or id = any($3))
                   and state in ('waiting', 'offered', 'confirmed')
               for no key update
           ), withdrawn as (
               update offer set ended_at = $4, outcome = 'withdrawn' from active
               where offer.attendee_id = active.id and ended_at is null
           )
           update attendee
           set state = 'cancelled', queue_rank = null, cancelled_at = $4, cancel_cause = $6, cancel_reason = $5,
               revision = revision + 1
           from active where attendee.id = active.id
           returning attendee.id as "id: AttendeeId", email, active.state = 'waiting' as "waited!""#,
        what.conference.0,
        what.registration.0,
        chosen.as_deref(),
        what.at,
        what.reason.map(CancelReason::as_str),
        cause.as_str(),
    )
    .fetch_all(&mut **tx)
    .await?;
    if cancelled.is_empty() {
        return Ok(Vec::new());
    }
    for attendee in &cancelled {
        let entry = Entry {
            conference: Some(what.conference),
            registration: Some(what.registration),
            attendee: Some(attendee.id),
            ..Entry::of(AuditKind::AttendeeCancelled, what.actor)
        };
        audit::note(tx, entry).await?;
    }
    if let (Some(amount), Actor::Account(by)) = (what.remains, what.actor) {
        let all: Vec<_> = cancelled.iter().map(|attendee| attendee.id).collect();
        let about = (what.conference, what.registration);
        remaining::set(tx, about, &all, Setting { amount, reason: "", by, at: what.at }).await?;
    }
    queue_mails(tx, what, &contact, &cancelled).await?;
    if cancelled.iter().any(|attendee| !attendee.waited) {
        give_back(tx, what, &cancelled).await?;
        offer_places(tx, what.conference, what.at, what.operations).await?;
    }
    Ok(cancelled.iter().map(|attendee| attendee.id).collect())
}

/// Queues one mail for each address. The contact's mail names everybody who was cancelled; an attendee's mail names those with
/// that address.
async fn queue_mails(
    tx: &mut PgTransaction<'_>,
    what: Cancelling<'_>,
    contact: &str,
    cancelled: &[Cancelled],
) -> Result<(), sqlx::Error> {
    let all: Vec<_> = cancelled.iter().map(|attendee| attendee.id).collect();
    let mut mails = vec![(Kind("cancellation"), contact, None, all.clone())];
    for attendee in cancelled {
        match mails.iter_mut().find(|mail| email::is_same(mail.1, &attendee.email)) {
            Some((_, _, None, _)) => {}
            Some((_, _, _, about)) => about.push(attendee.id),
            None => mails.push((Kind("cancellation"), &attendee.email, Some(attendee.id), vec![attendee.id])),
        }
    }
    let operations = Kind("operations_cancellation");
    let message = match what.tells {
        Tells::Message(message) => message.to_string(),
        Tells::Cancelled => String::new(),
        Tells::Nothing => {
            mails.clear();
            String::new()
        }
    };
    mails.push((operations, what.operations.as_str(), None, all));
    for (kind, recipient, attendee, attendees) in mails {
        let reason =
            if kind == operations { what.reason.map(ToString::to_string).unwrap_or_default() } else { message.clone() };
        let waited =
            cancelled.iter().filter(|one| one.waited && attendees.contains(&one.id)).map(|one| one.id).collect();
        let is_settled = what.remains.is_some();
        let data = CancellationData { attendees, reason, is_settled, by: what.by, waited, cause: None };
        let about = (what.conference, what.registration);
        outbox::enqueue(tx, NewMessage::about(about, attendee, kind, recipient, data)).await?;
    }
    Ok(())
}

/// Gives the places back. Only offering them follows, because the counters are locked, for which all registrations wait.
async fn give_back(
    tx: &mut PgTransaction<'_>,
    what: Cancelling<'_>,
    cancelled: &[Cancelled],
) -> Result<(), sqlx::Error> {
    let attendees: Vec<_> = cancelled.iter().map(|attendee| attendee.id.0).collect();
    lock_places(tx, what.conference).await?;
    sqlx::query!(
        "update place set state = 'given_back', since = $2 where attendee_id = any($1) and state in ('held', 'offered')",
        &attendees,
        what.at,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
