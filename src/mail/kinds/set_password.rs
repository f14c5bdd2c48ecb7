//! A one-time link with which the owner of an account sets a password.

use crate::{
    domain::Conference,
    mail::{
        account::{Account, moment},
        context::{ComposeError, Context},
        kind::{Audience, Kind, markdown},
        text::{Case, Link, Values},
    },
    store::{
        outbox::Claimed,
        people::accounts::{self, LinkData, LinkPurpose},
    },
    urls,
};

/// The data of the mail.
pub struct SetPassword {
    account: Account,
    is_invited: bool,
    /// The administrator who created the link; `None` if the owner of the account asked for it.
    by: Option<String>,
    link: Link,
    valid_until: String,
}

impl Kind for SetPassword {
    const NAME: &'static str = "set_password";
    const TITLE: &'static str = "Link to set a password";
    const AUDIENCE: Audience = Audience::AccountOwner;
    const TEXT: &'static str = markdown!("mail/set_password.md");

    async fn read(context: &Context, claimed: &Claimed) -> Result<Self, ComposeError> {
        let account = Account::read(context, claimed).await?;
        let LinkData { purpose, by } = serde_json::from_value(claimed.data.clone())?;
        let now = context.clock.now();
        let mut tx = context.store.begin().await?;
        let secret = accounts::mint_link(&mut tx, account.id, now, purpose).await?;
        tx.commit().await?;
        Ok(Self {
            account,
            is_invited: purpose == LinkPurpose::Invitation,
            by,
            link: Link::secret(context.absolute(&urls::access::set_password(&secret))),
            valid_until: moment(context, now + purpose.valid_for()).await?,
        })
    }

    fn values(&self) -> Values {
        let mut values = self.account.values();
        values.typed("by", self.by.as_deref().unwrap_or_default());
        values.words("valid_until", &self.valid_until);
        values.link("link", self.link.clone());
        values
    }

    fn cases(&self) -> Vec<Case> {
        vec![
            ("invited", self.is_invited),
            ("made by an administrator", !self.is_invited && self.by.is_some()),
            ("asked for", !self.is_invited && self.by.is_none()),
        ]
    }

    fn samples(_: &Conference) -> Vec<(&'static str, Self)> {
        use crate::mail::samples::{absolute, account};

        let sample = |is_invited, by: Option<&str>| Self {
            account: account(),
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
