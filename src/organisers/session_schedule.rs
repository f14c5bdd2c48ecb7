//! The fields of a session's form that say when and where it takes place.

use time::{Date, Duration, OffsetDateTime, Time};

use super::{
    fields::chosen,
    session_form::{Choices, ErrorMessage},
};
use crate::{
    domain::{Day, Length, RoomId, SessionId, TimeSlot, Zone, ZoneError, time_of_day},
    store::programme::sessions::{Place, Schedule, SessionContent},
    web::{Errors, FieldMessage, Submitted},
};

/// The length of a new session.
pub const DEFAULT_MINUTES: i16 = 30;

/// Reads the chosen rooms, in the order of their keys.
pub fn rooms_entered(values: &[&str]) -> Vec<String> {
    let mut rooms: Vec<String> = values.iter().flat_map(|value| value.split_whitespace()).map(str::to_owned).collect();
    rooms.sort_unstable();
    rooms.dedup();
    rooms
}

/// Returns the fields of a saved session.
pub fn fields_of(zone: &Zone, content: &SessionContent) -> Vec<(&'static str, String)> {
    let mut fields = vec![("length", content.length.to_string())];
    match &content.schedule {
        Schedule::Own { starts_at, place } => {
            if let Some(start) = starts_at {
                fields.push(("day", zone.day(*start).iso()));
                fields.push(("start", zone.clock(*start)));
            }
            match place {
                Place::Rooms(rooms) => fields.extend(rooms.iter().map(|room| ("rooms", room.to_string()))),
                Place::WholeVenue => fields.push(("whole_venue", "on".to_owned())),
            }
        }
        Schedule::Within { parent, offset } => {
            fields.push(("parent", parent.to_string()));
            fields.extend(offset.map(|offset| ("offset", offset.to_string())));
        }
    }
    fields
}

/// Returns the fields of a new session, with what the address says.
pub fn of_new(choices: &Choices, query: &Submitted) -> Vec<(&'static str, String)> {
    let usual = choices.usual_length().unwrap_or(DEFAULT_MINUTES);
    let length = Length::parse(query.get("length")).map_or(usual, Length::minutes);
    let mut fields = vec![("length", length.to_string())];
    if let Some(day) = Day::parse(query.get("day")) {
        let first_free = || first_free(choices, day, length).map(|start| choices.zone().clock(start));
        let start = if query.has("start") { Some(query.line("start")) } else { first_free() };
        fields.push(("day", day.iso()));
        fields.push(("start", start.unwrap_or_default()));
    }
    fields.extend(rooms_entered(&query.all("rooms").collect::<Vec<_>>()).into_iter().map(|room| ("rooms", room)));
    fields
}

/// The hours in which the first free time of a day is looked for.
const HOURS: std::ops::Range<i64> = 9..21;

/// Returns the first time of the day at which nothing takes place.
fn first_free(choices: &Choices, day: Day, minutes: i16) -> Option<OffsetDateTime> {
    let midnight = choices.zone().instant(day.0, Time::MIDNIGHT).ok()?;
    let length = Length::new(minutes)?;
    let starts = (HOURS.start * 12..HOURS.end * 12).map(|step| midnight + Duration::minutes(5 * step));
    let is_free = |start: &OffsetDateTime| {
        let slot = TimeSlot::lasting(*start, length);
        !choices.sessions().iter().filter_map(|session| session.slot).any(|other| other.overlaps(slot))
    };
    starts.into_iter().find(is_free)
}

/// Returns the query of the address of the next new session.
pub fn following(zone: &Zone, added: &SessionContent) -> Vec<(&'static str, String)> {
    let mut query = vec![("length", added.length.to_string())];
    if let Schedule::Own { starts_at, place } = &added.schedule {
        if let Some(start) = starts_at {
            let end = TimeSlot::lasting(*start, added.length).end();
            query.push(("day", zone.day(end).iso()));
            query.push(("start", zone.clock(end)));
        }
        if let Place::Rooms(rooms) = place {
            query.extend(rooms.iter().map(|room| ("rooms", room.to_string())));
        }
    }
    query
}

