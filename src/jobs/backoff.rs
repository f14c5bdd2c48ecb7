//! How long to wait before the next try.

use std::time::Duration;

const FIRST: Duration = Duration::from_mins(1);
const LONGEST: Duration = Duration::from_hours(4);

/// How often a mail is tried: with the delays below, for about three days.
pub const TRIES: i32 = 26;

/// The delay after the `attempt`th try: a minute, doubled each time up to four hours, and up to a quarter more or less
/// by chance, so that mails that failed together do not come back together.
pub fn delay(attempt: i32) -> Duration {
    let doubled = u32::try_from(attempt - 1).unwrap_or(0).min(16);
    let delay = FIRST.saturating_mul(1 << doubled).min(LONGEST);
    delay.mul_f64(0.75 + 0.5 * chance())
}

/// A number from 0 to 1.
fn chance() -> f64 {
    getrandom::u32().map_or(0.5, |number| f64::from(number) / f64::from(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_grow_and_never_leave_their_bounds() {
        for attempt in 1..=TRIES {
            let middle = Duration::from_mins((1_u64 << (attempt - 1).min(16)).min(240));
            for _ in 0..100 {
                let delay = delay(attempt);
                assert!(delay >= middle.mul_f64(0.75) && delay <= middle.mul_f64(1.25), "{attempt}: {delay:?}");
            }
        }
    }

    #[test]
    fn a_mail_is_tried_for_about_three_days() {
        let all: Duration =
            (1..TRIES).map(|attempt| Duration::from_mins((1_u64 << (attempt - 1).min(16)).min(240))).sum();
        assert!(all > Duration::from_hours(70) && all < Duration::from_hours(76), "{all:?}");
    }
}
