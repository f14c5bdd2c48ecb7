//! The chart of registrations over time: how many there were at the end of each day or week, against the number of places.

use time::{Date, Duration};

use crate::domain::Day;

/// The size of the drawing, in its own units.
pub const SIZE: (f64, f64) = (720.0, 220.0);
/// The widest bar, so that a few days do not look like a wall.
const WIDEST: f64 = 48.0;
/// The most steps in time. If there are more days, each step is a week, or several.
const MOST_STEPS: i64 = 60;

/// The registrations over time.
#[derive(Clone, Debug, PartialEq)]
pub struct Chart {
    /// The steps, in order.
    pub steps: Vec<Step>,
    /// The days of a step.
    pub days: i64,
    /// The height of the line of places; `None` if there is no limit or it is far above.
    pub places: Option<f64>,
    /// The largest number that it shows.
    pub top: i64,
}

/// A step in time.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Its last day.
    pub day: Day,
    /// How many registered during it.
    pub new: i64,
    /// How many had registered by its end.
    pub total: i64,
    /// The left edge, the top, the width and the height of its bar.
    pub bar: (f64, f64, f64, f64),
}

impl Chart {
    /// Draws what was counted on each day. Returns `None` if nobody has registered.
    pub fn of(counted: &[(Date, i64)], places: Option<i32>) -> Option<Self> {
        let (first, last) = (counted.first()?.0, counted.last()?.0);
        let span = (last - first).whole_days() + 1;
        let days = if span <= MOST_STEPS { 1 } else { 7 * ((span - 1) / (7 * MOST_STEPS) + 1) };
        let number = (span + days - 1) / days;
        let mut totals = Vec::new();
        let mut total = 0;
        for step in 0..number {
            let (from, to) = (first + Duration::days(step * days), first + Duration::days((step + 1) * days - 1));
            let new: i64 = counted.iter().filter(|(day, _)| (from..=to).contains(day)).map(|(_, number)| number).sum();
            total += new;
            totals.push((to.min(last), new, total));
        }
        // A limit that is far above would make the bars unreadable.
        let limit = places.map(i64::from).filter(|places| *places <= total * 4);
        let top = total.max(limit.unwrap_or_default()).max(1);
        let height = |number: i64| round(as_float(number) / as_float(top) * (SIZE.1 - 20.0));
        let width = SIZE.0 / as_float(number);
        let step = |(index, (day, new, total)): (usize, (Date, i64, i64))| {
            let left = round(width * as_float(i64::try_from(index).unwrap_or_default()));
            let high = height(total);
            Step {
                day: Day(day),
                new,
                total,
                bar: (left, round(SIZE.1 - high), round((width - 1.5).clamp(1.0, WIDEST)), high),
            }
        };
        Some(Self {
            steps: totals.into_iter().enumerate().map(step).collect(),
            days,
            places: limit.map(|places| round(SIZE.1 - height(places))),
            top,
        })
    }

    /// Returns what a step in time is called.
    pub fn step_name(&self) -> String {
        match self.days {
            1 => "day".to_owned(),
            7 => "week".to_owned(),
            days => format!("{} weeks", days / 7),
        }
    }
}

fn round(number: f64) -> f64 {
    (number * 10.0).round() / 10.0
}

#[expect(clippy::cast_precision_loss, reason = "numbers of people, in a drawing")]
fn as_float(number: i64) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use time::macros::date;

    use super::*;

    #[test]
    fn a_few_days_are_drawn_day_by_day_and_a_year_week_by_week() {
        let few = Chart::of(&[(date!(2018 - 03 - 01), 2), (date!(2018 - 03 - 03), 1)], Some(4)).expect("a chart");
        let totals: Vec<_> = few.steps.iter().map(|step| (step.day.iso(), step.new, step.total)).collect();
        let expected = [("2018-03-01", 2, 2), ("2018-03-02", 0, 2), ("2018-03-03", 1, 3)];
        assert_eq!(totals, expected.map(|(day, new, total)| (day.to_owned(), new, total)));
        assert_eq!((few.step_name(), few.top, few.places), ("day".to_owned(), 4, Some(20.0)));
        let many = Chart::of(&[(date!(2017 - 03 - 01), 2), (date!(2018 - 03 - 01), 1)], None).expect("a chart");
        assert_eq!((many.step_name(), many.steps.len(), many.places), ("week".to_owned(), 53, None));
        assert_eq!(Chart::of(&[], Some(4)), None);
    }

    #[test]
    fn a_limit_far_above_is_not_drawn() {
        assert_eq!(Chart::of(&[(date!(2018 - 03 - 01), 2)], Some(2000)).expect("a chart").places, None);
    }

    proptest! {
        #[test]
        fn everybody_is_counted_and_nothing_is_drawn_outside(numbers in proptest::collection::vec((0_i64..4000, 1_i64..500), 1..50)) {
            let mut counted: Vec<_> =
                numbers.iter().map(|(day, number)| (date!(2017 - 01 - 01) + Duration::days(*day), *number)).collect();
            counted.sort_unstable();
            counted.dedup_by_key(|(day, _)| *day);
            let chart = Chart::of(&counted, Some(100)).expect("a chart");
            prop_assert_eq!(chart.steps.last().expect("a step").total, counted.iter().map(|(_, number)| number).sum::<i64>());
            prop_assert!(chart.steps.len() <= 61);
            for Step { bar: (left, top, width, height), .. } in &chart.steps {
                prop_assert!(*left >= 0.0 && left + width <= SIZE.0 + 1.0 && *top >= 0.0 && top + height <= SIZE.1 + 0.2);
            }
        }
    }
}
