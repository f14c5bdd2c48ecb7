//! Files for download: calendars and tables. They are made from values alone, without the database and HTTP.

pub mod calendar;
pub mod csv;
