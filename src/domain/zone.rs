//! Time zones, days and times of day. No other module knows the rules of time zones, which come from the tz database
//! that jiff embeds.

use std::fmt;

use jiff::tz::TimeZone;
use time::{
    Date, Duration, OffsetDateTime, PrimitiveDateTime, Time, UtcOffset, format_description::BorrowedFormatItem,
    macros::format_description,
};

use super::read_from_text;

const DAY: &[BorrowedFormatItem<'_>] = format_description!("[weekday] [day padding:none] [month repr:long]");
const SHORT_DAY: &[BorrowedFormatItem<'_>] =
    format_description!("[weekday repr:short] [day padding:none] [month repr:short]");
const CLOCK: &[BorrowedFormatItem<'_>] = format_description!("[hour]:[minute]");
const SECONDS: &[BorrowedFormatItem<'_>] = format_description!("[hour]:[minute]:[second][optional [.[subsecond]]]");
const ISO_DAY: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]");
const ISO: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second][offset_hour sign:mandatory]:[offset_minute]");

/// A time zone, by its name in the tz database, for example `Europe/Berlin`.
#[derive(Clone, Debug)]
pub struct Zone {
    name: String,
    rules: TimeZone,
}

/// Why a time zone or a local time was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ZoneError {
    /// No zone has this name.
    #[error("unknown time zone")]
    Unknown,
    /// The clocks skip this time, or show it twice, when they are changed.
    #[error("the clocks do not show this time exactly once")]
    NotOnce,
}

read_from_text! { Zone: |name| Zone::parse(name).ok(); }

impl Zone {
    /// Finds the zone with this name.
    pub fn parse(name: &str) -> Result<Self, ZoneError> {
        let rules = TimeZone::get(name).map_err(|_| ZoneError::Unknown)?;
        Ok(Self { name: name.to_owned(), rules })
    }

    /// Returns UTC, for output that belongs to no place.
    pub fn utc() -> Self {
        Self { name: "UTC".to_owned(), rules: TimeZone::UTC }
    }

    /// Returns the zone's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the instant with the zone's offset at that time.
    pub fn local(&self, instant: OffsetDateTime) -> OffsetDateTime {
        let seconds = self.rules.to_offset_info(timestamp(instant)).offset().seconds();
        instant.to_offset(UtcOffset::from_whole_seconds(seconds).unwrap_or(UtcOffset::UTC))
    }

    /// Returns the zone's abbreviation at this instant, for example `CEST`.
    pub fn abbreviation(&self, instant: OffsetDateTime) -> String {
        self.rules.to_offset_info(timestamp(instant)).abbreviation().to_string()
    }

    /// Returns the instant at which clocks in the zone show this day and time.
    pub fn instant(&self, day: Date, time: Time) -> Result<OffsetDateTime, ZoneError> {
        let local = civil(day, time).ok_or(ZoneError::NotOnce)?;
        let at = self.rules.to_ambiguous_timestamp(local).unambiguous().map_err(|_| ZoneError::NotOnce)?;
        OffsetDateTime::from_unix_timestamp(at.as_second()).map_err(|_| ZoneError::NotOnce)
    }

    /// Returns the instant at which this day ends in the zone.
    pub fn end_of(&self, day: Day) -> OffsetDateTime {
        let next = day.0.next_day().unwrap_or(day.0).midnight();
        let end = civil(next.date(), next.time())
            // Where the clocks skip midnight, the next day begins at the first time after the gap.
            .and_then(|midnight| self.rules.to_ambiguous_timestamp(midnight).compatible().ok())
            .and_then(|at| OffsetDateTime::from_unix_timestamp(at.as_second()).ok());
        end.unwrap_or_else(|| next.assume_utc())
    }

    /// Returns the day that calendars in the zone show at this instant.
    pub fn day(&self, instant: OffsetDateTime) -> Day {
        Day(self.local(instant).date())
    }

    /// Formats the time of day: `14:00`.
    pub fn clock(&self, instant: OffsetDateTime) -> String {
        formatted(self.local(instant).format(CLOCK))
    }

    /// Formats the day and the time: `Tuesday 29 May, 14:00`.
    pub fn moment(&self, instant: OffsetDateTime) -> String {
        format!("{}, {}", self.day(instant).long(), self.clock(instant))
    }

    /// Formats the short day and the time: `Tue 29 May, 14:00`.
    pub fn short_moment(&self, instant: OffsetDateTime) -> String {
        format!("{}, {}", self.day(instant).short(), self.clock(instant))
    }

    /// Formats the day, the year and the time: `Tuesday 29 May 2018, 14:00`.
    pub fn dated_moment(&self, instant: OffsetDateTime) -> String {
        format!("{} {}, {}", self.day(instant).long(), self.local(instant).year(), self.clock(instant))
    }

    /// Returns the day of the second before this instant: something that ends at midnight ends on the day before.
    pub fn day_before(&self, instant: OffsetDateTime) -> Day {
        self.day(instant - Duration::SECOND)
    }

    /// Formats when something ends, with the year. Midnight is the end of a day: `Wednesday 30 May 2018, 24:00`.
    pub fn dated_end(&self, instant: OffsetDateTime) -> String {
        let day = self.day_before(instant);
        if day == self.day(instant) {
            return self.dated_moment(instant);
        }
        format!("{} {}, 24:00", day.long(), day.0.year())
    }

    /// Formats the day, the year, the time and the zone, for readers who may live in another: `Tuesday 29 May 2018,
    /// 14:00 CEST`.
    pub fn zoned_moment(&self, instant: OffsetDateTime) -> String {
        format!("{} {}", self.dated_moment(instant), self.abbreviation(instant))
    }

    /// Formats an instant for a date and time field (`datetime-local`): `2018-05-29T14:00`.
    pub fn field(&self, instant: OffsetDateTime) -> String {
        format!("{}T{}", self.day(instant).iso(), self.clock(instant))
    }

    /// Formats an instant for `<time datetime>` and schema.org (RFC 3339): `2018-05-29T14:00:00+02:00`.
    pub fn iso(&self, instant: OffsetDateTime) -> String {
        formatted(self.local(instant).format(ISO))
    }
}

fn civil(day: Date, time: Time) -> Option<jiff::civil::DateTime> {
    let (year, month, date) = day.to_calendar_date();
    jiff::civil::DateTime::new(
        i16::try_from(year).ok()?,
        u8::from(month).cast_signed(),
        date.cast_signed(),
        time.hour().cast_signed(),
        time.minute().cast_signed(),
        time.second().cast_signed(),
        0,
    )
    .ok()
}

fn timestamp(instant: OffsetDateTime) -> jiff::Timestamp {
    jiff::Timestamp::from_second(instant.unix_timestamp()).unwrap_or(jiff::Timestamp::UNIX_EPOCH)
}

fn formatted(result: Result<String, time::error::Format>) -> String {
    result.expect("a date or time has every component that these formats use")
}

impl PartialEq for Zone {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Zone {}

/// A calendar day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(pub Date);

impl Day {
    /// The years that a day can have. Date fields send the year 18 if somebody types "18".
    const YEARS: std::ops::RangeInclusive<i32> = 2000..=2199;

    /// Parses `2018-05-29`, the form in date fields and URLs.
    pub fn parse(text: &str) -> Option<Self> {
        Date::parse(text, ISO_DAY).ok().filter(|day| Self::YEARS.contains(&day.year())).map(Self)
    }

    /// Formats the day as `2018-05-29`.
    pub fn iso(self) -> String {
        formatted(self.0.format(ISO_DAY))
    }

    /// Formats the day as `Tuesday 29 May`.
    pub fn long(self) -> String {
        formatted(self.0.format(DAY))
    }

    /// Formats the day as `Tue 29 May`.
    pub fn short(self) -> String {
        formatted(self.0.format(SHORT_DAY))
    }

    /// Lists the days from this one to `last`, both included.
    pub fn through(self, last: Self) -> Vec<Self> {
        std::iter::successors(Some(self.0), |day| day.next_day()).take_while(|day| *day <= last.0).map(Self).collect()
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.long())
    }
}

/// Parses `14:00`, the form in time fields.
pub fn time_of_day(text: &str) -> Option<Time> {
    Time::parse(text, CLOCK).ok()
}

/// Parses `2018-05-29T14:00`, the form in date and time fields. Some browsers also send seconds, which are dropped. A time with an
/// offset is refused, because it is not what the clocks at the venue show.
pub fn date_and_time(text: &str) -> Option<PrimitiveDateTime> {
    let (day, time) = text.split_once('T')?;
    let (clock, seconds) = time.split_at_checked(5)?;
    let is_seconds = seconds.is_empty() || Time::parse(&format!("00:00{seconds}"), SECONDS).is_ok();
    Some(PrimitiveDateTime::new(Day::parse(day)?.0, time_of_day(clock).filter(|_| is_seconds)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::{date, datetime, time};

    fn berlin() -> Zone {
        Zone::parse("Europe/Berlin").expect("a zone of the tz database")
    }

    #[test]
    fn times_are_shown_as_clocks_in_leipzig_show_them() {
        let instant = datetime!(2018-05-29 12:00 UTC);
        assert_eq!(berlin().moment(instant), "Tuesday 29 May, 14:00");
        assert_eq!(berlin().zoned_moment(instant), "Tuesday 29 May 2018, 14:00 CEST");
        assert_eq!(berlin().iso(instant), "2018-05-29T14:00:00+02:00");
        assert_eq!(berlin().abbreviation(instant), "CEST");
    }

    #[test]
    fn an_end_at_midnight_belongs_to_the_day_before() {
        let (midnight, noon) = (datetime!(2017-12-31 23:00 UTC), datetime!(2018-05-30 10:00 UTC));
        assert_eq!(berlin().dated_end(midnight), "Sunday 31 December 2017, 24:00");
        assert_eq!(berlin().dated_end(noon), "Wednesday 30 May 2018, 12:00");
        assert_eq!(berlin().day_before(midnight), Day(date!(2017 - 12 - 31)));
        assert_eq!(berlin().day_before(noon), Day(date!(2018 - 05 - 30)));
    }

    #[test]
    fn a_local_time_is_converted_correctly_in_summer_and_winter() {
        assert_eq!(berlin().instant(date!(2018 - 05 - 29), time!(14:00)), Ok(datetime!(2018-05-29 12:00 UTC)));
        assert_eq!(berlin().instant(date!(2018 - 01 - 29), time!(14:00)), Ok(datetime!(2018-01-29 13:00 UTC)));
    }

    #[test]
    fn a_time_that_the_clocks_skip_or_repeat_is_refused() {
        assert_eq!(berlin().instant(date!(2018 - 03 - 25), time!(2:30)), Err(ZoneError::NotOnce));
        assert_eq!(berlin().instant(date!(2018 - 10 - 28), time!(2:30)), Err(ZoneError::NotOnce));
    }

    #[test]
    fn a_day_ends_when_the_next_day_begins_in_its_zone() {
        let end = |zone, day| Zone::parse(zone).expect("a zone of the tz database").end_of(Day(day));
        assert_eq!(end("Europe/Berlin", date!(2018 - 05 - 30)), datetime!(2018-05-30 22:00 UTC));
        assert_eq!(end("Europe/Berlin", date!(2018 - 12 - 31)), datetime!(2018-12-31 23:00 UTC));
        // In Beirut, the clocks went from 00:00 to 01:00 on 27 March 2022.
        assert_eq!(end("Asia/Beirut", date!(2022 - 03 - 26)), datetime!(2022-03-26 22:00 UTC));
    }

    #[test]
    fn date_and_time_fields_are_parsed_and_malformed_ones_refused() {
        assert_eq!(Day::parse("2018-05-29"), Some(Day(date!(2018 - 05 - 29))));
        assert_eq!(Day::parse("29.5.2018"), None);
        assert_eq!(time_of_day("09:30"), Some(time!(9:30)));
        assert_eq!(time_of_day("25:00"), None);
        assert_eq!(
            date_and_time("2018-05-29T14:00"),
            Some(PrimitiveDateTime::new(date!(2018 - 05 - 29), time!(14:00)))
        );
        for same in ["2018-05-29T14:00:00", "2018-05-29T14:00:59.999"] {
            assert_eq!(date_and_time(same), date_and_time("2018-05-29T14:00"), "{same}");
        }
        for other in
            ["14:00Z", "14:00:00Z", "14:00+02:00", "14:00-0500", "14:00 CET", "14:00:", "14:000", "1400", "2pm"]
        {
            assert_eq!(date_and_time(&format!("2018-05-29T{other}")), None, "{other}");
        }
    }
}
