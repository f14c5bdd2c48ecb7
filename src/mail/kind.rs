//! What every kind of mail defines.

use std::borrow::Cow;

use super::{
    context::{ComposeError, Context},
    envelope::Attachment,
    text::{Case, Values},
};
use crate::{domain::Conference, store::outbox::Claimed};

/// A kind of mail. A value of the type holds the data of one mail.
pub trait Kind: Send + Sync + Sized + 'static {
    /// Its name in the outbox, which never changes. The name of a mail to the operations desk begins with `operations_`.
    const NAME: &'static str;
    /// Its name on the desk's pages.
    const TITLE: &'static str;
    /// Who receives it.
    const AUDIENCE: Audience;
    /// Whether a conference can do without it.
    const CAN_BE_OFF: bool = matches!(Self::AUDIENCE, Audience::Operations);
    /// Its text, included with `markdown!`.
    const TEXT: &'static str;

    /// Reads the data for the mail of this row, and creates its links.
    fn read(context: &Context, claimed: &Claimed) -> impl Future<Output = Result<Self, ComposeError>> + Send;

    /// Returns the text of this mail. Only staff write texts that differ from mail to mail.
    fn text(&self) -> Cow<'_, str> {
        Cow::Borrowed(Self::TEXT)
    }

    /// Returns the values that its text may name, and those of the frame. The names are the same for every mail.
    fn values(&self) -> Values;

    /// Returns the cases that its text may distinguish, each with whether it applies.
    fn cases(&self) -> Vec<Case> {
        Vec::new()
    }

    /// Returns the name and address of the delegate whom the operations desk answers.
    fn delegate(&self) -> Option<(String, String)> {
        None
    }

    /// Returns the calendar file that is attached.
    fn calendar(&self) -> Option<Attachment> {
        None
    }

    /// Returns mails of this kind about this conference as examples, each with a name. Together they show every case.
    fn samples(of: &Conference) -> Vec<(&'static str, Self)>;
}

/// Returns the name of the text with which a conference words a kind of mail; `None` for mails that belong to no conference, and those
/// that staff write.
pub fn text_of(kind: &str, audience: Audience, shipped: &str) -> Option<String> {
    let is_worded = audience != Audience::AccountOwner && !shipped.is_empty();
    is_worded.then(|| format!("mail-{}", kind.replace('_', "-")))
}

/// Who receives a kind of mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// The operations desk.
    Operations,
    /// The contact of a registration, or an attendee.
    Delegate,
    /// The owner of an account.
    AccountOwner,
}

/// Includes a text of `templates`.
macro_rules! markdown {
    ($path:literal) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/templates/", $path))
    };
}
pub(super) use markdown;

impl Audience {
    /// Returns the text of the frame: the line above the heading, and the foot.
    pub fn frame(self) -> &'static str {
        match self {
            Self::Operations => markdown!("mail/frame_operations.md"),
            Self::Delegate => markdown!("mail/frame_conference.md"),
            Self::AccountOwner => markdown!("mail/frame_site.md"),
        }
    }
}
