//! For the machinery around the server.

use axum::{
    extract::State,
    http::{HeaderName, StatusCode, header},
};

use super::App;
use crate::postgres;

type Plain = (StatusCode, [(HeaderName, &'static str); 1], &'static str);

const NO_STORE: [(HeaderName, &str); 1] = [(header::CACHE_CONTROL, "no-store")];

/// `GET /health/live`: the process runs.
pub async fn live() -> Plain {
    (StatusCode::OK, NO_STORE, "live\n")
}

/// `GET /health/ready`: the database answers and is migrated.
pub async fn ready(State(app): State<App>) -> Plain {
    match postgres::is_current(app.store.pool()).await {
        Ok(true) => (StatusCode::OK, NO_STORE, "ready\n"),
        Ok(false) => (StatusCode::SERVICE_UNAVAILABLE, NO_STORE, "the database is not migrated\n"),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, NO_STORE, "the database does not answer\n")
        }
    }
}
