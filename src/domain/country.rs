//! Countries.

use std::fmt;
use std::sync::LazyLock;

/// A country of ISO 3166-1, by its two-letter code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Country(rust_iso3166::CountryCode);

/// Long official names that a person looks for under a shorter one.
const EVERYDAY: [(&str, &str); 14] = [
    ("BO", "Bolivia"),
    ("CZ", "Czechia"),
    ("GB", "United Kingdom"),
    ("IR", "Iran"),
    ("KP", "North Korea"),
    ("KR", "South Korea"),
    ("MD", "Moldova"),
    ("NL", "Netherlands"),
    ("RU", "Russia"),
    ("SY", "Syria"),
    ("TR", "Türkiye"),
    ("TW", "Taiwan"),
    ("US", "United States"),
    ("VE", "Venezuela"),
];

static BY_NAME: LazyLock<Vec<Country>> = LazyLock::new(|| {
    let mut all: Vec<Country> = rust_iso3166::ALL.iter().map(|code| Country(*code)).collect();
    all.sort_by_key(|country| deunicode::deunicode(country.name()).to_lowercase());
    all
});

impl Country {
    /// The country with this two-letter code, in either case.
    pub fn parse(code: &str) -> Option<Self> {
        rust_iso3166::from_alpha2(&code.to_ascii_uppercase()).map(Self)
    }

    /// All countries, by name.
    pub fn all() -> &'static [Self] {
        &BY_NAME
    }

    /// The two-letter code, in capitals.
    pub fn code(self) -> &'static str {
        self.0.alpha2
    }

    /// The name in English.
    pub fn name(self) -> &'static str {
        EVERYDAY.iter().find(|(code, _)| *code == self.code()).map_or(self.0.name, |(_, name)| name)
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_country_is_found_by_its_code() {
        assert_eq!(Country::parse("at").map(Country::name), Some("Austria"));
        assert_eq!(Country::parse("XX"), None);
    }

    #[test]
    fn the_list_is_in_the_order_in_which_people_look() {
        let names: Vec<_> = Country::all().iter().map(|country| country.name()).collect();
        let place = |name| names.iter().position(|n| *n == name).unwrap_or_else(|| panic!("{name} is in the list"));
        assert!(place("Åland Islands") < place("Albania"));
        assert!(place("Netherlands") < place("Norway"));
    }
}
