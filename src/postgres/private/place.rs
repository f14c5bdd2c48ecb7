//! Where the private server is: its folder, its socket, its log, and the user that owns them.

use std::{
    fs::{self, DirBuilder, File},
    io::{self, Read, Seek, SeekFrom},
    os::unix::{
        ffi::OsStrExt,
        fs::{DirBuilderExt, MetadataExt, PermissionsExt},
    },
    path::{Path, PathBuf},
};

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use super::{
    super::Error,
    owned::{self, OwnedFolder},
    user::ServerUser,
};

/// The longest path that the kernel accepts for a socket, in bytes.
const LONGEST_SOCKET: usize = 107;
/// The parent of the folder that is used when root starts the program and the server's user cannot enter `DATA_DIR`.
const FALLBACK_PARENT: &str = "/var/lib/conference";
/// A log that is larger than this, in bytes, is renamed at the next start.
const LARGE_LOG: u64 = 8 * 1024 * 1024;

/// The location of the private server.
#[derive(Clone, Debug)]
pub struct Place {
    /// The folder with all its files, which nobody else can read.
    pub folder: PathBuf,
    /// The folder with its socket.
    pub socket_folder: PathBuf,
    /// The user who owns both.
    pub user: ServerUser,
}

/// Returns whether there is a private server's cluster under this `DATA_DIR`, as far as this process can see.
pub fn is_under(data_dir: &Path) -> bool {
    let Ok(data_dir) = data_dir.canonicalize() else { return false };
    let is_there = |folder: &Path| {
        // A folder that we may not read counts as existing; opening it reports what to do about it.
        let found = fs::symlink_metadata(folder.join("cluster"));
        found.map_or_else(|error| error.kind() == io::ErrorKind::PermissionDenied, |_| true)
    };
    is_there(&data_dir.join("postgres")) || is_there(&fallback(&data_dir))
}

/// Returns the folder that is used instead of a `DATA_DIR` that the server's user cannot enter.
fn fallback(data_dir: &Path) -> PathBuf {
    Path::new(FALLBACK_PARENT).join(flattened(data_dir))
}

impl Place {
    /// Finds the location under this `DATA_DIR` and creates its folders if they are missing.
    pub async fn under(data_dir: &Path) -> Result<Self, Error> {
        let me = "of this process";
        make_folder(data_dir, 0o711).map_err(|cause| Error::of_path(data_dir, me, cause))?;
        let data_dir = data_dir.canonicalize().map_err(|cause| Error::of_path(data_dir, me, cause))?;
        let folder = data_dir.join("postgres");
        let user = ServerUser::choose(&data_dir, &folder).await?;
        let fallback = fallback(&data_dir);
        let moved = user.is_other() && fallback.join("cluster").exists() && !folder.join("cluster").exists();
        if !moved {
            ensure_owned_folder(&folder, &user)?;
            if !user.is_other() || user.can_enter(&folder).await {
                return Self::at(&folder, user);
            }
            // An empty folder would only confuse people. If it is not empty, removing it fails, as it should.
            let _ = fs::remove_dir(&folder);
        }
        let parent = Path::new(FALLBACK_PARENT);
        make_folder(parent, 0o711).map_err(|cause| Error::of_path(parent, me, cause))?;
        let user = if fallback.exists() { ServerUser::choose(parent, &fallback).await? } else { user };
        ensure_owned_folder(&fallback, &user)?;
        Self::at(&fallback, user)
    }

    fn at(folder: &Path, user: ServerUser) -> Result<Self, Error> {
        // The kernel reports working folders with links resolved, and processes are recognised by their working folder.
        let folder = folder.canonicalize().map_err(|cause| Error::of_path(folder, &user.name, cause))?;
        let mut socket_folder = folder.join("socket");
        if socket_folder.join(".s.PGSQL.5432").as_os_str().len() > LONGEST_SOCKET {
            let name = &HEXLOWER.encode(&Sha256::digest(folder.as_os_str().as_bytes()))[..16];
            socket_folder = PathBuf::from(format!("/tmp/conference-{name}"));
        }
        ensure_owned_folder(&socket_folder, &user)?;
        Ok(Self { folder, socket_folder, user })
    }

