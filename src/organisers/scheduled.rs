//! Publications at a set time, which are part of the page of unpublished changes.

use askama::Template;
use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::{
    domain::{AuditKind, Day, ReleaseNote, ScheduledReleaseId, SignedIn, Zone, date_and_time},
    editing::{SavedBy, save},
    store::programme::scheduled::{self, NewSchedule, ScheduleError},
    web::{App, Errors, Result, Site, Submitted},
};

/// The field with the time.
const AT: &str = "at";

/// The error messages of the time.
#[derive(Template)]
#[template(path = "organisers/scheduled_errors.txt")]
enum ErrorMessage {
    NotAMoment,
    NotOnce(Day),
    Past,
    Taken,
}

/// A publication in the list.
pub struct ScheduledView {
    /// Its key.
    pub id: ScheduledReleaseId,
    /// When it is due, in words.
    pub moment: String,
    /// When it is due, in ISO 8601.
    pub iso: String,
    /// Who scheduled it, and when.
    pub by: SavedBy,
    /// The note of the release.
    pub note: String,
}

/// Lists the publications that wait for their time.
pub async fn list(conn: &mut PgConnection, site: &Site) -> Result<Vec<ScheduledView>> {
    let zone = &site.conference.zone;
    let all = scheduled::list(conn, site.conference.id).await?;
    let views = all.into_iter().map(|one| ScheduledView {
        id: one.id,
        moment: zone.zoned_moment(one.due_at),
        iso: zone.iso(one.due_at),
        by: SavedBy::new(zone, 0, Some(one.who), one.at),
        note: one.note,
    });
    Ok(views.collect())
}

/// Schedules the publication in the form. Returns the errors of the fields if there are any.
pub async fn add(app: &App, site: &Site, person: &SignedIn, form: &Submitted) -> Result<Result<(), Errors>> {
    let now = app.clock.now();
    let mut errors = Errors::default();
    let due_at = moment(form, &site.conference.zone, now, &mut errors);
    let note = errors.check("later_note", ReleaseNote::parse(form.get("later_note")));
    let (Some(due_at), Some(note)) = (due_at, note) else { return Ok(Err(errors)) };
    let new = NewSchedule { conference: site.conference.id, account: person.account, due_at, note };
    let mut tx = app.store.begin().await?;
    match scheduled::add(&mut tx, &new, now).await {
        Ok(None) => {}
        Ok(Some(id)) => {
            save::note(&mut tx, (new.conference, id.0), person.account, AuditKind::PublicationScheduled, &[]).await?;
            tx.commit().await?;
        }
        Err(ScheduleError::Taken) => {
            errors.add(AT, &ErrorMessage::Taken);
            return Ok(Err(errors));
        }
        Err(ScheduleError::Database(error)) => return Err(error.into()),
    }
    Ok(Ok(()))
}

/// Cancels a publication. Returns whether it was still waiting.
pub async fn cancel(app: &App, site: &Site, person: &SignedIn, id: ScheduledReleaseId) -> Result<bool> {
    let conference = site.conference.id;
    let mut tx = app.store.begin().await?;
    let was_waiting = scheduled::cancel(&mut tx, conference, id, person.account, app.clock.now()).await?;
    if was_waiting {
        save::note(&mut tx, (conference, id.0), person.account, AuditKind::PublicationCancelled, &[]).await?;
        tx.commit().await?;
    }
    Ok(was_waiting)
}

/// Reads the time, as the clocks at the venue show it, or adds its error.
fn moment(form: &Submitted, zone: &Zone, now: OffsetDateTime, errors: &mut Errors) -> Option<OffsetDateTime> {
    let Some(local) = date_and_time(&form.line(AT)) else {
        errors.add(AT, &ErrorMessage::NotAMoment);
        return None;
    };
    let Ok(instant) = zone.instant(local.date(), local.time()) else {
        errors.add(AT, &ErrorMessage::NotOnce(Day(local.date())));
        return None;
    };
    if instant <= now {
        errors.add(AT, &ErrorMessage::Past);
        return None;
    }
    Some(instant)
}
