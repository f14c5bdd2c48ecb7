//! The one place that asks what time it is.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use time::{Duration, OffsetDateTime};

/// The time, as the program sees it: the system's clock, or that clock moved by a test.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    /// Seconds by which the system's clock is moved; zero outside tests.
    moved: Arc<AtomicI64>,
}

impl Clock {
    /// The present instant, in UTC, cut to the microseconds that PostgreSQL keeps.
    pub fn now(&self) -> OffsetDateTime {
        #[allow(clippy::disallowed_methods, reason = "this is the one place")]
        let now = OffsetDateTime::now_utc() + Duration::seconds(self.moved.load(Ordering::Relaxed));
        now.replace_microsecond(now.microsecond()).unwrap_or(now)
    }

    /// Moves the clock so that it now shows `instant`. For tests.
    pub fn set(&self, instant: OffsetDateTime) {
        #[allow(clippy::disallowed_methods, reason = "this is the one place")]
        let moved = instant - OffsetDateTime::now_utc();
        self.moved.store(moved.whole_seconds(), Ordering::Relaxed);
    }
}
