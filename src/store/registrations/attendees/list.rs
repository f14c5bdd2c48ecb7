//! The list of attendees: searching, counting and paging by key.

use sqlx::{PgConnection, Postgres, QueryBuilder};
use uuid::Uuid;

use crate::{
    domain::{AttendeeId, AttendeeState, Stored},
    store::{
        Search,
        registrations::attendees::{
            Detail,
            detail::list_details,
            sorting::{Place, Side, Sorting},
            wanted::{Matching, Wanted},
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Count {
    /// How many there are in each state.
    Exactly(Vec<(Stored<AttendeeState>, i64)>),
    /// More than this many, without counting them all.
    MoreThan(i64),
}

impl Count {
    /// Returns how many there are, if they were counted.
    pub fn total(&self) -> Option<i64> {
        match self {
            Self::Exactly(states) => Some(states.iter().map(|(_, number)| number).sum()),
            Self::MoreThan(_) => None,
        }
    }
}

/// A page of the list.
#[derive(Clone, Debug)]
pub struct ListPage {
    /// The number of attendees on all pages.
    pub count: Count,
    /// How many come before this page, if they were counted.
    pub skipped: Option<i64>,
    /// The attendees on this page.
    pub attendees: Vec<Detail>,
    /// How they were found.
    pub matching: Matching,
    /// The previous page, if there is one.
    pub earlier: Option<Turn>,
    /// The next page, if there is one.
    pub later: Option<Turn>,
}

/// The keys of one page and one more, outwards from a position.
struct Matches {
    count: Count,
    /// How many lie on the other side of the position.
    behind: Option<i64>,
    ids: Vec<Uuid>,
}

/// Returns a page of the attendees that are searched for.
pub async fn list(search: &mut Search, wanted: &Wanted, turn: Turn) -> Result<ListPage, sqlx::Error> {
    let (side, from) = match turn {
        Turn::First => (Side::After, None),
        Turn::After(id) => (Side::After, Some(id)),
        Turn::Before(id) => (Side::Before, Some(id)),
    };
    let matching = matching(search, wanted).await?;
    let mut found = count_and_page(search, wanted, matching, (side, from)).await?;
    if found.ids.is_empty() && from.is_some() {
        // There is nobody on that side any more.
        return Box::pin(list(search, wanted, Turn::First)).await;
    }
    let more = found.ids.len() > PAGE;
    found.ids.truncate(PAGE);
    if side == Side::Before {
        found.ids.reverse();
    }
    let end = |id: Option<&Uuid>| id.map(|id| AttendeeId(*id));
    let (is_earlier, is_later) = match side {
        Side::After => (from.is_some(), more),
        Side::Before => (more, true),
    };
    let shown = i64::try_from(found.ids.len()).unwrap_or_default();
    let skipped = match (side, found.behind, found.count.total()) {
        (Side::After, behind, _) => behind,
        (Side::Before, Some(behind), Some(total)) => Some(total - behind - shown),
        (Side::Before, ..) => None,
    };
    Ok(ListPage {
        count: found.count,
        skipped,
        matching,
        earlier: end(found.ids.first()).filter(|_| is_earlier).map(Turn::Before),
        later: end(found.ids.last()).filter(|_| is_later).map(Turn::After),
        attendees: list_details(search, &found.ids).await?,
    })
}

/// Returns the key of the first attendee that is found. Somebody who is only similar is not opened at once.
pub async fn find_first(search: &mut Search, wanted: &Wanted) -> Result<Option<AttendeeId>, sqlx::Error> {
    let matching = matching_exactly(search, wanted).await?;
    let found = count_and_page(search, wanted, matching, (Side::After, None)).await?;
    Ok(found.ids.first().map(|id| AttendeeId(*id)))
}

/// Returns how words are looked for: the first way in which anybody is found.
async fn matching(conn: &mut PgConnection, wanted: &Wanted) -> Result<Matching, sqlx::Error> {
    if !wanted.has_words() || is_found(conn, wanted, Matching::Usual).await? {
        return Ok(Matching::Usual);
    }
    // No index finds short words inside others, so that is for few attendees only.
    if wanted.has_short_words()
        && count_states(conn, &wanted.without_words()).await?.total() <= Some(MOST_SORTED)
        && is_found(conn, wanted, Matching::Inside).await?
    {
        return Ok(Matching::Inside);
    }
    Ok(if wanted.has_long_words() { Matching::Similar } else { Matching::Usual })
}

/// Returns how words are looked for where nobody looks at each person who is found, such as before writing to all of them: never by
/// similar words, so that a typing slip finds nobody instead of strangers.
pub(super) async fn matching_exactly(conn: &mut PgConnection, wanted: &Wanted) -> Result<Matching, sqlx::Error> {
    Ok(match matching(conn, wanted).await? {
        // Nobody is found in this way, or similar words would not have been looked for.
        Matching::Similar => Matching::Usual,
        exact => exact,
    })
}

async fn is_found(conn: &mut PgConnection, wanted: &Wanted, matching: Matching) -> Result<bool, sqlx::Error> {
    let mut sql = QueryBuilder::new("select exists (select from attendee_listing where ");
    wanted.push_conditions(&mut sql, matching);
    sql.push(")");
    // Not cached as a prepared statement, here and below, because each search has different conditions.
    sql.build_query_scalar().persistent(false).fetch_one(conn).await
}

async fn count_and_page(
    conn: &mut PgConnection,
    wanted: &Wanted,
    matching: Matching,
    (side, from): (Side, Option<AttendeeId>),
) -> Result<Matches, sqlx::Error> {
    let (ranked, indexed) = (Sorting::ranked(wanted, matching), Sorting::indexed(wanted));
    let from = match from {
        Some(id) => ranked.find(conn, wanted, id).await?.map(|place| (side, place)),
        None => None,
    };
    if !wanted.is_counted_by_index() {
        let found = sort_all(conn, wanted, matching, &ranked, from.as_ref()).await?;
        if matches!(found.count, Count::Exactly(_)) {
            return Ok(found);
        }
        return Ok(Matches { ids: read_in_order(conn, wanted, matching, &indexed, from.as_ref()).await?, ..found });
    }
    let count = count_states(conn, wanted).await?;
    if count.total() <= Some(MOST_SORTED) {
        return sort_all(conn, wanted, matching, &ranked, from.as_ref()).await;
    }
    let behind = match &from {
        Some((side, place)) => {
            Some(count.total().unwrap_or_default() - count_side(conn, wanted, &indexed, (*side, place)).await?)
        }
        None => Some(0),
    };
    Ok(Matches { count, behind, ids: read_in_order(conn, wanted, matching, &indexed, from.as_ref()).await? })
}

/// Collects the matches, counts and sorts them. If there are too many, returns only a count above the limit.
async fn sort_all(
    conn: &mut PgConnection,
    wanted: &Wanted,
    matching: Matching,
    sorting: &Sorting,
    from: Option<&(Side, Place)>,
) -> Result<Matches, sqlx::Error> {
    let mut sql: QueryBuilder<Postgres> = QueryBuilder::new("with found as materialized (select state, ");
    sorting.push_place(&mut sql);
    sql.push(" from attendee_listing where ");
    wanted.push_conditions(&mut sql, matching);
    sql.push(" limit ").push_bind(MOST_SORTED + 1);
    sql.push("), counted as (select count(*) as number from found), by_state as (select state, count(*) as number from found group by state)
        select number, array(select state from by_state order by state), array(select number from by_state order by state), ");
    match from {
        Some((side, place)) => {
            sql.push("number - (select count(*) from found where ");
            sorting.push_side(&mut sql, *side, place);
            sql.push(")");
        }
        None => {
            sql.push("0::bigint");
        }
    }
    sql.push(", case when number <= ").push(MOST_SORTED).push(" then array(select attendee_id from found");
    push_page(&mut sql, sorting, " where ", from);
    sql.push(") else '{}' end from counted");
    let (number, states, numbers, behind, ids): (i64, Vec<String>, Vec<i64>, i64, Vec<Uuid>) =
        sql.build_query_as().persistent(false).fetch_one(conn).await?;
    if number > MOST_SORTED {
        return Ok(Matches { count: Count::MoreThan(MOST_SORTED), behind: None, ids });
    }
    let states = states.into_iter().map(|word| Stored::read(word, AttendeeState::parse));
    Ok(Matches { count: Count::Exactly(states.zip(numbers).collect()), behind: Some(behind), ids })
}

/// Reads the list in its order and returns the first matches.
async fn read_in_order(
    conn: &mut PgConnection,
    wanted: &Wanted,
    matching: Matching,
    sorting: &Sorting,
    from: Option<&(Side, Place)>,
) -> Result<Vec<Uuid>, sqlx::Error> {
    let mut sql = QueryBuilder::new("select attendee_id from attendee_listing where ");
    wanted.push_conditions(&mut sql, matching);
    push_page(&mut sql, sorting, " and ", from);
    sql.build_query_scalar().persistent(false).fetch_all(conn).await
}

fn push_page(sql: &mut QueryBuilder<Postgres>, sorting: &Sorting, before: &str, from: Option<&(Side, Place)>) {
    if let Some((side, place)) = from {
        sql.push(before);
        sorting.push_side(sql, *side, place);
    }
    sorting.push_order(sql, from.map_or(Side::After, |(side, _)| *side));
    sql.push(" limit ").push(PAGE + 1);
}

async fn count_states(conn: &mut PgConnection, wanted: &Wanted) -> Result<Count, sqlx::Error> {
    let mut sql = QueryBuilder::new("select state, count(*) from attendee_listing where ");
    wanted.push_conditions(&mut sql, Matching::Usual);
    sql.push(" group by state order by state");
    let states: Vec<(String, i64)> = sql.build_query_as().persistent(false).fetch_all(conn).await?;
    let read = |(word, number)| (Stored::read(word, AttendeeState::parse), number);
    Ok(Count::Exactly(states.into_iter().map(read).collect()))
}

/// Counts those on one side of a position.
async fn count_side(
    conn: &mut PgConnection,
    wanted: &Wanted,
    sorting: &Sorting,
    (side, place): (Side, &Place),
) -> Result<i64, sqlx::Error> {
    let mut sql = QueryBuilder::new("select count(*) from attendee_listing where ");
    wanted.push_conditions(&mut sql, Matching::Usual);
    sql.push(" and ");
    sorting.push_side(&mut sql, side, place);
    sql.build_query_scalar().persistent(false).fetch_one(conn).await
}
