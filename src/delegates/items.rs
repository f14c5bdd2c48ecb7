//! Programme items as pages show them.

use time::{OffsetDateTime, Time};

use crate::{
    domain::{Conference, Day, SessionKind, Status, TopicMark},
    store::programme::Item,
    urls,
};

/// A title in two parts, as in "New technologies – seeing beyond the hype". The second part may be empty.
#[derive(Clone, Debug)]
pub struct Heading {
    /// The part before the dash, or the whole title if it has no dash.
    pub head: String,
    /// The part after the dash.
    pub tail: String,
}

impl Heading {
    /// Splits the title at its last dash.
    pub fn of(title: &str) -> Self {
        let (head, tail) = title.rsplit_once(" – ").unwrap_or((title, ""));
        Self { head: head.to_owned(), tail: tail.to_owned() }
    }
}

/// The pages between which a programme's links lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pages<'a> {
    /// The public pages.
    Public,
    /// The preview of the draft, with this secret.
    Preview(&'a str),
}

impl Pages<'_> {
    /// Returns the address of a session's page.
    pub fn session(self, conference: &Conference, slug: &str) -> String {
        match self {
            Self::Public => urls::public::session(&conference.slug, slug),
            Self::Preview(token) => urls::public::preview_session(&conference.slug, token, slug),
        }
    }

    /// Returns the address of the programme of one day, of one topic, of both, or of the whole programme.
    pub fn programme(self, conference: &Conference, day: Option<Day>, topic: Option<&str>) -> String {
        match self {
            Self::Public => urls::public::programme_of(&conference.slug, day, topic),
            Self::Preview(token) => urls::public::preview_of(&conference.slug, token, day, topic),
        }
    }
}

/// A programme item with its times and places as text.
#[derive(Clone, Debug)]
pub struct ItemView {
    /// The address of its page.
    pub href: String,
    /// The number and colour of its topic, if it has one.
    pub topic: Option<TopicMark>,
    /// Its title.
    pub heading: Heading,
    /// The second line of its title; may be empty.
    pub subtitle: String,
    /// What it is about; may be empty.
    pub abstract_text: String,
    /// Its kind.
    pub kind: SessionKind,
    /// The day, such as `Tuesday 29 May`.
    pub day: String,
    /// The day in short form, such as `Tue 29 May`.
    pub short_day: String,
    /// The start in local time, such as `14:00`.
    pub starts: String,
    /// The end in local time, such as `15:30`.
    pub ends: String,
    /// The start in ISO 8601, for `datetime`.
    pub starts_iso: String,
    /// The end in ISO 8601, for `datetime`.
    pub ends_iso: String,
    /// Its room, if known.
    pub room: Option<String>,
    /// Whether its time is provisional.
    pub provisional: bool,
    /// Whether only organisers know of it so far.
    pub draft: bool,
    /// Whether it does not take place.
    pub cancelled: bool,
    /// Its position on the timetable, as classes of `times.css`.
    pub position: String,
}

impl ItemView {
    /// Returns the item with its times in the conference's time zone.
    pub fn of(conference: &Conference, pages: Pages<'_>, item: &Item) -> Self {
        let zone = &conference.zone;
        let day = zone.day(item.slot.start());
        Self {
            href: pages.session(conference, &item.slug),
            topic: item.topic,
            heading: Heading::of(&item.title),
            subtitle: item.subtitle.clone(),
            abstract_text: item.abstract_text.clone(),
            kind: item.kind,
            day: day.long(),
            short_day: day.short(),
            starts: zone.clock(item.slot.start()),
            ends: zone.clock(item.slot.end()),
            starts_iso: zone.iso(item.slot.start()),
            ends_iso: zone.iso(item.slot.end()),
            room: item.room.clone(),
            provisional: item.status == Status::Tentative,
            draft: item.status == Status::Draft,
            cancelled: item.is_cancelled(),
            position: position(conference, item, day),
        }
    }

    /// Whether it is a break, such as coffee or lunch.
    pub fn is_break(&self) -> bool {
        self.kind == SessionKind::Break
    }
}

/// The range of whole hours that contains a day's items, for the timetable and the day strip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hours {
    /// The hour in which the first item begins.
    pub opens: u8,
    /// The hour by which the last item has ended, at most 24.
    pub closes: u8,
}

/// Returns the hours of these items, which must all begin on one day. `None` if there are no items.
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

/// Returns the abbreviation of the time zone during the conference, such as `CEST`, or an empty string while the
/// programme is empty.
pub fn time_zone(conference: &Conference, items: &[Item]) -> String {
    items.first().map_or_else(String::new, |item| conference.zone.abbreviation(item.slot.start()))
}

/// Returns the classes for an item's start and end, such as `h9 m0 to-h10 to-m30`, in steps of five minutes.
fn position(conference: &Conference, item: &Item, day: Day) -> String {
    let start = conference.zone.local(item.slot.start()).time();
    let (to_hour, to_minute) = end(conference, item.slot.end(), day);
    format!("h{} m{} to-h{to_hour} to-m{to_minute}", start.hour(), start.minute() / 5 * 5)
}

/// Returns the hour and minute at which an item that begins on `day` ends, rounded up to five minutes. An end after
/// midnight counts as 24:00.
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

/// Returns the venue as schema.org data.
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

/// Serialises data for a `<script>` element. It escapes every `<`, so that no text can end the element.
pub fn in_page(data: &serde_json::Value) -> String {
    data.to_string().replace('<', "\\u003c")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_split_at_its_dash() {
        let heading = Heading::of("City Data: Swimming in the data sea – are you waving or drowning?");
        assert_eq!(heading.head, "City Data: Swimming in the data sea");
        assert_eq!(heading.tail, "are you waving or drowning?");
        assert_eq!(Heading::of("World Café").tail, "");
    }

    #[test]
    fn data_in_a_page_cannot_end_its_script_element() {
        let data = in_page(&serde_json::json!({ "name": "</script><script>alert(1)</script>" }));
        assert!(!data.contains('<'), "{data}");
    }
}
