//! The organisers' pages. Sessions and pages are kinds of items for [`crate::editing`]; rooms have a form of their own.
//! Everything that is saved is public at once.

pub mod landing;
pub mod page;
pub mod pages;
pub mod rooms;
pub mod session;
mod session_form;
pub mod sessions;
