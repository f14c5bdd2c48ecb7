//! How PostgreSQL is installed on this system: the command of its package manager.

use std::{env, fmt};

/// The package managers that we know. Where several are installed, the first one is the system's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Manager {
    /// Fedora, RHEL.
    Dnf,
    /// Debian, Ubuntu.
    AptGet,
    /// openSUSE.
    Zypper,
    /// Arch.
    Pacman,
    /// Alpine.
    Apk,
    /// macOS, and Linux beside the system's own.
    Brew,
}

const MANAGERS: [Manager; 6] =
    [Manager::Dnf, Manager::AptGet, Manager::Zypper, Manager::Pacman, Manager::Apk, Manager::Brew];

/// What lets an ordinary user run a command as root.
const TO_BECOME_ROOT: [&str; 2] = ["sudo", "doas"];

/// The release that Homebrew is asked for where any would do: it has no package without a number.
const ANY_OF_BREW: u32 = 17;

/// Commands that install PostgreSQL, to be run one after the other. Displayed as a line for a shell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Installation {
    manager: Manager,
    steps: Vec<Vec<String>>,
}

impl Installation {
    /// What installs the server of this release, or of any that is new enough, on this system. `None` where no package
    /// manager is found that we know.
    pub fn of_server_here(major: Option<u32>) -> Option<Self> {
        Manager::here().map(|manager| Self::of_server(manager, major))
    }

    fn of_server(manager: Manager, major: Option<u32>) -> Self {
        Self { manager, steps: manager.steps(&manager.server(major)) }
    }

    /// Whether only root can run it.
    pub fn needs_root(&self) -> bool {
        self.manager.needs_root()
    }

    /// The same, run by `sudo` or its like; unchanged as the error where this system has none.
    pub fn becoming_root(self) -> Result<Self, Self> {
        match TO_BECOME_ROOT.into_iter().find(|program| is_on_path(program)) {
            Some(program) => Ok(self.by(program)),
            None => Err(self),
        }
    }

    /// The commands, each a program and its arguments.
    pub fn steps(&self) -> &[Vec<String>] {
        &self.steps
    }

    /// What the package does beside being installed, for people who would wonder.
    pub fn side_effect(&self) -> Option<&'static str> {
        let starts_a_server = self.manager == Manager::AptGet;
        starts_a_server.then_some(
            "The package also starts an empty PostgreSQL on a port of this machine. The conference runs its own and does not use it.",
        )
    }

    fn by(mut self, becoming_root: &str) -> Self {
        for step in &mut self.steps {
            step.insert(0, becoming_root.to_owned());
        }
        self
    }
}

impl fmt::Display for Installation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<_> = self.steps.iter().map(|step| step.join(" ")).collect();
        formatter.write_str(&lines.join(" && "))
    }
}

/// The package managers that we know, for a sentence.
pub fn known_managers() -> String {
    MANAGERS.map(Manager::program).join(", ")
}

/// For a sentence: what installs the server of this release.
pub fn server_line(major: u32) -> String {
    line(|manager| manager.server(Some(major)))
}

/// For a sentence: what installs the programs of this release that back up and restore.
pub fn client_line(major: u32) -> String {
    line(|manager| manager.client(major))
}

fn line(packages: impl Fn(Manager) -> Vec<String>) -> String {
    Manager::here().map_or_else(
        || "the system's package manager".to_owned(),
        |manager| format!("`{}`", manager.install(&packages(manager)).join(" ")),
    )
}

impl Manager {
    /// The one of this system.
    fn here() -> Option<Self> {
        MANAGERS.into_iter().find(|manager| is_on_path(manager.program()))
    }

