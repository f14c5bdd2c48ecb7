//! Mails as the desk lists them, and sending one again.

use sqlx::{PgConnection, PgTransaction};
use time::OffsetDateTime;

use crate::store::outbox::{FIXED, LEASE, MessageState, SentText, interval};
use crate::{
    domain::{AttendeeId, ConferenceId, MailingId, MessageId, RegistrationId, Stored},
    store::Search,
};

/// A mail as the desk lists it.
#[derive(Clone, Debug)]
pub struct Message {
    /// Its key. The list is sorted by it, because keys grow with time.
    pub id: MessageId,
    /// The name of its kind.
    pub kind: String,
    /// The address it is sent to.
    pub recipient: String,
    /// The attendee it is about, or the first one who was cancelled, or the first one of its registration.
    pub attendee: Option<AttendeeId>,
    /// The attendee to whom it is sent; `None` if it is sent to a contact or to operations.
    pub to_attendee: Option<AttendeeId>,
    /// The registration's reference.
    pub reference: Option<String>,
    /// Its subject, if it was sent or belongs to a mailing. Other subjects are written when a mail is sent.
    pub subject: Option<String>,
    /// The mailing that it belongs to.
    pub mailing: Option<MailingId>,
    /// Its state.
    pub state: Stored<MessageState>,
    /// The number of attempts so far.
    pub attempts: i32,
    /// When the next attempt is due, while it is waiting.
    pub due_at: OffsetDateTime,
    /// The last reply of the mail server.
    pub reply: Option<String>,
    /// When it was put into the outbox.
    pub created_at: OffsetDateTime,
    /// When the mail server accepted it.
    pub sent_at: Option<OffsetDateTime>,
    /// When staff marked it as dealt with.
    pub dealt_with_at: Option<OffsetDateTime>,
    /// The mail that was sent instead, after its address was corrected.
    pub instead: Option<MessageId>,
    /// The address of that mail.
    pub instead_recipient: Option<String>,
}

impl Message {
    /// Whether it has failed and nobody has dealt with it.
    pub fn needs_somebody(&self) -> bool {
        self.state.is(MessageState::Failed) && self.dealt_with_at.is_none()
    }

    /// Whether it is sent to the contact of a registration.
    pub fn is_to_contact(&self) -> bool {
        self.to_attendee.is_none() && !self.kind.starts_with("operations_")
    }
}

/// Selects mails.
#[derive(Clone, Copy, Debug)]
pub struct MessageFilter {
    /// Mails of this conference.
    pub conference: ConferenceId,
    /// Whether mails that belong to no conference are included, such as those about accounts.
    pub without_conference: bool,
    /// Only mails in this state.
    pub state: Option<MessageState>,
    /// Only mails of this mailing.
    pub mailing: Option<MailingId>,
}

macro_rules! messages {
    ($conn:expr, $condition:literal, $($value:expr),+ $(,)?) => {
        sqlx::query_as!(
            Message,
            r#"select message.id as "id: MessageId", message.kind, message.recipient,
                   coalesce(message.attendee_id, (message.data->'attendees'->>0)::uuid, first.id) as "attendee: AttendeeId",
                   message.attendee_id as "to_attendee: AttendeeId", registration.reference as "reference?",
                   coalesce(message.sent_subject, mailing.subject) as subject, message.mailing_id as "mailing: MailingId",
                   message.state as "state: Stored<MessageState>", message.attempts, message.due_at, message.reply,
                   message.created_at, message.sent_at, message.dealt_with_at, message.instead_id as "instead: MessageId",
                   other.recipient as "instead_recipient?"
               from message
               left join mailing on mailing.id = message.mailing_id
               left join message other on other.id = message.instead_id
               left join registration on registration.id = message.registration_id
               left join attendee first on first.registration_id = message.registration_id and first.position = 1
               where "# + $condition,
            $($value),+
        )
        .fetch_all($conn)
        .await
    };
}

/// Lists one page of mails that are older than `before`, the newest first. If `words` is not empty, only those whose address or
/// subject contains it.
pub async fn list(
    search: &mut Search,
    filter: MessageFilter,
    words: &str,
    before: Option<MessageId>,
    limit: i64,
) -> Result<Vec<Message>, sqlx::Error> {
    // The index of the words leaves out mails that wait, so those are searched one by one.
    messages!(
        &mut **search,
        "(message.conference_id = $1 or ($2 and message.conference_id is null))
           and ($3::text is null or message.state = $3) and ($4::uuid is null or message.id < $4)
           and ($6::uuid is null or message.mailing_id = $6)
           and ($7::text is null or message.id = any(array(
               select id from message where state <> 'waiting' and recipient || ' ' || coalesce(sent_subject, '') ilike $7
               union all
               select id from message where state = 'waiting' and recipient ilike $7
               union all
               select message.id from mailing join message on message.mailing_id = mailing.id where mailing.subject ilike $7)))
         order by message.id desc limit $5",
        filter.conference.0,
        filter.without_conference,
        filter.state.map(MessageState::as_str),
        before.map(|id| id.0),
        limit,
        filter.mailing.map(|id| id.0),
        contains(words),
    )
}

/// Returns the pattern for texts that contain the words; `None` if there are none.
fn contains(words: &str) -> Option<String> {
    let literal = |c: char| if matches!(c, '%' | '_' | '\\') { vec!['\\', c] } else { vec![c] };
    (!words.is_empty()).then(|| format!("%{}%", words.chars().flat_map(literal).collect::<String>()))
}

