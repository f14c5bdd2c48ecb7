//! Why a backup or a restore failed.

use crate::postgres::Error;

/// Why a backup or a restore failed. Each message is shown to the administrator as it is.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The database could not be reached or reported an error.
    #[error(transparent)]
    Database(#[from] Error),
    /// The database does not contain this program's tables.
    #[error("there is nothing to back up: the database at {0} holds no conference")]
    NothingThere(String),
    /// The role does not have the right to read everything.
    #[error(
        "the role {role} may not read everything ({words}): use the DATABASE_URL of the role that owns the tables, {owner}"
    )]
    MayNotRead {
        /// The role of `DATABASE_URL`.
        role: String,
        /// The role that owns the tables.
        owner: String,
        /// The error message of `pg_dump`.
        words: String,
    },
    /// A program failed.
    #[error("{program} failed: {words}")]
    Failed {
        /// Which program.
        program: &'static str,
        /// Its error message.
        words: String,
    },
    /// The file is not a backup made by this program.
    #[error("this is not a backup made by `conference backup`: {0}")]
    NoBackup(String),
    /// A newer or different release made the backup.
    #[error("this backup was made by a newer or different release of the program: restore it with that release")]
    OtherRelease,
    /// The database is not empty and `--replace` was not given.
    #[error(
        "the database at {place} is not empty (registrations: {registrations}, accounts: {accounts}): to replace everything in it with the backup, add --replace"
    )]
    NotEmpty {
        /// The database's address, without the password.
        place: String,
        /// How many registrations it holds.
        registrations: i64,
        /// How many accounts it holds.
        accounts: i64,
    },
    /// Only the owner can restore.
    #[error("only the role that owns the tables can restore: use the DATABASE_URL of the role {0}")]
    NotOwner(String),
    /// The role may not create tables.
    #[error(
        "the role of DATABASE_URL may not change the database at {place} ({words}): to restore, its role must own the database"
    )]
    MayNotWrite {
        /// The database's address, without the password.
        place: String,
        /// PostgreSQL's error message.
        words: String,
    },
    /// Somebody else is connected to the database.
    #[error(
        "the database at {place} is in use (connections: {sessions}): stop the server, restore, and start the server again"
    )]
    InUse {
        /// The database's address, without the password.
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
