//! The account that a mail is about.

use time::OffsetDateTime;

use super::{
    context::{ComposeError, Context},
    text::{Link, Values},
};
use crate::{
    domain::{AccountId, Zone},
    store::outbox::{Claimed, for_mails},
    urls,
};

/// The account that a mail is about.
#[derive(Clone, Debug)]
pub struct Account {
    /// Its key.
    pub id: AccountId,
    /// The name of its owner.
    pub name: String,
    /// The address of the website.
    pub site: String,
}

impl Account {
    /// Reads the account of this row.
    pub async fn read(context: &Context, claimed: &Claimed) -> Result<Self, ComposeError> {
        let id = claimed.account.ok_or(ComposeError::Subject("account"))?;
        let name = for_mails::get_account_name(&mut *context.store.read().await?, id).await?;
        Ok(Self { id, name, site: context.absolute(&urls::public::root()) })
    }

    /// Returns the values that every mail about an account may name.
    pub fn values(&self) -> Values {
        let mut values = Values::default();
        values.link("site", Link::open(self.site.clone()));
        values.typed("name", &self.name);
        values
    }
}

/// Returns a moment in the time zone of the current conference, with the name of the zone.
pub async fn moment(context: &Context, instant: OffsetDateTime) -> Result<String, ComposeError> {
    let current = match context.store.current_slug().await? {
        Some(slug) => context.store.find_site(&slug).await?,
        None => None,
    };
    let zone = current.map(|site| site.conference.zone).or_else(|| Zone::parse("UTC").ok());
    let zone = zone.ok_or(ComposeError::Subject("conference"))?;
    Ok(zone.zoned_moment(instant))
}
