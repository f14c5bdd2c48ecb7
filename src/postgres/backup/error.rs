//! Why there is no backup, or why none was restored.

use crate::postgres::Error;

/// Why there is no backup, or why none was restored. Each is shown as it stands.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The database could not be reached, or says something else.
    #[error(transparent)]
    Database(#[from] Error),
    /// There are no tables of ours.
    #[error("there is nothing to back up: the database at {0} holds no conference")]
    NothingThere(String),
    /// The role may not read everything.
    #[error(
        "the role {role} may not read everything ({words}): use the DATABASE_URL of the role that owns the tables, {owner}"
    )]
    MayNotRead {
        /// The role of `DATABASE_URL`.
        role: String,
        /// The role that owns the tables.
        owner: String,
        /// The words of `pg_dump`.
        words: String,
    },
    /// A program gave up.
    #[error("{program} failed: {words}")]
    Failed {
        /// Which one.
        program: &'static str,
        /// Its words.
        words: String,
    },
    /// The file is no backup of this program.
    #[error("this is not a backup made by `conference backup`: {0}")]
    NoBackup(String),
    /// A newer program made the backup.
    #[error("this backup was made by a newer or different release of the program: restore it with that release")]
    OtherRelease,
    /// There is something in the database, and nobody said that it may go.
    #[error(
        "the database at {place} is not empty (registrations: {registrations}, accounts: {accounts}): to replace everything in it with the backup, add --replace"
    )]
    NotEmpty {
        /// Where it is, without the password.
        place: String,
        /// How many registrations it holds.
        registrations: i64,
        /// How many accounts it holds.
        accounts: i64,
    },
    /// Only the owner can restore.
    #[error("only the role that owns the tables can restore: use the DATABASE_URL of the role {0}")]
    NotOwner(String),
    /// The role may not make tables.
    #[error(
        "the role of DATABASE_URL may not change the database at {place} ({words}): to restore, its role must own the database"
    )]
    MayNotWrite {
        /// Where it is, without the password.
        place: String,
        /// PostgreSQL's words.
        words: String,
    },
    /// Somebody works with the database.
    #[error(
        "the database at {place} is in use (connections: {sessions}): stop the server, restore, and start the server again"
    )]
    InUse {
        /// Where it is, without the password.
        place: String,
        /// How many connections there are.
        sessions: i64,
    },
}

impl From<sqlx::Error> for BackupError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error.into())
    }
}
