//! The public site: the pages that everybody reads, and registration.

mod description;
mod items;
mod links;
mod timetable;

pub mod cancel;
pub mod changes;
pub mod current;
pub mod feeds;
pub mod file;
pub mod home;
pub mod manage;
mod moved;
pub mod offer;
pub mod page;
mod people;
pub mod picture;
pub mod preview;
pub mod programme;
pub mod register;
pub mod registered;
pub mod session;
pub mod speaker;
pub mod speakers;
pub mod withdraw;
