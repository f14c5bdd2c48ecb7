//! What sessions and pages have in common: every save is a revision, and a save names the one it started from.

use time::OffsetDateTime;

use super::violated;
use crate::domain::{AccountId, RevisionId};

/// A saved state, as the list of them names it.
#[derive(Clone, Debug)]
pub struct Saved {
    /// Its key.
    pub id: RevisionId,
    /// Its number, from 1.
    pub number: i32,
    /// The title it has.
    pub title: String,
    /// Who saved it; none is the shipped programme.
    pub who: Option<String>,
    /// When.
    pub at: OffsetDateTime,
    /// Whether it was never published: its writer gave way to another's version.
    pub set_aside: bool,
}

/// A saved state with all that it says.
#[derive(Clone, Debug)]
pub struct Revision<S> {
    /// Its key.
    pub id: RevisionId,
    /// Its number, from 1.
    pub number: i32,
    /// Who saved it; none is the shipped programme.
    pub who: Option<String>,
    /// When.
    pub at: OffsetDateTime,
    /// Whether it was never published.
    pub set_aside: bool,
    /// What it says.
    pub state: S,
}

/// Something that is edited, as the public reads it now.
#[derive(Clone, Debug)]
pub struct Edited<I, S> {
    /// Which it is.
    pub id: I,
    /// The last part of its public address, for ever.
    pub slug: String,
    /// How often it was saved; a save names this number.
    pub revision: i32,
    /// What is published.
    pub published: Revision<S>,
}

/// What becomes of a version that is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// The public reads it from now on.
    Published,
    /// It is kept for those who write, and the public goes on reading what it read.
    SetAside,
}

/// A version to keep.
#[derive(Clone, Copy, Debug)]
pub struct Version<'a, S> {
    /// What it says.
    pub state: &'a S,
    /// How often the thing had been saved when the writing began; 0 for a new one.
    pub base: i32,
    /// What becomes of it.
    pub fate: Fate,
    /// Who wrote it.
    pub account: AccountId,
    /// When it is kept.
    pub now: OffsetDateTime,
}

/// Why a version was not kept.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    /// Somebody has saved since the number that was named.
    #[error("saved by somebody else meanwhile")]
    Stale,
    /// Another session has the room at that time.
    #[error("the room is taken at that time")]
    RoomTaken,
    /// It lies outside the days of the conference.
    #[error("outside the days of the conference")]
    OutsideConference,
    /// The room is gone, or was never one of this conference.
    #[error("no such room")]
    NoSuchRoom,
    /// The database failed.
    #[error(transparent)]
    Database(sqlx::Error),
}

impl From<sqlx::Error> for SaveError {
    fn from(error: sqlx::Error) -> Self {
        match violated(&error) {
            // A new one that was sent twice.
            Some("session_pkey" | "page_pkey") => Self::Stale,
            Some("slot_room_free") => Self::RoomTaken,
            Some("slot_within_conference") => Self::OutsideConference,
            Some("slot_room" | "session_revision_room") => Self::NoSuchRoom,
            _ => Self::Database(error),
        }
    }
}
