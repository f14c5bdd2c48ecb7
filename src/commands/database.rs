//! Opens the database for commands, and reports errors.

use tokio_util::sync::CancellationToken;

use crate::{
    app,
    config::Settings,
    postgres::{Database, IfAbsent},
};

/// The error of a command: a sentence for the person who typed it.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// The error of a command that was asked to end before it had finished.
pub const ASKED_TO_END: &str = "asked to end before it had finished";

/// Opens and migrates the database, does something in it and closes it.
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

/// Does something in the database and closes it, even if the command is asked to end before it has finished.
pub async fn with<F>(database: Database, end: &CancellationToken, act: F) -> Result<(), Failure>
where
    F: AsyncFnOnce(&Database) -> Result<(), Failure>,
{
    let done = end.run_until_cancelled(act(&database)).await.unwrap_or_else(|| Err(ASKED_TO_END.into()));
    database.close().await?;
    done
}
