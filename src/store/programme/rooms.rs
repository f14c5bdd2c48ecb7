//! The rooms of the venue.

use sqlx::{PgConnection, PgTransaction};

use crate::domain::{ConferenceId, RoomId, RoomName};
use crate::store::{sites, violated};

/// A room.
#[derive(Clone, Debug)]
pub struct Room {
    /// Its key.
    pub id: RoomId,
    /// Its name.
    pub name: String,
    /// The number of sessions that take place in it.
    pub sessions: i64,
    /// Whether it can be deleted, because no revision of any session has it.
    pub unused: bool,
}

/// Why a room was not changed.
#[derive(Debug, thiserror::Error)]
pub enum NameError {
    /// Another room of the conference has this name.
    #[error("another room has this name")]
    Taken,
    /// There is no such room at this conference, or none that can be deleted.
    #[error("no such room")]
    NoSuchRoom,
    /// The database failed.
    #[error(transparent)]
    Database(sqlx::Error),
}

impl From<sqlx::Error> for NameError {
    fn from(error: sqlx::Error) -> Self {
        match violated(&error) {
            Some("room_name_unique") => Self::Taken,
            // Somebody moved a session into the room at the same instant.
            Some("session_room_room") => Self::NoSuchRoom,
            _ => Self::Database(error),
        }
    }
}

/// Lists the rooms of a conference in their order.
pub async fn list(conn: &mut PgConnection, conference: ConferenceId) -> Result<Vec<Room>, sqlx::Error> {
    sqlx::query_as!(
        Room,
        r#"select id as "id: RoomId", name,
               (select count(*) from slot where slot.room_id = room.id and side = 'draft') as "sessions!",
               not exists (select from session_room where session_room.room_id = room.id) as "unused!"
           from room where conference_id = $1 order by place, lower(name)"#,
        conference.0,
    )
    .fetch_all(conn)
    .await
}

/// Adds a room after the others.
pub async fn add(tx: &mut PgTransaction<'_>, conference: ConferenceId, name: &RoomName) -> Result<RoomId, NameError> {
    sites::lock(tx, conference).await?;
    let id = RoomId::new();
    sqlx::query!(
        "insert into room (id, conference_id, name, place)
         values ($1, $2, $3, (select coalesce(max(place), 0) + 1 from room where conference_id = $2))",
        id.0,
        conference.0,
        name.as_str(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(id)
}

/// Renames a room and returns its previous name.
pub async fn rename(
    tx: &mut PgTransaction<'_>,
    conference: ConferenceId,
    id: RoomId,
    name: &RoomName,
) -> Result<String, NameError> {
    sites::lock(tx, conference).await?;
    let before = sqlx::query_scalar!("select name from room where conference_id = $1 and id = $2", conference.0, id.0)
        .fetch_optional(&mut **tx)
        .await?
        .ok_or(NameError::NoSuchRoom)?;
    sqlx::query!("update room set name = $3 where conference_id = $1 and id = $2", conference.0, id.0, name.as_str())
        .execute(&mut **tx)
        .await?;
    Ok(before)
}

/// Sorts the rooms into this order. Rooms that are not in it come last.
pub async fn arrange(
    tx: &mut PgTransaction<'_>,
    conference: ConferenceId,
    order: &[RoomId],
) -> Result<(), sqlx::Error> {
    sites::lock(tx, conference).await?;
    let order: Vec<uuid::Uuid> = order.iter().map(|id| id.0).collect();
    sqlx::query!(
        "update room set place = coalesce(array_position($2::uuid[], id), 9999)::smallint where conference_id = $1",
        conference.0,
        &order,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Deletes a room that no revision of any session has. Returns its name, or `None` if there is no such room.
pub async fn delete_unused(
    tx: &mut PgTransaction<'_>,
    conference: ConferenceId,
    id: RoomId,
) -> Result<Option<String>, sqlx::Error> {
    sites::lock(tx, conference).await?;
    sqlx::query_scalar!(
        "delete from room where conference_id = $1 and id = $2
         and not exists (select from session_room where session_room.room_id = room.id)
         returning name",
        conference.0,
        id.0,
    )
    .fetch_optional(&mut **tx)
    .await
}
