//! Signing in, and one's own account.

use super::query::with_query;
use crate::domain::Secret;

links! {
    fn sign_in_page() => "/sign-in";
    /// Signing out.
    pub fn sign_out() => "/sign-out";
    /// Asking for a link to set a new password.
    pub fn forgotten_password() => "/forgotten-password";
    fn password_link(token: &str) => "/set-password/{token}";
    /// One's own account: logins, sign out elsewhere.
    pub fn account() => "/account";
    /// Where another password of one's own is sent.
    pub fn account_password() => "/account/password";
    /// Where one's logins are ended.
    pub fn account_logins() => "/account/logins";
}

/// Signing in; afterwards on to `next`, a path of this site.
pub fn sign_in(next: Option<&str>) -> String {
    let next = next.map(|next| ("next", next.to_owned()));
    with_query(sign_in_page(), next.as_slice())
}

/// The sign-in page, saying that one is signed out.
pub fn signed_out() -> String {
    format!("{}?done=signed-out", sign_in_page())
}

/// The sign-in page, saying that the new password is set.
pub fn password_set() -> String {
    format!("{}?done=password-set", sign_in_page())
}

/// Setting a password, by a one-time secret.
pub fn set_password(secret: &Secret) -> String {
    password_link(&secret.reveal())
}

/// One's own account, saying that the password was changed.
pub fn account_password_changed() -> String {
    format!("{}?done=password", account())
}
