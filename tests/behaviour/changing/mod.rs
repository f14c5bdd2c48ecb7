//! Delegates change their registration themselves, with the links in their mails.

mod calendar;
