//! The delay before the next attempt.

use std::time::Duration;

const FIRST: Duration = Duration::from_mins(1);
const LONGEST: Duration = Duration::from_hours(4);

/// The number of attempts. With the delays below, they take about three days.
pub const ATTEMPTS: i32 = 26;

/// Returns the delay after this attempt, counted from 1: a minute, doubled each time up to four hours. It is varied at random by
/// up to a quarter, so that mails that failed together are not all tried again together.
pub fn delay(attempt: i32) -> Duration {
    let doubled = u32::try_from(attempt - 1).unwrap_or(0).min(16);
    let delay = FIRST.saturating_mul(1 << doubled).min(LONGEST);
    delay.mul_f64(0.75 + 0.5 * random())
}

/// Returns a random number from 0 to 1.
fn random() -> f64 {
    getrandom::u32().map_or(0.5, |number| f64::from(number) / f64::from(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_up_to_four_hours_and_vary_by_a_quarter() {
        for attempt in 1..=ATTEMPTS {
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
            (1..ATTEMPTS).map(|attempt| Duration::from_mins((1_u64 << (attempt - 1).min(16)).min(240))).sum();
        assert!(all > Duration::from_hours(70) && all < Duration::from_hours(76), "{all:?}");
    }
}
