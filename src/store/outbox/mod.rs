//! The outbox: all mails, whatever their state.
//!
//! A mail is inserted in the transaction of its cause. Any instance claims it with a lease, and commits the lease before it
//! starts sending. If an instance dies, its lease ends and another instance claims the mail.

mod account_changed;
mod change;
mod dealing;
pub mod for_mails;
mod held;
mod listed;
mod sending;

use std::{collections::BTreeMap, time::Duration};

use sqlx::{PgTransaction, postgres::types::PgInterval};

pub use account_changed::{AccountChangedData, tell_owner};
pub use change::{ChangeData, ChangeOf, ChangedField, tell_of_change};
pub use dealing::{Owner, count_failed, deal_with, find_owner, send_instead, send_waiting_now};
pub use held::{HeldDecision, count_held, decide_held};
pub use listed::{
    Message, MessageFilter, Open, count_open, drop_changes, find, list, list_of_registration, readdress, send_again,
};
pub use sending::{Claimed, LEASE, SentText, claim, discard, failed, give_back, hold, is_still_for, put_off, sent};

use crate::domain::{
    AccountId, AttendeeId, ConferenceId, EmailChangeId, MailingReaders, MessageId, OfferId, PaymentId,
    PendingRegistrationId, RegistrationId, text_enum,
};

/// The name of a kind of mail: `Kind("…")`. The kinds are in `mail::kinds`; a newer version may have more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind(pub &'static str);

text_enum! {
    /// The state of a mail.
    pub enum MessageState {
        /// It will be sent, now or after a delay.
        Waiting = "waiting",
        /// It was waiting in a backup that was restored, and may have been sent since. It is sent if staff release it.
        Held = "held",
        /// The mail server has accepted it.
        Sent = "sent",
        /// It was given up. The reply says why.
        Failed = "failed",
        /// It is not sent: it was held and staff decided so, or the place that it is about was transferred to somebody else.
        Discarded = "discarded",
    }
}

/// A new mail for the outbox.
#[derive(Clone, Debug)]
pub struct NewMessage<'a> {
    /// Its kind.
    pub kind: Kind,
    /// The address it is sent to.
    pub recipient: &'a str,
    /// The conference it belongs to, if it belongs to one.
    pub conference: Option<ConferenceId>,
    /// The registration it is about.
    pub registration: Option<RegistrationId>,
    /// The attendee it is about.
    pub attendee: Option<AttendeeId>,
    /// The account it is about.
    pub account: Option<AccountId>,
    /// Further data that its text needs; never a secret.
    pub data: serde_json::Value,
}

impl<'a> NewMessage<'a> {
    /// Returns a mail about a registration, or about one of its attendees.
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
    /// The attendees who were cancelled.
    pub attendees: Vec<AttendeeId>,
    /// What staff say about it: in mails to delegates their message, in those to operations the reason. May be empty.
    pub reason: String,
    /// Whether staff have set what remains owed.
    pub is_settled: bool,
    /// The attendee who cancelled with their own link; `None` if the contact or staff cancelled.
    pub by: Option<AttendeeId>,
    /// Those of them who had no place, because they were on the waiting list.
    pub waited: Vec<AttendeeId>,
    /// The word of the [`crate::domain::CancelCause`], if it was an offer that was declined or has lapsed.
    pub cause: Option<String>,
}

impl From<CancellationData> for serde_json::Value {
    fn from(data: CancellationData) -> Self {
        serde_json::to_value(data).expect("keys and text are JSON")
    }
}

/// The `data` of a mail about a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct PaymentData {
    /// The payment, or the reversal of one.
    pub payment: PaymentId,
}

impl From<PaymentData> for serde_json::Value {
    fn from(data: PaymentData) -> Self {
        serde_json::to_value(data).expect("a key is JSON")
    }
}

/// The `data` of a confirmation.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct ConfirmationData {
    /// The attendees it is about: those with its address, or for operations all of them.
    pub attendees: Vec<AttendeeId>,
    /// The attendee whose cancellation was undone, if any.
    pub reinstated: Option<AttendeeId>,
    /// The attendee who accepted the place that was offered, if any.
    pub accepted: Option<AttendeeId>,
    /// Whether the place was transferred to the attendee.
    pub transferred: bool,
}

impl From<ConfirmationData> for serde_json::Value {
    fn from(data: ConfirmationData) -> Self {
        serde_json::to_value(data).expect("keys are JSON")
    }
}

/// The `data` of a mail about the offer of a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct OfferData {
    /// The offer.
    pub offer: OfferId,
}

impl From<OfferData> for serde_json::Value {
    fn from(data: OfferData) -> Self {
        serde_json::to_value(data).expect("a key is JSON")
    }
}

/// The `data` of the mails about a new e-mail address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct EmailChangeData {
    /// The change.
    pub change: EmailChangeId,
}

impl From<EmailChangeData> for serde_json::Value {
    fn from(data: EmailChangeData) -> Self {
        serde_json::to_value(data).expect("keys are JSON")
    }
}

/// The `data` of the mail to somebody who is registered already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct PendingData {
    /// The registration that waits.
    pub pending: PendingRegistrationId,
}

impl From<PendingData> for serde_json::Value {
    fn from(data: PendingData) -> Self {
        serde_json::to_value(data).expect("a key is JSON")
    }
}

/// The `data` of the mail to somebody whose place was transferred.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct TransferData {
    /// The name of the person who gave the place away.
    pub from: String,
    /// The name of the person who got it.
    pub to: String,
}

impl From<TransferData> for serde_json::Value {
    fn from(data: TransferData) -> Self {
        serde_json::to_value(data).expect("text is JSON")
    }
}

/// The `data` of a mail with links that somebody asked for.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct LinkData {
    /// Whose links it brings: registrations, and attendees of them unless it is the contact.
    pub readers: Vec<(RegistrationId, Option<AttendeeId>)>,
}

impl From<LinkData> for serde_json::Value {
    fn from(data: LinkData) -> Self {
        serde_json::to_value(data).expect("keys are JSON")
    }
}

/// The `data` of a mail of a mailing.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct MailingData {
    /// The attendees of the view, if their contact reads it.
    pub attendees: Vec<AttendeeId>,
}

/// The `data` of a mailing that its author tries.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct MailingTestData {
    /// The registration of somebody who would get it.
    pub registration: RegistrationId,
    /// The attendee who would get it; `None` for the contact.
    pub attendee: Option<AttendeeId>,
    /// The attendees of the view, if their contact would get it.
    pub people: Vec<AttendeeId>,
    /// The subject.
    pub subject: String,
    /// The text.
    pub text: String,
    /// The words for what people lack.
    pub instead: BTreeMap<String, String>,
}

impl MailingTestData {
    /// Returns who would read it.
    pub fn readers(&self) -> MailingReaders {
        if self.attendee.is_some() { MailingReaders::Attendees } else { MailingReaders::Contacts }
    }
}

impl From<MailingTestData> for serde_json::Value {
    fn from(data: MailingTestData) -> Self {
        serde_json::to_value(data).expect("keys and text are JSON")
    }
}

/// The kinds of mails that always go to the address that they were queued for, whatever addresses are corrected.
const FIXED: [&str; 3] = ["confirm_email", "email_change", "transfer"];

/// Puts a mail into the outbox in the transaction of its cause.
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
