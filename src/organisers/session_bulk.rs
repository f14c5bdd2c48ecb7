//! Changes to several sessions at once: their status, topic, rooms and time, a swap of two, and publishing them.

use askama::Template;
use time::{Duration, OffsetDateTime};

use super::{
    fields::chosen,
    session_form::Choices,
    session_together::{Changed, Outcome, SESSIONS, Together},
};
use crate::{
    domain::{Conference, Day, RoomId, SessionId, SignedIn, Status, TopicId, Zone},
    editing::begin,
    store::programme::{
        items::{self, Item},
        sessions::{Place, Schedule, SessionContent},
    },
    web::{App, Errors, Result, Site, Submitted},
};

/// The field with the action, whose buttons have these values.
pub const ACTION: &str = "do";

/// The rooms that stand for none and for all, beside the keys of rooms.
const OPEN: &str = "open";
const WHOLE_VENUE: &str = "whole_venue";

/// The value that stands for no topic.
const NONE: &str = "none";

/// Which sessions, and what to do with them.
pub struct Selection<'a> {
    /// The form as it was sent.
    pub form: &'a Submitted,
    /// The sessions in the list.
    pub shown: Vec<SessionId>,
}

/// The error messages of the form.
#[derive(Template)]
#[template(path = "organisers/session_bulk_errors.txt")]
enum BulkError<'a> {
    /// No button of the form was pressed.
    NoAction,
    NothingSelected,
    NothingToDo,
    NotTwo,
    PartsAndOthers,
    Gone,
    NotMinutes,
    NotATime(&'a str),
    Draft(&'a str),
}

/// The button that was pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Action {
    Publish,
    Save,
    /// Exchange the times and rooms of two.
    Swap,
    /// Publish without changing anything.
    Release,
}

impl Action {
    fn of(form: &Submitted) -> Option<Self> {
        match form.get(ACTION) {
            "publish" => Some(Self::Publish),
            "save" => Some(Self::Save),
            "swap" => Some(Self::Swap),
            "release" => Some(Self::Release),
            _ => None,
        }
    }

    fn publishes(self) -> bool {
        matches!(self, Self::Publish | Self::Release)
    }
}

/// What happens to the topic.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum TopicChange {
    #[default]
    None,
    Removed,
    To(TopicId),
}

/// What changes.
#[derive(Default)]
struct Change {
    status: Option<Status>,
    topic: TopicChange,
    place: Option<Place>,
    day: Option<Day>,
    minutes: i64,
}

/// Changes all selected sessions, or none if one of them cannot be changed.
pub async fn carry_out(
    app: &App,
    site: &Site,
    person: &SignedIn,
    choices: &Choices,
    selection: &Selection<'_>,
) -> Result<Outcome> {
    let mut errors = Errors::default();
    let selected = selection.sessions();
    let Some(action) = Action::of(selection.form) else {
        errors.add(SESSIONS, &BulkError::NoAction);
        return Ok(Outcome::Refused(errors.into()));
    };
    if selected.is_empty() {
        errors.add(SESSIONS, &BulkError::NothingSelected);
    }
    if action == Action::Swap && selected.len() != 2 {
        errors.add(SESSIONS, &BulkError::NotTwo);
    }
    let change = match action {
        Action::Swap | Action::Release => Change::default(),
        Action::Publish | Action::Save => Change::read(selection.form, choices, &mut errors),
    };
    if !errors.is_empty() {
        return Ok(Outcome::Refused(errors.into()));
    }

    let mut editing = begin(app, site, person).await?;
    let conference = &site.conference;
    let mut items = Vec::with_capacity(selected.len());
    for id in &selected {
        items.extend(items::find::<SessionContent>(&mut editing, (conference.id, *id)).await?);
    }
    if items.len() != selected.len() {
        errors.add(SESSIONS, &BulkError::Gone);
    }
    let all = match action {
        Action::Swap => swapped(items, &mut errors),
        _ => change.apply_to_all(conference, items, action, &mut errors),
    };
    if !errors.is_empty() {
        return Ok(Outcome::Refused(errors.into()));
    }
    let publishes = action.publishes();
    let together = Together { app, site, person, choices, form: selection.form, publishes };
    let mut outcome = together.save(editing, all).await?;
    if let Outcome::Refused(refusal) = &mut outcome {
        let pressed = selection.form.get(ACTION);
        refusal.ways_out.iter_mut().for_each(|way| way.fields.push((ACTION, pressed.to_owned())));
    }
    Ok(outcome)
}

