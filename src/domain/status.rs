//! How far an item of the programme is, and what the public reads of it.

use std::{fmt, num::ParseIntError, str::FromStr};

use super::text_enum;

text_enum! {
    /// How far an item of the programme is.
    pub enum Status {
        /// Only organisers know of it. It is not published with the rest, and what was published cannot become a draft again.
        Draft = "draft",
        /// It will take place, but its hours may change; the public reads "provisional".
        Tentative = "tentative",
        /// It will take place.
        Confirmed = "confirmed",
        /// It does not take place. Its page stays and says so.
        Cancelled = "cancelled",
        /// It was removed. Its page says that it is gone.
        Withdrawn = "withdrawn",
    }
}

impl Status {
    /// Whether it will take place, as far as anybody knows.
    pub fn takes_place(self) -> bool {
        matches!(self, Self::Draft | Self::Tentative | Self::Confirmed)
    }
}

/// The number of a release of a conference, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ReleaseNumber(pub i32);

impl fmt::Display for ReleaseNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for ReleaseNumber {
    type Err = ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}
