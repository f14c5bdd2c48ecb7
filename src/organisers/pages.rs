//! `/organisers/{c}/pages`: the list of pages, such as the imprint and the privacy notice.

use askama::Template;
use axum::extract::State;

use super::listed::{self, Removed, Row};
use crate::{
    access::Person,
    domain::{Conference, Placement},
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
    /// The pages of each placement, in their order.
    placed: Vec<(&'static str, Vec<Row<ListedPage>>)>,
    /// The pages that are not used any more.
    removed: Vec<Removed>,
}

/// The placements as headings of the list.
const HEADINGS: [(Placement, &str); 3] =
    [(Placement::Menu, "In the menu"), (Placement::Footer, "In the footer"), (Placement::None, "In neither")];

/// `GET /organisers/{c}/pages`.
pub async fn get(State(app): State<App>, Drafted(site): Drafted, Person(person): Person) -> Result {
    let slug = &site.conference.slug;
    let all = pages::list(&mut *app.store.read().await?, site.conference.id).await?;
    let (mut pages, removed) = listed::rows(&site, all, urls::organisers::page);
    let placed = HEADINGS.map(|(placement, heading)| {
        let (here, elsewhere) = pages.drain(..).partition(|row| row.item.placement == placement);
        pages = elsewhere;
        (heading, here)
    });
    reply::page(&PagesPage {
        desk: Desk::new(DeskNav::Pages, Some(&site), &person),
        conference: site.conference.clone(),
        new: urls::organisers::new_page(slug),
        placed: placed.into_iter().filter(|(_, pages)| !pages.is_empty()).collect(),
        removed,
    })
}
