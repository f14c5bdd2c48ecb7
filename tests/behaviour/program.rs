//! Runs the program as a process with its own data folder.
#![allow(clippy::disallowed_methods, reason = "these tests watch processes from outside, without a runtime")]

use std::{
    ffi::OsStr,
    fs::{self, File},
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    os::unix::{
        fs::{MetadataExt, PermissionsExt, chown},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    thread,
    time::{Duration, Instant},
};

/// A limit that nothing here reaches, even on a slow machine with many tests at once.
const TIME_LIMIT: Duration = Duration::from_mins(1);
/// Debian's `nobody` and `nogroup`.
const NOBODY: u32 = 65534;

/// The user who runs the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum User {
    /// Root, which is possible only if root runs the tests.
    Root,
    /// The user who runs the tests, or `nobody` if that is root.
    Ordinary,
}

/// Whether root runs the tests.
pub fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|meta| meta.uid() == 0)
}

/// A temporary folder. Dropping it stops a server that was left running and deletes everything.
pub struct Folder {
    root: PathBuf,
    path: PathBuf,
}

impl Folder {
    /// Creates a folder that this user may write to.
    pub fn for_user(user: User) -> Self {
        let name = format!("conference-start-{:016x}", getrandom::u64().expect("chance"));
        let path = std::env::temp_dir().canonicalize().expect("a place for temporary things").join(name);
        fs::create_dir(&path).expect("a folder for the test");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("our own folder");
        if is_root() && user == User::Ordinary {
            chown(&path, Some(NOBODY), Some(NOBODY)).expect("root may give a folder away");
        }
        Self { root: path.clone(), path }
    }

    /// Makes the path longer than the address of a socket may be.
    pub fn with_long_path(mut self) -> Self {
        self.path = self.root.join("long-".repeat(25));
        fs::create_dir(&self.path).expect("a folder in our own");
        let owner = fs::metadata(&self.root).expect("our own folder");
        chown(&self.path, Some(owner.uid()), Some(owner.gid())).expect("to the same owner");
        self
    }

    /// Returns the path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the program's `DATA_DIR` in the folder.
    pub fn data(&self) -> PathBuf {
        self.path.join("data")
    }

    /// Returns the folder of the private server's socket.
    pub fn socket(&self) -> PathBuf {
        self.data().join("postgres/socket")
    }

    /// Returns the private server's process id, if it is running.
    pub fn postgres(&self) -> Option<u32> {
        let cluster = self.data().join("postgres/cluster");
        let note = fs::read_to_string(cluster.join("postmaster.pid")).ok()?;
        let pid: u32 = note.lines().next()?.trim().parse().ok()?;
        fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|folder| folder == cluster).then_some(pid)
    }

    /// Takes the lock for starting and stopping the private server, until the file is dropped.
    pub fn holds_start(&self) -> File {
        let lock = File::open(self.data().join("postgres/start.lock")).expect("the lock");
        lock.lock().expect("nobody is starting it");
        lock
    }

    /// Returns all processes of the private server, including those left behind by a crashed server.
    pub fn postgres_processes(&self) -> Vec<u32> {
        let cluster = self.data().join("postgres/cluster");
        let numbers = fs::read_dir("/proc").expect("the processes").flatten();
        let numbers = numbers.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        let inside = |pid: &u32| fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|folder| folder == cluster);
        numbers.filter(inside).collect()
    }

    /// Freezes all processes of the private server until the guard is dropped.
    pub fn freezes_postgres(&self) -> Frozen {
        let pids = self.postgres_processes();
        for pid in &pids {
            signal(*pid, "STOP");
        }
        Frozen(pids)
    }

    /// Kills the private server with SIGKILL.
    pub fn kill_postgres(&self) {
        let pid = self.postgres().expect("the server runs");
        signal(pid, "KILL");
        let killed = Instant::now();
        while self.postgres().is_some() {
            assert!(killed.elapsed() < TIME_LIMIT, "the server does not die");
            thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let Some(pid) = self.postgres() {
            signal(pid, "QUIT");
        }
        let _ = fs::remove_dir_all(&self.root);
    }
}

/// Processes that are frozen until this is dropped.
pub struct Frozen(Vec<u32>);

impl Drop for Frozen {
    fn drop(&mut self) {
        for pid in &self.0 {
            signal(*pid, "CONT");
        }
    }
}

fn signal(pid: u32, name: &str) {
    // A process that has ended in the meantime is not an error.
    let _ = Command::new("kill").args([&format!("-{name}"), &pid.to_string()]).stderr(Stdio::null()).status();
}

