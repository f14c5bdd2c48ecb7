//! What commands do in the database, and what they say when it fails.

use tokio_util::sync::CancellationToken;

use crate::{
    app,
    config::Settings,
    postgres::{Database, IfAbsent},
};

/// What a command reports when it fails: a sentence for the person who typed it.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// What a command says that was asked to end before it was done.
pub const ASKED_TO_END: &str = "asked to end before it was done";

/// Opens the database, brings it up to date, does something in it, and closes it.
pub async fn with_database<F>(
    settings: &Settings,
    if_absent: IfAbsent,
    end: &CancellationToken,
    act: F,
) -> Result<(), Failure>
where
    F: AsyncFnOnce(&Database) -> Result<(), Failure>,
{
    with(app::database(settings, if_absent, end).await?, end, act).await
}

/// Does something in the database and closes it, also where it is asked to end in the middle.
pub async fn with<F>(database: Database, end: &CancellationToken, act: F) -> Result<(), Failure>
where
    F: AsyncFnOnce(&Database) -> Result<(), Failure>,
{
    let done = end.run_until_cancelled(act(&database)).await.unwrap_or_else(|| Err(ASKED_TO_END.into()));
    database.close().await?;
    done
}
