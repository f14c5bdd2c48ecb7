//! Mail: what it says, and how it leaves the house. What a mail is about comes from the caller; nothing here knows the
//! database.

mod envelope;
pub mod letters;
mod shown;
#[cfg(test)]
mod snapshots;
mod transport;

pub use envelope::{Attachment, Envelope, EnvelopeError, ReplyTo, seal};
pub use letters::Letter;
pub use shown::{has_link, shown, unlinked, unlinked_lines};
pub use transport::{SendError, Transport};
