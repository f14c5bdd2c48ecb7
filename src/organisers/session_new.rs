//! A new session.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use sqlx::PgConnection;

use super::{
    editing::{Done, Notice, PREVIEW, note, with},
    key,
    session::SessionPage,
    session_form::{Choices, blank},
    session_wrong::Wrong,
};
use crate::{
    access::{Person, ResumedForm},
    domain::{AuditKind, SessionId, SignedIn},
    store::{
        revisions::{Edited, Fate, Revision, SaveError, Version},
        sessions,
    },
    urls,
    web::{App, AppError, Current, Errors, Result, Site, Submitted, reply, see_other},
};

/// The field with the new session's key. It is made with the form, so that a form sent twice makes one session.
const KEY: &str = "session";

/// `GET /organisers/{c}/sessions/new`.
pub async fn get(
    State(app): State<App>,
    Current(site): Current,
    Person(person): Person,
    RawQuery(query): RawQuery,
    ResumedForm(resumed): ResumedForm,
) -> Result {
    let choices = Choices::load(&mut *app.store.read().await?, &site.conference).await?;
    let notice = resumed.as_ref().map(|_| Notice::Resumed);
    let form = resumed.unwrap_or_else(|| {
        let query = Submitted::decode(query.unwrap_or_default().as_bytes());
        with(&blank(query.get("day")), KEY, SessionId::new())
    });
    reply::page(&SessionPage::blank(&site, &person, choices, form, Errors::default()).opened(notice))
}

/// `POST /organisers/{c}/sessions/new`: adds and publishes the session, or shows the preview.
pub async fn post(State(app): State<App>, Current(site): Current, Person(person): Person, form: Submitted) -> Result {
    let id: SessionId = key(form.get(KEY)).unwrap_or_else(|_| SessionId::new());
    let form = with(&form, KEY, id);
    let mut conn = app.store.read().await?;
    let choices = Choices::load(&mut conn, &site.conference).await?;
    if form.has(PREVIEW) {
        return reply::page(&SessionPage::blank(&site, &person, choices, form, Errors::default()));
    }
    if let Some(made) = find_made(&mut conn, &site, id).await? {
        return sent_again(&site, &person, choices, &form, &made);
    }
    drop(conn);
    let state = match choices.validate(&form) {
        Ok(state) => state,
        Err(errors) => return reply::unprocessable(&SessionPage::blank(&site, &person, choices, form, errors)),
    };
    let version =
        Version { state: &state, base: 0, fate: Fate::Published, account: person.account, now: app.clock.now() };
    match add(&app, site.conference.id, id, &version).await {
        Ok(()) => Ok(see_other(&urls::organisers::session_after(&site.conference.slug, id, &Done::Saved(1).query()))),
        // The same form was sent at the same moment, and the other was quicker.
        Err(SaveError::Stale) => {
            let made = find_made(&mut *app.store.read().await?, &site, id).await?.ok_or(AppError::NotFound)?;
            sent_again(&site, &person, choices, &form, &made)
        }
        Err(error) => {
            let wrong = Wrong::refused(&app, &site, id, &choices, &state, error).await?;
            reply::unprocessable(&SessionPage::blank(&site, &person, choices, form, wrong))
        }
    }
}

/// What a form has made already.
struct Made {
    edited: Edited<SessionId, sessions::State>,
    first: Revision<sessions::State>,
}

async fn find_made(conn: &mut PgConnection, site: &Site, id: SessionId) -> Result<Option<Made>> {
    let Some(edited) = sessions::find(conn, site.conference.id, id).await? else { return Ok(None) };
    let first = sessions::find_published_at(conn, site.conference.id, id, 1).await?;
    Ok(first.map(|first| Made { edited, first }))
}

/// A form that came again: a second click with the same words leads to what the first click made. Other words, as
/// somebody sends them who went back in their browser, are kept out of it: they are asked what they want, and the form
/// has a key of its own from now on.
fn sent_again(site: &Arc<Site>, person: &SignedIn, choices: Choices, form: &Submitted, made: &Made) -> Result {
    let (slug, id) = (&site.conference.slug, made.edited.id);
    let validated = choices.validate(form);
    if validated.as_ref().is_ok_and(|state| *state == made.first.state) {
        let is_published = made.edited.published.id == made.first.id;
        return Ok(see_other(&if is_published {
            urls::organisers::session_after(slug, id, &Done::Unchanged.query())
        } else {
            urls::organisers::session(slug, id)
        }));
    }
    let title = made.edited.published.state.title.to_string();
    let notice = Notice::AddedAlready { title, editor: urls::organisers::session(slug, id) };
    let form = with(form, KEY, SessionId::new());
    let page = SessionPage::blank(site, person, choices, form, validated.err().unwrap_or_default());
    reply::conflict(&page.opened(Some(notice)))
}

async fn add(
    app: &App,
    conference: crate::domain::ConferenceId,
    id: SessionId,
    version: &Version<'_, sessions::State>,
) -> Result<(), SaveError> {
    let mut tx = app.store.begin().await?;
    sessions::add(&mut tx, conference, id, version).await?;
    note(&mut tx, conference, id.0, version.account, AuditKind::SessionAdded, &[]).await?;
    tx.commit().await?;
    app.published().await;
    Ok(())
}
