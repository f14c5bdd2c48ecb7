//! `/organisers/{c}/pages`: the list of pages, such as the imprint and the privacy notice.

use askama::Template;
use axum::extract::State;

use crate::{
    access::Person,
    editing::SavedBy,
    store::programme::pages,
    urls,
    web::{App, Desk, DeskNav, Drafted, Result, reply},
};

#[derive(Template)]
#[template(path = "organisers/pages.html")]
struct PagesPage {
    desk: Desk,
    new: String,
    pages: Vec<PageView>,
}

struct PageView {
    edit: String,
    public: String,
    title: String,
    draft: bool,
    last: SavedBy,
}

/// `GET /organisers/{c}/pages`.
pub async fn get(State(app): State<App>, Drafted(site): Drafted, Person(person): Person) -> Result {
    let (conference, slug) = (&site.conference, &site.conference.slug);
    let all = pages::list(&mut *app.store.read().await?, conference.id).await?;
    let pages = all.into_iter().map(|one| PageView {
        edit: urls::organisers::page(slug, one.id),
        public: urls::public::page(slug, &one.slug),
        title: one.title,
        draft: one.draft,
        last: SavedBy::new(&conference.zone, one.revision, one.who, one.changed),
    });
    reply::page(&PagesPage {
        desk: Desk::new(DeskNav::Pages, Some(&site), &person),
        new: urls::organisers::new_page(slug),
        pages: pages.collect(),
    })
}
