//! Mails on their way: taken with a lease, and what became of them.

use std::time::Duration;

use sqlx::{PgConnection, PgTransaction};

use crate::domain::{AccountId, AttendeeId, MessageId, RegistrationId};
use crate::store::outbox::interval;

/// How long a taken mail is left to its instance. An instance that lives renews it; the mails of one that died go out
/// this much later.
pub const LEASE: Duration = Duration::from_secs(30);

/// A mail that this instance has taken and will send.
#[derive(Clone, Debug)]
pub struct Claimed {
    /// Which one.
    pub id: MessageId,
    /// The word of its kind.
    pub kind: String,
    /// Whom it goes to.
    pub recipient: String,
    /// The registration it is about.
    pub registration: Option<RegistrationId>,
    /// The attendee it is about.
    pub attendee: Option<AttendeeId>,
    /// The account it is about.
    pub account: Option<AccountId>,
    /// What else its text needs.
    pub data: serde_json::Value,
    /// Which try this is, counted from 1. It tells this claim from the claims of later tries; a claim that was given back was
    /// no try, and the one after it has the same number.
    pub attempt: i32,
}

/// Takes up to `limit` mails that are due, the longest due first, and commits before anything is sent. Until the lease
/// ends no other instance takes them; a mail that somebody else is just taking is passed over, not waited for, and so
/// is one that this instance has in hand still. A mail of another kind than these is left to a newer version, and that is
/// no try.
pub async fn claim(
    conn: &mut PgConnection,
    limit: i64,
    kinds: &[String],
    in_hand: &[MessageId],
) -> Result<Vec<Claimed>, sqlx::Error> {
    let in_hand: Vec<_> = in_hand.iter().map(|id| id.0).collect();
    // As an array, since a plan that does not know the limit takes a tenth of all that waits for it, and a join with so
    // many would read the whole table.
    let rows = sqlx::query!(
        r#"with due as materialized (
               select id from message
               where state = 'waiting' and due_at <= now() and kind = any($3) and id <> all($4)
               order by due_at limit $1 for update skip locked
           )
           update message set attempts = attempts + 1, due_at = now() + $2 where id = any(array(select id from due))
           returning message.id as "id: MessageId", kind, recipient,
               registration_id as "registration: RegistrationId", attendee_id as "attendee: AttendeeId",
               account_id as "account: AccountId", data, attempts"#,
        limit,
        interval(LEASE),
        kinds,
        &in_hand,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Claimed {
            id: row.id,
            kind: row.kind,
            recipient: row.recipient,
            registration: row.registration,
            attendee: row.attendee,
            account: row.account,
            data: row.data,
            attempt: row.attempts,
        })
        .collect())
}

/// Whether a claimed mail still goes to the address it was claimed for. Until the transaction ends nobody gives it
/// another one, so that what it is told in between stays between the two.
pub async fn is_still_for(tx: &mut PgTransaction<'_>, claimed: &Claimed) -> Result<bool, sqlx::Error> {
    let still = sqlx::query_scalar!(
        "select id from message where id = $1 and recipient = $2 for share",
        claimed.id.0,
        claimed.recipient,
    );
    Ok(still.fetch_optional(&mut **tx).await?.is_some())
}

/// Keeps a claim for longer, because the server takes its time.
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

/// A mail as it was sent, for staff to read. Links are without their secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentText {
    /// Its subject.
    pub subject: String,
    /// Its plain text.
    pub text: String,
}

/// No mail is nearly as long (`message_sent_text_length` holds it).
const LONGEST_TEXT: usize = 20_000;

/// The server has taken the mail. True whoever holds the claim by now: what was sent is not sent again.
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

/// Nothing could be said of this mail: the mail server or the database was away. It is due again, and it was no try.
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

/// It did not work this time; it is tried again after the delay.
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

/// It will not work; the reply tells staff why.
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
