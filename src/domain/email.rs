//! E-mail addresses.

use std::fmt;

use unicode_normalization::UnicodeNormalization;

use super::text;

/// An address that a mail can be sent to: `local@domain` (RFC 5321) with an ASCII local part and a dot in the domain, at
/// most 254 characters. It is kept as typed, and beside that in its normalised form ([`normalised`]).
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
    /// It is not of the form name@city.eu.
    #[error("not an e-mail address")]
    Malformed,
    /// The part before the @ has letters beyond ASCII. Such mail (RFC 6531) is refused by many servers on its way.
    #[error("letters beyond ASCII before the @")]
    LocalPartNotAscii,
}

impl EmailAddress {
    /// Takes what was typed or pasted: cleaned as every line is, without a `mailto:` before it.
    pub fn parse(raw: &str) -> Result<Self, EmailError> {
        let line = text::clean_code(raw);
        let typed = without_scheme(&line);
        if typed.is_empty() {
            return Err(EmailError::Missing);
        }
        let (local, domain) = typed.rsplit_once('@').ok_or(EmailError::Malformed)?;
        // Quoted local parts and addresses in brackets are lawful, but nobody has one; refusing them keeps mail headers
        // plain.
        let plain = typed.chars().all(|c| {
            !c.is_control()
                && !c.is_whitespace()
                && !matches!(c, '"' | '<' | '>' | '[' | ']' | '\\' | ',' | ';' | '\u{FFFD}')
                // Direction overrides turn a list around behind an address.
                && !matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
        });
        if !plain || local.is_empty() || domain.is_empty() {
            return Err(EmailError::Malformed);
        }
        // Lawful too, and nobody's: what reads like a part of a link, like a route (`a%b@c`, `a!b`), or in a header like a
        // word that is encoded (`=?utf-8?…`).
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

    /// The address as it was typed: what is shown and written to.
    pub fn as_str(&self) -> &str {
        &self.typed
    }

    /// The form by which addresses are compared, looked up, counted and kept unique.
    pub fn normalised(&self) -> &str {
        &self.normalised
    }
}

/// Whether this is a label of a host's name (RFC 1123, section 2.1).
fn is_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && !label.starts_with('-')
        && !label.ends_with('-')
}

/// Whether this can be the last label, which is no number: `1.2.3.4` names no host.
fn is_top(label: &str) -> bool {
    !label.bytes().all(|byte| byte.is_ascii_digit())
}

/// The one form of all ways to write an address: invisible characters removed, NFKC, lower case, the domain in its ASCII
/// form (IDNA, UTS 46). Every table that compares addresses has it in a column beside the address; PostgreSQL folds nothing
/// by itself.
pub fn normalised(address: &str) -> String {
    let folded: String = text::clean_code(address).nfkc().flat_map(char::to_lowercase).collect();
    let Some((local, domain)) = folded.rsplit_once('@') else { return folded };
    let domain = idna::domain_to_ascii(domain).unwrap_or_else(|_| domain.to_owned());
    format!("{local}@{domain}")
}

/// Whether two addresses are the same but for how they are written.
pub fn is_same(one: &str, other: &str) -> bool {
    normalised(one) == normalised(other)
}

/// The mailbox behind an address, for limits on how much mail it gets and for nothing else: many servers put
/// `anna+anything@city.eu` where `anna@city.eu` goes, and Gmail reads no dots before the @.
pub fn mailbox(address: &str) -> String {
    let address = normalised(address);
    let Some((local, domain)) = address.rsplit_once('@') else { return address };
    let local = local.split('+').next().unwrap_or_default();
    match domain {
        "gmail.com" | "googlemail.com" => format!("{}@gmail.com", local.replace('.', "")),
        _ => format!("{local}@{domain}"),
    }
}

/// What is left of an address that was copied as a link.
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
    fn an_address_of_a_city_is_taken() {
        for good in
            ["anna@city.example", " Zeljka.Horvat@graz.example ", "o'neill+mce@it.dublin.example", "a@müller.example"]
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
    fn a_local_part_beyond_ascii_is_refused_for_its_own_reason() {
        for bad in ["željka@graz.example", "άννα@athens.example", "anna\u{301}@graz.example"] {
            assert_eq!(EmailAddress::parse(bad), Err(EmailError::LocalPartNotAscii), "{bad}");
        }
    }

    #[test]
    fn what_comes_along_when_an_address_is_pasted_is_no_part_of_it() {
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
    fn all_ways_to_write_an_address_have_one_form() {
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
    fn a_letter_that_only_looks_alike_makes_another_address() {
        for (one, other) in [
            ("admin@majorcİtİes.example", "admin@majorcities.example"),
            ("admin@majorcıties.example", "admin@majorcities.example"),
            ("admin@mаjorcities.example", "admin@majorcities.example"),
        ] {
            assert!(!is_same(one, other), "{one} {other}");
        }
    }

    #[test]
    fn a_tag_makes_no_other_mailbox_and_neither_do_dots_at_gmail() {
        assert_eq!(mailbox("Anna+1@City.Example"), mailbox("anna@city.example"));
        assert_ne!(mailbox("anna+1@city.example"), mailbox("boris+1@city.example"));
        assert_eq!(mailbox("a.n.na+x@googlemail.com"), mailbox("anna@gmail.com"));
        assert_ne!(mailbox("a.nna@city.example"), mailbox("anna@city.example"));
        assert!(!is_same("a.nna@gmail.com", "anna@gmail.com"), "only limits read it so");
    }

    proptest! {
        #[test]
        fn the_normalised_form_is_ascii_in_lower_case_and_its_own_normalised_form(
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
