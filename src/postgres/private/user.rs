//! In whose name PostgreSQL runs. It refuses root, so root hands it to another user.

use std::{
    fs::File,
    io,
    os::unix::fs::{MetadataExt, fchown},
    path::Path,
    process::Stdio,
};

use tokio::process::Command;

use super::super::Error;

const ROOT: u32 = 0;

/// The user that PostgreSQL runs as and that owns its data.
#[derive(Clone, Debug)]
pub struct ServerUser {
    /// The name that the kernel's `peer` check reports.
    pub name: String,
    uid: u32,
    gid: u32,
    /// Whether we are root and must become that user first.
    switch: bool,
}

impl ServerUser {
    /// Ourselves; or, where we are root, the owner of the data if that is somebody else, else `postgres`, else `nobody`.
    pub async fn choose(data_dir: &Path, folder: &Path) -> Result<Self, Error> {
        let me = number(&["-u"]).await?;
        if me != ROOT {
            return Ok(Self { name: word(&["-un"]).await?, uid: me, gid: number(&["-g"]).await?, switch: false });
        }
        let owner = |path: &Path| path.metadata().map(|meta| meta.uid()).ok().filter(|uid| *uid != ROOT);
        if let Some(uid) = owner(folder).or_else(|| owner(data_dir)) {
            return Self::other(&uid.to_string()).await;
        }
        match Self::other("postgres").await {
            Ok(user) => Ok(user),
            Err(_) => Self::other("nobody").await,
        }
    }

    async fn other(who: &str) -> Result<Self, Error> {
        let [uid, gid] = [number(&["-u", who]).await?, number(&["-g", who]).await?];
        Ok(Self { name: word(&["-un", who]).await?, uid, gid, switch: true })
    }

    /// Whether PostgreSQL runs as somebody else than we do.
    pub fn is_other(&self) -> bool {
        self.switch
    }

    /// Whether a file is this user's.
    pub fn owns(&self, meta: &std::fs::Metadata) -> bool {
        meta.uid() == self.uid
    }

    /// Gives an opened file or folder to this user.
    pub fn give(&self, opened: &File) -> io::Result<()> {
        if self.switch { fchown(opened, Some(self.uid), Some(self.gid)) } else { Ok(()) }
    }

    /// A program to run as this user: in a process group of its own, so that Ctrl-C in our terminal spares it, and
    /// with nothing of our environment, which may hold secrets and settings of other PostgreSQL servers.
    pub fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.env_clear().current_dir("/").process_group(0).stdin(Stdio::null());
        if let Some(path) = std::env::var_os("PATH") {
            command.env("PATH", path);
        }
        if self.switch {
            command.uid(self.uid).gid(self.gid);
        }
        command
    }

    /// Whether this user gets into the folder: every folder above must let it through.
    pub async fn reaches(&self, folder: &Path) -> bool {
        let mut look = self.command(Path::new("/bin/sh"));
        look.args(["-c", "cd -- \"$1\"", "sh"]).arg(folder).stdout(Stdio::null()).stderr(Stdio::null());
        look.status().await.is_ok_and(|status| status.success())
    }
}

/// Whether root runs this process.
pub async fn is_root() -> Result<bool, Error> {
    Ok(number(&["-u"]).await? == ROOT)
}

async fn word(args: &[&str]) -> Result<String, Error> {
    let output = Command::new("id").args(args).output().await;
    let output = output.map_err(|cause| Error::Program { program: "id".into(), cause })?;
    let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    if output.status.success() && !text.is_empty() {
        return Ok(text);
    }
    let words = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(Error::Program { program: format!("id {}", args.join(" ")), cause: io::Error::other(words) })
}

async fn number(args: &[&str]) -> Result<u32, Error> {
    let text = word(args).await?;
    text.parse().map_err(|_| Error::Program { program: "id".into(), cause: io::Error::other(text) })
}
