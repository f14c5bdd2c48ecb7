//! Two locks on files: one is held while the server is started or stopped, the other is shared by everybody who uses
//! it. The kernel gives both back when a process ends, however it ends.

use std::{
    fs::{File, TryLockError},
    io,
    time::Duration,
};

use tokio::time::{Instant, sleep};

use super::{super::Error, place::Place};

/// How often a lock that somebody else holds is tried again.
const STEP: Duration = Duration::from_millis(15);

/// Opens a lock's file, which the server's user owns so that a start in another name can open it too.
pub fn open(place: &Place, name: &str) -> Result<File, Error> {
    let mut options = File::options();
    options.read(true).write(true).create(true).truncate(false);
    let opened = place.open().and_then(|folder| folder.file(name, &mut options));
    opened.map_err(|cause| Error::of_path(&place.folder.join(name), &place.user.name, cause))
}

/// Takes the lock for ourselves, waiting for at most this long; false if somebody else still holds it then.
pub async fn take(file: &File, time_limit: Duration) -> io::Result<bool> {
    let end = Instant::now() + time_limit;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(true),
            Err(TryLockError::Error(error)) => return Err(error),
            Err(TryLockError::WouldBlock) if Instant::now() >= end => return Ok(false),
            Err(TryLockError::WouldBlock) => sleep(STEP).await,
        }
    }
}
