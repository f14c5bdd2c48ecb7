//! The cookies of people with accounts. Nobody has one before signing in.

use axum::http::{HeaderMap, HeaderValue, header};

use crate::{domain::Secret, store::people::logins, web::App};

/// A cookie that holds a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cookie {
    /// The login. It lasts until the browser is closed or the login ends in the database, whichever is first.
    Login,
    /// The browser that has signed in. It outlasts the login: whoever comes back with it is no stranger and has tries at
    /// the password of their own.
    Browser,
}

impl Cookie {
    /// `__Host-` ties the cookie to this host, to https and to all its paths (RFC 6265bis, section 4.1.3.2).
    fn name(self, app: &App) -> &'static str {
        match (self, app.is_secure()) {
            (Self::Login, true) => "__Host-login",
            (Self::Login, false) => "login",
            (Self::Browser, true) => "__Host-browser",
            (Self::Browser, false) => "browser",
        }
    }

    /// The secret that comes with a request.
    pub fn secret(self, app: &App, headers: &HeaderMap) -> Option<Secret> {
        headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(';'))
            .find_map(|pair| pair.trim().strip_prefix(self.name(app))?.strip_prefix('='))
            .and_then(Secret::parse)
    }

    /// The header that gives the cookie, or with `None` takes it away.
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
