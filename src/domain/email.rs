//! E-mail addresses.

use std::fmt;

use unicode_normalization::UnicodeNormalization;

use super::{read_from_text, text};

/// An address that mail can be sent to: `local@domain` (RFC 5321) with an ASCII local part, a dot in the domain and at
/// most 254 characters. It is kept both as typed and in its normalised form ([`normalised`]).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EmailAddress {
    typed: String,
    normalised: String,
}

/// Why an address was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EmailError {
    /// Nothing was given.
    #[error("missing")]
    Missing,
    /// It does not have the form name@city.eu.
    #[error("not an e-mail address")]
    Malformed,
    /// The part before the @ contains non-ASCII letters (RFC 6531). Many mail servers reject such addresses.
    #[error("non-ASCII letters before the @")]
    LocalPartNotAscii,
}

read_from_text! { EmailAddress: |text| EmailAddress::parse(text).ok(); }

impl EmailAddress {
    /// Parses what was typed or pasted, after cleaning it and removing a leading `mailto:`.
    pub fn parse(raw: &str) -> Result<Self, EmailError> {
        let line = text::clean_code(raw);
        let typed = without_scheme(&line);
        if typed.is_empty() {
            return Err(EmailError::Missing);
        }
        let (local, domain) = typed.rsplit_once('@').ok_or(EmailError::Malformed)?;
        // Quoted local parts and addresses in brackets are valid, but hardly anybody has one. Refusing them keeps
        // special characters out of mail headers.
        let plain = typed.chars().all(|c| {
            !c.is_control()
                && !c.is_whitespace()
                && !matches!(c, '"' | '<' | '>' | '[' | ']' | '\\' | ',' | ';' | '\u{FFFD}')
                // Direction overrides would reverse the text that follows the address in a list.
                && !matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
        });
        if !plain || local.is_empty() || domain.is_empty() {
            return Err(EmailError::Malformed);
        }
        // Also valid but hardly ever used: characters that make an address look like part of a link, like a route
        // (`a%b@c`, `a!b`) or, in a header, like an encoded word (`=?utf-8?…`, RFC 2047).
        if local.contains(['/', '?', '#', '%', '!', '|', '{', '}', '`']) {
            return Err(EmailError::Malformed);
        }
        if !local.is_ascii() {
            return Err(EmailError::LocalPartNotAscii);
        }
        let host = idna::domain_to_ascii(domain).map_err(|_| EmailError::Malformed)?;
        let named =
            host.contains('.') && host.split('.').all(is_label) && host.split('.').next_back().is_some_and(is_top);
        let deliverable = lettre::Address::new(local, &host).is_ok() && local.len() <= 64;
        if !named || !deliverable || local.len() + 1 + host.len() > 254 || typed.chars().count() > 254 {
            return Err(EmailError::Malformed);
        }
        Ok(Self { normalised: normalised(typed), typed: typed.to_owned() })
    }

    /// Returns the address as it was typed: it is shown, and mail is sent to it, in this form.
    pub fn as_str(&self) -> &str {
        &self.typed
    }

    /// Returns the form in which addresses are compared, looked up, counted and kept unique.
    pub fn normalised(&self) -> &str {
        &self.normalised
    }
}

/// Returns whether this is a valid label of a host name (RFC 1123, section 2.1).
fn is_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && !label.starts_with('-')
        && !label.ends_with('-')
}

/// Returns whether this can be the last label of a host name. A number cannot: `1.2.3.4` is not a host name.
fn is_top(label: &str) -> bool {
    !label.bytes().all(|byte| byte.is_ascii_digit())
}

/// Normalises an address: removes invisible characters, applies NFKC and lower case, and converts the domain to its
/// ASCII form (IDNA, UTS 46). Every table that compares addresses stores this form in a column beside the address,
/// because PostgreSQL does not normalise it.
pub fn normalised(address: &str) -> String {
    let folded: String = text::clean_code(address).nfkc().flat_map(char::to_lowercase).collect();
    let Some((local, domain)) = folded.rsplit_once('@') else { return folded };
    let domain = idna::domain_to_ascii(domain).unwrap_or_else(|_| domain.to_owned());
    format!("{local}@{domain}")
}

/// Returns whether two addresses have the same normalised form.
pub fn is_same(one: &str, other: &str) -> bool {
    normalised(one) == normalised(other)
}

/// Returns the mailbox that an address most likely delivers to: many servers deliver `anna+anything@city.eu` to
/// `anna@city.eu`, and Gmail ignores dots before the @. Used only to limit how much mail a mailbox gets.
pub fn mailbox(address: &str) -> String {
    let address = normalised(address);
    let Some((local, domain)) = address.rsplit_once('@') else { return address };
    let local = local.split('+').next().unwrap_or_default();
    match domain {
        "gmail.com" | "googlemail.com" => format!("{}@gmail.com", local.replace('.', "")),
        _ => format!("{local}@{domain}"),
    }
}

