//! What the jobs that look for work every two seconds share.

use std::time::Duration;

use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

/// How long to rest when there is nothing to do.
pub const REST: Duration = Duration::from_secs(2);

/// The rounds of a job, in each of which it looks for work.
pub struct Rounds {
    stop: CancellationToken,
    what: &'static str,
    has_failed: bool,
}

impl Rounds {
    /// Begins the rounds of a job. `what` is logged when one fails: what is not possible.
    pub fn until(stop: CancellationToken, what: &'static str) -> Self {
        Self { stop, what, has_failed: false }
    }

    /// Whether to look once more.
    pub fn go_on(&self) -> bool {
        !self.stop.is_cancelled()
    }

    /// Ends a round, and rests as long as it says. Of several failures in a row, only the first is logged.
    pub async fn end(&mut self, round: Result<Duration, sqlx::Error>) {
        if let Err(error) = &round
            && !self.has_failed
        {
            tracing::warn!(%error, "{}; trying again", self.what);
        }
        self.has_failed = round.is_err();
        self.stop.run_until_cancelled(sleep(round.unwrap_or(REST))).await;
    }
}
