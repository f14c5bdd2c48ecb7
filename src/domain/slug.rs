//! The readable parts of URLs.

use std::{fmt, iter};

/// A readable part of a URL: lower-case letters, digits and single hyphens, 1 to 80 characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Slug(String);

/// Why a text is not a slug.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SlugError {
    /// The text is empty.
    #[error("the slug is missing")]
    Missing,
    /// The text has another shape or is too long.
    #[error("the text is not a slug")]
    Malformed,
}

impl Slug {
    /// The largest number of characters.
    const MOST: usize = 80;

    /// Reads a slug as somebody typed it.
    pub fn parse(text: &str) -> Result<Self, SlugError> {
        let is_word = |word: &str| {
            !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        };
        match text {
            "" => Err(SlugError::Missing),
            _ if text.len() <= Self::MOST && text.split('-').all(is_word) => Ok(Self(text.to_owned())),
            _ => Err(SlugError::Malformed),
        }
    }

    /// Makes a slug of at most 60 characters from a title in any European language: "Café in Łódź" becomes
    /// `cafe-in-lodz`. A title without letters or digits becomes `untitled`.
    pub fn of(title: &str) -> Self {
        let plain = deunicode::deunicode(title).to_lowercase();
        let words: Vec<&str> =
            plain.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
        let mut slug = String::new();
        for word in words {
            if slug.len() + 1 + word.len() > 60 {
                break;
            }
            if !slug.is_empty() {
                slug.push('-');
            }
            slug.push_str(word);
        }
        if slug.is_empty() { Self("untitled".to_owned()) } else { Self(slug) }
    }

    /// Yields this slug and then the same slug with `-2`, `-3` and so on appended, for when the slugs before are taken.
    pub fn candidates(self) -> impl Iterator<Item = Self> {
        let numbered = self.clone();
        iter::once(self).chain((2_u32..).map(move |number| Self(format!("{numbered}-{number}"))))
    }

    /// Returns the slug's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_consists_of_words_with_single_hyphens_between_them() {
        let longest = "a".repeat(80);
        for good in ["world-cafe", "2018", "a-1-b", &longest] {
            assert_eq!(Slug::parse(good).as_ref().map(Slug::as_str), Ok(good));
        }
        assert_eq!(Slug::parse(""), Err(SlugError::Missing));
        let too_long = "a".repeat(81);
        for bad in ["World", "café", "a--b", "-a", "a-", "a b", "a.ics", "a/b", &too_long] {
            assert_eq!(Slug::parse(bad), Err(SlugError::Malformed), "{bad}");
        }
    }

    #[test]
    fn a_title_in_any_european_language_gives_a_readable_slug() {
        assert_eq!(Slug::of("World Café: Łódź & Αθήνα!").as_str(), "world-cafe-lodz-athena");
        assert_eq!(Slug::of("– ? –").as_str(), "untitled");
        assert!(Slug::of(&"very long title ".repeat(30)).as_str().len() <= 60);
    }
}
