//! One edition of the conference.

use time::{Duration, OffsetDateTime};

use super::{Availability, ConferenceId, Country, Day, DescribedPicture, EditionState, Zone};

/// A conference: its title, theme, dates, venue, hosts and contact details.
#[derive(Clone, Debug)]
pub struct Conference {
    /// The primary key.
    pub id: ConferenceId,
    /// The first part of the path of all its pages, for example `leipzig-2018`. It never changes.
    pub slug: String,
    /// "Annual conference of Major Cities of Europe, 2018 Leipzig".
    pub title: String,
    /// Its theme.
    pub theme: String,
    /// The city it is held in.
    pub city: String,
    /// That city's country.
    pub country: Country,
    /// The name of the venue.
    pub venue: String,
    /// The address of the venue's website.
    pub venue_url: String,
    /// The street address of the venue; may be empty.
    pub address: String,
    /// The address of a page that shows the venue on a map; may be empty.
    pub map_url: String,
    /// The organisations that host the conference.
    pub hosts: String,
    /// The first day.
    pub first_day: Day,
    /// The last day.
    pub last_day: Day,
    /// The time zone in which all its times are shown.
    pub zone: Zone,
    /// The public e-mail address of the operations desk.
    pub contact_email: String,
    /// The public telephone number of the operations desk, as it is shown; may be empty.
    pub contact_telephone: String,
    /// The public fax number of the operations desk, as it is shown; may be empty.
    pub contact_fax: String,
    /// The picture on its home page, if organisers have uploaded one.
    pub hero: Option<DescribedPicture>,
    /// The picture in previews of shared links, if organisers have uploaded one.
    pub share: Option<DescribedPicture>,
    /// When registration opens, if an administrator has set a time.
    pub registration_opens: Option<OffsetDateTime>,
    /// When registration closes, if an administrator has set a time; for the default, see [`Conference::window`].
    pub registration_closes: Option<OffsetDateTime>,
    /// Whether paths without a slug lead to this conference.
    pub is_current: bool,
    /// Whether only people who are signed in see it, and nobody can register.
    pub in_preparation: bool,
    /// Whether everything in it is invented.
    pub is_demonstration: bool,
    /// When any of this last changed.
    pub changed: OffsetDateTime,
    /// The revision of these settings, which every save increments.
    pub revision: i32,
}

impl Conference {
    /// Returns its days, in order.
    pub fn days(&self) -> Vec<Day> {
        self.first_day.through(self.last_day)
    }

    /// Returns its year.
    pub fn year(&self) -> i32 {
        self.first_day.0.year()
    }

    /// Whether it begins within a week. From then on, people are reminded of it.
    pub fn is_near(&self, now: OffsetDateTime) -> bool {
        let first = self.zone.end_of(Day(self.first_day.0 - Duration::DAY));
        let week_before = self.zone.end_of(Day(self.first_day.0 - Duration::days(8)));
        (week_before + Duration::hours(8)..first).contains(&now)
    }

    /// Returns the end of its last day, in its own time zone.
    pub fn ends(&self) -> OffsetDateTime {
        self.zone.end_of(self.last_day)
    }

    /// Returns when a public page next shows something else because of the time, or `None` if it never will: when registration
    /// opens or closes, or the conference ends.
    pub fn next_turn(&self, now: OffsetDateTime) -> Option<OffsetDateTime> {
        let ends = Some(self.ends()).filter(|ends| *ends > now);
        self.window().next_turn(now).into_iter().chain(ends).min()
    }

    /// Whether it is over: its last day has ended, and registration is not held open for longer.
    pub fn is_over(&self, now: OffsetDateTime) -> bool {
        !self.in_preparation && now >= self.ends() && now >= self.window().closes
    }

    /// Returns who sees it.
    pub fn state(&self) -> EditionState {
        EditionState::of(self.is_current, self.in_preparation)
    }

    /// Returns the city and the year: "Leipzig 2018".
    pub fn short(&self) -> String {
        format!("{} {}", self.city, self.year())
    }

