//! Where the private server lives: its folder, its socket, its log, and the user that owns them.

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

/// The kernel takes no longer path for a socket, its ending zero included.
const LONGEST_SOCKET: usize = 107;
/// Where root keeps the data of a folder that no other user gets into.
const ROOTS_OTHER_PLACE: &str = "/var/lib/conference";
/// A log that has grown beyond this is put aside at the next start.
const LARGE_LOG: u64 = 8 * 1024 * 1024;

/// The private server's place.
#[derive(Clone, Debug)]
pub struct Place {
    /// Everything of the private server, for nobody else to look into.
    pub folder: PathBuf,
    /// Where its socket is.
    pub socket_folder: PathBuf,
    /// Who owns it all.
    pub user: ServerUser,
}

/// Whether there is a private server's cluster under this `DATA_DIR`, as far as we may look.
pub fn is_under(data_dir: &Path) -> bool {
    let Ok(data_dir) = data_dir.canonicalize() else { return false };
    let is_there = |folder: &Path| {
        // One that we may not look into is there; what to do about it is said when it is opened.
        let found = fs::symlink_metadata(folder.join("cluster"));
        found.map_or_else(|error| error.kind() == io::ErrorKind::PermissionDenied, |_| true)
    };
    is_there(&data_dir.join("postgres")) || is_there(&elsewhere(&data_dir))
}

/// Where root keeps the data of a `DATA_DIR` that the server's user does not get into.
fn elsewhere(data_dir: &Path) -> PathBuf {
    Path::new(ROOTS_OTHER_PLACE).join(flattened(data_dir))
}

impl Place {
    /// The place under this `DATA_DIR`, made if it is not there yet.
    pub async fn under(data_dir: &Path) -> Result<Self, Error> {
        let me = "of this process";
        make_folder(data_dir, 0o711).map_err(|cause| Error::of_path(data_dir, me, cause))?;
        let data_dir = data_dir.canonicalize().map_err(|cause| Error::of_path(data_dir, me, cause))?;
        let folder = data_dir.join("postgres");
        let user = ServerUser::choose(&data_dir, &folder).await?;
        let elsewhere = elsewhere(&data_dir);
        let moved = user.is_other() && elsewhere.join("cluster").exists() && !folder.join("cluster").exists();
        if !moved {
            own_folder(&folder, &user)?;
            if !user.is_other() || user.reaches(&folder).await {
                return Self::at(&folder, user);
            }
            // Left empty it would only puzzle people; with anything in it, this fails, and that is right.
            let _ = fs::remove_dir(&folder);
        }
        let parent = Path::new(ROOTS_OTHER_PLACE);
        make_folder(parent, 0o711).map_err(|cause| Error::of_path(parent, me, cause))?;
        let user = if elsewhere.exists() { ServerUser::choose(parent, &elsewhere).await? } else { user };
        own_folder(&elsewhere, &user)?;
        Self::at(&elsewhere, user)
    }

    fn at(folder: &Path, user: ServerUser) -> Result<Self, Error> {
        // The kernel reports working folders without links in them, and processes are known by theirs.
        let folder = folder.canonicalize().map_err(|cause| Error::of_path(folder, &user.name, cause))?;
        let mut socket_folder = folder.join("socket");
        if socket_folder.join(".s.PGSQL.5432").as_os_str().len() > LONGEST_SOCKET {
            let name = &HEXLOWER.encode(&Sha256::digest(folder.as_os_str().as_bytes()))[..16];
            socket_folder = PathBuf::from(format!("/tmp/conference-{name}"));
        }
        own_folder(&socket_folder, &user)?;
        Ok(Self { folder, socket_folder, user })
    }

    /// Its folder, held open.
    pub fn open(&self) -> io::Result<OwnedFolder<'_>> {
        OwnedFolder::open(&self.folder, &self.user)
    }

    /// PostgreSQL's data folder.
    pub fn cluster(&self) -> PathBuf {
        self.folder.join("cluster")
    }

    /// What the server says.
    pub fn log(&self) -> PathBuf {
        self.folder.join("server.log")
    }

    /// Puts a log aside that has grown large; the one before it is given up.
    pub fn turn_log(&self) {
        if fs::metadata(self.log()).is_ok_and(|meta| meta.len() > LARGE_LOG) {
            let _ = fs::rename(self.log(), self.log().with_extension("log.1"));
        }
    }

    /// Where the log ends now.
    pub fn log_end(&self) -> u64 {
        fs::metadata(self.log()).map_or(0, |meta| meta.len())
    }

    /// What the log says from there on.
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

    /// The sentence for what initdb or the server said before it gave up.
    pub fn failure(&self, output: &str) -> Error {
        let folder = self.folder.display().to_string();
        if output.contains("No space left on device") || output.contains("Disk quota exceeded") {
            return Error::NoRoom(folder);
        }
        let telling = |line: &&str| ["FATAL", "PANIC", "error:"].iter().any(|word| line.contains(word));
        let lines: Vec<_> = output.lines().filter(|line| !line.trim().is_empty()).collect();
        let words = lines.iter().copied().find(telling).or(lines.last().copied()).unwrap_or("it said nothing");
        Error::Failed { words: words.trim().to_owned(), log: self.log().display().to_string() }
    }
}

/// A folder's name for the whole path it stands for: readable, and different for different paths.
fn flattened(path: &Path) -> String {
    let readable = path.display().to_string().trim_matches('/').replace('/', "-");
    format!("{readable}-{}", &HEXLOWER.encode(&Sha256::digest(path.as_os_str().as_bytes()))[..8])
}

fn make_folder(path: &Path, mode: u32) -> io::Result<()> {
    if path.is_dir() { Ok(()) } else { DirBuilder::new().recursive(true).mode(mode).create(path) }
}

/// A folder that the server's user owns and nobody else looks into. One that is there already is used only if that is
/// so: in /tmp, anybody could have made it.
fn own_folder(path: &Path, user: &ServerUser) -> Result<(), Error> {
    let broken = |cause| Error::of_path(path, &user.name, cause);
    match DirBuilder::new().mode(0o700).create(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(broken(error)),
        _ => {}
    }
    let opened = owned::open_folder(path).map_err(broken)?;
    let meta = opened.metadata().map_err(broken)?;
    if user.is_other() && meta.uid() == 0 {
        // Made just now, or by a start as root that did not come to give it away.
        user.give(&opened).map_err(broken)?;
    } else if !user.owns(&meta) {
        return Err(broken(io::Error::other(format!("it is no folder of the user {}", user.name))));
    }
    if meta.permissions().mode() & 0o077 != 0 {
        opened.set_permissions(fs::Permissions::from_mode(0o700)).map_err(broken)?;
    }
    Ok(())
}
