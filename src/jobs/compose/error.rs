//! Why a mail could not be made.

use crate::{mail::EnvelopeError, postgres};

/// Why a mail could not be made. Staff read it on the mail page.
#[derive(Debug, thiserror::Error)]
pub enum ComposeError {
    /// The database.
    #[error("the database does not give what it tells ({0})")]
    Store(#[from] sqlx::Error),
    /// The mail itself.
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
    /// A row that says too little.
    #[error("it does not say which {0} it is about")]
    Subject(&'static str),
    /// Its address was corrected after it was claimed; at the next try it goes to the new one.
    #[error("its address was just corrected")]
    Moved,
    /// The row's data are not those of its kind.
    #[error("its data cannot be read ({0})")]
    Data(#[from] serde_json::Error),
}

impl ComposeError {
    /// Whether the database could not be used, which says nothing about the mail.
    pub fn is_outage(&self) -> bool {
        matches!(self, Self::Store(error) if postgres::is_unavailable(error))
    }
}

impl From<askama::Error> for ComposeError {
    fn from(error: askama::Error) -> Self {
        Self::Envelope(error.into())
    }
}
