//! `/organisers/{c}/rooms`: adds, renames, reorders and deletes the rooms of the venue.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;

use crate::{
    access::{Person, ResumedForm},
    domain::{AuditKind, ConferenceId, RoomId, RoomName, SignedIn},
    store::{
        audit::{self, Actor, Change, Entry},
        programme::rooms::{self, NameError, Room},
    },
    urls,
    web::{App, AppError, Current, Desk, DeskNav, Errors, Missing, Result, Site, Submitted, reply, see_other},
};

#[derive(Template)]
#[template(path = "organisers/rooms.html")]
struct RoomsPage {
    desk: Desk,
    action: String,
    rooms: Vec<Room>,
    form: Submitted,
    errors: Errors,
}

#[derive(Template)]
#[template(path = "organisers/room_errors.txt")]
enum ErrorMessage {
    Taken,
    NoSuchRoom,
}

/// What to do. The pressed button's name says it, and its value is the room's key.
enum Task {
    Add(RoomName),
    Rename(RoomId, RoomName),
    Move(RoomId, Direction),
    Delete(RoomId),
}

#[derive(Clone, Copy)]
enum Direction {
    Up,
    Down,
}

/// `GET /organisers/{c}/rooms`.
pub async fn get(
    State(app): State<App>,
    Current(site): Current,
    Person(person): Person,
    resumed: ResumedForm,
) -> Result {
    let mut desk = RoomsPage::frame(&site, &person);
    let form = resumed.shown_in(&mut desk).unwrap_or_default();
    reply::page(&RoomsPage::new(&app, (desk, &site), form, Errors::default()).await?)
}

/// `POST /organisers/{c}/rooms`.
pub async fn post(State(app): State<App>, Current(site): Current, Person(person): Person, form: Submitted) -> Result {
    let mut errors = Errors::default();
    if let Some(task) = validate(&form, &mut errors)? {
        let field = field_of(&task);
        match carry_out(&app, site.conference.id, &person, task).await {
            Ok(()) => {
                app.published().await;
                return Ok(see_other(&urls::organisers::rooms(&site.conference.slug)));
            }
            Err(NameError::Taken) => errors.add(field, &ErrorMessage::Taken),
            Err(NameError::NoSuchRoom) => errors.add(field, &ErrorMessage::NoSuchRoom),
            Err(NameError::Database(error)) => return Err(error.into()),
        }
    }
    let frame = (RoomsPage::frame(&site, &person), &*site);
    reply::unprocessable(&RoomsPage::new(&app, frame, form, errors).await?)
}

impl RoomsPage {
    fn frame(site: &Arc<Site>, person: &SignedIn) -> Desk {
        Desk::new(DeskNav::Rooms, Some(site), person)
    }

    async fn new(app: &App, (desk, site): (Desk, &Site), form: Submitted, errors: Errors) -> Result<Self> {
        let rooms = rooms::list(&mut *app.store.read().await?, site.conference.id).await?;
        // The form that was sent shows what was typed. The other rows are separate forms and show their rooms' names.
        let others = rooms.iter().filter(|room| !form.has(&name_field(room.id)));
        let names = others.map(|room| (name_field(room.id), room.name.clone()));
        let fields = form.fields().iter().cloned().chain(names).collect();
        Ok(Self {
            desk,
            action: urls::organisers::rooms(&site.conference.slug),
            form: Submitted::new(fields),
            rooms,
            errors,
        })
    }
}

/// Returns the name of the field with a room's name.
fn name_field(room: RoomId) -> String {
    format!("name-{room}")
}

fn field_of(task: &Task) -> String {
    match task {
        Task::Rename(room, _) | Task::Move(room, _) | Task::Delete(room) => name_field(*room),
        Task::Add(_) => "name".to_owned(),
    }
}

fn validate(form: &Submitted, errors: &mut Errors) -> Result<Option<Task>> {
    let key = |button: &str| form.get(button).parse::<RoomId>().map_err(|_| AppError::NotFound);
    let name = |field: &str, errors: &mut Errors| {
        errors.check_required(field, RoomName::parse(form.get(field)), Missing::RoomName)
    };
    Ok(if form.has("rename") {
        let room = key("rename")?;
        name(&name_field(room), errors).map(|name| Task::Rename(room, name))
    } else if form.has("up") {
        Some(Task::Move(key("up")?, Direction::Up))
    } else if form.has("down") {
        Some(Task::Move(key("down")?, Direction::Down))
    } else if form.has("delete") {
        Some(Task::Delete(key("delete")?))
    } else {
        name("name", errors).map(Task::Add)
    })
}

async fn carry_out(app: &App, conference: ConferenceId, person: &SignedIn, task: Task) -> Result<(), NameError> {
    let mut tx = app.store.begin().await?;
    let (kind, room, changes) = match task {
        Task::Add(name) => {
            let room = rooms::add(&mut tx, conference, &name).await?;
            (AuditKind::RoomAdded, room, vec![renamed(String::new(), &name)])
        }
        Task::Rename(room, name) => {
            let before = rooms::rename(&mut tx, conference, room, &name).await?;
            (AuditKind::RoomRenamed, room, vec![renamed(before, &name)])
        }
        Task::Move(room, direction) => {
            let order =
                moved(&rooms::list(&mut tx, conference).await?, room, direction).ok_or(NameError::NoSuchRoom)?;
            rooms::arrange(&mut tx, conference, &order).await?;
            (AuditKind::RoomMoved, room, Vec::new())
        }
        Task::Delete(room) => {
            let name = rooms::delete_unused(&mut tx, conference, room).await?.ok_or(NameError::NoSuchRoom)?;
            (AuditKind::RoomDeleted, room, vec![Change { field: "name", before: name, after: String::new() }])
        }
    };
    let entry = Entry {
        conference: Some(conference),
        subject: Some(room.0),
        changes: &changes,
        ..Entry::of(kind, Actor::Account(person.account))
    };
    audit::note(&mut tx, entry).await?;
    tx.commit().await?;
    Ok(())
}

fn renamed(before: String, name: &RoomName) -> Change {
    Change { field: "name", before, after: name.to_string() }
}

/// Returns the order after swapping a room with its neighbour. The first and last room stay where they are.
fn moved(rooms: &[Room], room: RoomId, direction: Direction) -> Option<Vec<RoomId>> {
    let mut order: Vec<RoomId> = rooms.iter().map(|room| room.id).collect();
    let at = order.iter().position(|id| *id == room)?;
    let to = match direction {
        Direction::Up => at.saturating_sub(1),
        Direction::Down => (at + 1).min(order.len() - 1),
    };
    order.swap(at, to);
    Some(order)
}
