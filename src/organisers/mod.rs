//! The editors' pages: sessions and pages, each a kind of item for [`crate::editing`], and the rooms. What is saved, the
//! public reads at once.

pub mod landing;
pub mod page;
pub mod pages;
pub mod rooms;
pub mod session;
mod session_form;
pub mod sessions;
