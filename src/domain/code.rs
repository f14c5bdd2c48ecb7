//! Codes that delegates give when they register: for an invitation, a lower fee, or a place that is kept for them.

use std::fmt;

use super::{
    Reference, read_from_text,
    text::{clean_code, clean_line, texts},
};

texts! {
    /// Whom or what a code is for: up to 200 characters, one line, may be empty.
    CodeAudience(200, OPTIONAL, LINE);
}

/// A code: 3 to 40 letters from A to Z, digits and hyphens. Capitals and spaces make no difference when it is typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code(String);

/// Why a text is not a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodeError {
    /// The text is empty.
    #[error("missing")]
    Missing,
    /// It is too short or too long, or has other characters.
    #[error("not a code")]
    Malformed,
}

impl Code {
    /// Parses a code as people type or paste it.
    pub fn parse(raw: &str) -> Result<Self, CodeError> {
        let typed = clean_code(raw);
        let code: String = typed.chars().filter(|c| !c.is_whitespace()).map(as_in_codes).collect();
        match code.len() {
            0 => Err(CodeError::Missing),
            3..=40 if code.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-') => Ok(Self(code)),
            _ => Err(CodeError::Malformed),
        }
    }

    /// Generates a code that nobody can guess.
    pub fn random() -> Self {
        Self(Reference::random().to_string())
    }

    /// Returns the code.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Returns a character as codes have it: a capital, and a hyphen for any kind of dash.
fn as_in_codes(c: char) -> char {
    match c {
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        c => c.to_ascii_uppercase(),
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

read_from_text! { Code: |text| Code::parse(text).ok(); }

/// How many people can use a code: 1 to 20,000.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CodeUses(u16);

/// The text is not a number of uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a number of uses")]
pub struct CodeUsesError;

impl CodeUses {
    /// Parses a whole number from 1 to 20,000. An empty field means no limit (`None`).
    pub fn parse(raw: &str) -> Result<Option<Self>, CodeUsesError> {
        let text = clean_line(raw);
        if text.is_empty() {
            return Ok(None);
        }
        match text.parse() {
            Ok(number) if (1..=20_000).contains(&number) => Ok(Some(Self(number))),
            _ => Err(CodeUsesError),
        }
    }

    /// Returns the number.
    pub fn number(self) -> i32 {
        i32::from(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_the_same_however_it_is_typed() {
        for typed in ["GRAZ-2018", " graz-2018 ", "Graz – 2018", "gra z\u{2011}2018", "ＧＲＡＺ-2018"] {
            assert_eq!(Code::parse(typed).as_ref().map(Code::as_str), Ok("GRAZ-2018"), "{typed}");
        }
    }

    #[test]
    fn other_characters_and_lengths_are_no_code() {
        assert_eq!(Code::parse(" "), Err(CodeError::Missing));
        for bad in ["AB", "GRÄZ", "A_B", "A/B/C", "'; drop", &"A".repeat(41)] {
            assert_eq!(Code::parse(bad), Err(CodeError::Malformed), "{bad}");
        }
        assert!(Code::parse(&"A".repeat(40)).is_ok());
    }

    #[test]
    fn a_random_code_is_a_code_and_no_other_is_equal() {
        let (one, other) = (Code::random(), Code::random());
        assert_eq!(Code::parse(one.as_str()).as_ref(), Ok(&one));
        assert_ne!(one, other);
    }

    #[test]
    fn the_number_of_uses_is_whole_and_may_be_without_limit() {
        assert_eq!(CodeUses::parse(" "), Ok(None));
        assert_eq!(CodeUses::parse("12").map(|uses| uses.map(CodeUses::number)), Ok(Some(12)));
        for bad in ["0", "-1", "1.5", "20001", "many"] {
            assert_eq!(CodeUses::parse(bad), Err(CodeUsesError), "{bad}");
        }
    }
}
