//! What the binary can do: serve, and the few things that are done beside a running server.

mod backup;
mod check;
mod database;
mod end;
mod install;
mod serve;
mod user;
mod words;

use std::{fmt::Write, path::PathBuf, process::ExitCode, time::Duration};

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
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
    /// Installs PostgreSQL where it is missing, by the system's package manager and with sudo where needed, without asking.
    /// A start without this option asks first if it is on a terminal
    #[arg(long)]
    install: bool,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Brings the database up to date, and ends
    Migrate {
        /// A role of PostgreSQL that is to serve without owning the tables: it gets the rights that it needs, and can add
        /// to the audit log but not change it
        #[arg(long, value_name = "ROLE")]
        serve_as: Option<String>,
    },
    /// Accounts of staff, organisers and administrators
    #[command(subcommand)]
    User(user::Command),
    /// Writes everything in the database into a file, also while the server runs
    Backup {
        /// The file; one that is there already is replaced when the backup is complete
        file: PathBuf,
    },
    /// Puts a backup into an empty database, while the server is stopped. Mails that were waiting in it are held until staff
    /// release them
    Restore {
        /// The file that `conference backup` wrote
        file: PathBuf,
        /// Replaces everything in a database that is not empty
        #[arg(long)]
        replace: bool,
    },
    /// Says in words whether settings, database and mail would work
    Check,
}

/// What still waits for the system when a command has ended, such as the look-up of a host's name, is not waited for
/// longer than this.
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
        Some(Command::Check) => check::run(&settings, &end).await,
    };
    // Its last lines come before our last words.
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

/// The arguments, validated; `--help` shows the settings too.
fn command_line() -> CommandLine {
    let mut settings = String::from("Settings (environment variables):\n");
    for setting in SETTINGS {
        let _ = writeln!(settings, "  {:<19} {}\n{:22}[{}]", setting.name, setting.meaning, "", setting.default);
    }
    let matches = CommandLine::command().after_help(settings).get_matches();
    CommandLine::from_arg_matches(&matches).unwrap_or_else(|error| error.exit())
}

/// `conference migrate`: what each start does too, as far as its role may.
async fn migrate(settings: &Settings, end: &CancellationToken, serve_as: Option<&str>) -> Result<(), Failure> {
    with_database(settings, IfAbsent::Make, end, async |database| {
        println!("The database is up to date.");
        if let Some(role) = serve_as {
            database.allow_to_serve(role).await?;
            println!("The role {role} can serve from it, and cannot change the audit log.");
        }
        Ok(())
    })
    .await
}
