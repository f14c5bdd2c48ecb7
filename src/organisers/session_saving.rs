//! Saving a session: judged, compared with what others saved meanwhile, kept and published in one transaction.

use std::sync::Arc;

use askama::Template;
use sqlx::{PgConnection, PgTransaction};

use super::{
    compare::same,
    editing::{Conflict, DECISION, Done, PREVIEW, TAKE_THEIRS, base, based, changes, decided},
    session::SessionPage,
    session_form::{Choices, FIELDS},
};
use crate::{
    domain::{ConferenceId, SessionId},
    store::{
        accounts::SignedIn,
        audit::{self, Actor, Change, Entry},
        revisions::{Edited, Fate, KeepError, Version},
        sessions::{self, State},
    },
    urls,
    web::{App, AppError, Desk, DeskNav, Errors, Result, Site, Submitted, reply, see_other},
};

/// The page on which the second of two people decides.
#[derive(Template)]
#[template(path = "organisers/session_conflict.html")]
struct ConflictPage {
    desk: Desk,
    title: String,
    action: String,
    revisions: String,
    conflict: Conflict,
    form: Submitted,
    errors: Errors,
    /// Whether the second's version can be kept as it is.
    mine_is_sound: bool,
    choices: Choices,
}

/// Saves what the form says as the next revision of the session, and leads back to its editor; or shows what stands in
/// the way, with everything that was written.
pub async fn save(
    app: &App,
    site: &Arc<Site>,
    person: &SignedIn,
    id: SessionId,
    form: Submitted,
    kind: &'static str,
) -> Result {
    let conference = &site.conference;
    // Somebody may save between our look and our save; then we look again.
    for _ in 0..3 {
        let mut conn = app.store.read().await?;
        let edited = sessions::find(&mut conn, conference.id, id).await?.ok_or(AppError::NotFound)?;
        let choices = Choices::load(&mut conn, conference).await?;
        if form.has(PREVIEW) {
            return reply::page(&SessionPage::again(site, person, &edited, choices, form, Errors::default()));
        }
        let theirs = choices.form_of(&edited.published.state);
        if let Some(conflict) = conflict(&mut conn, site, &edited, &choices, &theirs, &form).await? {
            return conflict_page(site, person, &edited, choices, conflict, &form);
        }
        drop(conn);
        let state = match decided(&FIELDS, &form, choices.judge(&form)) {
            Ok(state) => state,
            Err(errors) => {
                return reply::unprocessable(&SessionPage::again(site, person, &edited, choices, form, errors));
            }
        };
        let gives_way = form.get(DECISION) == TAKE_THEIRS;
        if same(&FIELDS, &theirs, &form) {
            return Ok(back(site, id, Done::Unchanged));
        }
        let fate = if gives_way { Fate::SetAside } else { Fate::Published };
        let version =
            Version { state: &state, base: edited.revision, fate, account: person.account, now: app.clock.now() };
        match keep(app, conference.id, &edited, &version, &theirs, &form, kind).await {
            Ok(number) => {
                let done = if gives_way { Done::SetAside(number) } else { Done::Saved(number) };
                return Ok(back(site, id, done));
            }
            Err(KeepError::Stale) => {}
            Err(error) => {
                let page = SessionPage::again(site, person, &edited, choices, form, Errors::default());
                return page.refused(app, conference.id, id, &state, error).await;
            }
        }
    }
    Err(AppError::internal("a session was saved by others three times while it was being saved"))
}

fn back(site: &Site, id: SessionId, done: Done) -> axum::response::Response {
    see_other(&urls::edit_session_after(&site.conference.slug, id, &done.query()))
}

async fn conflict(
    conn: &mut PgConnection,
    site: &Site,
    edited: &Edited<SessionId, State>,
    choices: &Choices,
    theirs: &Submitted,
    mine: &Submitted,
) -> Result<Option<Conflict>> {
    if base(mine) == edited.revision {
        return Ok(None);
    }
    let began = sessions::find_published_at(conn, site.conference.id, edited.id, base(mine)).await?;
    let began = began.map(|began| (began.number, choices.form_of(&began.state)));
    let say = |field: &str, value: &str| choices.say(field, value);
    Ok(Conflict::of(&FIELDS, &site.conference.zone, edited, began, theirs, mine, say))
}

fn conflict_page(
    site: &Arc<Site>,
    person: &SignedIn,
    edited: &Edited<SessionId, State>,
    choices: Choices,
    conflict: Conflict,
    mine: &Submitted,
) -> Result {
    let slug = &site.conference.slug;
    let title = edited.published.state.title.to_string();
    let form = based(&conflict.compared.form, conflict.now);
    let page = ConflictPage {
        desk: Desk::new(format!("Two versions of {title}"), DeskNav::Sessions, Some(site), person),
        title,
        action: urls::edit_session(slug, edited.id),
        revisions: urls::session_revisions(slug, edited.id),
        errors: choices.judge(&form).err().unwrap_or_default(),
        mine_is_sound: choices.judge(mine).is_ok(),
        form,
        conflict,
        choices,
    };
    reply::conflict(&page)
}

/// Keeps the version, with its entry in the audit log; what is published shows here at once.
async fn keep(
    app: &App,
    conference: ConferenceId,
    edited: &Edited<SessionId, State>,
    version: &Version<'_, State>,
    before: &Submitted,
    after: &Submitted,
    kind: &'static str,
) -> Result<i32, KeepError> {
    let mut tx = app.store.begin().await?;
    let number = sessions::keep(&mut tx, conference, edited.id, version).await?;
    let kind = if version.fate == Fate::SetAside { "session_set_aside" } else { kind };
    note(
        &mut tx,
        conference,
        edited.id,
        version,
        kind,
        &changes(&FIELDS, before, after, edited.published.number, number),
    )
    .await?;
    tx.commit().await?;
    app.published().await;
    Ok(number)
}

/// Writes the audit log's entry about a session.
pub async fn note(
    tx: &mut PgTransaction<'_>,
    conference: ConferenceId,
    id: SessionId,
    version: &Version<'_, State>,
    kind: &'static str,
    changes: &[Change],
) -> Result<(), sqlx::Error> {
    let entry = Entry {
        conference: Some(conference),
        subject: Some(id.0),
        changes,
        ..Entry::of(kind, Actor::Account(version.account))
    };
    audit::note(tx, entry).await
}
