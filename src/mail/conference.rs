//! The values that every mail about a conference may name.

use super::text::{Link, Values};
use crate::{domain::Conference, urls};

/// The names of these values.
pub const NAMES: [&str; 13] = [
    "site",
    "home",
    "programme",
    "register",
    "title",
    "theme",
    "dates",
    "days",
    "first_day",
    "city",
    "place",
    "venue",
    "telephone",
];

/// Returns the values of this conference. `absolute` returns the full address of a path.
pub fn values(conference: &Conference, absolute: impl Fn(&str) -> String) -> Values {
    let slug = &conference.slug;
    let mut values = Values::default();
    let mut address = |name, path: String| values.link(name, Link::open(absolute(&path)));
    address("site", urls::public::root());
    address("home", urls::public::home(slug));
    address("programme", urls::public::programme(slug));
    address("register", urls::public::register(slug));
    // For example "Annual conference of Major Cities of Europe, 2018 Leipzig" and "28–30 May 2018".
    values.words("title", &conference.title);
    values.words("theme", &conference.theme);
    values.words("dates", &conference.dates());
    values.words("days", &conference.days_in_full());
    values.words("first_day", &conference.first_day.long());
    values.words("city", &conference.city);
    values.words("place", &format!("{}, {}", conference.city, conference.country));
    values.words("venue", &conference.venue);
    values.telephone("telephone", &conference.contact_telephone);
    values
}