/// Reads when and where a session takes place, or adds the errors of the fields. If it is a part of another session, the rooms are
/// those of the other, and the day and the start only say how long after the other it begins.
pub fn read(choices: &Choices, form: &Submitted, errors: &mut Errors) -> Option<Schedule> {
    let before = errors.len();
    let parent: Option<SessionId> = errors.check("parent", chosen(form.get("parent"), &choices.parents())).flatten();
    let starts_at = read_start(choices.zone(), form, errors);
    let place = read_place(choices, form, errors);
    let offset = read_offset(form, errors);
    if parent.is_none() && offset.is_some() && errors.len() == before {
        errors.add("parent", &ErrorMessage::ParentMissing);
    }
    if errors.len() > before {
        return None;
    }
    let from_start = |parent| minutes_between(choices.start_of(parent)?, starts_at?);
    Some(match parent {
        Some(parent) => Schedule::Within { parent, offset: offset.or_else(|| from_start(parent)) },
        None => Schedule::Own { starts_at, place: place? },
    })
}

/// Reads the length, or adds its error.
pub fn read_length(form: &Submitted, errors: &mut Errors) -> Option<Length> {
    let length = Length::parse(&form.line("length"));
    if length.is_none() {
        errors.add("length", &ErrorMessage::NotALength);
    }
    length
}

/// Reads how many minutes after the start of another session it begins: `None` if the field is empty, or with its error.
fn read_offset(form: &Submitted, errors: &mut Errors) -> Option<i16> {
    let text = form.line("offset");
    let offset = match &*text {
        "0" => Some(0),
        text => Length::parse(text).map(Length::minutes).filter(|minutes| *minutes < Length::MOST),
    };
    if offset.is_none() && !text.is_empty() {
        errors.add("offset", &ErrorMessage::NotAnOffset);
    }
    offset
}

fn minutes_between(start: OffsetDateTime, later: OffsetDateTime) -> Option<i16> {
    let minutes = i16::try_from((later - start).whole_minutes()).ok()?;
    (later - start == Duration::minutes(minutes.into()) && (0..Length::MOST).contains(&minutes)).then_some(minutes)
}

/// Reads the day and the start, of which both or neither must be there: `None` if they are open, or with their errors.
fn read_start(zone: &Zone, form: &Submitted, errors: &mut Errors) -> Option<OffsetDateTime> {
    let (day, start) = (form.line("day"), form.line("start"));
    match (&*day, &*start) {
        ("", "") => return None,
        ("", _) => errors.add("day", &ErrorMessage::DayMissing),
        (_, "") => errors.add("start", &ErrorMessage::StartMissing),
        _ => {}
    }
    let day = Day::parse(&day).or_else(|| {
        if !day.is_empty() {
            errors.add("day", &FieldMessage::NotOffered);
        }
        None
    });
    // Some browsers also send seconds.
    let clock = start.get(5..).filter(|rest| *rest == ":00").map_or(&*start, |_| &start[..5]);
    // People write the midnight at which an evening ends as 24:00.
    if let ("24:00", Some(day)) = (clock, day) {
        return instant(zone, day.0.next_day()?, Time::MIDNIGHT, errors);
    }
    let time = time_of_day(clock);
    if time.is_none() && !start.is_empty() {
        errors.add("start", &ErrorMessage::NotATime);
    }
    instant(zone, day?.0, time?, errors)
}

fn read_place(choices: &Choices, form: &Submitted, errors: &mut Errors) -> Option<Place> {
    let offered = choices.rooms();
    let rooms: Result<Vec<RoomId>, FieldMessage> = rooms_entered(&form.all("rooms").collect::<Vec<_>>())
        .iter()
        .map(|entry| chosen(entry, &offered)?.ok_or(FieldMessage::NotOffered))
        .collect();
    let rooms = errors.check("rooms", rooms)?;
    if !form.has("whole_venue") {
        return Some(Place::Rooms(rooms));
    }
    if !rooms.is_empty() {
        errors.add("rooms", &ErrorMessage::RoomsTwice);
        return None;
    }
    Some(Place::WholeVenue)
}

fn instant(zone: &Zone, day: Date, time: Time, errors: &mut Errors) -> Option<OffsetDateTime> {
    match zone.instant(day, time) {
        Ok(instant) => Some(instant),
        Err(ZoneError::NotOnce | ZoneError::Unknown) => {
            errors.add("start", &ErrorMessage::NotOnce(Day(day)));
            None
        }
    }
}
