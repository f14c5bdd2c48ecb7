//! The actions of people with accounts, and the roles that may take them.

use super::Role;

/// Something that a role allows. Each route behind a guard names the action that it needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Find attendees and read their pages, except their needs.
    ReadAttendees,
    /// Read an attendee's dietary and access needs. Each time is recorded in the audit log.
    ReadNeeds,
    /// Register people for callers; correct, change and cancel attendees, and undo cancellations.
    EditAttendees,
    /// Record and reverse payments, and set what remains owed after a cancellation.
    RecordPayments,
    /// Download the list of attendees as a file. Each time is recorded in the audit log.
    ExportAttendees,
    /// Read mails and see whether they were sent.
    ReadMail,
    /// Send mails again, and release or discard held mails.
    SendMail,
    /// Edit sessions and rooms.
    EditProgramme,
    /// Edit pages.
    EditPages,
    /// Change a conference's settings and categories.
    EditSettings,
    /// Open conferences, and choose who sees them and which is the current one.
    ManageConferences,
    /// Invite people, give them roles and deactivate their accounts; read the mails about accounts.
    ManageAccounts,
    /// Read the audit log of all conferences.
    ReadAudit,
}

impl Action {
    /// Returns the roles that may take this action.
    #[rustfmt::skip]
    #[expect(clippy::match_same_arms, reason = "a table: each action has its line")]
    pub const fn roles(self) -> &'static [Role] {
        use Role::{Administrator, Organiser, Staff};
        match self {
            Self::ReadAttendees   => &[Staff, Administrator],
            Self::ReadNeeds       => &[Staff, Administrator],
            Self::EditAttendees   => &[Staff, Administrator],
            Self::RecordPayments  => &[Staff, Administrator],
            Self::ExportAttendees => &[Staff, Administrator],
            Self::ReadMail        => &[Staff, Administrator],
            Self::SendMail        => &[Staff, Administrator],
            Self::EditProgramme   => &[Organiser, Administrator],
            Self::EditPages       => &[Organiser, Administrator],
            Self::EditSettings    => &[Organiser, Administrator],
            Self::ManageConferences => &[Administrator],
            Self::ManageAccounts  => &[Administrator],
            Self::ReadAudit       => &[Administrator],
        }
    }
}
