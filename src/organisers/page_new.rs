//! A new page.

use std::sync::Arc;

use axum::extract::State;
use sqlx::PgConnection;

use super::{
    editing::{Done, Notice, PREVIEW, failed, note, with},
    key,
    page::PageEditor,
    page_form::validate,
};
use crate::{
    access::{Person, ResumedForm},
    domain::{AuditKind, PageId, SignedIn},
    store::{
        pages,
        revisions::{Edited, Fate, Revision, SaveError, Version},
    },
    urls,
    web::{App, AppError, Current, Errors, Result, Site, Submitted, reply, see_other},
};

/// The field with the new page's key. It is made with the form, so that a form sent twice makes one page.
const KEY: &str = "page";

/// `GET /organisers/{c}/pages/new`.
pub async fn get(Current(site): Current, Person(person): Person, ResumedForm(resumed): ResumedForm) -> Result {
    let notice = resumed.as_ref().map(|_| Notice::Resumed);
    let form = resumed.unwrap_or_else(|| with(&Submitted::default(), KEY, PageId::new()));
    reply::page(&PageEditor::blank(&site, &person, form, Errors::default()).opened(notice))
}

/// `POST /organisers/{c}/pages/new`: adds and publishes the page, or shows the preview.
pub async fn post(State(app): State<App>, Current(site): Current, Person(person): Person, form: Submitted) -> Result {
    let id: PageId = key(form.get(KEY)).unwrap_or_else(|_| PageId::new());
    let form = with(&form, KEY, id);
    let mut conn = app.store.read().await?;
    if form.has(PREVIEW) {
        return reply::page(&PageEditor::blank(&site, &person, form, Errors::default()));
    }
    if let Some(made) = find_made(&mut conn, &site, id).await? {
        return sent_again(&site, &person, &form, &made);
    }
    drop(conn);
    let state = match validate(&form) {
        Ok(state) => state,
        Err(errors) => return reply::unprocessable(&PageEditor::blank(&site, &person, form, errors)),
    };
    let version =
        Version { state: &state, base: 0, fate: Fate::Published, account: person.account, now: app.clock.now() };
    match add(&app, site.conference.id, id, &version).await {
        Ok(()) => Ok(see_other(&urls::organisers::page_after(&site.conference.slug, id, &Done::Saved(1).query()))),
        // The same form was sent at the same moment, and the other was quicker.
        Err(SaveError::Stale) => {
            let made = find_made(&mut *app.store.read().await?, &site, id).await?.ok_or(AppError::NotFound)?;
            sent_again(&site, &person, &form, &made)
        }
        Err(error) => Err(failed(error)),
    }
}

/// What a form has made already.
struct Made {
    edited: Edited<PageId, pages::State>,
    first: Revision<pages::State>,
}

async fn find_made(conn: &mut PgConnection, site: &Site, id: PageId) -> Result<Option<Made>> {
    let Some(edited) = pages::find(conn, site.conference.id, id).await? else { return Ok(None) };
    let first = pages::find_published_at(conn, site.conference.id, id, 1).await?;
    Ok(first.map(|first| Made { edited, first }))
}

/// A form that came again: a second click with the same words leads to what the first click made. Other words, as
/// somebody sends them who went back in their browser, are kept out of it: they are asked what they want, and the form
/// has a key of its own from now on.
fn sent_again(site: &Arc<Site>, person: &SignedIn, form: &Submitted, made: &Made) -> Result {
    let (slug, id) = (&site.conference.slug, made.edited.id);
    let validated = validate(form);
    if validated.as_ref().is_ok_and(|state| *state == made.first.state) {
        let is_published = made.edited.published.id == made.first.id;
        return Ok(see_other(&if is_published {
            urls::organisers::page_after(slug, id, &Done::Unchanged.query())
        } else {
            urls::organisers::page(slug, id)
        }));
    }
    let title = made.edited.published.state.title.to_string();
    let notice = Notice::AddedAlready { title, editor: urls::organisers::page(slug, id) };
    let form = with(form, KEY, PageId::new());
    let page = PageEditor::blank(site, person, form, validated.err().unwrap_or_default());
    reply::conflict(&page.opened(Some(notice)))
}

async fn add(
    app: &App,
    conference: crate::domain::ConferenceId,
    id: PageId,
    version: &Version<'_, pages::State>,
) -> Result<(), SaveError> {
    let mut tx = app.store.begin().await?;
    pages::add(&mut tx, conference, id, version).await?;
    note(&mut tx, conference, id.0, version.account, AuditKind::PageAdded, &[]).await?;
    tx.commit().await?;
    app.published().await;
    Ok(())
}
