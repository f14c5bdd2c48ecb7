//! A change of an account, for its owner.

use time::OffsetDateTime;

use super::{Frame, Kind, Receiver, text};
use crate::{
    domain::{AccountChange, Zone},
    mail::{
        compose::{ComposeError, Context},
        text::{Link, Placeholder, Values},
    },
    store::outbox::{AccountChangedData, Claimed, for_mails},
    urls,
};

/// What the mail needs.
pub struct AccountChanged {
    site: String,
    name: String,
    change: AccountChange,
    at: String,
    forgotten: Link,
}

impl Kind for AccountChanged {
    const NAME: &'static str = "account_changed";
    const TITLE: &'static str = "Notice of an account change";
    const RECEIVER: Receiver = Receiver::Account;
    const TEXT: &'static str = text!("mail/account_changed.md");
    const FRAME: Frame = Frame::Site;
    const PLACEHOLDERS: &'static [Placeholder] = &[
        Placeholder::words("name", "the person’s name"),
        Placeholder::words("at", "when it was changed"),
        Placeholder::words("browser", "the browser that set a password; else empty"),
        Placeholder::words("network", "the network it came from; else empty"),
        Placeholder::words("before", "the roles before, or “none”; empty when roles were not changed"),
        Placeholder::words("after", "the roles now; empty when roles were not changed"),
        Placeholder::words("by", "the administrator who changed it; else empty"),
        Placeholder::address("forgotten", "the page that sends a link to set a new password"),
    ];
    const CASES: &'static [&'static str] = &[
        "a password was set",
        "set by somebody signed in",
        "set with a link",
        "a link was made",
        "roles were changed",
        "deactivated",
        "reactivated",
    ];

    async fn read(context: &Context, claimed: &Claimed) -> Result<Self, ComposeError> {
        let id = claimed.account.ok_or(ComposeError::Subject("account"))?;
        let AccountChangedData { at, change } = serde_json::from_value(claimed.data.clone())?;
        Ok(Self {
            site: context.absolute(&urls::public::root()),
            name: for_mails::get_account_name(&mut *context.store.read().await?, id).await?,
            change,
            at: said(context, at).await?,
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
        let mut values = Values::default();
        values.address_of("site", Link::open(self.site.clone()));
        values.typed("name", &self.name);
        values.words("at", &self.at);
        values.words("browser", set_from[0]);
        values.words("network", set_from[1]);
        values.words("before", roles[0]);
        values.words("after", roles[1]);
        values.typed("by", who);
        values.address_of("forgotten", self.forgotten.clone());
        values
    }

    fn cases(&self) -> Vec<&'static str> {
        match &self.change {
            AccountChange::Password { by_link: true, .. } => vec!["a password was set", "set with a link"],
            AccountChange::Password { by_link: false, .. } => vec!["a password was set", "set by somebody signed in"],
            AccountChange::Link => vec!["a link was made"],
            AccountChange::Roles { .. } => vec!["roles were changed"],
            AccountChange::Deactivated { .. } => vec!["deactivated"],
            AccountChange::Reactivated { .. } => vec!["reactivated"],
        }
    }

    #[cfg(test)]
    fn samples() -> Vec<(&'static str, Self)> {
        use crate::mail::registration::samples::absolute;

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
            site: absolute("/"),
            name: "Robin Staff".to_owned(),
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

/// A moment in the zone of the current conference, with the zone's name.
pub(super) async fn said(context: &Context, instant: OffsetDateTime) -> Result<String, ComposeError> {
    let current = match context.store.current_slug().await? {
        Some(slug) => context.store.find_site(&slug).await?,
        None => None,
    };
    let zone = current.map(|site| site.conference.zone).or_else(|| Zone::parse("UTC").ok());
    let zone = zone.ok_or(ComposeError::Subject("conference"))?;
    Ok(zone.zoned_moment(instant))
}
