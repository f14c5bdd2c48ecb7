//! The kinds of entries in the audit log.

use super::text_enum;

text_enum! {
    /// What happened. The words in the database have the form `noun_verb`.
    pub enum AuditKind {
        /// A registration was saved.
        RegistrationKept = "registration_kept",
        /// Somebody sent a registration of a person whose name and address are registered already.
        RegistrationRepeated = "registration_repeated",
        /// A registration's organisation or contact was corrected.
        RegistrationCorrected = "registration_corrected",
        /// An attendee was corrected.
        AttendeeCorrected = "attendee_corrected",
        /// Staff wrote a note about an attendee.
        NoteAdded = "note_added",
        /// A note about an attendee was removed.
        NoteRemoved = "note_removed",
        /// An attendee's needs were given or replaced.
        NeedsChanged = "needs_changed",
        /// Answers to the questions of the registration form were changed.
        AnswersChanged = "answers_changed",
        /// An attendee changed to another category.
        AttendeeCategoryChanged = "attendee_category_changed",
        /// Staff did something although a rule stands against it. The changes say which rules and why.
        RuleOverridden = "rule_overridden",
        /// An attendee was added to a registration.
        AttendeeAdded = "attendee_added",
        /// A place was transferred to somebody else.
        AttendeeTransferred = "attendee_transferred",
        /// A delegate gave a new e-mail address, which is not confirmed yet.
        EmailChangeAsked = "email_change_asked",
        /// A delegate cancelled the change of an e-mail address.
        EmailChangeCancelled = "email_change_cancelled",
        /// Somebody asked for their manage link again.
        LinkAsked = "link_asked",
        /// An attendee was cancelled.
        AttendeeCancelled = "attendee_cancelled",
        /// An attendee's cancellation was undone.
        AttendeeReinstated = "attendee_reinstated",
        /// A cancelled attendee was put on the waiting list.
        AttendeeQueued = "attendee_queued",
        /// An attendee who waits was moved to another position in the queue.
        AttendeeMoved = "attendee_moved",
        /// An attendee who waited was offered a place.
        PlaceOffered = "place_offered",
        /// An attendee accepted the place.
        OfferAccepted = "offer_accepted",
        /// An attendee declined the place.
        OfferDeclined = "offer_declined",
        /// An attendee did not answer in time.
        OfferLapsed = "offer_lapsed",
        /// Staff set what remains owed after a cancellation.
        RemainingSet = "remaining_set",
        /// A payment was recorded.
        PaymentRecorded = "payment_recorded",
        /// A payment was reversed.
        PaymentReversed = "payment_reversed",
        /// The list of attendees was downloaded as a file.
        AttendeesExported = "attendees_exported",
        /// The audit log was downloaded as a file.
        AuditExported = "audit_exported",
        /// A list of attendees was given a name.
        ViewSaved = "view_saved",
        /// A list of attendees lost its name.
        ViewRemoved = "view_removed",
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
        /// A failed mail was marked as dealt with.
        MessageDealtWith = "message_dealt_with",
        /// The mails that wait for another attempt were made due at once.
        MessagesSentNow = "messages_sent_now",
        /// A mailing was sent, or scheduled for a set time.
        MailingAdded = "mailing_added",
        /// A mailing was sent to its author as a test.
        MailingTested = "mailing_tested",
        /// A mailing was stopped, or cancelled before its time.
        MailingStopped = "mailing_stopped",
        /// A text for mailings was added.
        MailTemplateAdded = "mail_template_added",
        /// A text for mailings was changed.
        MailTemplateChanged = "mail_template_changed",
        /// A text for mailings was removed.
        MailTemplateRemoved = "mail_template_removed",
        /// An item was added, such as a session or a room. The subject says which.
        ItemAdded = "item_added",
        /// An item was saved.
        ItemSaved = "item_saved",
        /// An earlier revision of an item was saved again.
        ItemRestored = "item_restored",
        /// A revision of an item was set aside.
        ItemSetAside = "item_set_aside",
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
        /// Two people turned out to be the same.
        PeopleMerged = "people_merged",
        /// A conference was opened, from nothing or as a copy of another one.
        ConferenceOpened = "conference_opened",
        /// A conference's settings were changed.
        ConferenceSettingsChanged = "conference_settings_changed",
        /// The settings of fees and payments were changed.
        PaymentSettingsChanged = "payment_settings_changed",
        /// A demonstration was added on the command line.
        DemonstrationAdded = "demonstration_added",
        /// A demonstration was removed on the command line.
        DemonstrationRemoved = "demonstration_removed",
        /// A category was added.
        CategoryAdded = "category_added",
        /// A category was changed.
        CategoryChanged = "category_changed",
        /// Kinds of mail were switched on or off.
        MailSettingsChanged = "mail_settings_changed",
        /// A question was added to the registration form.
        QuestionAdded = "question_added",
        /// A question was changed.
        QuestionChanged = "question_changed",
        /// A question that nobody had answered was removed.
        QuestionRemoved = "question_removed",
        /// A code was added.
        CodeAdded = "code_added",
        /// A code was changed.
        CodeChanged = "code_changed",
        /// A code was ended, by hand or because its time had come.
        CodeEnded = "code_ended",
        /// A code that nobody had used was removed.
        CodeRemoved = "code_removed",
        /// A category was removed.
        CategoryRemoved = "category_removed",
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

impl AuditKind {
    /// Returns what happened, in words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::RegistrationKept => "Registered",
            Self::RegistrationRepeated => "Registration of the same name and address sent, not completed",
            Self::RegistrationCorrected => "Registration corrected",
            Self::AttendeeCorrected => "Attendee corrected",
            Self::NoteAdded => "Note added",
            Self::NoteRemoved => "Note removed",
            Self::NeedsChanged => "Dietary and access needs changed",
            Self::AnswersChanged => "Answers changed",
            Self::AttendeeCategoryChanged => "Category changed",
            Self::RuleOverridden => "Done although a rule stands against it",
            Self::AttendeeAdded => "Added to the registration",
            Self::AttendeeTransferred => "Place transferred",
            Self::EmailChangeAsked => "New e-mail address given, not confirmed",
            Self::EmailChangeCancelled => "Change of the e-mail address cancelled",
            Self::LinkAsked => "Link asked for again",
            Self::AttendeeCancelled => "Cancelled",
            Self::AttendeeReinstated => "Cancellation undone",
            Self::AttendeeQueued => "Put on the waiting list",
            Self::AttendeeMoved => "Moved on the waiting list",
            Self::PlaceOffered => "Place offered",
            Self::OfferAccepted => "Offer accepted",
            Self::OfferDeclined => "Offer declined",
            Self::OfferLapsed => "Offer lapsed",
            Self::RemainingSet => "What remains owed was set",
            Self::PaymentRecorded => "Payment recorded",
            Self::PaymentReversed => "Payment reversed",
            Self::AttendeesExported => "List of attendees saved as a file",
            Self::AuditExported => "Audit log saved as a file",
            Self::ViewSaved => "View saved",
            Self::ViewRemoved => "View removed",
            Self::NeedsRead => "Dietary and access needs read",
            Self::ConsentWithdrawn => "Consent for dietary and access needs withdrawn",
            Self::ConfirmationResent => "Confirmation sent again",
            Self::MessageSentAgain => "Mail sent again",
            Self::MessageReleased => "Held mail released",
            Self::MessageDiscarded => "Held mail discarded",
            Self::MessageDealtWith => "Failed mail marked as dealt with",
            Self::MessagesSentNow => "Waiting mails sent at once",
            Self::MailingAdded => "Mailing sent or scheduled",
            Self::MailingTested => "Test of a mailing sent",
            Self::MailingStopped => "Mailing stopped",
            Self::MailTemplateAdded => "Text for mailings added",
            Self::MailTemplateChanged => "Text for mailings changed",
            Self::MailTemplateRemoved => "Text for mailings removed",
            Self::ItemAdded => "Item added",
            Self::ItemSaved => "Item saved",
            Self::ItemRestored => "Earlier revision of an item restored",
            Self::ItemSetAside => "Revision of an item set aside",
            Self::ProgrammePublished => "Programme published",
            Self::PublicationScheduled => "Publication scheduled",
            Self::PublicationCancelled => "Scheduled publication cancelled",
            Self::PreviewLinkCreated => "Link to a preview created",
            Self::PreviewLinkRevoked => "Link to a preview revoked",
            Self::ReleaseTakenBack => "Release taken back",
            Self::PeopleMerged => "Two people of the programme merged",
            Self::ConferenceOpened => "Conference opened",
            Self::ConferenceSettingsChanged => "Settings of the conference changed",
            Self::PaymentSettingsChanged => "Settings of fees and payments changed",
            Self::DemonstrationAdded => "Demonstration added",
            Self::DemonstrationRemoved => "Demonstration removed",
            Self::CategoryAdded => "Category added",
            Self::CategoryChanged => "Category changed in the settings",
            Self::MailSettingsChanged => "Kinds of e-mail switched on or off",
            Self::QuestionAdded => "Question added",
            Self::QuestionChanged => "Question changed",
            Self::QuestionRemoved => "Question removed",
            Self::CodeAdded => "Code added",
            Self::CodeChanged => "Code changed",
            Self::CodeEnded => "Code ended",
            Self::CodeRemoved => "Code removed",
            Self::CategoryRemoved => "Category removed",
            Self::AccountInvited => "Account invited",
            Self::AccountAdded => "Account added on the command line",
            Self::AccountChanged => "Account changed",
            Self::AccountDeactivated => "Account deactivated",
            Self::AccountReactivated => "Account reactivated",
            Self::AccountLinkSent => "Link to set a password sent",
            Self::AccountLinkMade => "Link to set a password created on the command line",
            Self::PasswordLinkAsked => "Link to set a password asked for",
            Self::PasswordSet => "Password set with a link",
            Self::PasswordChanged => "Password changed",
            Self::BackupRestored => "Database restored from a backup",
        }
    }

    /// Returns what happened, in words, of the word in the database. One that only a newer version knows is shown without underscores.
    pub fn in_words(kind: &str) -> String {
        Self::parse(kind).map_or_else(|| kind.replace('_', " "), |kind| kind.words().to_owned())
    }
}
