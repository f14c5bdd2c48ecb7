//! Programme items as pages show them.

use crate::{
    domain::{Conference, Day, FileId, PictureId, PictureSize, Rooms, Status, TimeSlot, TopicMark, Zone},
    store::programme::{Item, Participant, SessionKind},
    urls,
    web::App,
};

/// The website of the organisation that holds the conferences.
const ORGANISER_URL: &str = "https://www.majorcities.eu/";

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

    /// Returns the address of a person's page.
    pub fn speaker(self, conference: &Conference, slug: &str) -> String {
        match self {
            Self::Public => urls::public::speaker(&conference.slug, slug),
            Self::Preview(token) => urls::public::preview_speaker(&conference.slug, token, slug),
        }
    }

    /// Returns the address of a picture.
    pub fn picture(self, conference: &Conference, picture: PictureId, size: PictureSize) -> String {
        match self {
            Self::Public => urls::public::picture(&conference.slug, picture, size),
            Self::Preview(token) => urls::public::preview_picture(&conference.slug, token, picture, size),
        }
    }

    /// Returns the address of a file.
    pub fn file(self, conference: &Conference, file: FileId) -> String {
        match self {
            Self::Public => urls::public::file(&conference.slug, file),
            Self::Preview(token) => urls::public::preview_file(&conference.slug, token, file),
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
    /// When it takes place, if that is known.
    pub when: Option<When>,
    /// Its rooms, if known.
    pub room: Option<String>,
    /// The people who take part, in order.
    pub people: Vec<Participant>,
    /// Whether its time is provisional.
    pub provisional: bool,
    /// Whether only organisers know of it so far.
    pub draft: bool,
    /// Whether it does not take place.
    pub cancelled: bool,
}

/// When something takes place, as text.
#[derive(Clone, Debug)]
pub struct When {
    /// The day, such as `Tuesday 29 May`.
    pub day: String,
    /// The year.
    pub year: i32,
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
    /// Its position on the timetable, as classes of `times.css`.
    pub position: String,
}

impl ItemView {
    /// Returns the item with its times in the conference's time zone.
    pub fn of(conference: &Conference, pages: Pages<'_>, item: &Item) -> Self {
        Self {
            href: pages.session(conference, &item.slug),
            topic: item.topic,
            heading: Heading::of(&item.title),
            subtitle: item.subtitle.clone(),
            abstract_text: item.abstract_text.clone(),
            kind: item.kind.clone(),
            when: item.slot.map(|slot| When::of(&conference.zone, slot)),
            room: item.rooms.said(),
            people: item.people.clone(),
            provisional: item.status == Status::Tentative,
            draft: item.status == Status::Draft,
            cancelled: item.is_cancelled(),
        }
    }

    /// Returns its whole title.
    pub fn title(&self) -> String {
        let Heading { head, tail } = &self.heading;
        if tail.is_empty() { head.clone() } else { format!("{head} – {tail}") }
    }

    /// Whether it is a break, such as coffee or lunch.
    pub fn is_break(&self) -> bool {
        self.kind.is_break
    }

    /// Returns its position on the timetable, as classes of `times.css`.
    pub fn position(&self) -> &str {
        self.when.as_ref().map_or("", |when| &when.position)
    }
}

impl When {
    /// Returns this time in words.
    pub fn of(zone: &Zone, slot: TimeSlot) -> Self {
        let day = zone.day(slot.start());
        Self {
            day: day.long(),
            year: day.0.year(),
            short_day: day.short(),
            starts: zone.clock(slot.start()),
            ends: zone.clock(slot.end()),
            starts_iso: zone.iso(slot.start()),
            ends_iso: zone.iso(slot.end()),
            position: position(zone, slot),
        }
    }
}

/// What begins before this hour belongs to the evening before.
const MORNING: u8 = 5;

/// Returns the day under which the programme shows what takes place then. An evening past midnight belongs to the day on which it
/// began, and so does what begins in the small hours.
pub fn programme_day(zone: &Zone, slot: TimeSlot) -> Day {
    let day = zone.day(slot.start());
    let is_late = zone.local(slot.start()).hour() < MORNING;
    day.0.previous_day().filter(|_| is_late).map_or(day, Day)
}

/// The range of whole hours that contains a day's items, for the timetable and the day strip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hours {
    /// The hour in which the first item begins.
    pub opens: u8,
    /// The hour by which the last item has ended. The hours after midnight are counted on, from 25 to [`Hours::LATEST`].
    pub closes: u8,
}

impl Hours {
    /// The latest hour that is shown: six in the morning of the next day.
    pub const LATEST: u8 = 30;

    /// Returns the hours that contain both.
    pub fn and(self, other: Self) -> Self {
        Self { opens: self.opens.min(other.opens), closes: self.closes.max(other.closes) }
    }
}

/// Returns the hours of these times, which must all belong to one day. `None` if there are none.
pub fn hours(zone: &Zone, slots: impl Iterator<Item = TimeSlot>) -> Option<Hours> {
    slots
        .map(|slot| {
            let (hour, minute) = end(zone, slot);
            let closes = if minute > 0 { hour + 1 } else { hour };
            Hours { opens: start(zone, slot).0, closes }
        })
        .reduce(Hours::and)
}

/// Returns the abbreviation of the time zone, such as `CEST`, if it is the same at all times of these items. Otherwise, and while no
/// time is known, it is empty.
pub fn time_zone(conference: &Conference, items: &[Item]) -> String {
    let mut zones: Vec<String> =
        items.iter().filter_map(|item| Some(conference.zone.abbreviation(item.slot?.start()))).collect();
    zones.dedup();
    if zones.len() == 1 { zones.remove(0) } else { String::new() }
}

