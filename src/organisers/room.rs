//! The editor of a room.

use askama::Template;
use sqlx::PgConnection;

use super::{
    fields::{number, say, status},
    in_the_way,
};
use crate::{
    domain::{Conference, RoomId, RoomName, RoomNotes, Status},
    editing::{Addresses, Id, Kind, Refusal, STATUS, compare::Field, failed, merging::Layout},
    store::programme::{
        rooms::{self, RoomContent},
        saving::SaveError,
    },
    urls,
    web::{App, DeskNav, Errors, Missing, Result, Site, Submitted},
};

/// The kind of item that is a room.
pub struct Room {
    /// The place of a new room in the order.
    next: i16,
}

/// The fields of a room's form.
#[derive(Template)]
#[template(path = "organisers/room_fields.html")]
struct RoomFields<'a> {
    form: &'a Submitted,
    errors: &'a Errors,
}

#[derive(Template)]
#[template(path = "organisers/room_errors.txt")]
enum ErrorMessage {
    /// Another room has this name.
    NameTaken,
    /// A session takes place in it.
    InUse,
    /// The public reads that a session takes place in it.
    InPublicUse,
    /// With this changeover, two sessions would overlap.
    TooLong,
}

const CAPACITY: (i32, i32) = (1, 20_000);
const CHANGEOVER: (i32, i32) = (0, 240);
const PLACE: (i32, i32) = (1, 999);

impl Kind for Room {
    type Content = RoomContent;

    const FIELDS: &'static [Field] = &[
        Field::line("name", "Name"),
        Field::value("place", "Place in the order"),
        Field::value("capacity", "Capacity"),
        Field::value("changeover", "Changeover"),
        Field::text("access_notes", "Accessibility", Layout::Lines),
        Field::value(STATUS, "Status"),
    ];
    const NAV: DeskNav = DeskNav::Rooms;
    const NEW: &'static str = "New room";
    const ADD_ANOTHER: &'static str = "Add as another room";
    const ADDRESSES: Addresses<RoomId> = Addresses {
        new_item: urls::organisers::new_room,
        item: urls::organisers::room,
        revisions: urls::organisers::room_revisions,
        revision: urls::organisers::room_revision,
        public: |conference, _| urls::public::programme(conference),
    };

    async fn load(conn: &mut PgConnection, conference: &Conference, _: Option<Id<Self>>) -> Result<Self> {
        let last = rooms::list(conn, conference.id).await?.into_iter().map(|room| room.place).max();
        Ok(Self { next: last.map_or(1, |last| last.saturating_add(1).min(999)) })
    }

    fn blank(&self, _: &Submitted) -> Submitted {
        let status = Status::Confirmed.to_string();
        Submitted::of([("place", self.next.to_string()), ("changeover", "0".to_owned()), (STATUS, status)])
    }

    fn form_of(&self, content: &RoomContent) -> Submitted {
        let RoomContent { name, place, capacity, access_notes, changeover, status } = content;
        Submitted::of([
            ("name", name.to_string()),
            ("place", place.to_string()),
            ("capacity", capacity.map(|capacity| capacity.to_string()).unwrap_or_default()),
            ("changeover", changeover.to_string()),
            ("access_notes", access_notes.to_string()),
            (STATUS, status.to_string()),
        ])
    }

    fn validate(&self, form: &Submitted) -> Result<RoomContent, Errors> {
        let mut errors = Errors::default();
        let name = errors.check_required("name", RoomName::parse(form.get("name")), Missing::RoomName);
        let place = number(form, "place", PLACE, &mut errors);
        let capacity = if form.line("capacity").is_empty() {
            Some(None)
        } else {
            number(form, "capacity", CAPACITY, &mut errors).map(Some)
        };
        let changeover = number(form, "changeover", CHANGEOVER, &mut errors);
        let access_notes = errors.check("access_notes", RoomNotes::parse(form.get("access_notes")));
        let status = status(form, &mut errors);
        match (name, place.and_then(|place| i16::try_from(place).ok()), capacity, access_notes, changeover, status) {
            (Some(name), Some(place), Some(capacity), Some(access_notes), Some(changeover), Some(status)) => {
                Ok(RoomContent { name, place, capacity, access_notes, changeover, status })
            }
            _ => Err(errors),
        }
    }

    fn say(&self, field: &Field, value: &str) -> String {
        say(field, value)
    }

    fn fields(&self, form: &Submitted, errors: &Errors) -> askama::Result<String> {
        RoomFields { form, errors }.render()
    }

    async fn refused(
        &self,
        app: &App,
        site: &Site,
        (id, content): (RoomId, &RoomContent),
        error: SaveError,
    ) -> Result<Refusal> {
        let mut refusal = Refusal::default();
        match error {
            SaveError::NameTaken => refusal.errors.add("name", &ErrorMessage::NameTaken),
            SaveError::InUse => refusal.errors.add(STATUS, &ErrorMessage::InUse),
            SaveError::InPublicUse => refusal.errors.add(STATUS, &ErrorMessage::InPublicUse),
            SaveError::Taken => {
                refusal.errors.add("changeover", &ErrorMessage::TooLong);
                refusal.in_the_way = in_the_way::clashing(app, site, (id, content)).await?;
            }
            error => return Err(failed(error)),
        }
        Ok(refusal)
    }
}
