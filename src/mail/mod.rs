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
mod meanings;
mod offer;
mod registration;
mod samples;
#[cfg(test)]
mod snapshots;
mod text;
mod transport;
mod unlinked;
mod wording;

pub use compose::Composed;
pub use context::{ComposeError, Context};
pub use kinds::{compose, names as kind_names, optional as optional_kinds, title as kind_title};
pub use mailing::{GAPS, Mailing, Reader, placeholders};
pub use registration::About;
pub use text::{Link, Stands, TextError};
pub use transport::{SendError, Transport};
pub use wording::{Placeholder, Shown, Wording, Wrong, find as find_wording, list as list_wordings};
