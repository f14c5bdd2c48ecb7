//! Sends mails to the server of `SMTP_URL`, or writes them as files that a mail program can open.

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

/// The time limit for one mail, from the connection to the last reply.
const TIME_LIMIT: Duration = Duration::from_mins(2);
/// How long an idle connection is kept open.
const IDLE: Duration = Duration::from_secs(20);
/// How many connections are kept open at most.
const MAX_CONNECTIONS: u32 = 8;

/// The way in which mails are sent. Cheap to clone.
#[derive(Clone)]
pub struct Transport(Arc<Method>);

enum Method {
    Smtp(Smtp),
    Files(PathBuf),
}

struct Smtp {
    url: SecretString,
    time_limit: Duration,
    pool: RwLock<AsyncSmtpTransport<Tokio1Executor>>,
}

/// Why mails cannot be sent.
#[derive(Debug, thiserror::Error)]
pub enum TransportError {
    /// lettre cannot parse the address. Its own message is not shown, because it may contain the password.
    #[error("SMTP_URL cannot be used")]
    Url,
    /// The server does not answer, or does not let us sign in.
    #[error("the mail server of SMTP_URL does not accept the connection: {0}")]
    Server(String),
    /// The folder cannot be written to.
    #[error("mails cannot be written as files into {folder}: {error}")]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// The error of the file system.
        error: io::Error,
    },
}

/// Why a mail was not sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// This mail may be accepted later: the server said so, or did not answer but accepts connections.
    #[error("{0}")]
    Later(String),
    /// The server cannot be reached or refuses the sign-in. The mail itself is not the cause.
    #[error("{0}")]
    Unavailable(String),
    /// The server refuses this mail permanently.
    #[error("{0}")]
    Never(String),
}

impl Transport {
    /// Returns the transport that the settings select.
    pub fn new(settings: &Settings) -> Result<Self, TransportError> {
        Ok(Self(Arc::new(match &settings.smtp_url {
            Some(url) => Method::Smtp(Smtp::new(url.clone(), TIME_LIMIT).map_err(|_| TransportError::Url)?),
            None => Method::Files(settings.mail_folder()),
        })))
    }

    /// Checks that mails can be sent: signs in to the server, or writes a file into the folder.
    pub async fn check(&self) -> Result<(), TransportError> {
        match &*self.0 {
            Method::Smtp(smtp) => smtp.check().await.map_err(TransportError::Server),
            Method::Files(folder) => {
                check_folder(folder).await.map_err(|error| TransportError::Folder { folder: folder.clone(), error })
            }
        }
    }

    /// Sends one mail and returns the reply of the server.
    pub async fn send(&self, id: MessageId, mail: &Message) -> Result<String, SendError> {
        match &*self.0 {
            Method::Smtp(smtp) => smtp.send(mail).await,
            Method::Files(folder) => {
                let file = folder.join(format!("{id}.eml"));
                write(folder, &file, mail).await.map_err(|error| {
                    SendError::Unavailable(format!("The file {} could not be written: {error}", file.display()))
                })?;
                Ok(format!("Written to {}", file.display()))
            }
        }
    }

    /// Closes the connections to the server.
    pub async fn close(&self) {
        if let Method::Smtp(smtp) = &*self.0 {
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
        // Does the failure concern this mail, or every mail? A changed password must not make all waiting mails fail, and an outage
        // must not count as a failed attempt of a mail.
        Err(match (self.check().await, for_good) {
            (Err(_), _) => SendError::Unavailable(words),
            (Ok(()), true) => SendError::Never(words),
            (Ok(()), false) => SendError::Later(words),
        })
    }

    /// Drops all open connections. One that was abandoned during a mail would answer the next mail with the reply to that one.
    fn drop_pool(&self) {
        if let Ok(fresh) = connect(&self.url) {
            *self.pool.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        }
    }
}

fn connect(url: &SecretString) -> Result<AsyncSmtpTransport<Tokio1Executor>, smtp::Error> {
    let pool = PoolConfig::new().max_size(MAX_CONNECTIONS).idle_timeout(IDLE);
    Ok(AsyncSmtpTransport::<Tokio1Executor>::from_url(url.expose_secret())?.pool_config(pool).build())
}

/// Returns the reply of the server if there was one, or else the error.
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

/// Returns a reply in a form that can be recorded: one line of limited length.
fn plain(words: &str) -> String {
    words.chars().map(|c| if c.is_control() { ' ' } else { c }).take(1000).collect()
}

/// Creates the folder. Only its owner can read it, because mails contain secret links. If root creates it, it belongs to the owner
/// of the folder above, who must be able to use it later.
async fn create_folder(folder: &Path) -> io::Result<()> {
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

/// Creates a new file. An existing one is removed first, because somebody who can write into the folder could have put a link
/// there.
async fn create_file(path: &Path) -> io::Result<fs::File> {
    let _ = fs::remove_file(path).await;
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    // The folder may have been created by somebody else.
    #[cfg(unix)]
    options.mode(0o600);
    options.open(path).await
}

async fn write(folder: &Path, file: &Path, mail: &Message) -> io::Result<()> {
    create_folder(folder).await?;
    let part = file.with_extension("part");
    let mut opened = create_file(&part).await?;
    opened.write_all(&mail.formatted()).await?;
    opened.flush().await?;
    fs::rename(&part, file).await
}

async fn check_folder(folder: &Path) -> io::Result<()> {
    create_folder(folder).await?;
    let probe = folder.join(".probe");
    create_file(&probe).await?;
    fs::remove_file(&probe).await
}
