//! The revisions of a page.

use axum::extract::State;

use super::history::HistoryPage;
use crate::{
    access::Person,
    domain::PageId,
    store::pages,
    urls,
    web::{App, AppError, Current, Desk, DeskNav, Named, Result, reply},
};

/// `GET /organisers/{c}/pages/{page}/revisions`.
pub async fn get(
    State(app): State<App>,
    Current(site): Current,
    Person(person): Person,
    Named(id): Named<PageId>,
) -> Result {
    let (conference, slug) = (&site.conference, &site.conference.slug);
    let mut conn = app.store.read().await?;
    let edited = pages::find(&mut conn, conference.id, id).await?.ok_or(AppError::NotFound)?;
    let all = pages::revisions(&mut conn, conference.id, id).await?;
    let title = edited.published.state.title.to_string();
    let desk = Desk::new(format!("Revisions of {title}"), DeskNav::Pages, Some(&site), &person);
    let ways = (urls::organisers::page(slug, id), urls::public::page(slug, &edited.slug));
    reply::page(&HistoryPage::new(desk, title, ways, &conference.zone, all, edited.published.id, |revision| {
        urls::organisers::page_revision(slug, id, revision)
    }))
}
