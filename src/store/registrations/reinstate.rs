//! Undoing a cancellation: the attendee gets a place again if one is free.

use sqlx::{PgConnection, PgTransaction};
use time::OffsetDateTime;

use super::{
    authority::{self, Authority},
    waiting::{lock_places, lock_queue},
};
use crate::{
    domain::{
        AttendeeId, AuditKind, CategoryId, ConferenceId, EmailAddress, PlaceId, Reference, RegistrationId, email,
    },
    store::{
        audit::{self, Actor, Change, Entry},
        outbox::{self, ConfirmationData, Kind, NewMessage},
        registrations::{charges, same_person},
        violated,
    },
};

/// A cancellation to undo.
#[derive(Clone, Copy, Debug)]
pub struct Reinstating<'a> {
    /// The conference.
    pub conference: ConferenceId,
    /// The registration.
    pub registration: RegistrationId,
    /// The attendee.
    pub attendee: AttendeeId,
    /// Who undoes it. A delegate can undo only what a delegate cancelled.
    pub authority: Authority<'a>,
    /// The time.
    pub at: OffsetDateTime,
    /// The operations desk's address.
    pub operations: &'a EmailAddress,
}

/// Why a cancellation was not undone.
#[derive(Debug, thiserror::Error)]
pub enum ReinstateError {
    /// No place is free, at the conference or in the attendee's category.
    #[error("full")]
    Full,
    /// Somebody on the waiting list comes first.
    #[error("somebody waits")]
    Awaited,
    /// Other people use the code, as many as can.
    #[error("the code is used up")]
    CodeUsedUp,
    /// The same person is on this registration again and is not cancelled.
    #[error("the same person is on the registration again")]
    Twice,
    /// The database failed.
    #[error(transparent)]
    Database(sqlx::Error),
}

impl From<sqlx::Error> for ReinstateError {
    fn from(error: sqlx::Error) -> Self {
        match violated(&error) {
            Some("capacity_holds") => Self::Full,
            Some("code_not_used_up") => Self::CodeUsedUp,
            Some("attendee_once_per_registration") => Self::Twice,
            _ => Self::Database(error),
        }
    }
}

struct Cancelled {
    email: String,
    reason: Option<String>,
    category: CategoryId,
    /// Whether a place is kept for the attendee's code.
    is_kept: bool,
}

/// Undoes the cancellation, takes a place, records this and queues the confirmations: to the contact and to the attendee if they
/// have another address, if they are to be told, and to operations. Returns false, and changes nothing, if the attendee is not cancelled, or if a
/// delegate may not undo it. After an error, the transaction cannot be committed.
pub async fn reinstate(tx: &mut PgTransaction<'_>, what: Reinstating<'_>) -> Result<bool, ReinstateError> {
    lock_queue(tx, what.conference).await?;
    let contact = super::lock(tx, what.conference, what.registration).await?;
    if what.authority.actor == Actor::Delegate && !list_undoable(tx, what.registration).await?.contains(&what.attendee)
    {
        return Ok(false);
    }
    let cancelled = sqlx::query_as!(
        Cancelled,
        r#"select email, cancel_reason as reason, category_id as "category: CategoryId",
               exists (select from code where code.id = code_id and kept > 0) as "is_kept!"
           from attendee
           where conference_id = $1 and registration_id = $2 and id = $3 and state = 'cancelled' for no key update"#,
        what.conference.0,
        what.registration.0,
        what.attendee.0,
    )
    .fetch_optional(&mut **tx)
    .await?;
    let Some(cancelled) = cancelled else { return Ok(false) };
    let reinstate = |is_another: bool| {
        sqlx::query!(
            "update attendee set state = 'confirmed', cancelled_at = null, cancel_cause = null, cancel_reason = null,
                 is_another = $2, revision = revision + 1
             where id = $1",
            what.attendee.0,
            is_another,
        )
    };
    same_person::write_as_another_if_known(tx, reinstate).await?;
    // The reason is removed from the attendee but stays in the history.
    let change = cancelled.reason.map(|before| Change { field: "cancel_reason", before, after: String::new() });
    let entry = Entry {
        conference: Some(what.conference),
        registration: Some(what.registration),
        attendee: Some(what.attendee),
        changes: change.as_slice(),
        ..Entry::of(AuditKind::AttendeeReinstated, what.authority.actor)
    };
    audit::note(tx, entry).await?;
    charges::settle(tx, (what.conference, what.registration), what.attendee, what.at).await?;
    queue_mails(tx, what, &contact, &cancelled.email).await?;
    lock_places(tx, what.conference).await?;
    let mut raised = Vec::new();
    if what.authority.raises() {
        if !cancelled.is_kept {
            raised = authority::raise_for_one(tx, what.conference, cancelled.category, true).await?;
        }
    } else if count_ahead(tx, what.conference, what.attendee).await? > 0 {
        return Err(ReinstateError::Awaited);
    }
    authority::note(tx, what.authority, (what.conference, what.registration, Some(what.attendee)), raised).await?;
    // The last statement, because its trigger counts the place.
    sqlx::query!(
        "insert into place (id, conference_id, attendee_id, category_id, code_id, state, since)
         select $3, conference_id, id, category_id, code_id, 'held', $2 from attendee where id = $1",
        what.attendee.0,
        what.at,
        PlaceId::new().0,
    )
    .execute(&mut **tx)
    .await?;
    Ok(true)
}

