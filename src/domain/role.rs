//! What people with accounts work as. What each role may do stands in [`Action::roles`](super::Action::roles).

use super::text_enum;

text_enum! {
    /// A role at one conference or at all of them.
    pub enum Role {
        /// Works with attendees and their mail.
        Staff = "staff",
        /// Edits sessions and pages.
        Organiser = "organiser",
        /// Does both, and gives accounts, roles and settings.
        Administrator = "administrator",
    }
}
