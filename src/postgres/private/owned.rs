//! Access to files and folders that belong to the server's user, by a process that may be root. That user could replace
//! one of our files with a link and so make us open, overwrite or give away a file that only root may touch. So
//! everything is reached through a folder that is held open, links are never followed, and the owner is changed through
//! the open file, never through its name.

use std::{
    fs::{self, File, OpenOptions, Permissions},
    io::{self, Write},
    os::{
        fd::AsRawFd,
        unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt},
    },
    path::{Path, PathBuf},
};

use super::user::ServerUser;

/// A folder of the server's user, held open.
#[derive(Debug)]
pub struct OwnedFolder<'a> {
    path: PathBuf,
    opened: File,
    user: &'a ServerUser,
}

impl<'a> OwnedFolder<'a> {
    /// Opens the folder at this path; fails if it is a link or belongs to somebody else.
    pub fn open(path: &Path, user: &'a ServerUser) -> io::Result<Self> {
        Self::open_at(path, path.to_owned(), user)
    }

    /// Opens a folder in this one.
    pub fn folder(&self, name: &str) -> io::Result<Self> {
        Self::open_at(&self.entry(name), self.path.join(name), self.user)
    }

    fn open_at(entry: &Path, path: PathBuf, user: &'a ServerUser) -> io::Result<Self> {
        let opened = open_folder(entry)?;
        if !user.owns(&opened.metadata()?) {
            return Err(io::Error::other(format!("it does not belong to the user {}", user.name)));
        }
        Ok(Self { path, opened, user })
    }

    /// Returns a path to an entry of this very folder, even if the folder's own path leads elsewhere by now.
    fn entry(&self, name: &str) -> PathBuf {
        let opened = PathBuf::from(format!("/proc/self/fd/{}", self.opened.as_raw_fd()));
        // macOS has no /proc; use the ordinary path there.
        if opened.exists() { opened.join(name) } else { self.path.join(name) }
    }

    /// Opens a file with these options and makes the server's user its owner.
    pub fn file(&self, name: &str, options: &mut OpenOptions) -> io::Result<File> {
        let file = open_file(&self.entry(name), options.mode(0o600))?;
        self.user.make_owner_of(&file)?;
        Ok(file)
    }

    /// Writes a file under a temporary name and renames it, so that an existing file or link of that name is replaced.
    pub fn write(&self, name: &str, text: &str) -> io::Result<()> {
        let unfinished = format!("{name}.new");
        self.remove(&unfinished)?;
        self.file(&unfinished, File::options().write(true).create_new(true))?.write_all(text.as_bytes())?;
        self.rename(&unfinished, name)
    }

    /// Renames an entry of this folder.
    pub fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        fs::rename(self.entry(from), self.entry(to))
    }

    /// Removes a file if it exists.
    pub fn remove(&self, name: &str) -> io::Result<()> {
        ignore_absent(fs::remove_file(self.entry(name)))
    }

    /// Removes a folder and everything in it if it exists.
    pub fn remove_all(&self, name: &str) -> io::Result<()> {
        ignore_absent(fs::remove_dir_all(self.entry(name)))
    }

    /// Restricts the folder to its owner (mode 0700).
    pub fn restrict_to_owner(&self) -> io::Result<()> {
        self.opened.set_permissions(Permissions::from_mode(0o700))
    }

    /// Makes sure that renames in this folder survive a power cut.
    pub fn sync(&self) -> io::Result<()> {
        self.opened.sync_all()
    }
}

/// Opens a folder, but not a link to one.
pub fn open_folder(path: &Path) -> io::Result<File> {
    let opened = File::options().read(true).custom_flags(libc::O_NOFOLLOW | libc::O_DIRECTORY).open(path);
    opened.map_err(|error| match error.raw_os_error() {
        Some(libc::ELOOP | libc::ENOTDIR) => io::Error::other("it is not a folder"),
        _ => error,
    })
}

/// Opens a file with these options; fails unless it is an ordinary file with one name and not a link.
pub fn open_file(path: &Path, options: &mut OpenOptions) -> io::Result<File> {
    // O_NONBLOCK: do not wait for the other end if it is a named pipe.
    let file = options.custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK).open(path).map_err(|error| {
        if error.raw_os_error() == Some(libc::ELOOP) { io::Error::other("it is a link") } else { error }
    })?;
    let meta = file.metadata()?;
    if meta.is_file() && meta.nlink() == 1 { Ok(file) } else { Err(io::Error::other("it is not an ordinary file")) }
}

fn ignore_absent(done: io::Result<()>) -> io::Result<()> {
    match done {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        done => done,
    }
}
