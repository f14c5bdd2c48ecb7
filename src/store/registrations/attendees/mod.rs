//! Attendees as staff find, read and correct them.

mod correct;
mod detail;
mod export;
mod list;
mod needs;
mod row;
mod wanted;

pub use correct::{Correction, CorrectionError, correct};
pub use detail::{Detail, find};
pub use export::{Export, Exported};
pub use list::{Count, ListPage, Turn, list};
pub use needs::{KeptNeeds, list_with_needs, read_needs, withdraw_consent};
pub use row::RegisteredAttendee;
pub(super) use row::list_of;
pub use wanted::{Order, Wanted};
