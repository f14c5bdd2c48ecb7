//! The timetable of an invented conference: which sessions there are, when, in which rooms and with whom. Nobody is in two
//! places at a time, and every room has its changeover.

use std::ops::Range;

use time::{Time, macros::time};

use crate::domain::PersonPart;

/// How long a room stays empty between two sessions, in minutes.
pub const CHANGEOVER: i16 = 10;

/// The length of a talk in minutes.
const TALK: i16 = 40;

/// When talks begin in all rooms.
const ROWS: [Time; 8] =
    [time!(9:00), time!(9:50), time!(11:00), time!(11:50), time!(13:40), time!(14:30), time!(15:40), time!(16:30)];

/// The breaks, between these rows.
const BREAKS: [(&str, Time, i16); 3] =
    [("Coffee", time!(10:40), 20), ("Lunch", time!(12:40), 60), ("Coffee and cake", time!(15:20), 20)];

/// When the panel and the lightning talks begin.
const AFTERNOON: Time = time!(17:20);
/// The length of both in minutes.
const HOUR: i16 = 60;

/// The number of lightning talks, one of which begins every ten minutes.
const LIGHTNING_TALKS: i16 = 6;

/// The number of sessions of a day beside its talks.
const BESIDE_TALKS: usize = 12;

/// The most sessions of a day.
const MOST_A_DAY: usize = 100;

/// What a session is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// A break with this title.
    Break(&'static str),
    /// A talk.
    Talk,
    /// A discussion.
    Panel,
    /// The session of which the lightning talks are parts.
    Lightning,
    /// A part of the last session with lightning talks before it.
    LightningTalk,
    /// An evening that ends after midnight.
    Evening,
}

/// When and where a session takes place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the whole venue.
    Venue(Time),
    /// In these rooms, counted from 0.
    Rooms(Time, Range<usize>),
    /// As a part of another session, so many minutes after its start.
    Part(i16),
}

/// A session.
#[derive(Clone, Debug)]
pub struct Planned {
    /// What it is.
    pub what: What,
    /// Its day, counted from 0.
    pub day: usize,
    /// When and where.
    pub place: Place,
    /// Its length in minutes.
    pub minutes: i16,
    /// Who takes part, counted from 0.
    pub people: Vec<(usize, PersonPart)>,
}

/// A timetable.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The number of days.
    pub days: usize,
    /// The number of rooms.
    pub rooms: usize,
    /// The number of people.
    pub people: usize,
    /// The sessions; a part comes after the session that it is a part of.
    pub sessions: Vec<Planned>,
}

/// Plans a conference with this number of sessions.
pub fn plan(sessions: usize) -> Plan {
    let rooms = (sessions / 17).clamp(3, 12);
    let mut people = People { number: (sessions / 2).max(12), next: 0 };
    let days = sessions.div_ceil(MOST_A_DAY.min(ROWS.len() * rooms + BESIDE_TALKS)).max(1);
    let mut planned = Vec::with_capacity(sessions);
    for day in 0..days {
        let wanted = sessions / days + usize::from(day < sessions % days);
        let mut of_day = beside_talks(day, &mut people);
        of_day.extend(talks(day, rooms, wanted.saturating_sub(BESIDE_TALKS), &mut people));
        of_day.truncate(wanted);
        planned.extend(of_day);
    }
    Plan { days, rooms, people: people.number, sessions: planned }
}

/// Takes people in turn. Those taken one after the other are different people, so they can be taken for the same time.
struct People {
    number: usize,
    next: usize,
}

impl People {
    fn take<const N: usize>(&mut self, parts: [PersonPart; N]) -> Vec<(usize, PersonPart)> {
        let taken = parts.into_iter().zip(self.next..).map(|(part, turn)| (turn % self.number, part)).collect();
        self.next += N;
        taken
    }
}

/// Returns the breaks, a panel, lightning talks and an evening: [`BESIDE_TALKS`] sessions.
fn beside_talks(day: usize, people: &mut People) -> Vec<Planned> {
    let session = |what, place, minutes, people| Planned { what, day, place, minutes, people };
    let breaks = BREAKS.into_iter();
    let mut planned: Vec<_> = breaks
        .map(|(title, from, minutes)| session(What::Break(title), Place::Venue(from), minutes, Vec::new()))
        .collect();
    let panel = people.take([PersonPart::Moderator, PersonPart::Panellist, PersonPart::Panellist]);
    planned.push(session(What::Panel, Place::Rooms(AFTERNOON, 0..2), HOUR, panel));
    planned.push(session(What::Lightning, Place::Rooms(AFTERNOON, 2..3), HOUR, people.take([PersonPart::Host])));
    for number in 0..LIGHTNING_TALKS {
        let speaker = people.take([PersonPart::Speaker]);
        planned.push(session(What::LightningTalk, Place::Part(10 * number), 5, speaker));
    }
    planned.push(session(What::Evening, Place::Venue(time!(19:30)), 5 * 60, people.take([PersonPart::Host])));
    planned
}

/// Returns so many talks, row by row. Every fifth has two speakers.
fn talks(day: usize, rooms: usize, wanted: usize, people: &mut People) -> Vec<Planned> {
    let places = ROWS.into_iter().flat_map(|from| (0..rooms).map(move |room| (from, room)));
    let talks = places.take(wanted).enumerate().map(|(number, (from, room))| {
        let speakers = match number % 5 {
            4 => people.take([PersonPart::Speaker, PersonPart::Speaker]),
            _ => people.take([PersonPart::Speaker]),
        };
        let place = Place::Rooms(from, room..room + 1);
        Planned { what: What::Talk, day, place, minutes: TALK, people: speakers }
    });
    talks.collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn there_are_as_many_sessions_as_asked_for_and_about_a_hundred_a_day() {
        for sessions in 1..=1000 {
            let plan = plan(sessions);
            assert_eq!(plan.sessions.len(), sessions);
            assert_eq!(plan.sessions.last().map(|last| last.day + 1), Some(plan.days), "no day is empty");
        }
        let large = plan(300);
        assert_eq!((large.days, large.rooms, large.people), (3, 12, 150));
    }

    #[test]
    fn nobody_is_in_two_places_at_a_time() {
        for sessions in [1, 12, 13, 60, 120, 300, 1000] {
            let mut taken = HashSet::new();
            let mut lightning = AFTERNOON;
            for one in plan(sessions).sessions {
                let from = match one.place {
                    Place::Venue(from) | Place::Rooms(from, _) => from,
                    Place::Part(_) => lightning,
                };
                if one.what == What::Lightning {
                    lightning = from;
                }
                for (person, _) in one.people {
                    assert!(taken.insert((one.day, from, person)), "{person} on day {} at {from}", one.day);
                }
            }
        }
    }
}