    /// Returns when delegates can register. Without a closing time, registration closes at the end of the last day.
    pub fn window(&self) -> Window {
        let closes = self.registration_closes.unwrap_or_else(|| self.ends());
        let waits_until = waits_until(&self.zone, self.first_day, self.last_day, self.registration_closes);
        Window { in_preparation: self.in_preparation, opens: self.registration_opens, closes, waits_until }
    }

    /// Formats its days in full: `Monday 28 May to Wednesday 30 May 2018`.
    pub fn days_in_full(&self) -> String {
        let (first, last) = (self.first_day, self.last_day);
        match first.0.year() == last.0.year() {
            true if first == last => format!("{} {}", last.long(), last.0.year()),
            true => format!("{} to {} {}", first.long(), last.long(), last.0.year()),
            false => format!("{} {} to {} {}", first.long(), first.0.year(), last.long(), last.0.year()),
        }
    }

    /// Formats its dates: `28–30 May 2018`, `30 May – 1 June 2018`.
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

/// Returns when the waiting list ends: when the first day begins. Only if registration is held open after the last day, so that
/// people can try the program, it ends when registration closes.
pub fn waits_until(zone: &Zone, first_day: Day, last_day: Day, closes: Option<OffsetDateTime>) -> OffsetDateTime {
    let begins = first_day.0.previous_day().map_or(first_day.0.midnight().assume_utc(), |day| zone.end_of(Day(day)));
    closes.filter(|closes| *closes > zone.end_of(last_day)).unwrap_or(begins)
}

/// The period in which delegates can register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Whether the conference is in preparation, so that nobody can register whatever the time is.
    pub in_preparation: bool,
    /// When it opens; `None` if it has no opening time.
    pub opens: Option<OffsetDateTime>,
    /// When it closes; this instant is no longer part of it.
    pub closes: OffsetDateTime,
    /// From then on, nobody is offered a place that becomes free.
    pub waits_until: OffsetDateTime,
}

/// The state of the window at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WindowState {
    /// The conference is in preparation.
    InPreparation,
    /// Registration has not opened yet.
    NotYet {
        /// When it opens.
        opens: OffsetDateTime,
    },
    /// Delegates can register.
    Open,
    /// Registration has closed.
    Closed {
        /// When it closed.
        closed: OffsetDateTime,
    },
}

impl Window {
    /// Returns the state at `now`.
    pub fn at(self, now: OffsetDateTime) -> WindowState {
        match (self.opens, self.closes) {
            _ if self.in_preparation => WindowState::InPreparation,
            (Some(opens), _) if now < opens => WindowState::NotYet { opens },
            (_, closed) if now >= closed => WindowState::Closed { closed },
            _ => WindowState::Open,
        }
    }

    /// Returns whether delegates can join the waiting list.
    pub fn can_wait(self, now: OffsetDateTime) -> bool {
        self.at(now) == WindowState::Open && now < self.waits_until
    }

    /// Returns when any of this next changes, or `None` if it never will.
    pub fn next_turn(self, now: OffsetDateTime) -> Option<OffsetDateTime> {
        match self.at(now) {
            WindowState::NotYet { opens } => Some(opens),
            WindowState::Open if self.can_wait(now) => Some(self.closes.min(self.waits_until)),
            WindowState::Open => Some(self.closes),
            WindowState::Closed { .. } | WindowState::InPreparation => None,
        }
    }
}

/// The status of registration as public pages show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RegistrationStatus {
    /// The conference is in preparation.
    InPreparation,
    /// Registration has not opened yet.
    NotYet {
        /// When it opens.
        opens: OffsetDateTime,
    },
    /// Delegates can register.
    Open,
    /// Delegates can register, but few places are left.
    FewLeft,
    /// All places are taken, and delegates can join the waiting list.
    WaitingList,
    /// All places are taken.
    Full,
    /// Registration has closed.
    Closed {
        /// When it closed.
        closed: OffsetDateTime,
    },
}

