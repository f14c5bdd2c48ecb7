//! How a mail leaves the house: to the server of `SMTP_URL`, or as a file that a mail program opens.

use std::{
    error::Error as _,
    io,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    transport::smtp::{self, PoolConfig, response::Response},
};
use secrecy::{ExposeSecret, SecretString};
use tokio::{fs, io::AsyncWriteExt, time::timeout};

use crate::{config::Settings, domain::MessageId};

/// How long a server may take for one mail, from the connection to its last word.
const TIME_LIMIT: Duration = Duration::from_mins(2);
/// How long a connection waits for the next mail.
const IDLE: Duration = Duration::from_secs(20);
/// How many connections are kept for the next mails.
const KEPT: u32 = 8;

/// Where mails go. Cheap to clone.
#[derive(Clone)]
pub struct Transport(Arc<Way>);

enum Way {
    Smtp(Smtp),
    Files(PathBuf),
}

struct Smtp {
    url: SecretString,
    time_limit: Duration,
    pool: RwLock<AsyncSmtpTransport<Tokio1Executor>>,
}

/// Why there is no way for mails.
#[derive(Debug, thiserror::Error)]
pub enum TransportError {
    /// lettre cannot make anything of the address. Its own words may quote the password.
    #[error("SMTP_URL cannot be used")]
    Url,
    /// The server does not answer as a mail server that takes our mail.
    #[error("the mail server of SMTP_URL does not take us in: {0}")]
    Server(String),
    /// The folder cannot be written.
    #[error("mails are written as files in {folder}, which does not work: {error}")]
    Folder {
        /// Which.
        folder: PathBuf,
        /// Why.
        error: io::Error,
    },
}

/// Why a mail was not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// This mail may be taken later: the server said so, or went silent over it and talks about others.
    #[error("{0}")]
    Later(String),
    /// The server cannot be reached or takes in nobody. It is not about this mail.
    #[error("{0}")]
    Away(String),
    /// The server refuses this mail for good, in these words.
    #[error("{0}")]
    Never(String),
}

impl Transport {
    /// The way that the settings name.
    pub fn new(settings: &Settings) -> Result<Self, TransportError> {
        Ok(Self(Arc::new(match &settings.smtp_url {
            Some(url) => Way::Smtp(Smtp::new(url.clone(), TIME_LIMIT).map_err(|_| TransportError::Url)?),
            None => Way::Files(settings.mail_folder()),
        })))
    }

    /// Whether mails go this way at present: signs in at the server and says a word, or writes into the folder.
    pub async fn check(&self) -> Result<(), TransportError> {
        match &*self.0 {
            Way::Smtp(smtp) => smtp.check().await.map_err(TransportError::Server),
            Way::Files(folder) => {
                check_folder(folder).await.map_err(|error| TransportError::Folder { folder: folder.clone(), error })
            }
        }
    }

    /// Sends one mail; the answer is the server's last words.
    pub async fn send(&self, id: MessageId, mail: &Message) -> Result<String, SendError> {
        match &*self.0 {
            Way::Smtp(smtp) => smtp.send(mail).await,
            Way::Files(folder) => {
                let file = folder.join(format!("{id}.eml"));
                write(folder, &file, mail).await.map_err(|error| {
                    SendError::Away(format!("The file {} could not be written: {error}", file.display()))
                })?;
                Ok(format!("Written to {}", file.display()))
            }
        }
    }

    /// Takes leave of the server.
    pub async fn close(&self) {
        if let Way::Smtp(smtp) = &*self.0 {
            smtp.pool().shutdown().await;
        }
    }
}

impl Smtp {
    fn new(url: SecretString, time_limit: Duration) -> Result<Self, smtp::Error> {
        let pool = RwLock::new(connect(&url)?);
        Ok(Self { url, time_limit, pool })
    }

