//! Numbers of bank accounts and banks.

use std::fmt;

use super::{read_from_text, text::clean_code};

/// The number of a bank account (IBAN, ISO 13616), stored without spaces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Iban(String);

/// The code of a bank (BIC, ISO 9362).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bic(String);

/// Why a number or code was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BankError {
    /// It does not have the form of such a number.
    #[error("malformed")]
    Malformed,
    /// Its check digits do not fit, so it has a typing error.
    #[error("wrong check digits")]
    WrongCheckDigits,
}

read_from_text! {
    Iban: |text| Iban::parse(text).ok().flatten();
    Bic: |text| Bic::parse(text).ok().flatten();
}

impl Iban {
    /// Cleans and validates what was typed, with or without spaces. An empty field gives `None`.
    pub fn parse(raw: &str) -> Result<Option<Self>, BankError> {
        let text = compact(raw);
        if text.is_empty() {
            return Ok(None);
        }
        let shape = |at: std::ops::Range<usize>, is: fn(&u8) -> bool| text.as_bytes()[at].iter().all(is);
        let is_shaped = (15..=34).contains(&text.len())
            && shape(0..2, u8::is_ascii_uppercase)
            && shape(2..4, u8::is_ascii_digit)
            && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
        if !is_shaped {
            return Err(BankError::Malformed);
        }
        if remainder(&text) == 1 { Ok(Some(Self(text))) } else { Err(BankError::WrongCheckDigits) }
    }

    /// Returns the number without spaces.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Returns the remainder modulo 97 (ISO 7064): the first four characters go to the end, and letters count from 10 (A) to 35 (Z).
fn remainder(iban: &str) -> u32 {
    let (start, rest) = iban.split_at(4);
    rest.chars().chain(start.chars()).fold(0, |remainder, c| {
        let value = c.to_digit(36).unwrap_or_default();
        (remainder * if value > 9 { 100 } else { 10 } + value) % 97
    })
}

impl fmt::Display for Iban {
    /// Writes groups of four, as on paper.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, c) in self.0.chars().enumerate() {
            if index > 0 && index % 4 == 0 {
                f.write_str(" ")?;
            }
            write!(f, "{c}")?;
        }
        Ok(())
    }
}

impl Bic {
    /// Cleans and validates what was typed. An empty field gives `None`.
    pub fn parse(raw: &str) -> Result<Option<Self>, BankError> {
        let text = compact(raw);
        if text.is_empty() {
            return Ok(None);
        }
        let is_shaped = matches!(text.len(), 8 | 11)
            && text.bytes().take(6).all(|byte| byte.is_ascii_uppercase())
            && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
        if is_shaped { Ok(Some(Self(text))) } else { Err(BankError::Malformed) }
    }

    /// Returns the code.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Bic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn compact(raw: &str) -> String {
    clean_code(raw).replace([' ', '-'], "").to_ascii_uppercase()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The examples of the registry of IBANs.
    const VALID: [&str; 5] = [
        "DE89 3704 0044 0532 0130 00",
        "AT61 1904 3002 3457 3201",
        "NO93 8601 1117 947",
        "GB29 NWBK 6016 1331 9268 19",
        "MT84 MALT 0110 0001 2345 MTLC AST0 01S",
    ];

    #[test]
    fn an_iban_is_shown_in_groups_of_four() {
        for iban in VALID {
            for typed in [iban.to_owned(), iban.replace(' ', ""), iban.to_lowercase(), iban.replace(' ', "-")] {
                let parsed = Iban::parse(&typed).expect("a valid number").expect("a number");
                assert_eq!((parsed.to_string().as_str(), parsed.as_str()), (iban, iban.replace(' ', "").as_str()));
            }
        }
        assert_eq!(Iban::parse("  "), Ok(None));
    }

    #[test]
    fn an_iban_with_a_typing_error_is_refused() {
        for (typed, error) in [
            ("DE89 3704 0044 0532 0130 01", BankError::WrongCheckDigits),
            ("DE89 3704 0044 0532 1030 00", BankError::WrongCheckDigits),
            ("DE89", BankError::Malformed),
            ("89DE 3704 0044 0532 0130 00", BankError::Malformed),
            ("DE89 3704 0044 0532 0130 0é", BankError::Malformed),
        ] {
            assert_eq!(Iban::parse(typed), Err(error), "{typed}");
        }
    }

    #[test]
    fn a_bic_has_eight_or_eleven_characters() {
        let shown = |typed| Bic::parse(typed).map(|bic| bic.map(|bic| bic.to_string()));
        assert_eq!(shown("cobadeff xxx"), Ok(Some("COBADEFFXXX".to_owned())));
        assert_eq!(shown("COBADEFF"), Ok(Some("COBADEFF".to_owned())));
        assert_eq!(shown(""), Ok(None));
        for wrong in ["COBADEF", "COBADEFFXX", "C0BADEFF", "COBADEFÄ"] {
            assert_eq!(shown(wrong), Err(BankError::Malformed), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn one_wrong_digit_and_two_swapped_digits_are_always_noticed(number in 0..VALID.len(), at in 4_usize..15, digit in 0..10_u8) {
            let iban = VALID[number].replace(' ', "");
            let mut wrong = iban.clone().into_bytes();
            wrong[at] = b'0' + digit;
            let mut swapped = iban.clone().into_bytes();
            swapped.swap(at - 1, at);
            for typed in [wrong, swapped] {
                let typed = String::from_utf8(typed).expect("ASCII");
                prop_assert!(typed == iban || Iban::parse(&typed).is_err(), "{typed}");
            }
        }

        #[test]
        fn any_text_is_refused_or_shown_as_it_can_be_typed(text in any::<String>()) {
            if let Ok(Some(iban)) = Iban::parse(&text) {
                prop_assert_eq!(Iban::parse(&iban.to_string()), Ok(Some(iban)));
            }
        }
    }
}
