//! Why there is no database: one sentence each, which says what to do.

use std::{io, path::Path};

use sqlx::migrate::MigrateError;

use super::{Installation, availability::is_unavailable};

/// What stops the start. Each is shown as it stands.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// initdb and postgres were found nowhere.
    #[error(
        "PostgreSQL {release} is not installed here: install it with `{install}`, have that done by `conference --install` (with cargo: `cargo run -- --install`), or give the address of a running one in DATABASE_URL"
    )]
    NotInstalled {
        /// The release that is needed.
        release: String,
        /// The command for this system and user.
        install: Installation,
    },
    /// The same, and whoever started us cannot become root.
    #[error(
        "PostgreSQL {release} is not installed here, and sudo is not either: have root run `{install}`, or give the address of a running one in DATABASE_URL"
    )]
    NobodyToInstall {
        /// The release that is needed.
        release: String,
        /// The command for this system.
        install: Installation,
    },
    /// The same, and we do not know the system.
    #[error(
        "PostgreSQL {release} is not installed here, and no package manager that could install it was found ({known}): install it by other means, or give the address of a running one in DATABASE_URL"
    )]
    NoPackageManager {
        /// The release that is needed.
        release: String,
        /// The package managers that were looked for.
        known: String,
    },
    /// `POSTGRES_BIN` is not the folder of a server's programs.
    #[error(
        "POSTGRES_BIN is wrong: postgres and initdb of PostgreSQL {release} are not in {folder}. Give the folder that holds them, or leave it unset to have them looked for"
    )]
    NotInFolder {
        /// The release that is needed.
        release: String,
        /// The folder.
        folder: String,
    },
    /// No `pg_dump` and `pg_restore` are here that can work with the server.
    #[error(
        "pg_dump, pg_restore and psql of PostgreSQL {server} or newer are not installed here (the newest found: {found}): install them with {install}, or name their folder in POSTGRES_BIN"
    )]
    NoClient {
        /// The server's release.
        server: u32,
        /// The newest release that is installed.
        found: String,
        /// The command for this system.
        install: String,
    },
    /// The data belong to a release of PostgreSQL that is not installed.
    #[error(
        "the data in {folder} were written by PostgreSQL {data}, and here is only PostgreSQL {installed}: install the older one with {install}, or dump with it (pg_dumpall) and restore into an empty DATA_DIR"
    )]
    OtherMajor {
        /// Where the data lie.
        folder: String,
        /// Who wrote them.
        data: String,
        /// What is here.
        installed: String,
        /// The command for this system.
        install: String,
    },
    /// The disk is full.
    #[error("no room is left on the disk of {0}: free some, then start again")]
    NoRoom(String),
    /// There is nothing to open, and whoever asks did not mean to make it.
    #[error(
        "there is no database under DATA_DIR ({0}) yet: start the program first, or give the DATA_DIR or DATABASE_URL with which it runs"
    )]
    NoneYet(String),
    /// Whoever started us has asked for the end before the database was open.
    #[error("asked to end before the database was open")]
    Ended,
    /// A folder or file does not let us work.
    #[error("{path} cannot be used ({cause}): let the user {user} write there, or set DATA_DIR to another folder")]
    NotWritable {
        /// What was tried.
        path: String,
        /// In whose name.
        user: String,
        /// The system's word.
        cause: io::Error,
    },
    /// Processes of a crashed server still work on the data.
    #[error(
        "process {pid} of an earlier PostgreSQL still works in {folder}: wait for its end, or end it with `kill {pid}`, then start again"
    )]
    Survivor {
        /// One of them.
        pid: u32,
        /// Where.
        folder: String,
    },
    /// Another process starts or stops the server and does not come to an end.
    #[error(
        "another process has been starting or stopping the PostgreSQL in {0} for a minute: end it, then start again"
    )]
    Busy(String),
    /// The server or initdb gave up.
    #[error("PostgreSQL did not start: {words} (more in {log})")]
    Failed {
        /// Its last words.
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
    /// The server of `DATABASE_URL` did not answer in time, or could not be used.
    #[error("the PostgreSQL at {place} (DATABASE_URL) did not answer for {seconds} s: {cause}")]
    Unreachable {
        /// Where it should be, without the password.
        place: String,
        /// How long we tried.
        seconds: u64,
        /// What happened at the last try.
        cause: sqlx::Error,
    },
    /// The server answers and does not let us in.
    #[error("the PostgreSQL at {place} refuses: {cause}")]
    Refused {
        /// Where it is, without the password.
        place: String,
        /// Its words.
        cause: sqlx::Error,
    },
    /// A pooler lends one session to several connections in turn.
    #[error(
        "a pooler before the PostgreSQL at {place} lends one session to several connections (in PgBouncer: pool_mode = transaction or statement), and answers would reach the wrong pages: set pool_mode = session for this database, or give PostgreSQL's own address in DATABASE_URL"
    )]
    SharedSessions {
        /// Where it is, without the password.
        place: String,
    },
    /// The role may not change the database.
    #[error(
        "the role of DATABASE_URL may not change the database at {place} ({cause}): to migrate, its role must own the database: ALTER DATABASE … OWNER TO …"
    )]
    NotOwner {
        /// Where it is, without the password.
        place: String,
        /// PostgreSQL's words.
        cause: Box<Error>,
    },
    /// The role does not own the tables, and something is missing that only their owner can add.
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
    /// The role that is to serve does not exist.
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
    /// The cluster's folder is there and does not say who wrote it.
    #[error(
        "{0} holds no data that PostgreSQL could read (its PG_VERSION is missing or empty): put a backup in its place, or move it away to begin anew"
    )]
    Damaged(String),
    /// A migration does not fit the database.
    #[error("the database could not be brought up to date: {0}")]
    Migration(#[from] MigrateError),
    /// Anything else that the database says.
    #[error("the database: {0}")]
    Database(#[from] sqlx::Error),
}

impl Error {
    /// Whether PostgreSQL has said that the role has not the right (42501).
    pub(super) fn is_lack_of_rights(&self) -> bool {
        let (Self::Database(said)
        | Self::Migration(MigrateError::Execute(said) | MigrateError::ExecuteMigration(said, _))) = self
        else {
            return false;
        };
        said.as_database_error().and_then(sqlx::error::DatabaseError::code).as_deref() == Some("42501")
    }

    /// The database's own error, if it says that the database cannot be used at the moment; else this error as it is.
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

    /// The sentence for trouble with a file or folder.
    pub(super) fn of_path(path: &Path, user: &str, cause: io::Error) -> Self {
        let path = path.display().to_string();
        match cause.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::NoRoom(path),
            _ => Self::NotWritable { path, user: user.to_owned(), cause },
        }
    }
}
