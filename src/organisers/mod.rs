//! The organisers' pages. The conference's facts, sessions, their kinds, people, rooms, topics and pages are kinds of items for
//! [`crate::editing`]. What is saved of the programme may stay unpublished; a page that is saved is public at once.

mod changes;
pub mod facts;
mod fields;
pub mod landing;
pub mod page;
pub mod pages;
pub mod people;
pub mod person;
pub mod picture;
mod previews;
pub mod release;
pub mod releases;
pub mod room;
pub mod rooms;
pub mod same_person;
mod scheduled;
pub mod session;
mod session_bulk;
mod session_filter;
mod session_form;
pub mod session_kind;
pub mod session_kinds;
mod session_people;
mod session_refused;
mod session_schedule;
pub mod sessions;
pub mod topic;
pub mod topics;
pub mod unpublished;
pub mod warnings;
