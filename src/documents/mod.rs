//! Files: calendars, tables, feeds and pictures. They are made from values alone, without the database and HTTP.

pub mod calendar;
pub mod csv;
pub mod feed;
pub mod file_type;
pub mod format;
pub mod picture;
pub mod table;
pub mod xlsx;