/// Creates a command that runs the program with these arguments on a free port, with its data in the folder and without
/// the test's environment variables.
pub fn command(folder: &Folder, user: User, arguments: &[&str]) -> Command {
    let mut command = as_user(user, &reachable_program(folder));
    command.args(arguments).current_dir("/").env_clear();
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command.env("DATA_DIR", folder.data()).env("LISTEN", "127.0.0.1:0");
    command
}

/// Creates a command that runs any program as this user.
pub fn as_user(user: User, program: &Path) -> Command {
    let mut command = Command::new(program);
    if is_root() && user == User::Ordinary {
        command.uid(NOBODY).gid(NOBODY);
    }
    command
}

/// Creates the same command on its own terminal, so that a test can type into it.
pub fn on_terminal(inner: &Command) -> Command {
    let quoted = |word: &OsStr| format!("'{}'", word.to_string_lossy().replace('\'', r"'\''"));
    let words: Vec<_> = std::iter::once(inner.get_program()).chain(inner.get_args()).map(quoted).collect();
    let mut script = Command::new("script");
    // `exec` replaces the shell, because Ctrl-C would end it too.
    script.args(["-qec", &format!("exec {}", words.join(" ")), "/dev/null"]).current_dir("/").env_clear();
    script.envs(inner.get_envs().filter_map(|(name, value)| Some((name, value?))));
    script
}

/// Returns the program, or a copy that the folder's user can run if the checkout is in root's home folder.
fn reachable_program(folder: &Folder) -> PathBuf {
    let built = PathBuf::from(env!("CARGO_BIN_EXE_conference"));
    let open = |path: &Path| fs::metadata(path).is_ok_and(|meta| meta.mode() & 0o001 != 0);
    if !is_root() || built.ancestors().all(open) {
        return built;
    }
    let copy = folder.root.join("conference");
    if !copy.exists() {
        fs::copy(&built, &copy).expect("room for a copy of the program");
    }
    copy
}

/// Runs a command of the program and waits for its end.
pub fn run(folder: &Folder, user: User, arguments: &[&str]) -> Ended {
    let mut command = command(folder, user, arguments);
    if let Ok(port) = fs::read_to_string(folder.path().join("port")) {
        // The address of the server that is running in this folder.
        command.env("PUBLIC_URL", format!("http://localhost:{port}"));
    }
    Program::spawn(command, folder).ended()
}

/// How a process ended, and its output.
pub struct Ended {
    /// Whether the status was 0.
    pub success: bool,
    /// The standard output and standard error.
    pub said: String,
}

/// A running process. Dropping it asks the process to end and waits.
pub struct Program {
    child: Child,
    lines: Receiver<String>,
    said: String,
    port_note: PathBuf,
}

impl Program {
    /// Starts the program and waits until it serves.
    pub fn start(folder: &Folder, user: User) -> Self {
        let mut program = Self::spawn(command(folder, user, &[]), folder);
        program.waits_for("The conference is open at");
        program.waits_for("First administrator");
        fs::write(&program.port_note, program.port().to_string()).expect("a note beside the data");
        program
    }

    /// Starts any command.
    pub fn spawn(mut command: Command, folder: &Folder) -> Self {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program can be run");
        let (send, lines) = channel();
        let outputs: [Box<dyn Read + Send>; 2] =
            [Box::new(child.stdout.take().expect("piped")), Box::new(child.stderr.take().expect("piped"))];
        for output in outputs {
            let send = send.clone();
            thread::spawn(move || {
                for line in BufReader::new(output).lines().map_while(Result::ok) {
                    let _ = send.send(line);
                }
            });
        }
        Self { child, lines, said: String::new(), port_note: folder.path().join("port") }
    }