impl RegistrationStatus {
    /// Combines the state of the window at this instant with the availability of places, which is `None` if delegates can choose
    /// no category.
    pub fn of(window: Window, now: OffsetDateTime, places: Option<Availability>) -> Self {
        match (window.at(now), places) {
            (WindowState::InPreparation, _) => Self::InPreparation,
            (WindowState::NotYet { opens }, _) => Self::NotYet { opens },
            (WindowState::Closed { closed }, _) => Self::Closed { closed },
            (WindowState::Open, Some(Availability::Full)) if window.can_wait(now) => Self::WaitingList,
            (WindowState::Open, None | Some(Availability::Full)) => Self::Full,
            (WindowState::Open, Some(Availability::Few)) => Self::FewLeft,
            (WindowState::Open, Some(Availability::Free)) => Self::Open,
        }
    }

    /// Returns whether the registration form is shown.
    pub fn can_register(self) -> bool {
        self.has_places() || self == Self::WaitingList
    }

    /// Returns whether a delegate who registers gets a place.
    pub fn has_places(self) -> bool {
        matches!(self, Self::Open | Self::FewLeft)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    const OPENS: OffsetDateTime = datetime!(2018-01-15 8:00 UTC);
    const CLOSES: OffsetDateTime = datetime!(2018-05-29 22:00 UTC);
    const BEGINS: OffsetDateTime = datetime!(2018-05-27 22:00 UTC);

    #[test]
    fn the_window_is_open_from_its_opening_time_until_its_closing_time() {
        let window = Window { in_preparation: false, opens: Some(OPENS), closes: CLOSES, waits_until: BEGINS };
        assert_eq!(window.at(datetime!(2018-01-15 7:59:59 UTC)), WindowState::NotYet { opens: OPENS });
        assert_eq!(window.at(OPENS), WindowState::Open);
        assert_eq!(window.at(CLOSES), WindowState::Closed { closed: CLOSES });
        let before = datetime!(2018-01-01 0:00 UTC);
        let turns = [before, OPENS, BEGINS, CLOSES].map(|now| window.next_turn(now));
        assert_eq!(turns, [Some(OPENS), Some(BEGINS), Some(CLOSES), None]);
    }

    #[test]
    fn nobody_registers_for_a_conference_in_preparation_whatever_the_time_is() {
        let window = Window { in_preparation: true, opens: Some(OPENS), closes: CLOSES, waits_until: BEGINS };
        for now in [datetime!(2018-01-01 0:00 UTC), OPENS, CLOSES] {
            assert_eq!(window.at(now), WindowState::InPreparation);
            let status = RegistrationStatus::of(window, now, Some(Availability::Free));
            assert!(!status.can_register() && !window.can_wait(now) && window.next_turn(now).is_none());
        }
    }

    #[test]
    fn what_is_full_has_a_waiting_list_until_the_conference_begins() {
        let window = Window { in_preparation: false, opens: None, closes: CLOSES, waits_until: BEGINS };
        let status = |now| {
            [Availability::Free, Availability::Few, Availability::Full]
                .map(|places| RegistrationStatus::of(window, now, Some(places)))
        };
        assert_eq!(RegistrationStatus::of(window, OPENS, None), RegistrationStatus::Full);
        let [open, few] = [RegistrationStatus::Open, RegistrationStatus::FewLeft];
        assert_eq!(status(OPENS), [open, few, RegistrationStatus::WaitingList]);
        assert_eq!(status(BEGINS), [open, few, RegistrationStatus::Full]);
        // Once registration has closed, availability no longer matters.
        assert_eq!(status(CLOSES), [RegistrationStatus::Closed { closed: CLOSES }; 3]);
    }

    #[test]
    fn the_waiting_list_ends_with_registration_if_that_is_held_open_after_the_last_day() {
        let zone = Zone::parse("Europe/Berlin").expect("a zone");
        let [first, last] = [Day(time::macros::date!(2018 - 05 - 28)), Day(time::macros::date!(2018 - 05 - 30))];
        let until = |closes| waits_until(&zone, first, last, closes);
        assert_eq!([until(None), until(Some(CLOSES)), until(Some(OPENS))], [BEGINS; 3]);
        let held_open = datetime!(2099-12-31 22:59 UTC);
        assert_eq!(until(Some(held_open)), held_open);
    }
}
