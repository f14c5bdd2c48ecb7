//! Calendar files (iCalendar, RFC 5545). Times are in UTC, because every calendar program reads UTC in the same way and
//! the file needs no time zone definitions. Calendar programs show the times in their own time zone.

use icalendar::{Calendar, Component, Event, EventLike, Property};
use time::{
    Date, OffsetDateTime, UtcOffset,
    format_description::BorrowedFormatItem,
    macros::{datetime, format_description},
};

use crate::domain::{Conference, Day, TimeSlot};

const UTC: &[BorrowedFormatItem<'_>] = format_description!("[year][month][day]T[hour][minute][second]Z");
const DAY: &[BorrowedFormatItem<'_>] = format_description!("[year][month][day]");

/// How many octets a line has at most.
const LONGEST_LINE: usize = 75;

/// When an entry takes place.
#[derive(Clone, Copy, Debug)]
pub enum When {
    /// From a start to an end.
    Slot(TimeSlot),
    /// On whole days, from the first to the last, both included.
    Days(Day, Day),
}

/// Whether an entry takes place (STATUS, RFC 5545, section 3.8.1.11).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It may change.
    Tentative,
    /// It takes place.
    Confirmed,
    /// It does not take place.
    Cancelled,
}

impl Status {
    fn word(self) -> &'static str {
        match self {
            Self::Tentative => "TENTATIVE",
            Self::Confirmed => "CONFIRMED",
            Self::Cancelled => "CANCELLED",
        }
    }
}

/// An entry in a calendar.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its permanent identifier, a UUID (RFC 7986, section 5.3). An entry in a newer file replaces the one with the same
    /// identifier, whatever the address of the site is by then.
    pub uid: String,
    /// When it takes place.
    pub when: When,
    /// The title.
    pub summary: String,
    /// The place.
    pub location: String,
    /// A longer text, without markup.
    pub description: String,
    /// What sort of event it is, if it has a kind.
    pub category: Option<String>,
    /// The address of the page about it.
    pub url: String,
    /// The e-mail address of whoever organises it, if entries are also cancelled by mail (RFC 5546, section 3.2.5).
    pub organiser: Option<String>,
    /// Whether it takes place.
    pub status: Status,
    /// A number that grows with each change (SEQUENCE, RFC 5545, section 3.8.7.4).
    pub sequence: i32,
    /// When it was last changed.
    pub changed: OffsetDateTime,
}

/// Returns the street address of the venue with its city, or the city alone if the address is not known.
fn where_in_town(conference: &Conference) -> String {
    match conference.address.as_str() {
        "" => conference.city.clone(),
        address if address.contains(&conference.city) => address.to_owned(),
        address => format!("{address}, {}", conference.city),
    }
}

impl Entry {
    /// Returns the entry for the whole conference as it is at this instant. `url` is the conference's home page. People get it with
    /// their registration, and a cancellation removes it; the instant numbers both, so that the later one always counts.
    pub fn conference(conference: &Conference, url: String, at: OffsetDateTime) -> Self {
        Self {
            uid: conference.id.to_string(),
            when: When::Days(conference.first_day, conference.last_day),
            summary: conference.title.clone(),
            location: format!("{}, {}, {}", conference.venue, where_in_town(conference), conference.country),
            description: format!("{}\n\n{url}", conference.theme),
            category: None,
            url,
            organiser: Some(conference.contact_email.clone()),
            status: Status::Confirmed,
            sequence: number_at(at),
            changed: at,
        }
    }
}

/// Returns a number that grows with time: the seconds since the year 2000, which fit until 2068.
fn number_at(at: OffsetDateTime) -> i32 {
    const BEGINNING: OffsetDateTime = datetime!(2000-01-01 00:00 UTC);
    i32::try_from((at - BEGINNING).whole_seconds()).unwrap_or(i32::MAX).max(0)
}

/// Returns the file that removes an entry from the calendar into which it was taken (RFC 5546, section 3.2.5).
pub fn cancellation(entry: Entry) -> String {
    let mut calendar = empty("CANCEL");
    calendar.push(event(&Entry { status: Status::Cancelled, ..entry }));
    folded(&calendar.to_string())
}

