//! `/organisers/{c}/unpublished`: what is not public yet, the forms that publish all of it, now or at a set time, and the links
//! to a preview.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{RawQuery, State},
    http::StatusCode,
};

use super::{
    changes::{SEEN, describe, fingerprint},
    previews::{self, PreviewView},
    scheduled::{self, ScheduledView},
};
use crate::{
    access::{Person, ResumedForm},
    domain::{AuditKind, Conference, PreviewLinkId, ReleaseNote, ReleaseNumber, ScheduledReleaseId, SignedIn},
    editing::{begin, changes::Change, failed},
    store::{
        audit::{self, Actor, Entry},
        programme::releases::{self, Release, Step, Unpublished},
    },
    urls,
    web::{App, AppError, Desk, DeskNav, Drafted, Errors, Result, Site, Submitted, reply, see_other},
};

#[derive(Template)]
#[template(path = "organisers/unpublished.html")]
struct UnpublishedPage {
    desk: Desk,
    conference: Conference,
    /// What was just done, from the address: `scheduled`, `cancelled`, `not_waiting`, `merged` or `revoked`.
    done: String,
    action: String,
    releases: String,
    /// What publishing changes.
    due: Vec<Change>,
    /// The drafts, which stay unpublished.
    drafts: Vec<Change>,
    /// The publications that wait for their time.
    scheduled: Vec<ScheduledView>,
    /// The valid links to a preview.
    previews: Vec<PreviewView>,
    /// The address of a link that was just created.
    new_preview: Option<String>,
    /// Identifies what publishing changes.
    seen: String,
    /// Whether it has changed since the page was opened.
    is_stale: bool,
    /// The release with which somebody else has published everything since then.
    overtaken_by: Option<Release>,
    form: Submitted,
    errors: Errors,
}

/// `GET /organisers/{c}/unpublished`.
pub async fn get(
    State(app): State<App>,
    Drafted(site): Drafted,
    Person(person): Person,
    resumed: ResumedForm,
    RawQuery(query): RawQuery,
) -> Result {
    let done = Submitted::decode(query.unwrap_or_default().as_bytes()).get("done").to_owned();
    let mut page = UnpublishedPage { done, ..UnpublishedPage::read(&app, &site, &person).await? };
    page.form = resumed.shown_in(&mut page.desk).unwrap_or_default();
    reply::page(&page)
}

/// `POST /organisers/{c}/unpublished`: publishes now, schedules or cancels a publication, or creates or revokes a link
/// to a preview. The pressed button says which.
pub async fn post(State(app): State<App>, Drafted(site): Drafted, Person(person): Person, form: Submitted) -> Result {
    if form.has("schedule") {
        schedule(&app, &site, &person, form).await
    } else if form.has("cancel") {
        cancel(&app, &site, &person, &form).await
    } else if form.has("preview") {
        create_preview(&app, &site, &person).await
    } else if form.has("revoke") {
        revoke(&app, &site, &person, &form).await
    } else {
        publish(&app, &site, &person, form).await
    }
}

async fn schedule(app: &App, site: &Arc<Site>, person: &SignedIn, form: Submitted) -> Result {
    if let Err(errors) = scheduled::add(app, site, person, &form).await? {
        let page = UnpublishedPage::read(app, site, person).await?;
        return reply::unprocessable(&UnpublishedPage { form, errors, ..page });
    }
    Ok(see_other(&urls::organisers::unpublished_after(&site.conference.slug, "scheduled")))
}

async fn cancel(app: &App, site: &Site, person: &SignedIn, form: &Submitted) -> Result {
    let id: ScheduledReleaseId = form.get("cancel").parse().map_err(|_| AppError::NotFound)?;
    let was_waiting = scheduled::cancel(app, site, person, id).await?;
    let done = if was_waiting { "cancelled" } else { "not_waiting" };
    Ok(see_other(&urls::organisers::unpublished_after(&site.conference.slug, done)))
}

