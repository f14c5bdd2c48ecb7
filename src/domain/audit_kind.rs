//! The kinds of entries in the audit log.

use super::text_enum;

text_enum! {
    /// What happened. The words in the database have the form `noun_verb`.
    pub enum AuditKind {
        /// A registration was saved.
        RegistrationKept = "registration_kept",
        /// A registration's organisation or contact was corrected.
        RegistrationCorrected = "registration_corrected",
        /// An attendee was corrected.
        AttendeeCorrected = "attendee_corrected",
        /// An attendee was cancelled.
        AttendeeCancelled = "attendee_cancelled",
        /// An attendee's cancellation was undone.
        AttendeeReinstated = "attendee_reinstated",
        /// The list of attendees was downloaded as a file.
        AttendeesExported = "attendees_exported",
        /// An attendee's needs were read.
        NeedsRead = "needs_read",
        /// The consent to keep an attendee's needs was withdrawn, and the needs were deleted.
        ConsentWithdrawn = "consent_withdrawn",
        /// A confirmation was sent again.
        ConfirmationResent = "confirmation_resent",
        /// A mail was sent again.
        MessageSentAgain = "message_sent_again",
        /// A held mail was released.
        MessageReleased = "message_released",
        /// A held mail was discarded.
        MessageDiscarded = "message_discarded",
        /// A session was added.
        SessionAdded = "session_added",
        /// A session was saved.
        SessionSaved = "session_saved",
        /// An earlier revision of a session was saved again.
        SessionRestored = "session_restored",
        /// A revision of a session was set aside.
        SessionSetAside = "session_set_aside",
        /// A page was added.
        PageAdded = "page_added",
        /// A page was saved.
        PageSaved = "page_saved",
        /// An earlier revision of a page was saved again.
        PageRestored = "page_restored",
        /// A revision of a page was set aside.
        PageSetAside = "page_set_aside",
        /// Everything that was not public was published.
        ProgrammePublished = "programme_published",
        /// A publication was scheduled.
        PublicationScheduled = "publication_scheduled",
        /// A scheduled publication was cancelled.
        PublicationCancelled = "publication_cancelled",
        /// A link to a preview was created.
        PreviewLinkCreated = "preview_link_created",
        /// A link to a preview was revoked.
        PreviewLinkRevoked = "preview_link_revoked",
        /// A release was taken back.
        ReleaseTakenBack = "release_taken_back",
        /// A room was added.
        RoomAdded = "room_added",
        /// A room was saved.
        RoomSaved = "room_saved",
        /// An earlier revision of a room was saved again.
        RoomRestored = "room_restored",
        /// A revision of a room was set aside.
        RoomSetAside = "room_set_aside",
        /// A topic was added.
        TopicAdded = "topic_added",
        /// A topic was saved.
        TopicSaved = "topic_saved",
        /// An earlier revision of a topic was saved again.
        TopicRestored = "topic_restored",
        /// A revision of a topic was set aside.
        TopicSetAside = "topic_set_aside",
        /// A person was added.
        PersonAdded = "person_added",
        /// A person was saved.
        PersonSaved = "person_saved",
        /// An earlier revision of a person was saved again.
        PersonRestored = "person_restored",
        /// A revision of a person was set aside.
        PersonSetAside = "person_set_aside",
        /// Two people turned out to be the same.
        PeopleMerged = "people_merged",
        /// A kind of session was added.
        SessionKindAdded = "session_kind_added",
        /// A kind of session was saved.
        SessionKindSaved = "session_kind_saved",
        /// An earlier revision of a kind of session was saved again.
        SessionKindRestored = "session_kind_restored",
        /// A revision of a kind of session was set aside.
        SessionKindSetAside = "session_kind_set_aside",
        /// The facts of a conference were saved.
        FactsSaved = "facts_saved",
        /// An earlier revision of the facts was saved again.
        FactsRestored = "facts_restored",
        /// A revision of the facts was set aside.
        FactsSetAside = "facts_set_aside",
        /// A conference's settings were changed.
        ConferenceSettingsChanged = "conference_settings_changed",
        /// A demonstration was added on the command line.
        DemonstrationAdded = "demonstration_added",
        /// A demonstration was removed on the command line.
        DemonstrationRemoved = "demonstration_removed",
        /// A category was added.
        CategoryAdded = "category_added",
        /// A category was changed.
        CategoryChanged = "category_changed",
        /// Somebody was invited.
        AccountInvited = "account_invited",
        /// An account was added on the command line.
        AccountAdded = "account_added",
        /// The name or roles of an account were changed.
        AccountChanged = "account_changed",
        /// An account was deactivated.
        AccountDeactivated = "account_deactivated",
        /// An account was reactivated.
        AccountReactivated = "account_reactivated",
        /// An administrator sent a link to set a password.
        AccountLinkSent = "account_link_sent",
        /// A link to set a password was created on the command line.
        AccountLinkMade = "account_link_made",
        /// Somebody asked for a link to set a password.
        PasswordLinkAsked = "password_link_asked",
        /// A password was set with a link.
        PasswordSet = "password_set",
        /// Somebody who knew the current password changed it.
        PasswordChanged = "password_changed",
        /// The database was restored from a backup.
        BackupRestored = "backup_restored",
    }
}
