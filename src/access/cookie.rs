//! The cookies of people with accounts. Nobody gets a cookie before signing in.

use axum::http::{HeaderMap, HeaderValue, header};

use crate::{domain::Secret, store::people::logins, web::App};

/// A cookie that holds a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cookie {
    /// The login. It lasts until the browser is closed or the login ends in the database, whichever comes first.
    Login,
    /// A browser that has signed in before. It outlasts the login, so that people who sign in again have a separate
    /// limit of attempts.
    Browser,
}

impl Cookie {
    /// Returns the cookie's name. The prefix `__Host-` restricts the cookie to this host and to https (RFC 6265bis,
    /// section 4.1.3.2).
    fn name(self, app: &App) -> &'static str {
        match (self, app.is_secure()) {
            (Self::Login, true) => "__Host-login",
            (Self::Login, false) => "login",
            (Self::Browser, true) => "__Host-browser",
            (Self::Browser, false) => "browser",
        }
    }

    /// Returns the secret in a request's cookie.
    pub fn secret(self, app: &App, headers: &HeaderMap) -> Option<Secret> {
        headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(';'))
            .find_map(|pair| pair.trim().strip_prefix(self.name(app))?.strip_prefix('='))
            .and_then(Secret::parse)
    }

    /// Returns the header that sets the cookie, or that deletes it if there is no secret.
    pub fn header(self, app: &App, secret: Option<&Secret>) -> HeaderValue {
        let value = secret.map(Secret::reveal).unwrap_or_default();
        let age = match (self, secret) {
            (_, None) => "; Max-Age=0".to_owned(),
            (Self::Login, Some(_)) => String::new(),
            (Self::Browser, Some(_)) => format!("; Max-Age={}", logins::KNOWN.whole_seconds()),
        };
        let secure = if app.is_secure() { "; Secure" } else { "" };
        HeaderValue::try_from(format!("{}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{age}", self.name(app)))
            .expect("a cookie of letters and digits is a header")
    }
}
