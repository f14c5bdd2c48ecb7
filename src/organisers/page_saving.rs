//! Saving a page: validated, compared with what others saved meanwhile, kept and published in one transaction.

use std::sync::Arc;

use askama::Template;
use axum::http::StatusCode;
use sqlx::PgConnection;

use super::{
    compare::same,
    editing::{
        Conflict, DECISION, Done, PREVIEW, TAKE_THEIRS, base, based, began, changes, decided, failed, mine, note,
    },
    page::PageEditor,
    page_form::{FIELDS, form_of, say, validate},
};
use crate::{
    domain::{AuditKind, ConferenceId, PageId, SignedIn},
    store::{
        pages::{self, State},
        revisions::{Edited, Fate, SaveError, Version},
    },
    urls,
    web::{App, AppError, Desk, DeskNav, Errors, Result, Site, Submitted, markdown, reply, see_other},
};

/// The page on which the second of two people decides.
#[derive(Template)]
#[template(path = "organisers/page_conflict.html")]
struct ConflictPage {
    desk: Desk,
    title: String,
    action: String,
    revisions: String,
    live_preview: String,
    conflict: Conflict,
    /// Whether the form still is what both versions were put together to.
    is_fresh: bool,
    form: Submitted,
    errors: Errors,
    preview: String,
    /// Whether the second's version can be kept as it is.
    mine_is_sound: bool,
}

/// What somebody has before them who saves.
struct Saving<'a> {
    site: &'a Arc<Site>,
    person: &'a SignedIn,
    edited: Edited<PageId, State>,
    /// What is published.
    theirs: Submitted,
}

/// Saves what the form says as the next revision of the page, and leads back to its editor; or shows what stands in
/// the way, with everything that was written.
pub async fn save(
    app: &App,
    site: &Arc<Site>,
    person: &SignedIn,
    id: PageId,
    form: Submitted,
    kind: AuditKind,
) -> Result {
    // Somebody may save between our reading and our saving; then we read again. What they published leads to a decision
    // now; a version that they set aside does not, and is no reason to give up however many there are.
    loop {
        let mut conn = app.store.read().await?;
        let saving = Saving::begin(&mut conn, site, person, id).await?;
        let open = match began(&form) {
            Some(since) => saving.conflict(&mut conn, since, &mine(&form)).await?,
            None => None,
        };
        if form.has(PREVIEW) {
            return saving.show(open, form, Errors::default(), StatusCode::OK);
        }
        if base(&form) != saving.edited.revision
            && let Some(conflict) = saving.conflict(&mut conn, base(&form), &form).await?
        {
            let form = based(&conflict.compared.form, conflict.now);
            let errors = validate(&form).err().unwrap_or_default();
            return saving.show(Some(conflict), form, errors, StatusCode::CONFLICT);
        }
        drop(conn);
        let state = match decided(&FIELDS, &form, validate(&form)) {
            Ok(state) => state,
            Err(errors) => return saving.show(open, form, errors, StatusCode::UNPROCESSABLE_ENTITY),
        };
        if same(&FIELDS, &saving.theirs, &form) {
            return Ok(back(site, id, Done::Unchanged));
        }
        let gives_way = form.get(DECISION) == TAKE_THEIRS;
        let fate = if gives_way { Fate::SetAside } else { Fate::Published };
        let now = app.clock.now();
        let version = Version { state: &state, base: saving.edited.revision, fate, account: person.account, now };
        match keep(app, site.conference.id, &saving.edited, &version, &saving.theirs, &form, kind).await {
            Ok(number) => {
                let done = if gives_way { Done::SetAside(number) } else { Done::Saved(number) };
                return Ok(back(site, id, done));
            }
            Err(SaveError::Stale) => {}
            Err(error) => return Err(failed(error)),
        }
    }
}

fn back(site: &Site, id: PageId, done: Done) -> axum::response::Response {
    see_other(&urls::organisers::page_after(&site.conference.slug, id, &done.query()))
}

impl<'a> Saving<'a> {
    async fn begin(conn: &mut PgConnection, site: &'a Arc<Site>, person: &'a SignedIn, id: PageId) -> Result<Self> {
        let edited = pages::find(conn, site.conference.id, id).await?.ok_or(AppError::NotFound)?;
        let theirs = form_of(&edited.published.state);
        Ok(Self { site, person, edited, theirs })
    }

    /// What is published beside what somebody wrote, if others have changed something since that revision.
    async fn conflict(&self, conn: &mut PgConnection, since: i32, mine: &Submitted) -> Result<Option<Conflict>> {
        let conference = &self.site.conference;
        let began = pages::find_published_at(conn, conference.id, self.edited.id, since).await?;
        let began = began.map(|began| (began.number, form_of(&began.state)));
        Ok(Conflict::of(&FIELDS, &conference.zone, &self.edited, began, &self.theirs, mine, say))
    }

    /// Shows the form again: in the editor, or on the page of the decision that is open.
    fn show(self, open: Option<Conflict>, form: Submitted, wrong: Errors, status: StatusCode) -> Result {
        let Self { site, person, edited, .. } = self;
        let Some(conflict) = open else {
            return reply::with_status(status, &PageEditor::again(site, person, &edited, form, wrong));
        };
        let slug = &site.conference.slug;
        let title = edited.published.state.title.to_string();
        let page = ConflictPage {
            desk: Desk::new(format!("Two versions of {title}"), DeskNav::Pages, Some(site), person),
            title,
            action: urls::organisers::page(slug, edited.id),
            revisions: urls::organisers::page_revisions(slug, edited.id),
            live_preview: urls::organisers::preview(slug),
            is_fresh: status == StatusCode::CONFLICT,
            errors: wrong,
            preview: markdown::html(form.get("text")),
            mine_is_sound: decided(&FIELDS, &conflict.mine, validate(&conflict.mine)).is_ok(),
            form,
            conflict,
        };
        reply::with_status(status, &page)
    }
}

/// Keeps the version, with its entry in the audit log; what is published shows here at once.
async fn keep(
    app: &App,
    conference: ConferenceId,
    edited: &Edited<PageId, State>,
    version: &Version<'_, State>,
    before: &Submitted,
    after: &Submitted,
    kind: AuditKind,
) -> Result<i32, SaveError> {
    let mut tx = app.store.begin().await?;
    let number = pages::keep(&mut tx, conference, edited.id, version).await?;
    let kind = if version.fate == Fate::SetAside { AuditKind::PageSetAside } else { kind };
    let changes = changes(&FIELDS, before, after, edited.published.number, number);
    note(&mut tx, conference, edited.id.0, version.account, kind, &changes).await?;
    tx.commit().await?;
    if version.fate == Fate::Published {
        app.published().await;
    }
    Ok(number)
}
