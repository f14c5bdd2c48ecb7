//! Mail: what each kind of mail says, and how it is sent.

mod account;
mod amounts;
mod compose;
mod conference;
mod context;
mod envelope;
#[cfg(test)]
mod examples;
mod kind;
mod kinds;
mod mailing;
mod offer;
mod registration;
#[cfg(test)]
mod samples;
#[cfg(test)]
mod snapshots;
mod text;
mod transport;
mod unlinked;

pub use compose::Composed;
pub use context::{ComposeError, Context};
pub use kinds::{compose, names as kind_names, optional as optional_kinds, title as kind_title};
pub use mailing::{GAPS, Mailing, Reader, placeholders};
pub use registration::About;
pub use text::{Link, TextError};
pub use transport::{SendError, Transport};
