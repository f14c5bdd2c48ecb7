//! `/organisers/{c}/people`: the list of people who take part in sessions.

use askama::Template;
use axum::extract::State;

use super::fields::Removed;
use crate::{
    access::Person,
    domain::Status,
    editing::SavedBy,
    store::programme::people::{self, ListedPerson},
    urls,
    web::{App, Desk, DeskNav, Drafted, Result, reply},
};

#[derive(Template)]
#[template(path = "organisers/people.html")]
struct PeoplePage {
    desk: Desk,
    new: String,
    people: Vec<PersonView>,
    /// Those who do not take part any more.
    removed: Vec<Removed>,
}

struct PersonView {
    edit: String,
    person: ListedPerson,
    last: SavedBy,
}

/// `GET /organisers/{c}/people`.
pub async fn get(State(app): State<App>, Drafted(site): Drafted, Person(person): Person) -> Result {
    let (conference, slug) = (&site.conference, &site.conference.slug);
    let all = people::list(&mut *app.store.read().await?, conference.id).await?;
    let (removed, people): (Vec<_>, Vec<_>) = all.into_iter().partition(|one| one.status == Status::Withdrawn);
    let people = people.into_iter().map(|one| PersonView {
        edit: urls::organisers::person(slug, one.id),
        last: SavedBy::new(&conference.zone, one.revision, one.who.clone(), one.changed),
        person: one,
    });
    let removed = removed.into_iter().map(|one| Removed {
        edit: urls::organisers::person(slug, one.id),
        title: one.name,
        unpublished: one.unpublished,
    });
    reply::page(&PeoplePage {
        desk: Desk::new(DeskNav::People, Some(&site), &person),
        new: urls::organisers::new_person(slug),
        people: people.collect(),
        removed: removed.collect(),
    })
}
