//! Mail: what each kind says, and how it leaves the house.

mod compose;
mod edition;
mod envelope;
mod kinds;
mod registration;
mod shown;
#[cfg(test)]
mod snapshots;
mod text;
mod transport;

pub use compose::{Composed, Context, compose};
pub use kinds::{names as kind_names, title as kind_title};
pub use shown::{has_link, shown, unlinked, unlinked_lines};
pub use transport::{SendError, Transport};
