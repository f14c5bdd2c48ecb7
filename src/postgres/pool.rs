//! How connections to PostgreSQL are opened, checked and closed.

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

/// How long a start waits for a database that cannot be used yet.
const START_TIMEOUT: Duration = Duration::from_secs(30);
/// How long opening one connection may take at a start.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// A request that gets no connection within this time is answered 503.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(3);
/// A connection that was idle for longer is pinged before it is used.
const IDLE_BEFORE_PING: Duration = Duration::from_secs(1);
/// A connection that does not answer a ping within this time is replaced with a new one.
const PING_TIMEOUT: Duration = Duration::from_secs(1);
/// When a request is cancelled, its connection returns to the pool in the middle of a query. If the query does not end
/// within this time, the connection is closed. Without this limit, a connection to a host that has disappeared would
/// occupy its place in the pool until TCP gives up, about 15 minutes later.
const RELEASE_TIMEOUT: Duration = Duration::from_secs(3);

/// The settings of a session in the pool.
///
/// - `jit`: compiling one of our statements takes longer than running it.
/// - `plan_cache_mode`: our statements look rows up by their keys, and one plan is good for all keys. Planning the
///   statements of a registration again each time took a quarter of its time. Searches choose their own setting
///   (`Store::search`).
/// - `enable_seqscan`: a generic plan is made while the tables are small and is still used when they have grown, also
///   by constraints and triggers. It has to use an index from the first registration on.
const SERVING: &str = "set statement_timeout = '10s';
    set lock_timeout = '5s';
    set idle_in_transaction_session_timeout = '10s';
    set jit = off;
    set plan_cache_mode = force_generic_plan;
    set enable_seqscan = off;
    show transaction_read_only";

/// Makes the pool that requests and jobs use. It connects when it is first used, and again when the server comes back.
pub fn serving(options: &PgConnectOptions) -> PgPool {
    let options = without_parameters(options).application_name("conference");
    PgPoolOptions::new()
        .max_connections(16)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .idle_timeout(Duration::from_mins(10))
        .max_lifetime(Duration::from_mins(30))
        // Each connection is checked after use; checking it before each use too would cost every request a round trip.
        .test_before_acquire(false)
        .after_connect(|connection, _| Box::pin(set_up(connection, SERVING)))
        .before_acquire(|connection, meta| {
            Box::pin(async move {
                if meta.idle_for > IDLE_BEFORE_PING {
                    within(PING_TIMEOUT, connection.ping()).await?;
                }
                Ok(true)
            })
        })
        .after_release(|connection, _| Box::pin(within(RELEASE_TIMEOUT, is_outside_transaction(connection))))
        .connect_lazy_with(options)
}

/// Waits for the connection's answer. If none comes in time, the connection counts as failed, and the pool closes it.
async fn within<T>(
    time_limit: Duration,
    answer: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, sqlx::Error> {
    timeout(time_limit, answer).await.unwrap_or_else(|_| Err(sqlx::Error::Io(ErrorKind::TimedOut.into())))
}

/// Waits for the end of a running statement and returns whether no transaction is open then. If a future is dropped
/// while it begins a transaction, sqlx 0.9.0 does not notice that the transaction is open (launchbadge/sqlx issue
/// 4393), and the statements of the next user would become part of it. `begin_with("")` begins nothing, and so reports
/// success only if a transaction is open already.
async fn is_outside_transaction(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    match connection.begin_with("").await {
        Err(sqlx::Error::BeginFailed) => Ok(true),
        Ok(_) => Ok(false),
        Err(error) => Err(error),
    }
}

/// The settings of a session at a start. Notices such as "already exists, skipping" are suppressed.
const STARTING: &str = "set client_min_messages = warning; show transaction_read_only";

/// Opens one connection for a start.
pub async fn connect(options: &PgConnectOptions, place: &str) -> Result<PgConnection, Error> {
    let options = without_parameters(options).application_name("conference start");
    let connecting = async {
        let mut connection = options.connect().await?;
        set_up(&mut connection, STARTING).await?;
        Ok(connection)
    };
    let connected = timeout(CONNECT_TIMEOUT, connecting).await.unwrap_or(Err(sqlx::Error::PoolTimedOut));
    connected.map_err(|cause| {
        if is_unavailable(&cause) { Error::Database(cause) } else { Error::Refused { place: place.to_owned(), cause } }
    })
}

/// Does the work of a start, beginning with connecting. While the database cannot be used, tries again for half a
/// minute.
pub async fn retry_while_unavailable<T>(place: &str, work: impl AsyncFn() -> Result<T, Error>) -> Result<T, Error> {
    let start = Instant::now();
    let mut warned = false;
    loop {
        let cause = match work().await {
            Ok(done) => return Ok(done),
            Err(error) => error.unavailable()?,
        };
        if start.elapsed() > START_TIMEOUT {
            return Err(Error::Unreachable { place: place.to_owned(), seconds: START_TIMEOUT.as_secs(), cause });
        }
        if !warned {
            warned = true;
            tracing::warn!(place, error = %cause, "PostgreSQL does not answer; trying again for 30 s");
        }
        sleep(Duration::from_millis(300)).await;
    }
}

/// Refuses a pooler that lends one PostgreSQL session to several connections in turn, as `PgBouncer` does when it pools
/// transactions or statements. Prepared statements, settings and locks belong to a session, so pages would show the
/// answers to other pages' queries.
///
/// Such a pooler is recognised when two open connections have the same session, or when one of them changes its
/// session. A pooler prefers the session that was used last, but other clients may come in between; hence the
/// repetition.
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
    // While a transaction is open, a pooler of transactions has to give the other connection a different session.
    let mut transaction = other.begin().await?;
    let (held, again) = (session(&mut transaction).await?, session(one).await?);
    transaction.rollback().await?;
    Ok(held != second || again != first)
}

/// Returns the process number of the connection's session. The query is not prepared, because a prepared statement
/// might belong to another session.
async fn session(connection: &mut PgConnection) -> Result<i32, sqlx::Error> {
    sqlx::raw_sql("select pg_backend_pid()").fetch_one(connection).await?.try_get(0)
}

/// Removes start-up parameters: poolers refuse a connection with parameters that they do not know, and by default
/// `PgBouncer` knows hardly any. A session is configured once it is open instead.
fn without_parameters(options: &PgConnectOptions) -> PgConnectOptions {
    options.clone().extra_float_digits(None)
}

/// Applies settings to the session; the last statement shows whether it is read-only. A read-only session is refused,
/// because it may stay read-only after the database has become writable again.
async fn set_up(connection: &mut PgConnection, settings: &'static str) -> Result<(), sqlx::Error> {
    let shown: String = sqlx::raw_sql(settings).fetch_one(connection).await?.try_get(0)?;
    if shown == "on" { Err(read_only()) } else { Ok(()) }
}
