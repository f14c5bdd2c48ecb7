//! Sending mails: claims a mail with a lease and records the outcome.

use std::time::Duration;

use sqlx::{PgConnection, PgTransaction};

use crate::domain::{AccountId, AttendeeId, MailingId, MessageId, RegistrationId};
use crate::store::outbox::interval;

/// How long a claimed mail belongs to its instance. A running instance renews the lease. If an instance dies, another one sends
/// its mails after this time.
pub const LEASE: Duration = Duration::from_secs(30);

/// A mail that this instance has claimed.
#[derive(Clone, Debug)]
pub struct Claimed {
    /// Its key.
    pub id: MessageId,
    /// The name of its kind.
    pub kind: String,
    /// The address it is sent to.
    pub recipient: String,
    /// The registration it is about.
    pub registration: Option<RegistrationId>,
    /// The attendee it is about.
    pub attendee: Option<AttendeeId>,
    /// The account it is about.
    pub account: Option<AccountId>,
    /// The mailing that it belongs to.
    pub mailing: Option<MailingId>,
    /// Further data that its text needs.
    pub data: serde_json::Value,
    /// Which attempt this is, counted from 1. It distinguishes this claim from later ones. A claim that was given back does not
    /// count, and the next one has the same number.
    pub attempt: i32,
}

/// Claims up to `limit` mails that are due, the longest due first, and commits before anything is sent. The mails of mailings come
/// after all others, so that nobody waits for a confirmation because thousands are written to. No other instance claims
/// them until the lease ends. Skips mails that another instance is claiming at this moment, mails that this instance is still
/// sending, and mails of other kinds than these, which are left to a newer version and do not count as attempts.
pub async fn claim(
    conn: &mut PgConnection,
    limit: i64,
    kinds: &[String],
    in_progress: &[MessageId],
) -> Result<Vec<Claimed>, sqlx::Error> {
    let in_progress: Vec<_> = in_progress.iter().map(|id| id.0).collect();
    // With an array the planner expects few rows. It does not know the limit: for a join it would expect a tenth of all waiting
    // mails and read the whole table.
    sqlx::query_as!(
        Claimed,
        r#"with due as materialized (
               select id from message
               where state = 'waiting' and mailing_id is null and due_at <= now() and kind = any($3) and id <> all($4)
               order by due_at limit $1 for update skip locked
           ),
           due_after as materialized (
               select id from message
               where state = 'waiting' and mailing_id is not null and due_at <= now() and kind = any($3) and id <> all($4)
               order by due_at, id limit greatest($1 - (select count(*) from due), 0) for update skip locked
           )
           update message set attempts = attempts + 1, due_at = now() + $2
           where id = any(array(select id from due union all select id from due_after))
           returning message.id as "id: MessageId", kind, recipient,
               registration_id as "registration: RegistrationId", attendee_id as "attendee: AttendeeId",
               account_id as "account: AccountId", mailing_id as "mailing: MailingId", data, attempts as attempt"#,
        limit,
        interval(LEASE),
        kinds,
        &in_progress,
    )
    .fetch_all(conn)
    .await
}

/// Returns whether a claimed mail still waits and is addressed as when it was claimed, and locks both until the transaction ends.
/// A link that is created in between therefore cannot reach another address.
pub async fn is_still_for(tx: &mut PgTransaction<'_>, claimed: &Claimed) -> Result<bool, sqlx::Error> {
    let still = sqlx::query_scalar!(
        "select id from message where id = $1 and recipient = $2 and state = 'waiting' for share",
        claimed.id.0,
        claimed.recipient,
    );
    Ok(still.fetch_optional(&mut **tx).await?.is_some())
}

/// Renews the lease of a claim while the mail server is slow.
pub async fn hold(conn: &mut PgConnection, claimed: &Claimed) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update message set due_at = now() + $3 where id = $1 and attempts = $2 and state = 'waiting'",
        claimed.id.0,
        claimed.attempt,
        interval(LEASE),
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The text of a mail as it was sent, for staff to read. The secrets of its links are removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentText {
    /// Its subject.
    pub subject: String,
    /// Its plain text.
    pub text: String,
}

/// Far longer than any mail. The constraint `message_sent_text_length` has the same limit.
const LONGEST_TEXT: usize = 20_000;

/// Records that the mail server accepted a mail. This holds whoever has the claim now, because a sent mail is not sent again.
pub async fn sent(conn: &mut PgConnection, id: MessageId, reply: &str, sent: &SentText) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update message set state = 'sent', sent_at = now(), reply = $2, sent_subject = left($3, $5), sent_text = left($4, $5)
         where id = $1 and state <> 'sent'",
        id.0,
        reply,
        sent.subject,
        sent.text,
        i32::try_from(LONGEST_TEXT).unwrap_or(i32::MAX),
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Gives a claim back because the mail server or the database was unavailable. The mail is due again, and the attempt does not
/// count.
pub async fn give_back(conn: &mut PgConnection, claimed: &Claimed, words: &str) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update message set attempts = attempts - 1, due_at = now(), reply = $3
         where id = $1 and attempts = $2 and state = 'waiting'",
        claimed.id.0,
        claimed.attempt,
        words,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Records a failed attempt. The next one is due after the delay.
pub async fn put_off(
    conn: &mut PgConnection,
    claimed: &Claimed,
    reply: &str,
    delay: Duration,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update message set due_at = now() + $4, reply = $3 where id = $1 and attempts = $2 and state = 'waiting'",
        claimed.id.0,
        claimed.attempt,
        reply,
        interval(delay),
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Records that a mail was given up. The reply tells staff why.
pub async fn failed(conn: &mut PgConnection, claimed: &Claimed, reply: &str) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update message set state = 'failed', reply = $3 where id = $1 and attempts = $2 and state = 'waiting'",
        claimed.id.0,
        claimed.attempt,
        reply,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Records that a claimed mail is not sent, because its reader should not get it any more. The words tell staff why.
pub async fn discard(conn: &mut PgConnection, claimed: &Claimed, words: &str) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update message set state = 'discarded', reply = $3 where id = $1 and attempts = $2 and state = 'waiting'",
        claimed.id.0,
        claimed.attempt,
        words,
    )
    .execute(conn)
    .await?;
    Ok(())
}
