//! Notifies the owner of an account of a change.

use crate::{
    domain::{AccountChange, Conference},
    mail::{
        account::{Account, moment},
        context::{ComposeError, Context},
        kind::{Audience, Kind, markdown},
        text::{Case, Link, Values},
    },
    store::outbox::{AccountChangedData, Claimed},
    urls,
};

/// The data of the mail.
pub struct AccountChanged {
    account: Account,
    change: AccountChange,
    at: String,
    forgotten: Link,
}

impl Kind for AccountChanged {
    const NAME: &'static str = "account_changed";
    const TITLE: &'static str = "Notice of an account change";
    const AUDIENCE: Audience = Audience::AccountOwner;
    const TEXT: &'static str = markdown!("mail/account_changed.md");

    async fn read(context: &Context, claimed: &Claimed) -> Result<Self, ComposeError> {
        let AccountChangedData { at, change } = serde_json::from_value(claimed.data.clone())?;
        Ok(Self {
            account: Account::read(context, claimed).await?,
            change,
            at: moment(context, at).await?,
            forgotten: Link::open(context.absolute(&urls::access::forgotten_password())),
        })
    }

    fn values(&self) -> Values {
        let (mut set_from, mut roles, mut who) = (["", ""], ["", ""], "");
        match &self.change {
            AccountChange::Password { browser, network, .. } => set_from = [browser, network],
            AccountChange::Link => {}
            AccountChange::Roles { before, after, by } => {
                roles = [if before.is_empty() { "none" } else { before }, after];
                who = by;
            }
            AccountChange::Deactivated { by } | AccountChange::Reactivated { by } => who = by,
        }
        let mut values = self.account.values();
        values.words("at", &self.at);
        values.words("browser", set_from[0]);
        values.words("network", set_from[1]);
        values.words("before", roles[0]);
        values.words("after", roles[1]);
        values.typed("by", who);
        values.link("forgotten", self.forgotten.clone());
        values
    }

    fn cases(&self) -> Vec<Case> {
        use AccountChange::{Deactivated, Link, Password, Reactivated, Roles};

        let change = &self.change;
        vec![
            ("a password was set", matches!(change, Password { .. })),
            ("set by somebody signed in", matches!(change, Password { by_link: false, .. })),
            ("set with a link", matches!(change, Password { by_link: true, .. })),
            ("a link was made", matches!(change, Link)),
            ("roles were changed", matches!(change, Roles { .. })),
            ("deactivated", matches!(change, Deactivated { .. })),
            ("reactivated", matches!(change, Reactivated { .. })),
        ]
    }

    fn samples(_: &Conference) -> Vec<(&'static str, Self)> {
        use crate::mail::samples::{absolute, account};

        let by = || "Ada Administrator".to_owned();
        let password = |by_link| AccountChange::Password {
            by_link,
            browser: "Firefox on Windows".to_owned(),
            network: "198.51.100.7".to_owned(),
        };
        let roles = AccountChange::Roles {
            before: "staff".to_owned(),
            after: "organiser (Leipzig 2018), staff".to_owned(),
            by: by(),
        };
        let sample = |change| Self {
            account: account(),
            change,
            at: "Thursday 1 March 2018, 11:00 CET".to_owned(),
            forgotten: Link::open(absolute("/forgotten-password")),
        };
        vec![
            ("password", sample(password(false))),
            ("password_by_link", sample(password(true))),
            ("link", sample(AccountChange::Link)),
            ("roles", sample(roles)),
            ("deactivated", sample(AccountChange::Deactivated { by: by() })),
            ("reactivated", sample(AccountChange::Reactivated { by: by() })),
        ]
    }
}
