//! Limits on what is done with manage links, and on requests for such links. They are like those on signing in.

use data_encoding::BASE64URL_NOPAD;
use sha2::{Digest, Sha256};
use sqlx::PgConnection;
use time::Duration;

use crate::{
    domain::email,
    store::rate_limits::{self, Attempt, Rule},
    web::{AppError, Result, Visitor},
};

/// The forms that one network sends to the pages of secret links. A whole town hall may share one address.
const CHANGES: Rule = Rule { name: "manage_forms_of_network", burst: 100, refill: Duration::seconds(10) };

/// The forms that are sent with one manage link: thirty at once, and then one every two minutes. Each may cause mails to several
/// addresses, which the link's owner has chosen.
const CHANGES_OF_LINK: Rule = Rule { name: "manage_forms_of_link", burst: 30, refill: Duration::minutes(2) };

/// Requests for a link from one network.
const LINK_NETWORK: Rule = Rule { name: "manage_link_network", burst: 30, refill: Duration::minutes(1) };

/// Mails with links to one mailbox.
const LINK_ADDRESS: Rule = Rule { name: "manage_link_address", burst: 3, refill: Duration::minutes(20) };

/// Counts a form that is sent to the page of a secret link, or fails if the network has sent too many.
pub async fn change(conn: &mut PgConnection, visitor: Visitor) -> Result<()> {
    allowed(rate_limits::take(conn, CHANGES, &visitor.network()).await?)
}

/// Counts a form that is sent with a manage link, or fails if the network or the link has sent too many.
pub async fn change_with(conn: &mut PgConnection, visitor: Visitor, token: &str) -> Result<()> {
    change(conn, visitor).await?;
    let key = BASE64URL_NOPAD.encode(&Sha256::digest(token)[..18]);
    allowed(rate_limits::take(conn, CHANGES_OF_LINK, &key).await?)
}

/// Counts a request for a link, or fails if the network has made too many.
pub async fn ask_for_link(conn: &mut PgConnection, visitor: Visitor) -> Result<()> {
    allowed(rate_limits::take(conn, LINK_NETWORK, &visitor.network()).await?)
}

/// Counts a mail with links and returns whether it may be sent. The response does not say whether it was.
pub async fn send_link(conn: &mut PgConnection, address: &str) -> Result<bool, sqlx::Error> {
    let key = BASE64URL_NOPAD.encode(&Sha256::digest(email::mailbox(address))[..18]);
    Ok(rate_limits::take(conn, LINK_ADDRESS, &key).await? == Attempt::Allowed)
}

fn allowed(attempt: Attempt) -> Result<()> {
    match attempt {
        Attempt::Allowed => Ok(()),
        Attempt::TooMany { retry_after } => Err(AppError::TooMany { retry_after }),
    }
}
