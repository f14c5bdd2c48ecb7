//! The commands of the program: serving, and commands that can run beside a server.

mod backup;
mod check;
mod database;
mod demo;
mod end;
mod install;
mod serve;
mod user;
mod words;

use std::{fmt::Write, path::PathBuf, process::ExitCode, time::Duration};

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand, value_parser};
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;

use self::database::{Failure, with_database};
use crate::{
    app::{logging, raise_most_files},
    config::{SETTINGS, Settings},
    postgres::IfAbsent,
};

/// The website of the annual conference of Major Cities of Europe. Without a command, it serves.
#[derive(Debug, Parser)]
#[command(name = "conference", version, args_conflicts_with_subcommands = true)]
struct CommandLine {
    /// Installs PostgreSQL without asking if it is missing, with the system's package manager and, if necessary, sudo.
    /// On a terminal, a start without this option asks first
    #[arg(long)]
    install: bool,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Brings the database up to date and ends
    Migrate {
        /// A PostgreSQL role for a server that does not own the tables. It is granted the rights that it needs, and can
        /// add to the audit log but not change it
        #[arg(long, value_name = "ROLE")]
        serve_as: Option<String>,
    },
    /// Manages accounts of staff, organisers and administrators
    #[command(subcommand)]
    User(user::Command),
    /// Writes a backup of the database to a file. The server may be running
    Backup {
        /// The file. An existing file is replaced when the backup is complete
        file: PathBuf,
    },
    /// Restores a backup into an empty database. The server must be stopped. Mails that were waiting are held until
    /// staff release them
    Restore {
        /// The file that `conference backup` wrote
        file: PathBuf,
        /// Replaces everything in a database that is not empty
        #[arg(long)]
        replace: bool,
    },
    /// Adds a conference in which everything is invented, for looking at the site and measuring it, and prints its
    /// address. The current conference stays the current one, and search engines are asked not to list it
    Demo {
        /// The number of sessions, from 1 to 1,000
        #[arg(long, value_name = "N", default_value_t = 60, value_parser = value_parser!(u16).range(1..=1000))]
        sessions: u16,
        /// The number of invented attendees, up to 200,000, for trying the desk. No mail is ever sent to them
        #[arg(long, value_name = "N", default_value_t = 0, value_parser = value_parser!(u32).range(0..=200_000))]
        attendees: u32,
        /// Removes all conferences that this command added, with everything that was changed in them and with their
        /// invented attendees. If other people have registered for one, it removes nothing. Only the role that owns the
        /// tables can do this
        #[arg(long, conflicts_with_all = ["sessions", "attendees"])]
        remove: bool,
    },
    /// Checks whether the settings, the database and the mail server work
    Check,
}

/// How long to wait for blocking work, such as looking up a host name, when a command has ended.
const LOOSE_ENDS: Duration = Duration::from_millis(300);

/// Runs the command line of this process.
pub fn run() -> ExitCode {
    raise_most_files();
    let runtime = match Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&error.into()),
    };
    let code = runtime.block_on(carry_out(command_line()));
    runtime.shutdown_timeout(LOOSE_ENDS);
    code
}

async fn carry_out(command_line: CommandLine) -> ExitCode {
    let settings = match Settings::from_environment() {
        Ok(settings) => settings,
        Err(wrong) => return failed(&wrong.into()),
    };
    let end = match end::asked_for() {
        Ok(end) => end,
        Err(error) => return failed(&error.into()),
    };
    let log = logging::start(&settings.log);
    let done = match command_line.command {
        None => serve::run(settings, command_line.install, end).await,
        Some(Command::Migrate { serve_as }) => migrate(&settings, &end, serve_as.as_deref()).await,
        Some(Command::User(command)) => user::run(&settings, &end, command).await,
        Some(Command::Backup { file }) => backup::back_up(&settings, &end, &file).await,
        Some(Command::Restore { file, replace }) => backup::restore(&settings, &end, &file, replace).await,
        Some(Command::Demo { remove: true, .. }) => demo::remove(&settings, &end).await,
        Some(Command::Demo { sessions, attendees, .. }) => demo::run(&settings, &end, (sessions, attendees)).await,
        Some(Command::Check) => check::run(&settings, &end).await,
    };
    // The log's last lines come before the error message.
    drop(log);
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failed(&failure),
    }
}

fn failed(failure: &Failure) -> ExitCode {
    eprintln!("conference: {failure}");
    ExitCode::FAILURE
}

/// Parses the arguments. `--help` also lists the settings.
fn command_line() -> CommandLine {
    let mut settings = String::from("Settings (environment variables):\n");
    for setting in SETTINGS {
        let _ = writeln!(settings, "  {:<19} {}\n{:22}[{}]", setting.name, setting.meaning, "", setting.default);
    }
    let matches = CommandLine::command().after_help(settings).get_matches();
    CommandLine::from_arg_matches(&matches).unwrap_or_else(|error| error.exit())
}

/// `conference migrate`: brings the database up to date, as each start does if its role may.
async fn migrate(settings: &Settings, end: &CancellationToken, serve_as: Option<&str>) -> Result<(), Failure> {
    with_database(settings, IfAbsent::Make, end, async |database| {
        println!("The database is up to date.");
        if let Some(role) = serve_as {
            database.allow_to_serve(role).await?;
            println!("The role {role} can serve from it and cannot change the audit log.");
        }
        Ok(())
    })
    .await
}
