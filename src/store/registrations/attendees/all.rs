//! Everybody whom a view shows, on all its pages.

use sqlx::{PgConnection, QueryBuilder};
use uuid::Uuid;

use super::{
    list,
    sorting::{Side, Sorting},
    wanted::{Matching, Wanted},
};

/// Lists the keys of all attendees that are searched for, in the order of the list. People whose names are only similar to what was
/// typed are left out, because whoever writes to all of them does not look at each.
pub async fn list_all(conn: &mut PgConnection, wanted: &Wanted) -> Result<Vec<Uuid>, sqlx::Error> {
    let matching = list::matching(conn, wanted).await?;
    if matching == Matching::Similar {
        return Ok(Vec::new());
    }
    let mut sql = QueryBuilder::new("select attendee_id from attendee_listing where ");
    wanted.push_conditions(&mut sql, matching);
    Sorting::indexed(wanted).push_order(&mut sql, Side::After);
    // Not cached as a prepared statement, because each search has different conditions.
    sql.build_query_scalar().persistent(false).fetch_all(conn).await
}
