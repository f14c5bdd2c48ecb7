//! A form that was sent.

use time::{Duration, OffsetDateTime};

use crate::domain::{ConferenceId, Registration, SubmissionId};

/// How long the same content from the same network counts as the same submission.
const REPEATED_WITHIN: Duration = Duration::hours(24);

/// A form that was sent.
#[derive(Clone, Copy, Debug)]
pub struct Submission<'a> {
    /// The conference.
    pub conference: ConferenceId,
    /// Its content.
    pub registration: &'a Registration,
    /// The number of the form. It stays the same when the form is shown again.
    pub id: SubmissionId,
    /// The sender's network.
    pub network: &'a str,
    /// When it arrived.
    pub at: OffsetDateTime,
}

impl Submission<'_> {
    /// Returns a hash that is the same for the same content from the same network.
    pub fn repeat_hash(&self) -> [u8; 32] {
        self.registration.repeat_hash(self.network)
    }

    /// Returns the time since which the same content from the same network counts as the same submission.
    pub fn repeated_since(&self) -> OffsetDateTime {
        self.at - REPEATED_WITHIN
    }
}
