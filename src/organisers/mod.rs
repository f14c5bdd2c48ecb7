//! The editors: sessions, rooms and pages, each save a revision that the public reads at once.
//!
//! What an editor shows is always a form as its browser would send it, whether it comes from a saved state, from
//! somebody who mistyped, or from somebody whose login had ended; so it can be shown again, compared and merged alike.

mod compare;
mod editing;
mod history;
pub mod landing;
mod merging;
pub mod page;
mod page_form;
pub mod page_new;
pub mod page_revision;
pub mod page_revisions;
mod page_saving;
pub mod pages;
pub mod preview;
pub mod rooms;
pub mod session;
mod session_form;
pub mod session_new;
pub mod session_revision;
pub mod session_revisions;
mod session_saving;
mod session_wrong;
pub mod sessions;

use std::str::FromStr;

use crate::web::{AppError, Result};

/// A key out of an address; what is none names nothing.
fn key<T: FromStr>(text: &str) -> Result<T> {
    text.parse().map_err(|_| AppError::NotFound)
}
