//! Setting what remains owed for attendees who are cancelled, with a reason in the history.

use sqlx::PgTransaction;
use time::OffsetDateTime;

use super::charges;
use crate::{
    domain::{AccountId, AttendeeId, AuditKind, CancelReason, Cents, ConferenceId, RegistrationId},
    store::{
        audit::{self, Actor, Change, Entry},
        outbox::{self, CancellationData, Kind, NewMessage},
    },
};

/// What is set.
#[derive(Clone, Copy, Debug)]
pub(super) struct Setting<'a> {
    /// The amount for each attendee.
    pub amount: Cents,
    /// The reason; empty if it is the reason of the cancellation.
    pub reason: &'a str,
    /// The account that sets it.
    pub by: AccountId,
    /// The time.
    pub at: OffsetDateTime,
}

/// Sets what remains owed for these attendees and records it. Returns whether anything changed.
pub(super) async fn set(
    tx: &mut PgTransaction<'_>,
    about: (ConferenceId, RegistrationId),
    attendees: &[AttendeeId],
    what: Setting<'_>,
) -> Result<bool, sqlx::Error> {
    let settled = charges::set_remaining(tx, about, attendees, what.amount, what.at).await?;
    for one in &settled {
        let (before, now) = (one.before.to_string(), one.now.to_string());
        let changes = Change::list([("owed", &*before, &*now), ("reason", "", what.reason)]);
        let entry = Entry {
            conference: Some(about.0),
            registration: Some(about.1),
            attendee: Some(one.attendee),
            changes: &changes,
            ..Entry::of(AuditKind::RemainingSet, Actor::Account(what.by))
        };
        audit::note(tx, entry).await?;
    }
    Ok(!settled.is_empty())
}

/// What staff set after a cancellation.
#[derive(Clone, Copy, Debug)]
pub struct Remains<'a> {
    /// The conference.
    pub conference: ConferenceId,
    /// The registration.
    pub registration: RegistrationId,
    /// The attendee, who is cancelled.
    pub attendee: AttendeeId,
    /// The amount.
    pub amount: Cents,
    /// The reason.
    pub reason: &'a CancelReason,
    /// The account that sets it.
    pub by: AccountId,
    /// The time.
    pub at: OffsetDateTime,
}

/// Sets what remains owed for somebody who is cancelled, records it and queues the mail to the contact. Returns false, and
/// changes nothing, if they owe that already or have a place.
pub async fn set_afterwards(tx: &mut PgTransaction<'_>, what: Remains<'_>) -> Result<bool, sqlx::Error> {
    let about = (what.conference, what.registration);
    let contact = super::lock(tx, what.conference, what.registration).await?;
    let is_cancelled = sqlx::query_scalar!(
        r#"select exists (select from attendee
               where conference_id = $1 and registration_id = $2 and id = $3 and state = 'cancelled') as "is_cancelled!""#,
        what.conference.0,
        what.registration.0,
        what.attendee.0,
    )
    .fetch_one(&mut **tx)
    .await?;
    let setting = Setting { amount: what.amount, reason: what.reason.as_str(), by: what.by, at: what.at };
    if !is_cancelled || !set(tx, about, &[what.attendee], setting).await? {
        return Ok(false);
    }
    let data = CancellationData { attendees: vec![what.attendee], ..CancellationData::default() };
    outbox::enqueue(tx, NewMessage::about(about, None, Kind("remaining_set"), &contact, data)).await?;
    Ok(true)
}