    /// Waits until the output contains these words.
    pub fn waits_for(&mut self, words: &str) {
        let end = Instant::now() + TIME_LIMIT;
        while !self.said.contains(words) {
            match self.lines.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(line) => self.said.extend([line.as_str(), "\n"]),
                Err(RecvTimeoutError::Timeout) => panic!("it does not say {words:?} but: {}", self.said),
                Err(RecvTimeoutError::Disconnected) => panic!("it ended without {words:?} and said: {}", self.said),
            }
        }
    }

    /// Types into the process. On a terminal, `\x03` is Ctrl-C and `\x04` is Ctrl-D.
    pub fn types(&mut self, text: &str) {
        self.child.stdin.as_mut().expect("piped").write_all(text.as_bytes()).expect("it listens");
    }

    /// Returns the output so far.
    pub fn said(&self) -> String {
        self.said.clone()
    }

    /// Returns the address that the program printed.
    pub fn url(&self) -> String {
        let line = self.said.lines().find_map(|line| line.split_once("open at ")).expect("it said where it is");
        line.1.trim().to_owned()
    }

    fn port(&self) -> u16 {
        self.url().rsplit(':').next().and_then(|port| port.parse().ok()).expect("a port")
    }

    /// Opens a connection to the program.
    pub fn connect(&self) -> Connection {
        let stream = TcpStream::connect(("127.0.0.1", self.port())).expect("it listens");
        stream.set_read_timeout(Some(TIME_LIMIT)).expect("a time");
        Connection(stream)
    }

    /// Requests a page.
    pub fn get(&self, path: &str) -> Answer {
        let mut connection = self.connect();
        connection.send(&format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"));
        let mut text = Vec::new();
        connection.0.read_to_end(&mut text).expect("an answer");
        let text = String::from_utf8_lossy(&text);
        let (head, body) = text.split_once("\r\n\r\n").expect("an answer in HTTP");
        let status = head.split(' ').nth(1).and_then(|word| word.parse().ok()).expect("a status");
        Answer { status, body: body.to_owned() }
    }

    /// Returns the process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends SIGTERM.
    pub fn terminate(&self) {
        self.signal("TERM");
    }

    /// Sends a signal.
    pub fn signal(&self, name: &str) {
        signal(self.child.id(), name);
    }

    /// Kills the process, as in a power cut.
    pub fn kill(&mut self) {
        self.child.kill().expect("it is ours");
        self.child.wait().expect("it is ours");
    }

    /// Waits for the end of the process.
    pub fn wait(mut self) -> ExitStatus {
        self.waits_for_end()
    }

    /// Waits for the end of the process and returns its output.
    pub fn ended(mut self) -> Ended {
        let success = self.waits_for_end().success();
        while let Ok(line) = self.lines.recv_timeout(Duration::from_secs(1)) {
            self.said.extend([line.as_str(), "\n"]);
        }
        Ended { success, said: std::mem::take(&mut self.said) }
    }

    /// Asks the process to end and returns its output.
    pub fn ends_with_words(self) -> String {
        self.terminate();
        self.ended().said
    }

    /// Sends SIGTERM. The process must end with status 0.
    pub fn ends_well(mut self) {
        self.terminate();
        let status = self.waits_for_end();
        assert!(status.success(), "{status}");
    }

    fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    fn waits_for_end(&mut self) -> ExitStatus {
        let since = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("it is ours") {
                return status;
            }
            assert!(since.elapsed() < TIME_LIMIT, "it does not end");
            thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        if self.is_running() {
            self.terminate();
            let since = Instant::now();
            while since.elapsed() < Duration::from_secs(10) && self.is_running() {
                thread::sleep(Duration::from_millis(10));
            }
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

/// A response.
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The body.
    pub body: String,
}

/// A connection on which a test can send anything.
pub struct Connection(TcpStream);

impl Connection {
    /// Sends the text as it is.
    pub fn send(&self, text: &str) {
        (&self.0).write_all(text.as_bytes()).expect("the connection is open");
    }

    /// Waits until data arrive or the connection is closed, and returns whether it is open.
    pub fn is_open(&self) -> bool {
        (&self.0).read(&mut [0; 4096]).is_ok_and(|count| count > 0)
    }

    /// Receives a complete response with a content length.
    pub fn receive_whole(&self) -> String {
        let mut bytes = Vec::new();
        loop {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            if let Some((head, body)) = text.split_once("\r\n\r\n") {
                let length = head.to_ascii_lowercase();
                let length = length.split("content-length: ").nth(1).and_then(|rest| rest.lines().next()?.parse().ok());
                if body.len() >= length.unwrap_or(0_usize) {
                    return text;
                }
            }
            let mut more = [0; 16 * 1024];
            let count = (&self.0).read(&mut more).expect("an answer");
            assert!(count > 0, "the connection ended in the middle of {text}");
            bytes.extend_from_slice(&more[..count]);
        }
    }

    /// Receives the next data.
    pub fn receive_some(&self) -> String {
        let mut bytes = [0; 4096];
        loop {
            match (&self.0).read(&mut bytes) {
                Ok(count) => return String::from_utf8_lossy(&bytes[..count]).into_owned(),
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => panic!("no answer: {error}"),
            }
        }
    }
}
