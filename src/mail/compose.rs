//! Composes the mail of a row of the outbox.

use lettre::Message;

use super::{
    context::{ComposeError, Context},
    envelope::{Envelope, ReplyTo, build},
    kind::{Audience, Kind},
    text::{self, Rendered, TextError},
};
use crate::store::outbox::{Claimed, SentText};

/// A mail that is ready to be sent, and what is recorded of it.
#[derive(Debug)]
pub struct Composed {
    /// The mail.
    pub mail: Message,
    /// Its subject and text without secrets, for staff to read.
    pub sent: SentText,
}

/// Composes the mail of a row of this kind.
pub async fn compose_as<K: Kind>(context: &Context, claimed: &Claimed) -> Result<Composed, ComposeError> {
    let kind = K::read(context, claimed).await?;
    let rendered = render(&kind)?;
    // Replies go to the other side: those of delegates to operations, those of operations to the delegate.
    let delegate = kind.delegate().filter(|_| K::AUDIENCE == Audience::Operations);
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
    let mail = build(&envelope, &rendered, kind.calendar())?;
    Ok(Composed { mail, sent: SentText { subject: rendered.subject, text: rendered.masked } })
}

/// Renders the text of a mail.
pub fn render<K: Kind>(kind: &K) -> Result<Rendered, TextError> {
    text::render(&kind.text(), K::AUDIENCE.frame(), &kind.values(), &kind.cases())
}
