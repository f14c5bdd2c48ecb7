//! Cancelling: the attendee stays on record, the place is free for somebody else.

use sqlx::PgTransaction;
use time::OffsetDateTime;

use crate::{
    domain::{AttendeeId, AuditKind, CancelReason, ConferenceId, EmailAddress, RegistrationId, email},
    store::{
        audit::{self, Actor, Entry},
        outbox::{self, CancellationData, Kind, NewMessage},
    },
};

/// What is to be cancelled, by whom and why.
#[derive(Clone, Copy, Debug)]
pub struct Cancelling<'a> {
    /// The conference.
    pub conference: ConferenceId,
    /// The registration.
    pub registration: RegistrationId,
    /// One of its attendees; `None` is everybody who still comes.
    pub attendee: Option<AttendeeId>,
    /// Who does it.
    pub actor: Actor,
    /// The attendee whose own link is used, if one is.
    pub by: Option<AttendeeId>,
    /// Why, where somebody gives a reason.
    pub reason: Option<&'a CancelReason>,
    /// When, by our clock.
    pub at: OffsetDateTime,
    /// The operations desk's address, which hears of it.
    pub operations: &'a EmailAddress,
}

struct Gone {
    id: AttendeeId,
    email: String,
}

/// Cancels, gives the places back, notes it and queues the mails: to the contact, to each attendee who was cancelled
/// (one mail for each address; its `data` names in `attendees` those it is about) and to operations. Returns who was
/// cancelled just now; somebody cancelled before is left as it was.
pub async fn cancel(tx: &mut PgTransaction<'_>, what: Cancelling<'_>) -> Result<Vec<AttendeeId>, sqlx::Error> {
    let contact = super::lock(tx, what.conference, what.registration).await?;
    let gone = sqlx::query_as!(
        Gone,
        r#"update attendee set state = 'cancelled', cancelled_at = $4, cancel_reason = $5, revision = revision + 1
           where conference_id = $1 and registration_id = $2 and ($3::uuid is null or id = $3) and state = 'confirmed'
           returning id as "id: AttendeeId", email"#,
        what.conference.0,
        what.registration.0,
        what.attendee.map(|id| id.0),
        what.at,
        what.reason.map(CancelReason::as_str),
    )
    .fetch_all(&mut **tx)
    .await?;
    if gone.is_empty() {
        return Ok(Vec::new());
    }
    for attendee in &gone {
        let entry = Entry {
            conference: Some(what.conference),
            registration: Some(what.registration),
            attendee: Some(attendee.id),
            ..Entry::of(AuditKind::AttendeeCancelled, what.actor)
        };
        audit::note(tx, entry).await?;
    }
    tell(tx, what, &contact, &gone).await?;
    give_back(tx, what, &gone).await?;
    Ok(gone.iter().map(|attendee| attendee.id).collect())
}

/// One mail for each address: the contact's is about everybody who was cancelled, an attendee's about those who read
/// their mail there.
async fn tell(
    tx: &mut PgTransaction<'_>,
    what: Cancelling<'_>,
    contact: &str,
    gone: &[Gone],
) -> Result<(), sqlx::Error> {
    let all: Vec<_> = gone.iter().map(|attendee| attendee.id).collect();
    let mut mails = vec![(Kind("cancellation"), contact, None, all.clone())];
    for attendee in gone {
        match mails.iter_mut().find(|mail| email::is_same(mail.1, &attendee.email)) {
            Some((_, _, None, _)) => {}
            Some((_, _, _, about)) => about.push(attendee.id),
            None => mails.push((Kind("cancellation"), &attendee.email, Some(attendee.id), vec![attendee.id])),
        }
    }
    mails.push((Kind("operations_cancellation"), what.operations.as_str(), None, all));
    for (kind, recipient, attendee, attendees) in mails {
        let reason = what.reason.map(ToString::to_string).unwrap_or_default();
        let data = CancellationData { attendees, reason, by: what.by };
        let about = (what.conference, what.registration);
        outbox::enqueue(tx, NewMessage::about(about, attendee, kind, recipient, data)).await?;
    }
    Ok(())
}

/// Gives the places back, in the last statement: its trigger locks the counters, and whoever holds one makes every
/// registration wait.
async fn give_back(tx: &mut PgTransaction<'_>, what: Cancelling<'_>, gone: &[Gone]) -> Result<(), sqlx::Error> {
    let attendees: Vec<_> = gone.iter().map(|attendee| attendee.id.0).collect();
    sqlx::query!(
        "update place set state = 'given_back', since = $2 where attendee_id = any($1) and state = 'held'",
        &attendees,
        what.at,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
