//! Sessions of the programme.

use time::OffsetDateTime;

use super::text_enum;

text_enum! {
    /// What sort of session it is.
    pub enum SessionKind {
        /// Everybody in one room.
        Plenary = "plenary",
        /// One or a few people speak.
        Talk = "talk",
        /// Several discuss.
        Panel = "panel",
        /// People work on something together.
        Workshop = "workshop",
        /// Many tables, one hot topic each.
        WorldCafe = "world_cafe",
        /// Reception, dinner, excursion.
        Social = "social",
        /// Coffee, lunch.
        Break = "break",
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
