//! The public site: the pages that everybody reads, and registration.

mod description;
mod items;
mod limits;
mod links;
mod timetable;

pub mod add_people;
pub mod add_person;
pub mod cancel;
pub mod changes;
pub mod choose;
pub mod confirm_email;
pub mod correct_attendee;
pub mod correct_registration;
pub mod current;
pub mod feeds;
pub mod file;
pub mod home;
pub mod manage;
mod moved;
pub mod my_registration;
pub mod new_email;
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
pub mod transfer;
pub mod undo;
pub mod withdraw;
