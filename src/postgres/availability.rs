//! Whether the database can be used: one rule for pages, the health check and starts.

use std::io::{Error as IoError, ErrorKind};

use sqlx::PgConnection;

use super::migrations::MIGRATIONS;

/// SQLSTATE codes and classes (PostgreSQL, Appendix A) of errors that may be gone at the next attempt. 08: the
/// connection was lost, or a pooler reaches no server. 25006: the server or the database is read-only, or a standby.
/// 40P01 and 40001: cancelled in favour of another transaction or of recovery. 53: out of connections, memory or disk
/// space. 55000: recovery is in progress, or the database accepts no connections. 55P03 and 57014: waited too long for
/// a lock, or ran too long. 57P: the server is shutting down, has crashed or is starting.
const UNAVAILABLE: [&str; 9] = ["08", "25006", "40P01", "40001", "53", "55000", "55P03", "57014", "57P"];

/// Returns whether this error means that the database cannot be used at the moment and that trying again later may
/// help. Anything else is a fault in the program or in the settings. A failed TLS handshake and bytes that are not
/// PostgreSQL's protocol count as unavailable, because proxies send them while their server is down.
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

/// Returns the error for a session that can only read.
pub(super) fn read_only() -> sqlx::Error {
    IoError::new(ErrorKind::ReadOnlyFilesystem, "the database is read-only, or a standby").into()
}

/// What the database is ready for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readiness {
    /// Everything.
    Ready,
    /// It lacks migrations that this program knows.
    NotMigrated,
    /// It can only be read, so nobody could register.
    ReadOnly,
}

/// Returns what the database is ready for, or an error if it does not answer.
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
