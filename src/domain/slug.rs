//! The readable part of an address.

use std::{fmt, iter};

/// Small letters, digits and single hyphens, 1 to 80 characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Slug(String);

impl Slug {
    /// A slug out of a title in any European language: "Café in Łódź" becomes `cafe-in-lodz`. A title without any
    /// letter gives `untitled`.
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

    /// This one, and then the same with a number behind it, from 2, for when those before are taken.
    pub fn candidates(self) -> impl Iterator<Item = Self> {
        let numbered = self.clone();
        iter::once(self).chain((2_u32..).map(move |number| Self(format!("{numbered}-{number}"))))
    }

    /// The slug's text.
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
    fn a_title_in_any_european_language_gives_a_readable_address() {
        assert_eq!(Slug::of("World Café: Łódź & Αθήνα!").as_str(), "world-cafe-lodz-athena");
        assert_eq!(Slug::of("– ? –").as_str(), "untitled");
        assert!(Slug::of(&"very long title ".repeat(30)).as_str().len() <= 60);
    }
}
