//! The rooms of the venue.

use sqlx::{PgConnection, postgres::types::PgInterval};
use time::OffsetDateTime;

use crate::domain::{ConferenceId, RevisionId, RoomId, RoomName, RoomNotes, Status};
use crate::store::programme::{
    editing::Editing,
    items::{Content, ItemKind},
};

/// The content of a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoomContent {
    /// Its name.
    pub name: RoomName,
    /// Its place in the order, from 1.
    pub place: i16,
    /// How many people fit in, if that is known.
    pub capacity: Option<i32>,
    /// How people with a disability get in and take part.
    pub access_notes: RoomNotes,
    /// How long it stays empty between two sessions, in minutes.
    pub changeover: i32,
    /// [`Status::Confirmed`], or [`Status::Withdrawn`] if it is not used any more.
    pub status: Status,
}

/// A room in a list.
#[derive(Clone, Debug)]
pub struct ListedRoom {
    /// The key.
    pub id: RoomId,
    /// Its name.
    pub name: String,
    /// Its place in the order.
    pub place: i16,
    /// How many people fit in.
    pub capacity: Option<i32>,
    /// The number of sessions that take place in it.
    pub sessions: i64,
    /// Its status.
    pub status: Status,
    /// Whether the public reads another revision or none.
    pub unpublished: bool,
    /// The number of the head.
    pub revision: i32,
    /// When it was saved.
    pub changed: OffsetDateTime,
    /// The name of the account that saved it.
    pub who: Option<String>,
}

/// Lists the rooms of a conference in their order, also those that are not used any more.
pub async fn list(conn: &mut PgConnection, conference: ConferenceId) -> Result<Vec<ListedRoom>, sqlx::Error> {
    sqlx::query_as!(
        ListedRoom,
        r#"select item_id as "id!: RoomId", title as "name!", place, capacity, sessions as "sessions!",
               status as "status!: Status", unpublished as "unpublished!", revision as "revision!", changed as "changed!", who
           from listed_item join room_content using (revision_id)
           where listed_item.conference_id = $1 order by place, title_folded"#,
        conference.0,
    )
    .fetch_all(conn)
    .await
}

impl Content for RoomContent {
    type Id = RoomId;

    const KIND: ItemKind = ItemKind::Room;

    fn title(&self) -> &str {
        self.name.as_str()
    }

    fn status(&self) -> Status {
        self.status
    }

    async fn get(conn: &mut PgConnection, revision: RevisionId) -> Result<Self, sqlx::Error> {
        let row = sqlx::query!(
            r#"select title as "name: RoomName", place, capacity, access_notes as "access_notes: RoomNotes",
                   (extract(epoch from changeover) / 60)::integer as "changeover!", status as "status: Status"
               from revision join room_content on room_content.revision_id = revision.id where revision.id = $1"#,
            revision.0,
        )
        .fetch_one(conn)
        .await?;
        Ok(Self {
            name: row.name,
            place: row.place,
            capacity: row.capacity,
            access_notes: row.access_notes,
            changeover: row.changeover,
            status: row.status,
        })
    }

    async fn insert(&self, editing: &mut Editing<'_>, revision: RevisionId) -> Result<(), sqlx::Error> {
        let Self { name: _, place, capacity, access_notes, changeover, status: _ } = self;
        let changeover = PgInterval { months: 0, days: 0, microseconds: i64::from(*changeover) * 60_000_000 };
        sqlx::query!(
            "insert into room_content (revision_id, conference_id, place, capacity, access_notes, changeover)
             values ($1, $2, $3, $4, $5, $6)",
            revision.0,
            editing.conference().0,
            place,
            *capacity,
            access_notes.as_str(),
            changeover,
        )
        .execute(&mut ***editing)
        .await?;
        Ok(())
    }
}
