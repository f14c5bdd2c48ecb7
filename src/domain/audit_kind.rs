//! What the audit log tells of.

use super::text_enum;

text_enum! {
    /// What happened, as `noun_verb`.
    pub enum AuditKind {
        /// A registration came.
        RegistrationKept = "registration_kept",
        /// Its organisation or contact was corrected.
        RegistrationCorrected = "registration_corrected",
        /// An attendee was corrected.
        AttendeeCorrected = "attendee_corrected",
        /// An attendee was cancelled.
        AttendeeCancelled = "attendee_cancelled",
        /// That was undone.
        AttendeeReinstated = "attendee_reinstated",
        /// The list of attendees was taken away as a file.
        AttendeesExported = "attendees_exported",
        /// An attendee's needs were read.
        NeedsRead = "needs_read",
        /// The consent to keep them was withdrawn, and they were deleted.
        ConsentWithdrawn = "consent_withdrawn",
        /// A confirmation was sent again.
        ConfirmationResent = "confirmation_resent",
        /// Any mail was sent again.
        MessageSentAgain = "message_sent_again",
        /// A held mail was released.
        MessageReleased = "message_released",
        /// A held mail was discarded.
        MessageDiscarded = "message_discarded",
        /// A session was added.
        SessionAdded = "session_added",
        /// A session was saved and published.
        SessionSaved = "session_saved",
        /// An earlier revision of a session was published again.
        SessionRestored = "session_restored",
        /// A revision of a session was kept beside the published one.
        SessionSetAside = "session_set_aside",
        /// A page was added.
        PageAdded = "page_added",
        /// A page was saved and published.
        PageSaved = "page_saved",
        /// An earlier revision of a page was published again.
        PageRestored = "page_restored",
        /// A revision of a page was kept beside the published one.
        PageSetAside = "page_set_aside",
        /// A room was added.
        RoomAdded = "room_added",
        /// A room got another name.
        RoomRenamed = "room_renamed",
        /// A room got another place in their order.
        RoomMoved = "room_moved",
        /// A room was deleted.
        RoomDeleted = "room_deleted",
        /// A conference's settings changed.
        ConferenceSettingsChanged = "conference_settings_changed",
        /// A category was added.
        CategoryAdded = "category_added",
        /// A category changed.
        CategoryChanged = "category_changed",
        /// Somebody was invited.
        AccountInvited = "account_invited",
        /// An account was added on the command line.
        AccountAdded = "account_added",
        /// Somebody's name or roles changed.
        AccountChanged = "account_changed",
        /// An account was ended.
        AccountDeactivated = "account_deactivated",
        /// It began again.
        AccountReactivated = "account_reactivated",
        /// An administrator had a link sent that sets a password.
        AccountLinkSent = "account_link_sent",
        /// Such a link was made on the command line.
        AccountLinkMade = "account_link_made",
        /// Somebody asked for such a link.
        PasswordLinkAsked = "password_link_asked",
        /// A password was set by a link.
        PasswordSet = "password_set",
        /// Somebody who knew the password set another.
        PasswordChanged = "password_changed",
        /// A backup took the place of the database.
        BackupRestored = "backup_restored",
    }
}
