//! Composes the mail of a row of the outbox.

use lettre::Message;

use super::{
    context::{ComposeError, Context},
    envelope::{Envelope, ReplyTo, build},
    kind::{Audience, Kind, text_of},
    text::{self, Rendered, TextError},
};
use crate::store::{
    outbox::{Claimed, SentText},
    published_texts,
};

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
    let rendered = worded(context, claimed, &kind).await?;
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

/// Renders a mail in the words of its conference, or as shipped. A mail is never lost by what organisers wrote: it was checked when it
/// was saved, but perhaps by an older program.
async fn worded<K: Kind>(context: &Context, claimed: &Claimed, kind: &K) -> Result<Rendered, ComposeError> {
    let own = match text_of(K::NAME, K::AUDIENCE, K::TEXT) {
        Some(name) => published_texts::find_for_mail(&mut *context.store.read().await?, claimed.id, &name).await?,
        None => None,
    };
    if let Some(own) = own {
        let (values, cases) = (kind.values(), kind.cases());
        match text::render(&own, K::AUDIENCE.frame(), &values, &cases) {
            Ok(rendered) if text::missing_links(K::TEXT, &own, &values, &cases)?.is_empty() => return Ok(rendered),
            Ok(_) => {
                tracing::warn!(kind = K::NAME, "a text lacks a link that its reader needs; the shipped text is sent");
            }
            Err(error) => tracing::warn!(kind = K::NAME, %error, "a text cannot be read; the shipped text is sent"),
        }
    }
    Ok(render(kind)?)
}

/// Renders the text of a mail as shipped.
pub fn render<K: Kind>(kind: &K) -> Result<Rendered, TextError> {
    text::render(&kind.text(), K::AUDIENCE.frame(), &kind.values(), &kind.cases())
}