/// Returns how many wait for the place that this attendee would take: those of the same category and, if the whole conference has a
/// limit, those of categories that have places. Nobody waits for a place that is kept for the attendee's code.
pub async fn count_ahead(
    conn: &mut PgConnection,
    conference: ConferenceId,
    attendee: AttendeeId,
) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select count(*) as "count!"
           from attendee waiting join attendee one on one.id = $2
           left join capacity on capacity.conference_id = $1 and capacity.category_id = waiting.category_id
           where waiting.conference_id = $1 and waiting.queue_rank is not null
               and not exists (select from code where code.id = one.code_id and kept > 0)
               and (waiting.category_id = one.category_id
                   or (capacity.places is null or capacity.taken < capacity.places)
                       and exists (select from capacity whole
                                   where whole.conference_id = $1 and whole.category_id is null and whole.places is not null))"#,
        conference.0,
        attendee.0,
    )
    .fetch_one(conn)
    .await
}

/// Lists the cancelled attendees of a registration whom a delegate cancelled last, so that a delegate can undo it: those who had a
/// place and have not been registered again.
pub async fn list_undoable(
    conn: &mut PgConnection,
    registration: RegistrationId,
) -> Result<Vec<AttendeeId>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select attendee.id as "id: AttendeeId"
           from attendee
           where registration_id = $1 and state = 'cancelled'
               and exists (select from place left join offer on offer.place_id = place.id
                           where place.attendee_id = attendee.id and coalesce(outcome, 'accepted') = 'accepted')
               and not exists (select from attendee again
                               where again.conference_id = attendee.conference_id and again.name_folded = attendee.name_folded
                                   and again.email_normalised = attendee.email_normalised
                                   and again.state <> 'cancelled' and not again.is_another)
               and 'delegate' = (
               select actor from audit
               where audit.registration_id = $1 and audit.attendee_id = attendee.id and kind = $2
               order by at desc, audit.id desc limit 1)"#,
        registration.0,
        AuditKind::AttendeeCancelled.as_str(),
    )
    .fetch_all(conn)
    .await
}

/// Puts a cancelled attendee at the end of the queue instead, records this and queues the mails, if people are to be told. The queue and
/// the registration must be locked. Does nothing, and returns false, if the attendee is not cancelled, or if the same person has a place or may get one.
pub async fn join_queue(tx: &mut PgTransaction<'_>, what: Reinstating<'_>) -> Result<bool, sqlx::Error> {
    let row = sqlx::query!(
        r#"update attendee set state = 'waiting', queue_rank = nextval('queue_rank'), cancelled_at = null, cancel_cause = null,
               cancel_reason = null, revision = revision + 1
           from contact
           where contact.registration_id = attendee.registration_id and attendee.conference_id = $1 and attendee.id = $2
               and state = 'cancelled'
               and not exists (select from attendee other
                   where other.conference_id = $1 and other.name_folded = attendee.name_folded
                       and other.email_normalised = attendee.email_normalised and other.state <> 'cancelled')
           returning attendee.email, contact.email as "contact_email!""#,
        what.conference.0,
        what.attendee.0,
    );
    let Some(row) = row.fetch_optional(&mut **tx).await? else { return Ok(false) };
    let entry = Entry {
        conference: Some(what.conference),
        registration: Some(what.registration),
        attendee: Some(what.attendee),
        ..Entry::of(AuditKind::AttendeeQueued, what.authority.actor)
    };
    audit::note(tx, entry).await?;
    if !what.authority.tells {
        return Ok(true);
    }
    let mut mails = vec![(row.contact_email.as_str(), None)];
    if !email::is_same(&row.email, &row.contact_email) {
        mails.push((&row.email, Some(what.attendee)));
    }
    for (to, attendee) in mails {
        let about = (what.conference, what.registration);
        outbox::enqueue(tx, NewMessage::about(about, attendee, Kind("waiting"), to, serde_json::json!({}))).await?;
    }
    Ok(true)
}

async fn queue_mails(
    tx: &mut PgTransaction<'_>,
    what: Reinstating<'_>,
    contact: &str,
    own: &str,
) -> Result<(), sqlx::Error> {
    let mut mails = vec![(Kind("operations_confirmation"), what.operations.as_str(), None)];
    if what.authority.tells {
        mails.push((Kind("contact_confirmation"), contact, None));
        if !email::is_same(own, contact) {
            mails.push((Kind("attendee_confirmation"), own, Some(what.attendee)));
        }
    }
    for (kind, recipient, attendee) in mails {
        let attendees = vec![what.attendee];
        let data = ConfirmationData { attendees, reinstated: Some(what.attendee), ..ConfirmationData::default() };
        let about = (what.conference, what.registration);
        outbox::enqueue(tx, NewMessage::about(about, attendee, kind, recipient, data)).await?;
    }
    Ok(())
}

/// Another registration of a cancelled person, or another entry on the same registration.
#[derive(Clone, Debug)]
pub struct SamePerson {
    /// The attendee of that entry.
    pub attendee: AttendeeId,
    /// The registration's reference.
    pub reference: Reference,
}

/// Lists the attendees of the conference who have the same name and e-mail address as this one and are not cancelled.
pub async fn list_registered_again(
    conn: &mut PgConnection,
    conference: ConferenceId,
    attendee: AttendeeId,
) -> Result<Vec<SamePerson>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select other.id as "id: AttendeeId", registration.reference
           from attendee one
           join attendee other on other.conference_id = one.conference_id and other.name_folded = one.name_folded
               and other.email_normalised = one.email_normalised and other.id <> one.id
           join registration on registration.id = other.registration_id
           where one.conference_id = $1 and one.id = $2 and other.state <> 'cancelled'
           order by registration.reference"#,
        conference.0,
        attendee.0,
    )
    .fetch_all(conn)
    .await?;
    let elsewhere =
        rows.into_iter().map(|row| SamePerson { attendee: row.id, reference: Reference::kept(row.reference) });
    Ok(elsewhere.collect())
}
