//! The parts of the application that jobs use.

use std::{pin::Pin, sync::Arc};

use tokio::sync::Notify;

use crate::{domain::ConferenceId, mail, store::registrations::attendees::Wanted};

/// What jobs work with. It contains no pages and no visitors.
#[derive(Clone)]
pub struct JobContext {
    /// The database, the clock and the settings.
    pub mail: mail::Context,
    /// Notified when this instance puts a mail into the outbox.
    pub outbox: Arc<Notify>,
    /// Checks for a new publication, so that cached pages are rendered again.
    pub look_for_publication: Arc<dyn Fn() -> Looking + Send + Sync>,
    /// Reads the query of a view, which the desk writes. Returns `None` if it says something that cannot be read any more.
    pub read_view: fn(&str, ConferenceId) -> Option<Wanted>,
}

/// A check for a new publication, in progress.
pub type Looking = Pin<Box<dyn Future<Output = Result<(), sqlx::Error>> + Send>>;
