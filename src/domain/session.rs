//! Sessions of the programme.

use std::fmt;

use time::OffsetDateTime;

/// What sort of session it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SessionKind {
    /// Everybody in one room.
    Plenary,
    /// One or a few people speak.
    Talk,
    /// Several discuss.
    Panel,
    /// People work on something together.
    Workshop,
    /// Many tables, one hot topic each.
    WorldCafe,
    /// Reception, dinner, excursion.
    Social,
    /// Coffee, lunch.
    Break,
}

impl SessionKind {
    /// All kinds, in the order in which they are offered.
    pub const ALL: [Self; 7] =
        [Self::Plenary, Self::Talk, Self::Panel, Self::Workshop, Self::WorldCafe, Self::Social, Self::Break];

    /// The word that the database and forms use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Plenary => "plenary",
            Self::Talk => "talk",
            Self::Panel => "panel",
            Self::Workshop => "workshop",
            Self::WorldCafe => "world_cafe",
            Self::Social => "social",
            Self::Break => "break",
        }
    }

    /// The kind of that word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
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

impl fmt::Display for SessionKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
