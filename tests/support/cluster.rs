//! A throw-away PostgreSQL for one run of tests. It listens on a socket in a folder of its own, and a watchman ends it and
//! takes the folder away as soon as the process that asked for it is gone, however it went.

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
    /// Its standard input is the thread of life: the system closes it when this process ends.
    _watchman: Child,
}

/// Nothing here is meant to last.
const FAST: &[&str] =
    &["fsync=off", "full_page_writes=off", "synchronous_commit=off", "wal_level=minimal", "max_wal_senders=0"];
/// As a server that keeps what it promised.
const DURABLE: &[&str] = &["fsync=on", "full_page_writes=on", "synchronous_commit=on"];

impl Cluster {
    /// A server that forgets everything when the machine stops: for behaviour.
    pub fn fast() -> Self {
        Self::start(FAST)
    }

    /// A server that keeps what it has committed: for crashes and for measuring.
    pub fn durable() -> Self {
        Self::start(DURABLE)
    }

    fn start(settings: &'static [&'static str]) -> Self {
        let folder = std::env::temp_dir().join(format!("conference-tests-{:016x}", getrandom::u64().expect("chance")));
        fs::create_dir(&folder).expect("a folder under the system's temporary one");
        let owner = somebody_else();
        if let Some((user, group)) = owner {
            chown(&folder, Some(user), Some(group)).expect("root may give a folder away");
        }
        let bin = binaries();
        let watchman = watch(&folder, &bin, owner);
        let cluster = Self { folder, bin, owner, settings, _watchman: watchman };
        cluster.run(
            "initdb",
            &["-D", "data", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-U", "postgres", "--no-sync"],
        );
        cluster.up();
        cluster
    }

    /// Starts the server, after the first start or after [`Cluster::kill`].
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

    /// Ends the server as a power cut would, but for the disk's own memory.
    pub fn kill(&self) {
        self.run("pg_ctl", &["stop", "-D", "data", "-s", "-w", "-m", "immediate"]);
    }

    /// Restarts it as a standby, which can only be read.
    pub fn becomes_standby(&self) {
        self.run("pg_ctl", &["stop", "-D", "data", "-s", "-w", "-m", "fast"]);
        fs::write(self.folder.join("data/standby.signal"), "").expect("a file among the data");
        if let Some((user, group)) = self.owner {
            chown(self.folder.join("data/standby.signal"), Some(user), Some(group)).expect("root may give it away");
        }
        self.up();
    }

    /// Makes the standby a server that can be written to.
    pub fn promote(&self) {
        self.run("pg_ctl", &["promote", "-D", "data", "-s", "-w"]);
    }

    /// A program that runs in its folder and as its user.
    pub fn as_owner(&self, program: &str) -> Command {
        as_owner(program, &self.folder, self.owner)
    }

    /// The address of one of its databases, as `DATABASE_URL` has it.
    pub fn url(&self, database: &str) -> String {
        self.url_of("postgres", database)
    }

    /// The same for a role other than the superuser.
    pub fn url_of(&self, role: &str, database: &str) -> String {
        format!("postgres://{role}@localhost/{database}?host={}", self.folder.display())
    }

    /// Where its socket is.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// One of PostgreSQL's own programs.
    pub fn program(&self, name: &str) -> PathBuf {
        self.bin.join(name)
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        let mut command = as_owner(self.program(program), &self.folder, self.owner);
        let log = fs::File::create(self.folder.join(format!("{program}.out"))).expect("a file in the folder");
        command.stdout(log.try_clone().expect("a second handle")).stderr(log);
        // Not `output()`: the server would hold the pipe, and we would wait for its end.
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

/// A shell that waits for our end and then tidies up. In a process group of its own, so that Ctrl-C spares it.
fn watch(folder: &Path, bin: &Path, owner: Option<(u32, u32)>) -> Child {
    const TIDY: &str = r#"read -r _; "$1/pg_ctl" stop -D data -s -m immediate; cd /; rm -rf "$2""#;
    as_owner("sh", folder, owner)
        .args(["-c", TIDY, "watchman"])
        .args([bin, folder])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .expect("a shell")
}

/// PostgreSQL refuses root: then the user that Debian made for it, else nobody.
fn somebody_else() -> Option<(u32, u32)> {
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

/// The folder of `initdb` and `pg_ctl`: on the path, or where Debian puts the newest.
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
