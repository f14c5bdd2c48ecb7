//! Files for download: calendars, tables and feeds. They are made from values alone, without the database and HTTP.

pub mod calendar;
pub mod csv;
pub mod feed;
