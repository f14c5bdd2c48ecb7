//! `/organisers/{c}/rooms`: the list of rooms.

use askama::Template;
use axum::extract::State;

use super::listed::{self, Removed, Row};
use crate::{
    access::Person,
    store::programme::rooms::{self, ListedRoom},
    urls,
    web::{App, Desk, DeskNav, Drafted, Result, reply},
};

#[derive(Template)]
#[template(path = "organisers/rooms.html")]
struct RoomsPage {
    desk: Desk,
    new: String,
    rooms: Vec<Row<ListedRoom>>,
    /// The rooms that are not used any more.
    removed: Vec<Removed>,
}

/// `GET /organisers/{c}/rooms`.
pub async fn get(State(app): State<App>, Drafted(site): Drafted, Person(person): Person) -> Result {
    let slug = &site.conference.slug;
    let all = rooms::list(&mut *app.store.read().await?, site.conference.id).await?;
    let (rooms, removed) = listed::rows(&site, all, urls::organisers::room);
    reply::page(&RoomsPage {
        desk: Desk::new(DeskNav::Rooms, Some(&site), &person),
        new: urls::organisers::new_room(slug),
        rooms,
        removed,
    })
}
