//! Putting the mails of a mailing into the outbox when it is due, and stopping it.

use sqlx::{PgConnection, PgTransaction};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{Instead, Readers};
use crate::domain::{AccountId, ConferenceId, MailingId, MailingReaders, MessageId};

/// A mailing that is due and that this instance has claimed.
#[derive(Clone, Debug)]
pub struct Claimed {
    /// Its key.
    pub id: MailingId,
    /// The conference.
    pub conference: ConferenceId,
    /// The query of the view.
    pub view: String,
    /// Who gets the mails.
    pub readers: MailingReaders,
    /// Whether people who are cancelled get one.
    pub with_cancelled: bool,
    /// The subject.
    pub subject: String,
    /// The text.
    pub text: String,
    /// The words for what people lack.
    pub instead: Instead,
}

/// Claims the mailing that is due first, and commits before its recipients are determined. No other instance claims it until half
/// a minute has passed. Skips one that another instance is claiming at this moment, and one that is for readers whom only a newer
/// version knows.
pub async fn claim(conn: &mut PgConnection, now: OffsetDateTime) -> Result<Option<Claimed>, sqlx::Error> {
    let row = sqlx::query!(
        r#"update mailing set claimed_until = now() + interval '30 seconds'
           where id = (
               select id from mailing
               where queued_at is null and stopped_at is null and due_at <= $1
                   and (claimed_until is null or claimed_until <= now()) and readers in ('attendees', 'contacts')
               order by due_at limit 1 for update skip locked
           )
           returning id as "id: MailingId", conference_id as "conference: ConferenceId", view,
               readers as "readers: MailingReaders", with_cancelled, subject, text, instead"#,
        now,
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| Claimed {
        id: row.id,
        conference: row.conference,
        view: row.view,
        readers: row.readers,
        with_cancelled: row.with_cancelled,
        subject: row.subject,
        text: row.text,
        instead: serde_json::from_value(row.instead).unwrap_or_default(),
    }))
}

/// Puts the mails of a mailing into the outbox. Returns how many, or `None` if another instance has done so or it was stopped.
pub async fn queue(
    tx: &mut PgTransaction<'_>,
    id: MailingId,
    readers: Readers<'_>,
    now: OffsetDateTime,
) -> Result<Option<u64>, sqlx::Error> {
    let locked = sqlx::query!(
        "select from mailing where id = $1 and conference_id = $2 and queued_at is null and stopped_at is null for update",
        id.0,
        readers.conference.0,
    );
    if locked.fetch_optional(&mut **tx).await?.is_none() {
        return Ok(None);
    }
    let queued = match readers.who {
        MailingReaders::Attendees => queue_attendees(tx, id, readers).await?,
        MailingReaders::Contacts => queue_contacts(tx, id, readers).await?,
    };
    sqlx::query!(
        "update mailing set queued_at = $2, queued = $3 where id = $1",
        id.0,
        now,
        i32::try_from(queued).unwrap_or(i32::MAX),
    )
    .execute(&mut **tx)
    .await?;
    Ok(Some(queued))
}

/// Returns a key for each mail, in the order of the view.
fn keys(attendees: &[Uuid]) -> Vec<Uuid> {
    attendees.iter().map(|_| MessageId::new().0).collect()
}

async fn queue_attendees(tx: &mut PgTransaction<'_>, id: MailingId, readers: Readers<'_>) -> Result<u64, sqlx::Error> {
    let queued = sqlx::query!(
        "insert into message (id, conference_id, kind, recipient, registration_id, attendee_id, mailing_id)
         select wanted.id, attendee.conference_id, 'mailing', attendee.email, attendee.registration_id, attendee.id, $3
         from unnest($1::uuid[], $2::uuid[]) as wanted (id, attendee_id)
         join attendee on attendee.id = wanted.attendee_id
         join registration on registration.id = attendee.registration_id
         where attendee.conference_id = $4 and ($5 or attendee.state <> 'cancelled')
             and (not $6 or attendee.job_title <> '') and (not $7 or registration.purchase_order <> '')",
        &keys(readers.attendees),
        readers.attendees,
        id.0,
        readers.conference.0,
        readers.with_cancelled,
        readers.needed.job_title,
        readers.needed.purchase_order,
    );
    Ok(queued.execute(&mut **tx).await?.rows_affected())
}

async fn queue_contacts(tx: &mut PgTransaction<'_>, id: MailingId, readers: Readers<'_>) -> Result<u64, sqlx::Error> {
    let queued = sqlx::query!(
        "insert into message (id, conference_id, kind, recipient, registration_id, mailing_id, data)
         select (array_agg(wanted.id order by wanted.place))[1], registration.conference_id, 'mailing', contact.email,
             registration.id, $3, jsonb_build_object('attendees', jsonb_agg(attendee.id order by attendee.position))
         from unnest($1::uuid[], $2::uuid[]) with ordinality as wanted (id, attendee_id, place)
         join attendee on attendee.id = wanted.attendee_id
         join registration on registration.id = attendee.registration_id
         join contact on contact.registration_id = registration.id
         where attendee.conference_id = $4 and ($5 or attendee.state <> 'cancelled')
             and (not $6 or registration.purchase_order <> '')
         group by registration.id, registration.conference_id, contact.email",
        &keys(readers.attendees),
        readers.attendees,
        id.0,
        readers.conference.0,
        readers.with_cancelled,
        readers.needed.purchase_order,
    );
    Ok(queued.execute(&mut **tx).await?.rows_affected())
}

/// Stops a mailing: those of its mails that wait are discarded. Returns how many, or `None` if nothing of it waits any more.
pub async fn stop(
    tx: &mut PgTransaction<'_>,
    conference: ConferenceId,
    id: MailingId,
    by: AccountId,
    now: OffsetDateTime,
) -> Result<Option<u64>, sqlx::Error> {
    let stopped = sqlx::query!(
        "update mailing set stopped_at = $4, stopped_by = $3
         where conference_id = $1 and id = $2 and stopped_at is null
             and (queued_at is null or exists (select from message where mailing_id = $2 and state in ('waiting', 'held')))",
        conference.0,
        id.0,
        by.0,
        now,
    );
    if stopped.execute(&mut **tx).await?.rows_affected() == 0 {
        return Ok(None);
    }
    let discarded = sqlx::query!(
        "update message set state = 'discarded', reply = 'Not sent: the mailing was stopped'
         where mailing_id = $1 and state in ('waiting', 'held')",
        id.0,
    );
    Ok(Some(discarded.execute(&mut **tx).await?.rows_affected()))
}

/// Gives a mailing up because its view cannot be read any more.
pub async fn give_up(conn: &mut PgConnection, id: MailingId, now: OffsetDateTime) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update mailing set stopped_at = $2 where id = $1 and queued_at is null and stopped_at is null",
        id.0,
        now,
    )
    .execute(conn)
    .await?;
    Ok(())
}
