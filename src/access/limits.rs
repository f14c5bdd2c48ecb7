//! How often passwords may be tried and links asked for.
//!
//! Nobody is locked out by name: what an attacker uses up belongs to the attacker's network, or to that network with
//! that account. An account that is tried from many networks at once only becomes stricter towards each of them; its
//! owner, coming from a network of their own, still has tries, and so has a browser in which the owner has signed in
//! before, whatever others behind the same address do.

use data_encoding::BASE64URL_NOPAD;
use sha2::{Digest, Sha256};
use sqlx::PgConnection;
use time::Duration;

use crate::{
    domain::{AccountId, EmailAddress, SecretHash, email},
    store::rate_limits::{self, Attempt, Rule},
    web::Visitor,
};

/// All tries from one network: a town hall behind one address has room.
const NETWORK: Rule = Rule { name: "sign_in_network", burst: 100, refill: Duration::seconds(10) };

/// All tries of one account. Used up, the account counts as attacked.
const ACCOUNT: Rule = Rule { name: "sign_in_account", burst: 50, refill: Duration::minutes(1) };

/// Tries of one account from one network.
const PAIR: Rule = Rule { name: "sign_in_pair", burst: 10, refill: Duration::minutes(1) };

/// And so few of them while the account is attacked.
const PAIR_ATTACKED: Rule = Rule { name: "sign_in_pair_attacked", burst: 3, refill: Duration::minutes(10) };

/// Tries of one account by a browser that has signed in to it before. They count here and nowhere else.
const BROWSER: Rule = Rule { name: "sign_in_browser", burst: 10, refill: Duration::minutes(1) };

/// Links asked for from one network.
const LINK_NETWORK: Rule = Rule { name: "password_link_network", burst: 30, refill: Duration::minutes(1) };

/// Links sent to one mailbox.
const LINK_ADDRESS: Rule = Rule { name: "password_link_address", burst: 3, refill: Duration::minutes(20) };

/// Tries of the present password by somebody who is signed in.
const CHANGE: Rule = Rule { name: "password_change", burst: 10, refill: Duration::minutes(1) };

/// Takes one try at signing in. `account` is the one with this address, if
/// there is one; `browser` is the browser, if that account has signed in with it before.
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

/// Takes one request for a link.
pub async fn ask_for_link(conn: &mut PgConnection, visitor: Visitor) -> Result<Attempt, sqlx::Error> {
    rate_limits::take(conn, LINK_NETWORK, &visitor.network()).await
}

/// Whether one more link may go to an account's address. Whoever asked is not told that it may not.
pub async fn send_link(conn: &mut PgConnection, address: &str) -> Result<bool, sqlx::Error> {
    Ok(rate_limits::take(conn, LINK_ADDRESS, &key(&email::mailbox(address))).await? == Attempt::Allowed)
}

/// Takes one try at the present password of somebody who wants another.
pub async fn change_password(conn: &mut PgConnection, account: AccountId) -> Result<Attempt, sqlx::Error> {
    rate_limits::take(conn, CHANGE, &account.to_string()).await
}

/// An address as the table has it: its hash, since it may be anybody's.
fn key(address: &str) -> String {
    BASE64URL_NOPAD.encode(&Sha256::digest(address)[..18])
}
