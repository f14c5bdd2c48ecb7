//! How connections to PostgreSQL are made, kept and given up.

use std::{io::ErrorKind, time::Duration};

use sqlx::{
    ConnectOptions, Connection, PgConnection, PgPool, Row,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use tokio::time::{Instant, sleep, timeout};

use super::{
    Error,
    availability::{is_unavailable, read_only},
};

/// How long a start waits for a database that cannot be used.
const TIME_LIMIT: Duration = Duration::from_secs(30);
/// How long one connection of a start may take to be made.
const CONNECT: Duration = Duration::from_secs(5);
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

/// What a session of the pool is set to.
///
/// - Compiling a statement (`jit`) takes longer than any of ours.
/// - Ours ask for things by their keys, and the plan for one key is as good as for any other; planning the statements of a
///   registration anew each time took a quarter of its time. Searches plan for themselves (`Store::search`).
/// - Such a plan is made while the tables are small and stays while they grow, those of constraints and triggers too: it
///   has to go by an index from the first registration on.
const SERVING: &str = "set statement_timeout = '10s';
    set lock_timeout = '5s';
    set idle_in_transaction_session_timeout = '10s';
    set jit = off;
    set plan_cache_mode = force_generic_plan;
    set enable_seqscan = off;
    show transaction_read_only";

/// The pool that serves. It connects when it is first used, and again whenever the server comes back.
pub fn serving(options: &PgConnectOptions) -> PgPool {
    let options = without_parameters(options).application_name("conference");
    PgPoolOptions::new()
        .max_connections(16)
        .acquire_timeout(ACQUIRE)
        .idle_timeout(Duration::from_mins(10))
        .max_lifetime(Duration::from_mins(30))
        // It is asked after each use already; asking before each use too would cost every request a round trip.
        .test_before_acquire(false)
        .after_connect(|connection, _| Box::pin(set_up(connection, SERVING)))
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
async fn within<T>(
    time_limit: Duration,
    asked: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, sqlx::Error> {
    timeout(time_limit, asked).await.unwrap_or_else(|_| Err(sqlx::Error::Io(ErrorKind::TimedOut.into())))
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

/// What a session of a start is set to: notices such as "already exists, skipping" are no news.
const STARTING: &str = "set client_min_messages = warning; show transaction_read_only";

/// One connection, for a start.
pub async fn connect(options: &PgConnectOptions, place: &str) -> Result<PgConnection, Error> {
    let options = without_parameters(options).application_name("conference start");
    let connecting = async {
        let mut connection = options.connect().await?;
        set_up(&mut connection, STARTING).await?;
        Ok(connection)
    };
    let connected = timeout(CONNECT, connecting).await.unwrap_or(Err(sqlx::Error::PoolTimedOut));
    connected.map_err(|cause| {
        if is_unavailable(&cause) { Error::Database(cause) } else { Error::Refused { place: place.to_owned(), cause } }
    })
}

/// Does the work of a start, which begins with connecting, again for half a minute while the database cannot be used.
pub async fn patiently<T>(place: &str, work: impl AsyncFn() -> Result<T, Error>) -> Result<T, Error> {
    let start = Instant::now();
    let mut said = false;
    loop {
        let cause = match work().await {
            Ok(done) => return Ok(done),
            Err(error) => error.unavailable()?,
        };
        if start.elapsed() > TIME_LIMIT {
            return Err(Error::Unreachable { place: place.to_owned(), seconds: TIME_LIMIT.as_secs(), cause });
        }
        if !said {
            said = true;
            tracing::warn!(place, error = %cause, "PostgreSQL does not answer; trying again for 30 s");
        }
        sleep(Duration::from_millis(300)).await;
    }
}

/// Refuses a pooler that lends one session of PostgreSQL to several connections in turn, as `PgBouncer` does when it pools
/// transactions or statements. Prepared statements, settings and locks belong to a session: pages would show the answers
/// to other pages' questions.
///
/// Such a pooler shows itself when two open connections turn out to have the same session, or one of them another session
/// than before. It prefers the session that was used last; other clients may come between, hence the repetition.
pub async fn refuse_shared_sessions(
    options: &PgConnectOptions,
    place: &str,
    one: &mut PgConnection,
) -> Result<(), Error> {
    let mut other = connect(options, place).await?;
    for _ in 0..3 {
        if is_shared(one, &mut other).await? {
            return Err(Error::SharedSessions { place: place.to_owned() });
        }
    }
    other.close().await?;
    Ok(())
}

async fn is_shared(one: &mut PgConnection, other: &mut PgConnection) -> Result<bool, sqlx::Error> {
    let (first, second) = (session(one).await?, session(other).await?);
    if first == second {
        return Ok(true);
    }
    // While a transaction is open, a pooler of transactions has to give the other connection another session.
    let mut transaction = other.begin().await?;
    let (held, again) = (session(&mut transaction).await?, session(one).await?);
    transaction.rollback().await?;
    Ok(held != second || again != first)
}

/// Which session of PostgreSQL the connection has. Asked without a prepared statement, which could belong to another.
async fn session(connection: &mut PgConnection) -> Result<i32, sqlx::Error> {
    sqlx::raw_sql("select pg_backend_pid()").fetch_one(connection).await?.try_get(0)
}

/// Poolers refuse a connection with start-up parameters that they do not know, and by default `PgBouncer` knows hardly any:
/// what a session needs is set once it is open.
fn without_parameters(options: &PgConnectOptions) -> PgConnectOptions {
    options.clone().extra_float_digits(None)
}

/// Sets the session to these settings, whose last statement shows whether it can only read. One that can only read is
/// refused: it may stay so after the database has become writable again.
async fn set_up(connection: &mut PgConnection, settings: &'static str) -> Result<(), sqlx::Error> {
    let shown: String = sqlx::raw_sql(settings).fetch_one(connection).await?.try_get(0)?;
    if shown == "on" { Err(read_only()) } else { Ok(()) }
}
