//! Which processes work on a cluster. PostgreSQL's processes all have the cluster as their working folder; a process
//! number alone deceives: it may be a zombie's, or another program's by now.

use std::{fs, io, os::unix::fs::MetadataExt, path::Path, process::Stdio};

use tokio::process::Command;

use super::{cluster::CLUSTER_NAME, user::ServerUser};

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
    numbers().find(|pid| works_in(*pid, cluster)).map_or(Inside::Nobody, Inside::Survivor)
}

/// The numbers of all processes.
fn numbers() -> impl Iterator<Item = u32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
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
    signal(&[pid], "INT").await
}

/// Sends this signal to everything that a crashed server left behind in the cluster. If anything there may be something
/// else, such as a repair by hand (`postgres --single`) or a server whose note was removed, nothing is touched.
pub async fn signal_survivors(cluster: &Path, user: &ServerUser, name: &str) -> io::Result<()> {
    let survivors: Vec<_> = numbers().filter(|pid| works_in(*pid, cluster)).collect();
    let all_are_ours = survivors.iter().all(|pid| is_servers_child(*pid, cluster, user));
    if all_are_ours { signal(&survivors, name).await } else { Ok(()) }
}

/// Whether this is a process that our own server started to work for it. Those are called `postgres: conference: …`. The
/// folder itself is compared, and not its path: a container may have another folder at the same path.
fn is_servers_child(pid: u32, cluster: &Path, user: &ServerUser) -> bool {
    let process = format!("/proc/{pid}");
    let folder = |path: &Path| fs::metadata(path).ok().map(|meta| (meta.dev(), meta.ino()));
    let works_in = folder(&Path::new(&process).join("cwd"));
    let is_called_so = || {
        let title = fs::read(format!("{process}/cmdline"));
        title.is_ok_and(|title| title.starts_with(format!("postgres: {CLUSTER_NAME}: ").as_bytes()))
    };
    works_in.is_some()
        && works_in == folder(cluster)
        && fs::metadata(&process).is_ok_and(|meta| user.owns(&meta))
        && is_called_so()
}

async fn signal(pids: &[u32], name: &str) -> io::Result<()> {
    let mut kill = Command::new("/bin/sh");
    kill.args(["-c", "kill \"$@\"", "sh", &format!("-{name}")]).args(pids.iter().map(ToString::to_string));
    let status = kill.stderr(Stdio::null()).status().await?;
    if status.success() { Ok(()) } else { Err(io::Error::other(format!("no signal of ours reaches {pids:?}"))) }
}
