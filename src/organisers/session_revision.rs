//! One revision of a session: read, and restored.

use axum::extract::State;

use super::{
    editing::{Differences, Signature, base, based},
    history::RevisionPage,
    session_form::{Choices, FIELDS},
    session_saving,
};
use crate::{
    access::Person,
    domain::{AuditKind, RevisionId, SessionId},
    store::sessions,
    urls,
    web::{App, AppError, Current, Desk, DeskNav, Named, Result, Submitted, reply},
};

/// `GET /organisers/{c}/sessions/{session}/revisions/{revision}`.
pub async fn get(
    State(app): State<App>,
    Current(site): Current,
    Person(person): Person,
    Named(id): Named<SessionId>,
    Named(revision): Named<RevisionId>,
) -> Result {
    let (conference, slug) = (&site.conference, &site.conference.slug);
    let mut conn = app.store.read().await?;
    let edited = sessions::find(&mut conn, conference.id, id).await?.ok_or(AppError::NotFound)?;
    let revision = sessions::find_revision(&mut conn, conference.id, id, revision).await?.ok_or(AppError::NotFound)?;
    let choices = Choices::load(&mut conn, conference).await?;
    let [this, now] = [&revision, &edited.published].map(|revision| choices.form_of(&revision.state));
    let title = edited.published.state.title.to_string();
    let heading = format!("Revision {} of {title}", revision.number);
    let values = FIELDS.iter().filter(|field| field.name != "text");
    reply::page(&RevisionPage {
        desk: Desk::new(heading, DeskNav::Sessions, Some(&site), &person),
        title,
        editor: urls::organisers::session(slug, id),
        revisions: urls::organisers::session_revisions(slug, id),
        action: urls::organisers::session_revision(slug, id, revision.id),
        now: edited.revision,
        saved: Signature::of(&conference.zone, &revision),
        published: Signature::of(&conference.zone, &edited.published),
        set_aside: revision.set_aside,
        differences: Differences::of(&FIELDS, &now, &this, |field, value| choices.say(field, value)),
        values: values.map(|field| (field.label, choices.say(field.name, this.get(field.name)))).collect(),
        text: RevisionPage::rendered(this.get("text")),
    })
}

/// `POST /organisers/{c}/sessions/{session}/revisions/{revision}`: saves and publishes what the revision says.
pub async fn post(
    State(app): State<App>,
    Current(site): Current,
    Person(person): Person,
    Named(id): Named<SessionId>,
    Named(revision): Named<RevisionId>,
    form: Submitted,
) -> Result {
    let mut conn = app.store.read().await?;
    let found = sessions::find_revision(&mut conn, site.conference.id, id, revision).await?;
    let state = found.ok_or(AppError::NotFound)?.state;
    let restored = Choices::load(&mut conn, &site.conference).await?.form_of(&state);
    drop(conn);
    session_saving::save(&app, &site, &person, id, based(&restored, base(&form)), AuditKind::SessionRestored).await
}