/// Lets two sessions exchange their times and rooms. Each keeps its length.
fn swapped(items: Vec<Item<SessionContent>>, errors: &mut Errors) -> Vec<Changed> {
    let parents: Vec<_> = items.iter().map(|item| item.head.content.schedule.parent()).collect();
    if parents.iter().any(|parent| *parent != parents[0]) {
        errors.add(SESSIONS, &BulkError::PartsAndOthers);
    }
    let schedules: Vec<Schedule> = items.iter().rev().map(|item| item.head.content.schedule.clone()).collect();
    let swapped = items.into_iter().zip(schedules).map(|(item, schedule)| {
        let content = SessionContent { schedule, ..item.head.content.clone() };
        (item, content)
    });
    swapped.collect()
}

impl Selection<'_> {
    /// Returns the selected sessions, or all in the list.
    fn sessions(&self) -> Vec<SessionId> {
        if self.form.has("all") {
            return self.shown.clone();
        }
        let mut selected: Vec<SessionId> = self.form.all("session").filter_map(|id| id.parse().ok()).collect();
        selected.sort_unstable();
        selected.dedup();
        selected
    }
}

impl Change {
    /// Returns the sessions with their changed contents.
    fn apply_to_all(
        &self,
        conference: &Conference,
        items: Vec<Item<SessionContent>>,
        action: Action,
        errors: &mut Errors,
    ) -> Vec<Changed> {
        let changed = items.into_iter().map(|item| {
            let content = self.apply(conference, &item.head.content, errors);
            if content.status == Status::Draft && (item.published.is_some() || action.publishes()) {
                errors.add("status", &BulkError::Draft(item.head.content.title.as_str()));
            }
            (item, content)
        });
        changed.collect()
    }

    fn read(form: &Submitted, choices: &Choices, errors: &mut Errors) -> Self {
        let room = |value| chosen::<RoomId>(value, &choices.rooms()).ok().flatten();
        let topic = |value| chosen::<TopicId>(value, &choices.topics()).ok().flatten();
        let minutes = match &*form.line("minutes") {
            "" => 0,
            text => {
                text.replace('−', "-").parse().ok().filter(|minutes: &i64| minutes.abs() <= 7 * 24 * 60).unwrap_or_else(
                    || {
                        errors.add("minutes", &BulkError::NotMinutes);
                        0
                    },
                )
            }
        };
        let change = Self {
            status: Status::parse(form.get("status")),
            topic: match form.get("topic") {
                NONE => TopicChange::Removed,
                value => topic(value).map_or(TopicChange::None, TopicChange::To),
            },
            place: match form.get("place") {
                OPEN => Some(Place::Rooms(Vec::new())),
                WHOLE_VENUE => Some(Place::WholeVenue),
                value => room(value).map(|room| Place::Rooms(vec![room])),
            },
            day: Day::parse(form.get("day")),
            minutes,
        };
        if change.is_nothing() && errors.is_empty() {
            errors.add(SESSIONS, &BulkError::NothingToDo);
        }
        change
    }

    fn is_nothing(&self) -> bool {
        let Self { status, topic, place, day, minutes } = self;
        status.is_none() && *topic == TopicChange::None && place.is_none() && day.is_none() && *minutes == 0
    }

    /// Returns the changed content. Parts of other sessions keep their place: they follow.
    fn apply(&self, conference: &Conference, content: &SessionContent, errors: &mut Errors) -> SessionContent {
        let mut changed = content.clone();
        if let Some(status) = self.status {
            changed.status = status;
        }
        match self.topic {
            TopicChange::None => {}
            TopicChange::Removed => changed.topic = None,
            TopicChange::To(topic) => changed.topic = Some(topic),
        }
        if let Schedule::Own { starts_at, place } = &mut changed.schedule {
            if let Some(other) = &self.place {
                place.clone_from(other);
            }
            let is_moved = self.day.is_some() || self.minutes != 0;
            if let Some(start) = starts_at.as_mut().filter(|_| is_moved) {
                match moved(&conference.zone, *start, self.day, Duration::minutes(self.minutes)) {
                    Some(moved) => *start = moved,
                    None => errors.add("minutes", &BulkError::NotATime(content.title.as_str())),
                }
            }
        }
        changed
    }
}

/// Moves a start to this day, if one is given, and by this duration. The hours on the clock move, even if the clocks are changed in
/// between. Returns nothing if the clocks skip the hour or show it twice.
pub fn moved(zone: &Zone, start: OffsetDateTime, day: Option<Day>, by: Duration) -> Option<OffsetDateTime> {
    let day = day.unwrap_or_else(|| zone.day(start));
    let local = time::PrimitiveDateTime::new(day.0, zone.local(start).time()).checked_add(by)?;
    zone.instant(local.date(), local.time()).ok()
}
