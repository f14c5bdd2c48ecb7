//! Links that organisers enter, of sessions and people.

use std::fmt;

use super::{
    TextError, WebAddress, WebAddressError,
    text::{Kind, checked},
};

/// A link to another site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The address.
    pub address: WebAddress,
    /// What the link says; empty if it says the address.
    pub words: String,
}

/// Links: at most [`Links::MOST`]. As text, one per line: the address, and perhaps a space and the words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Links(Vec<Link>);

/// Why a text with links was refused. Lines are counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LinksError {
    /// The text has a fault that any text can have.
    #[error(transparent)]
    Text(#[from] TextError),
    /// This line does not begin with a web address.
    #[error("no web address in line {0}")]
    NoAddress(usize),
    /// The address in this line is longer than [`WebAddress::LIMIT`] characters.
    #[error("long address in line {0}")]
    LongAddress(usize),
    /// The words of this line are longer than [`Links::LONGEST`] characters.
    #[error("long words in line {0}")]
    TooLong(usize),
    /// There are more than [`Links::MOST`].
    #[error("too many links")]
    TooMany,
}

impl Links {
    /// The largest number of links.
    pub const MOST: usize = 10;

    /// The largest number of characters of a link's words.
    pub const LONGEST: usize = 100;

    /// Cleans and validates what was typed.
    pub fn parse(raw: &str) -> Result<Self, LinksError> {
        let text = checked(raw, usize::MAX, Kind::Lines)?;
        let mut links = Vec::new();
        let numbered = text.lines().enumerate().map(|(index, line)| (index + 1, line.trim()));
        for (number, line) in numbered.filter(|(_, line)| !line.is_empty()) {
            let (address, words) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
            let address = WebAddress::parse(address).map_err(|error| match error {
                WebAddressError::TooLong => LinksError::LongAddress(number),
                WebAddressError::Missing | WebAddressError::Malformed => LinksError::NoAddress(number),
            })?;
            let words = checked(words, Self::LONGEST, Kind::Line).map_err(|_| LinksError::TooLong(number))?;
            links.push(Link { address, words });
        }
        if links.len() > Self::MOST { Err(LinksError::TooMany) } else { Ok(Self(links)) }
    }

    /// Iterates over the links in their order.
    pub fn iter(&self) -> std::slice::Iter<'_, Link> {
        self.0.iter()
    }
}

super::read_from_text! { Links: |text| Links::parse(text).ok(); }

impl fmt::Display for Links {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines = self.iter().map(|link| format!("{} {}", link.address, link.words).trim_end().to_owned());
        f.write_str(&lines.collect::<Vec<_>>().join("\n"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_read_line_by_line_and_written_as_they_were_read() {
        let links = Links::parse("https://a.example/x  Home  page\r\n\n http://b.example ").expect("links");
        let read: Vec<_> = links.iter().map(|link| (link.address.as_str(), link.words.as_str())).collect();
        assert_eq!(read, [("https://a.example/x", "Home page"), ("http://b.example", "")]);
        assert_eq!(links.to_string(), "https://a.example/x Home page\nhttp://b.example");
        assert_eq!(Links::parse(&links.to_string()), Ok(links));
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
            assert_eq!(Links::parse(&format!("https://a.example\n{bad}")), Err(LinksError::NoAddress(2)), "{bad}");
        }
        let long = format!("https://a.example/{} Home page", "x".repeat(WebAddress::LIMIT));
        assert_eq!(Links::parse(&long), Err(LinksError::LongAddress(1)));
        assert_eq!(Links::parse(&format!("https://a.example {}", "x".repeat(101))), Err(LinksError::TooLong(1)));
        assert_eq!(Links::parse(&"https://a.example\n".repeat(11)), Err(LinksError::TooMany));
        assert!(Links::parse(&"https://a.example\n".repeat(10)).is_ok());
    }
}
