//! `/organisers/{c}/releases/{release}`: what a release changed, and the form that takes it back.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;

use super::{
    changes::{SEEN, describe, fingerprint},
    scheduled::{self, ScheduledView},
};
use crate::{
    access::Person,
    domain::{AuditKind, ReleaseNumber, ScheduledReleaseId, SignedIn},
    editing::{SavedBy, begin, changes::Change, failed, save::note},
    store::{
        audit::{self, Actor, Entry},
        programme::{
            self,
            releases::{self, Release},
            saving::SaveError,
        },
    },
    urls,
    web::{App, AppError, Desk, DeskNav, Drafted, Named, Result, Site, Submitted, reply, see_other},
};

#[derive(Template)]
#[template(path = "organisers/release.html")]
struct ReleasePage {
    desk: Desk,
    releases: String,
    action: String,
    release: Release,
    made: SavedBy,
    /// What it changed.
    changes: Vec<Change>,
    /// What taking it back would change now.
    taken_back: Vec<Change>,
    /// What would become public again, but has become a draft.
    drafts: Vec<Change>,
    /// The publications that taking it back would cancel.
    scheduled: Vec<ScheduledView>,
    /// Identifies what taking it back would do.
    seen: String,
    /// Whether it has changed since the page was opened.
    is_stale: bool,
    /// Whether it was not taken back because registration would close before it opens.
    registration_opens_later: bool,
}

/// `GET /organisers/{c}/releases/{release}`.
pub async fn get(
    State(app): State<App>,
    Drafted(site): Drafted,
    Person(person): Person,
    Named(number): Named<ReleaseNumber>,
) -> Result {
    reply::page(&ReleasePage::read(&app, &site, &person, number).await?)
}

/// `POST /organisers/{c}/releases/{release}`: takes the release back, with all after it, and cancels the scheduled
/// publications, which would publish the same again. It does so only if this is still what the person has seen.
pub async fn post(
    State(app): State<App>,
    Drafted(site): Drafted,
    Person(person): Person,
    Named(number): Named<ReleaseNumber>,
    form: Submitted,
) -> Result {
    let (conference, account) = (site.conference.id, person.account);
    let mut editing = begin(&app, &site, &person).await?;
    releases::find(&mut editing, conference, number.0).await?.ok_or(AppError::NotFound)?;
    let back = releases::find_taken_back(&mut editing, conference, number.0).await?;
    let waiting = programme::scheduled::list(&mut editing, conference).await?;
    let waiting: Vec<_> = waiting.iter().map(|one| one.id).collect();
    if !back.steps.is_empty() && form.get(SEEN) != fingerprint(&back.steps, &waiting) {
        drop(editing);
        let page = ReleasePage::read(&app, &site, &person, number).await?;
        return reply::conflict(&ReleasePage { is_stale: true, ..page });
    }
    let made = match releases::take_back(&mut editing, number.0).await {
        Ok(Some(made)) => made,
        Ok(None) => return Ok(see_other(&urls::organisers::release(&site.conference.slug, number))),
        Err(SaveError::WindowOutOfOrder) => {
            drop(editing);
            let page = ReleasePage::read(&app, &site, &person, number).await?;
            return reply::conflict(&ReleasePage { registration_opens_later: true, ..page });
        }
        Err(error) => return Err(failed(error)),
    };
    let entry =
        Entry { conference: Some(conference), ..Entry::of(AuditKind::ReleaseTakenBack, Actor::Account(account)) };
    audit::note(&mut editing, entry).await?;
    for id in programme::scheduled::cancel_all(&mut editing, made).await? {
        note(&mut editing, (conference, id.0), account, AuditKind::PublicationCancelled, &[]).await?;
    }
    editing.commit().await?;
    app.published().await;
    Ok(see_other(&urls::organisers::releases_after(&site.conference.slug, ReleaseNumber(made))))
}

impl ReleasePage {
    async fn read(app: &App, site: &Arc<Site>, person: &SignedIn, number: ReleaseNumber) -> Result<Self> {
        let (conference, slug) = (&site.conference, &site.conference.slug);
        let mut conn = app.store.read().await?;
        let found = releases::find(&mut conn, conference.id, number.0).await?;
        let (release, steps) = found.ok_or(AppError::NotFound)?;
        let back = releases::find_taken_back(&mut conn, conference.id, number.0).await?;
        let scheduled = scheduled::list(&mut conn, site).await?;
        let waiting: Vec<ScheduledReleaseId> = scheduled.iter().map(|one| one.id).collect();
        Ok(Self {
            desk: Desk::new(DeskNav::Releases, Some(site), person),
            releases: urls::organisers::releases(slug),
            action: urls::organisers::release(slug, number),
            made: SavedBy::new(&conference.zone, release.number, release.who.clone(), release.at),
            changes: describe(&mut conn, site, &steps).await?,
            taken_back: describe(&mut conn, site, &back.steps).await?,
            drafts: describe(&mut conn, site, &back.drafts).await?,
            seen: fingerprint(&back.steps, &waiting),
            scheduled,
            is_stale: false,
            registration_opens_later: false,
            release,
        })
    }
}
