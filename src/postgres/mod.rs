//! PostgreSQL: which one, the pool of connections to it, and bringing it up to date.

mod error;
mod pool;
mod private;

use std::{str::FromStr, time::Duration};

use secrecy::ExposeSecret;
use sqlx::{
    Connection, PgConnection, PgPool,
    migrate::{Migrate, Migrator},
    postgres::PgConnectOptions,
};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

pub use self::error::Error;
use self::private::PrivateServer;
use crate::config::Settings;

/// The oldest release of PostgreSQL that the migrations work on.
pub const OLDEST_MAJOR: u32 = 15;

/// One process at a time migrates and fills; any number would do, but all releases must use the same.
const LOCK: i64 = 0x4D43_4532_3031_3800;

static MIGRATIONS: Migrator = sqlx::migrate!();

/// Rights of the serving role.
const GRANTS: &str = include_str!("grants.sql");

/// What is done where no database is under `DATA_DIR` yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IfAbsent {
    /// One is made.
    Make,
    /// `Error::NoneYet` says so: a command that was typed without the service's settings must not work beside it.
    Refuse,
}

/// The database that this process uses.
#[derive(Debug)]
pub struct Database {
    pool: PgPool,
    owner: PgConnectOptions,
    place: String,
    private: Option<PrivateServer>,
}

impl Database {
    /// The one of `DATABASE_URL`; or, where there is none, our own under `DATA_DIR`, started if need be. Starting takes
    /// its time; when `end` comes meanwhile, what was started is stopped again, and [`Error::Ended`] says so.
    pub async fn open(settings: &Settings, if_absent: IfAbsent, end: &CancellationToken) -> Result<Self, Error> {
        if let Some(url) = &settings.database_url {
            let owner = PgConnectOptions::from_str(url.expose_secret())?;
            let place = match owner.get_socket() {
                Some(socket) => format!("{}/{}", socket.display(), owner.get_database().unwrap_or_default()),
                None => {
                    format!("{}:{}/{}", owner.get_host(), owner.get_port(), owner.get_database().unwrap_or_default())
                }
            };
            return Ok(Self { pool: pool::serving(owner.clone()), owner, place, private: None });
        }
        if if_absent == IfAbsent::Refuse && !private::is_under(&settings.data_dir) {
            let folder = std::path::absolute(&settings.data_dir).unwrap_or_else(|_| settings.data_dir.clone());
            return Err(Error::NoneYet(folder.display().to_string()));
        }
        let server = PrivateServer::open(&settings.data_dir, settings.postgres_bin.as_deref(), end).await?;
        Ok(Self {
            pool: pool::serving(server.serving()),
            owner: server.owner(),
            place: server.folder().display().to_string(),
            private: Some(server),
        })
    }

    /// The pool that serves.
    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// Where the data are: a folder, or a server and its database.
    pub fn place(&self) -> &str {
        &self.place
    }

    /// Whether the server is our own.
    pub fn is_private(&self) -> bool {
        self.private.is_some()
    }

    /// Connects as the role that owns the database, waiting for a server that does not answer yet.
    pub async fn connect_as_owner(&self) -> Result<PgConnection, Error> {
        pool::connect_patiently(&self.owner, &self.place).await
    }

    /// Brings the database up to date, renews the serving role's rights, and lets `fill` put in what an empty one
    /// starts with. Of several processes that start at once, one does it and the others wait.
    pub async fn prepare<F, T>(&self, fill: F) -> Result<T, Error>
    where
        F: AsyncFnOnce(&mut PgConnection) -> Result<T, sqlx::Error>,
    {
        self.bring_up_to_date(fill).await.map_err(|error| {
            if self.private.is_none() && error.is_lack_of_rights() {
                Error::NotOwner { place: self.place.clone(), cause: Box::new(error) }
            } else {
                error
            }
        })
    }

    async fn bring_up_to_date<F, T>(&self, fill: F) -> Result<T, Error>
    where
        F: AsyncFnOnce(&mut PgConnection) -> Result<T, sqlx::Error>,
    {
        let mut connection = self.connect_as_owner().await?;
        // Held until the connection closes, however that comes about.
        sqlx::query("select pg_advisory_lock($1)").bind(LOCK).execute(&mut connection).await?;
        migrator().run_direct(None, &mut connection, false).await?;
        sqlx::raw_sql(GRANTS).execute(&mut connection).await?;
        let filled = fill(&mut connection).await?;
        connection.close().await?;
        Ok(filled)
    }

    /// How many migrations the database still lacks.
    pub async fn lacking(&self) -> Result<usize, Error> {
        let mut connection = self.connect_as_owner().await?;
        let begun = sqlx::query_scalar::<_, bool>("select to_regclass('_sqlx_migrations') is not null");
        let mut applied = Vec::new();
        if begun.fetch_one(&mut connection).await? {
            applied = connection.list_applied_migrations("_sqlx_migrations").await?;
        }
        connection.close().await?;
        Ok(MIGRATIONS.iter().filter(|one| applied.iter().all(|done| done.version != one.version)).count())
    }

    /// Closes the pool and, if nobody else uses it, our own server.
    pub async fn close(self) -> Result<(), Error> {
        // A connection that is still in use belongs to something that was cut off; the server undoes what it did.
        let _ = timeout(Duration::from_secs(1), self.pool.close()).await;
        match self.private {
            Some(server) => server.close().await,
            None => Ok(()),
        }
    }
}

/// The migrations, tolerant of newer ones: during a deploy an old instance may start on a database that a new one has
/// migrated, which is why migrations only ever expand what the release before them uses.
fn migrator() -> Migrator {
    let mut migrator = Migrator::with_migrations(MIGRATIONS.iter().cloned().collect());
    migrator.set_ignore_missing(true);
    migrator
}

/// Whether the database has every migration that this program knows.
pub async fn is_current(pool: &PgPool) -> Result<bool, sqlx::Error> {
    let newest = MIGRATIONS.iter().map(|migration| migration.version).max();
    let applied = sqlx::query_scalar::<_, Option<i64>>("select max(version) from _sqlx_migrations where success");
    Ok(applied.fetch_one(pool).await? >= newest)
}
