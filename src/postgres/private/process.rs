//! Finds the processes that work on a cluster. All PostgreSQL processes have the cluster as their working folder. A
//! process number alone is not enough: it may belong to a zombie, or to another program by now.

use std::{fs, io, os::unix::fs::MetadataExt, path::Path, process::Stdio};

use tokio::process::Command;

use super::{cluster::CLUSTER_NAME, user::ServerUser};

/// The processes at work in a cluster's folder.
#[derive(Debug, PartialEq, Eq)]
pub enum Inside {
    /// None.
    Nobody,
    /// The server, with this process number.
    Server(u32),
    /// No server, but processes that a crashed server left behind; this is the number of one of them.
    Survivor(u32),
}

/// Finds out which processes work in the cluster.
pub async fn inside(cluster: &Path) -> Inside {
    let written = server_number(cluster);
    if !Path::new("/proc/self/cwd").exists() {
        // macOS has no /proc; the server's command line contains the path of its cluster.
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

/// Lists the numbers of all processes.
fn numbers() -> impl Iterator<Item = u32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

/// Reads the process number in the first line of the server's `postmaster.pid`.
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

/// Asks the server for a fast shutdown (SIGINT): it aborts open transactions, writes its data to disk and ends.
pub async fn request_stop(pid: u32) -> io::Result<()> {
    signal(&[pid], "INT").await
}

/// Sends this signal to all processes that a crashed server left behind in the cluster. Sends none if any of them may
/// be something else, such as a repair by hand (`postgres --single`) or a server whose `postmaster.pid` was removed.
pub async fn signal_survivors(cluster: &Path, user: &ServerUser, name: &str) -> io::Result<()> {
    let survivors: Vec<_> = numbers().filter(|pid| works_in(*pid, cluster)).collect();
    let all_are_ours = survivors.iter().all(|pid| is_servers_child(*pid, cluster, user));
    if all_are_ours { signal(&survivors, name).await } else { Ok(()) }
}

/// Returns whether this is a process that our own server started. Their titles are `postgres: conference: …`. The
/// working folder is compared by device and inode, not by path: a container may have another folder at the same path.
fn is_servers_child(pid: u32, cluster: &Path, user: &ServerUser) -> bool {
    let process = format!("/proc/{pid}");
    let folder = |path: &Path| fs::metadata(path).ok().map(|meta| (meta.dev(), meta.ino()));
    let works_in = folder(&Path::new(&process).join("cwd"));
    let has_server_title = || {
        let title = fs::read(format!("{process}/cmdline"));
        title.is_ok_and(|title| title.starts_with(format!("postgres: {CLUSTER_NAME}: ").as_bytes()))
    };
    works_in.is_some()
        && works_in == folder(cluster)
        && fs::metadata(&process).is_ok_and(|meta| user.owns(&meta))
        && has_server_title()
}

async fn signal(pids: &[u32], name: &str) -> io::Result<()> {
    let mut kill = Command::new("/bin/sh");
    kill.args(["-c", "kill \"$@\"", "sh", &format!("-{name}")]).args(pids.iter().map(ToString::to_string));
    let status = kill.stderr(Stdio::null()).status().await?;
    if status.success() {
        Ok(())
    } else {
        Err(io::Error::other(format!("the processes {pids:?} could not be signalled")))
    }
}
