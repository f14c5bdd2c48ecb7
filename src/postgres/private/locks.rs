//! Two locks on files: one is held while the server is started or stopped, the other is shared by everybody who uses
//! it. The kernel gives both back when a process ends, however it ends.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io,
    path::Path,
    time::Duration,
};

use tokio::time::{Instant, sleep};

use super::{super::Error, user::ServerUser};

/// How often a lock that somebody else holds is tried again.
const STEP: Duration = Duration::from_millis(15);

/// Opens a lock's file, which the server's user owns so that a start in another name can open it too.
pub fn open(path: &Path, user: &ServerUser) -> Result<File, Error> {
    let opened = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path);
    let file = opened.map_err(|cause| Error::of_path(path, &user.name, cause))?;
    user.give(path).map_err(|cause| Error::of_path(path, &user.name, cause))?;
    Ok(file)
}

/// Takes the lock for ourselves, waiting for at most this long; false if somebody else still holds it then.
pub async fn take(file: &File, patience: Duration) -> io::Result<bool> {
    let end = Instant::now() + patience;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(true),
            Err(TryLockError::Error(error)) => return Err(error),
            Err(TryLockError::WouldBlock) if Instant::now() >= end => return Ok(false),
            Err(TryLockError::WouldBlock) => sleep(STEP).await,
        }
    }
}
