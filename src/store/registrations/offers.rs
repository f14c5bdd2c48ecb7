//! Offers of places: accepting and declining them, reminders, and letting them lapse.

use sqlx::{PgConnection, PgTransaction};
use time::OffsetDateTime;

use super::{
    charges,
    waiting::{lock_places, lock_queue, offer_places},
};
use crate::{
    domain::{
        AttendeeId, AuditKind, CancelCause, ConferenceId, EmailAddress, OfferId, OfferOutcome, RegistrationId, Stored,
        email,
    },
    store::{
        audit::{self, Actor, Entry},
        outbox::{self, CancellationData, ConfirmationData, Kind, NewMessage, OfferData},
    },
};

/// The last offer of a place to an attendee.
#[derive(Clone, Debug)]
pub struct PlaceOffer {
    /// From this instant on it cannot be accepted.
    pub lapses_at: OffsetDateTime,
    /// What became of it; `None` while it is open.
    pub outcome: Option<Stored<OfferOutcome>>,
}

impl PlaceOffer {
    /// Returns whether it can be accepted at this instant.
    pub fn is_open(&self, now: OffsetDateTime) -> bool {
        self.outcome.is_none() && now < self.lapses_at
    }
}

/// Returns the last offer to this attendee.
pub async fn find_last(conn: &mut PgConnection, attendee: AttendeeId) -> Result<Option<PlaceOffer>, sqlx::Error> {
    sqlx::query_as!(
        PlaceOffer,
        r#"select lapses_at, outcome as "outcome: Stored<OfferOutcome>"
           from offer where attendee_id = $1 order by offered_at desc, id desc limit 1"#,
        attendee.0,
    )
    .fetch_optional(conn)
    .await
}

/// Returns the open offer to this attendee.
pub async fn find_open(conn: &mut PgConnection, attendee: AttendeeId) -> Result<Option<OfferId>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select id as "id: OfferId" from offer where attendee_id = $1 and ended_at is null"#,
        attendee.0,
    )
    .fetch_optional(conn)
    .await
}

/// An answer to the open offer of an attendee.
#[derive(Clone, Copy, Debug)]
pub struct Answer<'a> {
    /// The conference.
    pub conference: ConferenceId,
    /// The attendee.
    pub attendee: AttendeeId,
    /// When it is given.
    pub at: OffsetDateTime,
    /// The operations desk's address.
    pub operations: &'a EmailAddress,
    /// Who gives it: a delegate, or staff for one.
    pub by: Actor,
}

/// An open offer, locked.
struct Locked {
    id: OfferId,
    registration: RegistrationId,
    lapses_at: OffsetDateTime,
    email: String,
    contact_email: String,
}

/// Locks the queue, the registration, the attendee and their open offer. `None` if no offer is open.
async fn lock(
    tx: &mut PgTransaction<'_>,
    conference: ConferenceId,
    attendee: AttendeeId,
) -> Result<Option<Locked>, sqlx::Error> {
    lock_queue(tx, conference).await?;
    let registration = sqlx::query_scalar!(
        r#"select registration.id as "id: RegistrationId"
           from registration join attendee on attendee.registration_id = registration.id
           where attendee.conference_id = $1 and attendee.id = $2 for no key update of registration"#,
        conference.0,
        attendee.0,
    );
    if registration.fetch_optional(&mut **tx).await?.is_none() {
        return Ok(None);
    }
    sqlx::query_as!(
        Locked,
        r#"select offer.id as "id: OfferId", registration.id as "registration: RegistrationId", lapses_at,
               attendee.email, contact.email as "contact_email!"
           from attendee join registration on registration.id = attendee.registration_id
           join contact on contact.registration_id = registration.id
           join offer on offer.attendee_id = attendee.id and ended_at is null
           where attendee.conference_id = $1 and attendee.id = $2 and attendee.state = 'offered'
           for no key update of attendee, offer"#,
        conference.0,
        attendee.0,
    )
    .fetch_optional(&mut **tx)
    .await
}