    fn program(self) -> &'static str {
        match self {
            Self::Dnf => "dnf",
            Self::AptGet => "apt-get",
            Self::Zypper => "zypper",
            Self::Pacman => "pacman",
            Self::Apk => "apk",
            Self::Brew => "brew",
        }
    }

    /// Homebrew refuses root.
    fn needs_root(self) -> bool {
        self != Self::Brew
    }

    /// The packages of the server. Where the extensions are in a package of their own, we need that too.
    fn server(self, major: Option<u32>) -> Vec<String> {
        let number = major.map(|major| major.to_string()).unwrap_or_default();
        match self {
            Self::Dnf | Self::Zypper => {
                vec![format!("postgresql{number}-server"), format!("postgresql{number}-contrib")]
            }
            Self::AptGet => vec![major.map_or("postgresql".to_owned(), |major| format!("postgresql-{major}"))],
            Self::Pacman => vec!["postgresql".to_owned()],
            Self::Apk => vec![format!("postgresql{number}"), format!("postgresql{number}-contrib")],
            Self::Brew => vec![format!("postgresql@{}", major.unwrap_or(ANY_OF_BREW))],
        }
    }

    /// The package with `pg_dump`, `pg_restore` and `psql`.
    fn client(self, major: u32) -> Vec<String> {
        vec![match self {
            Self::Dnf | Self::Zypper => format!("postgresql{major}"),
            Self::AptGet => format!("postgresql-client-{major}"),
            Self::Pacman => "postgresql".to_owned(),
            Self::Apk => format!("postgresql{major}-client"),
            Self::Brew => format!("postgresql@{major}"),
        }]
    }

    /// The command as a person types it.
    fn install(self, packages: &[String]) -> Vec<String> {
        let verb: &[&str] = match self {
            Self::Pacman => &["-S"],
            Self::Apk => &["add"],
            Self::Dnf | Self::AptGet | Self::Zypper | Self::Brew => &["install"],
        };
        words(&[self.program()], verb, packages)
    }

    /// The commands that ask nothing.
    fn steps(self, packages: &[String]) -> Vec<Vec<String>> {
        let program = &[self.program()];
        match self {
            // A new Debian has no lists of packages, and packages like tzdata ask unless they are told not to.
            Self::AptGet => {
                let quietly = &["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"];
                let install = &["install", "--yes", "--no-install-recommends"];
                vec![words(program, &["update"], &[]), words(quietly, install, packages)]
            }
            Self::Dnf => vec![words(program, &["install", "--assumeyes"], packages)],
            Self::Zypper => vec![words(program, &["--non-interactive", "install"], packages)],
            Self::Pacman => vec![words(program, &["-S", "--needed", "--noconfirm"], packages)],
            Self::Apk | Self::Brew => vec![self.install(packages)],
        }
    }
}

fn words(program: &[&str], arguments: &[&str], packages: &[String]) -> Vec<String> {
    program.iter().chain(arguments).map(ToString::to_string).chain(packages.iter().cloned()).collect()
}

fn is_on_path(program: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(manager: Manager, major: Option<u32>) -> String {
        Installation::of_server(manager, major).to_string()
    }

    #[test]
    fn each_package_manager_installs_the_server_without_a_question() {
        assert_eq!(
            line(Manager::AptGet, None),
            "apt-get update && env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends postgresql"
        );
        assert_eq!(line(Manager::Dnf, None), "dnf install --assumeyes postgresql-server postgresql-contrib");
        assert_eq!(
            line(Manager::Zypper, Some(16)),
            "zypper --non-interactive install postgresql16-server postgresql16-contrib"
        );
        assert_eq!(line(Manager::Pacman, None), "pacman -S --needed --noconfirm postgresql");
        assert_eq!(line(Manager::Apk, None), "apk add postgresql postgresql-contrib");
        assert_eq!(line(Manager::Brew, None), "brew install postgresql@17");
        assert!(line(Manager::AptGet, Some(14)).ends_with(" postgresql-14"));
    }

    #[test]
    fn every_command_is_run_as_root() {
        let installation = Installation::of_server(Manager::AptGet, None).by("sudo");
        assert!(installation.steps().iter().all(|step| step[0] == "sudo"), "{installation}");
        assert!(installation.to_string().starts_with("sudo apt-get update && sudo env "), "{installation}");
    }
}