/// Returns the classes for an item's start and end, such as `h9 m0 to-h10 to-m30`, in steps of five minutes.
fn position(zone: &Zone, slot: TimeSlot) -> String {
    let (hour, minute) = start(zone, slot);
    let (to_hour, to_minute) = end(zone, slot);
    format!("h{hour} m{} to-h{to_hour} to-m{to_minute}", minute / 5 * 5)
}

/// Returns the hour and minute of the start, counted from the midnight at which its day begins.
fn start(zone: &Zone, slot: TimeSlot) -> (u8, u8) {
    let time = zone.local(slot.start()).time();
    (if time.hour() < MORNING { time.hour() + 24 } else { time.hour() }, time.minute())
}

/// Returns the hour and minute of the end, counted in the same way and rounded up to five minutes.
fn end(zone: &Zone, slot: TimeSlot) -> (u8, u8) {
    let local = zone.local(slot.end());
    let days = (local.date() - programme_day(zone, slot).0).whole_days();
    let (hour, minute) = match local.minute().div_ceil(5) * 5 {
        60 => (local.hour() + 1, 0),
        minute => (local.hour(), minute),
    };
    match days {
        0 => (hour, minute),
        1 if hour < Hours::LATEST - 24 => (24 + hour, minute),
        _ => (Hours::LATEST, 0),
    }
}

/// Returns the title as it stands where there are no marks beside it: with the session's status in front, unless it is
/// confirmed.
pub fn marked_title(item: &Item) -> String {
    let title = &item.title;
    match item.status {
        Status::Cancelled => format!("Cancelled: {title}"),
        Status::Tentative => format!("Provisional: {title}"),
        _ => title.clone(),
    }
}

/// Returns the rooms in the venue as schema.org data, or the venue while they are to be announced.
pub fn location(conference: &Conference, rooms: &Rooms) -> serde_json::Value {
    let venue = place(conference);
    if rooms.names().is_empty() {
        return venue;
    }
    serde_json::json!({
        "@type": "Place",
        "name": rooms.said(),
        "address": venue["address"],
        "containedInPlace": venue,
    })
}

/// Returns the venue as schema.org data.
pub fn place(conference: &Conference) -> serde_json::Value {
    let mut place = serde_json::json!({
        "@type": "Place",
        "name": conference.venue,
        "url": conference.venue_url,
        "address": {
            "@type": "PostalAddress",
            "addressLocality": conference.city,
            "addressCountry": conference.country.code(),
        },
    });
    if !conference.address.is_empty() {
        place["address"]["streetAddress"] = conference.address.clone().into();
    }
    if !conference.map_url.is_empty() {
        place["hasMap"] = conference.map_url.clone().into();
    }
    place
}

/// Returns who organises the conference as schema.org data.
pub fn organiser(conference: &Conference) -> serde_json::Value {
    let mut organiser = serde_json::json!({
        "@type": "Organization",
        "name": "Major Cities of Europe",
        "url": ORGANISER_URL,
        "email": conference.contact_email,
    });
    if !conference.contact_telephone.is_empty() {
        organiser["telephone"] = conference.contact_telephone.clone().into();
    }
    organiser
}

/// Returns the conference for search engines.
pub fn event(app: &App, conference: &Conference) -> serde_json::Value {
    serde_json::json!({
        "@type": "Event",
        "name": conference.title,
        "url": app.absolute(&urls::public::home(&conference.slug)),
        "startDate": conference.first_day.iso(),
        "endDate": conference.last_day.iso(),
        "location": place(conference),
    })
}

/// Serialises data for a `<script>` element. It escapes every `<`, so that no text can end the element.
pub fn in_page(data: &serde_json::Value) -> String {
    data.to_string().replace('<', "\\u003c")
}

#[cfg(test)]
mod tests {
    use time::macros::{date, datetime};

    use super::*;

    #[test]
    fn a_title_is_split_at_its_dash() {
        let heading = Heading::of("City Data: Swimming in the data sea – are you waving or drowning?");
        assert_eq!(heading.head, "City Data: Swimming in the data sea");
        assert_eq!(heading.tail, "are you waving or drowning?");
        assert_eq!(Heading::of("World Café").tail, "");
    }

    #[test]
    fn an_evening_past_midnight_belongs_to_the_day_on_which_it_began() {
        let zone = Zone::parse("Europe/Berlin").expect("a zone");
        let slot = |start, end| TimeSlot::new(start, end).expect("a slot");
        let dinner = slot(datetime!(2018-05-29 19:00 +2), datetime!(2018-05-30 01:30 +2));
        let dance = slot(datetime!(2018-05-30 00:30 +2), datetime!(2018-05-30 02:00 +2));
        assert_eq!([dinner, dance].map(|slot| programme_day(&zone, slot)), [Day(date!(2018 - 05 - 29)); 2]);
        assert_eq!(When::of(&zone, dinner).position, "h19 m0 to-h25 to-m30");
        assert_eq!(When::of(&zone, dance).position, "h24 m30 to-h26 to-m0");
        assert_eq!(hours(&zone, [dinner, dance].into_iter()), Some(Hours { opens: 19, closes: 26 }));
        let midnight = slot(datetime!(2018-05-29 20:00 +2), datetime!(2018-05-30 00:00 +2));
        assert_eq!(When::of(&zone, midnight).position, "h20 m0 to-h24 to-m0");
        let all_day = slot(datetime!(2018-05-29 09:00 +2), datetime!(2018-05-30 09:00 +2));
        assert_eq!(When::of(&zone, all_day).position, "h9 m0 to-h30 to-m0");
    }

    #[test]
    fn data_in_a_page_cannot_end_its_script_element() {
        let data = in_page(&serde_json::json!({ "name": "</script><script>alert(1)</script>" }));
        assert!(!data.contains('<'), "{data}");
    }
}
