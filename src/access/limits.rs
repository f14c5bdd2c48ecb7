//! Limits on attempts to sign in and on requests for links.
//!
//! No account is ever locked for everybody. Attempts count for a network, or for a network together with an account. If
//! an account is attacked from many networks at once, the limit for each of them becomes stricter, but its owner on
//! another network still has attempts left. A browser in which the owner has signed in before has a limit of its own,
//! whatever others on the same network do.

use data_encoding::BASE64URL_NOPAD;
use sha2::{Digest, Sha256};
use sqlx::PgConnection;
use time::Duration;

use crate::{
    domain::{AccountId, EmailAddress, SecretHash, email},
    store::rate_limits::{self, Attempt, Rule},
    web::Visitor,
};

/// All attempts from one network. A whole town hall may share one address.
const NETWORK: Rule = Rule { name: "sign_in_network", burst: 100, refill: Duration::seconds(10) };

/// All attempts on one account. When they are used up, the account counts as attacked.
const ACCOUNT: Rule = Rule { name: "sign_in_account", burst: 50, refill: Duration::minutes(1) };

/// Attempts on one account from one network.
const PAIR: Rule = Rule { name: "sign_in_pair", burst: 10, refill: Duration::minutes(1) };

/// Attempts on one account from one network while the account is attacked.
const PAIR_ATTACKED: Rule = Rule { name: "sign_in_pair_attacked", burst: 3, refill: Duration::minutes(10) };

/// Attempts on one account by a browser that has signed in to it before. They count for no other limit.
const BROWSER: Rule = Rule { name: "sign_in_browser", burst: 10, refill: Duration::minutes(1) };

/// Requests for a link from one network.
const LINK_NETWORK: Rule = Rule { name: "password_link_network", burst: 30, refill: Duration::minutes(1) };

/// Links sent to one mailbox.
const LINK_ADDRESS: Rule = Rule { name: "password_link_address", burst: 3, refill: Duration::minutes(20) };

/// Attempts to give the current password by somebody who is signed in.
const CHANGE: Rule = Rule { name: "password_change", burst: 10, refill: Duration::minutes(1) };

/// Counts an attempt to sign in. `account` is the account with this address, if there is one. `browser` is given if the
/// account has signed in with this browser before.
pub async fn sign_in(
    conn: &mut PgConnection,
    visitor: Visitor,
    email: &EmailAddress,
    account: Option<AccountId>,
    browser: Option<SecretHash>,
) -> Result<Attempt, sqlx::Error> {
    let address = account.map_or_else(|| key(email.normalised()), |account| account.to_string());
    if let Some(browser) = browser {
        let browser = BASE64URL_NOPAD.encode(browser.as_bytes());
        return rate_limits::take(conn, BROWSER, &format!("{address} {browser}")).await;
    }
    let network = visitor.network();
    if let refused @ Attempt::TooMany { .. } = rate_limits::take(conn, NETWORK, &network).await? {
        return Ok(refused);
    }
    let pair = format!("{address} {network}");
    if let refused @ Attempt::TooMany { .. } = rate_limits::take(conn, PAIR, &pair).await? {
        return Ok(refused);
    }
    match rate_limits::take(conn, ACCOUNT, &address).await? {
        Attempt::Allowed => Ok(Attempt::Allowed),
        Attempt::TooMany { .. } => rate_limits::take(conn, PAIR_ATTACKED, &pair).await,
    }
}

/// Counts a request for a link.
pub async fn ask_for_link(conn: &mut PgConnection, visitor: Visitor) -> Result<Attempt, sqlx::Error> {
    rate_limits::take(conn, LINK_NETWORK, &visitor.network()).await
}

/// Counts a link to an account's address and returns whether it may be sent. The response does not say whether it was.
pub async fn send_link(conn: &mut PgConnection, address: &str) -> Result<bool, sqlx::Error> {
    Ok(rate_limits::take(conn, LINK_ADDRESS, &key(&email::mailbox(address))).await? == Attempt::Allowed)
}

/// Counts an attempt to give the current password in order to change it.
pub async fn change_password(conn: &mut PgConnection, account: AccountId) -> Result<Attempt, sqlx::Error> {
    rate_limits::take(conn, CHANGE, &account.to_string()).await
}

/// Returns the hash of an address. The table stores only hashes, because anybody's address may be typed.
fn key(address: &str) -> String {
    BASE64URL_NOPAD.encode(&Sha256::digest(address)[..18])
}
