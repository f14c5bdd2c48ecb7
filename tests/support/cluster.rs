//! A temporary PostgreSQL server. It listens on a socket in its own folder. A separate process stops it and removes the
//! folder as soon as the process that started it ends, in whatever way.

use std::{
    fs,
    os::unix::{fs::chown, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

/// The server.
pub struct Cluster {
    folder: PathBuf,
    bin: PathBuf,
    owner: Option<(u32, u32)>,
    settings: &'static [&'static str],
    /// The system closes its standard input when this process ends.
    _cleanup: Child,
}

/// Settings for speed: the data are not meant to survive a crash.
const FAST: &[&str] =
    &["fsync=off", "full_page_writes=off", "synchronous_commit=off", "wal_level=minimal", "max_wal_senders=0"];
/// What a memory file system must have free before databases are put there, in KiB.
const ENOUGH: u64 = 4 << 20;
/// Settings for durability, as in production.
const DURABLE: &[&str] = &["fsync=on", "full_page_writes=on", "synchronous_commit=on"];

impl Cluster {
    /// Starts a server that may lose its data in a crash: for tests of behaviour.
    pub fn fast() -> Self {
        Self::start(FAST)
    }

    /// Starts a server that keeps what it has committed: for tests of crashes and for measurements.
    pub fn durable() -> Self {
        Self::start(DURABLE)
    }

    fn start(settings: &'static [&'static str]) -> Self {
        let parent = if settings == FAST { fastest_folder() } else { std::env::temp_dir() };
        let folder = parent.join(format!("conference-tests-{:016x}", getrandom::u64().expect("random bytes")));
        fs::create_dir(&folder).expect("a folder under the system's temporary one");
        let owner = unprivileged_user();
        if let Some((user, group)) = owner {
            chown(&folder, Some(user), Some(group)).expect("root may give a folder away");
        }
        let bin = binaries();
        let cleanup = spawn_cleanup(&folder, &bin, owner);
        let cluster = Self { folder, bin, owner, settings, _cleanup: cleanup };
        cluster.run(
            "initdb",
            &["-D", "data", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-U", "postgres", "--no-sync"],
        );
        cluster.up();
        cluster
    }

    /// Starts the server again, for example after [`Cluster::kill`].
    pub fn up(&self) {
        let mut options = format!(
            "-k '{}' -c listen_addresses= -c max_connections=300 -c shared_buffers=128MB",
            self.folder.display()
        );
        for setting in self.settings {
            options.push_str(" -c ");
            options.push_str(setting);
        }
        self.run("pg_ctl", &["start", "-D", "data", "-s", "-w", "-l", "log", "-o", &options]);
    }

    /// Stops the server without a shutdown checkpoint, as a crash of the machine would, except that the operating
    /// system keeps what was written.
    pub fn kill(&self) {
        self.run("pg_ctl", &["stop", "-D", "data", "-s", "-w", "-m", "immediate"]);
    }

    /// Restarts it as a standby, which is read-only.
    pub fn becomes_standby(&self) {
        self.run("pg_ctl", &["stop", "-D", "data", "-s", "-w", "-m", "fast"]);
        fs::write(self.folder.join("data/standby.signal"), "").expect("a file among the data");
        if let Some((user, group)) = self.owner {
            chown(self.folder.join("data/standby.signal"), Some(user), Some(group)).expect("root may give it away");
        }
        self.up();
    }

    /// Promotes the standby, so that it can be written to.
    pub fn promote(&self) {
        self.run("pg_ctl", &["promote", "-D", "data", "-s", "-w"]);
    }

    /// Prepares a command that runs in the server's folder as the server's user.
    pub fn as_owner(&self, program: &str) -> Command {
        as_owner(program, &self.folder, self.owner)
    }

    /// Returns the URL of one of its databases, as in `DATABASE_URL`.
    pub fn url(&self, database: &str) -> String {
        self.url_of("postgres", database)
    }

    /// Returns the URL of one of its databases for a role other than the superuser.
    pub fn url_of(&self, role: &str, database: &str) -> String {
        format!("postgres://{role}@localhost/{database}?host={}", self.folder.display())
    }

    /// Returns the folder with its socket.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Returns the path of one of PostgreSQL's own programs.
    pub fn program(&self, name: &str) -> PathBuf {
        self.bin.join(name)
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        let mut command = as_owner(self.program(program), &self.folder, self.owner);
        let log = fs::File::create(self.folder.join(format!("{program}.out"))).expect("a file in the folder");
        command.stdout(log.try_clone().expect("a second handle")).stderr(log);
        // Not `output()`: the server would inherit the pipe, and this would wait until the server ends.
        let status = command.args(arguments).status().expect("PostgreSQL's programs run");
        let words = || fs::read_to_string(self.folder.join(format!("{program}.out"))).unwrap_or_default();
        assert!(status.success(), "{program} failed: {}", words());
    }
}

fn as_owner(program: impl AsRef<std::ffi::OsStr>, folder: &Path, owner: Option<(u32, u32)>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder).stdin(Stdio::null());
    if let Some((user, group)) = owner {
        command.uid(user).gid(group);
    }
    command
}