/// Accepts the open offer: the attendee has the place. Records it and queues the confirmations. Returns whether an offer was open;
/// one whose time has come lapses instead.
pub async fn accept(tx: &mut PgTransaction<'_>, answer: Answer<'_>) -> Result<bool, sqlx::Error> {
    let Some(offer) = lock(tx, answer.conference, answer.attendee).await? else { return Ok(false) };
    if answer.at >= offer.lapses_at {
        give_up(tx, answer, &offer, OfferOutcome::Lapsed).await?;
        return Ok(false);
    }
    end(tx, &offer, OfferOutcome::Accepted, answer.at).await?;
    sqlx::query!(
        "with held as (update place set state = 'held', since = $2 where attendee_id = $1 and state = 'offered')
         update attendee set state = 'confirmed', revision = revision + 1 where id = $1",
        answer.attendee.0,
        answer.at,
    )
    .execute(&mut **tx)
    .await?;
    charges::settle(tx, (answer.conference, offer.registration), answer.attendee, answer.at).await?;
    note(tx, answer, &offer, (AuditKind::OfferAccepted, answer.by)).await?;
    let mut mails = vec![
        (Kind("contact_confirmation"), offer.contact_email.as_str(), None),
        (Kind("operations_confirmation"), answer.operations.as_str(), None),
    ];
    if !email::is_same(&offer.email, &offer.contact_email) {
        mails.push((Kind("attendee_confirmation"), &offer.email, Some(answer.attendee)));
    }
    for (kind, to, whom) in mails {
        let data = ConfirmationData {
            attendees: vec![answer.attendee],
            accepted: Some(answer.attendee),
            ..ConfirmationData::default()
        };
        let about = (answer.conference, offer.registration);
        outbox::enqueue(tx, NewMessage::about(about, whom, kind, to, data)).await?;
    }
    Ok(true)
}

/// Declines the open offer: the attendee is cancelled, and the place is offered to the next. Returns whether an offer was open.
pub async fn decline(tx: &mut PgTransaction<'_>, answer: Answer<'_>) -> Result<bool, sqlx::Error> {
    let Some(offer) = lock(tx, answer.conference, answer.attendee).await? else { return Ok(false) };
    let is_open = answer.at < offer.lapses_at;
    let outcome = if is_open { OfferOutcome::Declined } else { OfferOutcome::Lapsed };
    give_up(tx, answer, &offer, outcome).await?;
    Ok(is_open)
}

/// Ends an offer that was declined or has lapsed: the attendee is cancelled, and the place is offered to the next.
async fn give_up(
    tx: &mut PgTransaction<'_>,
    answer: Answer<'_>,
    offer: &Locked,
    outcome: OfferOutcome,
) -> Result<(), sqlx::Error> {
    let lapsed = outcome == OfferOutcome::Lapsed;
    let cause = if lapsed { CancelCause::Lapsed } else { CancelCause::Declined };
    end(tx, offer, outcome, answer.at).await?;
    sqlx::query!(
        "update attendee set state = 'cancelled', cancelled_at = $2, cancel_cause = $3, revision = revision + 1 where id = $1",
        answer.attendee.0,
        answer.at,
        cause.as_str(),
    )
    .execute(&mut **tx)
    .await?;
    let event = if lapsed { (AuditKind::OfferLapsed, Actor::Program) } else { (AuditKind::OfferDeclined, answer.by) };
    note(tx, answer, offer, event).await?;
    let about = (answer.conference, offer.registration);
    let cancelled = CancellationData {
        attendees: vec![answer.attendee],
        cause: Some(cause.as_str().to_owned()),
        ..CancellationData::default()
    };
    if lapsed {
        queue_mails(tx, about, answer.attendee, offer, Kind("offer_lapsed"), OfferData { offer: offer.id }).await?;
    } else {
        queue_mails(tx, about, answer.attendee, offer, Kind("cancellation"), cancelled.clone()).await?;
    }
    let kind = Kind("operations_cancellation");
    outbox::enqueue(tx, NewMessage::about(about, None, kind, answer.operations.as_str(), cancelled)).await?;
    lock_places(tx, answer.conference).await?;
    sqlx::query!(
        "update place set state = 'given_back', since = $2 where attendee_id = $1 and state = 'offered'",
        answer.attendee.0,
        answer.at,
    )
    .execute(&mut **tx)
    .await?;
    offer_places(tx, answer.conference, answer.at, answer.operations).await?;
    Ok(())
}

/// Queues one mail to the contact and, if their address is another, one to the attendee.
async fn queue_mails(
    tx: &mut PgTransaction<'_>,
    about: (ConferenceId, RegistrationId),
    attendee: AttendeeId,
    offer: &Locked,
    kind: Kind,
    data: impl Into<serde_json::Value>,
) -> Result<(), sqlx::Error> {
    let data = data.into();
    outbox::enqueue(tx, NewMessage::about(about, None, kind, &offer.contact_email, data.clone())).await?;
    if !email::is_same(&offer.email, &offer.contact_email) {
        outbox::enqueue(tx, NewMessage::about(about, Some(attendee), kind, &offer.email, data)).await?;
    }
    Ok(())
}

