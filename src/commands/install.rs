//! Installs PostgreSQL if a start does not find it. On a terminal, the program asks first; with `--install`, it does
//! not ask.

use std::{
    io::{self, IsTerminal, Write},
    process::Stdio,
    time::Duration,
};

use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{ChildStderr, Command},
    time::timeout,
};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};

use super::database::Failure;
use crate::{
    config::{SETTINGS, Settings},
    postgres::{self, Database, IfAbsent, Installation},
};

/// How long to wait for output after a command has ended. A service that a package starts may keep the output open.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// What package managers and curl print when they cannot reach their sources, in lower case.
const OF_NETWORK: [&str; 12] = [
    "failure resolving",
    "could not resolve",
    "dns lookup error",
    "failed to fetch",
    "unable to fetch",
    "failed to download",
    "cannot download",
    "failed retrieving",
    "could not connect",
    "connection refused",
    "unreachable",
    "temporary error",
];

/// What apt-get prints about a package that is in none of its lists, perhaps because it could not download them.
const OF_LISTS: [&str; 2] = ["unable to locate package", "no installation candidate"];

/// Opens the database for serving. If PostgreSQL is missing, it is installed first: at once with `unasked`, or after a
/// question on a terminal. Otherwise, the error says how to install it.
pub async fn open(settings: &Settings, unasked: bool, end: &CancellationToken) -> Result<Database, Failure> {
    let (release, install) = match Database::open(settings, IfAbsent::Make, end).await {
        Err(postgres::Error::NotInstalled { release, install }) => (release, install),
        opened => return Ok(opened?),
    };
    if unasked {
        println!("PostgreSQL {release} is not installed here. This installs it:\n\n    {install}\n");
    } else if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
        return Err(postgres::Error::NotInstalled { release, install }.into());
    } else if !ask(&release, &install, end).await? {
        return Err(format!(
            "PostgreSQL was not installed, because you answered no: run `{install}` yourself, or give the address of a running one in DATABASE_URL"
        )
        .into());
    }
    run(&install, end).await?;
    match Database::open(settings, IfAbsent::Make, end).await {
        Err(postgres::Error::NotInstalled { .. }) => Err(format!(
            "`{install}` has run, but PostgreSQL {release} is still not here: install it by other means, or give the address of a running one in DATABASE_URL"
        )
        .into()),
        opened => Ok(opened?),
    }
}

/// Shows the commands and asks once whether to run them. As with apt, Enter means yes. The end of the input means no.
async fn ask(release: &str, install: &Installation, end: &CancellationToken) -> Result<bool, Failure> {
    println!("PostgreSQL {release} is not installed here. This installs it:\n\n    {install}\n");
    if let Some(side_effect) = install.side_effect() {
        println!("{side_effect}");
    }
    print!("Run it now? [Y/n] ");
    io::stdout().flush()?;
    let answer = tokio::task::spawn_blocking(|| {
        let mut line = String::new();
        io::stdin().read_line(&mut line).map(|_| line)
    });
    let Some(answer) = end.run_until_cancelled(answer).await else {
        println!();
        return Err(postgres::Error::Ended.into());
    };
    let answer = answer??;
    if !answer.ends_with('\n') {
        println!();
    }
    Ok(is_yes(&answer))
}

fn is_yes(answer: &str) -> bool {
    answer.ends_with('\n') && ["", "y", "yes"].contains(&answer.trim().to_lowercase().as_str())
}

/// Runs the commands one after the other in this terminal. If the program is asked to end, it waits for the current
/// command, because a package manager that is killed leaves packages half installed. Ctrl-C also reaches the command,
/// which handles it itself.
async fn run(install: &Installation, end: &CancellationToken) -> Result<(), Failure> {
    let mut said_before = Vec::new();
    for step in install.steps() {
        let line = step.join(" ");
        let unusable = |cause| format!("PostgreSQL was not installed: `{line}` could not be run ({cause})");
        let mut child = command(step).spawn().map_err(unusable)?;
        let stderr = child.stderr.take().ok_or("the command's output is piped")?;
        let mut listening = AbortOnDropHandle::new(tokio::spawn(pass_on(stderr)));
        let status = child.wait().await.map_err(unusable)?;
        let said = timeout(LAST_WORDS, &mut listening).await.ok().and_then(Result::ok).unwrap_or_default();
        if end.is_cancelled() {
            return Err(postgres::Error::Ended.into());
        }
        if !status.success() {
            return Err(reason(&line, &status.to_string(), &said_before, &said).into());
        }
        said_before.extend(said);
    }
    Ok(())
}

