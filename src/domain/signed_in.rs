//! Somebody who is signed in, and what that person may do.

use super::{AccountId, Action, ConferenceId, LoginId, Role};

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
    /// That person's roles, and at which conference each; none is all of them.
    pub roles: Roles,
}

impl SignedIn {
    /// Whether this person may do this: at this conference, or (`None`) at any.
    pub fn may(&self, action: Action, conference: Option<ConferenceId>) -> bool {
        self.places(action).any(|at| at.is_none() || conference.is_none() || at == conference)
    }

    /// Whether this person may do this at every conference, those to come included.
    pub fn may_everywhere(&self, action: Action) -> bool {
        self.places(action).any(|at| at.is_none())
    }

    /// The conferences at which this person may do this; none is all of them.
    fn places(&self, action: Action) -> impl Iterator<Item = Option<ConferenceId>> {
        self.roles.iter().filter(move |(_, role)| action.roles().contains(role)).map(|(at, _)| *at)
    }
}
