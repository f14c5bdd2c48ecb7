//! Everybody whom a view shows, on all its pages. People whose names are only similar to what was typed are left out.

use sqlx::{PgConnection, QueryBuilder};
use uuid::Uuid;

use super::{
    list::matching_exactly,
    sorting::{Side, Sorting},
    wanted::Wanted,
};
use crate::{
    domain::{AttendeeId, AttendeeState, Stored},
    store::Search,
};

/// The most attendees who can be changed at once.
pub const MOST_AT_ONCE: usize = 2000;

/// An attendee of a list, as far as it needs to be known to change all of them.
#[derive(Clone, Debug)]
pub struct Found {
    /// The key.
    pub id: AttendeeId,
    /// The name.
    pub name: String,
    /// Whether they come.
    pub state: Stored<AttendeeState>,
}

/// Lists those who are found by name, and one more than [`MOST_AT_ONCE`] if there are too many.
pub async fn list_found(search: &mut Search, wanted: &Wanted) -> Result<Vec<Found>, sqlx::Error> {
    let matching = matching_exactly(search, wanted).await?;
    let mut sql = QueryBuilder::new(
        "select attendee_id, (select attendee.name from attendee where attendee.id = attendee_id), state",
    );
    wanted.push_found(&mut sql, matching);
    sql.push(" order by attendee_listing.name, attendee_id limit ").push(MOST_AT_ONCE + 1);
    // Not cached as a prepared statement, here and below, because each search has different conditions.
    let rows: Vec<(AttendeeId, String, String)> =
        sql.build_query_as().persistent(false).fetch_all(&mut **search).await?;
    let found = |(id, name, state)| Found { id, name, state: Stored::read(state, AttendeeState::parse) };
    Ok(rows.into_iter().map(found).collect())
}

/// Lists the keys of all attendees that are searched for, in the order of the list.
pub async fn list_all(conn: &mut PgConnection, wanted: &Wanted) -> Result<Vec<Uuid>, sqlx::Error> {
    let matching = matching_exactly(conn, wanted).await?;
    let mut sql = QueryBuilder::new("select attendee_id");
    wanted.push_found(&mut sql, matching);
    Sorting::indexed(wanted).push_order(&mut sql, Side::After);
    sql.build_query_scalar().persistent(false).fetch_all(conn).await
}
