//! `conference backup` and `conference restore`: back up the whole database in one file, and restore it.

use std::{
    fs::{self, File},
    io,
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use tokio_util::sync::CancellationToken;

use super::database::{Failure, with};
use crate::{
    config::Settings,
    postgres::{Database, IfAbsent},
    store::{Store, outbox, programme::scheduled},
    urls,
};

/// Writes a backup of the database to this file.
pub async fn back_up(settings: &Settings, end: &CancellationToken, file: &Path) -> Result<(), Failure> {
    let database = Database::open(settings, IfAbsent::Refuse, end).await?;
    with(database, end, async |database| {
        let unfinished = Unfinished::beside(file).map_err(|cause| unusable(file, &cause))?;
        database.back_up(&unfinished.file).await.map_err(|error| format!("no backup was made: {error}"))?;
        let size = unfinished.finish().map_err(|cause| unusable(file, &cause))?;
        println!("The database {} is backed up in {} ({} KB).", database.place(), file.display(), size.div_ceil(1000));
        Ok(())
    })
    .await
}

/// Restores the backup in this file and prints what to do next.
pub async fn restore(settings: &Settings, end: &CancellationToken, file: &Path, replace: bool) -> Result<(), Failure> {
    let backup = File::open(file).map_err(|cause| unusable(file, &cause))?;
    if !backup.metadata().is_ok_and(|meta| meta.is_file()) {
        return Err(format!("{} is not a file", file.display()).into());
    }
    let database = Database::open(settings, IfAbsent::Make, end).await?;
    with(database, end, async |database| {
        let restored = database.restore(&backup, replace).await;
        let restored = restored.map_err(|error| format!("{} was not restored: {error}", file.display()))?;
        println!("The database {} was restored from {}.", database.place(), file.display());
        say_what_is_held(settings, database).await?;
        say_what_is_cancelled(database).await?;
        println!("Everybody has to sign in again. Links to set a password no longer work; ask for new ones.");
        if restored.serving.is_empty() {
            println!("If the server uses a role that does not own the tables, run `conference migrate --serve-as ROLE` before you start it.");
        }
        Ok(())
    })
    .await
}

/// Prints how many mails are held and where to release them.
async fn say_what_is_held(settings: &Settings, database: &Database) -> Result<(), Failure> {
    let store = Store::new(database.pool().clone());
    let held = outbox::count_held(&mut *store.read().await?).await?;
    let mails = match held {
        0 => return Ok(()),
        1 => "One mail that was waiting when the backup was made is held, because it may have been sent since."
            .to_owned(),
        more => {
            format!(
                "{more} mails that were waiting when the backup was made are held, because they may have been sent since."
            )
        }
    };
    println!("{mails}");
    if let Some(slug) = store.current_slug().await? {
        let port = settings.listen.first().map_or(0, std::net::SocketAddr::port);
        let page = urls::staff::messages_where(&slug, &[("state", outbox::MessageState::Held.as_str().to_owned())]);
        println!("An administrator can release or discard them at {}{page}", settings.public_url(port));
    }
    Ok(())
}

/// Prints how many scheduled publications the restore has cancelled.
async fn say_what_is_cancelled(database: &Database) -> Result<(), Failure> {
    let store = Store::new(database.pool().clone());
    let cancelled = match scheduled::count_cancelled_by_restore(&mut *store.read().await?).await? {
        0 => return Ok(()),
        1 => "One scheduled publication is cancelled, because it may have taken place or been cancelled since the backup was \
              made. Organisers can schedule it again under Publish."
            .to_owned(),
        more => format!(
            "{more} scheduled publications are cancelled, because they may have taken place or been cancelled since the \
             backup was made. Organisers can schedule them again under Publish."
        ),
    };
    println!("{cancelled}");
    Ok(())
}

fn unusable(file: &Path, cause: &io::Error) -> Failure {
    match cause.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            format!("no space is left on the disk of {}", file.display()).into()
        }
        _ => format!("{} cannot be used: {cause}", file.display()).into(),
    }
}

/// A temporary file that replaces the file of the final name when it is complete. If it never is, it is deleted.
struct Unfinished {
    file: File,
    path: PathBuf,
    name: PathBuf,
}

impl Unfinished {
    fn beside(name: &Path) -> io::Result<Self> {
        if name.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        let mut path = name.as_os_str().to_owned();
        path.push(".part");
        let path = PathBuf::from(path);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        // The file contains personal data, so only its owner may read it.
        let file = File::options().read(true).write(true).create_new(true).mode(0o600).open(&path)?;
        Ok(Self { file, path, name: name.to_owned() })
    }

    /// Whether the path still leads to this file. Another backup with the same name may have started in the meantime.
    fn is_in_place(&self) -> bool {
        match (self.file.metadata(), fs::symlink_metadata(&self.path)) {
            (Ok(own), Ok(there)) => (own.dev(), own.ino()) == (there.dev(), there.ino()),
            _ => false,
        }
    }

    /// Gives the file its final name and returns its size.
    fn finish(self) -> io::Result<u64> {
        self.file.sync_all()?;
        if !self.is_in_place() {
            return Err(io::Error::other("another backup to the same file has begun in the meantime"));
        }
        fs::rename(&self.path, &self.name)?;
        // Makes sure that the new name survives a power cut.
        let folder = self.name.parent().filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?;
        Ok(self.file.metadata()?.len())
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if self.is_in_place() {
            let _ = fs::remove_file(&self.path);
        }
    }
}
