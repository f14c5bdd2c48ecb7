//! Countries.

use std::fmt;
use std::sync::LazyLock;

use super::read_from_text;

/// A country in ISO 3166-1, or Kosovo, with its two-letter code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Country {
    code: &'static str,
    name: &'static str,
}

/// Kosovo has no code in ISO 3166-1. The European Union uses `XK`, from the range that the standard reserves for users.
const KOSOVO: Country = Country { code: "XK", name: "Kosovo" };

/// Everyday names of countries whose name in ISO 3166-1 is longer or less familiar.
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

/// The countries that count as European: the 46 members of the Council of Europe; Belarus, Kosovo and the Holy See,
/// which are not members; and the territories in Europe that have codes of their own.
const EUROPE: [&str; 56] = [
    // Members of the Council of Europe (https://www.coe.int/en/web/portal/46-members-states).
    "AD", "AL", "AM", "AT", "AZ", "BA", "BE", "BG", "CH", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GB", "GE",
    "GR", "HR", "HU", "IE", "IS", "IT", "LI", "LT", "LU", "LV", "MC", "MD", "ME", "MK", "MT", "NL", "NO", "PL", "PT",
    "RO", "RS", "SE", "SI", "SK", "SM", "TR", "UA", //
    // Not members.
    "BY", "VA", "XK", //
    // Åland, Faroe Islands, Guernsey, Gibraltar, Isle of Man, Jersey, Svalbard and Jan Mayen.
    "AX", "FO", "GG", "GI", "IM", "JE", "SJ",
];

static BY_NAME: LazyLock<Vec<Country>> = LazyLock::new(|| {
    let official = rust_iso3166::ALL.iter().map(|country| Country { code: country.alpha2, name: country.name });
    let everyday = |country: Country| {
        let name = EVERYDAY.iter().find(|(code, _)| *code == country.code).map_or(country.name, |(_, name)| name);
        Country { name, ..country }
    };
    let mut all: Vec<Country> = official.map(everyday).chain([KOSOVO]).collect();
    all.sort_by_key(|country| deunicode::deunicode(country.name).to_lowercase());
    all
});

impl Country {
    /// Returns the name of the country with this code, or what is no code as it is.
    pub fn name_of(code: &str) -> String {
        Self::parse(code).map_or_else(|| code.to_owned(), |country| country.name().to_owned())
    }

    /// Finds the country with this two-letter code, in upper or lower case.
    pub fn parse(code: &str) -> Option<Self> {
        BY_NAME.iter().find(|country| country.code.eq_ignore_ascii_case(code)).copied()
    }

    /// Returns all countries, sorted by name.
    pub fn all() -> &'static [Self] {
        &BY_NAME
    }

    /// Returns the two-letter code, in capitals.
    pub fn code(self) -> &'static str {
        self.code
    }

    /// Returns the name in English.
    pub fn name(self) -> &'static str {
        self.name
    }

    /// Returns whether it counts as European. The form lists European countries first, because most delegates come from
    /// one.
    pub fn is_european(self) -> bool {
        EUROPE.contains(&self.code)
    }
}

read_from_text! { Country: Country::parse; }

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_country_is_found_by_its_code() {
        assert_eq!(Country::parse("at").map(Country::name), Some("Austria"));
        assert_eq!(Country::parse("xk").map(Country::name), Some("Kosovo"));
        assert_eq!(Country::parse("XX"), None);
    }

    #[test]
    fn the_list_is_sorted_by_name_and_ignores_accents() {
        let names: Vec<_> = Country::all().iter().map(|country| country.name()).collect();
        let place = |name| names.iter().position(|n| *n == name).unwrap_or_else(|| panic!("{name} is in the list"));
        assert!(place("Åland Islands") < place("Albania"));
        assert!(place("Netherlands") < place("Norway"));
    }

    #[test]
    fn every_european_code_belongs_to_a_country_and_is_listed_once() {
        for code in EUROPE {
            assert!(Country::parse(code).is_some(), "{code}");
            assert_eq!(EUROPE.iter().filter(|other| **other == code).count(), 1, "{code}");
        }
    }
}
