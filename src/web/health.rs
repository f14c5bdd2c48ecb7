//! For the machinery around the server.

use std::time::Duration;

use axum::{
    extract::State,
    http::{HeaderName, StatusCode, header},
};

use tokio::time::timeout;

use super::App;
use crate::postgres;

type Plain = (StatusCode, [(HeaderName, &'static str); 1], &'static str);

const NO_STORE: [(HeaderName, &str); 1] = [(header::CACHE_CONTROL, "no-store")];

/// Whoever asks decides soon: a database that says nothing for this long does not answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// `GET /health/live`: the process runs.
pub async fn live() -> Plain {
    (StatusCode::OK, NO_STORE, "live\n")
}

/// `GET /health/ready`: the database answers and is migrated.
pub async fn ready(State(app): State<App>) -> Plain {
    let error = match timeout(PATIENCE, postgres::is_current(app.store.pool())).await {
        Ok(Ok(true)) => return (StatusCode::OK, NO_STORE, "ready\n"),
        Ok(Ok(false)) => return (StatusCode::SERVICE_UNAVAILABLE, NO_STORE, "the database is not migrated\n"),
        Ok(Err(error)) => error,
        Err(_) => sqlx::Error::PoolTimedOut,
    };
    tracing::warn!(%error, "not ready");
    (StatusCode::SERVICE_UNAVAILABLE, NO_STORE, "the database does not answer\n")
}
