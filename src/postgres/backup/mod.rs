//! Backing up and restoring with PostgreSQL's own `pg_dump`, `pg_restore` and `psql`.
//!
//! A restore is one transaction: what is in the database is dropped, the backup is read in, and what must hold of a restored
//! database is made so. Whatever fails on the way, the database stays as it was.

mod contents;
mod error;

use std::{
    fs::File,
    io::{self, Seek},
    process::Stdio,
    time::Duration,
};

use sqlx::{Connection, PgConnection};
use tokio::{
    io::AsyncWriteExt,
    process::{Child, ChildStdin},
    time::sleep,
};

use self::{contents::check_migrations, error::BackupError};
use super::{
    Database, Error,
    client::{self, Client},
    migrations::migrator,
    pool, private, rights,
};
use crate::domain::{AuditId, AuditKind};

/// Drops what is in the database.
const CLEAR: &str = include_str!("clear.sql");
/// What follows the statements of the backup.
const AFTER: &str = include_str!("after.sql");

/// How often, and after which pause, it is looked whether the sessions of a server that was just stopped are gone.
const LOOKS: u32 = 15;
const PAUSE: Duration = Duration::from_millis(200);

/// What was restored.
#[derive(Debug)]
pub struct Restored {
    /// The roles that served from the replaced database without owning it; they can serve from the restored one. For our own
    /// server it is one, always.
    pub serving: Vec<String>,
}

impl Database {
    /// Writes everything in the database into this file.
    pub async fn back_up(&self, into: &File) -> Result<(), BackupError> {
        let mut connection = pool::patiently(&self.place, async || self.connect().await).await?;
        if !is_ours(&mut connection).await? {
            return Err(BackupError::NothingThere(self.place.clone()));
        }
        let (server, owner) = (release(&mut connection).await?, rights::owner(&mut connection).await?);
        connection.close().await?;
        let clients = self.clients(server).await?;
        let client = clients.first().expect("find_clients finds one or fails");
        let mut dump = client.command("pg_dump");
        // Limits of attempts are left out: they are unlogged, and start afresh.
        dump.args(["--format=custom", "--no-unlogged-table-data", "--no-password", "--lock-wait-timeout=60s"]);
        dump.stdout(into.try_clone().map_err(|cause| client.not_run("pg_dump", cause))?);
        let ended = run(client, "pg_dump", dump.spawn()).await?;
        if ended.status.success() {
            return Ok(());
        }
        let words = client::words(&ended.stderr, ended.status);
        if words.contains("permission denied") {
            let role = self.owner.get_username().to_owned();
            return Err(BackupError::MayNotRead { role, owner, words });
        }
        Err(BackupError::Failed { program: "pg_dump", words })
    }

    /// Puts the backup in this file into the database, in place of everything in it, and brings it up to date. Unless
    /// `replace` is given, there must be no tables in it.
    pub async fn restore(&self, from: &File, replace: bool) -> Result<Restored, BackupError> {
        // The lock keeps servers from starting meanwhile.
        let mut connection = pool::patiently(&self.place, async || self.connect_alone().await).await?;
        if !rights::owns_tables(&mut connection).await? {
            return Err(BackupError::NotOwner(rights::owner(&mut connection).await?));
        }
        let client = self.client_for(&mut connection, from).await?;
        if !replace && !is_empty(&mut connection).await? {
            return Err(self.not_empty(&mut connection).await?);
        }
        self.must_be_unused(&mut connection).await?;
        let serving = match self.private {
            Some(_) => vec![private::SERVING.to_owned()],
            None => rights::serving(&mut connection).await?,
        };
        self.replace(&client, from).await?;
        migrator().run_direct(None, &mut connection, false).await.map_err(Error::from)?;
        for role in &serving {
            rights::grant(&mut connection, role).await?;
        }
        connection.close().await?;
        Ok(Restored { serving })
    }

