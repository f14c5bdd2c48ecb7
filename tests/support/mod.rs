//! What tests stand on: a throw-away PostgreSQL, the real program on it, and people who use it.
#![allow(dead_code, unused_imports, reason = "each test binary uses its part")]

mod actors;
mod app;
mod cluster;
mod database;
mod form;
mod page;
pub mod registration;
mod smtp;

pub use actors::{Account, Person, secret};
pub use app::TestApp;
pub use cluster::Cluster;
pub use database::empty_database;
pub use page::{Form, Page};
pub use smtp::{Mail, MailServer};

/// The conference that every fresh database holds.
pub const LEIPZIG: &str = "/leipzig-2018";