/// Finds a mail that the filter allows, and the text that was sent, if it was.
pub async fn find(
    conn: &mut PgConnection,
    filter: MessageFilter,
    id: MessageId,
) -> Result<Option<(Message, Option<SentText>)>, sqlx::Error> {
    let found = messages!(
        &mut *conn,
        "message.id = $1 and (message.conference_id = $2 or ($3 and message.conference_id is null))",
        id.0,
        filter.conference.0,
        filter.without_conference,
    )?;
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

/// Lists the mails about one registration, the newest first.
pub async fn list_of_registration(
    conn: &mut PgConnection,
    registration: RegistrationId,
) -> Result<Vec<Message>, sqlx::Error> {
    messages!(conn, "message.registration_id = $1 order by message.id desc limit 200", registration.0)
}

/// The numbers of mails that may need attention.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Open {
    /// How many are waiting.
    pub waiting: i64,
    /// How many are held.
    pub held: i64,
    /// How many have failed.
    pub failed: i64,
    /// How many of these nobody has dealt with.
    pub needs_somebody: i64,
}

/// Counts the mails that may need attention.
pub async fn count_open(search: &mut Search, filter: MessageFilter) -> Result<Open, sqlx::Error> {
    sqlx::query_as!(
        Open,
        r#"select count(*) filter (where state = 'waiting') as "waiting!", count(*) filter (where state = 'held') as "held!",
               count(*) filter (where state = 'failed') as "failed!",
               count(*) filter (where state = 'failed' and dealt_with_at is null) as "needs_somebody!"
           from message
           where state in ('waiting', 'held', 'failed') and (conference_id = $1 or ($2 and conference_id is null))"#,
        filter.conference.0,
        filter.without_conference,
    )
    .fetch_one(&mut **search)
    .await
}

/// A mail that is sent again, for the audit log.
#[derive(Clone, Debug)]
pub struct Again {
    /// Its key. A mail that was already sent becomes a new mail.
    pub id: MessageId,
    /// The address it is sent to now.
    pub recipient: String,
    /// The registration it is about.
    pub registration: Option<RegistrationId>,
    /// The attendee it is about.
    pub attendee: Option<AttendeeId>,
}

/// Sends a mail again, to the current address of its recipient. A failed, held or discarded mail starts over, a waiting one is
/// due now, and one that was sent becomes a new mail, because servers drop a second mail with the same Message-ID. Returns
/// `None` if the filter allows no such mail, or if only a newer version knows its state.
pub async fn send_again(
    tx: &mut PgTransaction<'_>,
    filter: MessageFilter,
    id: MessageId,
    operations: &str,
) -> Result<Option<Again>, sqlx::Error> {
    let row = sqlx::query!(
        r#"select message.state as "state: Stored<MessageState>", message.registration_id as "registration: RegistrationId",
               message.attendee_id as "attendee: AttendeeId",
               coalesce(case
                   when message.kind like 'operations\_%' then $4
                   when message.kind = any($5) then message.recipient
                   else coalesce(account.email, attendee.email, contact.email)
               end, message.recipient) as "recipient!"
           from message
           left join contact on contact.registration_id = message.registration_id
           left join attendee on attendee.id = message.attendee_id
           left join account on account.id = message.account_id
           where message.id = $1 and (message.conference_id = $2 or ($3 and message.conference_id is null))
           for update of message"#,
        id.0,
        filter.conference.0,
        filter.without_conference,
        operations,
        &FIXED as &[&str],
    )
    .fetch_optional(&mut **tx)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let Stored::Known(state) = row.state else { return Ok(None) };
    let mut again = Again { id, recipient: row.recipient, registration: row.registration, attendee: row.attendee };
    match state {
        MessageState::Failed | MessageState::Held | MessageState::Discarded => {
            sqlx::query!(
                "update message set state = 'waiting', attempts = 0, due_at = now(), recipient = $2, dealt_with_at = null
                 where id = $1",
                id.0,
                again.recipient,
            )
            .execute(&mut **tx)
            .await?;
        }
        // If it is due within the length of a lease, it may be in progress, and it is tried soon anyway.
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
                "insert into message (id, conference_id, kind, recipient, locale, registration_id, attendee_id, account_id,
                     mailing_id, data)
                 select $2, conference_id, kind, $3, locale, registration_id, attendee_id, account_id, mailing_id, data
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

/// Readdresses the waiting and held mails about a registration after an address was corrected. Mails to the operations desk
/// are recognised by the beginning of their kind, so that kinds of a newer version are recognised too.
pub async fn readdress(tx: &mut PgTransaction<'_>, registration: RegistrationId) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r"update message set recipient = coalesce(attendee.email, contact.email)
         from message waiting
         join contact on contact.registration_id = waiting.registration_id
         left join attendee on attendee.id = waiting.attendee_id
         where message.id = waiting.id and message.registration_id = $1 and message.state in ('waiting', 'held')
           and message.kind not like 'operations\_%' and message.kind <> all($2)",
        registration.0,
        &FIXED as &[&str],
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Discards the waiting mails that tell an attendee of changes or bring their link, because the place now belongs to somebody
/// else.
pub async fn drop_changes(tx: &mut PgTransaction<'_>, attendee: AttendeeId) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update message set state = 'discarded', reply = 'the place was transferred to somebody else'
         where attendee_id = $1 and state in ('waiting', 'held') and kind in ('change', 'link', 'already_registered')",
        attendee.0,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
