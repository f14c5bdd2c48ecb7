//! The setting `PUBLIC_URL`: the site's public address.

use std::fmt;

use axum::http::{Uri, uri::Authority};

/// The scheme, the host and, if it is not the default, the port, as browsers write them in `Origin`. Links start with
/// it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl(String);

impl PublicUrl {
    /// Parses `http://` or `https://` with a host and an optional port. Only a slash may follow.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = || "is not http:// or https:// with a host and nothing after it".to_owned();
        let uri: Uri = text.parse().map_err(|_| wrong())?;
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else { return Err(wrong()) };
        let nothing_follows = authority.as_str() == text[scheme.len() + 3..].trim_end_matches('/');
        if !matches!(scheme, "http" | "https")
            || !nothing_follows
            || authority.as_str().contains('@')
            || !names_a_host(authority)
        {
            return Err(wrong());
        }
        let host = authority.host().to_ascii_lowercase();
        Ok(Self(match (scheme, authority.port_u16()) {
            (_, None) | ("http", Some(80)) | ("https", Some(443)) => format!("{scheme}://{host}"),
            (_, Some(port)) => format!("{scheme}://{host}:{port}"),
        }))
    }

    /// Returns the address for browsers on this machine.
    pub fn of_this_machine(port: u16) -> Self {
        Self(format!("http://localhost:{port}"))
    }

    /// Returns the address without a final slash.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether visitors use HTTPS. Then cookies are `Secure` and HSTS is sent.
    pub fn is_https(&self) -> bool {
        self.0.starts_with("https:")
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether the authority has a host and, if anything follows, a valid port. The URI parser itself accepts any text as a
/// port.
pub fn names_a_host(authority: &Authority) -> bool {
    let host_and_port = authority.as_str().rsplit('@').next().unwrap_or_default();
    let port = host_and_port.strip_prefix(authority.host()).unwrap_or_default();
    !authority.host().is_empty() && (port.is_empty() || port[1..].parse::<u16>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_public_address_has_the_form_of_an_origin() {
        for (given, parsed) in [
            ("https://Conference.Example.eu/", "https://conference.example.eu"),
            ("https://conference.example.eu:443", "https://conference.example.eu"),
            ("http://[::1]:8080", "http://[::1]:8080"),
        ] {
            assert_eq!(PublicUrl::parse(given).unwrap().as_str(), parsed);
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
