//! What can change about an account so that its owner is told.

use serde::{Deserialize, Serialize};

/// A change of an account, with the facts by which its owner sees whether it is in order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum AccountChange {
    /// Somebody set a password.
    Password {
        /// Whether by a link; else by somebody who was signed in and knew the old one.
        by_link: bool,
        /// The browser, as its owner calls it.
        browser: String,
        /// The network it came from.
        network: String,
    },
    /// A link that sets a password was made on the server's command line.
    Link,
    /// An administrator gave other roles.
    Roles {
        /// The roles before, in words.
        before: String,
        /// The roles now, in words.
        after: String,
        /// The administrator's name.
        by: String,
    },
    /// An administrator ended the account.
    Deactivated {
        /// The administrator's name.
        by: String,
    },
    /// An administrator let the account begin again.
    Reactivated {
        /// The administrator's name.
        by: String,
    },
}
