//! What tests stand on: a throw-away PostgreSQL, the real program on it, and people who use it.
#![allow(dead_code, unused_imports, reason = "each test binary uses its part")]

mod actors;
mod app;
mod cluster;
pub mod database;
mod form;
mod line;
mod page;
mod pgbouncer;
pub mod registration;
mod smtp;

pub use actors::{Account, Person, secret};
pub use app::TestApp;
pub use cluster::Cluster;
pub use database::empty_database;
pub use line::Line;
pub use page::{Form, Page};
pub use pgbouncer::PgBouncer;
pub use smtp::{Mail, MailServer};

/// The conference that every fresh database holds.
pub const LEIPZIG: &str = "/leipzig-2018";

/// A port for a program that has to be told one. It lies below those that the system gives to whoever asks for any, so
/// that nobody comes by it by chance before that program starts.
pub fn free_port() -> u16 {
    loop {
        let port = 20_000 + u16::try_from(getrandom::u32().expect("chance") % 12_000).expect("it fits");
        if std::net::TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}
