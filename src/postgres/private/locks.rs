//! Two file locks: one is held while the server is started or stopped, the other is shared by all processes that use
//! the server. The kernel releases both when a process ends, in whatever way.

use std::{
    fs::{File, TryLockError},
    io,
    time::Duration,
};

use tokio::time::{Instant, sleep};

use super::{super::Error, place::Place};

/// The interval between attempts to take a lock that another process holds.
const POLL_INTERVAL: Duration = Duration::from_millis(15);

/// Opens a lock's file. The server's user owns it, so that a process of another user can open it too.
pub fn open(place: &Place, name: &str) -> Result<File, Error> {
    let mut options = File::options();
    options.read(true).write(true).create(true).truncate(false);
    let opened = place.open().and_then(|folder| folder.file(name, &mut options));
    opened.map_err(|cause| Error::of_path(&place.folder.join(name), &place.user.name, cause))
}

/// Takes the lock exclusively, waiting at most this long; false if another process still holds it then.
pub async fn take(file: &File, time_limit: Duration) -> io::Result<bool> {
    let end = Instant::now() + time_limit;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(true),
            Err(TryLockError::Error(error)) => return Err(error),
            Err(TryLockError::WouldBlock) if Instant::now() >= end => return Ok(false),
            Err(TryLockError::WouldBlock) => sleep(POLL_INTERVAL).await,
        }
    }
}
