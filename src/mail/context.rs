//! What mails are composed from, and why composing one can fail.

use std::sync::Arc;

use super::{envelope::EnvelopeError, text::TextError};
use crate::{clock::Clock, config::Settings, postgres, store::Store, urls};

/// What is needed to compose a mail.
#[derive(Clone, Debug)]
pub struct Context {
    /// The database.
    pub store: Store,
    /// The clock.
    pub clock: Clock,
    /// The settings of the program.
    pub settings: Arc<Settings>,
    /// The public address of the website, without a slash at its end.
    pub public_url: Arc<str>,
}

impl Context {
    /// Returns the full address of a path.
    pub fn absolute(&self, path: &str) -> String {
        urls::absolute(&self.public_url, path)
    }

    /// Returns the host name of the website.
    pub fn host(&self) -> &str {
        urls::host(&self.public_url)
    }
}

/// Why a mail could not be composed. Staff read it on the page of the mail.
#[derive(Debug, thiserror::Error)]
pub enum ComposeError {
    /// The database failed.
    #[error("the database could not be read ({0})")]
    Store(#[from] sqlx::Error),
    /// The text of its kind is wrong.
    #[error("its text is wrong: {0}")]
    Text(#[from] TextError),
    /// The message could not be built.
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
    /// The row does not say what the mail is about.
    #[error("it does not say which {0} it is about")]
    Subject(&'static str),
    /// Its address was corrected after it was claimed. The next attempt uses the new address.
    #[error("its address has just been corrected")]
    Moved,
    /// Its reader should not get it any more.
    #[error("Not sent: {0}")]
    Unwanted(String),
    /// The data of the row do not fit its kind.
    #[error("its data cannot be read ({0})")]
    Data(#[from] serde_json::Error),
    /// Only a newer version knows its kind. Such mails are not claimed.
    #[error("its kind, {0}, is from a newer version")]
    Newer(String),
}

impl ComposeError {
    /// Returns whether the database was unavailable, which is no fault of the mail.
    pub fn is_outage(&self) -> bool {
        matches!(self, Self::Store(error) if postgres::is_unavailable(error))
    }
}
