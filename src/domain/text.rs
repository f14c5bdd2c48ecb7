//! Text fields, each with its own maximum length and rules.

use unicode_normalization::UnicodeNormalization;

/// Why a text was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// A required field is empty.
    #[error("missing")]
    Missing,
    /// The text is longer than this many characters.
    #[error("longer than {0} characters")]
    TooLong(usize),
    /// A single-line field contains a control character or a line break.
    #[error("control character")]
    ControlCharacter,
    /// A multi-line field contains a control character other than a line break or a tab.
    #[error("control character in lines")]
    ControlCharacterInLines,
    /// The text contained bytes that are not valid UTF-8; they arrive as U+FFFD.
    #[error("unreadable character")]
    Unreadable,
}

/// Cleans what was typed or pasted into a single-line field. Copied text often brings surrounding space, invisible
/// characters and full-width forms along, and telephone keyboards insert double spaces. Every single-line field is
/// cleaned here before it is validated.
pub fn clean_line(raw: &str) -> String {
    // NFC, because some keyboards send a letter and its accent as two characters: both spellings of a name must be
    // equal.
    let narrow: String = raw.chars().flat_map(narrowed).filter(|c| !is_invisible(*c)).nfc().collect();
    let end_of_line = |c: char| matches!(c, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{B}' | '\u{C}');
    // Line breaks stay, so that the rules of the field can refuse a second line.
    let lines = narrow.split_inclusive(end_of_line).map(|line| {
        let words = line.trim_end_matches(end_of_line);
        without_direction_around(words).split_whitespace().collect::<Vec<_>>().join(" ") + &line[words.len()..]
    });
    lines.collect()
}

/// Cleans a multi-line field: removes invisible characters and the space around the text. The space between words
/// stays, and so do full-width forms, which belong to texts in Chinese and Japanese.
pub fn clean_lines(raw: &str) -> String {
    let text: String = raw.replace("\r\n", "\n").chars().filter(|c| !is_invisible(*c)).nfc().collect();
    let text = text.replace('\r', "\n");
    let lines: Vec<_> = text.split('\n').map(without_direction_around).collect();
    lines.join("\n").trim().to_owned()
}

/// Cleans like [`clean_line`], and removes joiners and variation selectors. They come along when an e-mail address or a
/// telephone number is copied from a message or a web page, and mean nothing there.
pub fn clean_code(raw: &str) -> String {
    clean_line(&raw.replace(|c: char| matches!(c, '\u{200C}' | '\u{200D}' | '\u{FE00}'..='\u{FE0F}'), ""))
}

/// Returns whether the character is an embedding, an override or an isolate, which set the direction of the text that
/// follows (Unicode Standard Annex #9).
fn is_direction(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// Removes direction characters from the ends of the line. Telephones put a pair around a number that is copied from
/// the contacts.
fn without_direction_around(line: &str) -> String {
    let at_end = |c: char| is_direction(c) || c.is_whitespace();
    let without = |text: &str| text.replace(is_direction, "");
    let rest = line.trim_start_matches(at_end);
    let inner = rest.trim_end_matches(at_end);
    without(&line[..line.len() - rest.len()]) + inner + &without(&rest[inner.len()..])
}

/// Converts a full-width or half-width form (Unicode block Halfwidth and Fullwidth Forms) to the ordinary character.
fn narrowed(c: char) -> impl Iterator<Item = char> {
    let wide = matches!(c, '\u{FF01}'..='\u{FFEE}');
    let narrow = wide.then(|| std::iter::once(c).nfkc());
    let same = (!wide).then_some(c);
    narrow.into_iter().flatten().chain(same)
}

/// Formats a number with commas between thousands.
pub fn grouped(number: impl std::fmt::Display) -> String {
    let digits = number.to_string();
    let groups: Vec<&str> =
        digits.as_bytes().rchunks(3).rev().filter_map(|group| std::str::from_utf8(group).ok()).collect();
    groups.join(",")
}

/// Returns the form in which people's names are compared and kept unique: cleaned, NFKC, lower case.
pub fn folded(name: &str) -> String {
    clean_line(name).nfkc().flat_map(char::to_lowercase).collect()
}

/// The kind of text that a field takes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// One line.
    Line,
    /// Several lines; line breaks become `\n`.
    Lines,
    /// One line that is not in any language, such as a telephone number.
    Code,
}

/// Cleans a text and applies the rules that all text fields share.
pub(super) fn checked(raw: &str, max: usize, kind: Kind) -> Result<String, TextError> {
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
            // Within a text, they would reverse what follows it in a list or a mail.
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

/// Returns whether the character is invisible and joins nothing (Unicode property `Default_Ignorable_Code_Point`), such
/// as a soft hyphen in copied text. The joiners in Persian and Indic names and the selectors that make a sign an emoji
/// do not count and stay.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}'
        | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{2060}'..='\u{2065}' | '\u{206A}'..='\u{206F}' | '\u{3164}'
        | '\u{2800}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFF8}' | '\u{1BCA0}'..='\u{1BCA3}'
        | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
}

/// The rules of the field types below and beside the structs that they belong to.
pub(super) mod rules {
    use super::Kind;

    pub const REQUIRED: bool = true;
    pub const OPTIONAL: bool = false;
    pub const LINE: Kind = Kind::Line;
    pub const LINES: Kind = Kind::Lines;
    pub const CODE: Kind = Kind::Code;
}

/// Defines types of text, each with its maximum number of characters and its rules.
macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident($max:literal, $required:ident, $kind:ident);)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, Hash, serde::Serialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// The largest number of characters.
            #[allow(dead_code, reason = "only some forms count")]
            pub const LIMIT: usize = $max;

            /// Cleans and validates what was typed.
            pub fn parse(raw: &str) -> Result<Self, $crate::domain::TextError> {
                use $crate::domain::text::{checked, rules};

                let text = checked(raw, Self::LIMIT, rules::$kind)?;
                if rules::$required && text.is_empty() {
                    return Err($crate::domain::TextError::Missing);
                }
                Ok(Self(text))
            }

            /// Returns the text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        $crate::domain::read_from_text! { $name: |text| $name::parse(text).ok(); }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    )+};
}