    /// The programs of the release nearest to the server's that can read this backup. An error unless this release of the
    /// program made it, or an older one.
    async fn client_for(&self, connection: &mut PgConnection, from: &File) -> Result<Client<'_>, BackupError> {
        let mut unread = None;
        for client in self.clients(release(connection).await?).await? {
            let mut restore = client.command("pg_restore");
            restore.args(["--data-only", "--table=_sqlx_migrations", "--file=-"]);
            let read = restore.stdin(from_start(&client, from)?).stdout(Stdio::piped()).spawn();
            let ended = run(&client, "pg_restore", read).await?;
            if ended.status.success() {
                check_migrations(&String::from_utf8_lossy(&ended.stdout))?;
                return Ok(client);
            }
            unread = Some(client::words(&ended.stderr, ended.status));
        }
        Err(BackupError::NoBackup(unread.unwrap_or_default()))
    }

    /// The transaction.
    async fn replace(&self, client: &Client<'_>, from: &File) -> Result<(), BackupError> {
        let mut restore = client.command("pg_restore");
        restore.args(["--no-owner", "--no-privileges", "--no-comments", "--no-tablespaces", "--no-security-labels"]);
        restore.args(["--file=-"]).stdin(from_start(client, from)?).stdout(Stdio::piped());
        let mut psql = client.command("psql");
        psql.args(["--no-psqlrc", "--quiet", "--no-password", "--set=ON_ERROR_STOP=1"]);
        psql.arg(format!("--set=audit_id={}", AuditId::new().0));
        psql.arg(format!("--set=audit_kind={}", AuditKind::BackupRestored));
        psql.stdin(Stdio::piped()).stdout(Stdio::null());
        let mut psql = psql.spawn().map_err(|cause| client.not_run("psql", cause))?;
        let statements = psql.stdin.take().expect("piped");
        let restore = restore.spawn().map_err(|cause| client.not_run("pg_restore", cause))?;
        let (read, ended) = tokio::join!(feed(restore, statements), run(client, "psql", Ok(psql)));
        let ended = ended?;
        if !ended.status.success() {
            let words = client::words(&ended.stderr, ended.status);
            if words.contains("No space left on device") {
                return Err(Error::NoRoom(self.place.clone()).into());
            }
            if words.contains("permission denied") || words.contains("must be owner") {
                return Err(BackupError::MayNotWrite { place: self.place.clone(), words });
            }
            return Err(BackupError::Failed { program: "psql", words });
        }
        read
    }

    /// An error while anybody else is connected: a server would go on with pages and mails of what is replaced.
    async fn must_be_unused(&self, connection: &mut PgConnection) -> Result<(), BackupError> {
        let others = "select count(*) from pg_stat_activity
                      where datname = current_database() and pid <> pg_backend_pid() and usesysid is not null";
        let mut sessions: i64 = 0;
        for _ in 0..LOOKS {
            sessions = sqlx::query_scalar(others).fetch_one(&mut *connection).await?;
            if sessions == 0 {
                return Ok(());
            }
            sleep(PAUSE).await;
        }
        Err(BackupError::InUse { place: self.place.clone(), sessions })
    }

    async fn not_empty(&self, connection: &mut PgConnection) -> Result<BackupError, sqlx::Error> {
        let (mut registrations, mut accounts) = (0, 0);
        if is_ours(connection).await? {
            registrations = sqlx::query_scalar("select count(*) from registration").fetch_one(&mut *connection).await?;
            accounts = sqlx::query_scalar("select count(*) from account").fetch_one(connection).await?;
        }
        Ok(BackupError::NotEmpty { place: self.place.clone(), registrations, accounts })
    }
}

/// Gives `psql` the whole transaction. Its end, with the commit, comes only after the whole backup: without it, everything
/// is undone.
async fn feed(mut restore: Child, mut statements: ChildStdin) -> Result<(), BackupError> {
    let mut script = restore.stdout.take().expect("piped");
    let begun = async {
        statements.write_all(CLEAR.as_bytes()).await?;
        tokio::io::copy(&mut script, &mut statements).await
    };
    // If psql has given up, its own words say why.
    let Ok(_) = begun.await else { return Ok(()) };
    let ended = restore.wait_with_output().await.map_err(|cause| failed("pg_restore", &cause))?;
    if !ended.status.success() {
        return Err(BackupError::Failed { program: "pg_restore", words: client::words(&ended.stderr, ended.status) });
    }
    let _ = statements.write_all(AFTER.as_bytes()).await;
    let _ = statements.shutdown().await;
    Ok(())
}

fn failed(program: &'static str, cause: &io::Error) -> BackupError {
    BackupError::Failed { program, words: cause.to_string() }
}

/// Waits for the end of a program.
async fn run(
    client: &Client<'_>,
    program: &'static str,
    spawned: io::Result<Child>,
) -> Result<std::process::Output, BackupError> {
    let child = spawned.map_err(|cause| client.not_run(program, cause))?;
    Ok(child.wait_with_output().await.map_err(|cause| client.not_run(program, cause))?)
}

/// The file, to be read from its start.
fn from_start(client: &Client<'_>, file: &File) -> Result<File, BackupError> {
    let rewound = || {
        let mut file = file.try_clone()?;
        file.rewind()?;
        Ok(file)
    };
    Ok(rewound().map_err(|cause| client.not_run("pg_restore", cause))?)
}

/// The server's release.
async fn release(connection: &mut PgConnection) -> Result<u32, sqlx::Error> {
    let number = "select current_setting('server_version_num')::integer / 10000";
    let release: i32 = sqlx::query_scalar(number).fetch_one(connection).await?;
    Ok(u32::try_from(release).unwrap_or_default())
}

/// Whether the tables of this program are there.
async fn is_ours(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    let ours = "select to_regclass('_sqlx_migrations') is not null and to_regclass('registration') is not null";
    sqlx::query_scalar(ours).fetch_one(connection).await
}

/// Whether there are no tables.
async fn is_empty(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    let any = "select not exists (
        select from pg_class c where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p')
            and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e'))";
    sqlx::query_scalar(any).fetch_one(connection).await
}
