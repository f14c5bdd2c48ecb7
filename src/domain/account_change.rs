//! Account changes that the owner is notified of.

use serde::{Deserialize, Serialize};

/// A change to an account, with the facts that let its owner judge whether it was legitimate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum AccountChange {
    /// A new password was set.
    Password {
        /// `true` if it was set through a link; `false` if by somebody who was signed in and knew the old password.
        by_link: bool,
        /// The browser in everyday words.
        browser: String,
        /// The network that the request came from.
        network: String,
    },
    /// A link to set a password was created on the server's command line.
    Link,
    /// An administrator changed the roles.
    Roles {
        /// The roles before, in words.
        before: String,
        /// The roles now, in words.
        after: String,
        /// The administrator's name.
        by: String,
    },
    /// An administrator deactivated the account.
    Deactivated {
        /// The administrator's name.
        by: String,
    },
    /// An administrator reactivated the account.
    Reactivated {
        /// The administrator's name.
        by: String,
    },
}
