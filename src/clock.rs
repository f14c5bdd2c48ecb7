//! The clock. The program reads the system's time here and nowhere else.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use time::{Duration, OffsetDateTime};

/// The system's clock, which tests can move.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    /// How many seconds the clock is ahead of the system's; zero outside tests.
    offset: Arc<AtomicI64>,
}

impl Clock {
    /// Returns the current time in UTC, truncated to microseconds, the precision of PostgreSQL.
    pub fn now(&self) -> OffsetDateTime {
        #[allow(clippy::disallowed_methods, reason = "the clock reads the system's time")]
        let now = OffsetDateTime::now_utc() + Duration::seconds(self.offset.load(Ordering::Relaxed));
        now.replace_microsecond(now.microsecond()).unwrap_or(now)
    }

    /// Sets the clock to `instant`. Only for tests.
    pub fn set(&self, instant: OffsetDateTime) {
        #[allow(clippy::disallowed_methods, reason = "the clock reads the system's time")]
        let offset = instant - OffsetDateTime::now_utc();
        self.offset.store(offset.whole_seconds(), Ordering::Relaxed);
    }
}
