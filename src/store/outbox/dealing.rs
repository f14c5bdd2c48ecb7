//! Mails that need somebody: failed ones that staff deal with, and waiting ones that staff send at once.

use sqlx::{PgConnection, PgTransaction};

use super::{FIXED, LEASE, MessageFilter, interval};
use crate::domain::{AttendeeId, ConferenceId, MessageId, RegistrationId};

/// The largest number that [`count_failed`] returns. Nobody needs to know it more exactly.
pub const MOST_FAILED: i64 = 99;

/// Counts the failed mails of a conference that nobody has dealt with, up to [`MOST_FAILED`]. Every page of the desk asks this, so
/// it reads only the index of these mails.
pub async fn count_failed(conn: &mut PgConnection, conference: ConferenceId) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select count(*) as "count!" from (
               select from message where conference_id = $1 and state = 'failed' and dealt_with_at is null limit $2
           ) as failed"#,
        conference.0,
        MOST_FAILED,
    )
    .fetch_one(conn)
    .await
}

/// A mail that somebody dealt with, for the audit log.
#[derive(Clone, Copy, Debug)]
pub struct DealtWith {
    /// Its key.
    pub id: MessageId,
    /// The conference it belongs to, if it belongs to one.
    pub conference: Option<ConferenceId>,
    /// The registration it is about.
    pub registration: Option<RegistrationId>,
    /// The attendee it is about.
    pub attendee: Option<AttendeeId>,
}

/// Marks one failed mail as dealt with, or all of them. Returns those that were not marked before.
pub async fn deal_with(
    tx: &mut PgTransaction<'_>,
    filter: MessageFilter,
    only: Option<MessageId>,
) -> Result<Vec<DealtWith>, sqlx::Error> {
    sqlx::query_as!(
        DealtWith,
        r#"update message set dealt_with_at = now()
           where state = 'failed' and dealt_with_at is null and (conference_id = $1 or ($2 and conference_id is null))
               and ($3::uuid is null or id = $3)
           returning id as "id: MessageId", conference_id as "conference: ConferenceId",
               registration_id as "registration: RegistrationId", attendee_id as "attendee: AttendeeId""#,
        filter.conference.0,
        filter.without_conference,
        only.map(|id| id.0),
    )
    .fetch_all(&mut **tx)
    .await
}

/// Makes all mails due that wait for another attempt. Returns how many. Those that are due within the length of a lease may be in
/// progress, and are tried soon anyway.
pub async fn send_waiting_now(tx: &mut PgTransaction<'_>, filter: MessageFilter) -> Result<u64, sqlx::Error> {
    let hurried = sqlx::query!(
        "update message set due_at = now()
         where state = 'waiting' and due_at > now() + $3 and (conference_id = $1 or ($2 and conference_id is null))",
        filter.conference.0,
        filter.without_conference,
        interval(LEASE),
    );
    Ok(hurried.execute(&mut **tx).await?.rows_affected())
}

/// Whose address a mail was sent to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// The attendee whose address it is. If the contact does not attend, the first attendee of the registration.
    pub attendee: AttendeeId,
    /// Whether it is the address of a contact who does not attend.
    pub is_contact: bool,
    /// The address as it is now.
    pub email: String,
}

/// Finds whose address a mail was sent to. `None` if no correction changes it: it is about an account, for the operations desk, or
/// always goes to the address that it was queued for.
pub async fn find_owner(
    conn: &mut PgConnection,
    conference: ConferenceId,
    id: MessageId,
) -> Result<Option<Owner>, sqlx::Error> {
    sqlx::query_as!(
        Owner,
        r#"select coalesce(message.attendee_id, registration.contact_attendee_id, first.id) as "attendee!: AttendeeId",
               message.attendee_id is null and registration.contact_attendee_id is null as "is_contact!",
               coalesce(attendee.email, contact.email) as "email!"
           from message
           join registration on registration.id = message.registration_id
           join contact on contact.registration_id = registration.id
           join attendee first on first.registration_id = registration.id and first.position = 1
           left join attendee on attendee.id = message.attendee_id
           where message.id = $1 and message.conference_id = $2
               and message.kind not like 'operations\_%' and message.kind <> all($3)"#,
        id.0,
        conference.0,
        &FIXED as &[&str],
    )
    .fetch_optional(conn)
    .await
}

/// Sends a failed mail again to another address, as a new mail. The failed one stays, says so, and is dealt with. Returns the key
/// of the new mail, or `None` if the old one has not failed, or was sent again in the meantime.
pub async fn send_instead(
    tx: &mut PgTransaction<'_>,
    conference: ConferenceId,
    failed: MessageId,
    recipient: &str,
) -> Result<Option<MessageId>, sqlx::Error> {
    let id = MessageId::new();
    let locked = sqlx::query!(
        "select from message where id = $1 and conference_id = $2 and state = 'failed' and instead_id is null for update",
        failed.0,
        conference.0,
    );
    if locked.fetch_optional(&mut **tx).await?.is_none() {
        return Ok(None);
    }
    sqlx::query!(
        "insert into message (id, conference_id, kind, recipient, locale, registration_id, attendee_id, account_id, mailing_id, data)
         select $2, conference_id, kind, $3, locale, registration_id, attendee_id, account_id, mailing_id, data
         from message where id = $1",
        failed.0,
        id.0,
        recipient,
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        "update message set instead_id = $2, dealt_with_at = coalesce(dealt_with_at, now()) where id = $1",
        failed.0,
        id.0,
    )
    .execute(&mut **tx)
    .await?;
    Ok(Some(id))
}
