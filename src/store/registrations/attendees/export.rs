//! The list as a file: all pages, read in parts by key, so that they are never all in memory.

use sqlx::QueryBuilder;

use crate::store::Search;
use crate::store::registrations::attendees::{
    Detail,
    detail::list_details,
    list,
    wanted::{Place, Side, Wanted},
};

/// The number of lines that are read at once.
const CHUNK: usize = 500;

/// A list that is read a few hundred lines at a time. No connection is held between two reads, because a slow reader can take
/// any time. The file is therefore not a snapshot of the database. An attendee whom nobody changes during the export has
/// exactly one line. One who is added, or whose position changes, may be missing or, if they move towards the end, have a
/// second line.
#[derive(Debug)]
pub struct Export {
    wanted: Wanted,
    anywhere: bool,
    after: Option<Place>,
}

impl Export {
    /// Begins an export of the attendees that are searched for.
    pub async fn begin(search: &mut Search, wanted: Wanted) -> Result<Self, sqlx::Error> {
        let anywhere = list::is_anywhere(search, &wanted).await?;
        Ok(Self { wanted, anywhere, after: None })
    }

    /// Reads the next lines; returns `None` at the end.
    pub async fn next(&mut self, search: &mut Search) -> Result<Option<Vec<Detail>>, sqlx::Error> {
        let places = self.next_places(search).await?;
        let ids: Vec<_> = places.iter().map(|place| place.attendee_id.0).collect();
        let Some(last) = places.into_iter().next_back() else { return Ok(None) };
        self.after = Some(last);
        list_details(search, &ids).await.map(Some)
    }

    /// Returns the positions of the next attendees. However many parts there are, the whole list reads its index once.
    async fn next_places(&self, search: &mut Search) -> Result<Vec<Place>, sqlx::Error> {
        let mut sql =
            QueryBuilder::new("select attendee_id, name, organisation, created_at from attendee_listing where ");
        self.wanted.push_conditions(&mut sql, self.anywhere);
        if let Some(place) = &self.after {
            sql.push(" and ");
            self.wanted.push_side(&mut sql, Side::After, place);
        }
        self.wanted.push_order(&mut sql, Side::After);
        sql.push(" limit ").push(CHUNK);
        // Not cached as a prepared statement, because each search has different conditions.
        sql.build_query_as().persistent(false).fetch_all(&mut **search).await
    }
}
