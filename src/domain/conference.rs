//! One edition of the conference.

use time::OffsetDateTime;

use super::{Availability, ConferenceId, Country, Day, Zone};

/// A conference: what it is, when, where, and whom to ask.
#[derive(Clone, Debug)]
pub struct Conference {
    /// Its key.
    pub id: ConferenceId,
    /// The first part of all its addresses, for ever: `leipzig-2018`.
    pub slug: String,
    /// "Annual conference of Major Cities of Europe, 2018 Leipzig".
    pub title: String,
    /// Its theme.
    pub theme: String,
    /// The city it is held in.
    pub city: String,
    /// That city's country.
    pub country: Country,
    /// The house it is held in.
    pub venue: String,
    /// That house's own site.
    pub venue_url: String,
    /// Who invites.
    pub hosts: String,
    /// The first day.
    pub first_day: Day,
    /// The last day.
    pub last_day: Day,
    /// The zone in which all its times are said.
    pub zone: Zone,
    /// The operations' address that the public sees.
    pub contact_email: String,
    /// The operations' telephone number, as people write it.
    pub contact_telephone: String,
    /// The operations' fax number, as people write it.
    pub contact_fax: String,
    /// When registration opens, if an administrator has set it.
    pub registration_opens: Option<OffsetDateTime>,
    /// When registration closes, if an administrator has set it; [`Conference::window`] says what holds otherwise.
    pub registration_closes: Option<OffsetDateTime>,
    /// Whether addresses without a slug lead here.
    pub is_current: bool,
    /// Counts the saves of these settings.
    pub revision: i32,
}

impl Conference {
    /// Its days, in order.
    pub fn days(&self) -> Vec<Day> {
        self.first_day.through(self.last_day)
    }

    /// Its year.
    pub fn year(&self) -> i32 {
        self.first_day.0.year()
    }

    /// The end of its last day, in its own time zone.
    pub fn ends(&self) -> OffsetDateTime {
        self.zone.end_of(self.last_day)
    }

    /// When delegates can register. Without a closing time, registration closes at the end of the last day.
    pub fn window(&self) -> Window {
        Window { opens: self.registration_opens, closes: self.registration_closes.unwrap_or_else(|| self.ends()) }
    }

    /// Its dates as on a poster: `28–30 May 2018`, `30 May – 1 June 2018`.
    pub fn dates(&self) -> String {
        let (first, last) = (self.first_day.0, self.last_day.0);
        if first == last {
            format!("{} {} {}", first.day(), first.month(), first.year())
        } else if first.month() == last.month() && first.year() == last.year() {
            format!("{}–{} {} {}", first.day(), last.day(), last.month(), last.year())
        } else if first.year() == last.year() {
            format!("{} {} – {} {} {}", first.day(), first.month(), last.day(), last.month(), last.year())
        } else {
            format!(
                "{} {} {} – {} {} {}",
                first.day(),
                first.month(),
                first.year(),
                last.day(),
                last.month(),
                last.year()
            )
        }
    }
}

/// When delegates can register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// From when on; `None` is no limit.
    pub opens: Option<OffsetDateTime>,
    /// Until when, this instant excluded.
    pub closes: OffsetDateTime,
}

/// How the window stands at some instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WindowState {
    /// It opens later.
    NotYet {
        /// When.
        opens: OffsetDateTime,
    },
    /// Delegates can register.
    Open,
    /// It is over.
    Closed {
        /// Since when.
        closed: OffsetDateTime,
    },
}

impl Window {
    /// How it stands at `now`.
    pub fn at(self, now: OffsetDateTime) -> WindowState {
        match (self.opens, self.closes) {
            (Some(opens), _) if now < opens => WindowState::NotYet { opens },
            (_, closed) if now >= closed => WindowState::Closed { closed },
            _ => WindowState::Open,
        }
    }

    /// When that changes next, if it does.
    pub fn next_turn(self, now: OffsetDateTime) -> Option<OffsetDateTime> {
        match self.at(now) {
            WindowState::NotYet { opens } => Some(opens),
            WindowState::Open => Some(self.closes),
            WindowState::Closed { .. } => None,
        }
    }
}

/// Whether somebody can register, as public pages say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RegistrationStatus {
    /// Registration opens later.
    NotYet {
        /// When.
        opens: OffsetDateTime,
    },
    /// Delegates can register.
    Open,
    /// Delegates can register, and should not wait long.
    FewLeft,
    /// No place is free.
    Full,
    /// Registration is over.
    Closed {
        /// Since when.
        closed: OffsetDateTime,
    },
}

impl RegistrationStatus {
    /// The status that follows from the time and from the places that are left.
    pub fn of(window: WindowState, places: Availability) -> Self {
        match (window, places) {
            (WindowState::NotYet { opens }, _) => Self::NotYet { opens },
            (WindowState::Closed { closed }, _) => Self::Closed { closed },
            (WindowState::Open, Availability::Full) => Self::Full,
            (WindowState::Open, Availability::Few) => Self::FewLeft,
            (WindowState::Open, Availability::Free) => Self::Open,
        }
    }

    /// Whether the registration form is there.
    pub fn can_register(self) -> bool {
        matches!(self, Self::Open | Self::FewLeft)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn the_window_opens_and_closes_at_its_instants() {
        let (opens, closes) = (datetime!(2018-01-15 8:00 UTC), datetime!(2018-05-20 22:00 UTC));
        let window = Window { opens: Some(opens), closes };
        assert_eq!(window.at(datetime!(2018-01-15 7:59:59 UTC)), WindowState::NotYet { opens });
        assert_eq!(window.at(opens), WindowState::Open);
        assert_eq!(window.at(closes), WindowState::Closed { closed: closes });
        let before = datetime!(2018-01-01 0:00 UTC);
        assert_eq!([before, opens, closes].map(|now| window.next_turn(now)), [Some(opens), Some(closes), None]);
    }

    #[test]
    fn the_time_comes_before_the_places() {
        let closed = datetime!(2018-05-20 22:00 UTC);
        let status = |window| {
            [Availability::Free, Availability::Few, Availability::Full]
                .map(|places| RegistrationStatus::of(window, places))
        };
        assert_eq!(
            status(WindowState::Open),
            [RegistrationStatus::Open, RegistrationStatus::FewLeft, RegistrationStatus::Full]
        );
        assert_eq!(status(WindowState::Closed { closed }), [RegistrationStatus::Closed { closed }; 3]);
    }
}
