//! The database: every SQL statement of the program, by subject.
//!
//! - [`programme`]: sessions, pages and rooms, as organisers edit them and as the public reads them.
//! - [`registrations`]: registrations, their attendees, places, links and categories, and the waiting list.
//! - [`people`]: accounts, their roles, logins, and forms that are shown again after signing in.
//! - [`outbox`]: mails that are waiting, were sent or have failed, and the data for their texts.
//! - [`mailings`]: what staff write to the people of a view, and the texts that they keep for it ([`mail_templates`]).
//! - Conferences ([`sites`], [`settings`], [`mail_settings`]), the audit log ([`audit`]), [`rate_limits`], the initial content ([`seed`]) and an
//!   invented conference ([`demo`]).
//!
//! Functions that read take `&mut PgConnection`. Functions whose statements must all succeed or fail together take
//! `&mut PgTransaction<'_>`; only they add mail to the outbox. Searches take `&mut Search`. `find` returns an `Option`, `get`
//! fails if there is nothing, `list` pages by key, and `keep` writes. An error that the caller can act on is a variant of its
//! own; every other error is the database's, passed on unchanged.
//!
//! After changing a statement, run `.ci/queries --write`, and not `cargo sqlx prepare`, which the compiler advises.

pub mod audit;
pub mod audit_log;
pub mod category_removal;
pub mod demo;
pub mod editions;
pub mod mail_settings;
pub mod mail_templates;
pub mod mailings;
pub mod outbox;
pub mod payment_settings;
pub mod people;
pub mod programme;
pub mod published_texts;
pub mod rate_limits;
pub mod registrations;
pub mod seed;
pub mod settings;
mod shipped_pages;
pub mod sites;

use std::{
    future::pending,
    io::ErrorKind,
    ops::{Deref, DerefMut},
    sync::Arc,
    time::Duration,
};

use sqlx::{PgConnection, PgPool, PgTransaction, Postgres, pool::PoolConnection};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    time::{Instant, sleep_until, timeout},
};

/// The longest time that a job waits for a response from the database.
const PROMPT: Duration = Duration::from_secs(3);

/// The most registrations that one instance processes at once. More would only wait for each other, because they all need
/// the counters of places, and would leave no connections for readers and staff.
const REGISTERING: usize = 4;

/// How long requests wait when the database has gone away, so that nobody notices a short restart. After that, requests fail
/// immediately until the database is back.
const BRIDGED: Duration = Duration::from_millis(500);

/// The most files with exported lists that one instance writes at once, however many people ask for one.
const EXPORTING: usize = 2;
/// The longest time that a file waits for its turn.
const EXPORT_WAITS: Duration = Duration::from_secs(20);

/// Access to the database. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    pool: PgPool,
    registering: Arc<Semaphore>,
    exporting: Arc<Semaphore>,
    /// When the database went away; `None` while it is available.
    away: watch::Sender<Option<Instant>>,
}

impl Store {
    /// Creates a store on this connection pool.
    pub fn new(pool: PgPool) -> Self {
        Self {
            pool,
            registering: Arc::new(Semaphore::new(REGISTERING)),
            exporting: Arc::new(Semaphore::new(EXPORTING)),
            away: watch::Sender::new(None),
        }
    }

    /// Returns the connection pool, for starting, stopping and listening.
    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// Returns a connection for reading.
    pub async fn read(&self) -> Result<PoolConnection<Postgres>, sqlx::Error> {
        self.unless_away(self.pool.acquire()).await
    }

    /// Waits for a turn to register, and returns it with a connection. Both are released together. Fails after the time that
    /// any other request would wait.
    pub async fn register(&self) -> Result<(OwnedSemaphorePermit, PoolConnection<Postgres>), sqlx::Error> {
        Ok((self.turn(&self.registering, PROMPT).await?, self.read().await?))
    }

    /// Waits for a turn to write a file with an exported list, and returns it with a snapshot of the database. Release both before
    /// sending the file, because a slow reader can take any time.
    pub async fn export(&self) -> Result<(OwnedSemaphorePermit, Snapshot), sqlx::Error> {
        let turn = self.turn(&self.exporting, EXPORT_WAITS).await?;
        let begin = "begin isolation level repeatable read; set local plan_cache_mode = force_custom_plan;
                     set local enable_seqscan = on";
        Ok((turn, Snapshot { tx: self.unless_away(self.pool.begin_with(begin)).await? }))
    }

