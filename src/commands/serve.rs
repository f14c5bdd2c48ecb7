//! `conference`: serves until it is asked to end.

use std::{
    fmt::Write as _,
    io::{self, IsTerminal, Write as _},
};

use tokio_util::sync::CancellationToken;

use super::{database::Failure, install, user, words};
use crate::{
    app::{Doors, Server, most_connections, most_files},
    clock::Clock,
    config::Settings,
    postgres::{self, Database},
    store::{people::accounts, programme::pages, seed, sites},
    urls,
};

/// Starts the server, prints its address, and stops it when the process is asked to end. With `install`, a missing
/// PostgreSQL is installed without asking.
pub async fn run(settings: Settings, install: bool, end: CancellationToken) -> Result<(), Failure> {
    let doors = Doors::take(&settings.listen)?;
    let database = match install::open(&settings, install, &end).await {
        Ok(database) => database,
        // A request to end is not an error.
        Err(failure) if matches!(failure.downcast_ref(), Some(postgres::Error::Ended)) => return Ok(()),
        Err(failure) => return Err(failure),
    };
    let served = serve(settings, doors, &database, end).await;
    database.close().await?;
    served
}

async fn serve(settings: Settings, doors: Doors, database: &Database, end: CancellationToken) -> Result<(), Failure> {
    let Some(prepared) = end.run_until_cancelled(database.prepare(seed::leipzig_2018)).await else { return Ok(()) };
    prepared?;
    let server = Server::start(settings, Clock::default(), database.pool().clone(), doors).await?;
    server.render_ahead().await;
    if let Err(error) = greet(&server, database).await {
        tracing::warn!(%error, "the first lines could not be printed");
    }
    end.cancelled().await;
    tracing::info!("asked to end: finishing open requests");
    server.stop().await;
    Ok(())
}

/// Prints the address and the most important settings.
async fn greet(server: &Server, database: &Database) -> Result<(), Failure> {
    let settings = &server.app.settings;
    let mut lines = format!("The conference is open at {}\n", server.app.public_url);
    let _ = writeln!(lines, "  Data:   {}", database.place());
    let _ = writeln!(lines, "  Mail:   {}", words::mail(settings));
    if let Some(user) = words::user() {
        let _ = writeln!(lines, "  User:   {user}");
    }
    if let Some(files) = words::files(most_files(), most_connections()) {
        let _ = writeln!(lines, "  Files:  {files}");
    }
    let mut connection = server.app.store.read().await?;
    if let Some(slug) = server.app.store.current_slug().await?
        && let Some(conference) = sites::find_conference(&mut connection, &slug).await?
        && let Some(example) = words::example(&conference, server.app.clock.now())
    {
        let _ = writeln!(lines, "  Note:   {example}");
    }
    if let Some(drafts) = words::drafts(&pages::list_drafts(&mut connection).await?) {
        let _ = writeln!(lines, "  Pages:  {drafts}");
    }
    if !accounts::any_administrator(&mut connection).await? {
        let _ = writeln!(lines, "  First administrator: {}", first_administrator(server, database).await?);
    }
    if words::is_meant_for_the_public(settings) {
        let role = database.serving_role().await?;
        for lacking in words::lacking(settings, Some(&role)) {
            let _ = writeln!(lines, "  To do:  {lacking}");
        }
    }
    // An error is ignored, because the server also has to run if nobody reads the output.
    let _ = io::stdout().lock().write_all(lines.as_bytes());
    Ok(())
}

/// Returns a one-time link on a terminal, and otherwise the command that prints one, because secrets must not be in a
/// log.
async fn first_administrator(server: &Server, database: &Database) -> Result<String, Failure> {
    let email = &server.app.settings.operations_address;
    let by_command = "conference user add --email YOU@CITY.EU --role administrator";
    if !io::stdout().is_terminal() {
        return Ok(by_command.to_owned());
    }
    Ok(match user::first_administrator(database, email).await? {
        Some(link) => {
            let link = server.app.absolute(&urls::access::set_password(&link));
            format!("set a password for {email} within a day with this one-time link:\n    {link}")
        }
        None => by_command.to_owned(),
    })
}