async fn end(
    tx: &mut PgTransaction<'_>,
    offer: &Locked,
    outcome: OfferOutcome,
    at: OffsetDateTime,
) -> Result<(), sqlx::Error> {
    sqlx::query!("update offer set ended_at = $2, outcome = $3 where id = $1", offer.id.0, at, outcome.as_str())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

async fn note(
    tx: &mut PgTransaction<'_>,
    answer: Answer<'_>,
    offer: &Locked,
    (kind, actor): (AuditKind, Actor),
) -> Result<(), sqlx::Error> {
    let entry = Entry {
        conference: Some(answer.conference),
        registration: Some(offer.registration),
        attendee: Some(answer.attendee),
        subject: Some(offer.id.0),
        ..Entry::of(kind, actor)
    };
    audit::note(tx, entry).await
}

/// An offer that this instance has claimed in order to let it lapse.
#[derive(Clone, Copy, Debug)]
pub struct Lapsing {
    /// Its key.
    pub id: OfferId,
    /// The conference.
    pub conference: ConferenceId,
    /// To whom it was made.
    pub attendee: AttendeeId,
}

/// Claims the open offer whose time came first, and commits before it lapses. No other instance claims it for half a minute. Skips
/// one that is being answered at this moment.
pub async fn claim_lapsing(conn: &mut PgConnection, now: OffsetDateTime) -> Result<Option<Lapsing>, sqlx::Error> {
    sqlx::query_as!(
        Lapsing,
        r#"update offer set claimed_until = now() + interval '30 seconds'
           where id = (
               select id from offer
               where ended_at is null and lapses_at <= $1 and (claimed_until is null or claimed_until <= now())
               order by lapses_at limit 1 for no key update skip locked
           )
           returning id as "id: OfferId", conference_id as "conference: ConferenceId", attendee_id as "attendee: AttendeeId""#,
        now,
    )
    .fetch_optional(conn)
    .await
}

/// Lets a claimed offer lapse, and offers its place to the next. Returns false if somebody has answered it since. The locks decide that
/// this happens once, even if an instance is so slow that its lease has ended.
pub async fn lapse(
    tx: &mut PgTransaction<'_>,
    lapsing: Lapsing,
    at: OffsetDateTime,
    operations: &EmailAddress,
) -> Result<bool, sqlx::Error> {
    let Lapsing { id, conference, attendee } = lapsing;
    let Some(offer) = lock(tx, conference, attendee).await?.filter(|offer| offer.id == id && offer.lapses_at <= at)
    else {
        return Ok(false);
    };
    give_up(tx, Answer { conference, attendee, at, operations, by: Actor::Program }, &offer, OfferOutcome::Lapsed)
        .await?;
    Ok(true)
}

/// Queues the reminders of an open offer whose reminder is due. Returns whether there was one.
pub async fn remind(tx: &mut PgTransaction<'_>, now: OffsetDateTime) -> Result<bool, sqlx::Error> {
    let due = sqlx::query!(
        r#"update offer set reminded_at = $1
           where id = (
               select id from offer
               where ended_at is null and reminded_at is null and remind_at <= $1 and lapses_at > $1
               order by remind_at limit 1 for no key update skip locked
           )
           returning id as "id: OfferId", conference_id as "conference: ConferenceId", attendee_id as "attendee: AttendeeId""#,
        now,
    );
    let Some(due) = due.fetch_optional(&mut **tx).await? else { return Ok(false) };
    let to = sqlx::query_as!(
        Locked,
        r#"select offer.id as "id: OfferId", registration.id as "registration: RegistrationId", lapses_at,
               attendee.email, contact.email as "contact_email!"
           from offer join attendee on attendee.id = offer.attendee_id
           join registration on registration.id = attendee.registration_id
           join contact on contact.registration_id = registration.id where offer.id = $1"#,
        due.id.0,
    )
    .fetch_one(&mut **tx)
    .await?;
    let about = (due.conference, to.registration);
    queue_mails(tx, about, due.attendee, &to, Kind("offer_reminder"), OfferData { offer: due.id }).await?;
    Ok(true)
}

/// Lists the conferences at which somebody waits who could have a place. [`offer_places`] leaves none behind; this finds places that
/// became free otherwise, such as by a change of the conference's days.
pub async fn list_with_free_places(conn: &mut PgConnection) -> Result<Vec<ConferenceId>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select distinct attendee.conference_id as "id: ConferenceId"
           from attendee
           left join capacity on capacity.category_id = attendee.category_id
           left join capacity whole on whole.conference_id = attendee.conference_id and whole.category_id is null
           where queue_rank is not null and (capacity.places is null or capacity.taken < capacity.places)
               and (whole.places is null or whole.taken < whole.places)"#,
    )
    .fetch_all(conn)
    .await
}
