//! Languages in which people speak.

use std::fmt;

use super::read_from_text;

/// A language of Europe, with its two-letter code (ISO 639-1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Language {
    code: &'static str,
    name: &'static str,
}

/// The official languages of the European Union and of the other members of the Council of Europe, English first.
const ALL: [(&str, &str); 38] = [
    ("en", "English"),
    ("sq", "Albanian"),
    ("hy", "Armenian"),
    ("az", "Azerbaijani"),
    ("bs", "Bosnian"),
    ("bg", "Bulgarian"),
    ("ca", "Catalan"),
    ("hr", "Croatian"),
    ("cs", "Czech"),
    ("da", "Danish"),
    ("nl", "Dutch"),
    ("et", "Estonian"),
    ("fi", "Finnish"),
    ("fr", "French"),
    ("ka", "Georgian"),
    ("de", "German"),
    ("el", "Greek"),
    ("hu", "Hungarian"),
    ("is", "Icelandic"),
    ("ga", "Irish"),
    ("it", "Italian"),
    ("lv", "Latvian"),
    ("lt", "Lithuanian"),
    ("lb", "Luxembourgish"),
    ("mk", "Macedonian"),
    ("mt", "Maltese"),
    ("no", "Norwegian"),
    ("pl", "Polish"),
    ("pt", "Portuguese"),
    ("ro", "Romanian"),
    ("rm", "Romansh"),
    ("sr", "Serbian"),
    ("sk", "Slovak"),
    ("sl", "Slovenian"),
    ("es", "Spanish"),
    ("sv", "Swedish"),
    ("tr", "Turkish"),
    ("uk", "Ukrainian"),
];

read_from_text! { Language: |code| Language::parse(code); }

impl Language {
    /// Finds the language with this code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::all().find(|language| language.code == code)
    }

    /// Iterates over all languages, English first.
    pub fn all() -> impl Iterator<Item = Self> {
        ALL.into_iter().map(|(code, name)| Self { code, name })
    }

    /// Returns the code.
    pub fn code(self) -> &'static str {
        self.code
    }

    /// Returns the name in English.
    pub fn name(self) -> &'static str {
        self.name
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_in_the_order_of_their_names_after_english() {
        let names: Vec<_> = Language::all().skip(1).map(Language::name).collect();
        assert!(names.is_sorted(), "{names:?}");
        assert_eq!(Language::parse("de").map(Language::name), Some("German"));
        assert_eq!(Language::parse("xx"), None);
    }
}
