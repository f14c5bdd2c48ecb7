//! The database: every SQL statement of the program, by wing.
//!
//! - [`programme`]: sessions, pages and rooms, as organisers edit them and as the public reads them.
//! - [`registrations`]: registrations, their attendees, places, links and categories.
//! - [`people`]: accounts, their roles, logins and forms that come back after signing in.
//! - [`outbox`]: mails that wait, were sent or failed, and what they are about.
//! - Beside them: conferences ([`sites`], [`settings`]), the audit log ([`audit`]), [`rate_limits`], the shipped conference
//!   ([`seed`]).
//!
//! Reads are free functions on `&mut PgConnection`; what must happen together takes `&mut PgTransaction<'_>`, and mail
//! is put into the outbox only there. A search takes `&mut Search`. `find` may find nothing, `get` must find, `list` gives
//! pages by key, `keep` writes. What a caller can act on is a variant of an error; the rest is the database's own error,
//! passed on whole.
//!
//! After changing a statement, run `.ci/queries --write`, and not `cargo sqlx prepare`, which the compiler advises.

pub mod audit;
pub mod outbox;
pub mod people;
pub mod programme;
pub mod rate_limits;
pub mod registrations;
pub mod seed;
pub mod settings;
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

/// How long a job waits for the database's answer.
const PROMPT: Duration = Duration::from_secs(3);

/// How many registrations one instance works on at once. More of them only wait for each other, for the counters of places
/// and for the cores, and would take the other connections from those who read and from the desk.
const REGISTERING: usize = 4;

/// How much of an outage is waited through, so that a restart that takes a moment is not noticed. Later requests are
/// answered at once, until the database is known to be back.
const BRIDGED: Duration = Duration::from_millis(500);

/// How many parts of exported lists one instance reads at once, however many people download one.
const EXPORTING: usize = 2;
/// How long the next part of a list waits for its turn.
const EXPORT_WAITS: Duration = Duration::from_secs(20);

/// The door to the database. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    pool: PgPool,
    registering: Arc<Semaphore>,
    exporting: Arc<Semaphore>,
    /// Since when the database is known to be away.
    away: watch::Sender<Option<Instant>>,
}

impl Store {
    /// The store in the database of this pool.
    pub fn new(pool: PgPool) -> Self {
        Self {
            pool,
            registering: Arc::new(Semaphore::new(REGISTERING)),
            exporting: Arc::new(Semaphore::new(EXPORTING)),
            away: watch::Sender::new(None),
        }
    }

    /// The pool itself, for the start, the end and listening.
    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// A connection, for reading.
    pub async fn read(&self) -> Result<PoolConnection<Postgres>, sqlx::Error> {
        self.unless_away(self.pool.acquire()).await
    }

    /// A connection for somebody who registers, when it is their turn; both are given back together. Who waits for longer
    /// than for any answer is told to come back soon.
    pub async fn register(&self) -> Result<(OwnedSemaphorePermit, PoolConnection<Postgres>), sqlx::Error> {
        Ok((self.turn(&self.registering, PROMPT).await?, self.read().await?))
    }

    /// A search for the next part of an exported list, when it is its turn; both are to be given back before the part is
    /// sent, which lasts as long as its reader likes.
    pub async fn export(&self) -> Result<(OwnedSemaphorePermit, Search), sqlx::Error> {
        Ok((self.turn(&self.exporting, EXPORT_WAITS).await?, self.search().await?))
    }

    /// One of the turns, which are fewer than the connections, so that some of those stay free for everybody else.
    async fn turn(&self, turns: &Arc<Semaphore>, time_limit: Duration) -> Result<OwnedSemaphorePermit, sqlx::Error> {
        let turn = async {
            let turn = timeout(time_limit, turns.clone().acquire_owned()).await;
            turn.ok().and_then(Result::ok).ok_or(sqlx::Error::PoolTimedOut)
        };
        self.unless_away(turn).await
    }

    /// A transaction; it is undone unless [`PgTransaction::commit`] is called.
    pub async fn begin(&self) -> Result<PgTransaction<'static>, sqlx::Error> {
        self.unless_away(self.pool.begin()).await
    }

    /// A transaction for a search: it only reads, and plans for the words it is given.
    pub async fn search(&self) -> Result<Search, sqlx::Error> {
        let begin = "begin read only; set local plan_cache_mode = force_custom_plan; set local enable_seqscan = on";
        Ok(Search { tx: self.unless_away(self.pool.begin_with(begin)).await? })
    }

    /// From now on the database is known to be away, or to be back. The job that watches for publications says so: it has
    /// a connection of its own, which does not wait for those that requests use.
    pub fn set_away(&self, away: bool) {
        self.away.send_if_modified(|since| {
            let changed = since.is_some() != away;
            if changed {
                *since = away.then(Instant::now);
            }
            changed
        });
    }

    /// Waits for the database, but not while it is known to be away: then only what is there at once is given.
    async fn unless_away<T>(&self, wanted: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, sqlx::Error> {
        // On the heap: the pool's futures are large, and those of all handlers hold them.
        let wanted = Box::pin(wanted);
        let mut away = self.away.subscribe();
        let given_up = async {
            let since = away.wait_for(Option::is_some).await.ok().and_then(|since| *since);
            match since {
                Some(since) => sleep_until(since + BRIDGED).await,
                // The sender lives as long as the store.
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

/// A transaction that only reads, and in which each statement is planned for the very words it asks for. Everywhere else a
/// statement is planned once for each connection, whatever it asks for, and goes by an index: that is right for what is
/// found by its key.
#[derive(Debug)]
pub struct Search {
    tx: PgTransaction<'static>,
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

/// The answer if it comes within three seconds; else an error, and the connection is given up. A job that waits for a
/// connection whose other end was lost silently would wait for ever: nobody goes away from it as visitors do.
pub async fn promptly<T>(asked: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, sqlx::Error> {
    timeout(PROMPT, asked).await.unwrap_or_else(|_| Err(sqlx::Error::Io(ErrorKind::TimedOut.into())))
}

/// The name of the constraint that a statement violated, if that is what went wrong.
pub fn violated(error: &sqlx::Error) -> Option<&str> {
    error.as_database_error().and_then(sqlx::error::DatabaseError::constraint)
}

/// The error for a value in the database that the domain does not know: a newer program wrote it.
fn unreadable(what: &'static str) -> sqlx::Error {
    sqlx::Error::Decode(format!("the database holds a {what} that this program does not know").into())
}
