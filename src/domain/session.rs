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

/// From when to when something takes place; it ends after it starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeSlot {
    start: OffsetDateTime,
    end: OffsetDateTime,
}

/// Why there is no such slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TimeSlotError {
    /// The end is not after the start.
    #[error("ends before it starts")]
    EndsBeforeStart,
}

impl TimeSlot {
    /// The slot between two instants.
    pub fn new(start: OffsetDateTime, end: OffsetDateTime) -> Result<Self, TimeSlotError> {
        if end > start { Ok(Self { start, end }) } else { Err(TimeSlotError::EndsBeforeStart) }
    }

    /// When it starts.
    pub fn start(self) -> OffsetDateTime {
        self.start
    }

    /// When it ends; the first instant that no longer belongs to it.
    pub fn end(self) -> OffsetDateTime {
        self.end
    }
}