fn empty(method: &str) -> Calendar {
    let mut calendar = Calendar::empty();
    for (key, value) in [
        ("VERSION", "2.0"),
        ("PRODID", "-//Major Cities of Europe//Conference//EN"),
        ("CALSCALE", "GREGORIAN"),
        ("METHOD", method),
    ] {
        calendar.append_property(Property::new(key, value));
    }
    calendar
}

/// Returns the file with these entries. Calendar programs show `name` as the name of the calendar.
pub fn file(name: &str, entries: &[Entry]) -> String {
    let mut calendar = empty("PUBLISH");
    let name = one_line(name);
    // NAME (RFC 7986, section 5.1). The crate escapes only the text properties that it knows, and this is not one of
    // them.
    calendar.append_property(Property::new("NAME", escaped(&name)));
    calendar.append_property(Property::new("X-WR-CALNAME", name));
    // Programs that subscribe to the calendar read it again every hour.
    calendar.append_property(Property::new("REFRESH-INTERVAL", "PT1H").add_parameter("VALUE", "DURATION").done());
    calendar.append_property(Property::new("X-PUBLISHED-TTL", "PT1H"));
    for entry in entries {
        calendar.push(event(entry));
    }
    folded(&calendar.to_string())
}

/// Folds the lines of the file at 75 octets without the line break (RFC 5545, section 3.1). The crate does not count the space
/// with which the continuation of a line begins.
fn folded(file: &str) -> String {
    let mut folded = String::with_capacity(file.len());
    for line in file.replace("\r\n ", "").split_terminator("\r\n") {
        let mut length = 0;
        for c in line.chars() {
            if length + c.len_utf8() > LONGEST_LINE {
                folded.push_str("\r\n ");
                length = 1;
            }
            folded.push(c);
            length += c.len_utf8();
        }
        folded.push_str("\r\n");
    }
    folded
}

fn event(entry: &Entry) -> Event {
    let mut event = Event::new();
    event
        .add_property("UID", &entry.uid)
        .add_property("DTSTAMP", utc(entry.changed))
        .add_property("LAST-MODIFIED", utc(entry.changed))
        .add_property("SEQUENCE", entry.sequence.to_string())
        .add_property("STATUS", entry.status.word())
        .add_property("SUMMARY", one_line(&entry.summary))
        .add_property("LOCATION", one_line(&entry.location))
        .add_property("DESCRIPTION", entry.description.replace('\r', ""))
        .add_property("URL", &entry.url);
    if let Some(organiser) = &entry.organiser {
        event.add_property("ORGANIZER", format!("mailto:{organiser}"));
    }
    if let Some(category) = &entry.category {
        event.categories([one_line(category)]);
    }
    match entry.when {
        When::Slot(slot) => {
            event.add_property("DTSTART", utc(slot.start())).add_property("DTEND", utc(slot.end()));
        }
        When::Days(first, last) => {
            // DTEND is exclusive, so for whole days it is the day after the last.
            let end = last.0.next_day().unwrap_or(last.0);
            event.append_property(whole_day("DTSTART", first.0)).append_property(whole_day("DTEND", end));
            event.add_property("TRANSP", "TRANSPARENT");
        }
    }
    event.done()
}

fn whole_day(key: &str, day: Date) -> Property {
    let day = day.format(DAY).expect("formatting a date cannot fail");
    Property::new(key, day).add_parameter("VALUE", "DATE").done()
}

fn utc(instant: OffsetDateTime) -> String {
    instant.to_offset(UtcOffset::UTC).format(UTC).expect("formatting an instant cannot fail")
}

