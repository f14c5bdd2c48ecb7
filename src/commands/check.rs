//! `conference check`: reports what would fail at the next start.

use tokio_util::sync::CancellationToken;

use super::{
    database::{ASKED_TO_END, Failure},
    words,
};
use crate::{
    app::{Doors, most_connections, most_files},
    config::Settings,
    mail::Transport,
    postgres::{self, Database, IfAbsent, ServingRole},
};

/// Checks everything, even after an error was found.
pub async fn run(settings: &Settings, end: &CancellationToken) -> Result<(), Failure> {
    let mut wrong = 0;
    let mut say = |what: &str, found: Result<String, Failure>| match found {
        Ok(words) => println!("{what:<9} good: {words}"),
        // This is not an error, because the first start creates the database. But the settings may name the wrong
        // place.
        Err(none) if matches!(none.downcast_ref(), Some(postgres::Error::NoneYet(_))) => {
            println!("{what:<9} none yet: {none}");
        }
        Err(failure) => {
            wrong += 1;
            println!("{what:<9} WRONG: {failure}");
        }
    };
    say("Settings", Ok("all are valid".to_owned()));
    say("Address", address(settings));
    let mut role = None;
    say("Database", database(settings, end, &mut role).await);
    let Some(mail) = end.run_until_cancelled(mail(settings)).await else { return Err(ASKED_TO_END.into()) };
    say("Mail", mail);
    if let Some(user) = words::user() {
        println!("User      {user}");
    }
    if let Some(files) = words::files(most_files(), most_connections()) {
        println!("Files     {files}");
    }
    for words in words::lacking(settings, role.as_ref()) {
        println!("For a site that is open to the public: {words}");
    }
    match wrong {
        0 => Ok(()),
        1 => Err("one thing would fail".into()),
        more => Err(format!("{more} things would fail").into()),
    }
}

fn address(settings: &Settings) -> Result<String, Failure> {
    match Doors::take(&settings.listen) {
        Ok(doors) => Ok(format!("free to listen on: {}", listed(doors.addresses()))),
        Err(shut) if shut.is_taken() => {
            Ok(format!("taken, perhaps by the running server: {}", listed(&settings.listen)))
        }
        Err(shut) => Err(shut.into()),
    }
}

fn listed(addresses: &[std::net::SocketAddr]) -> String {
    addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// Describes what the next start would do to the database. Sets `role` to the role that would serve.
async fn database(
    settings: &Settings,
    end: &CancellationToken,
    role: &mut Option<ServingRole>,
) -> Result<String, Failure> {
    let database = Database::open(settings, IfAbsent::Refuse, end).await?;
    let found = async { Ok::<_, postgres::Error>((database.lacking().await?, database.serving_role().await?)) };
    let found = end.run_until_cancelled(found).await;
    let place = database.place().to_owned();
    let own = if database.is_private() { "the program's own PostgreSQL runs in" } else { "PostgreSQL answers at" };
    database.close().await?;
    let (lacking, serving) = found.ok_or(ASKED_TO_END)??;
    let state = match lacking {
        0 => format!("{own} {place} and is up to date"),
        count => format!("{own} {place}; the next start runs {count} migrations"),
    };
    let name = &serving.name;
    let audit_log = if serving.may_change_audit_log {
        format!("the server's role {name} can change the audit log")
    } else {
        format!("the server's role {name} cannot change the audit log")
    };
    *role = Some(serving);
    Ok(format!("{state}; {audit_log}"))
}

async fn mail(settings: &Settings) -> Result<String, Failure> {
    Transport::new(settings)?.check().await?;
    Ok(words::mail(settings))
}
