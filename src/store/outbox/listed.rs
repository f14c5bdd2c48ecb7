//! Mails as the desk sees them: what waits, what went, what failed, and once more.

use sqlx::{PgConnection, PgTransaction};
use time::OffsetDateTime;

use crate::store::outbox::{LEASE, MessageState, SentText, interval};
use crate::{
    domain::{AttendeeId, ConferenceId, MessageId, RegistrationId, Stored},
    store::Search,
};

/// A mail as the desk lists it.
#[derive(Clone, Debug)]
pub struct Message {
    /// Which one; the list goes by it, because it grows with time.
    pub id: MessageId,
    /// The word of its kind.
    pub kind: String,
    /// Whom it goes to.
    pub recipient: String,
    /// The attendee it is about, or the first one who was cancelled, or the first one of its registration.
    pub attendee: Option<AttendeeId>,
    /// The registration's reference.
    pub reference: Option<String>,
    /// How it stands.
    pub state: Stored<MessageState>,
    /// How often it was tried.
    pub attempts: i32,
    /// When it is tried next, while it waits.
    pub due_at: OffsetDateTime,
    /// The mail server's last words.
    pub reply: Option<String>,
    /// When its cause was committed.
    pub created_at: OffsetDateTime,
    /// When the server took it.
    pub sent_at: Option<OffsetDateTime>,
}

/// Which mails the desk asks for.
#[derive(Clone, Copy, Debug)]
pub struct MessageFilter {
    /// Those of this conference.
    pub conference: ConferenceId,
    /// And those that belong to no conference, as the ones about accounts.
    pub without_conference: bool,
    /// Only those that stand so.
    pub state: Option<MessageState>,
}

macro_rules! messages {
    ($conn:expr, $condition:literal, $($value:expr),+ $(,)?) => {
        sqlx::query!(
            r#"select message.id as "id: MessageId", message.kind, message.recipient,
                   coalesce(message.attendee_id, (message.data->'attendees'->>0)::uuid, first.id) as "attendee: AttendeeId",
                   registration.reference as "reference?",
                   message.state, message.attempts, message.due_at, message.reply, message.created_at, message.sent_at
               from message
               left join registration on registration.id = message.registration_id
               left join attendee first on first.registration_id = message.registration_id and first.position = 1
               where "# + $condition,
            $($value),+
        )
        .fetch_all($conn)
        .await?
        .into_iter()
        .map(|row| {
            Message {
                id: row.id,
                kind: row.kind,
                recipient: row.recipient,
                attendee: row.attendee,
                reference: row.reference,
                state: Stored::read(row.state, MessageState::parse),
                attempts: row.attempts,
                due_at: row.due_at,
                reply: row.reply,
                created_at: row.created_at,
                sent_at: row.sent_at,
            }
        })
        .collect()
    };
}

/// One page of mails, the newest first, beginning after `before`.
pub async fn list(
    search: &mut Search,
    filter: MessageFilter,
    before: Option<MessageId>,
    limit: i64,
) -> Result<Vec<Message>, sqlx::Error> {
    Ok(messages!(
        &mut **search,
        "(message.conference_id = $1 or ($2 and message.conference_id is null))
           and ($3::text is null or message.state = $3) and ($4::uuid is null or message.id < $4)
         order by message.id desc limit $5",
        filter.conference.0,
        filter.without_conference,
        filter.state.map(MessageState::as_str),
        before.map(|id| id.0),
        limit,
    ))
}

/// One mail, and what was sent if it was; `None` if it is none of those.
pub async fn find(
    conn: &mut PgConnection,
    filter: MessageFilter,
    id: MessageId,
) -> Result<Option<(Message, Option<SentText>)>, sqlx::Error> {
    let found: Vec<Message> = messages!(
        &mut *conn,
        "message.id = $1 and (message.conference_id = $2 or ($3 and message.conference_id is null))",
        id.0,
        filter.conference.0,
        filter.without_conference,
    );
    let Some(message) = found.into_iter().next() else { return Ok(None) };
    let sent = sqlx::query!(
        r#"select sent_subject as "subject!", sent_text as "text!" from message
           where id = $1 and sent_subject is not null and sent_text is not null"#,
        id.0,
    )
    .fetch_optional(conn)
    .await?;
    Ok(Some((message, sent.map(|row| SentText { subject: row.subject, text: row.text }))))
}

/// The mails about one registration, the newest first.
pub async fn list_of_registration(
    conn: &mut PgConnection,
    registration: RegistrationId,
) -> Result<Vec<Message>, sqlx::Error> {
    Ok(messages!(conn, "message.registration_id = $1 order by message.id desc limit 200", registration.0))
}

