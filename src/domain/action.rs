//! What people with accounts do, and which roles may do it.

use super::Role;

/// Something that a role lets people do. Each route names the one that it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Find attendees and read their pages, without their needs.
    ReadAttendees,
    /// Read an attendee's dietary and access needs, which each time leaves an audit entry.
    ReadNeeds,
    /// Correct attendees, cancel them, undo that.
    EditAttendees,
    /// Take the list of attendees away as a file, which each time leaves an audit entry.
    ExportAttendees,
    /// Read which mails were sent to whom, and how that went.
    ReadMail,
    /// Send a mail again, release or discard held ones.
    SendMail,
    /// Write sessions and rooms.
    EditProgramme,
    /// Write pages.
    EditPages,
    /// Set a conference's facts, its registration and its categories.
    EditSettings,
    /// Invite people, give them roles, end their accounts; read the mails about accounts.
    ManageAccounts,
}

impl Action {
    /// Who may do what: the roles that have this action.
    #[rustfmt::skip]
    #[expect(clippy::match_same_arms, reason = "a table: each action has its line")]
    pub const fn roles(self) -> &'static [Role] {
        use Role::{Administrator, Organiser, Staff};
        match self {
            Self::ReadAttendees   => &[Staff, Administrator],
            Self::ReadNeeds       => &[Staff, Administrator],
            Self::EditAttendees   => &[Staff, Administrator],
            Self::ExportAttendees => &[Staff, Administrator],
            Self::ReadMail        => &[Staff, Administrator],
            Self::SendMail        => &[Staff, Administrator],
            Self::EditProgramme   => &[Organiser, Administrator],
            Self::EditPages       => &[Organiser, Administrator],
            Self::EditSettings    => &[Administrator],
            Self::ManageAccounts  => &[Administrator],
        }
    }
}