/// Creates a command that uses the terminal but gets no settings, because some of them are secret. Its messages are in
/// English, like the program's.
fn command(step: &[String]) -> Command {
    let mut command = Command::new(&step[0]);
    command.args(&step[1..]).env("LC_ALL", "C.UTF-8").stderr(Stdio::piped());
    for setting in SETTINGS {
        command.env_remove(setting.name);
    }
    command
}

/// Shows the command's error output and returns its lines.
async fn pass_on(stderr: ChildStderr) -> Vec<String> {
    let mut lines = Vec::new();
    let mut stderr = BufReader::new(stderr).split(b'\n');
    while let Ok(Some(line)) = stderr.next_segment().await {
        let line = String::from_utf8_lossy(&line).into_owned();
        // An error is ignored, because nobody has to read the output.
        let _ = writeln!(io::stderr(), "{line}");
        lines.push(line.trim().to_owned());
    }
    lines
}

/// Returns the sentence about a command that failed, from its output and that of the commands before it.
fn reason(command: &str, status: &str, said_before: &[String], said: &[String]) -> String {
    let has = |line: &str, words: &[&str]| words.iter().any(|word| line.to_lowercase().contains(word));
    let lacks_lists = said.iter().any(|line| has(line, &OF_LISTS));
    let earlier = said_before.iter().filter(|_| lacks_lists);
    if let Some(words) = said.iter().chain(earlier).find(|line| has(line, &OF_NETWORK)) {
        return format!(
            "PostgreSQL was not installed, because it could not be downloaded ({words}): connect this machine to the network and its package sources, then start again, or give the address of a running one in DATABASE_URL"
        );
    }
    let words = said.iter().rfind(|line| !line.is_empty()).map_or(status, String::as_str);
    format!(
        "PostgreSQL was not installed, because `{command}` failed ({words}): put that right, then start again, or give the address of a running one in DATABASE_URL"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn enter_means_yes_and_the_end_of_the_input_means_no() {
        for yes in ["\n", "y\n", "Y\n", "yes\r\n", " YES \n"] {
            assert!(is_yes(yes), "{yes:?}");
        }
        for no in ["", "n\n", "no\n", "nothing\n", "y", "yn\n"] {
            assert!(!is_yes(no), "{no:?}");
        }
    }

    #[test]
    fn without_the_network_the_reason_is_the_network() {
        let fetching = lines(
            "E: Failed to fetch http://deb.debian.org/x.deb  Temporary failure resolving 'deb.debian.org'\nE: Unable to fetch some archives",
        );
        assert!(
            reason("apt-get install", "exit status: 100", &[], &fetching).contains("downloaded (E: Failed to fetch")
        );
        let lists = lines("W: Failed to fetch http://deb.debian.org/InRelease  Temporary failure resolving");
        let unknown = lines("E: Unable to locate package postgresql");
        assert!(reason("apt-get install", "exit status: 100", &lists, &unknown).contains("downloaded (W: Failed"));
    }

    #[test]
    fn what_else_failed_is_quoted() {
        let earlier = lines("W: Failed to fetch http://old.example/InRelease");
        let said =
            lines("sudo: unable to resolve host box: Name or service not known\nE: You don't have enough free space");
        let sentence = reason("sudo apt-get install", "exit status: 100", &earlier, &said);
        assert!(sentence.contains("`sudo apt-get install` failed (E: You don't have enough free space)"), "{sentence}");
        assert!(reason("apk add", "exit status: 1", &[], &[]).contains("`apk add` failed (exit status: 1)"));
        let unknown = lines("E: Unable to locate package postgresql-14");
        assert!(reason("apt-get install", "exit status: 100", &[], &unknown).contains("failed (E: Unable to locate"));
    }
}
