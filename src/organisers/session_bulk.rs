//! Changes to several sessions at once: their status, topic, rooms and time, a swap of two, and publishing them.

use askama::Template;
use time::Duration;
use uuid::Uuid;

use super::{fields::chosen, in_the_way, session_form::Choices, session_refused};
use crate::{
    domain::{AuditKind, Conference, Day, RoomId, SessionId, SignedIn, Status, TopicId},
    editing::{Refusal, WITH, WayOut, attempt, begin, published_with, save::note},
    store::programme::{
        Side,
        editing::Editing,
        items::{self, Item},
        one_by_one,
        saving::SaveError,
        sessions::{Place, Schedule, SessionContent},
        slots::{self, Clash},
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
    Taken,
    TakenInPublic,
    /// Something other than the sessions takes rooms or people twice in public.
    TakenOtherwise,
    /// Something was in the way, but no longer is.
    JustNow,
    /// What the editor of this session would say.
    Because {
        title: &'a str,
        reason: &'a str,
    },
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

/// A session, and what it is to become.
type Changed = (Item<SessionContent>, SessionContent);

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
        errors.add("sessions", &BulkError::NoAction);
        return Ok(Outcome::Refused(errors.into()));
    };
    if selected.is_empty() {
        errors.add("sessions", &BulkError::NothingSelected);
    }
    if action == Action::Swap && selected.len() != 2 {
        errors.add("sessions", &BulkError::NotTwo);
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
        errors.add("sessions", &BulkError::Gone);
    }
    let all = match action {
        Action::Swap => swapped(items, &mut errors),
        _ => change.apply_to_all(conference, items, action, &mut errors),
    };
    if !errors.is_empty() {
        return Ok(Outcome::Refused(errors.into()));
    }
    let (changed, same): (Vec<_>, Vec<_>) = all.into_iter().partition(|(item, content)| item.head.content != *content);
    let published: Vec<Uuid> = if action.publishes() {
        selected.iter().map(|id| id.0).chain(published_with(selection.form)).collect()
    } else {
        Vec::new()
    };
    match keep(&mut editing, &changed, &published, action).await {
        Ok((_, clashes)) if clashes.is_empty() => {}
        Ok((which, clashes)) => {
            let mut refusal = with_clashes(conference, which, &clashes)?;
            if which == Side::Public {
                let others = slots::list_published_with(&mut editing, &published).await;
                refusal.ways_out.extend(way_out(selection.form, others)?);
            }
            return Ok(Outcome::Refused(refusal));
        }
        Err(error) => {
            drop(editing);
            let all: Vec<_> = changed.into_iter().chain(same).collect();
            return Ok(Outcome::Refused(explain(app, site, choices, (&all, action), error).await?));
        }
    }
    for (item, _) in &changed {
        note(&mut editing, (conference.id, item.id.0), person.account, AuditKind::ItemSaved, &[]).await?;
    }
    editing.commit().await?;
    if !action.publishes() {
        return Ok(Outcome::Done("saved", changed.len()));
    }
    app.published().await;
    Ok(Outcome::Done("published", published.len()))
}

/// Saves and perhaps publishes. Returns the clashes, if there are any, and where.
async fn keep(
    editing: &mut Editing<'_>,
    changed: &[Changed],
    published: &[Uuid],
    action: Action,
) -> Result<(Side, Vec<Clash>), SaveError> {
    let clashes = slots::save_all(editing, changed).await?;
    if !clashes.is_empty() || !action.publishes() {
        return Ok((Side::Draft, clashes));
    }
    Ok((Side::Public, slots::publish_all(editing, published).await?))
}

fn with_clashes(conference: &Conference, side: Side, clashes: &[Clash]) -> Result<Refusal> {
    let mut refusal = Refusal::default();
    let is_public = side == Side::Public;
    refusal.errors.add("sessions", if is_public { &BulkError::TakenInPublic } else { &BulkError::Taken });
    refusal.in_the_way = in_the_way::of_clashes(conference, side, clashes)?;
    Ok(refusal)
}

/// Returns the button that does the same and publishes these other sessions, too.
fn way_out(form: &Submitted, others: Result<Vec<(SessionId, String)>, SaveError>) -> Result<Option<WayOut>> {
    let way = session_refused::together(others)?;
    Ok(way.map(|mut way| {
        way.fields.extend(published_with(form).map(|id| (WITH, id.to_string())));
        way.fields.push((ACTION, form.get(ACTION).to_owned()));
        way
    }))
}

/// Says which sessions are the reason why nothing was changed, and why, as their editors would.
async fn explain(
    app: &App,
    site: &Site,
    choices: &Choices,
    (all, action): (&[Changed], Action),
    error: SaveError,
) -> Result<Refusal> {
    if let SaveError::Database(error) = error {
        return Err(error.into());
    }
    let mut refusal = Refusal::default();
    let mut editing = attempt(app, site).await?;
    let refused = one_by_one::list_refused(&mut editing, all, action.publishes()).await?;
    drop(editing);
    for (index, error) in refused {
        let (item, content) = &all[index];
        let title = item.head.content.title.as_str();
        let reasons = session_refused::explain(app, site, choices, (item.id, content), error).await?;
        for reason in reasons.errors.iter() {
            refusal.errors.add("sessions", &BulkError::Because { title, reason: &reason.message });
        }
    }
    if refusal.errors.is_empty() {
        let is_taken = matches!(error, SaveError::Taken);
        refusal.errors.add("sessions", if is_taken { &BulkError::TakenOtherwise } else { &BulkError::JustNow });
    }
    Ok(refusal)
}

/// Lets two sessions exchange their times and rooms. Each keeps its length.
fn swapped(items: Vec<Item<SessionContent>>, errors: &mut Errors) -> Vec<Changed> {
    let parents: Vec<_> = items.iter().map(|item| item.head.content.schedule.parent()).collect();
    if parents.iter().any(|parent| *parent != parents[0]) {
        errors.add("sessions", &BulkError::PartsAndOthers);
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
            let is_moved = self.day.is_some() || self.minutes != 0;
            if let Some(start) = starts_at.as_mut().filter(|_| is_moved) {
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
