//! Saving a page: judged, compared with what others saved meanwhile, kept and published in one transaction.

use std::sync::Arc;

use askama::Template;
use sqlx::{PgConnection, PgTransaction};

use super::{
    compare::same,
    editing::{Conflict, DECISION, Done, PREVIEW, TAKE_THEIRS, base, based, changes, decided, failed},
    page::PageEditor,
    page_form::{FIELDS, form_of, judge, say},
};
use crate::{
    domain::{ConferenceId, PageId},
    store::{
        accounts::SignedIn,
        audit::{self, Actor, Change, Entry},
        pages::{self, State},
        revisions::{Edited, Fate, KeepError, Version},
    },
    urls,
    web::{App, AppError, Desk, DeskNav, Errors, Result, Site, Submitted, reply, see_other},
};

/// The page on which the second of two people decides.
#[derive(Template)]
#[template(path = "organisers/page_conflict.html")]
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
}

/// Saves what the form says as the next revision of the page, and leads back to its editor; or shows what stands in
/// the way, with everything that was written.
pub async fn save(
    app: &App,
    site: &Arc<Site>,
    person: &SignedIn,
    id: PageId,
    form: Submitted,
    kind: &'static str,
) -> Result {
    let conference = &site.conference;
    // Somebody may save between our look and our save; then we look again.
    for _ in 0..3 {
        let mut conn = app.store.read().await?;
        let edited = pages::find(&mut conn, conference.id, id).await?.ok_or(AppError::NotFound)?;
        if form.has(PREVIEW) {
            return reply::page(&PageEditor::again(site, person, &edited, form, Errors::default()));
        }
        let theirs = form_of(&edited.published.state);
        if let Some(conflict) = conflict(&mut conn, site, &edited, &theirs, &form).await? {
            return conflict_page(site, person, &edited, conflict, &form);
        }
        drop(conn);
        let state = match decided(&FIELDS, &form, judge(&form)) {
            Ok(state) => state,
            Err(errors) => {
                return reply::unprocessable(&PageEditor::again(site, person, &edited, form, errors));
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
            Err(error) => return Err(failed(error)),
        }
    }
    Err(AppError::internal("a page was saved by others three times while it was being saved"))
}

fn back(site: &Site, id: PageId, done: Done) -> axum::response::Response {
    see_other(&urls::edit_page_after(&site.conference.slug, id, &done.query()))
}

async fn conflict(
    conn: &mut PgConnection,
    site: &Site,
    edited: &Edited<PageId, State>,
    theirs: &Submitted,
    mine: &Submitted,
) -> Result<Option<Conflict>> {
    if base(mine) == edited.revision {
        return Ok(None);
    }
    let began = pages::find_published_at(conn, site.conference.id, edited.id, base(mine)).await?;
    let began = began.map(|began| (began.number, form_of(&began.state)));
    Ok(Conflict::of(&FIELDS, &site.conference.zone, edited, began, theirs, mine, say))
}

fn conflict_page(
    site: &Arc<Site>,
    person: &SignedIn,
    edited: &Edited<PageId, State>,
    conflict: Conflict,
    mine: &Submitted,
) -> Result {
    let slug = &site.conference.slug;
    let title = edited.published.state.title.to_string();
    let form = based(&conflict.compared.form, conflict.now);
    let page = ConflictPage {
        desk: Desk::new(format!("Two versions of {title}"), DeskNav::Pages, Some(site), person),
        title,
        action: urls::edit_page(slug, edited.id),
        revisions: urls::page_revisions(slug, edited.id),
        errors: judge(&form).err().unwrap_or_default(),
        mine_is_sound: judge(mine).is_ok(),
        form,
        conflict,
    };
    reply::conflict(&page)
}

/// Keeps the version, with its entry in the audit log; what is published shows here at once.
async fn keep(
    app: &App,
    conference: ConferenceId,
    edited: &Edited<PageId, State>,
    version: &Version<'_, State>,
    before: &Submitted,
    after: &Submitted,
    kind: &'static str,
) -> Result<i32, KeepError> {
    let mut tx = app.store.begin().await?;
    let number = pages::keep(&mut tx, conference, edited.id, version).await?;
    let kind = if version.fate == Fate::SetAside { "page_set_aside" } else { kind };
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

/// Writes the audit log's entry about a page.
pub async fn note(
    tx: &mut PgTransaction<'_>,
    conference: ConferenceId,
    id: PageId,
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
