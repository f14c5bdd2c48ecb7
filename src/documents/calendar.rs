//! Calendar files (iCalendar, RFC 5545). Times are written in UTC, which needs no definition of zones and is read alike
//! by every program; the reader's own calendar shows them in the zone it is set to.

use icalendar::{Calendar, Component, Event, Property};
use time::{Date, OffsetDateTime, UtcOffset, format_description::BorrowedFormatItem, macros::format_description};

use crate::domain::{Conference, Day, TimeSlot};

const UTC: &[BorrowedFormatItem<'_>] = format_description!("[year][month][day]T[hour][minute][second]Z");
const DAY: &[BorrowedFormatItem<'_>] = format_description!("[year][month][day]");

/// When an entry takes place.
#[derive(Clone, Copy, Debug)]
pub enum When {
    /// From one instant to another.
    Slot(TimeSlot),
    /// On whole days, from the first to the last.
    Days(Day, Day),
}

/// One entry of a calendar.
#[derive(Clone, Debug)]
pub struct Entry {
    /// What it is known by for ever, so that a newer file replaces it: `019…@conference.example`.
    pub uid: String,
    /// When.
    pub when: When,
    /// What.
    pub summary: String,
    /// Where.
    pub location: String,
    /// More words, without markup.
    pub description: String,
    /// The page about it.
    pub url: String,
    /// Whether its hours may still change.
    pub tentative: bool,
    /// Grows with each change.
    pub revision: i32,
    /// When it was changed last.
    pub changed: OffsetDateTime,
}

impl Entry {
    /// The whole conference, on its days. `host` makes its key one of a kind; `url` is the conference's home.
    pub fn conference(conference: &Conference, host: &str, url: String, changed: OffsetDateTime) -> Self {
        Self {
            uid: format!("{}@{host}", conference.id),
            when: When::Days(conference.first_day, conference.last_day),
            summary: conference.title.clone(),
            location: format!("{}, {}, {}", conference.venue, conference.city, conference.country),
            description: format!("{}\n\n{url}", conference.theme),
            url,
            tentative: false,
            revision: conference.revision,
            changed,
        }
    }
}

/// The file with these entries; `name` is what calendar programs call it.
pub fn file(name: &str, entries: &[Entry]) -> String {
    let mut calendar = Calendar::empty();
    for (key, value) in [
        ("VERSION", "2.0"),
        ("PRODID", "-//Major Cities of Europe//Conference//EN"),
        ("CALSCALE", "GREGORIAN"),
        ("METHOD", "PUBLISH"),
    ] {
        calendar.append_property(Property::new(key, value));
    }
    let name = one_line(name);
    // RFC 7986, 5.1. The crate escapes what it knows as text, and this is not among it.
    calendar.append_property(Property::new("NAME", escaped(&name)));
    calendar.append_property(Property::new("X-WR-CALNAME", name));
    // Those who subscribe look again every hour.
    calendar.append_property(Property::new("REFRESH-INTERVAL", "PT1H").add_parameter("VALUE", "DURATION").done());
    calendar.append_property(Property::new("X-PUBLISHED-TTL", "PT1H"));
    for entry in entries {
        calendar.push(event(entry));
    }
    calendar.to_string()
}

fn event(entry: &Entry) -> Event {
    let mut event = Event::new();
    event
        .add_property("UID", &entry.uid)
        .add_property("DTSTAMP", utc(entry.changed))
        .add_property("LAST-MODIFIED", utc(entry.changed))
        .add_property("SEQUENCE", entry.revision.to_string())
        .add_property("STATUS", if entry.tentative { "TENTATIVE" } else { "CONFIRMED" })
        .add_property("SUMMARY", one_line(&entry.summary))
        .add_property("LOCATION", one_line(&entry.location))
        .add_property("DESCRIPTION", entry.description.replace('\r', ""))
        .add_property("URL", &entry.url);
    match entry.when {
        When::Slot(slot) => {
            event.add_property("DTSTART", utc(slot.start())).add_property("DTEND", utc(slot.end()));
        }
        When::Days(first, last) => {
            // The end of whole days is the day after the last.
            let end = last.0.next_day().unwrap_or(last.0);
            event.append_property(whole_day("DTSTART", first.0)).append_property(whole_day("DTEND", end));
            event.add_property("TRANSP", "TRANSPARENT");
        }
    }
    event.done()
}

fn whole_day(key: &str, day: Date) -> Property {
    let day = day.format(DAY).expect("a date has year, month and day");
    Property::new(key, day).add_parameter("VALUE", "DATE").done()
}

fn utc(instant: OffsetDateTime) -> String {
    instant.to_offset(UtcOffset::UTC).format(UTC).expect("an instant has all the parts of a date and a time")
}

/// A text as RFC 5545 has it (3.3.11).
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace(';', "\\;").replace(',', "\\,")
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::{date, datetime};

    fn entry(when: When) -> Entry {
        Entry {
            uid: "7@conference.example".to_owned(),
            when,
            summary: "World Café; tables, many".to_owned(),
            location: "Kongresshalle Leipzig".to_owned(),
            description:
                "First line\r\nsecond line, long enough that it has to be folded over more than one line of the file"
                    .to_owned(),
            url: "https://conference.example/leipzig-2018/sessions/world-cafe".to_owned(),
            tentative: true,
            revision: 3,
            changed: datetime!(2018-01-02 03:04:05 UTC),
        }
    }

    #[test]
    fn a_session_stands_in_utc_with_its_words_escaped_and_lines_folded() {
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
            "UID:7@conference.example\r\n",
            "STATUS:TENTATIVE\r\n",
            "SEQUENCE:3\r\n",
            "URL:https://conference.example/leipzig-2018/sessions/world-cafe\r\n",
        ] {
            assert!(file.contains(line), "{line:?} is missing in\n{file}");
        }
        assert!(file.contains("First line\\nsecond line"), "{file}");
        assert!(file.split("\r\n").all(|line| line.len() <= 75), "{file}");
        assert!(!file.replace("\r\n", "").contains(['\r', '\n']), "{file}");
    }

    #[test]
    fn whole_days_end_on_the_day_after_the_last() {
        let file = file("Leipzig 2018", &[entry(When::Days(Day(date!(2018 - 05 - 28)), Day(date!(2018 - 05 - 30))))]);
        assert!(file.contains("DTSTART;VALUE=DATE:20180528\r\n"), "{file}");
        assert!(file.contains("DTEND;VALUE=DATE:20180531\r\n"), "{file}");
    }
}
