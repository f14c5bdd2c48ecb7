//! People who take part in sessions, such as speakers.

use super::{PersonName, search::latin, text::texts};

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
        latin(sort_name)
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
}
