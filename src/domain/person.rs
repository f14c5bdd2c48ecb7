//! People who take part in sessions, such as speakers.

use std::fmt;

use super::{
    PersonName, TextError, WebAddress,
    text::{Kind, checked, searched, texts},
};

texts! {
    /// A person's name as lists are sorted by it, such as "Schmidt, Anna Maria": up to 200 characters, one line. If it is empty,
    /// it follows from the name.
    SortName(200, OPTIONAL, LINE);
    /// The organisation that a person belongs to: up to 200 characters, one line, may be empty.
    Affiliation(200, OPTIONAL, LINE);
    /// The city that a person comes from: up to 200 characters, one line, may be empty.
    HomeTown(200, OPTIONAL, LINE);
}

impl PersonName {
    /// Returns the name as lists are sorted by it, if nobody has said otherwise: the last word first, as in "Schmidt, Anna
    /// Maria".
    pub fn sort_name(&self) -> String {
        match self.as_str().rsplit_once(' ') {
            Some((others, last)) => format!("{last}, {others}"),
            None => self.to_string(),
        }
    }

    /// Returns what lists compare: the sort name that somebody has given, otherwise the one that follows from the name, without
    /// accents and upper case.
    pub fn sort_key(&self, given: &SortName) -> String {
        let follows = self.sort_name();
        let sort_name = if given.as_str().is_empty() { &*follows } else { given.as_str() };
        searched(sort_name)
    }
}

/// A link to a page about a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonLink {
    /// The address.
    pub address: WebAddress,
    /// What the link says; empty if it says the address.
    pub words: String,
}

/// The links of a person: at most [`PersonLinks::MOST`]. As text, one per line: the address, and perhaps a space and the words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PersonLinks(Vec<PersonLink>);

/// Why a text with links was refused. Lines are counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PersonLinksError {
    /// The text has a fault that any text can have.
    #[error(transparent)]
    Text(#[from] TextError),
    /// This line does not begin with a web address.
    #[error("no web address in line {0}")]
    NoAddress(usize),
    /// The words of this line are longer than [`PersonLinks::LONGEST`] characters.
    #[error("long words in line {0}")]
    TooLong(usize),
    /// There are more than [`PersonLinks::MOST`].
    #[error("too many links")]
    TooMany,
}

impl PersonLinks {
    /// The largest number of links.
    pub const MOST: usize = 10;

    /// The largest number of characters of a link's words.
    pub const LONGEST: usize = 100;

    /// Cleans and validates what was typed.
    pub fn parse(raw: &str) -> Result<Self, PersonLinksError> {
        let text = checked(raw, usize::MAX, Kind::Lines)?;
        let mut links = Vec::new();
        let numbered = text.lines().enumerate().map(|(index, line)| (index + 1, line.trim()));
        for (number, line) in numbered.filter(|(_, line)| !line.is_empty()) {
            let (address, words) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
            let address = WebAddress::parse(address).map_err(|_| PersonLinksError::NoAddress(number))?;
            let words = checked(words, Self::LONGEST, Kind::Line).map_err(|_| PersonLinksError::TooLong(number))?;
            links.push(PersonLink { address, words });
        }
        if links.len() > Self::MOST { Err(PersonLinksError::TooMany) } else { Ok(Self(links)) }
    }

    /// Iterates over the links in their order.
    pub fn iter(&self) -> std::slice::Iter<'_, PersonLink> {
        self.0.iter()
    }
}

super::read_from_text! { PersonLinks: |text| PersonLinks::parse(text).ok(); }

impl fmt::Display for PersonLinks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines = self.iter().map(|link| format!("{} {}", link.address, link.words).trim_end().to_owned());
        f.write_str(&lines.collect::<Vec<_>>().join("\n"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> PersonName {
        PersonName::parse(text).expect("a name")
    }

    #[test]
    fn a_name_is_sorted_by_its_last_word_unless_somebody_says_otherwise() {
        assert_eq!(name("Anna Maria Schmidt").sort_name(), "Schmidt, Anna Maria");
        assert_eq!(name("Madonna").sort_name(), "Madonna");
        assert_eq!(name("Željka Šimić").sort_key(&SortName::default()), "simic, zeljka");
        let given = SortName::parse("van der Berg, Jan").expect("a sort name");
        assert_eq!(name("Jan van der Berg").sort_key(&given), "van der berg, jan");
    }

    #[test]
    fn links_are_read_line_by_line_and_written_as_they_were_read() {
        let links = PersonLinks::parse("https://a.example/x  Home  page\r\n\n http://b.example ").expect("links");
        let read: Vec<_> = links.iter().map(|link| (link.address.as_str(), link.words.as_str())).collect();
        assert_eq!(read, [("https://a.example/x", "Home page"), ("http://b.example", "")]);
        assert_eq!(links.to_string(), "https://a.example/x Home page\nhttp://b.example");
        assert_eq!(PersonLinks::parse(&links.to_string()), Ok(links));
    }

    #[test]
    fn a_line_that_is_no_web_address_is_named() {
        for bad in [
            "javascript:alert(1) Me",
            "data:text/html,x",
            "ftp://a.example",
            "My page https://a.example",
            "//a.example",
        ] {
            assert_eq!(
                PersonLinks::parse(&format!("https://a.example\n{bad}")),
                Err(PersonLinksError::NoAddress(2)),
                "{bad}"
            );
        }
        assert_eq!(
            PersonLinks::parse(&format!("https://a.example {}", "x".repeat(101))),
            Err(PersonLinksError::TooLong(1))
        );
        assert_eq!(PersonLinks::parse(&"https://a.example\n".repeat(11)), Err(PersonLinksError::TooMany));
        assert!(PersonLinks::parse(&"https://a.example\n".repeat(10)).is_ok());
    }
}
