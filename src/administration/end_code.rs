//! `/administration/{c}/codes/{code}/end` and `…/remove`: pages that explain the consequences, and end or remove a code.

use askama::Template;
use axum::extract::State;

use super::code::find;
use crate::{
    access::Person,
    domain::{AuditKind, CodeId, SignedIn},
    store::{
        audit::{self, Actor, Change, Entry},
        registrations::code_settings::{self, CodeSettingsError, ListedCode},
    },
    urls,
    web::{App, AppError, Current, Desk, DeskNav, Named, Result, Site, page, reply, see_other},
};

/// The page that asks whether to end or to remove a code.
#[derive(Template)]
#[template(path = "administration/end_code.html")]
struct EndPage {
    desk: Desk,
    slug: String,
    code: ListedCode,
    /// Whether it is removed, and not only ended.
    removes: bool,
    /// Whether it could not be removed, because people have used it.
    refused: bool,
}

/// `GET /administration/{c}/codes/{code}/end`.
pub async fn get_end(
    State(app): State<App>,
    Person(person): Person,
    Current(site): Current,
    Named(id): Named<CodeId>,
) -> Result {
    page(&EndPage::of(&app, &person, &site, id, false).await?)
}

/// `POST /administration/{c}/codes/{code}/end`.
pub async fn end(
    State(app): State<App>,
    Person(person): Person,
    Current(site): Current,
    Named(id): Named<CodeId>,
) -> Result {
    let code = find(&app, &site, id).await?;
    let mut tx = app.store.begin().await?;
    let when = (app.clock.now(), &app.settings.operations_address);
    if code_settings::end(&mut tx, site.conference.id, id, when).await? {
        note(&mut tx, &site, &person, &code, AuditKind::CodeEnded).await?;
    }
    tx.commit().await?;
    app.outbox.notify_one();
    app.published().await;
    Ok(see_other(&urls::administration::codes_done(&site.conference.slug, "ended")))
}

/// `GET /administration/{c}/codes/{code}/remove`.
pub async fn get_remove(
    State(app): State<App>,
    Person(person): Person,
    Current(site): Current,
    Named(id): Named<CodeId>,
) -> Result {
    page(&EndPage::of(&app, &person, &site, id, true).await?)
}

/// `POST /administration/{c}/codes/{code}/remove`.
pub async fn remove(
    State(app): State<App>,
    Person(person): Person,
    Current(site): Current,
    Named(id): Named<CodeId>,
) -> Result {
    let code = find(&app, &site, id).await?;
    let mut tx = app.store.begin().await?;
    let when = (app.clock.now(), &app.settings.operations_address);
    match code_settings::remove(&mut tx, site.conference.id, id, when).await {
        Ok(()) => {}
        Err(CodeSettingsError::Used) => {
            drop(tx);
            return reply::conflict(&EndPage { refused: true, ..EndPage::of(&app, &person, &site, id, true).await? });
        }
        Err(CodeSettingsError::Database(error)) => return Err(error.into()),
        Err(error) => return Err(AppError::internal(error)),
    }
    note(&mut tx, &site, &person, &code, AuditKind::CodeRemoved).await?;
    tx.commit().await?;
    app.outbox.notify_one();
    app.published().await;
    Ok(see_other(&urls::administration::codes_done(&site.conference.slug, "removed")))
}

async fn note(
    tx: &mut sqlx::PgTransaction<'_>,
    site: &Site,
    person: &SignedIn,
    code: &ListedCode,
    kind: AuditKind,
) -> Result<()> {
    let changes = Change::list([("code", code.code.as_str(), "")]);
    let entry = Entry::of(kind, Actor::Account(person.account));
    let entry = Entry { conference: Some(site.conference.id), subject: Some(code.id.0), changes: &changes, ..entry };
    Ok(audit::note(tx, entry).await?)
}

impl EndPage {
    async fn of(app: &App, person: &SignedIn, site: &std::sync::Arc<Site>, id: CodeId, removes: bool) -> Result<Self> {
        let code = find(app, site, id).await?;
        let desk = Desk::new(DeskNav::Settings, Some(site), person);
        Ok(Self { desk, slug: site.conference.slug.clone(), code, removes, refused: false })
    }

    fn back(&self) -> String {
        urls::administration::code(&self.slug, self.code.id)
    }
}
