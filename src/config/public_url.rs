//! The site's public address.

use std::fmt;

use axum::http::{Uri, uri::Authority};

/// What links start with: scheme and host, as a browser writes them in `Origin`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl(String);

impl PublicUrl {
    /// Takes `http://` or `https://`, a host and perhaps a port; nothing behind it but one slash.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = || "is not http:// or https:// with a host, and nothing behind it".to_owned();
        let uri: Uri = text.parse().map_err(|_| wrong())?;
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else { return Err(wrong()) };
        let bare = authority.as_str() == text[scheme.len() + 3..].trim_end_matches('/');
        if !matches!(scheme, "http" | "https") || !bare || authority.as_str().contains('@') || !names_a_host(authority)
        {
            return Err(wrong());
        }
        let host = authority.host().to_ascii_lowercase();
        Ok(Self(match (scheme, authority.port_u16()) {
            (_, None) | ("http", Some(80)) | ("https", Some(443)) => format!("{scheme}://{host}"),
            (_, Some(port)) => format!("{scheme}://{host}:{port}"),
        }))
    }

    /// What a browser on this machine types.
    pub fn of_this_machine(port: u16) -> Self {
        Self(format!("http://localhost:{port}"))
    }

    /// The address without a slash at its end.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether visitors come through TLS: then cookies are `Secure` and HSTS is sent.
    pub fn is_https(&self) -> bool {
        self.0.starts_with("https:")
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether a host stands there and nothing but a port behind it: the parser itself takes any text for a port.
pub fn names_a_host(authority: &Authority) -> bool {
    let place = authority.as_str().rsplit('@').next().unwrap_or_default();
    let behind = place.strip_prefix(authority.host()).unwrap_or_default();
    !authority.host().is_empty() && (behind.is_empty() || behind[1..].parse::<u16>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_public_address_is_what_a_browser_says_as_origin() {
        for (given, kept) in [
            ("https://Conference.Example.eu/", "https://conference.example.eu"),
            ("https://conference.example.eu:443", "https://conference.example.eu"),
            ("http://[::1]:8080", "http://[::1]:8080"),
        ] {
            assert_eq!(PublicUrl::parse(given).unwrap().as_str(), kept);
        }
        for wrong in [
            "conference.example.eu",
            "ftp://a.eu",
            "https://a.eu/path",
            "https://a.eu?x",
            "https://me@a.eu",
            "https://a.eu:99999",
            "https://",
        ] {
            assert!(PublicUrl::parse(wrong).is_err(), "{wrong}");
        }
    }
}