pub(super) use texts;

texts! {
    /// A person's name as they write it: 1 to 200 characters, one line.
    PersonName(200, REQUIRED, LINE);
    /// The organisation somebody comes from: 1 to 200 characters, one line.
    Organisation(200, REQUIRED, LINE);
    /// The city of an organisation: 1 to 200 characters, one line.
    Town(200, REQUIRED, LINE);
    /// A telephone number as typed: up to 50 characters, one line, may be empty.
    Telephone(50, OPTIONAL, CODE);
    /// A purchase-order number: up to 100 characters, one line, may be empty.
    PurchaseOrder(100, OPTIONAL, LINE);
    /// An invoice address: up to 1,000 characters, several lines, may be empty.
    InvoiceAddress(1000, OPTIONAL, LINES);
    /// The reason why staff cancelled: 1 to 500 characters, several lines.
    CancelReason(500, REQUIRED, LINES);
    /// What staff tell the people whom they cancel: up to 500 characters, several lines, may be empty.
    CancelMessage(500, OPTIONAL, LINES);
    /// What staff note about an attendee: 1 to 2,000 characters, several lines.
    StaffNote(2000, REQUIRED, LINES);
    /// The reason why staff moved somebody on the waiting list: 1 to 500 characters, several lines.
    MoveReason(500, REQUIRED, LINES);
    /// The subject of a mailing: 1 to 200 characters, one line.
    MailSubject(200, REQUIRED, LINE);
    /// The Markdown text of a mailing: 1 to 10,000 characters, several lines.
    MailText(10_000, REQUIRED, LINES);
    /// The name of a text that staff keep to write mailings from: 1 to 100 characters, one line.
    MailTemplateName(100, REQUIRED, LINE);
    /// A word that stands for a placeholder which somebody lacks: up to 100 characters, one line, may be empty.
    InsteadWord(100, OPTIONAL, LINE);
    /// The reason why staff did something although a rule stands against it: 1 to 500 characters, one line.
    OverrideReason(500, REQUIRED, LINE);
    /// What organisers say about a release: up to 500 characters, several lines, may be empty.
    ReleaseNote(500, OPTIONAL, LINES);
    /// The title of a session, page, topic or conference: 1 to 200 characters, one line.
    Title(200, REQUIRED, LINE);
    /// What a topic is about: up to 500 characters, one line, may be empty.
    TopicDescription(500, OPTIONAL, LINE);
    /// Who hosts a conference: up to 500 characters, one line, may be empty.
    Hosts(500, OPTIONAL, LINE);
    /// A street address: up to 300 characters, one line, may be empty.
    StreetAddress(300, OPTIONAL, LINE);
    /// The name of a kind of session: 1 to 60 characters, one line.
    SessionKindName(60, REQUIRED, LINE);
    /// What happens in sessions of a kind: up to 500 characters, one line, may be empty.
    SessionKindDescription(500, OPTIONAL, LINE);
    /// The name of a category of delegates: 1 to 100 characters, one line.
    CategoryName(100, REQUIRED, LINE);
    /// What a category is: up to 300 characters, one line, may be empty.
    CategoryDescription(300, OPTIONAL, LINE);
    /// Who a category is for: up to 200 characters, one line, may be empty.
    CategoryAudience(200, OPTIONAL, LINE);
    /// Whose account fees are paid to: up to 100 characters, one line, may be empty.
    AccountHolder(100, OPTIONAL, LINE);
    /// The name of a bank: up to 100 characters, one line, may be empty.
    BankName(100, OPTIONAL, LINE);
    /// A note by staff about a payment: up to 300 characters, one line, may be empty.
    PaymentNote(300, OPTIONAL, LINE);
    /// What delegates read about VAT: up to 200 characters, one line, may be empty.
    VatWording(200, OPTIONAL, LINE);
    /// The name of a list of attendees: 1 to 100 characters, one line.
    ViewName(100, REQUIRED, LINE);
    /// The name of a room: 1 to 100 characters, one line.
    RoomName(100, REQUIRED, LINE);
    /// How people with a disability get into a room and take part: up to 1,000 characters, several lines, may be empty.
    RoomNotes(1000, OPTIONAL, LINES);
    /// The second line of a session's title: up to 200 characters, one line, may be empty.
    Subtitle(200, OPTIONAL, LINE);
    /// What a session is about, for lists: up to 300 characters, one line, may be empty.
    AbstractText(300, OPTIONAL, LINE);
    /// A note about a session for organisers: up to 2,000 characters, several lines, may be empty.
    SessionNote(2000, OPTIONAL, LINES);
    /// The Markdown text of a session, page or person: up to 40,000 characters, several lines, may be empty. Two texts of this
    /// length fit into one form, even in Greek or Cyrillic.
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
    fn double_spaces_from_a_telephone_keyboard_do_not_change_a_name() {
        assert_eq!(PersonName::parse("Ivan \u{a0} Novak"), PersonName::parse("Ivan Novak"));
    }

    #[test]
    fn invisible_characters_are_removed_and_are_not_a_name() {
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
    fn a_multi_line_field_has_its_own_error_for_control_characters() {
        assert_eq!(SessionText::parse("One\nt\u{202E}wo"), Err(TextError::ControlCharacterInLines));
        assert!(SessionText::parse("One\n\ttwo").is_ok());
    }

    #[test]
    fn direction_characters_are_removed_around_a_line_and_refused_within_it() {
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
    fn joiners_and_variation_selectors_are_removed_from_a_telephone_number() {
        let number = Telephone::parse("+49\u{200D} 341\u{FE0F} 123\u{200C}456").map(|number| number.to_string());
        assert_eq!(number.as_deref(), Ok("+49 341 123456"));
    }

    #[test]
    fn a_text_that_was_not_utf8_has_its_own_error() {
        assert_eq!(Organisation::parse("City of \u{FFFD}"), Err(TextError::Unreadable));
    }

    #[test]
    fn the_limit_counts_characters_not_bytes() {
        assert!(PersonName::parse(&"ž".repeat(200)).is_ok());
        assert_eq!(PersonName::parse(&"ž".repeat(201)), Err(TextError::TooLong(200)));
    }

    #[test]
    fn a_multi_line_field_keeps_its_line_breaks() {
        assert_eq!(
            InvoiceAddress::parse("Town hall\r\n1 Main Street").map(|a| a.to_string()),
            Ok("Town hall\n1 Main Street".to_owned())
        );
        assert_eq!(CancelReason::parse(" \n "), Err(TextError::Missing));
    }

    #[test]
    fn an_optional_field_may_be_empty() {
        assert_eq!(PurchaseOrder::parse("  "), Ok(PurchaseOrder::default()));
    }
}
