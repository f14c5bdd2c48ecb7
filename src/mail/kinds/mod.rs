//! All kinds of mail. To add one, write a file here (its data, values, cases and examples), write its text in
//! `templates/mail`, and add its two lines to this file. If it needs data that no other mail needs, add a query to
//! `store::outbox::for_mails`. Code puts it into the outbox by its name: `outbox::Kind("…")`.

mod account_changed;
mod already_registered;
mod attendee_confirmation;
mod cancellation;
mod change;
mod confirm_email;
mod contact_confirmation;
mod email_change;
mod link;
mod mailing;
mod mailing_test;
mod offer;
mod offer_lapsed;
mod offer_reminder;
mod operations_cancellation;
mod operations_change;
mod operations_confirmation;
mod operations_offer;
mod payment_recorded;
mod remaining_set;
mod reminder;
mod set_password;
mod transfer;
mod waiting;

use std::pin::Pin;

#[cfg(test)]
use super::examples::{Example, examples};
use super::{
    compose::{Composed, compose_as},
    context::{ComposeError, Context},
    kind::{Audience, Kind, text_of},
    text::{Case, Values},
};
use crate::{domain::Conference, store::outbox::Claimed};

static ALL: &[Entry] = &[
    Entry::of::<operations_confirmation::OperationsConfirmation>(),
    Entry::of::<contact_confirmation::ContactConfirmation>(),
    Entry::of::<attendee_confirmation::AttendeeConfirmation>(),
    Entry::of::<cancellation::Cancellation>(),
    Entry::of::<operations_cancellation::OperationsCancellation>(),
    Entry::of::<reminder::Reminder>(),
    Entry::of::<mailing::Mailing>(),
    Entry::of::<mailing_test::MailingTest>(),
    Entry::of::<waiting::Waiting>(),
    Entry::of::<offer::Offer>(),
    Entry::of::<offer_reminder::OfferReminder>(),
    Entry::of::<offer_lapsed::OfferLapsed>(),
    Entry::of::<operations_offer::OperationsOffer>(),
    Entry::of::<change::Change>(),
    Entry::of::<operations_change::OperationsChange>(),
    Entry::of::<confirm_email::ConfirmEmail>(),
    Entry::of::<email_change::EmailChange>(),
    Entry::of::<transfer::Transfer>(),
    Entry::of::<link::SentLink>(),
    Entry::of::<already_registered::AlreadyRegistered>(),
    Entry::of::<payment_recorded::PaymentRecorded>(),
    Entry::of::<remaining_set::RemainingSet>(),
    Entry::of::<set_password::SetPassword>(),
    Entry::of::<account_changed::AccountChanged>(),
];

type Composing<'a> = Pin<Box<dyn Future<Output = Result<Composed, ComposeError>> + Send + 'a>>;

/// A kind in the list of all kinds.
pub struct Entry {
    /// Its name in the outbox.
    pub name: &'static str,
    /// Its name on the desk's pages.
    pub title: &'static str,
    /// Who receives it.
    pub audience: Audience,
    /// Its text, as shipped; empty if staff write it.
    pub text: &'static str,
    /// Returns its examples for a conference.
    pub samples: fn(&Conference) -> Vec<Sample>,
    can_be_off: bool,
    compose: for<'a> fn(&'a Context, &'a Claimed) -> Composing<'a>,
    /// Renders its examples.
    #[cfg(test)]
    pub examples: fn(&Conference) -> Vec<Example>,
}

/// An example of a kind, with what a text can say of it.
pub struct Sample {
    /// Its name among the examples of its kind; empty for the usual case.
    pub name: &'static str,
    /// The values that a text may name.
    pub values: Values,
    /// The cases that a text may distinguish.
    pub cases: Vec<Case>,
}

fn samples<K: Kind>(of: &Conference) -> Vec<Sample> {
    let samples = K::samples(of).into_iter();
    samples.map(|(name, mail)| Sample { name, values: mail.values(), cases: mail.cases() }).collect()
}

impl Entry {
    const fn of<K: Kind>() -> Self {
        Self {
            name: K::NAME,
            title: K::TITLE,
            audience: K::AUDIENCE,
            text: K::TEXT,
            samples: samples::<K>,
            can_be_off: K::CAN_BE_OFF,
            compose: |context, claimed| Box::pin(compose_as::<K>(context, claimed)),
            #[cfg(test)]
            examples: examples::<K>,
        }
    }
}

impl Entry {
    /// Returns the name of the text with which a conference words it, if it can.
    pub fn text_name(&self) -> Option<String> {
        text_of(self.name, self.audience, self.text)
    }
}

/// Composes the mail of this row as it is sent now.
pub async fn compose(context: &Context, claimed: &Claimed) -> Result<Composed, ComposeError> {
    let kind = find(&claimed.kind).ok_or_else(|| ComposeError::Newer(claimed.kind.clone()))?;
    (kind.compose)(context, claimed).await
}

/// Returns the kind of this name; `None` if only a newer version knows it.
pub fn find(name: &str) -> Option<&'static Entry> {
    ALL.iter().find(|kind| kind.name == name)
}

/// Returns all kinds.
pub fn all() -> &'static [Entry] {
    ALL
}

/// Returns the names of all kinds in the outbox.
pub fn names() -> Vec<String> {
    ALL.iter().map(|kind| kind.name.to_owned()).collect()
}

/// Returns the kinds that a conference can do without: the name of each, and its name on the desk's pages.
pub fn optional() -> impl Iterator<Item = (&'static str, &'static str)> {
    ALL.iter().filter(|kind| kind.can_be_off).map(|kind| (kind.name, kind.title))
}

/// Returns the name of a kind on the desk's pages.
pub fn title(name: &str) -> String {
    find(name).map_or_else(|| format!("{name}, a kind of mail from a newer version"), |kind| kind.title.to_owned())
}
