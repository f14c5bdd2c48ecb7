//! Whether the database can be used: the one rule for pages, the health check and starts.

use std::io::{Error as IoError, ErrorKind};

use sqlx::PgConnection;

use super::migrations::MIGRATIONS;

/// Error codes that may be gone at the next try, by how they start (PostgreSQL, Appendix A): 08, connection lost, or a
/// pooler that reaches no server; 25006, the server or the database is read-only, or a standby; 40P01 and 40001, gave way
/// to another transaction or to recovery; 53, out of connections, memory or disk; 55000, recovery is in progress, or the
/// database takes no connections; 55P03 and 57014, waited too long for a lock or took too long; 57P, shutting down, crashed
/// or starting.
const UNAVAILABLE: [&str; 9] = ["08", "25006", "40P01", "40001", "53", "55000", "55P03", "57014", "57P"];

/// Whether this error says that the database cannot be used at the moment and that trying again later may help. Anything
/// else is a fault of ours or of the settings. A failed TLS handshake and bytes that are not PostgreSQL's count as
/// unavailable: both come from proxies whose server is away.
pub fn is_unavailable(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed => true,
        sqlx::Error::Database(error) => {
            error.code().is_some_and(|code| UNAVAILABLE.iter().any(|start| code.starts_with(start)))
        }
        _ => false,
    }
}

/// The error for a session that can only read.
pub(super) fn read_only() -> sqlx::Error {
    IoError::new(ErrorKind::ReadOnlyFilesystem, "the database is read-only, or a standby").into()
}

/// What the database is ready for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readiness {
    /// For everything.
    Ready,
    /// It lacks migrations that this program knows.
    NotMigrated,
    /// It can only be read: nobody could register.
    ReadOnly,
}

/// What the database is ready for, if it answers.
pub async fn readiness(conn: &mut PgConnection) -> Result<Readiness, sqlx::Error> {
    let newest = MIGRATIONS.iter().map(|migration| migration.version).max();
    let (applied, read_only) = sqlx::query_as::<_, (Option<i64>, bool)>(
        "select max(version), current_setting('transaction_read_only')::bool from _sqlx_migrations where success",
    )
    .fetch_one(conn)
    .await?;
    Ok(match read_only {
        true => Readiness::ReadOnly,
        false if applied < newest => Readiness::NotMigrated,
        false => Readiness::Ready,
    })
}
