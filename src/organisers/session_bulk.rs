//! Changes to several sessions at once: their status, topic, rooms and time, a swap of two, and publishing them.

use askama::Template;
use time::Duration;

use super::{fields::chosen, session_form::Choices};
use crate::{
    domain::{AuditKind, Conference, Day, RoomId, SessionId, SignedIn, Status, TopicId},
    editing::{InTheWay, Refusal, begin, failed, save::note},
    store::programme::{
        editing::Editing,
        items::{self, Item},
        releases,
        saving::SaveError,
        sessions::{Place, Schedule, SessionContent},
        slots::{self, Clash},
    },
    urls,
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

/// What became of it.
pub enum Outcome {
    /// It is done: what was done, and with how many sessions.
    Done(&'static str, usize),
    /// Nothing was changed.
    Refused(Refusal),
}

/// The error messages of the form.
#[derive(Template)]
#[template(path = "organisers/session_bulk_errors.txt")]
enum BulkError<'a> {
    NothingSelected,
    NothingToDo,
    NotTwo,
    PartsAndOthers,
    Gone,
    NotMinutes,
    NotATime(&'a str),
    Draft(&'a str),
    Taken,
    TakenInPublic,
    Other,
    ClashWith { clash: &'a Clash, from: String, until: String },
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
    if selected.is_empty() {
        errors.add("sessions", &BulkError::NothingSelected);
    }
    let action = selection.form.get(ACTION);
    let is_swap = action == "swap";
    if is_swap && selected.len() != 2 {
        errors.add("sessions", &BulkError::NotTwo);
    }
    let change = if is_swap || action == "release" {
        Change::default()
    } else {
        Change::read(selection.form, choices, &mut errors)
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
        errors.add("sessions", &BulkError::Gone);
    }
    let parts = items.iter().map(|item| item.head.content.schedule.parent());
    if is_swap && parts.clone().any(|parent| Some(parent) != parts.clone().next()) {
        errors.add("sessions", &BulkError::PartsAndOthers);
    }
    let publishes = matches!(action, "publish" | "release");
    let changed: Vec<(Item<SessionContent>, SessionContent)> = if is_swap {
        swapped(items)
    } else {
        let changed = items.into_iter().map(|item| {
            let content = change.apply(conference, &item.head.content, &mut errors);
            if content.status == Status::Draft && (item.published.is_some() || publishes) {
                errors.add("status", &BulkError::Draft(item.head.content.title.as_str()));
            }
            (item, content)
        });
        changed.collect()
    };
    if !errors.is_empty() {
        return Ok(Outcome::Refused(errors.into()));
    }
    let changed: Vec<_> = changed.into_iter().filter(|(item, content)| item.head.content != *content).collect();
    match keep(&mut editing, &selected, &changed, publishes).await {
        Ok(clashes) if clashes.is_empty() => {}
        Ok(clashes) => return Ok(Outcome::Refused(with_clashes(conference, &clashes)?)),
        Err(error) => {
            let message = match error {
                SaveError::Taken => BulkError::TakenInPublic,
                SaveError::NameTaken
                | SaveError::NamesRemoved
                | SaveError::NamesDraft
                | SaveError::Draft
                | SaveError::InUse
                | SaveError::InPublicUse
                | SaveError::HourSkipped
                | SaveError::PartOfPart
                | SaveError::NotFound => BulkError::Other,
                error => return Err(failed(error)),
            };
            errors.add("sessions", &message);
            return Ok(Outcome::Refused(errors.into()));
        }
    }
    for (item, _) in &changed {
        note(&mut editing, (conference.id, item.id.0), person.account, AuditKind::SessionSaved, &[]).await?;
    }
    editing.commit().await?;
    if publishes {
        app.published().await;
    }
    let done = if publishes { "published" } else { "saved" };
    Ok(Outcome::Done(done, if publishes { selected.len() } else { changed.len() }))
}

/// Saves and perhaps publishes. Returns the clashes, if there are any.
async fn keep(
    editing: &mut Editing<'_>,
    selected: &[SessionId],
    changed: &[(Item<SessionContent>, SessionContent)],
    publishes: bool,
) -> Result<Vec<Clash>, SaveError> {
    let clashes = slots::save_all(editing, changed).await?;
    if clashes.is_empty() && publishes {
        let selected: Vec<_> = selected.iter().map(|id| id.0).collect();
        releases::publish(editing, &selected, "").await?;
    }
    Ok(clashes)
}

fn with_clashes(conference: &Conference, clashes: &[Clash]) -> Result<Refusal> {
    let mut refusal = Refusal::default();
    refusal.errors.add("sessions", &BulkError::Taken);
    for clash in clashes {
        let from = conference.zone.moment(clash.slot.start());
        let until = conference.zone.clock(clash.slot.end());
        refusal.in_the_way.push(InTheWay {
            title: clash.title.clone(),
            editor: urls::organisers::session(&conference.slug, clash.session),
            what: BulkError::ClashWith { clash, from, until }.render()?.trim().to_owned(),
        });
    }
    Ok(refusal)
}

/// Lets two sessions exchange their times and rooms. Each keeps its length.
fn swapped(items: Vec<Item<SessionContent>>) -> Vec<(Item<SessionContent>, SessionContent)> {
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
            errors.add("sessions", &BulkError::NothingToDo);
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
            let moves = self.day.is_some() || self.minutes != 0;
            if let Some(start) = starts_at.as_mut().filter(|_| moves) {
                let zone = &conference.zone;
                let day = self.day.unwrap_or_else(|| zone.day(*start));
                // The hours on the clock move, even if the clocks are changed in between.
                let local = time::PrimitiveDateTime::new(day.0, zone.local(*start).time())
                    .checked_add(Duration::minutes(self.minutes));
                match local.and_then(|local| zone.instant(local.date(), local.time()).ok()) {
                    Some(moved) => *start = moved,
                    None => errors.add("minutes", &BulkError::NotATime(content.title.as_str())),
                }
            }
        }
        changed
    }
}
