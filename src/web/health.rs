//! Health checks for proxies and monitoring.

use std::time::Duration;

use axum::{
    extract::State,
    http::{HeaderName, StatusCode, header},
};

use tokio::time::timeout;

use super::App;
use crate::postgres::{self, Readiness};

type Plain = (StatusCode, [(HeaderName, &'static str); 1], &'static str);

const NO_STORE: [(HeaderName, &str); 1] = [(header::CACHE_CONTROL, "no-store")];

/// The database counts as unavailable if it does not answer within this time. Monitoring systems do not wait long.
const DATABASE_TIMEOUT: Duration = Duration::from_secs(2);

/// `GET /health/live`: says that the process runs.
pub async fn live() -> Plain {
    (StatusCode::OK, NO_STORE, "live\n")
}

/// `GET /health/ready`: says whether the database answers, is migrated and can be written to.
pub async fn ready(State(app): State<App>) -> Plain {
    let check = async {
        let mut conn = app.store.read().await?;
        postgres::readiness(&mut conn).await
    };
    let reason = match timeout(DATABASE_TIMEOUT, check).await.unwrap_or(Err(sqlx::Error::PoolTimedOut)) {
        Ok(Readiness::Ready) => return (StatusCode::OK, NO_STORE, "ready\n"),
        Ok(Readiness::NotMigrated) => "the database is not migrated\n",
        Ok(Readiness::ReadOnly) => "the database is read-only\n",
        Err(error) => {
            tracing::warn!(%error, "not ready");
            "no database that can be written to answers\n"
        }
    };
    (StatusCode::SERVICE_UNAVAILABLE, NO_STORE, reason)
}
