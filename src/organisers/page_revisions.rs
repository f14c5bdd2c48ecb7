//! The revisions of a page.

use axum::extract::{Path, State};

use super::{history::HistoryPage, key};
use crate::{
    access::Person,
    domain::PageId,
    store::pages,
    urls,
    web::{App, AppError, Current, Desk, DeskNav, Result, reply},
};

/// `GET /organisers/{c}/pages/{page}/revisions`.
pub async fn get(
    State(app): State<App>,
    Current(site): Current,
    Person(person): Person,
    Path((_, id)): Path<(String, String)>,
) -> Result {
    let id: PageId = key(&id)?;
    let (conference, slug) = (&site.conference, &site.conference.slug);
    let mut conn = app.store.read().await?;
    let edited = pages::find(&mut conn, conference.id, id).await?.ok_or(AppError::NotFound)?;
    let all = pages::revisions(&mut conn, conference.id, id).await?;
    let title = edited.published.state.title.to_string();
    let desk = Desk::new(format!("Revisions of {title}"), DeskNav::Pages, Some(&site), &person);
    let ways = (urls::edit_page(slug, id), urls::page(slug, &edited.slug));
    reply::page(&HistoryPage::new(desk, title, ways, &conference.zone, all, edited.published.id, |revision| {
        urls::page_revision(slug, id, revision)
    }))
}
