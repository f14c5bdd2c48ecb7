//! E-mail addresses.

use std::fmt;

/// An address that a mail can be sent to: `local@domain` (RFC 5321) with a dot in the domain, at most 254
/// characters, kept as typed.
#[derive(Clone, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(transparent)]
pub struct EmailAddress(String);

/// Why an address was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EmailError {
    /// Nothing was given.
    #[error("missing")]
    Missing,
    /// It is not of the form name@city.eu.
    #[error("not an e-mail address")]
    Malformed,
}

impl EmailAddress {
    /// Takes what was typed, trimmed.
    pub fn parse(raw: &str) -> Result<Self, EmailError> {
        let text = raw.trim_matches([' ', '\t']);
        if text.is_empty() {
            return Err(EmailError::Missing);
        }
        let address: lettre::Address = text.parse().map_err(|_| EmailError::Malformed)?;
        let domain = address.domain();
        let named = domain.split('.').count() >= 2 && domain.split('.').all(|label| !label.is_empty());
        // Quoted local parts and addresses in brackets are lawful and nobody's; refusing them keeps mail headers plain.
        let plain = text.chars().all(|c| {
            !c.is_control()
                && !c.is_whitespace()
                && !matches!(c, '"' | '<' | '>' | '[' | ']' | '\\' | ',' | ';' | '\u{FFFD}')
                // Direction overrides turn a list around behind an address.
                && !matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
        });
        if !named || !plain || text.chars().count() > 254 {
            return Err(EmailError::Malformed);
        }
        Ok(Self(text.to_owned()))
    }

    /// The address as it was typed.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// One form for all ways of writing the same address, for comparing and counting.
    pub fn folded(&self) -> String {
        self.0.to_lowercase()
    }

    /// The mailbox behind the address, for limits: many servers put `anna+anything@city.eu` where `anna@city.eu` goes.
    pub fn mailbox(&self) -> String {
        let folded = self.folded();
        match folded.split_once('@') {
            Some((local, domain)) => format!("{}@{domain}", local.split('+').next().unwrap_or_default()),
            None => folded,
        }
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_a_city_is_taken() {
        for good in
            ["anna@city.example", " Željka.Horvat@graz.example ", "o'neill+mce@it.dublin.example", "a@müller.example"]
        {
            assert!(EmailAddress::parse(good).is_ok(), "{good}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for bad in [
            "zeljka@graz",
            "anna",
            "@city.example",
            "anna@",
            "a b@city.example",
            "anna@city.example\nBcc: x@y.example",
            "\"a b\"@city.example",
            "anna@city..example",
            "anna@[127.0.0.1]",
            "a@b.example, c@d.example",
            "anna\u{202E}@city.example",
        ] {
            assert_eq!(EmailAddress::parse(bad), Err(EmailError::Malformed), "{bad}");
        }
        assert_eq!(EmailAddress::parse("  "), Err(EmailError::Missing));
    }

    #[test]
    fn a_tag_makes_no_other_mailbox() {
        let mailbox = |raw| EmailAddress::parse(raw).map(|address| address.mailbox());
        assert_eq!(mailbox("Anna+1@City.Example"), mailbox("anna@city.example"));
        assert_ne!(mailbox("anna+1@city.example"), mailbox("boris+1@city.example"));
    }

    #[test]
    fn case_makes_no_other_address() {
        let folded = |raw| EmailAddress::parse(raw).map(|address| address.folded());
        assert_eq!(folded("Anna@City.Example"), folded("anna@city.example"));
    }
}