/// Removes `mailto:` and a query (`?subject=…`) from an address that was copied as a link.
pub fn without_scheme(line: &str) -> &str {
    const SCHEME: &str = "mailto:";
    match line.get(..SCHEME.len()) {
        Some(scheme) if scheme.eq_ignore_ascii_case(SCHEME) => {
            line[SCHEME.len()..].split('?').next().unwrap_or_default().trim()
        }
        _ => line,
    }
}

impl serde::Serialize for EmailAddress {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.typed)
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.typed)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parsed(raw: &str) -> Result<String, EmailError> {
        EmailAddress::parse(raw).map(|address| address.to_string())
    }

    #[test]
    fn valid_addresses_are_accepted() {
        for good in
            ["anna@city.example", " Zeljka.Horvat@graz.example ", "o'neill+mce@it.dublin.example", "a@müller.example"]
        {
            assert!(EmailAddress::parse(good).is_ok(), "{good}");
        }
    }

    #[test]
    fn malformed_addresses_are_refused() {
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
            "anna@city.example/x",
            "anna@city.example?x=1",
            "anna@ci|ty.example",
            "anna@127.0.0.1",
            "anna@city.123",
            "anna@city_hall.example",
            "anna@-city.example",
            "=?utf-8?q?x?=@city.example",
            "evil.example/win@city.example",
            "anna%city.example@graz.example",
            &format!("{}@city.example", "a".repeat(65)),
            &format!("a@{}.example", "ü".repeat(63)),
        ] {
            assert_eq!(EmailAddress::parse(bad), Err(EmailError::Malformed), "{bad}");
        }
        assert_eq!(EmailAddress::parse("  "), Err(EmailError::Missing));
        assert_eq!(EmailAddress::parse("mailto:"), Err(EmailError::Missing));
    }

    #[test]
    fn non_ascii_letters_before_the_at_sign_are_refused_with_their_own_error() {
        for bad in ["željka@graz.example", "άννα@athens.example", "anna\u{301}@graz.example"] {
            assert_eq!(EmailAddress::parse(bad), Err(EmailError::LocalPartNotAscii), "{bad}");
        }
    }

    #[test]
    fn invisible_characters_and_schemes_pasted_with_an_address_are_removed() {
        for pasted in [
            "anna@graz.example\u{A0}",
            "\u{2009}anna@graz.example\u{3000}",
            "anna@graz.example\u{200B}",
            "\u{FEFF}anna@graz.example",
            "\u{200E}anna@graz.example\u{200E}",
            "an\u{AD}na@gr\u{AD}az.example",
            "anna\u{200C}@graz\u{200D}.example\u{FE0F}",
            "\u{2066}anna@graz.example\u{2069}",
            "\u{202D}anna@graz.example\u{202C} ",
            "ａｎｎａ＠ｇｒａｚ．ｅｘａｍｐｌｅ",
            "mailto:anna@graz.example",
            "MailTo:anna@graz.example?subject=Hello",
        ] {
            assert_eq!(parsed(pasted), Ok("anna@graz.example".to_owned()), "{pasted:?}");
        }
    }

    #[test]
    fn different_spellings_of_an_address_have_one_normalised_form() {
        for (one, other) in [
            ("Anna@City.Example", "anna@city.example"),
            ("anna@MÜLLER.example", "anna@xn--mller-kva.example"),
            ("anna@mu\u{308}ller.example", "anna@müller.example"),
            ("anna@ｃｉｔｙ.example", "anna@city.example"),
            ("anna@ci\u{AD}ty.example", "anna@city.example"),
            ("anna@city。example", "anna@city.example"),
        ] {
            assert!(is_same(one, other), "{one} {other}");
        }
    }

    #[test]
    fn look_alike_letters_make_a_different_address() {
        for (one, other) in [
            ("admin@majorcİtİes.example", "admin@majorcities.example"),
            ("admin@majorcıties.example", "admin@majorcities.example"),
            ("admin@mаjorcities.example", "admin@majorcities.example"),
        ] {
            assert!(!is_same(one, other), "{one} {other}");
        }
    }

    #[test]
    fn a_plus_tag_and_dots_at_gmail_do_not_make_another_mailbox() {
        assert_eq!(mailbox("Anna+1@City.Example"), mailbox("anna@city.example"));
        assert_ne!(mailbox("anna+1@city.example"), mailbox("boris+1@city.example"));
        assert_eq!(mailbox("a.n.na+x@googlemail.com"), mailbox("anna@gmail.com"));
        assert_ne!(mailbox("a.nna@city.example"), mailbox("anna@city.example"));
        assert!(!is_same("a.nna@gmail.com", "anna@gmail.com"), "only limits ignore dots");
    }

    proptest! {
        #[test]
        fn normalising_gives_lower_case_ascii_and_twice_gives_the_same_as_once(
            raw in "[a-zA-Z.+-]{1,9}@\\PC{1,9}\\.(eu|EU|рф|example)",
        ) {
            if let Ok(address) = EmailAddress::parse(&raw) {
                let form = address.normalised();
                prop_assert!(form.is_ascii() && form == form.to_ascii_lowercase(), "{form}");
                prop_assert_eq!(normalised(form), form);
                prop_assert!(EmailAddress::parse(form).is_ok_and(|again| again.normalised() == form));
            }
        }
    }
}
