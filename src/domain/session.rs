//! Sessions of the programme.

use std::fmt;

use time::{Duration, OffsetDateTime};

use super::text_enum;

text_enum! {
    /// What somebody does in a session.
    pub enum PersonPart {
        /// Gives a talk.
        Speaker = "speaker",
        /// Opens and closes it, and keeps the time.
        Chair = "chair",
        /// Leads a discussion.
        Moderator = "moderator",
        /// Takes part in a discussion.
        Panellist = "panellist",
        /// Invites to it.
        Host = "host",
    }
}

/// The square by which a topic is recognised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TopicMark {
    /// Its number, from 1 to 99.
    pub number: i16,
    /// Its colour, from 1 to [`TopicMark::COLOURS`] (`topics.css`).
    pub colour: i16,
}

impl TopicMark {
    /// The number of colours.
    pub const COLOURS: i16 = 7;
}

/// The start and the end of something; the end is after the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeSlot {
    start: OffsetDateTime,
    end: OffsetDateTime,
}

/// Why a time slot was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TimeSlotError {
    /// The end is not after the start.
    #[error("ends before it starts")]
    EndsBeforeStart,
}

impl TimeSlot {
    /// Makes the slot that begins at this instant.
    pub fn lasting(start: OffsetDateTime, length: Length) -> Self {
        Self { start, end: start + Duration::minutes(i64::from(length.minutes())) }
    }

    /// Whether both take place at some moment.
    pub fn overlaps(self, other: Self) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// Makes the slot between two instants.
    pub fn new(start: OffsetDateTime, end: OffsetDateTime) -> Result<Self, TimeSlotError> {
        if end > start { Ok(Self { start, end }) } else { Err(TimeSlotError::EndsBeforeStart) }
    }

    /// When it starts.
    pub fn start(self) -> OffsetDateTime {
        self.start
    }

    /// Returns when it ends; this instant is no longer part of it.
    pub fn end(self) -> OffsetDateTime {
        self.end
    }
}

/// How long a session takes: between a minute and a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Length(i16);

impl Length {
    /// The longest, in minutes.
    pub const MOST: i16 = 24 * 60;

    /// Makes a length of this many minutes, if that is between 1 and [`Length::MOST`].
    pub fn new(minutes: i16) -> Option<Self> {
        (1..=Self::MOST).contains(&minutes).then_some(Self(minutes))
    }

    /// Reads a length as people write it: `90`, `1:30` or `1h30`.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let minutes = match text.split_once([':', 'h']) {
            Some((hours, minutes)) => {
                let minutes = minutes.trim().trim_end_matches("min").trim();
                let minutes: i16 =
                    if minutes.is_empty() { 0 } else { minutes.parse().ok().filter(|one| (0..60).contains(one))? };
                hours.trim().parse::<i16>().ok()?.checked_mul(60)?.checked_add(minutes)?
            }
            None => text.trim_end_matches("min").trim_end().parse().ok()?,
        };
        Self::new(minutes)
    }

    /// Returns the number of minutes.
    pub fn minutes(self) -> i16 {
        self.0
    }
}

impl fmt::Display for Length {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The rooms of a session, as they are said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Rooms {
    /// They are to be announced.
    #[default]
    Open,
    /// The names of one or more rooms, in the order of the rooms.
    Named(Vec<String>),
    /// All rooms of the venue.
    WholeVenue,
}

impl Rooms {
    /// Makes it from what the database holds.
    pub fn of(is_whole_venue: bool, names: Vec<String>) -> Self {
        match names {
            _ if is_whole_venue => Self::WholeVenue,
            names if names.is_empty() => Self::Open,
            names => Self::Named(names),
        }
    }

    /// Returns the names of the rooms; none if there are no particular ones.
    pub fn names(&self) -> &[String] {
        if let Self::Named(names) = self { names } else { &[] }
    }

    /// Whether they are to be announced.
    pub fn is_open(&self) -> bool {
        *self == Self::Open
    }

    /// Returns them as one text, such as `Saal 1, Saal 2`; `None` if they are to be announced.
    pub fn said(&self) -> Option<String> {
        match self {
            Self::Open => None,
            Self::Named(names) => Some(names.join(", ")),
            Self::WholeVenue => Some("Whole venue".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_is_read_as_people_write_it_and_is_at_most_a_day() {
        for (text, minutes) in
            [("90", 90), ("1:30", 90), ("1h30", 90), ("2h", 120), ("45 min", 45), ("24:00", 1440), (" 5 ", 5)]
        {
            assert_eq!(Length::parse(text).map(Length::minutes), Some(minutes), "{text}");
        }
        for text in ["", "0", "-5", "1441", "24:01", "1:60", "0:00", "1.5", "soon", "99999:00"] {
            assert_eq!(Length::parse(text), None, "{text}");
        }
    }
}
