//! `/organisers/{c}/session-kinds`: the list of kinds of sessions.

use askama::Template;
use axum::extract::State;

use super::listed::{self, Removed, Row};
use crate::{
    access::Person,
    store::programme::session_kinds::{self, ListedSessionKind},
    urls,
    web::{App, Desk, DeskNav, Drafted, Result, reply},
};

#[derive(Template)]
#[template(path = "organisers/session_kinds.html")]
struct SessionKindsPage {
    desk: Desk,
    new: String,
    kinds: Vec<Row<ListedSessionKind>>,
    /// The kinds that are not used any more.
    removed: Vec<Removed>,
}

/// `GET /organisers/{c}/session-kinds`.
pub async fn get(State(app): State<App>, Drafted(site): Drafted, Person(person): Person) -> Result {
    let slug = &site.conference.slug;
    let all = session_kinds::list(&mut *app.store.read().await?, site.conference.id).await?;
    let (kinds, removed) = listed::rows(&site, all, urls::organisers::session_kind);
    reply::page(&SessionKindsPage {
        desk: Desk::new(DeskNav::SessionKinds, Some(&site), &person),
        new: urls::organisers::new_session_kind(slug),
        kinds,
        removed,
    })
}