/// Escapes a text value (RFC 5545, section 3.3.11).
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace(';', "\\;").replace(',', "\\,")
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use time::macros::date;

    use super::*;

    fn entry(when: When) -> Entry {
        Entry {
            uid: "01932b6a-0000-7000-8000-000000000007".to_owned(),
            when,
            summary: "World Café; tables, many".to_owned(),
            location: "Kongresshalle Leipzig".to_owned(),
            description:
                "First line\r\nsecond line, long enough that it has to be folded over more than one line of the file"
                    .to_owned(),
            category: Some("Café; table, round".to_owned()),
            url: "https://conference.example/leipzig-2018/sessions/world-cafe".to_owned(),
            organiser: None,
            status: Status::Tentative,
            sequence: 3,
            changed: datetime!(2018-01-02 03:04:05 UTC),
        }
    }

    #[test]
    fn an_entry_has_utc_times_escaped_text_and_folded_lines() {
        let slot = TimeSlot::new(datetime!(2018-05-30 10:45 +2), datetime!(2018-05-30 12:45 +2)).expect("a slot");
        let file = file("Cities of Europe; Leipzig, 2018", &[entry(When::Slot(slot))]);
        for line in [
            "\r\nNAME:Cities of Europe\\; Leipzig\\, 2018\r\n",
            "\r\nX-WR-CALNAME:Cities of Europe\\; Leipzig\\, 2018\r\n",
            "BEGIN:VCALENDAR\r\n",
            "DTSTART:20180530T084500Z\r\n",
            "DTEND:20180530T104500Z\r\n",
            "DTSTAMP:20180102T030405Z\r\n",
            "SUMMARY:World Café\\; tables\\, many\r\n",
            "UID:01932b6a-0000-7000-8000-000000000007\r\n",
            "STATUS:TENTATIVE\r\n",
            "CATEGORIES:Café\\; table\\, round\r\n",
            "SEQUENCE:3\r\n",
            "URL:https://conference.example/leipzig-2018/sessions/world-cafe\r\n",
        ] {
            assert!(file.contains(line), "{line:?} is missing in\n{file}");
        }
        assert!(file.contains("First line\\nsecond line"), "{file}");
        assert!(file.split("\r\n").all(|line| line.len() <= 75), "{file}");
        assert!(!file.replace("\r\n", "").contains(['\r', '\n']), "{file}");
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn no_line_is_longer_than_75_octets_and_folding_loses_nothing(text in "[ -~é老\\n]{0,400}") {
            let slot = TimeSlot::new(datetime!(2018-05-30 10:45 +2), datetime!(2018-05-30 12:45 +2)).expect("a slot");
            let file = file("Leipzig", &[Entry { description: text.clone(), ..entry(When::Slot(slot)) }]);
            prop_assert!(file.split("\r\n").all(|line| line.len() <= LONGEST_LINE), "{}", file);
            let whole = format!("\r\nDESCRIPTION:{}\r\n", escaped(&text).replace('\n', "\\n"));
            prop_assert!(file.replace("\r\n ", "").contains(&whole), "{} is not in {}", whole, file);
        }
    }

    #[test]
    fn whole_days_end_on_the_day_after_the_last() {
        let file = file("Leipzig 2018", &[entry(When::Days(Day(date!(2018 - 05 - 28)), Day(date!(2018 - 05 - 30))))]);
        assert!(file.contains("DTSTART;VALUE=DATE:20180528\r\n"), "{file}");
        assert!(file.contains("DTEND;VALUE=DATE:20180531\r\n"), "{file}");
    }

    #[test]
    fn a_cancellation_names_the_entry_and_the_organiser_and_has_every_property_that_it_needs() {
        let slot = TimeSlot::new(datetime!(2018-05-30 10:45 +2), datetime!(2018-05-30 12:45 +2)).expect("a slot");
        let organiser = Some("operations@majorcities.eu".to_owned());
        let file = cancellation(Entry { organiser, ..entry(When::Slot(slot)) });
        let lines: Vec<_> = file.split("\r\n").collect();
        assert!(lines.iter().all(|line| line.len() <= LONGEST_LINE), "{file}");
        assert!(!file.replace("\r\n", "").contains(['\r', '\n']), "{file}");
        for needed in [
            "METHOD:CANCEL",
            "STATUS:CANCELLED",
            "UID:01932b6a-0000-7000-8000-000000000007",
            "SEQUENCE:3",
            "DTSTAMP:20180102T030405Z",
            "ORGANIZER:mailto:operations@majorcities.eu",
        ] {
            assert_eq!(lines.iter().filter(|line| **line == needed).count(), 1, "{needed}: {file}");
        }
    }

    #[test]
    fn numbers_grow_with_time_and_stay_numbers_of_the_format() {
        let numbers = [
            datetime!(1999-01-01 00:00 UTC),
            datetime!(2018-05-28 00:00 UTC),
            datetime!(2018-05-28 00:00:01 UTC),
            datetime!(2067-12-31 00:00 UTC),
            datetime!(2100-01-01 00:00 UTC),
        ]
        .map(number_at);
        assert!(
            numbers.is_sorted() && numbers[0] == 0 && numbers[1] < numbers[2] && numbers[4] == i32::MAX,
            "{numbers:?}"
        );
    }
}
