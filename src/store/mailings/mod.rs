//! Mailings: what staff write to the people of a view. A mailing is one row until it is due; then each recipient is a mail in the
//! outbox.

mod readers;
mod sending;

use std::collections::BTreeMap;

use sqlx::{PgConnection, PgTransaction};
use time::OffsetDateTime;

use crate::domain::{AccountId, ConferenceId, MailSubject, MailText, MailingId, MailingReaders, Stored, SubmissionId};

pub use readers::{Counted, Lacking, Needed, Readers, count, list as list_readers, list_lacking};
pub use sending::{Claimed, claim, give_up, queue, stop};

/// The words that stand for placeholders which somebody lacks, by the names of the placeholders.
pub type Instead = BTreeMap<String, String>;

/// A mailing to keep.
#[derive(Clone, Debug)]
pub struct NewMailing {
    /// The conference.
    pub conference: ConferenceId,
    /// The copy of the form.
    pub submission: SubmissionId,
    /// The query of the view.
    pub view: String,
    /// Who gets the mails.
    pub readers: MailingReaders,
    /// Whether it also goes to people who are cancelled.
    pub with_cancelled: bool,
    /// The subject.
    pub subject: MailSubject,
    /// The text.
    pub text: MailText,
    /// The words for what people lack.
    pub instead: Instead,
    /// When it is sent.
    pub due_at: OffsetDateTime,
    /// Who wrote it.
    pub account: AccountId,
}

/// Whether a mailing is new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Added {
    /// It is new.
    New(MailingId),
    /// The same copy of the form had made it before.
    Before(MailingId),
}

/// Keeps a mailing, once for each copy of the form.
pub async fn add(tx: &mut PgTransaction<'_>, new: &NewMailing, now: OffsetDateTime) -> Result<Added, sqlx::Error> {
    let id = MailingId::new();
    let added = sqlx::query!(
        "insert into mailing (id, conference_id, submission_id, view, readers, with_cancelled, subject, text, instead, due_at,
             account_id, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
         on conflict (submission_id) do nothing",
        id.0,
        new.conference.0,
        new.submission.0,
        new.view,
        new.readers.as_str(),
        new.with_cancelled,
        new.subject.as_str(),
        new.text.as_str(),
        serde_json::to_value(&new.instead).unwrap_or_default(),
        new.due_at,
        new.account.0,
        now,
    )
    .execute(&mut **tx)
    .await?;
    if added.rows_affected() == 1 {
        return Ok(Added::New(id));
    }
    let before = sqlx::query_scalar!(
        r#"select id as "id: MailingId" from mailing where submission_id = $1 and conference_id = $2"#,
        new.submission.0,
        new.conference.0,
    );
    Ok(Added::Before(before.fetch_one(&mut **tx).await?))
}

/// What a mailing says.
#[derive(Clone, Debug)]
pub struct Writing {
    /// Whether people who are cancelled read it.
    pub with_cancelled: bool,
    /// The subject.
    pub subject: String,
    /// The text.
    pub text: String,
    /// The words for what people lack.
    pub instead: Instead,
}

/// Returns what a mailing says.
pub async fn get_writing(conn: &mut PgConnection, id: MailingId) -> Result<Writing, sqlx::Error> {
    let row = sqlx::query!("select with_cancelled, subject, text, instead from mailing where id = $1", id.0,)
        .fetch_one(conn)
        .await?;
    Ok(Writing {
        with_cancelled: row.with_cancelled,
        subject: row.subject,
        text: row.text,
        instead: serde_json::from_value(row.instead).unwrap_or_default(),
    })
}

/// A mailing as the desk shows it.
#[derive(Clone, Debug)]
pub struct Mailing {
    /// The key.
    pub id: MailingId,
    /// The query of the view.
    pub view: String,
    /// The word of who gets the mails.
    pub readers: Stored<MailingReaders>,
    /// Whether it also goes to people who are cancelled.
    pub with_cancelled: bool,
    /// The subject.
    pub subject: String,
    /// The text.
    pub text: String,
    /// The name of who wrote it.
    pub author: String,
    /// When it was written.
    pub created_at: OffsetDateTime,
    /// When it is or was due.
    pub due_at: OffsetDateTime,
    /// When its mails were put into the outbox.
    pub queued_at: Option<OffsetDateTime>,
    /// How many mails these were.
    pub queued: i32,
    /// When it was stopped.
    pub stopped_at: Option<OffsetDateTime>,
    /// The name of who stopped it. `None` if it was stopped because its view could not be read, or by a restore.
    pub stopped_by: Option<String>,
    /// How many of its mails are waiting.
    pub waiting: i64,
    /// How many were sent.
    pub sent: i64,
    /// How many have failed.
    pub failed: i64,
    /// How many are held since a backup was restored.
    pub held: i64,
    /// How many were not sent, because it was stopped or their readers should not get them any more.
    pub discarded: i64,
}

impl Mailing {
    /// Whether it waits for its time.
    pub fn is_scheduled(&self) -> bool {
        self.queued_at.is_none() && self.stopped_at.is_none()
    }

    /// Whether something of it can still be stopped.
    pub fn can_be_stopped(&self) -> bool {
        self.stopped_at.is_none() && (self.queued_at.is_none() || self.waiting + self.held > 0)
    }
}

macro_rules! mailings {
    ($conn:expr, $condition:literal, $($value:expr),+ $(,)?) => {
        sqlx::query_as!(
            Mailing,
            r#"select mailing.id as "id: MailingId", view, readers as "readers: Stored<MailingReaders>", with_cancelled, subject,
                   text, author.name as author, mailing.created_at, due_at, queued_at, coalesce(queued, 0) as "queued!",
                   stopped_at, stopper.name as "stopped_by?", counted.waiting as "waiting!", counted.sent as "sent!",
                   counted.failed as "failed!", counted.held as "held!", counted.discarded as "discarded!"
               from mailing
               join account author on author.id = mailing.account_id
               left join account stopper on stopper.id = mailing.stopped_by
               cross join lateral (
                   select count(*) filter (where state = 'waiting') as waiting, count(*) filter (where state = 'sent') as sent,
                       count(*) filter (where state = 'failed') as failed, count(*) filter (where state = 'held') as held,
                       count(*) filter (where state = 'discarded') as discarded
                   from message where mailing_id = mailing.id
               ) as counted
               where "# + $condition,
            $($value),+
        )
        .fetch_all($conn)
        .await
    };
}

/// Finds a mailing of this conference.
pub async fn find(
    conn: &mut PgConnection,
    conference: ConferenceId,
    id: MailingId,
) -> Result<Option<Mailing>, sqlx::Error> {
    let found = mailings!(conn, "mailing.conference_id = $1 and mailing.id = $2", conference.0, id.0)?;
    Ok(found.into_iter().next())
}

/// Lists one page of mailings that are older than `before`, the newest first.
pub async fn list(
    conn: &mut PgConnection,
    conference: ConferenceId,
    before: Option<MailingId>,
    limit: i64,
) -> Result<Vec<Mailing>, sqlx::Error> {
    mailings!(
        conn,
        "mailing.conference_id = $1 and ($2::uuid is null or mailing.id < $2) order by mailing.id desc limit $3",
        conference.0,
        before.map(|id| id.0),
        limit,
    )
}
