//! The list as a file: all lines of all pages, read in parts by key, so that neither side ever holds them all.

use sqlx::QueryBuilder;

use crate::store::Search;
use crate::store::registrations::attendees::{
    Detail,
    detail::list_details,
    list,
    wanted::{Place, Side, Wanted},
};

/// How many lines are read at once.
const CHUNK: usize = 500;

/// A list that is being read, a few hundred lines at a time. No connection is held between two reads, however long somebody
/// takes over them, so the file is not one state of the database. Each line is as it stands when it is read. An attendee
/// whom nobody changes meanwhile has exactly one line; one who is added, or whose place in the order changes, may be missing
/// or, if they move towards the end, have a second line.
#[derive(Debug)]
pub struct Export {
    wanted: Wanted,
    anywhere: bool,
    after: Option<Place>,
}

impl Export {
    /// Begins with those who are wanted, in their order.
    pub async fn begin(search: &mut Search, wanted: Wanted) -> Result<Self, sqlx::Error> {
        let anywhere = list::is_anywhere(search, &wanted).await?;
        Ok(Self { wanted, anywhere, after: None })
    }

    /// The next lines; `None` at the end.
    pub async fn next(&mut self, search: &mut Search) -> Result<Option<Vec<Detail>>, sqlx::Error> {
        let places = self.next_places(search).await?;
        let ids: Vec<_> = places.iter().map(|place| place.attendee_id.0).collect();
        let Some(last) = places.into_iter().next_back() else { return Ok(None) };
        self.after = Some(last);
        list_details(search, &ids).await.map(Some)
    }

    /// Where the next attendees stand. Walking the whole list costs one walk through its index, in however many parts.
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
        // Not kept as a prepared statement: each search has other conditions.
        sql.build_query_as().persistent(false).fetch_all(&mut **search).await
    }
}
