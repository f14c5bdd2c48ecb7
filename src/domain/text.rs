//! Texts that people type, each with its own length and rules.

use unicode_normalization::UnicodeNormalization;

use super::read_from_text;

/// Why a text was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Nothing was given where something is needed.
    #[error("missing")]
    Missing,
    /// Longer than the limit, in characters.
    #[error("longer than {0} characters")]
    TooLong(usize),
    /// A control character, or a line break, where one line is wanted.
    #[error("control character")]
    ControlCharacter,
    /// A control character where line breaks are welcome.
    #[error("control character in lines")]
    ControlCharacterInLines,
    /// Bytes that were no UTF-8; what came in their place is U+FFFD.
    #[error("unreadable character")]
    Unreadable,
}

/// What somebody typed or pasted into a field of one line, as they meant it. Surrounding space, invisible characters and
/// full-width forms come along when text is copied, and telephones type two spaces for one. Every field of one line is
/// cleaned here before it is read.
pub fn clean_line(raw: &str) -> String {
    // Composed as one character however the keyboard did it: else two spellings of one name would not be equal.
    let narrow: String = raw.chars().flat_map(narrowed).filter(|c| !is_invisible(*c)).nfc().collect();
    let end_of_line = |c: char| matches!(c, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{B}' | '\u{C}');
    // A line break stays where it is: a second line was typed, and the field's own rules say what they think of it.
    let lines = narrow.split_inclusive(end_of_line).map(|line| {
        let words = line.trim_end_matches(end_of_line);
        without_direction_around(words).split_whitespace().collect::<Vec<_>>().join(" ") + &line[words.len()..]
    });
    lines.collect()
}

/// The same for a field of several lines: space around the text goes, and so do invisible characters; what stands between
/// words stays, and full-width forms are part of a text in Chinese or Japanese.
pub fn clean_lines(raw: &str) -> String {
    let text: String = raw.replace("\r\n", "\n").chars().filter(|c| !is_invisible(*c)).nfc().collect();
    let text = text.replace('\r', "\n");
    let lines: Vec<_> = text.split('\n').map(without_direction_around).collect();
    lines.join("\n").trim().to_owned()
}

/// The same as [`clean_line`] for e-mail addresses and telephone numbers, where joiners and variation selectors have no
/// meaning: they come along from messages and web pages.
pub fn clean_code(raw: &str) -> String {
    clean_line(&raw.replace(|c: char| matches!(c, '\u{200C}' | '\u{200D}' | '\u{FE00}'..='\u{FE0F}'), ""))
}

/// Embeddings, overrides and isolates: they set the direction of the text between them.
fn is_direction(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// The line without direction characters at its ends. Telephones put a pair around a number that is copied from the
/// contacts.
fn without_direction_around(line: &str) -> String {
    let at_end = |c: char| is_direction(c) || c.is_whitespace();
    let without = |text: &str| text.replace(is_direction, "");
    let rest = line.trim_start_matches(at_end);
    let inner = rest.trim_end_matches(at_end);
    without(&line[..line.len() - rest.len()]) + inner + &without(&rest[inner.len()..])
}

/// The ordinary form of a full-width or half-width one (Unicode block Halfwidth and Fullwidth Forms).
fn narrowed(c: char) -> impl Iterator<Item = char> {
    let wide = matches!(c, '\u{FF01}'..='\u{FFEE}');
    let narrow = wide.then(|| std::iter::once(c).nfkc());
    let same = (!wide).then_some(c);
    narrow.into_iter().flatten().chain(same)
}

/// The form of a name by which people are compared and kept unique: cleaned, NFKC, lower case.
pub fn folded(name: &str) -> String {
    clean_line(name).nfkc().flat_map(char::to_lowercase).collect()
}

/// What kind of text a field takes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// One line.
    Line,
    /// Several lines; line breaks become `\n`.
    Lines,
    /// One line that is no text in any language, such as a telephone number.
    Code,
}

/// Cleans a text and applies the rules that all texts share.
fn checked(raw: &str, max: usize, kind: Kind) -> Result<String, TextError> {
    let lines = kind == Kind::Lines;
    let text = match kind {
        Kind::Line => clean_line(raw),
        Kind::Lines => clean_lines(raw),
        Kind::Code => clean_code(raw),
    };
    if text.contains('\u{FFFD}') {
        return Err(TextError::Unreadable);
    }
    let hidden = |c: char| {
        c.is_control() && !(lines && matches!(c, '\n' | '\t'))
            // Within a text they would turn a list or a mail around behind it.
            || is_direction(c)
            || (!lines && matches!(c, '\u{2028}' | '\u{2029}'))
    };
    if text.contains(hidden) {
        return Err(if lines { TextError::ControlCharacterInLines } else { TextError::ControlCharacter });
    }
    if text.chars().count() > max {
        return Err(TextError::TooLong(max));
    }
    Ok(text)
}

/// Signs that show nothing and join nothing (Unicode: `Default_Ignorable_Code_Point`), such as a soft hyphen that was
/// copied along. The joiners that Persian and Indic names are written with, and what makes a sign a coloured one, stay.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}'
        | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{2060}'..='\u{2065}' | '\u{206A}'..='\u{206F}' | '\u{3164}'
        | '\u{2800}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFF8}' | '\u{1BCA0}'..='\u{1BCA3}'
        | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
}

