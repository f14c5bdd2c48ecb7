//! Items of the programme as pages show them.

use time::{OffsetDateTime, Time};

use crate::{
    domain::{Conference, Day, SessionKind},
    store::programme::Item,
    urls,
};

/// A title that has two parts, as in "New technologies – seeing beyond the hype"; the second may be empty.
#[derive(Clone, Debug)]
pub struct Heading {
    /// What stands before the dash, or the whole.
    pub head: String,
    /// What stands behind it.
    pub tail: String,
}

impl Heading {
    /// The title, parted at its last dash.
    pub fn of(title: &str) -> Self {
        let (head, tail) = title.rsplit_once(" – ").unwrap_or((title, ""));
        Self { head: head.to_owned(), tail: tail.to_owned() }
    }
}

/// An item of the programme in words.
#[derive(Clone, Debug)]
pub struct ItemView {
    /// Its page.
    pub href: String,
    /// Its topic's number.
    pub topic: Option<i16>,
    /// Its title.
    pub heading: Heading,
    /// What sort of session it is.
    pub kind: SessionKind,
    /// `Tuesday 29 May`.
    pub day: String,
    /// `Tue 29 May`.
    pub short_day: String,
    /// `14:00`.
    pub starts: String,
    /// `15:30`.
    pub ends: String,
    /// The start for machines.
    pub starts_iso: String,
    /// The end for machines.
    pub ends_iso: String,
    /// Its room, once that is known.
    pub room: Option<String>,
    /// Whether its hours are a proposal.
    pub provisional: bool,
    /// Where on the clock it stands, as classes of `times.css`.
    pub clock: String,
}

impl ItemView {
    /// The item as the clocks at the conference show it.
    pub fn of(conference: &Conference, item: &Item) -> Self {
        let zone = &conference.zone;
        let day = zone.day(item.slot.start());
        Self {
            href: urls::public::session(&conference.slug, &item.slug),
            topic: item.topic,
            heading: Heading::of(&item.title),
            kind: item.kind,
            day: day.long(),
            short_day: day.short(),
            starts: zone.clock(item.slot.start()),
            ends: zone.clock(item.slot.end()),
            starts_iso: zone.iso(item.slot.start()),
            ends_iso: zone.iso(item.slot.end()),
            room: item.room.clone(),
            provisional: item.provisional,
            clock: clock(conference, item, day),
        }
    }

    /// Whether nothing is on: coffee, lunch.
    pub fn is_pause(&self) -> bool {
        self.kind == SessionKind::Break
    }
}

/// The hours between which a day's items lie, as the grid and the strip need them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hours {
    /// The hour in which the first begins.
    pub opens: u8,
    /// The hour by which the last has ended, at most 24.
    pub closes: u8,
}

/// The hours of these items, which all begin on one day.
pub fn hours<'a>(conference: &Conference, items: impl Iterator<Item = &'a Item>) -> Option<Hours> {
    items
        .map(|item| {
            let day = conference.zone.day(item.slot.start());
            let (hour, minute) = end(conference, item.slot.end(), day);
            let closes = if minute > 0 { hour + 1 } else { hour };
            Hours { opens: conference.zone.local(item.slot.start()).hour(), closes }
        })
        .reduce(|one, other| Hours { opens: one.opens.min(other.opens), closes: one.closes.max(other.closes) })
}

/// What clocks there are called while the conference lasts: `CEST`. Nothing while nothing is planned.
pub fn clocks(conference: &Conference, items: &[Item]) -> String {
    items.first().map_or_else(String::new, |item| conference.zone.abbreviation(item.slot.start()))
}

/// `h9 m0 to-h10 to-m30`, in steps of five minutes.
fn clock(conference: &Conference, item: &Item, day: Day) -> String {
    let start = conference.zone.local(item.slot.start()).time();
    let (to_hour, to_minute) = end(conference, item.slot.end(), day);
    format!("h{} m{} to-h{to_hour} to-m{to_minute}", start.hour(), start.minute() / 5 * 5)
}

/// Hour and minute at which something that began on `day` ends, rounded up to five minutes; 24:00 if that is after
/// midnight.
fn end(conference: &Conference, instant: OffsetDateTime, day: Day) -> (u8, u8) {
    let local = conference.zone.local(instant);
    if Day(local.date()) != day {
        return (24, 0);
    }
    let time: Time = local.time();
    match time.minute().div_ceil(5) * 5 {
        60 => (time.hour() + 1, 0),
        minute => (time.hour(), minute),
    }
}

/// The venue as schema.org data.
pub fn place(conference: &Conference) -> serde_json::Value {
    serde_json::json!({
        "@type": "Place",
        "name": conference.venue,
        "url": conference.venue_url,
        "address": {
            "@type": "PostalAddress",
            "addressLocality": conference.city,
            "addressCountry": conference.country.code(),
        },
    })
}

/// Data to stand in a page: no `<` in it can end the block.
pub fn in_page(data: &serde_json::Value) -> String {
    data.to_string().replace('<', "\\u003c")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_parted_at_its_dash() {
        let parted = Heading::of("City Data: Swimming in the data sea – are you waving or drowning?");
        assert_eq!(parted.head, "City Data: Swimming in the data sea");
        assert_eq!(parted.tail, "are you waving or drowning?");
        assert_eq!(Heading::of("World Café").tail, "");
    }

    #[test]
    fn data_in_a_page_cannot_end_its_block() {
        let data = in_page(&serde_json::json!({ "name": "</script><script>alert(1)</script>" }));
        assert!(!data.contains('<'), "{data}");
    }
}
