//! Somebody who is signed in, and what that person may do.

use super::{AccountId, ConferenceId, LoginId, Role};

/// A role, and the conference it is for; none is all of them.
pub type Roles = Vec<(Option<ConferenceId>, Role)>;

/// Somebody who is signed in.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// This visit.
    pub login: LoginId,
    /// Whose it is.
    pub account: AccountId,
    /// That person's e-mail address.
    pub email: String,
    /// That person's name.
    pub name: String,
    /// What that person may do, and at which conference; none is all of them.
    pub roles: Roles,
}

impl SignedIn {
    /// Whether this person may act in this role: at this conference, or (`None`) at any.
    pub fn may(&self, needed: Role, conference: Option<ConferenceId>) -> bool {
        self.roles
            .iter()
            .any(|(at, role)| role.includes(needed) && (at.is_none() || conference.is_none() || *at == conference))
    }

    /// Whether this person may act in this role at every conference, those to come included.
    pub fn may_everywhere(&self, needed: Role) -> bool {
        self.roles.iter().any(|(at, role)| role.includes(needed) && at.is_none())
    }
}
