//! The mails to people with accounts.

use time::OffsetDateTime;

use super::error::ComposeError;
use crate::{
    domain::Zone,
    jobs::Workshop,
    mail::{
        Letter,
        letters::{AccountChanged, House, SetPassword},
        unlinked,
    },
    store::{
        accounts::{self, LinkData, LinkPurpose},
        mailed,
        messages::{AccountChangedData, Claimed},
    },
    urls,
};

/// The mail with a one-time link to set a password.
pub async fn set_password(shop: &Workshop, claimed: &Claimed) -> Result<Letter, ComposeError> {
    let id = claimed.account.ok_or(ComposeError::Subject("account"))?;
    let LinkData { purpose, by } = serde_json::from_value(claimed.data.clone())?;
    let now = shop.clock.now();
    let mut tx = shop.store.begin().await?;
    let name = mailed::get_account_name(&mut tx, id).await?;
    let secret = accounts::mint_link(&mut tx, id, now, purpose).await?;
    tx.commit().await?;
    let letter = SetPassword {
        frame: House { site: shop.absolute(&urls::public::root()) },
        name: unlinked(&name),
        invited: purpose == LinkPurpose::Invitation,
        link: shop.absolute(&urls::access::set_password(&secret)),
        valid_until: said(shop, now + purpose.valid_for()).await?,
        by,
    };
    Ok(letter.letter()?)
}

/// The mail that tells an account's owner what was changed in it.
pub async fn account_changed(shop: &Workshop, claimed: &Claimed) -> Result<Letter, ComposeError> {
    let id = claimed.account.ok_or(ComposeError::Subject("account"))?;
    let AccountChangedData { at, change } = serde_json::from_value(claimed.data.clone())?;
    let letter = AccountChanged {
        frame: House { site: shop.absolute(&urls::public::root()) },
        name: unlinked(&mailed::get_account_name(&mut *shop.store.read().await?, id).await?),
        change,
        at: said(shop, at).await?,
        forgotten: shop.absolute(&urls::access::forgotten_password()),
    };
    Ok(letter.letter()?)
}

/// A moment in the zone of the current conference, with the zone's name.
async fn said(shop: &Workshop, instant: OffsetDateTime) -> Result<String, ComposeError> {
    let current = match shop.store.current_slug().await? {
        Some(slug) => shop.store.find_site(&slug).await?,
        None => None,
    };
    let zone = current.map(|site| site.conference.zone).or_else(|| Zone::parse("UTC").ok());
    let zone = zone.ok_or(ComposeError::Subject("conference"))?;
    Ok(zone.zoned_moment(instant))
}
