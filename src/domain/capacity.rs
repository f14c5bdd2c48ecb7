//! How many places there are.

use super::{text::clean_line, text_enum};

/// A number of places that somebody set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Places(u16);

impl Places {
    /// Reads a whole number from 0 to 20,000; empty is no limit (`None`), anything else is an error.
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

    /// The number.
    pub fn number(self) -> i32 {
        i32::from(self.0)
    }
}

/// What was typed is no number of places.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no number of places")]
pub struct PlacesError;

/// The places of a conference or of one of its categories, and how many of them are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capacity {
    /// How many there are; `None` is no limit.
    pub places: Option<i32>,
    /// How many are held.
    pub taken: i32,
}

impl Capacity {
    /// Whether nobody else fits.
    pub fn is_full(self) -> bool {
        self.places.is_some_and(|places| self.taken >= places)
    }

    /// How many are left; `None` is no limit.
    pub fn left(self) -> Option<i32> {
        self.places.map(|places| (places - self.taken).max(0))
    }
}

text_enum! {
    /// How many places are left, as far as the public reads it; the fewest come first. The database decides which it is
    /// (`capacity.availability`), because it also has to notice when it changes.
    pub enum Availability {
        /// None.
        Full = "full",
        /// Few.
        Few = "few",
        /// More than a few.
        Free = "free",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_field_is_no_limit_and_nonsense_is_an_error() {
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
