//! Why the database refused a session, and what to do instead.

use askama::Template;
use time::{Duration, OffsetDateTime};

use super::{
    session_files,
    session_form::{Choices, ErrorMessage, InTheWayWords, WayOutWords},
};
use crate::{
    domain::{Conference, SessionId, TimeSlot},
    editing::{InTheWay, Refusal, WITH, WayOut, attempt, failed},
    store::programme::{
        Side, items,
        saving::{self, Fate, SaveError},
        sessions::{Schedule, SessionContent},
        slots::{self, Wanted},
    },
    urls,
    web::{App, Result, Site},
};

/// Returns what the person is told.
pub async fn explain(
    app: &App,
    site: &Site,
    choices: &Choices,
    attempt: (SessionId, &SessionContent),
    error: SaveError,
) -> Result<Refusal> {
    let mut refusal = Refusal::default();
    let is_part = matches!(attempt.1.schedule, Schedule::Within { .. });
    // The field at which people look for the cause.
    let place = if is_part { "parent" } else { "rooms" };
    match error {
        SaveError::Taken => return taken(app, site, choices, attempt).await,
        SaveError::PartOfPart => refusal.errors.add("parent", &ErrorMessage::PartOfPart),
        SaveError::NotFound => refusal.errors.add(place, &ErrorMessage::NotFound),
        SaveError::NameTaken => refusal.errors.add(place, &ErrorMessage::NameUsedInPublic),
        SaveError::NamesRemoved => refusal.errors.add(place, &ErrorMessage::NamesRemoved),
        SaveError::FileGone => refusal.errors.add(session_files::NEW_FILE, &ErrorMessage::FileGone),
        SaveError::NamesDraft => refusal.errors.add(place, &ErrorMessage::NamesDraft),
        SaveError::HourSkipped => refusal.errors.add("start", &ErrorMessage::HourSkipped),
        SaveError::InPublicUse => refusal.errors.add(crate::editing::STATUS, &ErrorMessage::InPublicUse),
        SaveError::InUse => {
            let parts = choices.parts_of(attempt.0);
            refusal.errors.add(crate::editing::STATUS, &ErrorMessage::InUse(&parts));
        }
        error => return Err(failed(error)),
    }
    Ok(refusal)
}

/// Names every session in the way, and offers the nearest free times.
async fn taken(
    app: &App,
    site: &Site,
    choices: &Choices,
    (session, content): (SessionId, &SessionContent),
) -> Result<Refusal> {
    let mut refusal = Refusal::default();
    let conference = &site.conference;
    let field = if matches!(content.schedule, Schedule::Within { .. }) { "offset" } else { "start" };
    let mut conn = app.store.read().await?;
    for (side, message) in [(Side::Draft, ErrorMessage::Taken), (Side::Public, ErrorMessage::TakenInPublic)] {
        let wanted = Wanted::of(&mut conn, side, (conference.id, session), content).await?;
        let Some(wanted) = wanted else { continue };
        let others = slots::list_in_the_way(&mut conn, side, session, &wanted).await?;
        if others.is_empty() {
            continue;
        }
        refusal.errors.add(field, &message);
        for other in &others {
            let zone = choices.zone();
            let words = InTheWayWords {
                from: zone.moment(other.slot.start()),
                until: zone.clock(other.slot.end()),
                since: zone.zoned_moment(other.since),
                other,
            };
            refusal.in_the_way.push(InTheWay {
                title: other.title.clone(),
                editor: urls::organisers::session(&conference.slug, other.id),
                what: words.render()?.trim().to_owned(),
            });
        }
        refusal.ways_out = if side == Side::Draft {
            let busy = slots::list_busy(&mut conn, side, session, &wanted).await?;
            ways_out(conference, content, wanted.slot, &busy)?
        } else {
            drop(conn);
            published_with(app, site, (session, content)).await?.into_iter().collect()
        };
        return Ok(refusal);
    }
    refusal.errors.add(field, &ErrorMessage::TakenJustNow);
    Ok(refusal)
}

