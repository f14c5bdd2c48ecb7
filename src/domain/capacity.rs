//! Capacity: how many places there are and how many are left.

use super::{text::clean_line, text_enum};

/// A number of places that an administrator set: 0 to 20,000.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Places(u16);

impl Places {
    /// Parses a whole number from 0 to 20,000. An empty field means no limit (`None`); anything else is an error.
    pub fn parse(raw: &str) -> Result<Option<Self>, PlacesError> {
        let text = clean_line(raw);
        if text.is_empty() {
            return Ok(None);
        }
        match text.parse::<u16>() {
            Ok(number) if number <= 20_000 => Ok(Some(Self(number))),
            _ => Err(PlacesError),
        }
    }

    /// Returns the number.
    pub fn number(self) -> i32 {
        i32::from(self.0)
    }
}

/// The text is not a valid number of places.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a number of places")]
pub struct PlacesError;

/// The places of a conference or of one of its categories, and how many of them are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capacity {
    /// The number of places; `None` means no limit.
    pub places: Option<i32>,
    /// The number of places taken.
    pub taken: i32,
}

impl Capacity {
    /// Returns whether every place is taken.
    pub fn is_full(self) -> bool {
        self.places.is_some_and(|places| self.taken >= places)
    }

    /// Returns how many places are left; `None` means no limit.
    pub fn left(self) -> Option<i32> {
        self.places.map(|places| (places - self.taken).max(0))
    }
}

text_enum! {
    /// How many places are left, in the three steps that the public sees, ordered from fewest to most. The database
    /// computes it (`capacity.availability`), because it also has to notice when it changes.
    pub enum Availability {
        /// No place is left.
        Full = "full",
        /// Few places are left.
        Few = "few",
        /// More than a few places are left.
        Free = "free",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_field_means_no_limit_and_anything_but_a_number_is_an_error() {
        assert_eq!(Places::parse(" "), Ok(None));
        assert_eq!(Places::parse("200").map(|places| places.map(Places::number)), Ok(Some(200)));
        for bad in ["-1", "ten", "1.5", "99999"] {
            assert_eq!(Places::parse(bad), Err(PlacesError), "{bad}");
        }
    }

    #[test]
    fn a_conference_without_a_limit_is_never_full() {
        assert!(!Capacity { places: None, taken: 9_000 }.is_full());
        assert!(Capacity { places: Some(20), taken: 20 }.is_full());
    }
}
