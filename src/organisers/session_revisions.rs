//! The revisions of a session.

use axum::extract::{Path, State};

use super::{history::HistoryPage, key};
use crate::{
    access::Person,
    domain::SessionId,
    store::sessions,
    urls,
    web::{App, AppError, Current, Desk, DeskNav, Result, reply},
};

/// `GET /organisers/{c}/sessions/{session}/revisions`.
pub async fn get(
    State(app): State<App>,
    Current(site): Current,
    Person(person): Person,
    Path((_, id)): Path<(String, String)>,
) -> Result {
    let id: SessionId = key(&id)?;
    let (conference, slug) = (&site.conference, &site.conference.slug);
    let mut conn = app.store.read().await?;
    let edited = sessions::find(&mut conn, conference.id, id).await?.ok_or(AppError::NotFound)?;
    let all = sessions::revisions(&mut conn, conference.id, id).await?;
    let title = edited.published.state.title.to_string();
    let desk = Desk::new(format!("Revisions of {title}"), DeskNav::Sessions, Some(&site), &person);
    let ways = (urls::edit_session(slug, id), urls::session(slug, &edited.slug));
    reply::page(&HistoryPage::new(desk, title, ways, &conference.zone, all, edited.published.id, |revision| {
        urls::session_revision(slug, id, revision)
    }))
}
