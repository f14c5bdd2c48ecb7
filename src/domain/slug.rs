//! The readable parts of URLs.

use std::{fmt, iter};

/// A readable part of a URL: lower-case letters, digits and single hyphens, 1 to 80 characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Slug(String);

impl Slug {
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
    fn a_title_in_any_european_language_gives_a_readable_slug() {
        assert_eq!(Slug::of("World Café: Łódź & Αθήνα!").as_str(), "world-cafe-lodz-athena");
        assert_eq!(Slug::of("– ? –").as_str(), "untitled");
        assert!(Slug::of(&"very long title ".repeat(30)).as_str().len() <= 60);
    }
}
