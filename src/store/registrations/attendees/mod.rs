//! Attendees as staff find, read and correct them.

mod correct;
mod detail;
mod export;
mod list;
mod needs;
mod wanted;

pub use correct::{Correction, CorrectionError, correct};
pub use detail::{Detail, find};
pub use export::{Export, ExportLine};
pub use list::{Count, Line, ListedAttendee, Turn, list};
pub use needs::{KeptNeeds, list_with_needs, read_needs, withdraw_consent};
pub use wanted::{Order, Wanted};