    fn pool(&self) -> AsyncSmtpTransport<Tokio1Executor> {
        self.pool.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn check(&self) -> Result<(), String> {
        match timeout(self.time_limit.min(Duration::from_secs(20)), self.pool().test_connection()).await {
            Ok(Ok(true)) => Ok(()),
            Ok(Ok(false)) => Err("it closed the connection".to_owned()),
            Ok(Err(error)) => Err(words(&error)),
            Err(_) => {
                self.drop_pool();
                Err("it does not answer".to_owned())
            }
        }
    }

    async fn send(&self, mail: &Message) -> Result<String, SendError> {
        let (for_good, words) = match timeout(self.time_limit, self.pool().send(mail.clone())).await {
            Ok(Ok(response)) => return Ok(said(&response)),
            Ok(Err(error)) => (error.is_permanent() || error.is_client(), words(&error)),
            Err(_) => {
                self.drop_pool();
                (false, "The mail server did not answer in time".to_owned())
            }
        };
        // Is it this mail, or does the server talk to nobody? A password that was changed must not make every waiting mail
        // fail, and an outage is no failed try of any mail.
        Err(match (self.check().await, for_good) {
            (Err(_), _) => SendError::Away(words),
            (Ok(()), true) => SendError::Never(words),
            (Ok(()), false) => SendError::Later(words),
        })
    }

    /// Forgets every kept connection. One that was given up in the middle of a mail would answer the next mail with
    /// words meant for the last.
    fn drop_pool(&self) {
        if let Ok(fresh) = connect(&self.url) {
            *self.pool.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        }
    }
}

fn connect(url: &SecretString) -> Result<AsyncSmtpTransport<Tokio1Executor>, smtp::Error> {
    let pool = PoolConfig::new().max_size(KEPT).idle_timeout(IDLE);
    Ok(AsyncSmtpTransport::<Tokio1Executor>::from_url(url.expose_secret())?.pool_config(pool).build())
}

/// The server's own words where it spoke, else what happened.
fn words(error: &smtp::Error) -> String {
    let source = error.source().map(ToString::to_string);
    plain(&match (error.status(), source) {
        (Some(code), Some(words)) => format!("{code} {words}"),
        (Some(code), None) => code.to_string(),
        (None, _) => error.to_string(),
    })
}

fn said(response: &Response) -> String {
    let lines: Vec<&str> = response.message().collect();
    plain(&format!("{} {}", response.code(), lines.join(" ")))
}

/// Words of a stranger, fit to be kept: one line of bounded length.
fn plain(words: &str) -> String {
    words.chars().map(|c| if c.is_control() { ' ' } else { c }).take(1000).collect()
}

/// The folder is for its owner alone: the mails in it have links that let people in. That is the owner of the folder it
/// is made in: what root makes for somebody else, they must be able to go on with.
async fn make(folder: &Path) -> io::Result<()> {
    if fs::try_exists(folder).await? {
        return Ok(());
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    builder.mode(0o700);
    builder.create(folder).await?;
    #[cfg(unix)]
    if let Some(parent) = folder.parent() {
        use std::os::unix::fs::{MetadataExt, lchown};
        let (above, made) = (fs::metadata(parent).await?, fs::symlink_metadata(folder).await?);
        if made.uid() == 0 && above.uid() != 0 {
            lchown(folder, Some(above.uid()), Some(above.gid()))?;
        }
    }
    Ok(())
}

/// A file that was not there before: whoever else may write into the folder could have put a link there.
async fn anew(path: &Path) -> io::Result<fs::File> {
    let _ = fs::remove_file(path).await;
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    // Also where somebody else made the folder.
    #[cfg(unix)]
    options.mode(0o600);
    options.open(path).await
}

async fn write(folder: &Path, file: &Path, mail: &Message) -> io::Result<()> {
    make(folder).await?;
    let part = file.with_extension("part");
    let mut opened = anew(&part).await?;
    opened.write_all(&mail.formatted()).await?;
    opened.flush().await?;
    fs::rename(&part, file).await
}

async fn check_folder(folder: &Path) -> io::Result<()> {
    make(folder).await?;
    let probe = folder.join(".probe");
    anew(&probe).await?;
    fs::remove_file(&probe).await
}
