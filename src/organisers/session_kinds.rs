//! `/organisers/{c}/session-kinds`: the list of kinds of sessions.

use askama::Template;
use axum::extract::State;

use super::fields::Removed;
use crate::{
    access::Person,
    domain::Status,
    editing::SavedBy,
    store::programme::session_kinds::{self, ListedSessionKind},
    urls,
    web::{App, Desk, DeskNav, Drafted, Result, reply},
};

#[derive(Template)]
#[template(path = "organisers/session_kinds.html")]
struct SessionKindsPage {
    desk: Desk,
    new: String,
    kinds: Vec<SessionKindView>,
    /// The kinds that are not used any more.
    removed: Vec<Removed>,
}

struct SessionKindView {
    edit: String,
    kind: ListedSessionKind,
    last: SavedBy,
}

/// `GET /organisers/{c}/session-kinds`.
pub async fn get(State(app): State<App>, Drafted(site): Drafted, Person(person): Person) -> Result {
    let (conference, slug) = (&site.conference, &site.conference.slug);
    let all = session_kinds::list(&mut *app.store.read().await?, conference.id).await?;
    let (removed, kinds): (Vec<_>, Vec<_>) = all.into_iter().partition(|kind| kind.status == Status::Withdrawn);
    let kinds = kinds.into_iter().map(|kind| SessionKindView {
        edit: urls::organisers::session_kind(slug, kind.id),
        last: SavedBy::new(&conference.zone, kind.revision, kind.who.clone(), kind.changed),
        kind,
    });
    let removed = removed.into_iter().map(|kind| Removed {
        edit: urls::organisers::session_kind(slug, kind.id),
        title: kind.name,
        unpublished: kind.unpublished,
    });
    reply::page(&SessionKindsPage {
        desk: Desk::new(DeskNav::SessionKinds, Some(&site), &person),
        new: urls::organisers::new_session_kind(slug),
        kinds: kinds.collect(),
        removed: removed.collect(),
    })
}
