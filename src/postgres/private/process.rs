//! Which processes work on a cluster. PostgreSQL's processes all have the cluster as their working folder; a process
//! number alone deceives: it may be a zombie's, or another program's by now.

use std::{fs, io, path::Path, process::Stdio};

use tokio::process::Command;

/// Who is at work in a cluster's folder.
#[derive(Debug, PartialEq, Eq)]
pub enum Inside {
    /// Nobody.
    Nobody,
    /// The server, under this number.
    Server(u32),
    /// Only others that a crashed server left behind, one of them under this number.
    Survivor(u32),
}

/// Looks who is at work in the cluster.
pub async fn inside(cluster: &Path) -> Inside {
    let written = server_number(cluster);
    if !Path::new("/proc/self/cwd").exists() {
        // macOS: no such folder; the server's command line names its cluster.
        return match written {
            Some(pid) if command_line(pid).await.is_some_and(|line| line.contains(&*cluster.to_string_lossy())) => {
                Inside::Server(pid)
            }
            _ => Inside::Nobody,
        };
    }
    if let Some(pid) = written
        && works_in(pid, cluster)
    {
        return Inside::Server(pid);
    }
    let numbers = fs::read_dir("/proc").into_iter().flatten().flatten();
    let mut numbers = numbers.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    numbers.find(|pid| works_in(*pid, cluster)).map_or(Inside::Nobody, Inside::Survivor)
}

/// The number in the first line of the server's own note.
fn server_number(cluster: &Path) -> Option<u32> {
    fs::read_to_string(cluster.join("postmaster.pid")).ok()?.lines().next()?.trim().parse().ok()
}

fn works_in(pid: u32, cluster: &Path) -> bool {
    let is_postgres = || fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(|name| name.starts_with("postgres"));
    fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|folder| folder == cluster) && is_postgres()
}

async fn command_line(pid: u32) -> Option<String> {
    let output = Command::new("ps").args(["-o", "args=", "-p", &pid.to_string()]).output().await.ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Asks the server to end: it ends open transactions, writes everything down and goes.
pub async fn ask_to_end(pid: u32) -> io::Result<()> {
    let mut kill = Command::new("/bin/sh");
    kill.args(["-c", "kill -INT \"$1\"", "sh", &pid.to_string()]).stderr(Stdio::null());
    let status = kill.status().await?;
    if status.success() { Ok(()) } else { Err(io::Error::other(format!("process {pid} takes no signal of ours"))) }
}
