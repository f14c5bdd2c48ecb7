//! One revision of a page: read, and restored.

use axum::extract::State;

use super::{
    editing::{Differences, Signature, base, based},
    history::RevisionPage,
    page_form::{FIELDS, form_of, say},
    page_saving,
};
use crate::{
    access::Person,
    domain::{AuditKind, PageId, RevisionId},
    store::pages,
    urls,
    web::{App, AppError, Current, Desk, DeskNav, Named, Result, Submitted, reply},
};

/// `GET /organisers/{c}/pages/{page}/revisions/{revision}`.
pub async fn get(
    State(app): State<App>,
    Current(site): Current,
    Person(person): Person,
    Named(id): Named<PageId>,
    Named(revision): Named<RevisionId>,
) -> Result {
    let (conference, slug) = (&site.conference, &site.conference.slug);
    let mut conn = app.store.read().await?;
    let edited = pages::find(&mut conn, conference.id, id).await?.ok_or(AppError::NotFound)?;
    let revision = pages::find_revision(&mut conn, conference.id, id, revision).await?.ok_or(AppError::NotFound)?;
    let [this, now] = [&revision, &edited.published].map(|revision| form_of(&revision.state));
    let title = edited.published.state.title.to_string();
    let heading = format!("Revision {} of {title}", revision.number);
    let values = FIELDS.iter().filter(|field| field.name != "text");
    reply::page(&RevisionPage {
        desk: Desk::new(heading, DeskNav::Pages, Some(&site), &person),
        title,
        editor: urls::organisers::page(slug, id),
        revisions: urls::organisers::page_revisions(slug, id),
        action: urls::organisers::page_revision(slug, id, revision.id),
        now: edited.revision,
        saved: Signature::of(&conference.zone, &revision),
        published: Signature::of(&conference.zone, &edited.published),
        set_aside: revision.set_aside,
        differences: Differences::of(&FIELDS, &now, &this, say),
        values: values.map(|field| (field.label, say(field.name, this.get(field.name)))).collect(),
        text: RevisionPage::rendered(this.get("text")),
    })
}

/// `POST /organisers/{c}/pages/{page}/revisions/{revision}`: saves and publishes what the revision says.
pub async fn post(
    State(app): State<App>,
    Current(site): Current,
    Person(person): Person,
    Named(id): Named<PageId>,
    Named(revision): Named<RevisionId>,
    form: Submitted,
) -> Result {
    let mut conn = app.store.read().await?;
    let found = pages::find_revision(&mut conn, site.conference.id, id, revision).await?;
    let state = found.ok_or(AppError::NotFound)?.state;
    let restored = form_of(&state);
    drop(conn);
    page_saving::save(&app, &site, &person, id, based(&restored, base(&form)), AuditKind::PageRestored).await
}
