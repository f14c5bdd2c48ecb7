//! What the tests share: a temporary PostgreSQL server, the real program on it, and people who use it.
#![allow(dead_code, unused_imports, reason = "each test binary uses a part of it")]

mod actors;
mod app;
mod cluster;
pub mod database;
mod database_proxy;
mod form;
mod page;
mod pgbouncer;
pub mod programme;
pub mod registration;
mod smtp;
mod table;

pub use actors::{Account, Person, secret};
pub use app::TestApp;
pub use cluster::Cluster;
pub use database::empty_database;
pub use database_proxy::DatabaseProxy;
pub use page::{Form, Page};
pub use pgbouncer::PgBouncer;
pub use smtp::{Mail, MailServer};
pub use table::{read_csv, read_table, sheet};

/// The path of the conference that every new database contains.
pub const LEIPZIG: &str = "/leipzig-2018";

/// Finds a free port for a program that cannot ask the system for one. It is below the range from which the system
/// assigns ports, so that nobody else gets it by chance before that program starts.
pub fn free_port() -> u16 {
    loop {
        let port = 20_000 + u16::try_from(getrandom::u32().expect("random bytes") % 12_000).expect("it fits");
        if std::net::TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}
