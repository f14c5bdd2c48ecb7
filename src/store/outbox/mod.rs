//! The outbox: mails waiting, held, sent, failed and discarded.
//!
//! A mail is a row from the moment its cause is committed. Any instance takes it with a lease that is committed before
//! the sending starts; an instance that dies lets its lease run out, and another one takes the mail.

mod account_changed;
pub mod for_mails;
mod held;
mod listed;
mod sending;

use std::time::Duration;

use sqlx::{PgTransaction, postgres::types::PgInterval};

pub use account_changed::{AccountChangedData, tell_owner};
pub use held::{HeldDecision, count_held, decide_held};
pub use listed::{Message, MessageFilter, Open, count_open, find, list, list_of_registration, readdress, send_again};
pub use sending::{Claimed, LEASE, SentText, claim, failed, give_back, hold, is_still_for, put_off, sent};

use crate::domain::{AccountId, AttendeeId, ConferenceId, MessageId, RegistrationId};

/// The word by which a kind of mail is known: `Kind("…")`. What the kinds say is in `mail::kinds`; a newer version may know
/// more of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind(pub &'static str);

/// How a mail stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageState {
    /// It will be sent, now or after a delay.
    Waiting,
    /// It waited in a backup that was restored, and may have been sent since: it goes out when staff release it.
    Held,
    /// The mail server has taken it.
    Sent,
    /// It was given up; the server's words say why.
    Failed,
    /// It was held, and staff decided that it is not sent.
    Discarded,
}

impl MessageState {
    const ALL: [Self; 5] = [Self::Waiting, Self::Held, Self::Sent, Self::Failed, Self::Discarded];

    /// The word that the database and addresses use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Held => "held",
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Discarded => "discarded",
        }
    }

    /// The state of this word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

/// A mail to put into the outbox.
#[derive(Clone, Debug)]
pub struct NewMessage<'a> {
    /// What it is for.
    pub kind: Kind,
    /// Whom it goes to.
    pub recipient: &'a str,
    /// The conference it belongs to, if it belongs to one.
    pub conference: Option<ConferenceId>,
    /// The registration it is about.
    pub registration: Option<RegistrationId>,
    /// The attendee it is about.
    pub attendee: Option<AttendeeId>,
    /// The account it is about.
    pub account: Option<AccountId>,
    /// What else its text needs; never a secret.
    pub data: serde_json::Value,
}

impl<'a> NewMessage<'a> {
    /// One about a registration, or about one of its attendees.
    pub fn about(
        (conference, registration): (ConferenceId, RegistrationId),
        attendee: Option<AttendeeId>,
        kind: Kind,
        recipient: &'a str,
        data: impl Into<serde_json::Value>,
    ) -> Self {
        Self {
            kind,
            recipient,
            conference: Some(conference),
            registration: Some(registration),
            attendee,
            account: None,
            data: data.into(),
        }
    }
}

/// The `data` of a mail about a cancellation.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct CancellationData {
    /// Who was cancelled just now.
    pub attendees: Vec<AttendeeId>,
    /// What staff said about it; empty when the delegate cancelled.
    pub reason: String,
    /// The attendee who cancelled with their own link; `None` for the contact and staff.
    pub by: Option<AttendeeId>,
}

impl From<CancellationData> for serde_json::Value {
    fn from(data: CancellationData) -> Self {
        serde_json::to_value(data).expect("keys and text are JSON")
    }
}

/// The `data` of a confirmation.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct ConfirmationData {
    /// Whom it is about: the attendees who read their mail at its address, or for operations all of them.
    pub attendees: Vec<AttendeeId>,
    /// Whose cancellation was undone, if that is what it tells.
    pub reinstated: Option<AttendeeId>,
}

impl From<ConfirmationData> for serde_json::Value {
    fn from(data: ConfirmationData) -> Self {
        serde_json::to_value(data).expect("keys are JSON")
    }
}

/// Puts a mail into the outbox, in the transaction of its cause.
pub async fn enqueue(tx: &mut PgTransaction<'_>, message: NewMessage<'_>) -> Result<MessageId, sqlx::Error> {
    let id = MessageId::new();
    sqlx::query!(
        "insert into message (id, conference_id, kind, recipient, registration_id, attendee_id, account_id, data)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        id.0,
        message.conference.map(|id| id.0),
        message.kind.0,
        message.recipient,
        message.registration.map(|id| id.0),
        message.attendee.map(|id| id.0),
        message.account.map(|id| id.0),
        message.data,
    )
    .execute(&mut **tx)
    .await?;
    Ok(id)
}

fn interval(duration: Duration) -> PgInterval {
    PgInterval { months: 0, days: 0, microseconds: i64::try_from(duration.as_micros()).unwrap_or(i64::MAX) }
}
