//! The kinds of mail. To add one: a file here (what it needs, how it reads that, its values, sample data, who receives it),
//! its text in `templates/mail`, its two lines in this file, and, where it tells something that no mail told before, a query
//! in `store::for_mails`. Whatever happens then puts it into the outbox by its name: `outbox::Kind("…")`.

mod account_changed;
mod attendee_confirmation;
mod cancellation;
mod contact_confirmation;
mod operations_cancellation;
mod operations_confirmation;
mod set_password;

use std::pin::Pin;

use super::{
    compose::{Calendar, ComposeError, Composed, Context, compose_as},
    edition,
    text::{Placeholder, Values},
};
use crate::store::outbox::Claimed;

/// All kinds.
static ALL: &[Entry] = &[
    Entry::of::<operations_confirmation::OperationsConfirmation>(),
    Entry::of::<contact_confirmation::ContactConfirmation>(),
    Entry::of::<attendee_confirmation::AttendeeConfirmation>(),
    Entry::of::<cancellation::Cancellation>(),
    Entry::of::<operations_cancellation::OperationsCancellation>(),
    Entry::of::<set_password::SetPassword>(),
    Entry::of::<account_changed::AccountChanged>(),
];

/// A kind of mail: what one mail of it needs, and what all of them share.
pub trait Kind: Send + Sync + Sized + 'static {
    /// The word that the outbox knows it by, for ever. That of a mail to the operations desk begins with `operations_`.
    const NAME: &'static str;
    /// What the desk calls it.
    const TITLE: &'static str;
    /// Who receives it.
    const RECEIVER: Receiver;
    /// Its text; [`text!`] finds it.
    const TEXT: &'static str;
    /// What stands around its text.
    const FRAME: Frame;
    /// The values that its text may name, beside those of its frame.
    const PLACEHOLDERS: &'static [Placeholder];
    /// The cases that its text may tell apart.
    const CASES: &'static [&'static str] = &[];

    /// Reads what the mail of this row tells, and makes its links.
    fn read(context: &Context, claimed: &Claimed) -> impl Future<Output = Result<Self, ComposeError>> + Send;

    /// Its values, with those of its frame.
    fn values(&self) -> Values;

    /// The cases that apply.
    fn cases(&self) -> Vec<&'static str> {
        Vec::new()
    }

    /// The name and address of the delegate whom the operations desk answers.
    fn delegate(&self) -> Option<(String, String)> {
        None
    }

    /// The calendar file that goes with it.
    fn calendar(&self) -> Calendar {
        None
    }

    /// Mails of this kind as examples, each with a name; together they show every case.
    #[cfg(test)]
    fn samples() -> Vec<(&'static str, Self)>;
}

/// Who receives a kind of mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Receiver {
    /// The operations desk.
    Operations,
    /// Whoever registered, or an attendee.
    Delegate,
    /// Somebody with an account.
    Account,
}

/// What stands around a text: the line above the heading, the foot, and values that it fills.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frame {
    /// For delegates: the conference, and whom to ask.
    Conference,
    /// For the operations desk: which conference it is about.
    Operations,
    /// For people with accounts, who belong to no conference.
    Site,
}

/// The text of this name in `templates/mail`.
macro_rules! text {
    ($path:literal) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/templates/", $path))
    };
}
use text;

impl Frame {
    /// Its text.
    pub fn text(self) -> &'static str {
        match self {
            Self::Conference => text!("mail/frame_conference.md"),
            Self::Operations => text!("mail/frame_operations.md"),
            Self::Site => text!("mail/frame_site.md"),
        }
    }

    /// The values that it fills.
    pub fn placeholders(self) -> &'static [Placeholder] {
        const SITE: &[Placeholder] = &[Placeholder::address("site", "the site")];
        match self {
            Self::Conference | Self::Operations => edition::PLACEHOLDERS,
            Self::Site => SITE,
        }
    }
}

type Composing<'a> = Pin<Box<dyn Future<Output = Result<Composed, ComposeError>> + Send + 'a>>;

/// A kind in the list of all kinds.
pub struct Entry {
    /// Its word.
    pub name: &'static str,
    title: &'static str,
    /// Makes the mail of a row.
    pub compose: for<'a> fn(&'a Context, &'a Claimed) -> Composing<'a>,
    /// Checks what it declares, and writes its examples.
    #[cfg(test)]
    pub examples: fn() -> Vec<super::snapshots::Example>,
}

impl Entry {
    const fn of<K: Kind>() -> Self {
        Self {
            name: K::NAME,
            title: K::TITLE,
            compose: |context, claimed| Box::pin(compose_as::<K>(context, claimed)),
            #[cfg(test)]
            examples: super::snapshots::examples::<K>,
        }
    }
}

/// The kind of this word; `None` if only a newer version knows it.
pub fn find(name: &str) -> Option<&'static Entry> {
    ALL.iter().find(|kind| kind.name == name)
}

/// All kinds.
#[cfg(test)]
pub fn all() -> &'static [Entry] {
    ALL
}

/// The words that the outbox knows the kinds by.
pub fn names() -> Vec<String> {
    ALL.iter().map(|kind| kind.name.to_owned()).collect()
}

/// What the desk calls the kind of this word.
pub fn title(name: &str) -> String {
    find(name).map_or_else(|| format!("{name}, a kind of mail from a newer version"), |kind| kind.title.to_owned())
}
