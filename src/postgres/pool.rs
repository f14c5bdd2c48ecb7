//! How connections to PostgreSQL are made, kept and given up.

use std::{io::ErrorKind, time::Duration};

use sqlx::{
    ConnectOptions, Connection, PgConnection, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use tokio::time::{Instant, sleep, timeout};

use super::Error;

/// How long a start waits for a server that does not answer.
const PATIENCE: Duration = Duration::from_secs(30);
/// A request that gets no connection within this time is answered with "come back soon".
const ACQUIRE: Duration = Duration::from_secs(3);
/// A connection that rested longer is asked whether it still lives before it is used.
const RESTED: Duration = Duration::from_secs(1);
/// A rested connection that does not answer within this time is given up for a new one.
const ALIVE: Duration = Duration::from_secs(1);
/// A connection that comes back in the middle of a query, because nobody waits for its answer any more, must have come
/// to the query's end within this time; else it is closed. Without a bound, a connection to a lost host would hold its
/// place in the pool until TCP gives up, a quarter of an hour later.
const COME_BACK: Duration = Duration::from_secs(3);

/// The pool that serves. It connects when it is first used, and again whenever the server comes back.
pub fn serving(options: PgConnectOptions) -> PgPool {
    let options = options.application_name("conference").options([
        ("statement_timeout", "10s"),
        ("lock_timeout", "5s"),
        ("idle_in_transaction_session_timeout", "10s"),
        // Compiling a statement takes longer than any of ours.
        ("jit", "off"),
        // Ours ask for things by their keys, and the plan for one key is as good as for any other; planning the
        // statements of a registration anew each time took a quarter of its time. Searches plan for themselves
        // (`Store::search`).
        ("plan_cache_mode", "force_generic_plan"),
        // Such a plan is made while the tables are small and stays while they grow, those of constraints and triggers
        // too: it has to go by an index from the first registration on.
        ("enable_seqscan", "off"),
    ]);
    PgPoolOptions::new()
        .max_connections(16)
        .acquire_timeout(ACQUIRE)
        .idle_timeout(Duration::from_mins(10))
        .max_lifetime(Duration::from_mins(30))
        // It is asked after each use already; asking before each use too would cost every request a round trip.
        .test_before_acquire(false)
        .before_acquire(|connection, meta| {
            Box::pin(async move {
                if meta.idle_for > RESTED {
                    within(ALIVE, connection.ping()).await?;
                }
                Ok(true)
            })
        })
        .after_release(|connection, _| Box::pin(within(COME_BACK, is_at_rest(connection))))
        .connect_lazy_with(options)
}

/// The connection's answer. One that says nothing for so long has failed, and the pool closes it at once.
async fn within<T>(patience: Duration, asked: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, sqlx::Error> {
    timeout(patience, asked).await.unwrap_or_else(|_| Err(sqlx::Error::Io(ErrorKind::TimedOut.into())))
}

/// Whether no transaction is open on the connection, once it has come to the end of what it was asked. sqlx 0.9.0 does
/// not know of a transaction whose beginning nobody waited for (its issue 4393); the next user's words would be part of
/// it. An empty statement seems to begin one only where one is open.
async fn is_at_rest(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    match connection.begin_with("").await {
        Err(sqlx::Error::BeginFailed) => Ok(true),
        Ok(_) => Ok(false),
        Err(error) => Err(error),
    }
}

/// One connection, for a start: a server that does not answer yet is tried again for half a minute.
pub async fn connect_patiently(options: &PgConnectOptions, place: &str) -> Result<PgConnection, Error> {
    // Notices such as "already exists, skipping" are no news.
    let options = options.clone().application_name("conference start").options([("client_min_messages", "warning")]);
    let start = Instant::now();
    let mut said = false;
    loop {
        let cause = match timeout(Duration::from_secs(5), options.connect()).await {
            Ok(Ok(connection)) => return Ok(connection),
            Ok(Err(error)) if passes(&error) => error,
            Ok(Err(cause)) => return Err(Error::Refused { place: place.to_owned(), cause }),
            Err(_) => sqlx::Error::PoolTimedOut,
        };
        if start.elapsed() > PATIENCE {
            return Err(Error::Unreachable { place: place.to_owned(), seconds: PATIENCE.as_secs(), cause });
        }
        if !said {
            said = true;
            tracing::warn!(place, error = %cause, "PostgreSQL does not answer; trying again for 30 s");
        }
        sleep(Duration::from_millis(300)).await;
    }
}

/// Whether waiting may help: the server is not there, starts, stops, or is full.
fn passes(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) => true,
        sqlx::Error::Database(error) => {
            error.code().is_some_and(|code| code.starts_with("57P") || code.starts_with("53"))
        }
        _ => false,
    }
}
