//! Telephone numbers of the operations desk, which every page links to.

/// A number that can be dialled, kept as it was typed: "+43 (0)1 7189476-33".
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(transparent)]
pub struct TelephoneNumber(String);

/// Why a number was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TelephoneNumberError {
    /// Nothing was given.
    #[error("missing")]
    Missing,
    /// It cannot be dialled.
    #[error("not a telephone number")]
    Malformed,
}

impl TelephoneNumber {
    /// Cleans and validates what was typed: up to 50 characters that [`dialled()`] understands.
    pub fn parse(raw: &str) -> Result<Self, TelephoneNumberError> {
        let text = super::Telephone::parse(raw).map_err(|_| TelephoneNumberError::Malformed)?;
        if text.as_str().is_empty() {
            return Err(TelephoneNumberError::Missing);
        }
        dialled(text.as_str()).ok_or(TelephoneNumberError::Malformed)?;
        Ok(Self(text.as_str().to_owned()))
    }

    /// Returns the number as it was typed.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for TelephoneNumber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// The words that introduce an extension, longer spellings first.
const EXTENSIONS: [&str; 7] = ["durchwahl", "extension", "ext.", "ext", "dw.", "dw", "x"];

/// Converts a number to the form in which it is dialled (RFC 3966, without `tel:`); `None` if it is not a number. A
/// number has 5 to 15 digits (E.164), the usual separators and, optionally, an extension of 1 to 7 digits. Digits after
/// a hyphen are part of the number, not an extension.
pub fn dialled(written: &str) -> Option<String> {
    let written = written.to_lowercase();
    let (number, extension) = match EXTENSIONS.iter().find_map(|word| written.split_once(word)) {
        Some((number, extension)) => (number.trim_end_matches([' ', ',', ';']), Some(digits(extension)?)),
        None => (&*written, None),
    };
    let number = match international(number) {
        Some(rest) => format!("+{}", digits(&without_trunk_prefix(rest))?),
        None => digits(number)?,
    };
    let length = number.trim_start_matches('+').len();
    let extends = |extension: &String| (1..=7).contains(&extension.len());
    if !(5..=15).contains(&length) || !extension.iter().all(extends) {
        return None;
    }
    Some(number + &extension.map(|extension| format!(";ext={extension}")).unwrap_or_default())
}

/// Returns what follows the plus sign, or the `00` that stands for it in Europe; `None` if there is neither.
fn international(number: &str) -> Option<&str> {
    let number = number.trim_start_matches([' ', '(']);
    number.strip_prefix('+').or_else(|| number.strip_prefix("00"))
}

/// Removes the trunk prefix: the digits in brackets after the country code that are dialled only within the country, as
/// in "+44 (0)20" or "+49 (0341) 12". In Italy and San Marino the zero is dialled from abroad too, so it stays.
fn without_trunk_prefix(number: &str) -> String {
    let opens = |c: char| matches!(c, '(' | '[');
    let Some((code, (area, rest))) =
        number.split_once(opens).and_then(|(code, rest)| Some((code, rest.split_once([')', ']'])?)))
    else {
        return number.to_owned();
    };
    let (country, prefix) = match digits(code).as_deref() {
        Some(country @ ("39" | "378")) => (country.to_owned(), ""),
        Some("36") => ("36".to_owned(), "06"),
        Some(country @ ("7" | "370" | "375")) => (country.to_owned(), "8"),
        Some(country) if country.len() <= 3 => (country.to_owned(), "0"),
        _ => return number.to_owned(),
    };
    let area = area.trim();
    let area = if area == prefix {
        ""
    } else if prefix == "0" {
        area.strip_prefix('0').unwrap_or(area)
    } else {
        area
    };
    format!("{country} {area} {rest}")
}

/// Returns the digits of a text; `None` if it contains anything but digits and separators.
fn digits(text: &str) -> Option<String> {
    let separates = |c: char| matches!(c, ' ' | '(' | ')' | '[' | ']' | '-' | '.' | '/' | '\u{2010}'..='\u{2015}');
    let digits: String = text.chars().filter(|c| !separates(*c)).collect();
    digits.bytes().all(|byte| byte.is_ascii_digit()).then_some(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separators_and_trunk_prefixes_are_not_dialled() {
        for (written, expected) in [
            ("+43 1 7189476-33", "+431718947633"),
            ("+43 (0)1 7189476-33", "+431718947633"),
            ("+43(0)1/7189476–33", "+431718947633"),
            ("+44 (0) 20 7946 0000", "+442079460000"),
            ("(+49) (0341) 123 45", "+4934112345"),
            ("+49 [0]341 12345", "+4934112345"),
            ("+36 (06) 1 234 5678", "+3612345678"),
            ("+7 (812) 123-45-67", "+78121234567"),
            ("+370 (8) 5 212 3456", "+37052123456"),
            ("+39 (0)41 123456", "+39041123456"),
            ("+43 (1) 7189476", "+4317189476"),
            ("0043 (0)1 7189476", "+4317189476"),
            ("0341 123-0", "03411230"),
            ("+43 1 7189476 ext. 12", "+4317189476;ext=12"),
            ("+43 1 7189476 DW 33", "+4317189476;ext=33"),
            ("+43 1 7189476, Durchwahl 33", "+4317189476;ext=33"),
            ("+1 212 555 0100 x33", "+12125550100;ext=33"),
        ] {
            assert_eq!(dialled(written).as_deref(), Some(expected), "{written}");
        }
    }

    #[test]
    fn text_that_cannot_be_dialled_is_refused() {
        for wrong in [
            "call us",
            "12",
            "+",
            "+43",
            "1234567890123456",
            "+43 1 7189476 (Anna)",
            "+43 1 7189476 ext.",
            "++43 1 7189",
        ] {
            assert_eq!(TelephoneNumber::parse(wrong), Err(TelephoneNumberError::Malformed), "{wrong}");
        }
        assert_eq!(TelephoneNumber::parse(" "), Err(TelephoneNumberError::Missing));
        assert_eq!(TelephoneNumber::parse(&"1 ".repeat(26)), Err(TelephoneNumberError::Malformed));
    }

    #[test]
    fn a_number_is_kept_as_it_was_typed() {
        let number = TelephoneNumber::parse(" +43 (0)1 7189476-33 ").map(|number| number.to_string());
        assert_eq!(number.as_deref(), Ok("+43 (0)1 7189476-33"));
    }
}
