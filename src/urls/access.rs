//! Signing in, and a person's own account.

use super::query::with_query;
use crate::domain::Secret;

links! {
    fn sign_in_page() => "/sign-in";
    /// Signs a person out.
    pub fn sign_out() => "/sign-out";
    /// The page that asks for a link to set a new password.
    pub fn forgotten_password() => "/forgotten-password";
    fn password_link(token: &str) => "/set-password/{token}";
    /// A person's own account: logins and password.
    pub fn account() => "/account";
    /// Changes a person's own password.
    pub fn account_password() => "/account/password";
    /// Ends a person's own logins.
    pub fn account_logins() => "/account/logins";
}

/// The sign-in page. After signing in, it leads to `next`, a path of this site.
pub fn sign_in(next: Option<&str>) -> String {
    let next = next.map(|next| ("next", next.to_owned()));
    with_query(sign_in_page(), next.as_slice())
}

/// The sign-in page with the notice that the person is signed out.
pub fn signed_out() -> String {
    format!("{}?done=signed-out", sign_in_page())
}

/// The sign-in page with the notice that the new password is set.
pub fn password_set() -> String {
    format!("{}?done=password-set", sign_in_page())
}

/// The page that sets a password with a one-time secret.
pub fn set_password(secret: &Secret) -> String {
    password_link(&secret.reveal())
}

/// A person's own account with the notice that the password was changed.
pub fn account_password_changed() -> String {
    format!("{}?done=password", account())
}