const NEEDED: bool = true;
const OPTIONAL: bool = false;
const LINE: Kind = Kind::Line;
const LINES: Kind = Kind::Lines;
const CODE: Kind = Kind::Code;

macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident($max:literal, $needed:ident, $kind:ident);)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, Hash, serde::Serialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Takes what was typed, trimmed.
            pub fn parse(raw: &str) -> Result<Self, TextError> {
                let text = checked(raw, $max, $kind)?;
                if $needed && text.is_empty() {
                    return Err(TextError::Missing);
                }
                Ok(Self(text))
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        read_from_text! { $name: |text| $name::parse(text).ok(); }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    )+};
}

texts! {
    /// A person's name as they write it: 1 to 200 characters, one line.
    PersonName(200, NEEDED, LINE);
    /// The organisation somebody comes from: 1 to 200 characters, one line.
    Organisation(200, NEEDED, LINE);
    /// The city of an organisation: 1 to 200 characters, one line.
    Town(200, NEEDED, LINE);
    /// What somebody does there: up to 200 characters, one line, may be empty.
    JobTitle(200, OPTIONAL, LINE);
    /// A telephone number as typed: up to 50 characters, may be empty.
    Telephone(50, OPTIONAL, CODE);
    /// The number under which a finance office ordered: up to 100 characters, may be empty.
    PurchaseOrder(100, OPTIONAL, LINE);
    /// Where the invoice goes: up to 1,000 characters in lines, may be empty.
    InvoiceAddress(1000, OPTIONAL, LINES);
    /// Dietary or access needs: up to 500 characters in lines, may be empty.
    Needs(500, OPTIONAL, LINES);
    /// Why staff cancelled: 1 to 500 characters in lines.
    CancelReason(500, NEEDED, LINES);
    /// The title of a session, page, topic or conference: 1 to 200 characters, one line.
    Title(200, NEEDED, LINE);
    /// The name of a category of delegates: 1 to 100 characters, one line.
    CategoryName(100, NEEDED, LINE);
    /// The name of a room: 1 to 100 characters, one line.
    RoomName(100, NEEDED, LINE);
    /// Who speaks in a session, as text for now: up to 1,000 characters in lines, may be empty.
    Speakers(1000, OPTIONAL, LINES);
    /// The Markdown text of a session or page: up to 40,000 characters in lines, may be empty. Two of that length
    /// fit into a form, in Greek and Cyrillic too.
    SessionText(40_000, OPTIONAL, LINES);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_trimmed_and_kept_as_written() {
        assert_eq!(PersonName::parse("  Željka Horvat ").map(|n| n.to_string()), Ok("Željka Horvat".to_owned()));
    }

    #[test]
    fn spaces_that_a_telephone_adds_make_no_other_name() {
        assert_eq!(PersonName::parse("Ivan \u{a0} Novak"), PersonName::parse("Ivan Novak"));
    }

    #[test]
    fn what_nobody_sees_is_no_part_of_a_name_and_no_name() {
        assert_eq!(PersonName::parse("No\u{AD}vak\u{200B} Ivan"), PersonName::parse("Novak Ivan"));
        assert_eq!(PersonName::parse("\u{200B}\u{2060}\u{2800}"), Err(TextError::Missing));
        assert_eq!(PersonName::parse("No\u{1BCA0}vak\u{1D173} Ivan"), PersonName::parse("Novak Ivan"));
        assert_eq!(PersonName::parse("Jose\u{301}"), PersonName::parse("José"));
        let joined = "می\u{200C}خواهم";
        assert_eq!(PersonName::parse(joined).map(|name| name.to_string()), Ok(joined.to_owned()));
    }

    #[test]
    fn a_line_break_in_a_name_is_refused_even_at_its_end() {
        assert_eq!(PersonName::parse("Anna\r\nBcc: x@y.example"), Err(TextError::ControlCharacter));
        assert_eq!(PersonName::parse("Anna\n"), Err(TextError::ControlCharacter));
    }

    #[test]
    fn a_text_in_lines_is_not_told_to_be_one() {
        assert_eq!(SessionText::parse("One\nt\u{202E}wo"), Err(TextError::ControlCharacterInLines));
        assert!(SessionText::parse("One\n\ttwo").is_ok());
    }

    #[test]
    fn direction_characters_around_a_line_go_and_within_it_are_refused() {
        for (before, after) in [("\u{202D}", "\u{202C}"), ("\u{2066}", "\u{2069}"), (" \u{2068} ", "\u{2069} \u{202C}")]
        {
            let around = |text: &str| format!("{before}{text}{after}");
            assert_eq!(Telephone::parse(&around("+49 341 123456")), Telephone::parse("+49 341 123456"));
            assert_eq!(PersonName::parse(&around("Anna Gruber")), PersonName::parse("Anna Gruber"));
            assert_eq!(
                InvoiceAddress::parse(&format!("{}\r\n{}", around("Town hall"), around("1 Main Street")))
                    .map(|address| address.as_str().lines().map(|line| line.trim().to_owned()).collect::<Vec<_>>()),
                Ok(vec!["Town hall".to_owned(), "1 Main Street".to_owned()])
            );
        }
        assert_eq!(PersonName::parse("Anna \u{2066}Gruber\u{2069}"), Err(TextError::ControlCharacter));
        assert_eq!(SessionText::parse("a\n    \u{2066}b").map(|text| text.to_string()), Ok("a\n    b".to_owned()));
    }

    #[test]
    fn joiners_and_variation_selectors_are_no_part_of_a_telephone_number() {
        let number = Telephone::parse("+49\u{200D} 341\u{FE0F} 123\u{200C}456").map(|number| number.to_string());
        assert_eq!(number.as_deref(), Ok("+49 341 123456"));
    }

    #[test]
    fn a_text_that_was_no_utf8_is_told_apart() {
        assert_eq!(Organisation::parse("City of \u{FFFD}"), Err(TextError::Unreadable));
    }

    #[test]
    fn the_limit_counts_characters_and_not_bytes() {
        assert!(PersonName::parse(&"ž".repeat(200)).is_ok());
        assert_eq!(PersonName::parse(&"ž".repeat(201)), Err(TextError::TooLong(200)));
    }

    #[test]
    fn lines_are_kept_where_lines_are_wanted() {
        assert_eq!(
            InvoiceAddress::parse("Town hall\r\n1 Main Street").map(|a| a.to_string()),
            Ok("Town hall\n1 Main Street".to_owned())
        );
        assert_eq!(CancelReason::parse(" \n "), Err(TextError::Missing));
    }

    #[test]
    fn a_text_that_may_be_empty_may() {
        assert_eq!(JobTitle::parse("  "), Ok(JobTitle::default()));
    }
}
