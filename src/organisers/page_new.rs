//! A new page.

use axum::extract::State;

use super::{
    editing::{Done, Notice, PREVIEW, based, failed},
    key,
    page::PageEditor,
    page_form::judge,
    page_saving,
};
use crate::{
    access::{Carried, Person},
    domain::PageId,
    store::{
        pages,
        revisions::{Fate, KeepError, Version},
    },
    urls,
    web::{App, Current, Errors, Result, Submitted, reply, see_other},
};

/// The field with the new page's key. It is made with the form, so that a form sent twice makes one page.
const KEY: &str = "page";

/// `GET /organisers/{c}/pages/new`.
pub async fn get(Current(site): Current, Person(person): Person, Carried(carried): Carried) -> Result {
    let notice = carried.as_ref().map(|_| Notice::Carried);
    let form = carried.unwrap_or_else(|| keyed(&Submitted::default(), PageId::new()));
    reply::page(&PageEditor::blank(&site, &person, form, Errors::default()).opened(notice))
}

/// `POST /organisers/{c}/pages/new`: adds and publishes the page, or shows the preview.
pub async fn post(State(app): State<App>, Current(site): Current, Person(person): Person, form: Submitted) -> Result {
    let id: PageId = key(form.get(KEY)).unwrap_or_else(|_| PageId::new());
    let form = keyed(&form, id);
    let mut conn = app.store.read().await?;
    if form.has(PREVIEW) {
        return reply::page(&PageEditor::blank(&site, &person, form, Errors::default()));
    }
    let known = pages::find(&mut conn, site.conference.id, id).await?.is_some();
    drop(conn);
    if known {
        return page_saving::save(&app, &site, &person, id, based(&form, 1), "page_saved").await;
    }
    let state = match judge(&form) {
        Ok(state) => state,
        Err(errors) => return reply::unprocessable(&PageEditor::blank(&site, &person, form, errors)),
    };
    let version =
        Version { state: &state, base: 0, fate: Fate::Published, account: person.account, now: app.clock.now() };
    match add(&app, site.conference.id, id, &version).await {
        Ok(()) => Ok(see_other(&urls::edit_page_after(&site.conference.slug, id, &Done::Saved(1).query()))),
        Err(KeepError::Stale) => page_saving::save(&app, &site, &person, id, based(&form, 1), "page_saved").await,
        Err(error) => Err(failed(error)),
    }
}

fn keyed(form: &Submitted, id: PageId) -> Submitted {
    let others = form.fields().iter().filter(|(name, _)| name != KEY).cloned();
    Submitted::new(others.chain([(KEY.to_owned(), id.to_string())]).collect())
}

async fn add(
    app: &App,
    conference: crate::domain::ConferenceId,
    id: PageId,
    version: &Version<'_, pages::State>,
) -> Result<(), KeepError> {
    let mut tx = app.store.begin().await?;
    pages::add(&mut tx, conference, id, version).await?;
    page_saving::note(&mut tx, conference, id, version, "page_added", &[]).await?;
    tx.commit().await?;
    app.published().await;
    Ok(())
}
