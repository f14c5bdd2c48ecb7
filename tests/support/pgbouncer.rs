//! `PgBouncer` in front of a server of the tests, with Debian's defaults and only the settings that it needs.

use std::{
    fs,
    net::TcpStream,
    os::unix::process::CommandExt,
    process::{Child, Stdio},
    time::{Duration, Instant},
};

use super::{Cluster, free_port};

/// The pooler. A shell ends it as soon as this process ends, in whatever way.
pub struct PgBouncer {
    port: u16,
    shell: Child,
}

impl PgBouncer {
    /// Starts it in front of this server in this mode: `session`, `transaction` or `statement`.
    #[allow(clippy::disallowed_methods, reason = "this code waits without a runtime")]
    pub fn before(cluster: &Cluster, mode: &str) -> Self {
        let port = free_port();
        let server = cluster.folder().display();
        let settings = format!("pgbouncer-{port}.ini");
        let text = format!(
            "[databases]\n* = host={server}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\n\
             unix_socket_dir =\nauth_type = trust\nauth_file = {server}/users.txt\npool_mode = {mode}\n"
        );
        fs::write(cluster.folder().join(&settings), text).expect("a file in the folder");
        fs::write(cluster.folder().join("users.txt"), "\"postgres\" \"\"\n").expect("a file in the folder");
        let shell = cluster
            .as_owner("sh")
            .args(["-c", r#"PATH=$PATH:/usr/sbin; pgbouncer -q "$1" & read -r _; kill $!"#, "cleanup", &settings])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .expect("a shell");
        let started = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(started.elapsed() < Duration::from_secs(10), "PgBouncer did not start; tests/install installs it");
            std::thread::sleep(Duration::from_millis(20));
        }
        Self { port, shell }
    }

    /// Returns the URL of one of the server's databases through the pooler, as in `DATABASE_URL`.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }
}

impl Drop for PgBouncer {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        let _ = self.shell.wait();
    }
}
