//! `/organisers/{c}/pages`: the list of pages, such as the imprint and the privacy notice.

use askama::Template;
use axum::extract::State;

use super::listed::{self, Removed, Row};
use crate::{
    access::Person,
    domain::Conference,
    store::programme::pages::{self, ListedPage},
    urls,
    web::{App, Desk, DeskNav, Drafted, Result, reply},
};

#[derive(Template)]
#[template(path = "organisers/pages.html")]
struct PagesPage {
    desk: Desk,
    conference: Conference,
    new: String,
    pages: Vec<Row<ListedPage>>,
    /// The pages that are not used any more.
    removed: Vec<Removed>,
}

/// `GET /organisers/{c}/pages`.
pub async fn get(State(app): State<App>, Drafted(site): Drafted, Person(person): Person) -> Result {
    let slug = &site.conference.slug;
    let all = pages::list(&mut *app.store.read().await?, site.conference.id).await?;
    let (mut pages, removed) = listed::rows(&site, all, urls::organisers::page);
    pages.sort_by_key(|row| row.item.placement);
    reply::page(&PagesPage {
        desk: Desk::new(DeskNav::Pages, Some(&site), &person),
        conference: site.conference.clone(),
        new: urls::organisers::new_page(slug),
        pages,
        removed,
    })
}