/// Returns the button that publishes the sessions that have moved out of the way with this one, if that is all it needs. The save is
/// tried in a transaction that is not committed.
async fn published_with(
    app: &App,
    site: &Site,
    (session, content): (SessionId, &SessionContent),
) -> Result<Option<WayOut>> {
    let mut editing = attempt(app, site).await?;
    let tried = match items::find::<SessionContent>(&mut editing, (site.conference.id, session)).await? {
        Some(item) => {
            let version = (content, None);
            saving::save(&mut editing, session, item.head.number, version, Fate::Head).await.map(|_| ())
        }
        None => saving::add(&mut editing, session, None, content).await,
    };
    let others = match tried {
        Ok(()) => slots::list_published_with(&mut editing, &[session.0]).await,
        Err(error) => Err(error),
    };
    together(others)
}

/// Returns the button that also publishes these other sessions; `None` if there are none, or if that is of no use.
pub fn together(others: Result<Vec<(SessionId, String)>, SaveError>) -> Result<Option<WayOut>> {
    let others = match others {
        Ok(others) => others,
        Err(SaveError::Database(error)) => return Err(error.into()),
        Err(_) => Vec::new(),
    };
    if others.is_empty() {
        return Ok(None);
    }
    let (ids, titles): (Vec<String>, Vec<String>) =
        others.into_iter().map(|(id, title)| (id.to_string(), title)).unzip();
    let label = WayOutWords::With(&titles).render()?.trim().to_owned();
    Ok(Some(WayOut { label, fields: vec![(WITH, ids.join(" "))] }))
}

/// The first and the last hour in which a free time is looked for.
const HOURS: (i64, i64) = (8, 22);

/// Returns buttons that save the session at the nearest free times, and without a time.
fn ways_out(
    conference: &Conference,
    content: &SessionContent,
    wanted: TimeSlot,
    busy: &[TimeSlot],
) -> Result<Vec<WayOut>> {
    let label = |words: WayOutWords<'_>| words.render().map(|label| label.trim().to_owned());
    let Schedule::Own { .. } = content.schedule else {
        let fields = vec![("offset", String::new()), ("start", String::new()), ("day", String::new())];
        return Ok(vec![WayOut { label: label(WayOutWords::Open)?, fields }]);
    };
    let zone = &conference.zone;
    let mut ways = Vec::new();
    for start in nearest_free(conference, wanted, busy) {
        ways.push(WayOut {
            label: label(WayOutWords::At(zone.moment(start)))?,
            fields: vec![("day", zone.day(start).iso()), ("start", zone.clock(start))],
        });
    }
    let fields = vec![("day", String::new()), ("start", String::new())];
    ways.push(WayOut { label: label(WayOutWords::Open)?, fields });
    Ok(ways)
}

/// Returns the nearest free start before and after the one that is taken, and the nearest on each other day, at most three.
fn nearest_free(conference: &Conference, wanted: TimeSlot, busy: &[TimeSlot]) -> Vec<OffsetDateTime> {
    let length = wanted.end() - wanted.start();
    let zone = &conference.zone;
    let is_free = |start: OffsetDateTime| {
        TimeSlot::new(start, start + length).is_ok_and(|slot| !busy.iter().any(|other| other.overlaps(slot)))
    };
    let mut found: Vec<OffsetDateTime> = Vec::new();
    for day in conference.days() {
        let Ok(midnight) = zone.instant(day.0, time::Time::MIDNIGHT) else { continue };
        let (first, last) = (midnight + Duration::hours(HOURS.0), midnight + Duration::hours(HOURS.1));
        // In steps of five minutes from the hour, as people plan.
        let steps = (0..).map(|step| first + Duration::minutes(5 * step));
        let free: Vec<_> = steps.take_while(|start| *start + length <= last).filter(|start| is_free(*start)).collect();
        found.extend(free.iter().rfind(|start| **start < wanted.start() && zone.day(wanted.start()) == day));
        let clock = zone.local(wanted.start()).time();
        let same_clock = zone.instant(day.0, clock).unwrap_or(first);
        found.extend(free.iter().find(|start| **start >= same_clock));
    }
    found.sort_by_key(|start| (*start - wanted.start()).abs());
    found.truncate(3);
    found
}
