//! `/organisers/{c}/releases`: the list of releases.

use askama::Template;
use axum::extract::{RawQuery, State};

use crate::{
    access::Person,
    domain::ReleaseNumber,
    editing::SavedBy,
    store::programme::{
        releases::{self, Release},
        scheduled,
    },
    urls,
    web::{App, Desk, DeskNav, Drafted, Result, Submitted, reply},
};

#[derive(Template)]
#[template(path = "organisers/releases.html")]
struct ReleasesPage {
    desk: Desk,
    unpublished: String,
    releases: Vec<ReleaseView>,
    /// The release that was just made.
    made: Option<ReleaseNumber>,
    /// The times of the publications that this release cancelled.
    cancelled: Vec<String>,
    /// The address of the releases before these.
    older: Option<String>,
}

/// A release in the list.
struct ReleaseView {
    href: String,
    release: Release,
    made: SavedBy,
}

/// `GET /organisers/{c}/releases`.
pub async fn get(
    State(app): State<App>,
    Drafted(site): Drafted,
    Person(person): Person,
    RawQuery(query): RawQuery,
) -> Result {
    let (conference, slug) = (&site.conference, &site.conference.slug);
    let query = Submitted::decode(query.unwrap_or_default().as_bytes());
    let before = query.get("before").parse().unwrap_or(i32::MAX);
    let made: Option<ReleaseNumber> = query.get("made").parse().ok();
    let mut conn = app.store.read().await?;
    let all = releases::list(&mut conn, conference.id, before).await?;
    let cancelled = match made {
        Some(made) => scheduled::list_cancelled_by(&mut conn, conference.id, made.0).await?,
        None => Vec::new(),
    };
    let is_full = all.len() == releases::PAGE;
    let last = all.last().map(|last| ReleaseNumber(last.number)).filter(|_| is_full);
    let views = all.into_iter().map(|release| ReleaseView {
        href: urls::organisers::release(slug, ReleaseNumber(release.number)),
        made: SavedBy::new(&conference.zone, release.number, release.who.clone(), release.at),
        release,
    });
    reply::page(&ReleasesPage {
        desk: Desk::new(DeskNav::Releases, Some(&site), &person),
        unpublished: urls::organisers::unpublished(slug),
        releases: views.collect(),
        made,
        cancelled: cancelled.into_iter().map(|at| conference.zone.zoned_moment(at)).collect(),
        older: last.map(|last| urls::organisers::releases_before(slug, last)),
    })
}
