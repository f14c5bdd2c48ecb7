//! A one-time link with which somebody who has an account sets a password.

use super::{Frame, Kind, Receiver, account_changed::said, text};
use crate::{
    mail::{
        compose::{ComposeError, Context},
        text::{Link, Placeholder, Values},
    },
    store::{
        outbox::{Claimed, for_mails},
        people::accounts::{self, LinkData, LinkPurpose},
    },
    urls,
};

/// What the mail needs.
pub struct SetPassword {
    site: String,
    name: String,
    is_invited: bool,
    /// The administrator who made the link, if the person did not ask for it.
    by: Option<String>,
    link: Link,
    valid_until: String,
}

impl Kind for SetPassword {
    const NAME: &'static str = "set_password";
    const TITLE: &'static str = "Link to set a password";
    const RECEIVER: Receiver = Receiver::Account;
    const TEXT: &'static str = text!("mail/set_password.md");
    const FRAME: Frame = Frame::Site;
    const PLACEHOLDERS: &'static [Placeholder] = &[
        Placeholder::words("name", "the person’s name"),
        Placeholder::words("by", "the name of the administrator who made the link; empty if the person asked for it"),
        Placeholder::words("valid_until", "until when the link works"),
        Placeholder::address("link", "the page that sets the password, once; a secret"),
    ];
    const CASES: &'static [&'static str] = &["invited", "made by an administrator", "asked for"];

    async fn read(context: &Context, claimed: &Claimed) -> Result<Self, ComposeError> {
        let id = claimed.account.ok_or(ComposeError::Subject("account"))?;
        let LinkData { purpose, by } = serde_json::from_value(claimed.data.clone())?;
        let now = context.clock.now();
        let mut tx = context.store.begin().await?;
        let name = for_mails::get_account_name(&mut tx, id).await?;
        let secret = accounts::mint_link(&mut tx, id, now, purpose).await?;
        tx.commit().await?;
        Ok(Self {
            site: context.absolute(&urls::public::root()),
            name,
            is_invited: purpose == LinkPurpose::Invitation,
            by,
            link: Link::secret(context.absolute(&urls::access::set_password(&secret))),
            valid_until: said(context, now + purpose.valid_for()).await?,
        })
    }

    fn values(&self) -> Values {
        let mut values = Values::default();
        values.address_of("site", Link::open(self.site.clone()));
        values.typed("name", &self.name);
        values.typed("by", self.by.as_deref().unwrap_or_default());
        values.words("valid_until", &self.valid_until);
        values.address_of("link", self.link.clone());
        values
    }

    fn cases(&self) -> Vec<&'static str> {
        vec![match self.by {
            _ if self.is_invited => "invited",
            Some(_) => "made by an administrator",
            None => "asked for",
        }]
    }

    #[cfg(test)]
    fn samples() -> Vec<(&'static str, Self)> {
        use crate::mail::registration::samples::absolute;

        let sample = |is_invited, by: Option<&str>| Self {
            site: absolute("/"),
            name: "Robin Staff".to_owned(),
            is_invited,
            by: by.map(str::to_owned),
            link: Link::secret(absolute("/set-password/one-time-secret")),
            valid_until: "Thursday 8 March 2018, 11:00 CET".to_owned(),
        };
        vec![
            ("invited", sample(true, Some("Ada Administrator"))),
            ("forgotten", sample(false, None)),
            ("by_administrator", sample(false, Some("Ada Administrator"))),
        ]
    }
}
