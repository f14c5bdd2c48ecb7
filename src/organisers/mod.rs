//! The organisers' pages. Sessions, rooms and pages are kinds of items for [`crate::editing`]. A session or a room that is saved
//! may stay unpublished; a page that is saved is public at once.

mod changes;
pub mod landing;
pub mod page;
pub mod pages;
pub mod release;
pub mod releases;
pub mod room;
pub mod rooms;
pub mod session;
mod session_form;
pub mod sessions;
pub mod unpublished;
