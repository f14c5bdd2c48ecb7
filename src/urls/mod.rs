//! Functions that return the address of every page. Templates, mails and redirects use them instead of building paths.
//! They return paths from the root; [`crate::web::App::absolute`] adds the public address.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::domain::dialled;

/// Defines functions that return addresses, each from the pattern of its route. The function's parameters have the
/// names in the pattern. The unit tests of `routes` compare the patterns with the routes.
macro_rules! links {
    ($($(#[$doc:meta])* $vis:vis fn $name:ident($($part:ident: $kind:ty),*) => $pattern:literal;)+) => {
        $(
            $(#[$doc])*
            $vis fn $name($($part: $kind),*) -> String {
                format!($pattern)
            }
        )+

        /// The patterns of the addresses in this module.
        #[allow(dead_code, reason = "only the unit tests of `routes` use all of them")]
        pub const PATTERNS: &[&str] = &[$($pattern),+];
    };
}

pub mod access;
pub mod administration;
pub mod organisers;
pub mod public;
pub mod query;
pub mod staff;

/// Returns the patterns of all addresses.
#[cfg(test)]
pub fn patterns() -> impl Iterator<Item = &'static str> {
    let wings = [public::PATTERNS, access::PATTERNS, staff::PATTERNS, organisers::PATTERNS, administration::PATTERNS];
    wings.into_iter().flatten().copied()
}

/// Returns the complete address of a path of this site. `public` is the address that visitors use, without a slash at
/// its end.
pub fn absolute(public: &str, path: &str) -> String {
    format!("{public}{path}")
}

/// Returns the host name in the public address, for identifiers that must be unique worldwide.
pub fn host(public: &str) -> &str {
    let place = public.split_once("://").map_or(public, |(_, rest)| rest);
    // An IPv6 address is in brackets and contains colons.
    let end = place.find(']').map_or_else(|| place.find([':', '/']), |bracket| Some(bracket + 1));
    &place[..end.unwrap_or(place.len())]
}

/// Returns the address of another site without its scheme, such as `www.kongresshalle.com`.
pub fn shown(address: &str) -> &str {
    let bare = address.split_once("://").map_or(address, |(_, rest)| rest);
    bare.trim_end_matches('/')
}

/// Returns a link to an e-mail address (RFC 6068). Special characters are encoded, so that an address cannot add
/// another recipient.
pub fn mailto(address: &str) -> String {
    format!("mailto:{}", utf8_percent_encode(address, IN_ADDRESS))
}

/// The characters that are encoded in a link to an e-mail address.
const IN_ADDRESS: &AsciiSet = &NON_ALPHANUMERIC.remove(b'@').remove(b'.').remove(b'-').remove(b'_').remove(b'+');

/// Returns a link to a telephone or fax number (RFC 3966, which has one scheme for both).
pub fn telephone(number: &str) -> String {
    let digits = || number.chars().filter(char::is_ascii_digit).collect();
    format!("tel:{}", dialled(number).unwrap_or_else(digits))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_is_named_without_scheme_and_port() {
        assert_eq!(host("https://conference.example.eu"), "conference.example.eu");
        assert_eq!(host("http://localhost:8080"), "localhost");
        assert_eq!(host("http://[::1]:8080"), "[::1]");
    }

    #[test]
    fn an_address_is_its_routes_pattern_with_everything_in_its_place() {
        let attendee = "01900000-0000-7000-8000-000000000001".parse().expect("a key");
        assert_eq!(
            staff::attendee_done("leipzig-2018", attendee, "corrected"),
            "/staff/leipzig-2018/attendees/01900000-0000-7000-8000-000000000001?done=corrected"
        );
        assert_eq!(access::sign_in(Some("/account?a=b")), "/sign-in?next=%2Faccount%3Fa%3Db");
        assert_eq!(staff::messages_after("leipzig-2018", None, "sent"), "/staff/leipzig-2018/messages?done=sent");
    }
}
