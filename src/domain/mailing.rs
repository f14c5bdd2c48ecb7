//! Mailings: what staff write to the people of a view.

use super::text_enum;

text_enum! {
    /// Who gets the mails of a mailing.
    #[derive(Default)]
    pub enum MailingReaders {
        /// Each attendee of the view gets one.
        #[default]
        Attendees = "attendees",
        /// The contact of each registration with attendees in the view gets one.
        Contacts = "contacts",
    }
}
