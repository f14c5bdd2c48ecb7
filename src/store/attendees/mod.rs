//! Attendees as staff find, read and correct them.

mod correct;
mod detail;
mod export;
mod list;
mod wanted;

pub use correct::{Correction, CorrectionError, correct};
pub use detail::{Detail, KeptNeeds, find, find_needs};
pub use export::{Export, ExportLine};
pub use list::{Count, Line, Listed, Turn, list};
pub use wanted::{Order, Wanted};
