//! `/organisers/{c}/texts`: the list of texts, such as the invitation on the home page and the words of each mail.

use askama::Template;
use axum::extract::State;

use super::text_about::{self, About, Group};
use crate::{
    access::Person,
    editing::SavedBy,
    store::programme::texts::{self, ListedText},
    urls,
    web::{App, Desk, DeskNav, Drafted, Result, Site, reply},
};

#[derive(Template)]
#[template(path = "organisers/texts.html")]
struct TextsPage {
    desk: Desk,
    groups: Vec<Listed>,
}

/// A group of texts.
struct Listed {
    heading: &'static str,
    rows: Vec<Row>,
    /// Whether pages show them, and not mails.
    on_pages: bool,
}

/// A text in the list.
struct Row {
    edit: String,
    title: &'static str,
    place: &'static str,
    /// The address of the page that shows it, if there is one.
    page: Option<String>,
    is_shipped: bool,
    unpublished: bool,
    last: SavedBy,
}

/// `GET /organisers/{c}/texts`.
pub async fn get(State(app): State<App>, Drafted(site): Drafted, Person(person): Person) -> Result {
    let all = texts::list(&mut *app.store.read().await?, site.conference.id).await?;
    // A text that only a newer version knows is left to it.
    let find = |about: &About| all.iter().find(|text| text.content.name == about.name());
    let rows = |group| {
        let of_group = text_about::all().filter(move |about| about.group() == group);
        of_group.filter_map(|about| find(&about).map(|text| row(&site, about, text))).collect()
    };
    let listed = |(group, heading)| {
        let on_pages = matches!(group, Group::Home | Group::Registration);
        Listed { heading, rows: rows(group), on_pages }
    };
    let groups = Group::ALL.into_iter().map(listed).collect();
    reply::page(&TextsPage { desk: Desk::new(DeskNav::Texts, Some(&site), &person), groups })
}

fn row(site: &Site, about: About, text: &ListedText) -> Row {
    let conference = &site.conference;
    Row {
        edit: urls::organisers::text(&conference.slug, text.id),
        title: about.title(),
        place: about.place(),
        page: about.page(&conference.slug),
        is_shipped: text.content.text.is_none(),
        unpublished: text.unpublished,
        last: SavedBy::new(&conference.zone, text.revision, text.who.clone(), text.changed),
    }
}
