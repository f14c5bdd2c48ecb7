//! Addresses of other websites.

use std::fmt;

use super::{read_from_text, text::clean_line};

/// The address of a page on another website: `https://` or `http://`, a host, at most [`WebAddress::LIMIT`] characters, and no character
/// that could end the HTML attribute that it is written into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebAddress(String);

/// Why an address was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WebAddressError {
    /// Nothing was given.
    #[error("missing")]
    Missing,
    /// It has more than [`WebAddress::LIMIT`] characters.
    #[error("too long")]
    TooLong,
    /// It does not have the form `https://www.city.eu`.
    #[error("not a web address")]
    Malformed,
}

read_from_text! { WebAddress: |text| WebAddress::parse(text).ok(); }

impl WebAddress {
    /// The largest number of characters.
    pub const LIMIT: usize = 300;

    /// Cleans and validates what was typed.
    pub fn parse(raw: &str) -> Result<Self, WebAddressError> {
        let line = clean_line(raw);
        let text = line.as_str();
        if text.is_empty() {
            return Err(WebAddressError::Missing);
        }
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
        let host = rest.and_then(|rest| rest.split(['/', '?', '#']).next()).unwrap_or_default();
        let named = host.contains('.') && host.split('.').all(|label| !label.is_empty());
        let plain = text
            .chars()
            .all(|c| !c.is_whitespace() && !c.is_control() && !matches!(c, '"' | '\'' | '<' | '>' | '\\' | '\u{FFFD}'));
        if !named || !plain || host.contains('@') {
            return Err(WebAddressError::Malformed);
        }
        if text.chars().count() > Self::LIMIT {
            return Err(WebAddressError::TooLong);
        }
        Ok(Self(text.to_owned()))
    }

    /// Returns the address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for WebAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_web_address_is_accepted_and_a_script_is_not() {
        for good in ["https://www.kongresshalle.com/", " http://city.example/halls?id=3 "] {
            assert!(WebAddress::parse(good).is_ok(), "{good}");
        }
        for bad in
            ["www.city.example", "javascript:alert(1)", "https://", "https://city", "https://a.b/\"x", "ftp://a.b"]
        {
            assert_eq!(WebAddress::parse(bad), Err(WebAddressError::Malformed), "{bad}");
        }
        assert_eq!(WebAddress::parse(" "), Err(WebAddressError::Missing));
        let long = |count| format!("https://city.example/{}", "x".repeat(count));
        assert!(WebAddress::parse(&long(279)).is_ok());
        assert_eq!(WebAddress::parse(&long(280)), Err(WebAddressError::TooLong));
    }
}