/// Returns the folder of the system's memory file system, if it has room, and the usual one for temporary files otherwise. Each test
/// copies hundreds of small files, and a disk's file system spends more time on that than PostgreSQL does on the test.
fn fastest_folder() -> PathBuf {
    let memory = Path::new("/dev/shm");
    let free = Command::new("df").args(["-k", "--output=avail"]).arg(memory).output();
    let free = free.ok().and_then(|output| String::from_utf8(output.stdout).ok());
    let free = free.and_then(|text| text.lines().nth(1)?.trim().parse::<u64>().ok());
    if free >= Some(ENOUGH) { memory.to_owned() } else { std::env::temp_dir() }
}

/// Starts a shell that waits until this process ends, then stops the server and removes its folder. It has its own
/// process group, so that Ctrl-C does not reach it.
fn spawn_cleanup(folder: &Path, bin: &Path, owner: Option<(u32, u32)>) -> Child {
    const CLEAN_UP: &str = r#"read -r _; "$1/pg_ctl" stop -D data -s -m immediate; cd /; rm -rf "$2""#;
    as_owner("sh", folder, owner)
        .args(["-c", CLEAN_UP, "cleanup"])
        .args([bin, folder])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .expect("a shell")
}

/// PostgreSQL refuses to run as root. Returns the user to run it as in that case: the one that Debian creates for it,
/// or else `nobody`.
fn unprivileged_user() -> Option<(u32, u32)> {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let is_root = status.lines().any(|line| line.starts_with("Uid:\t0\t"));
    if !is_root {
        return None;
    }
    let users = fs::read_to_string("/etc/passwd").expect("a list of users");
    let ids = |name: &str| {
        let line = users.lines().find(|line| line.starts_with(&format!("{name}:")))?;
        let mut parts = line.split(':').skip(2);
        Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
    };
    Some(ids("postgres").or_else(|| ids("nobody")).expect("a user other than root"))
}

/// Finds the folder of `initdb` and `pg_ctl`: on the path, or where Debian installs the newest release.
fn binaries() -> PathBuf {
    let on_path = std::env::var_os("PATH").unwrap_or_default();
    let mut places: Vec<PathBuf> = std::env::split_paths(&on_path).collect();
    if let Ok(output) = Command::new("pg_config").arg("--bindir").output() {
        places.push(String::from_utf8_lossy(&output.stdout).trim().into());
    }
    if let Ok(releases) = fs::read_dir("/usr/lib/postgresql") {
        let mut releases: Vec<_> = releases.flatten().map(|entry| entry.path().join("bin")).collect();
        releases.sort();
        places.extend(releases.into_iter().rev());
    }
    places
        .into_iter()
        .find(|place| place.join("pg_ctl").exists())
        .expect("PostgreSQL is installed; tests/run installs it")
}
