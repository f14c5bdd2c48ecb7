//! A person who is signed in, and what they may do.

use super::{AccountId, Action, ConferenceId, LoginId, Role};

/// Roles and the conferences they are for. `None` means all conferences.
pub type Roles = Vec<(Option<ConferenceId>, Role)>;

/// A person who is signed in.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// The login.
    pub login: LoginId,
    /// The person's account.
    pub account: AccountId,
    /// The person's e-mail address.
    pub email: String,
    /// The person's name.
    pub name: String,
    /// The person's roles.
    pub roles: Roles,
    /// The pattern of the address of the page, if the conference's slug is its only parameter: the same page exists for other
    /// conferences.
    pub page: Option<String>,
    /// How many mails of the conference in the address have failed and need somebody. The frame of the desk shows it to those who may
    /// read mails.
    pub failed_mails: i64,
}

impl SignedIn {
    /// Whether this person may do this at this conference, or at any conference if it is `None`.
    pub fn may(&self, action: Action, conference: Option<ConferenceId>) -> bool {
        self.places(action).any(|at| at.is_none() || conference.is_none() || at == conference)
    }

    /// Whether this person may do this at every conference, including future ones.
    pub fn may_everywhere(&self, action: Action) -> bool {
        self.places(action).any(|at| at.is_none())
    }

    /// Returns the conferences at which this person may do this. `None` means all conferences.
    fn places(&self, action: Action) -> impl Iterator<Item = Option<ConferenceId>> {
        self.roles.iter().filter(move |(_, role)| action.roles().contains(role)).map(|(at, _)| *at)
    }
}
