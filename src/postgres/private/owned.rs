//! Files and folders that belong to the server's user, as we touch them who may be root. That user could put a link where
//! we expect a file of our own, and have us open, overwrite or give away what only root may touch. So everything is
//! reached through a folder that is held open and never through a link, and given away is what was opened, never what
//! has the name by then.

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
    /// The folder at this path; an error if it is a link or somebody else's.
    pub fn open(path: &Path, user: &'a ServerUser) -> io::Result<Self> {
        Self::through(path, path.to_owned(), user)
    }

    /// A folder in this one.
    pub fn folder(&self, name: &str) -> io::Result<Self> {
        Self::through(&self.way(name), self.path.join(name), self.user)
    }

    fn through(way: &Path, path: PathBuf, user: &'a ServerUser) -> io::Result<Self> {
        let opened = open_folder(way)?;
        if !user.owns(&opened.metadata()?) {
            return Err(io::Error::other(format!("it does not belong to the user {}", user.name)));
        }
        Ok(Self { path, opened, user })
    }

    /// The way to something in this very folder, wherever its path leads by now.
    fn way(&self, name: &str) -> PathBuf {
        let opened = PathBuf::from(format!("/proc/self/fd/{}", self.opened.as_raw_fd()));
        // macOS has no such folder; its path must do there.
        if opened.exists() { opened.join(name) } else { self.path.join(name) }
    }

    /// Opens a file with these options, and makes it the user's.
    pub fn file(&self, name: &str, options: &mut OpenOptions) -> io::Result<File> {
        let file = open_file(&self.way(name), options.mode(0o600))?;
        self.user.give(&file)?;
        Ok(file)
    }

    /// Writes a file anew. What had its name is replaced, also where that is a link.
    pub fn write(&self, name: &str, text: &str) -> io::Result<()> {
        let unfinished = format!("{name}.new");
        self.remove(&unfinished)?;
        self.file(&unfinished, File::options().write(true).create_new(true))?.write_all(text.as_bytes())?;
        self.rename(&unfinished, name)
    }

    /// Renames something in this folder.
    pub fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        fs::rename(self.way(from), self.way(to))
    }

    /// Removes a file, if it is there.
    pub fn remove(&self, name: &str) -> io::Result<()> {
        unless_absent(fs::remove_file(self.way(name)))
    }

    /// Removes a folder and everything in it, if it is there.
    pub fn remove_all(&self, name: &str) -> io::Result<()> {
        unless_absent(fs::remove_dir_all(self.way(name)))
    }

    /// Lets nobody else in.
    pub fn close_to_others(&self) -> io::Result<()> {
        self.opened.set_permissions(Permissions::from_mode(0o700))
    }

    /// Makes sure that a power cut undoes no renaming in it.
    pub fn sync(&self) -> io::Result<()> {
        self.opened.sync_all()
    }
}

/// Opens a folder, and no link to one.
pub fn open_folder(path: &Path) -> io::Result<File> {
    let opened = File::options().read(true).custom_flags(libc::O_NOFOLLOW | libc::O_DIRECTORY).open(path);
    opened.map_err(|error| match error.raw_os_error() {
        Some(libc::ELOOP | libc::ENOTDIR) => io::Error::other("it is no folder"),
        _ => error,
    })
}

/// Opens a file with these options: an ordinary one with no other name, and no link.
pub fn open_file(path: &Path, options: &mut OpenOptions) -> io::Result<File> {
    // Nor does it wait for the other end of a pipe.
    let file = options.custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK).open(path).map_err(|error| {
        if error.raw_os_error() == Some(libc::ELOOP) { io::Error::other("it is a link") } else { error }
    })?;
    let meta = file.metadata()?;
    if meta.is_file() && meta.nlink() == 1 { Ok(file) } else { Err(io::Error::other("it is no ordinary file")) }
}

fn unless_absent(done: io::Result<()>) -> io::Result<()> {
    match done {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        done => done,
    }
}
