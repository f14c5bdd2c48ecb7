//! What every mail about one edition of the conference may say of it.

use super::text::{Link, Placeholder, Values};
use crate::{
    domain::{Conference, Day},
    urls,
};

/// The values of an edition.
pub const PLACEHOLDERS: &[Placeholder] = &[
    Placeholder::address("site", "the site"),
    Placeholder::words("title", "the conference: “Annual conference of Major Cities of Europe, 2018 Leipzig”"),
    Placeholder::words("theme", "its theme"),
    Placeholder::words("dates", "its dates in short: “28–30 May 2018”"),
    Placeholder::words("days", "its days: “Monday 28 May to Wednesday 30 May 2018”"),
    Placeholder::words("city", "the city it is held in"),
    Placeholder::words("place", "that city and its country"),
    Placeholder::words("venue", "the building it is held in"),
    Placeholder::words("telephone", "the telephone number of the operations desk, as a link that dials it"),
    Placeholder::address("home", "its home page"),
    Placeholder::address("programme", "its programme"),
    Placeholder::address("register", "its registration form"),
];

/// One edition, as mails tell of it.
#[derive(Clone, Debug)]
pub struct Edition(Values);

impl Edition {
    /// What mails say of this conference; `absolute` makes whole addresses of paths.
    pub fn of(conference: &Conference, absolute: impl Fn(&str) -> String) -> Self {
        let slug = &conference.slug;
        let mut values = Values::default();
        let mut address = |name, path: String| values.address_of(name, Link::open(absolute(&path)));
        address("site", urls::public::root());
        address("home", urls::public::home(slug));
        address("programme", urls::public::programme(slug));
        address("register", urls::public::register(slug));
        values.words("title", &conference.title);
        values.words("theme", &conference.theme);
        values.words("dates", &conference.dates());
        values.words("days", &days(conference.first_day, conference.last_day));
        values.words("city", &conference.city);
        values.words("place", &format!("{}, {}", conference.city, conference.country));
        values.words("venue", &conference.venue);
        values.telephone("telephone", &conference.contact_telephone);
        Self(values)
    }

    /// Its values, to which a mail adds its own.
    pub fn values(&self) -> Values {
        self.0.clone()
    }
}

fn days(first: Day, last: Day) -> String {
    if first == last {
        format!("{} {}", last.long(), last.0.year())
    } else {
        format!("{} to {} {}", first.long(), last.long(), last.0.year())
    }
}
