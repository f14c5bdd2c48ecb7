//! A start without PostgreSQL: on a terminal it asks whether to install it, with `--install` it installs it, and
//! otherwise it prints the commands. The installed PostgreSQL is hidden from the program, and a script instead of
//! apt-get brings it back. `tests/bare/run` uses the real apt-get.
#![allow(clippy::disallowed_methods, reason = "these tests watch processes from outside, without a runtime")]

use std::{
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt, symlink},
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    program::{Ended, Folder, Program, User, command, is_root, on_terminal, run},
    starting::users,
};

const AS_ROOT: &str =
    "apt-get update && env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends postgresql";
const WITH_SUDO: &str = "sudo apt-get update && sudo env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends postgresql";

/// Makes PostgreSQL available in the PATH, as apt-get would.
const APT_GET: &str = r#"
[ "$1" = update ] || /bin/ln -s "$HOME"/hidden/*/bin/* "$HOME/bin/"
"#;
const SUDO: &str = r#"exec "$@""#;

/// A machine without PostgreSQL that has only a few programs.
struct Bare {
    folder: Folder,
    user: User,
}

impl Bare {
    /// Returns `None` if this user may not hide PostgreSQL.
    fn with(user: User, programs: &[(&str, &str)]) -> Option<Self> {
        if !is_root() {
            eprintln!("skipped: only root can hide the PostgreSQL of this machine");
            return None;
        }
        let bare = Self { folder: Folder::for_user(user), user };
        for folder in ["bin", "hidden"] {
            let path = bare.folder.path().join(folder);
            fs::create_dir(&path).expect("a folder in our own");
            fs::set_permissions(&path, fs::Permissions::from_mode(0o777)).expect("our own folder");
        }
        for tool in ["id", "env", "locale"] {
            symlink(Path::new("/usr/bin").join(tool), bare.folder.path().join("bin").join(tool)).expect("a link");
        }
        for (name, script) in programs {
            bare.brings(name, script);
        }
        let hides = Command::new("unshare").args(["-m", "mount", "-t", "tmpfs", "none", "/mnt"]).status();
        if !hides.is_ok_and(|status| status.success()) {
            eprintln!("skipped: this root may not mount");
            return None;
        }
        Some(bare)
    }

    /// Creates a machine with apt-get, and with sudo for users who need it.
    fn debian(user: User) -> Option<Self> {
        Self::with(user, &[("apt-get", APT_GET), ("sudo", SUDO)])
    }

    /// Adds a program that records its arguments and runs this script.
    fn brings(&self, name: &str, script: &str) {
        let path = self.folder.path().join("bin").join(name);
        fs::write(&path, format!("#!/bin/sh\necho {name} \"$@\" >>\"$HOME/calls\"\n{script}\n")).expect("a script");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("our own script");
    }

    /// Returns the programs that were called and their arguments.
    fn calls(&self) -> Vec<String> {
        let calls = fs::read_to_string(self.folder.path().join("calls")).unwrap_or_default();
        calls.lines().map(str::to_owned).collect()
    }

    fn installing_calls(&self) -> Vec<String> {
        self.calls().into_iter().filter(|call| call.starts_with("apt-get ")).collect()
    }

    /// Returns the installation command for this user.
    fn line(&self) -> &'static str {
        if self.user == User::Root { AS_ROOT } else { WITH_SUDO }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let program = command(&self.folder, User::Root, arguments);
        let home = self.folder.path().display();
        let hide = format!(
            "mount --bind /usr/lib/postgresql '{home}/hidden' && mount -t tmpfs none /usr/lib/postgresql && exec \"$@\""
        );
        let mut bare = Command::new("unshare");
        bare.args(["-m", "sh", "-c", &hide, "sh"]).current_dir("/").env_clear();
        bare.envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
        if self.user == User::Ordinary {
            bare.args(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]);
        }
        bare.args(["env", &format!("PATH={home}/bin"), &format!("HOME={home}")]);
        bare.arg(program.get_program()).args(program.get_args());
        bare
    }

    fn starts(&self, arguments: &[&str]) -> Program {
        Program::spawn(self.command(arguments), &self.folder)
    }

    fn starts_on_terminal(&self) -> Program {
        Program::spawn(on_terminal(&self.command(&[])), &self.folder)
    }

    /// Starts the program on a terminal, answers its question and waits for its end.
    fn answers(&self, answer: &str) -> Ended {
        let mut program = self.starts_on_terminal();
        program.waits_for(self.line());
        program.types(answer);
        program.ended()
    }

    fn has_no_data(&self) -> bool {
        !self.folder.data().exists()
    }
}

/// Checks that the program failed with one sentence that contains these words.
#[track_caller]
fn says(ended: &Ended, words: &[&str]) {
    assert!(!ended.success, "{}", ended.said);
    let sentences: Vec<_> = ended.said.lines().filter(|line| line.contains("conference: ")).collect();
    assert_eq!(sentences.len(), 1, "one sentence: {}", ended.said);
    for words in words {
        assert!(sentences[0].contains(words), "{words}: {}", ended.said);
    }
}

#[test]
fn on_a_terminal_the_start_asks_once_installs_postgresql_and_serves() {
    for user in users() {
        let Some(bare) = Bare::debian(user) else { return };
        let mut program = bare.starts_on_terminal();
        program.waits_for(bare.line());
        program.waits_for("The package also starts an empty PostgreSQL");
        assert!(bare.calls().is_empty() && bare.has_no_data(), "nothing is done before the answer");
        program.types("\n");
        program.waits_for("The conference is open at");
        program.waits_for("/set-password/");
        assert_eq!(program.said().matches("Run it now? [Y/n]").count(), 1, "{}", program.said());
        assert_eq!(
            bare.installing_calls(),
            ["apt-get update", "apt-get install --yes --no-install-recommends postgresql"]
        );
        let with_sudo = bare.calls().iter().filter(|call| call.starts_with("sudo ")).count();
        assert_eq!(with_sudo, if user == User::Root { 0 } else { 2 });
        program.types("\x03");
        assert!(program.ended().success);
        // The next start finds PostgreSQL.
        let mut program = bare.starts(&[]);
        program.waits_for("The conference is open at");
        program.ends_well();
        assert_eq!(bare.installing_calls().len(), 2);
    }
}

#[test]
fn the_option_install_installs_postgresql_without_asking() {
    for user in users() {
        let Some(bare) = Bare::debian(user) else { return };
        let mut program = bare.starts(&["--install"]);
        program.waits_for("First administrator");
        let said = program.said();
        assert!(said.contains(bare.line()) && !said.contains("Run it now?"), "{said}");
        program.ends_well();
        // If nothing is missing, the option does nothing.
        let mut program = bare.starts(&["--install"]);
        program.waits_for("The conference is open at");
        program.ends_well();
        assert_eq!(bare.installing_calls().len(), 2);
    }
}

#[test]
fn a_postgresql_that_root_installs_runs_as_the_user_of_its_package() {
    let Some(bare) = Bare::debian(User::Root) else { return };
    let mut program = bare.starts(&["--install"]);
    program.waits_for("First administrator");
    let owner = fs::metadata(bare.folder.data().join("postgres")).expect("the data").uid();
    program.ends_well();
    let id = Command::new("id").args(["-u", "postgres"]).output().expect("id runs");
    assert_eq!(String::from_utf8_lossy(&id.stdout).trim(), owner.to_string());
}

#[test]
fn without_a_terminal_the_error_names_the_command_and_the_option() {
    for user in users() {
        let Some(bare) = Bare::debian(user) else { return };
        let ended = bare.starts(&[]).ended();
        let line = format!("install it with `{}`", bare.line());
        says(&ended, &[&line, "`conference --install`", "`cargo run -- --install`", "DATABASE_URL"]);
        assert_eq!(ended.said.trim().lines().count(), 1, "{}", ended.said);
        assert!(bare.calls().is_empty() && bare.has_no_data());
    }
}

#[test]
fn after_the_answer_no_the_start_ends_with_one_sentence_and_changes_nothing() {
    let Some(bare) = Bare::debian(User::Ordinary) else { return };
    for refusal in ["n\n", "No\n", "what?\n", "\x04"] {
        let ended = bare.answers(refusal);
        let line = format!("run `{WITH_SUDO}` yourself");
        says(&ended, &["PostgreSQL was not installed, because you answered no", &line, "DATABASE_URL"]);
    }
    assert!(bare.calls().is_empty() && bare.has_no_data());
}

#[test]
fn ctrl_c_at_the_question_ends_the_program_without_an_error() {
    let Some(bare) = Bare::debian(User::Ordinary) else { return };
    let ended = bare.answers("\x03");
    assert!(ended.success && !ended.said.contains("conference: "), "{}", ended.said);
    assert!(bare.calls().is_empty() && bare.has_no_data());
}

#[test]
fn ctrl_c_during_the_installation_reaches_the_package_manager() {
    let Some(bare) = Bare::debian(User::Ordinary) else { return };
    bare.brings("apt-get", "trap 'echo gives up; exit 130' INT\necho works\n/bin/sleep 30 & wait");
    let mut program = bare.starts_on_terminal();
    program.waits_for(bare.line());
    program.types("y\n");
    program.waits_for("works");
    program.types("\x03");
    let ended = program.ended();
    assert!(ended.success && ended.said.contains("gives up"), "{}", ended.said);
    assert_eq!(bare.installing_calls(), ["apt-get update"]);
    assert!(bare.has_no_data());
}

#[test]
fn the_errors_without_a_network_and_after_a_failed_installation_are_one_sentence() {
    let Some(bare) = Bare::debian(User::Ordinary) else { return };
    for (script, words) in [
        (
            "echo \"E: Failed to fetch http://deb.example/x.deb  Temporary failure resolving 'deb.example'\" >&2\nexit 100",
            ["could not be downloaded (E: Failed to fetch", "connect this machine to the network"],
        ),
        (
            "echo 'E: Sub-process /usr/bin/dpkg returned an error code (1)' >&2\nexit 100",
            ["`sudo apt-get update` failed (E: Sub-process /usr/bin/dpkg returned", "put that right, then start again"],
        ),
        ("exit 7", ["`sudo apt-get update` failed (exit status: 7)", "DATABASE_URL"]),
        ("exit 0", ["has run, but PostgreSQL 15 or newer is still not here", "DATABASE_URL"]),
    ] {
        bare.brings("apt-get", script);
        says(&bare.answers("y\n"), &words);
        says(&bare.starts(&["--install"]).ended(), &words);
    }
    assert!(bare.has_no_data());
}

#[test]
fn the_errors_without_a_package_manager_and_without_sudo_are_one_sentence() {
    for (programs, words) in [
        (&[][..], ["no package manager that could install it was found", "DATABASE_URL"]),
        (&[("apt-get", APT_GET)], ["run `apt-get update && env DEBIAN", "DATABASE_URL"]),
    ] {
        let Some(bare) = Bare::with(User::Ordinary, programs) else { return };
        for arguments in [&[][..], &["--install"]] {
            let ended = bare.starts(arguments).ended();
            says(&ended, &words);
            assert_eq!(ended.said.trim().lines().count(), 1, "{}", ended.said);
        }
        let ended = Program::spawn(on_terminal(&bare.command(&[])), &bare.folder).ended();
        says(&ended, &words);
        assert!(bare.calls().is_empty() && bare.has_no_data());
    }
}

#[test]
fn existing_data_need_the_release_that_wrote_them() {
    let Some(bare) = Bare::debian(User::Ordinary) else { return };
    let mut program = bare.starts(&["--install"]);
    program.waits_for("First administrator");
    program.ends_well();
    fs::write(bare.folder.data().join("postgres/cluster/PG_VERSION"), "14\n").expect("this test may");
    for program in ["postgres", "pg_config"] {
        fs::remove_file(bare.folder.path().join("bin").join(program)).expect("it was brought");
    }
    let words = ["PostgreSQL 14, which wrote the data in", &format!("{WITH_SUDO}-14`")];
    says(&bare.starts(&[]).ended(), &words);
    // The installed release is a different one.
    bare.brings("apt-get", "exit 0");
    says(&bare.starts(&["--install"]).ended(), &["has run, but PostgreSQL 14, which wrote the data in"]);
}

#[test]
fn other_commands_do_not_install_postgresql() {
    let folder = Folder::for_user(User::Ordinary);
    for arguments in [&["--install", "check"][..], &["migrate", "--install"]] {
        let ended = run(&folder, User::Ordinary, arguments);
        assert!(!ended.success && ended.said.contains("--install"), "{}", ended.said);
    }
    let help = run(&folder, User::Ordinary, &["--help"]).said;
    assert!(help.contains("--install") && help.contains("without asking"), "{help}");

    let Some(bare) = Bare::debian(User::Ordinary) else { return };
    let ended = Program::spawn(on_terminal(&bare.command(&["migrate"])), &bare.folder).ended();
    says(&ended, &["install it with `", "conference --install"]);
    assert!(bare.calls().is_empty() && bare.has_no_data());
}

#[test]
fn the_package_manager_does_not_get_the_settings() {
    let Some(bare) = Bare::debian(User::Ordinary) else { return };
    bare.brings("apt-get", "env >\"$HOME/environment\"; exit 1");
    let mut command = bare.command(&["--install"]);
    command.env("SMTP_URL", "smtp://me:s3cret@mail.invalid").env("OPERATIONS_ADDRESS", "desk@city.example");
    assert!(!Program::spawn(command, &bare.folder).ended().success);
    let environment: PathBuf = bare.folder.path().join("environment");
    let environment = fs::read_to_string(environment).expect("it was called");
    assert!(environment.contains("PATH=") && !environment.contains("s3cret"), "{environment}");
}
