//! The revisions of a session.

use axum::extract::State;

use super::history::HistoryPage;
use crate::{
    access::Person,
    domain::SessionId,
    store::sessions,
    urls,
    web::{App, AppError, Current, Desk, DeskNav, Named, Result, reply},
};

/// `GET /organisers/{c}/sessions/{session}/revisions`.
pub async fn get(
    State(app): State<App>,
    Current(site): Current,
    Person(person): Person,
    Named(id): Named<SessionId>,
) -> Result {
    let (conference, slug) = (&site.conference, &site.conference.slug);
    let mut conn = app.store.read().await?;
    let edited = sessions::find(&mut conn, conference.id, id).await?.ok_or(AppError::NotFound)?;
    let all = sessions::revisions(&mut conn, conference.id, id).await?;
    let title = edited.published.state.title.to_string();
    let desk = Desk::new(format!("Revisions of {title}"), DeskNav::Sessions, Some(&site), &person);
    let ways = (urls::organisers::session(slug, id), urls::public::session(slug, &edited.slug));
    reply::page(&HistoryPage::new(desk, title, ways, &conference.zone, all, edited.published.id, |revision| {
        urls::organisers::session_revision(slug, id, revision)
    }))
}
