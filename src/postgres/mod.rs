//! PostgreSQL: choosing the server, the pool of connections to it, and migrations.

mod availability;
mod backup;
mod client;
mod error;
mod installation;
mod migrations;
mod pool;
mod private;
mod rights;

use std::{path::PathBuf, str::FromStr, time::Duration};

use secrecy::{ExposeSecret, SecretString};
use sqlx::{Connection, PgConnection, PgPool, postgres::PgConnectOptions};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

pub use self::{
    availability::{Readiness, is_unavailable, readiness},
    error::Error,
    installation::Installation,
    migrations::OLDEST_MAJOR,
    rights::ServingRole,
};
use self::{
    migrations::{lacking, migrator},
    private::PrivateServer,
};
use crate::config::Settings;

/// The advisory lock under which one process at a time migrates and fills the database. The number is arbitrary, but
/// all releases must use the same.
const MIGRATION_LOCK: i64 = 0x4D43_4532_3031_3800;

/// What to do if there is no database under `DATA_DIR` yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IfAbsent {
    /// Create one.
    Make,
    /// Fail with `Error::NoneYet`, so that a command that was typed without the service's settings does not work on a
    /// new, empty database.
    Refuse,
}

/// The database that this process uses.
#[derive(Debug)]
pub struct Database {
    pool: PgPool,
    owner: PgConnectOptions,
    place: String,
    private: Option<PrivateServer>,
    /// `DATABASE_URL`, for PostgreSQL's own programs.
    url: Option<SecretString>,
    postgres_bin: Option<PathBuf>,
}

impl Database {
    /// Opens the database of `DATABASE_URL` or, if that is not set, our own under `DATA_DIR`, starting its server if
    /// necessary. Starting takes a while; if `end` is cancelled before it is done, a server that was started is stopped again
    /// and [`Error::Ended`] is returned.
    pub async fn open(settings: &Settings, if_absent: IfAbsent, end: &CancellationToken) -> Result<Self, Error> {
        if let Some(url) = &settings.database_url {
            let owner = PgConnectOptions::from_str(url.expose_secret())?;
            let place = match owner.get_socket() {
                Some(socket) => format!("{}/{}", socket.display(), owner.get_database().unwrap_or_default()),
                None => {
                    format!("{}:{}/{}", owner.get_host(), owner.get_port(), owner.get_database().unwrap_or_default())
                }
            };
            let (url, postgres_bin) = (Some(url.clone()), settings.postgres_bin.clone());
            return Ok(Self { pool: pool::serving(&owner), owner, place, private: None, url, postgres_bin });
        }
        if if_absent == IfAbsent::Refuse && !private::is_under(&settings.data_dir) {
            let folder = std::path::absolute(&settings.data_dir).unwrap_or_else(|_| settings.data_dir.clone());
            return Err(Error::NoneYet(folder.display().to_string()));
        }
        let server = PrivateServer::open(&settings.data_dir, settings.postgres_bin.as_deref(), end).await?;
        Ok(Self {
            pool: pool::serving(&server.serving()),
            owner: server.owner(),
            place: server.folder().display().to_string(),
            private: Some(server),
            url: None,
            postgres_bin: settings.postgres_bin.clone(),
        })
    }

    /// Returns the pool that requests and jobs use.
    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// Returns where the data are: a folder, or a server and its database.
    pub fn place(&self) -> &str {
        &self.place
    }

    /// Returns whether the server is our own.
    pub fn is_private(&self) -> bool {
        self.private.is_some()
    }

    /// Connects as the owner of the private database, or as the role of `DATABASE_URL`, and makes sure that no pooler
    /// shares the session with other connections.
    pub async fn connect(&self) -> Result<PgConnection, Error> {
        let mut connection = pool::connect(&self.owner, &self.place).await?;
        if self.private.is_none() {
            pool::refuse_shared_sessions(&self.owner, &self.place, &mut connection).await?;
        }
        Ok(connection)
    }

    /// Connects and takes the lock under which one process at a time migrates, fills or grants. The lock is held until
    /// the connection closes, for whatever reason.
    async fn connect_alone(&self) -> Result<PgConnection, Error> {
        let mut connection = self.connect().await?;
        sqlx::query("select pg_advisory_lock($1)").bind(MIGRATION_LOCK).execute(&mut connection).await?;
        Ok(connection)
    }

