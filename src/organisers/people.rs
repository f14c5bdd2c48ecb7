//! `/organisers/{c}/people`: the list of people who take part in sessions.

use askama::Template;
use axum::extract::State;

use super::listed::{self, Removed, Row};
use crate::{
    access::Person,
    store::programme::people::{self, ListedPerson},
    urls,
    web::{App, Desk, DeskNav, Drafted, Result, reply},
};

#[derive(Template)]
#[template(path = "organisers/people.html")]
struct PeoplePage {
    desk: Desk,
    new: String,
    people: Vec<Row<ListedPerson>>,
    /// Those who do not take part any more.
    removed: Vec<Removed>,
}

/// `GET /organisers/{c}/people`.
pub async fn get(State(app): State<App>, Drafted(site): Drafted, Person(person): Person) -> Result {
    let slug = &site.conference.slug;
    let all = people::list(&mut *app.store.read().await?, site.conference.id).await?;
    let (people, removed) = listed::rows(&site, all, urls::organisers::person);
    reply::page(&PeoplePage {
        desk: Desk::new(DeskNav::People, Some(&site), &person),
        new: urls::organisers::new_person(slug),
        people,
        removed,
    })
}