/// Shows the page with the new link. There is no redirect, because its secret is not stored.
async fn create_preview(app: &App, site: &Arc<Site>, person: &SignedIn) -> Result {
    let new_preview = Some(previews::create(app, site, person).await?);
    reply::page(&UnpublishedPage { new_preview, ..UnpublishedPage::read(app, site, person).await? })
}

async fn revoke(app: &App, site: &Site, person: &SignedIn, form: &Submitted) -> Result {
    let id: PreviewLinkId = form.get("revoke").parse().map_err(|_| AppError::NotFound)?;
    previews::revoke(app, site, person, id).await?;
    Ok(see_other(&urls::organisers::unpublished_after(&site.conference.slug, "revoked")))
}

/// Publishes everything but the drafts, if it is still what the person has seen.
async fn publish(app: &App, site: &Arc<Site>, person: &SignedIn, form: Submitted) -> Result {
    let mut errors = Errors::default();
    let Some(note) = errors.check("note", ReleaseNote::parse(form.get("note"))) else {
        let page = UnpublishedPage::read(app, site, person).await?;
        return reply::unprocessable(&UnpublishedPage { form, errors, ..page });
    };
    let conference = site.conference.id;
    let mut editing = begin(app, site, person).await?;
    let due = due(&releases::list_unpublished(&mut editing, conference).await?);
    if due.is_empty() {
        let last = releases::list(&mut editing, conference, i32::MAX).await?.into_iter().next();
        let is_mine = |last: &Release| last.account == Some(person.account) && last.note == note.as_str();
        return match last {
            Some(last) if !is_mine(&last) => {
                drop(editing);
                let page = UnpublishedPage::read(app, site, person).await?;
                let page = UnpublishedPage { form, overtaken_by: Some(last), ..page };
                reply::with_status(StatusCode::CONFLICT, &page)
            }
            // The form was sent twice.
            _ => Ok(see_other(&urls::organisers::releases(&site.conference.slug))),
        };
    }
    if form.get(SEEN) != fingerprint(&due, &[]) {
        drop(editing);
        let page = UnpublishedPage::read(app, site, person).await?;
        return reply::with_status(StatusCode::CONFLICT, &UnpublishedPage { form, is_stale: true, ..page });
    }
    let Some(number) = releases::publish_due(&mut editing, note.as_str()).await.map_err(failed)? else {
        return Ok(see_other(&urls::organisers::unpublished(&site.conference.slug)));
    };
    let entry = Entry::of(AuditKind::ProgrammePublished, Actor::Account(person.account));
    let entry = Entry { conference: Some(conference), ..entry };
    audit::note(&mut editing, entry).await?;
    editing.commit().await?;
    app.published().await;
    Ok(see_other(&urls::organisers::releases_after(&site.conference.slug, ReleaseNumber(number))))
}

impl UnpublishedPage {
    async fn read(app: &App, site: &Arc<Site>, person: &SignedIn) -> Result<Self> {
        let slug = &site.conference.slug;
        let mut conn = app.store.read().await?;
        let all = releases::list_unpublished(&mut conn, site.conference.id).await?;
        let due = due(&all);
        let drafts: Vec<_> = all.iter().filter(|one| one.is_draft() || one.waits).map(|one| one.step.clone()).collect();
        Ok(Self {
            desk: Desk::new(DeskNav::Releases, Some(site), person),
            conference: site.conference.clone(),
            done: String::new(),
            action: urls::organisers::unpublished(slug),
            releases: urls::organisers::releases(slug),
            seen: fingerprint(&due, &[]),
            due: describe(&mut conn, site, &due).await?,
            drafts: describe(&mut conn, site, &drafts).await?,
            scheduled: scheduled::list(&mut conn, site).await?,
            previews: previews::list(&mut conn, site).await?,
            new_preview: None,
            is_stale: false,
            overtaken_by: None,
            form: Submitted::default(),
            errors: Errors::default(),
        })
    }
}

fn due(all: &[Unpublished]) -> Vec<Step> {
    all.iter().filter(|one| one.is_due()).map(|one| one.step.clone()).collect()
}
