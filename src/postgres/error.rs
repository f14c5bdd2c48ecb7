//! The errors of the database. Each has one sentence that says what to do.

use std::{io, path::Path};

use sqlx::migrate::MigrateError;

use super::{Installation, availability::is_unavailable};

/// Why the database could not be opened. The message is shown as it is.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// PostgreSQL is not installed.
    #[error(
        "PostgreSQL {release} is not installed here: install it with `{install}`, let `conference --install` do that (with cargo: `cargo run -- --install`), or give the address of a running one in DATABASE_URL"
    )]
    NotInstalled {
        /// The release that is needed.
        release: String,
        /// The command for this system and user.
        install: Installation,
    },
    /// PostgreSQL is not installed, and the user cannot become root.
    #[error(
        "PostgreSQL {release} is not installed here, and neither is sudo: run `{install}` as root, or give the address of a running one in DATABASE_URL"
    )]
    NobodyToInstall {
        /// The release that is needed.
        release: String,
        /// The command for this system.
        install: Installation,
    },
    /// PostgreSQL is not installed, and no known package manager was found.
    #[error(
        "PostgreSQL {release} is not installed here, and no package manager that could install it was found ({known}): install it by other means, or give the address of a running one in DATABASE_URL"
    )]
    NoPackageManager {
        /// The release that is needed.
        release: String,
        /// The package managers that were looked for.
        known: String,
    },
    /// `POSTGRES_BIN` is not a folder with the server's programs.
    #[error(
        "POSTGRES_BIN is wrong: postgres and initdb of PostgreSQL {release} are not in {folder}. Give the folder that contains them, or leave it unset so that the program looks for them"
    )]
    NotInFolder {
        /// The release that is needed.
        release: String,
        /// The folder.
        folder: String,
    },
    /// No installed `pg_dump` and `pg_restore` can work with the server.
    #[error(
        "pg_dump, pg_restore and psql of PostgreSQL {server} or newer are not installed here (the newest found: {found}): install them with {install}, or give their folder in POSTGRES_BIN"
    )]
    NoClient {
        /// The server's release.
        server: u32,
        /// The newest release that is installed.
        found: String,
        /// The command for this system.
        install: String,
    },
    /// The data were written by a release of PostgreSQL that is not installed.
    #[error(
        "the data in {folder} were written by PostgreSQL {data}, but only PostgreSQL {installed} is installed: install PostgreSQL {data} with {install}, or dump the data with it (pg_dumpall) and restore them into an empty DATA_DIR"
    )]
    OtherMajor {
        /// The folder of the data.
        folder: String,
        /// The release that wrote them.
        data: String,
        /// The installed releases.
        installed: String,
        /// The command for this system.
        install: String,
    },
    /// The disk is full.
    #[error("no space is left on the disk of {0}: free some space, then start again")]
    NoRoom(String),
    /// There is no database, and the command does not create one.
    #[error(
        "there is no database under DATA_DIR ({0}) yet: start the server first, or give the DATA_DIR or DATABASE_URL that it uses"
    )]
    NoneYet(String),
    /// The program was asked to end before the database was open.
    #[error("asked to end before the database was open")]
    Ended,
    /// A file or folder cannot be used.
    #[error("{path} cannot be used ({cause}): let the user {user} write there, or set DATA_DIR to another folder")]
    NotWritable {
        /// The path.
        path: String,
        /// The user who runs the program.
        user: String,
        /// The system's word.
        cause: io::Error,
    },
    /// Processes of a crashed server still use the data.
    #[error(
        "process {pid} of an earlier PostgreSQL is still running in {folder}: wait until it ends, or end it with `kill {pid}`, then start again"
    )]
    Survivor {
        /// The id of one of the processes.
        pid: u32,
        /// Where.
        folder: String,
    },
    /// Another process has been starting or stopping the server for too long.
    #[error(
        "another process has been starting or stopping the PostgreSQL in {0} for a minute: end it, then start again"
    )]
    Busy(String),
    /// The server or initdb failed.
    #[error("PostgreSQL did not start: {words} (more in {log})")]
    Failed {
        /// The last lines of its output.
        words: String,
        /// Its log.
        log: String,
    },
    /// A helper program of the system could not be run.
    #[error("{program} could not be run: {cause}")]
    Program {
        /// Which.
        program: String,
        /// The system's word.
        cause: io::Error,
    },
    /// The server in `DATABASE_URL` did not respond in time, or could not be used.
    #[error("the PostgreSQL at {place} (DATABASE_URL) did not answer for {seconds} s: {cause}")]
    Unreachable {
        /// The server's address without the password.
        place: String,
        /// How long the program tried.
        seconds: u64,
        /// The error of the last attempt.
        cause: sqlx::Error,
    },
    /// The server refused the connection.
    #[error("the PostgreSQL at {place} refuses: {cause}")]
    Refused {
        /// Where it is, without the password.
        place: String,
        /// Its words.
        cause: sqlx::Error,
    },
    /// A pooler shares one session between several connections.
    #[error(
        "a pooler in front of the PostgreSQL at {place} shares one session between several connections (in PgBouncer: pool_mode = transaction or statement), which would mix up the answers to different pages: set pool_mode = session for this database, or give PostgreSQL's own address in DATABASE_URL"
    )]
    SharedSessions {
        /// Where it is, without the password.
        place: String,
    },
    /// The role may not change the database.
    #[error(
        "the role of DATABASE_URL may not change the database at {place} ({cause}): a role that migrates must own the database (ALTER DATABASE … OWNER TO …)"
    )]
    NotOwner {
        /// Where it is, without the password.
        place: String,
        /// PostgreSQL's words.
        cause: Box<Error>,
    },
    /// The role does not own the tables, and a migration or right is missing that only the owner can add.
    #[error(
        "the database at {place} is not ready for the role {role} ({what}): run `conference migrate --serve-as {role}` with the DATABASE_URL of its owner, the role {owner}, then start again"
    )]
    NotReady {
        /// Where it is, without the password.
        place: String,
        /// The role of `DATABASE_URL`.
        role: String,
        /// The role that owns the tables.
        owner: String,
        /// What is missing.
        what: String,
    },
    /// The role of `--serve-as` does not exist.
    #[error("there is no role {role} at {place}: create it first, with CREATE ROLE {role} LOGIN PASSWORD '…'")]
    NoSuchRole {
        /// Where, without the password.
        place: String,
        /// Its name.
        role: String,
    },
    /// The role of `--serve-as` could change the audit log despite its limited rights.
    #[error(
        "the role {0} can still change the audit log, because it is a superuser, owns the tables, their schema or the database, is a member of a role that does, or can make itself one: give another role to --serve-as"
    )]
    OwnsAuditLog(String),
    /// The cluster's folder does not contain its release.
    #[error(
        "{0} contains no data that PostgreSQL can read (its PG_VERSION is missing or empty): replace it with a backup, or move it away to start with an empty database"
    )]
    Damaged(String),
    /// A migration failed.
    #[error("the database could not be brought up to date: {0}")]
    Migration(#[from] MigrateError),
    /// Any other error of the database.
    #[error("the database: {0}")]
    Database(#[from] sqlx::Error),
}

impl Error {
    /// Whether the error means that the role lacks a right (42501).
    pub(super) fn is_lack_of_rights(&self) -> bool {
        let (Self::Database(said)
        | Self::Migration(MigrateError::Execute(said) | MigrateError::ExecuteMigration(said, _))) = self
        else {
            return false;
        };
        said.as_database_error().and_then(sqlx::error::DatabaseError::code).as_deref() == Some("42501")
    }

    /// Returns the database's error if it means that the database is unavailable at the moment, and otherwise this
    /// error.
    pub(super) fn unavailable(self) -> Result<sqlx::Error, Self> {
        match self {
            Self::Database(cause)
            | Self::Migration(MigrateError::Execute(cause) | MigrateError::ExecuteMigration(cause, _))
                if is_unavailable(&cause) =>
            {
                Ok(cause)
            }
            other => Err(other),
        }
    }

    /// Creates the error for a problem with a file or folder.
    pub(super) fn of_path(path: &Path, user: &str, cause: io::Error) -> Self {
        let path = path.display().to_string();
        match cause.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::NoRoom(path),
            _ => Self::NotWritable { path, user: user.to_owned(), cause },
        }
    }
}
