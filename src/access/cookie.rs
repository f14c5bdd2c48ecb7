//! The cookie of a login. It is the only cookie of the site, and nobody has it before signing in.

use axum::http::{HeaderMap, HeaderValue, header};

use crate::{domain::Secret, web::App};

/// `__Host-` ties the cookie to this host, to https and to all its paths (RFC 6265bis, section 4.1.3.2).
fn name(app: &App) -> &'static str {
    if app.is_secure() { "__Host-login" } else { "login" }
}

/// The secret of the login that comes with a request.
pub fn login_secret(app: &App, headers: &HeaderMap) -> Option<Secret> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .find_map(|pair| pair.trim().strip_prefix(name(app))?.strip_prefix('='))
        .and_then(Secret::parse)
}

/// The header that gives the cookie, or with `None` takes it away. It lasts until the browser is closed or the login
/// ends in the database, whichever is first.
pub fn login_cookie(app: &App, secret: Option<&Secret>) -> HeaderValue {
    let value = secret.map(Secret::reveal).unwrap_or_default();
    let age = if secret.is_none() { "; Max-Age=0" } else { "" };
    let secure = if app.is_secure() { "; Secure" } else { "" };
    HeaderValue::try_from(format!("{}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{age}", name(app)))
        .expect("a cookie of letters and digits is a header")
}
