//! An edition of the conference: its state and its address.

use std::fmt;

use super::{Slug, text_enum};

/// The first part of the addresses of a conference: words of letters and a year, such as `leipzig-2018`. No other address begins
/// like that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EditionSlug(Slug);

impl EditionSlug {
    /// Reads a slug as somebody typed it.
    pub fn parse(text: &str) -> Option<Self> {
        let slug = Slug::parse(text).ok()?;
        let (words, year) = text.rsplit_once('-')?;
        let is_year = year.len() == 4 && year.bytes().all(|byte| byte.is_ascii_digit());
        let are_letters = words.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
        (is_year && are_letters).then_some(Self(slug))
    }

    /// Makes the slug of a city and a year, if the city's name has only letters.
    pub fn of(city: &str, year: i32) -> Option<Self> {
        Self::parse(Slug::of(&format!("{city} {year}")).as_str())
    }

    /// Returns the slug's text.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl fmt::Display for EditionSlug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

text_enum! {
    /// Who sees a conference, as administrators choose it. Whether one is over follows from its days
    /// ([`super::Conference::is_over`]).
    pub enum EditionState {
        /// Only people who are signed in see it, and nobody can register.
        InPreparation = "in_preparation",
        /// Everybody sees it.
        Open = "open",
        /// Everybody sees it, and addresses without a slug lead to it.
        Current = "current",
    }
}

impl EditionState {
    /// Returns the state of a conference.
    pub fn of(is_current: bool, in_preparation: bool) -> Self {
        match (is_current, in_preparation) {
            (true, _) => Self::Current,
            (_, true) => Self::InPreparation,
            _ => Self::Open,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edition_has_a_city_and_a_year_in_its_address() {
        assert_eq!(EditionSlug::of("’s-Hertogenbosch", 2021).expect("a slug").as_str(), "s-hertogenbosch-2021");
        assert_eq!(EditionSlug::of("Łódź", 2020).expect("a slug").as_str(), "lodz-2020");
        assert_eq!(EditionSlug::of("District 9", 2020), None);
        for bad in
            ["", "venice", "venice-19", "2019", "-2019", "Venice-2019", "venice--2019", "venice-2-2019", "venice_2019"]
        {
            assert_eq!(EditionSlug::parse(bad), None, "{bad}");
        }
    }
}
