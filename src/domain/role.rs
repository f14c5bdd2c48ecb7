//! What people with accounts work as. What each role may do stands in [`Action::roles`](super::Action::roles).

use std::fmt;

/// A role at one conference or at all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// Works with attendees and their mail.
    Staff,
    /// Edits sessions and pages.
    Organiser,
    /// Does both, and gives accounts, roles and settings.
    Administrator,
}

impl Role {
    /// All roles, in the order in which they are offered.
    pub const ALL: [Self; 3] = [Self::Staff, Self::Organiser, Self::Administrator];

    /// The word that the database, forms and the command line use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Staff => "staff",
            Self::Organiser => "organiser",
            Self::Administrator => "administrator",
        }
    }

    /// The role of that word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == word)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
