//! Finds PostgreSQL's programs on this machine.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use tokio::process::Command;

use super::{
    super::{Error, Installation, OLDEST_MAJOR, installation},
    user::is_root,
};

/// The folders where distributions install each release. `*` stands for the release.
const PLACES: [&str; 8] = [
    "/usr/lib/postgresql/*/bin",                          // Debian, Ubuntu
    "/usr/pgsql-*/bin",                                   // Fedora and RHEL with PostgreSQL's own packages
    "/usr/lib/postgresql*/bin",                           // openSUSE
    "/opt/homebrew/opt/postgresql@*/bin",                 // Homebrew on Apple's processors
    "/usr/local/opt/postgresql@*/bin",                    // Homebrew on Intel
    "/home/linuxbrew/.linuxbrew/opt/postgresql@*/bin",    // Homebrew on Linux
    "/Applications/Postgres.app/Contents/Versions/*/bin", // Postgres.app
    "/usr/bin",                                           // Fedora and Arch, even if PATH does not contain it
];

/// The programs that run a server.
const OF_SERVERS: [&str; 2] = ["postgres", "initdb"];
/// The programs that back up and restore.
const OF_CLIENTS: [&str; 3] = ["pg_dump", "pg_restore", "psql"];

/// One installed release.
#[derive(Clone, Debug)]
pub struct Binaries {
    folder: PathBuf,
    /// The major version.
    pub major: u32,
}

impl Binaries {
    /// Returns the program that creates an empty cluster.
    pub fn initdb(&self) -> PathBuf {
        self.folder.join("initdb")
    }

    /// Returns the server.
    pub fn postgres(&self) -> PathBuf {
        self.folder.join("postgres")
    }

    /// Returns the program with this name.
    pub fn program(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Returns the releases whose `pg_dump`, `pg_restore` and `psql` can work with a server of this release, the
    /// nearest first. They may be newer than the server, but not older. If `only` is given, only this folder is
    /// searched.
    pub async fn find_clients(only: Option<&Path>, server: u32) -> Result<Vec<Self>, Error> {
        let found = installed(only, &OF_CLIENTS).await;
        let newest = found.iter().map(|one| one.major).max();
        let mut fitting: Vec<_> = found.into_iter().filter(|one| one.major >= server).collect();
        fitting.sort_by_key(|one| one.major);
        if fitting.is_empty() {
            let found = newest.map_or("none".to_owned(), |major| major.to_string());
            return Err(Error::NoClient { server, found, install: installation::client_line(server) });
        }
        Ok(fitting)
    }

    /// Returns the release that wrote the data, or the newest one if there are no data yet. If `only` is given, only
    /// this folder is searched.
    pub async fn find(only: Option<&Path>, data: Option<(&Path, u32)>) -> Result<Self, Error> {
        let found = installed(only, &OF_SERVERS).await;
        let Some((folder, written_by)) = data else {
            let newest = found.into_iter().filter(|one| one.major >= OLDEST_MAJOR).max_by_key(|one| one.major);
            return match newest {
                Some(newest) => Ok(newest),
                None => Err(missing(only, data).await?),
            };
        };
        let mut installed: Vec<_> = found.iter().map(|one| one.major).collect();
        installed.sort_unstable();
        installed.dedup();
        let installed = installed.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        match found.into_iter().find(|one| one.major == written_by) {
            Some(fitting) => Ok(fitting),
            None if installed.is_empty() => Err(missing(only, data).await?),
            None => Err(Error::OtherMajor {
                folder: folder.display().to_string(),
                data: written_by.to_string(),
                installed,
                install: installation::server_line(written_by),
            }),
        }
    }
}

/// Returns the error if no suitable server was found. If only a given folder was searched, installing PostgreSQL would
/// not help.
async fn missing(only: Option<&Path>, data: Option<(&Path, u32)>) -> Result<Error, Error> {
    let release = match data {
        Some((folder, major)) => format!("{major}, which wrote the data in {},", folder.display()),
        None => format!("{OLDEST_MAJOR} or newer"),
    };
    match only {
        Some(folder) => Ok(Error::NotInFolder { release, folder: folder.display().to_string() }),
        None => not_installed(release, data.map(|(_, major)| major)).await,
    }
}

/// Returns the error that says how to install the server of this release, or of any release.
async fn not_installed(release: String, major: Option<u32>) -> Result<Error, Error> {
    let Some(install) = Installation::of_server_here(major) else {
        return Ok(Error::NoPackageManager { release, known: installation::known_managers() });
    };
    if !install.needs_root() || is_root().await? {
        return Ok(Error::NotInstalled { release, install });
    }
    Ok(match install.becoming_root() {
        Ok(install) => Error::NotInstalled { release, install },
        Err(install) => Error::NobodyToInstall { release, install },
    })
}

/// Returns all installed releases that have these programs.
async fn installed(only: Option<&Path>, programs: &[&str]) -> Vec<Binaries> {
    let mut found = Vec::new();
    for folder in only.map_or_else(usual_folders, |only| vec![only.to_owned()]) {
        found.extend(look(&folder, programs).await);
    }
    if only.is_none()
        && let Some(folder) = asked_of_pg_config().await
    {
        found.extend(look(&folder, programs).await);
    }
    found
}

fn usual_folders() -> Vec<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).chain(PLACES.iter().flat_map(|place| expanded(place))).collect()
}

/// Returns the folders that match a path with one `*`.
fn expanded(place: &str) -> Vec<PathBuf> {
    let Some((before, behind)) = place.split_once('*') else { return vec![place.into()] };
    let (parent, prefix) = before.rsplit_once('/').unwrap_or(("", before));
    let Ok(entries) = fs::read_dir(parent) else { return Vec::new() };
    let fitting = entries.flatten().filter(|entry| entry.file_name().to_string_lossy().starts_with(prefix));
    fitting.map(|entry| entry.path().join(behind.trim_start_matches('/'))).collect()
}

async fn asked_of_pg_config() -> Option<PathBuf> {
    let output = Command::new("pg_config").arg("--bindir").output().await.ok()?;
    output.status.success().then(|| PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()))
}

/// Returns the release in this folder, if it has these programs. `postgres --version` prints "postgres (PostgreSQL)
/// 15.18 (Debian …)".
async fn look(folder: &Path, programs: &[&str]) -> Option<Binaries> {
    let found = Binaries { folder: folder.to_owned(), major: 0 };
    if !programs.iter().all(|program| found.program(program).is_file()) {
        return None;
    }
    let output = Command::new(found.program(programs[0])).arg("--version").output().await.ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let version = text.split(") ").nth(1)?;
    let digits: String = version.chars().take_while(char::is_ascii_digit).collect();
    Some(Binaries { major: digits.parse().ok()?, ..found })
}
