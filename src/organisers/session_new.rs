//! A new session.

use axum::extract::{RawQuery, State};

use super::{
    editing::{Done, Notice, PREVIEW, based},
    key,
    session::SessionPage,
    session_form::{Choices, blank},
    session_saving,
};
use crate::{
    access::{Carried, Person},
    domain::SessionId,
    store::{
        revisions::{Fate, KeepError, Version},
        sessions,
    },
    urls,
    web::{App, Current, Errors, Result, Submitted, reply, see_other},
};

/// The field with the new session's key. It is made with the form, so that a form sent twice makes one session.
const KEY: &str = "session";

/// `GET /organisers/{c}/sessions/new`.
pub async fn get(
    State(app): State<App>,
    Current(site): Current,
    Person(person): Person,
    RawQuery(query): RawQuery,
    Carried(carried): Carried,
) -> Result {
    let choices = Choices::load(&mut *app.store.read().await?, &site.conference).await?;
    let notice = carried.as_ref().map(|_| Notice::Carried);
    let form = carried.unwrap_or_else(|| {
        let query = Submitted::decode(query.unwrap_or_default().as_bytes());
        keyed(&blank(query.get("day")), SessionId::new())
    });
    reply::page(&SessionPage::blank(&site, &person, choices, form, Errors::default()).opened(notice))
}

/// `POST /organisers/{c}/sessions/new`: adds and publishes the session, or shows the preview.
pub async fn post(State(app): State<App>, Current(site): Current, Person(person): Person, form: Submitted) -> Result {
    let id: SessionId = key(form.get(KEY)).unwrap_or_else(|_| SessionId::new());
    let form = keyed(&form, id);
    let mut conn = app.store.read().await?;
    let choices = Choices::load(&mut conn, &site.conference).await?;
    if form.has(PREVIEW) {
        return reply::page(&SessionPage::blank(&site, &person, choices, form, Errors::default()));
    }
    let known = sessions::find(&mut conn, site.conference.id, id).await?.is_some();
    drop(conn);
    if known {
        return session_saving::save(&app, &site, &person, id, based(&form, 1), "session_saved").await;
    }
    let state = match choices.judge(&form) {
        Ok(state) => state,
        Err(errors) => return reply::unprocessable(&SessionPage::blank(&site, &person, choices, form, errors)),
    };
    let version =
        Version { state: &state, base: 0, fate: Fate::Published, account: person.account, now: app.clock.now() };
    match add(&app, site.conference.id, id, &version).await {
        Ok(()) => Ok(see_other(&urls::edit_session_after(&site.conference.slug, id, &Done::Saved(1).query()))),
        Err(KeepError::Stale) => session_saving::save(&app, &site, &person, id, based(&form, 1), "session_saved").await,
        Err(error) => {
            let page = SessionPage::blank(&site, &person, choices, form, Errors::default());
            page.refused(&app, site.conference.id, id, &state, error).await
        }
    }
}

fn keyed(form: &Submitted, id: SessionId) -> Submitted {
    let others = form.fields().iter().filter(|(name, _)| name != KEY).cloned();
    Submitted::new(others.chain([(KEY.to_owned(), id.to_string())]).collect())
}

async fn add(
    app: &App,
    conference: crate::domain::ConferenceId,
    id: SessionId,
    version: &Version<'_, sessions::State>,
) -> Result<(), KeepError> {
    let mut tx = app.store.begin().await?;
    sessions::add(&mut tx, conference, id, version).await?;
    session_saving::note(&mut tx, conference, id, version, "session_added", &[]).await?;
    tx.commit().await?;
    app.published().await;
    Ok(())
}
