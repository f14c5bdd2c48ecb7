//! Files made of what the domain knows: no database, no HTTP.

pub mod calendar;
pub mod csv;