    /// Brings the database up to date and lets `fill` insert what an empty one starts with. If several processes start
    /// at once, one does this while the others wait. If the database cannot be used yet, waits for it. A role that does
    /// not own the tables can do none of this: for such a role, everything must be there already, and
    /// [`Error::NotReady`] says what is missing.
    pub async fn prepare<F, T>(&self, fill: F) -> Result<T, Error>
    where
        F: AsyncFn(&mut PgConnection) -> Result<T, sqlx::Error>,
    {
        let work = async || self.bring_up_to_date(&fill).await;
        pool::retry_while_unavailable(&self.place, work).await.map_err(|error| {
            if self.private.is_none() && error.is_lack_of_rights() {
                Error::NotOwner { place: self.place.clone(), cause: Box::new(error) }
            } else {
                error
            }
        })
    }

    /// Grants a role that does not own the tables what it needs to serve, but no right to change the audit log.
    pub async fn allow_to_serve(&self, role: &str) -> Result<(), Error> {
        let mut connection = self.connect_alone().await?;
        if !rights::exists(&mut connection, role).await? {
            return Err(Error::NoSuchRole { place: self.place.clone(), role: role.to_owned() });
        }
        if !rights::owns_tables(&mut connection).await? {
            let what = "only the owner of the tables can grant it the rights".to_owned();
            return Err(self.not_ready(&mut connection, role.to_owned(), what).await?);
        }
        rights::grant(&mut connection, role).await?;
        let may_change_audit_log = rights::may_change_audit_log(&mut connection, role).await?;
        connection.close().await?;
        if may_change_audit_log { Err(Error::OwnsAuditLog(role.to_owned())) } else { Ok(()) }
    }

    async fn bring_up_to_date<F, T>(&self, fill: &F) -> Result<T, Error>
    where
        F: AsyncFn(&mut PgConnection) -> Result<T, sqlx::Error>,
    {
        let mut connection = self.connect_alone().await?;
        if rights::owns_tables(&mut connection).await? {
            migrator().run_direct(None, &mut connection, false).await?;
            if self.private.is_some() {
                rights::grant(&mut connection, private::SERVING).await?;
            }
        } else {
            self.must_be_ready(&mut connection).await?;
        }
        let filled = fill(&mut connection).await?;
        connection.close().await?;
        Ok(filled)
    }

    /// Returns an error unless a role that does not own the tables has everything that it needs.
    async fn must_be_ready(&self, connection: &mut PgConnection) -> Result<(), Error> {
        let what = if rights::are_missing(connection).await? {
            "it has no rights on some tables".to_owned()
        } else {
            match lacking(connection).await? {
                0 => return Ok(()),
                1 => "one migration is missing".to_owned(),
                count => format!("{count} migrations are missing"),
            }
        };
        let role = ServingRole::of(connection).await?.name;
        Err(self.not_ready(connection, role, what).await?)
    }

    async fn not_ready(&self, connection: &mut PgConnection, role: String, what: String) -> Result<Error, Error> {
        let owner = rights::owner(connection).await?;
        Ok(Error::NotReady { place: self.place.clone(), role, owner, what })
    }

    /// Returns how many migrations the next start will apply.
    pub async fn lacking(&self) -> Result<usize, Error> {
        pool::retry_while_unavailable(&self.place, async || self.count_lacking().await).await
    }

    async fn count_lacking(&self) -> Result<usize, Error> {
        let mut connection = self.connect().await?;
        let lacking = if rights::owns_tables(&mut connection).await? {
            lacking(&mut connection).await?
        } else {
            self.must_be_ready(&mut connection).await?;
            0
        };
        connection.close().await?;
        Ok(lacking)
    }

    /// Returns the role that serves.
    pub async fn serving_role(&self) -> Result<ServingRole, Error> {
        Ok(ServingRole::of(&mut *self.pool.acquire().await?).await?)
    }

    /// Closes the pool and stops our own server unless another process uses it.
    pub async fn close(self) -> Result<(), Error> {
        // A connection that is still in use belongs to a request or job that was cut off. The server rolls its
        // transaction back.
        let _ = timeout(Duration::from_secs(1), self.pool.close()).await;
        match self.private {
            Some(server) => server.close().await,
            None => Ok(()),
        }
    }
}
