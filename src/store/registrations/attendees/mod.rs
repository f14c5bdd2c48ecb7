//! Attendees as people find, read and correct them.

mod correct;
mod detail;
mod export;
mod list;
mod needs;
mod row;
mod wanted;

pub use correct::{AttendeeCorrection, Correction, CorrectionError, SharedCorrection, SharedDetails, correct};
pub use detail::{Detail, find};
pub use export::{Export, Exported};
pub use list::{Count, ListPage, Turn, list};
pub use needs::{KeptNeeds, list_with_needs, read_needs, withdraw_consent};
pub(super) use needs::{delete as delete_needs, keep as keep_needs};
pub use row::RegisteredAttendee;
pub(super) use row::{detail_changes, get_details, list_of, update};
pub use wanted::{Order, Wanted};
