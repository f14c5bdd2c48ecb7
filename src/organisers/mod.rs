//! The organisers' pages. Sessions and pages are kinds of items for [`crate::editing`]; rooms have a form of their own.
//! A session that is saved may stay unpublished; everything else that is saved is public at once.

mod changes;
pub mod landing;
pub mod page;
pub mod pages;
pub mod release;
pub mod releases;
pub mod rooms;
pub mod session;
mod session_form;
pub mod sessions;
pub mod unpublished;
