//! Attendees as people find, read and correct them.

mod all;
mod correct;
mod detail;
mod export;
mod list;
mod listing;
mod needs;
mod notes;
mod row;
mod saved_views;
mod sorting;
mod wanted;

pub use all::{Found, MOST_AT_ONCE, list_all, list_found};
pub use correct::{AttendeeCorrection, Correction, CorrectionError, SharedCorrection, SharedDetails, correct};
pub use detail::{Detail, find, list_of_mailbox};
pub use export::{Export, ExportParts, Exported, NeedsPart};
pub use list::{Count, ListPage, Turn, find_first, list};
pub use listing::{FilledIn, bring_up_to_date, fill_in, require_up_to_date, search, search_all};
pub use needs::{KeptNeeds, list_with_needs, read_needs, withdraw_consent};
pub(super) use needs::{delete as delete_needs, keep as keep_needs};
pub use notes::{AttendeeNote, add_note, list_notes, remove_note};
pub use row::RegisteredAttendee;
pub(super) use row::{detail_changes, get_details, list_of, update};
pub use saved_views::{SaveViewError, SavedView, list_views, remove_view, save_view};
pub use wanted::{Filter, Matching, Order, Wanted};
