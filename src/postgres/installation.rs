//! The commands of the system's package manager that install PostgreSQL.

use std::{env, fmt};

/// The known package managers. If several are installed, the first one is the system's own.
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
    /// macOS, and Linux in addition to the system's own package manager.
    Brew,
}

const MANAGERS: [Manager; 6] =
    [Manager::Dnf, Manager::AptGet, Manager::Zypper, Manager::Pacman, Manager::Apk, Manager::Brew];

/// The programs with which an ordinary user can run a command as root.
const TO_BECOME_ROOT: [&str; 2] = ["sudo", "doas"];

/// The release that Homebrew installs if any release will do. Its packages all have a number.
const ANY_OF_BREW: u32 = 17;

/// Commands that install PostgreSQL, one after the other. They are displayed as a line for a shell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Installation {
    manager: Manager,
    steps: Vec<Vec<String>>,
}

impl Installation {
    /// Returns the commands that install the server of this release, or of any supported release, on this system.
    /// Returns `None` if there is no known package manager.
    pub fn of_server_here(major: Option<u32>) -> Option<Self> {
        Manager::here().map(|manager| Self::of_server(manager, major))
    }

    fn of_server(manager: Manager, major: Option<u32>) -> Self {
        Self { manager, steps: manager.steps(&manager.server(major)) }
    }

    /// Whether only root can run the commands.
    pub fn needs_root(&self) -> bool {
        self.manager.needs_root()
    }

    /// Returns the commands with `sudo` or a similar program in front. Without such a program, the error contains the
    /// unchanged commands.
    pub fn becoming_root(self) -> Result<Self, Self> {
        match TO_BECOME_ROOT.into_iter().find(|program| is_on_path(program)) {
            Some(program) => Ok(self.by(program)),
            None => Err(self),
        }
    }

    /// Returns the commands. Each is a program with its arguments.
    pub fn steps(&self) -> &[Vec<String>] {
        &self.steps
    }

    /// Returns a note about a side effect of the package.
    pub fn side_effect(&self) -> Option<&'static str> {
        let starts_a_server = self.manager == Manager::AptGet;
        starts_a_server.then_some(
            "The package also starts an empty PostgreSQL on this machine. The conference does not use it, because it runs its own.",
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

/// Returns the known package managers as part of a message.
pub fn known_managers() -> String {
    MANAGERS.map(Manager::program).join(", ")
}

/// Returns the command that installs the server of this release, as part of a message.
pub fn server_line(major: u32) -> String {
    line(|manager| manager.server(Some(major)))
}

/// Returns the command that installs the programs that back up and restore, as part of a message.
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
    /// Returns this system's package manager.
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

    /// Whether the package manager needs root. Homebrew refuses to run as root.
    fn needs_root(self) -> bool {
        self != Self::Brew
    }

    /// Returns the packages of the server, including the package with the extensions if it is separate.
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

    /// Returns the package with `pg_dump`, `pg_restore` and `psql`.
    fn client(self, major: u32) -> Vec<String> {
        vec![match self {
            Self::Dnf | Self::Zypper => format!("postgresql{major}"),
            Self::AptGet => format!("postgresql-client-{major}"),
            Self::Pacman => "postgresql".to_owned(),
            Self::Apk => format!("postgresql{major}-client"),
            Self::Brew => format!("postgresql@{major}"),
        }]
    }

    /// Returns the command as a person would type it.
    fn install(self, packages: &[String]) -> Vec<String> {
        let verb: &[&str] = match self {
            Self::Pacman => &["-S"],
            Self::Apk => &["add"],
            Self::Dnf | Self::AptGet | Self::Zypper | Self::Brew => &["install"],
        };
        words(&[self.program()], verb, packages)
    }

    /// Returns the commands that ask no questions.
    fn steps(self, packages: &[String]) -> Vec<Vec<String>> {
        let program = &[self.program()];
        match self {
            // A new Debian system has no package lists yet. Without `noninteractive`, packages such as tzdata ask
            // questions.
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
