//! The list of attendees: searching, counting and paging by key.

use sqlx::{PgConnection, Postgres, QueryBuilder};
use uuid::Uuid;

use crate::{
    domain::AttendeeId,
    store::{
        Search,
        registrations::attendees::{
            Detail,
            detail::list_details,
            wanted::{Place, Side, Wanted},
        },
    },
};

/// The number of attendees on a page.
const PAGE: usize = 50;

/// Up to this many matches are collected and then sorted. If there are more, the list is read in its order instead, because
/// then a page of matches is found after reading few rows. So both rare and common words are fast.
const MOST_SORTED: i64 = 10_000;

/// A page of the list to read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Turn {
    /// The first page.
    #[default]
    First,
    /// The page that begins after this attendee.
    After(AttendeeId),
    /// The page that ends before this attendee.
    Before(AttendeeId),
}

/// The number of attendees found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    /// Exactly this many.
    Exactly(i64),
    /// More than this many, without counting them all.
    MoreThan(i64),
}

/// A page of the list.
#[derive(Clone, Debug)]
pub struct ListPage {
    /// The number of attendees on all pages.
    pub count: Count,
    /// The attendees on this page.
    pub attendees: Vec<Detail>,
    /// The previous page, if there is one.
    pub earlier: Option<Turn>,
    /// The next page, if there is one.
    pub later: Option<Turn>,
}

/// Returns a page of the attendees that are searched for.
pub async fn list(search: &mut Search, wanted: &Wanted, turn: Turn) -> Result<ListPage, sqlx::Error> {
    let from = match turn {
        Turn::First => None,
        Turn::After(id) => place(search, wanted, id).await?.map(|place| (Side::After, place)),
        Turn::Before(id) => place(search, wanted, id).await?.map(|place| (Side::Before, place)),
    };
    let side = from.as_ref().map_or(Side::After, |(side, _)| *side);
    let (count, mut ids) = count_and_page(search, wanted, from.as_ref()).await?;
    if ids.is_empty() && from.is_some() {
        // There is nobody on that side any more.
        return Box::pin(list(search, wanted, Turn::First)).await;
    }
    let more = ids.len() > PAGE;
    ids.truncate(PAGE);
    if side == Side::Before {
        ids.reverse();
    }
    let end = |id: Option<&Uuid>| id.map(|id| AttendeeId(*id));
    let (is_earlier, is_later) = match (side, &from) {
        (Side::After, from) => (from.is_some(), more),
        (Side::Before, _) => (more, true),
    };
    Ok(ListPage {
        count,
        earlier: end(ids.first()).filter(|_| is_earlier).map(Turn::Before),
        later: end(ids.last()).filter(|_| is_later).map(Turn::After),
        attendees: list_details(search, &ids).await?,
    })
}

/// Finds the position of this attendee in the list of the conference.
async fn place(conn: &mut PgConnection, wanted: &Wanted, id: AttendeeId) -> Result<Option<Place>, sqlx::Error> {
    sqlx::query_as!(
        Place,
        r#"select attendee_id as "attendee_id: AttendeeId", name, organisation, created_at
           from attendee_listing where conference_id = $1 and attendee_id = $2"#,
        wanted.conference.0,
        id.0,
    )
    .fetch_optional(conn)
    .await
}

/// Returns the number of matches, and the keys of one page and one more, outwards from the position.
async fn count_and_page(
    conn: &mut PgConnection,
    wanted: &Wanted,
    from: Option<&(Side, Place)>,
) -> Result<(Count, Vec<Uuid>), sqlx::Error> {
    if wanted.words.is_empty() {
        // They can be counted with an index alone.
        let count = count_all(conn, wanted).await?;
        let ids = if count > MOST_SORTED {
            read_in_order(conn, wanted, false, from).await?
        } else {
            sort_all(conn, wanted, false, from).await?.1
        };
        return Ok((Count::Exactly(count), ids));
    }
    let (mut count, mut ids) = sort_all(conn, wanted, false, from).await?;
    let anywhere = count == 0 && may_search_anywhere(conn, wanted).await?;
    if anywhere {
        (count, ids) = sort_all(conn, wanted, anywhere, from).await?;
    }
    if count > MOST_SORTED {
        return Ok((Count::MoreThan(MOST_SORTED), read_in_order(conn, wanted, anywhere, from).await?));
    }
    Ok((Count::Exactly(count), ids))
}

/// Returns whether words of one or two letters are also searched for inside other words. That is the case if no word begins
/// with them and if they may be searched for there.
pub(super) async fn is_anywhere(conn: &mut PgConnection, wanted: &Wanted) -> Result<bool, sqlx::Error> {
    let is_found = !wanted.has_short_words() || sort_all(conn, wanted, false, None).await?.0 > 0;
    Ok(!is_found && may_search_anywhere(conn, wanted).await?)
}

/// Returns whether there are words of one or two letters, and few enough attendees to search inside their words, because no
/// index can be used.
async fn may_search_anywhere(conn: &mut PgConnection, wanted: &Wanted) -> Result<bool, sqlx::Error> {
    Ok(wanted.has_short_words()
        && count_all(conn, &Wanted { words: Vec::new(), ..wanted.clone() }).await? <= MOST_SORTED)
}

/// Collects the matches, counts and sorts them. If there are too many, returns only a count above the limit.
async fn sort_all(
    conn: &mut PgConnection,
    wanted: &Wanted,
    anywhere: bool,
    from: Option<&(Side, Place)>,
) -> Result<(i64, Vec<Uuid>), sqlx::Error> {
    let mut sql: QueryBuilder<Postgres> = QueryBuilder::new(
        "with found as materialized (select attendee_id, name, organisation, created_at from attendee_listing where ",
    );
    wanted.push_conditions(&mut sql, anywhere);
    sql.push(" limit ").push_bind(MOST_SORTED + 1);
    sql.push("), counted as (select count(*) as number from found) select number, case when number <= ")
        .push(MOST_SORTED);
    sql.push(" then array(select attendee_id from found");
    push_page(&mut sql, wanted, " where ", from);
    sql.push(") else '{}' end from counted");
    // Not cached as a prepared statement, here and below, because each search has different conditions.
    sql.build_query_as().persistent(false).fetch_one(conn).await
}

/// Reads the list in its order and returns the first matches.
async fn read_in_order(
    conn: &mut PgConnection,
    wanted: &Wanted,
    anywhere: bool,
    from: Option<&(Side, Place)>,
) -> Result<Vec<Uuid>, sqlx::Error> {
    let mut sql = QueryBuilder::new("select attendee_id from attendee_listing where ");
    wanted.push_conditions(&mut sql, anywhere);
    push_page(&mut sql, wanted, " and ", from);
    sql.build_query_scalar().persistent(false).fetch_all(conn).await
}

fn push_page(sql: &mut QueryBuilder<Postgres>, wanted: &Wanted, before: &str, from: Option<&(Side, Place)>) {
    if let Some((side, place)) = from {
        sql.push(before);
        wanted.push_side(sql, *side, place);
    }
    wanted.push_order(sql, from.map_or(Side::After, |(side, _)| *side));
    sql.push(" limit ").push(PAGE + 1);
}

async fn count_all(conn: &mut PgConnection, wanted: &Wanted) -> Result<i64, sqlx::Error> {
    let mut sql = QueryBuilder::new("select count(*) from attendee_listing where ");
    wanted.push_conditions(&mut sql, false);
    sql.build_query_scalar().persistent(false).fetch_one(conn).await
}
