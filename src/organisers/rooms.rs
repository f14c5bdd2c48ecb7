//! `/organisers/{c}/rooms`: the list of rooms.

use askama::Template;
use axum::extract::State;

use super::fields::Removed;
use crate::{
    access::Person,
    domain::Status,
    editing::SavedBy,
    store::programme::rooms::{self, ListedRoom},
    urls,
    web::{App, Desk, DeskNav, Drafted, Result, reply},
};

#[derive(Template)]
#[template(path = "organisers/rooms.html")]
struct RoomsPage {
    desk: Desk,
    new: String,
    rooms: Vec<RoomView>,
    /// The rooms that are not used any more.
    removed: Vec<Removed>,
}

struct RoomView {
    edit: String,
    room: ListedRoom,
    last: SavedBy,
}

/// `GET /organisers/{c}/rooms`.
pub async fn get(State(app): State<App>, Drafted(site): Drafted, Person(person): Person) -> Result {
    let (conference, slug) = (&site.conference, &site.conference.slug);
    let all = rooms::list(&mut *app.store.read().await?, conference.id).await?;
    let (removed, rooms): (Vec<_>, Vec<_>) = all.into_iter().partition(|room| room.status == Status::Withdrawn);
    let rooms = rooms.into_iter().map(|room| RoomView {
        edit: urls::organisers::room(slug, room.id),
        last: SavedBy::new(&conference.zone, room.revision, room.who.clone(), room.changed),
        room,
    });
    let removed = removed.into_iter().map(|room| Removed {
        edit: urls::organisers::room(slug, room.id),
        title: room.name,
        unpublished: room.unpublished,
    });
    reply::page(&RoomsPage {
        desk: Desk::new(DeskNav::Rooms, Some(&site), &person),
        new: urls::organisers::new_room(slug),
        rooms: rooms.collect(),
        removed: removed.collect(),
    })
}