    /// Waits for a turn. There are fewer turns than connections, so that some connections stay free for everybody else.
    async fn turn(&self, turns: &Arc<Semaphore>, time_limit: Duration) -> Result<OwnedSemaphorePermit, sqlx::Error> {
        let turn = async {
            let turn = timeout(time_limit, turns.clone().acquire_owned()).await;
            turn.ok().and_then(Result::ok).ok_or(sqlx::Error::PoolTimedOut)
        };
        self.unless_away(turn).await
    }

    /// Begins a transaction. It is rolled back unless [`PgTransaction::commit`] is called.
    pub async fn begin(&self) -> Result<PgTransaction<'static>, sqlx::Error> {
        self.unless_away(self.pool.begin()).await
    }

    /// Begins a read-only transaction for a search, in which statements are planned for the words that are searched for. The
    /// threshold says how similar words must be to be found in spite of typing slips, from 0 to 1.
    pub async fn search(&self) -> Result<Search, sqlx::Error> {
        // Starting parallel workers takes longer than a search.
        let begin = "begin read only; set local plan_cache_mode = force_custom_plan; set local enable_seqscan = on;
             set local max_parallel_workers_per_gather = 0; set local pg_trgm.word_similarity_threshold = 0.45";
        Ok(Search { tx: self.unless_away(self.pool.begin_with(begin)).await?, is_behind: false })
    }

    /// Sets whether the database is away. The job that listens for publications calls this: it has its own connection, so it
    /// notices even when no connection in the pool is free.
    pub fn set_away(&self, away: bool) {
        self.away.send_if_modified(|since| {
            let changed = since.is_some() != away;
            if changed {
                *since = away.then(Instant::now);
            }
            changed
        });
    }

    /// Waits for the result, but only for a moment while the database is away.
    async fn unless_away<T>(&self, wanted: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, sqlx::Error> {
        // Boxed because the pool's futures are large, and the future of every handler contains one.
        let wanted = Box::pin(wanted);
        let mut away = self.away.subscribe();
        let given_up = async {
            let since = away.wait_for(Option::is_some).await.ok().and_then(|since| *since);
            match since {
                Some(since) => sleep_until(since + BRIDGED).await,
                // This does not happen, because the sender lives as long as the store.
                None => pending().await,
            }
        };
        tokio::select! {
            biased;
            got = wanted => got,
            () = given_up => Err(sqlx::Error::PoolTimedOut),
        }
    }
}

/// A read-only transaction in which each statement is planned for its actual arguments. Elsewhere, a statement is planned
/// once for each connection and uses an index whatever its arguments, which is right for finding rows by key but not for
/// searching.
#[derive(Debug)]
pub struct Search {
    tx: PgTransaction<'static>,
    is_behind: bool,
}

impl Search {
    /// The same search in a list that is not up to date.
    #[must_use]
    pub fn behind(self) -> Self {
        Self { is_behind: true, ..self }
    }

    /// Whether people who were just added or changed may be missing, or found as they were before. Pages say so.
    pub fn is_behind(&self) -> bool {
        self.is_behind
    }
}

impl Deref for Search {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        &self.tx
    }
}

impl DerefMut for Search {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.tx
    }
}

/// A transaction that sees the database as it was when it began, whatever others change meanwhile. It begins as a search does.
/// What it writes, such as entries of the audit log, counts once it is committed.
#[derive(Debug)]
pub struct Snapshot {
    tx: PgTransaction<'static>,
}

impl Snapshot {
    /// From now on, statements are planned for finding rows by key, as everywhere else.
    pub async fn reads_by_key(&mut self) -> Result<(), sqlx::Error> {
        sqlx::query!("set local plan_cache_mode = force_generic_plan").execute(&mut *self.tx).await?;
        sqlx::query!("set local enable_seqscan = off").execute(&mut *self.tx).await?;
        Ok(())
    }

    /// Commits what was written.
    pub async fn commit(self) -> Result<(), sqlx::Error> {
        self.tx.commit().await
    }
}

impl Deref for Snapshot {
    type Target = PgTransaction<'static>;

    fn deref(&self) -> &Self::Target {
        &self.tx
    }
}

impl DerefMut for Snapshot {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.tx
    }
}

/// Waits for the result for up to three seconds; then returns an error and drops the connection. Without this limit, a job
/// would wait for ever on a connection that was lost without notice, because no visitor ends its wait.
pub async fn promptly<T>(asked: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, sqlx::Error> {
    timeout(PROMPT, asked).await.unwrap_or_else(|_| Err(sqlx::Error::Io(ErrorKind::TimedOut.into())))
}

/// Returns the name of the constraint that a statement violated, if that was the error.
pub fn violated(error: &sqlx::Error) -> Option<&str> {
    error.as_database_error().and_then(sqlx::error::DatabaseError::constraint)
}
