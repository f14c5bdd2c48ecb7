//! Saving a session: validated, compared with what others saved meanwhile, kept and published in one transaction.

use std::sync::Arc;

use askama::Template;
use axum::http::StatusCode;
use sqlx::PgConnection;

use super::{
    compare::same,
    editing::{Conflict, DECISION, Done, PREVIEW, TAKE_THEIRS, base, based, began, changes, decided, mine, note},
    session::SessionPage,
    session_form::{Choices, FIELDS},
    session_wrong::Wrong,
};
use crate::{
    domain::{AuditKind, ConferenceId, SessionId, SignedIn},
    store::{
        revisions::{Edited, Fate, SaveError, Version},
        sessions::{self, State},
    },
    urls,
    web::{App, AppError, Desk, DeskNav, Errors, Result, Site, Submitted, markdown, reply, see_other},
};

/// The page on which the second of two people decides.
#[derive(Template)]
#[template(path = "organisers/session_conflict.html")]
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
    in_the_way: Option<(String, String)>,
    preview: String,
    /// Whether the second's version can be kept as it is.
    mine_is_sound: bool,
    choices: Choices,
}

/// What somebody has before them who saves.
struct Saving<'a> {
    site: &'a Arc<Site>,
    person: &'a SignedIn,
    edited: Edited<SessionId, State>,
    choices: Choices,
    /// What is published.
    theirs: Submitted,
}

/// Saves what the form says as the next revision of the session, and leads back to its editor; or shows what stands in
/// the way, with everything that was written.
pub async fn save(
    app: &App,
    site: &Arc<Site>,
    person: &SignedIn,
    id: SessionId,
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
            return saving.show(open, form, Wrong::default(), StatusCode::OK);
        }
        if base(&form) != saving.edited.revision
            && let Some(conflict) = saving.conflict(&mut conn, base(&form), &form).await?
        {
            let form = based(&conflict.compared.form, conflict.now);
            let errors = saving.choices.validate(&form).err().unwrap_or_default();
            return saving.show(Some(conflict), form, errors.into(), StatusCode::CONFLICT);
        }
        drop(conn);
        let state = match decided(&FIELDS, &form, saving.choices.validate(&form)) {
            Ok(state) => state,
            Err(errors) => return saving.show(open, form, errors.into(), StatusCode::UNPROCESSABLE_ENTITY),
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
            Err(error) => {
                let wrong = Wrong::refused(app, site, id, &saving.choices, &state, error).await?;
                return saving.show(open, form, wrong, StatusCode::UNPROCESSABLE_ENTITY);
            }
        }
    }
}

fn back(site: &Site, id: SessionId, done: Done) -> axum::response::Response {
    see_other(&urls::organisers::session_after(&site.conference.slug, id, &done.query()))
}

impl<'a> Saving<'a> {
    async fn begin(conn: &mut PgConnection, site: &'a Arc<Site>, person: &'a SignedIn, id: SessionId) -> Result<Self> {
        let edited = sessions::find(conn, site.conference.id, id).await?.ok_or(AppError::NotFound)?;
        let choices = Choices::load(conn, &site.conference).await?;
        let theirs = choices.form_of(&edited.published.state);
        Ok(Self { site, person, edited, choices, theirs })
    }

    /// What is published beside what somebody wrote, if others have changed something since that revision.
    async fn conflict(&self, conn: &mut PgConnection, since: i32, mine: &Submitted) -> Result<Option<Conflict>> {
        let conference = &self.site.conference;
        let began = sessions::find_published_at(conn, conference.id, self.edited.id, since).await?;
        let began = began.map(|began| (began.number, self.choices.form_of(&began.state)));
        let say = |field: &str, value: &str| self.choices.say(field, value);
        Ok(Conflict::of(&FIELDS, &conference.zone, &self.edited, began, &self.theirs, mine, say))
    }

    /// Shows the form again: in the editor, or on the page of the decision that is open.
    fn show(self, open: Option<Conflict>, form: Submitted, wrong: Wrong, status: StatusCode) -> Result {
        let Self { site, person, edited, choices, .. } = self;
        let Some(conflict) = open else {
            return reply::with_status(status, &SessionPage::again(site, person, &edited, choices, form, wrong));
        };
        let slug = &site.conference.slug;
        let title = edited.published.state.title.to_string();
        let page = ConflictPage {
            desk: Desk::new(format!("Two versions of {title}"), DeskNav::Sessions, Some(site), person),
            title,
            action: urls::organisers::session(slug, edited.id),
            revisions: urls::organisers::session_revisions(slug, edited.id),
            live_preview: urls::organisers::preview(slug),
            is_fresh: status == StatusCode::CONFLICT,
            errors: wrong.errors,
            in_the_way: wrong.in_the_way,
            preview: markdown::html(form.get("text")),
            mine_is_sound: decided(&FIELDS, &conflict.mine, choices.validate(&conflict.mine)).is_ok(),
            form,
            conflict,
            choices,
        };
        reply::with_status(status, &page)
    }
}

/// Keeps the version, with its entry in the audit log; what is published shows here at once.
async fn keep(
    app: &App,
    conference: ConferenceId,
    edited: &Edited<SessionId, State>,
    version: &Version<'_, State>,
    before: &Submitted,
    after: &Submitted,
    kind: AuditKind,
) -> Result<i32, SaveError> {
    let mut tx = app.store.begin().await?;
    let number = sessions::keep(&mut tx, conference, edited.id, version).await?;
    let kind = if version.fate == Fate::SetAside { AuditKind::SessionSetAside } else { kind };
    let changes = changes(&FIELDS, before, after, edited.published.number, number);
    note(&mut tx, conference, edited.id.0, version.account, kind, &changes).await?;
    tx.commit().await?;
    if version.fate == Fate::Published {
        app.published().await;
    }
    Ok(number)
}
