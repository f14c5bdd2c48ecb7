//! Makes the mail of an outbox row: its kind reads what it tells and makes its links, its text is filled and sealed.

use std::sync::Arc;

use lettre::Message;

use super::{
    envelope::{Attachment, Envelope, EnvelopeError, ReplyTo, seal},
    kinds::{self, Kind, Receiver},
    text::{self, Declared, Filling, TextError},
};
use crate::{
    clock::Clock,
    config::Settings,
    postgres,
    store::{
        Store,
        outbox::{Claimed, SentText},
    },
    urls,
};

/// What is at hand while a mail is made.
#[derive(Clone, Debug)]
pub struct Context {
    /// What is kept.
    pub store: Store,
    /// What time it is.
    pub clock: Clock,
    /// What the program was told at its start.
    pub settings: Arc<Settings>,
    /// The address that visitors use, without a slash at its end.
    pub public_url: Arc<str>,
}

impl Context {
    /// The whole address of a path.
    pub fn absolute(&self, path: &str) -> String {
        urls::absolute(&self.public_url, path)
    }

    /// The name of our host.
    pub fn host(&self) -> &str {
        urls::host(&self.public_url)
    }
}

/// Why a mail could not be made. Staff read it on the mail page.
#[derive(Debug, thiserror::Error)]
pub enum ComposeError {
    /// The database.
    #[error("the database does not give what it tells ({0})")]
    Store(#[from] sqlx::Error),
    /// Its text.
    #[error("its text is wrong: {0}")]
    Text(#[from] TextError),
    /// The mail itself.
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
    /// A row that says too little.
    #[error("it does not say which {0} it is about")]
    Subject(&'static str),
    /// Its address was corrected after it was claimed; at the next try it goes to the new one.
    #[error("its address was just corrected")]
    Moved,
    /// The row's data are not those of its kind.
    #[error("its data cannot be read ({0})")]
    Data(#[from] serde_json::Error),
    /// Only a newer version knows its kind. Such mails are not claimed.
    #[error("its kind, {0}, is from a newer version")]
    Newer(String),
}

impl ComposeError {
    /// Whether the database could not be used, which says nothing about the mail.
    pub fn is_outage(&self) -> bool {
        matches!(self, Self::Store(error) if postgres::is_unavailable(error))
    }
}

/// A mail that can be sent, and what is kept of it.
#[derive(Debug)]
pub struct Composed {
    /// The mail.
    pub mail: Message,
    /// Its subject and text without secrets, for staff to read.
    pub sent: SentText,
}

/// The mail of this row, as it goes out now.
pub async fn compose(context: &Context, claimed: &Claimed) -> Result<Composed, ComposeError> {
    let kind = kinds::find(&claimed.kind).ok_or_else(|| ComposeError::Newer(claimed.kind.clone()))?;
    (kind.compose)(context, claimed).await
}

/// The mail of a row of this kind.
pub(super) async fn compose_as<K: Kind>(context: &Context, claimed: &Claimed) -> Result<Composed, ComposeError> {
    let kind = K::read(context, claimed).await?;
    let letter = letter(&kind)?;
    // Whoever reads a mail answers the other side: delegates write to operations, operations to the delegate.
    let delegate = kind.delegate().filter(|_| K::RECEIVER == Receiver::Operations);
    let reply_to = match &delegate {
        Some((name, address)) => ReplyTo { name, address },
        None => ReplyTo { name: "", address: context.settings.operations_address.as_str() },
    };
    let envelope = Envelope {
        id: claimed.id,
        host: context.host(),
        from: &context.settings.mail_from,
        reply_to,
        to: &claimed.recipient,
        date: context.clock.now().into(),
    };
    let mail = seal(&envelope, &letter, kind.calendar())?;
    Ok(Composed { mail, sent: SentText { subject: letter.subject, text: letter.masked } })
}

/// The words of a mail of this kind.
pub(super) fn letter<K: Kind>(kind: &K) -> Result<text::Letter, TextError> {
    let declared = Declared { placeholders: K::PLACEHOLDERS, of_frame: K::FRAME.placeholders(), cases: K::CASES };
    let filling = Filling { values: kind.values(), cases: kind.cases() };
    text::letter(K::TEXT, K::FRAME.text(), &declared, &filling)
}

/// The calendar file of a mail, if it has one.
pub type Calendar = Option<Attachment>;
