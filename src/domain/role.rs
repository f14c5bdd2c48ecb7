//! The roles of people with accounts. [`Action::roles`](super::Action::roles) says what each role may do.

use super::text_enum;

text_enum! {
    /// A role at one conference or at all of them.
    pub enum Role {
        /// Works with attendees and their mail.
        Staff = "staff",
        /// Edits sessions and pages.
        Organiser = "organiser",
        /// Does both, and manages accounts, roles and settings.
        Administrator = "administrator",
    }
}