    /// Opens its folder.
    pub fn open(&self) -> io::Result<OwnedFolder<'_>> {
        OwnedFolder::open(&self.folder, &self.user)
    }

    /// Returns PostgreSQL's data folder.
    pub fn cluster(&self) -> PathBuf {
        self.folder.join("cluster")
    }

    /// Returns the path of the server's log.
    pub fn log(&self) -> PathBuf {
        self.folder.join("server.log")
    }

    /// Renames a log that has grown large, replacing the one that was renamed before.
    pub fn rotate_log(&self) {
        if fs::metadata(self.log()).is_ok_and(|meta| meta.len() > LARGE_LOG) {
            let _ = fs::rename(self.log(), self.log().with_extension("log.1"));
        }
    }

    /// Returns the current length of the log in bytes.
    pub fn log_end(&self) -> u64 {
        fs::metadata(self.log()).map_or(0, |meta| meta.len())
    }

    /// Returns what was written to the log after this position, up to 64 KiB.
    pub fn log_since(&self, start: u64) -> String {
        let read = || -> io::Result<String> {
            let mut log = owned::open_file(&self.log(), File::options().read(true))?;
            log.seek(SeekFrom::Start(start))?;
            let mut bytes = Vec::new();
            log.take(64 * 1024).read_to_end(&mut bytes)?;
            Ok(String::from_utf8_lossy(&bytes).into_owned())
        };
        read().unwrap_or_default()
    }

    /// Returns the error for what initdb or the server printed before it failed.
    pub fn failure(&self, output: &str) -> Error {
        let folder = self.folder.display().to_string();
        if output.contains("No space left on device") || output.contains("Disk quota exceeded") {
            return Error::NoRoom(folder);
        }
        let is_error = |line: &&str| ["FATAL", "PANIC", "error:"].iter().any(|word| line.contains(word));
        let lines: Vec<_> = output.lines().filter(|line| !line.trim().is_empty()).collect();
        let words = lines.iter().copied().find(is_error).or(lines.last().copied()).unwrap_or("it gave no reason");
        Error::Failed { words: words.trim().to_owned(), log: self.log().display().to_string() }
    }
}

/// Returns a folder name that stands for a whole path: readable, and different for different paths.
fn flattened(path: &Path) -> String {
    let readable = path.display().to_string().trim_matches('/').replace('/', "-");
    format!("{readable}-{}", &HEXLOWER.encode(&Sha256::digest(path.as_os_str().as_bytes()))[..8])
}

fn make_folder(path: &Path, mode: u32) -> io::Result<()> {
    if path.is_dir() { Ok(()) } else { DirBuilder::new().recursive(true).mode(mode).create(path) }
}

/// Makes sure that a folder exists that the server's user owns and nobody else can read. A folder that exists already
/// is used only if this user owns it, because in /tmp anybody could have created it.
fn ensure_owned_folder(path: &Path, user: &ServerUser) -> Result<(), Error> {
    let broken = |cause| Error::of_path(path, &user.name, cause);
    match DirBuilder::new().mode(0o700).create(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(broken(error)),
        _ => {}
    }
    let opened = owned::open_folder(path).map_err(broken)?;
    let meta = opened.metadata().map_err(broken)?;
    if user.is_other() && meta.uid() == 0 {
        // It was created just now, or by a start as root that ended before it changed the owner.
        user.make_owner_of(&opened).map_err(broken)?;
    } else if !user.owns(&meta) {
        return Err(broken(io::Error::other(format!("it does not belong to the user {}", user.name))));
    }
    if meta.permissions().mode() & 0o077 != 0 {
        opened.set_permissions(fs::Permissions::from_mode(0o700)).map_err(broken)?;
    }
    Ok(())
}