/// How many mails wait, are held and failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Open {
    /// How many wait.
    pub waiting: i64,
    /// How many are held.
    pub held: i64,
    /// How many failed.
    pub failed: i64,
}

/// Counts what needs somebody's eye.
pub async fn count_open(search: &mut Search, filter: MessageFilter) -> Result<Open, sqlx::Error> {
    sqlx::query_as!(
        Open,
        r#"select count(*) filter (where state = 'waiting') as "waiting!", count(*) filter (where state = 'held') as "held!",
               count(*) filter (where state = 'failed') as "failed!"
           from message
           where state in ('waiting', 'held', 'failed') and (conference_id = $1 or ($2 and conference_id is null))"#,
        filter.conference.0,
        filter.without_conference,
    )
    .fetch_one(&mut **search)
    .await
}

/// A mail that goes out once more, for the audit log.
#[derive(Clone, Debug)]
pub struct Again {
    /// Which one; a mail that had arrived goes out as a new one.
    pub id: MessageId,
    /// Whom it goes to this time.
    pub recipient: String,
    /// The registration it is about.
    pub registration: Option<RegistrationId>,
    /// The attendee it is about.
    pub attendee: Option<AttendeeId>,
}

/// Sends a mail once more, to the address that its person has by now: a failed, held or discarded one is tried afresh, a
/// waiting one now, and one that was sent goes out as a new mail, because servers drop a second mail of the same Message-ID. `None`
/// when the conference has no such mail, or when only a newer version knows how it stands.
pub async fn send_again(
    tx: &mut PgTransaction<'_>,
    filter: MessageFilter,
    id: MessageId,
    operations: &str,
) -> Result<Option<Again>, sqlx::Error> {
    let row = sqlx::query!(
        r#"select message.state, message.registration_id as "registration: RegistrationId",
               message.attendee_id as "attendee: AttendeeId",
               coalesce(case
                   when message.kind like 'operations\_%' then $4
                   else coalesce(account.email, attendee.email, registration.contact_email)
               end, message.recipient) as "recipient!"
           from message
           left join registration on registration.id = message.registration_id
           left join attendee on attendee.id = message.attendee_id
           left join account on account.id = message.account_id
           where message.id = $1 and (message.conference_id = $2 or ($3 and message.conference_id is null))
           for update of message"#,
        id.0,
        filter.conference.0,
        filter.without_conference,
        operations,
    )
    .fetch_optional(&mut **tx)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let Some(state) = MessageState::parse(&row.state) else { return Ok(None) };
    let mut again = Again { id, recipient: row.recipient, registration: row.registration, attendee: row.attendee };
    match state {
        MessageState::Failed | MessageState::Held | MessageState::Discarded => {
            sqlx::query!(
                "update message set state = 'waiting', attempts = 0, due_at = now(), recipient = $2 where id = $1",
                id.0,
                again.recipient,
            )
            .execute(&mut **tx)
            .await?;
        }
        // Nearer than a lease, it may be on its way this moment; and it is tried soon anyway.
        MessageState::Waiting => {
            sqlx::query!(
                "update message set due_at = now(), recipient = $2 where id = $1 and due_at > now() + $3",
                id.0,
                again.recipient,
                interval(LEASE),
            )
            .execute(&mut **tx)
            .await?;
        }
        MessageState::Sent => {
            again.id = MessageId::new();
            sqlx::query!(
                "insert into message (id, conference_id, kind, recipient, locale, registration_id, attendee_id, account_id, data)
                 select $2, conference_id, kind, $3, locale, registration_id, attendee_id, account_id, data
                 from message where id = $1",
                id.0,
                again.id.0,
                again.recipient,
            )
            .execute(&mut **tx)
            .await?;
        }
    }
    Ok(Some(again))
}

/// Sends what waits or is held to the addresses that its people have by now: staff corrected one. What goes to the operations
/// desk is known by its kind's first word, also where only a newer version knows the kind.
pub async fn readdress(tx: &mut PgTransaction<'_>, registration: RegistrationId) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r"update message set recipient = coalesce(attendee.email, registration.contact_email)
         from message waiting
         join registration on registration.id = waiting.registration_id
         left join attendee on attendee.id = waiting.attendee_id
         where message.id = waiting.id and message.registration_id = $1 and message.state in ('waiting', 'held')
           and message.kind not like 'operations\_%'",
        registration.0,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
