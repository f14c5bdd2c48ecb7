//! The list of attendees: searching, counting and paging by key.

use sqlx::{PgConnection, Postgres, QueryBuilder};
use uuid::Uuid;

use crate::{
    domain::{AttendeeId, AttendeeState, Stored},
    store::{
        Search,
        registrations::attendees::{
            Detail,
            detail::list_without_colleagues,
            sorting::{Place, Side, Sorting},
            wanted::{Matching, Wanted},
        },
    },
};

/// The number of attendees on a page.
const PAGE: usize = 50;

/// Up to this many matches are collected and then sorted. If there are more, the list is read in its order instead, because
/// then a page of matches is found after reading few rows. So both rare and common words are fast.
const MOST_SORTED: i64 = 6000;

/// Up to this many matches, those who fit best come first. It is also what counts as few people otherwise.
const FEW: i64 = 2000;

/// Up to this many similar people are looked at, because comparing them takes longest, and nobody reads more.
const MOST_SIMILAR: i64 = 500;

/// Of this many people, it is counted how many have the words. If they are at least [`MANY`], then so many people have them that they
/// are not worth collecting.
const SAMPLE: i64 = 1000;

/// See [`SAMPLE`].
const MANY: i64 = 60;

/// Up to this many people are counted on either side of a page to say which of them it shows, if an index holds all that is needed.
/// So a list of twice as many always says it, and a longer one near its beginning and its end.
const MOST_PASSED: i64 = 25_000;

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

/// What is read of matches that were collected.
#[derive(sqlx::FromRow)]
struct Collected {
    states: Vec<String>,
    numbers: Vec<i64>,
    /// Without a value if there are too many to be sorted.
    behind: Option<i64>,
    ids: Option<Vec<Uuid>>,
    are_all: bool,
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
        attendees: list_without_colleagues(search, &found.ids).await?,
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
        && are_few(conn, &wanted.without_words()).await?
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
    let mut sql = QueryBuilder::new("select exists (select");
    wanted.push_found(&mut sql, matching);
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
    let counted = count_states(conn, wanted).await?;
    let count = match counted {
        Some(count) if count.total() > Some(MOST_SORTED) => count,
        counted => {
            let most = match (counted, matching) {
                // Twice as many, because more may have come since they were counted.
                (Some(_), _) => 2 * MOST_SORTED,
                (None, Matching::Similar) => MOST_SIMILAR,
                (None, _) if are_many(conn, wanted, matching).await? => FEW,
                (None, _) => MOST_SORTED,
            };
            let found = sort_all(conn, wanted, matching, (&ranked, most), from.as_ref()).await?;
            if matches!(found.count, Count::Exactly(_)) || matching == Matching::Similar {
                return Ok(found);
            }
            found.count
        }
    };
    let behind = match (&from, count.total()) {
        (None, _) => Some(0),
        (Some(_), None) => None,
        (Some((side, place)), Some(total)) => count_behind(conn, wanted, &indexed, (*side, place, total)).await?,
    };
    Ok(Matches { count, behind, ids: read_in_order(conn, wanted, matching, &indexed, from.as_ref()).await? })
}

/// Whether so many are found that it would take long to collect them, judged by some of them.
async fn are_many(conn: &mut PgConnection, wanted: &Wanted, matching: Matching) -> Result<bool, sqlx::Error> {
    let mut sql = QueryBuilder::new(
        "with attendee_listing as materialized (select * from attendee_listing where conference_id = ",
    );
    sql.push_bind(wanted.conference.0).push(" limit ").push(SAMPLE).push(") select count(*)");
    wanted.push_found(&mut sql, matching);
    let number: i64 = sql.build_query_scalar().persistent(false).fetch_one(conn).await?;
    Ok(number >= MANY)
}

/// Collects the matches, counts and sorts them. If there are too many, returns only a count above the limit, except for similar people,
/// of whom it sorts the first.
async fn sort_all(
    conn: &mut PgConnection,
    wanted: &Wanted,
    matching: Matching,
    (sorting, most): (&Sorting, i64),
    from: Option<&(Side, Place)>,
) -> Result<Matches, sqlx::Error> {
    let mut sql: QueryBuilder<Postgres> = QueryBuilder::new("with found as materialized (select state, ");
    sql.push(sorting.sources());
    wanted.push_found(&mut sql, matching);
    sql.push(" limit ").push_bind(most + 1);
    sql.push(
        "), by_state as materialized (select state, count(*) as number from found group by state),
        counted as materialized (select coalesce(sum(number), 0)::bigint as number from by_state)
        select array(select state from by_state order by state) as states,
            array(select number from by_state order by state) as numbers, ",
    );
    // Similar people are always ranked, also the first of too many, because those who fit least have little to do with what was typed.
    let is_similar = matching == Matching::Similar;
    let (ranked, indexed) = (if is_similar { most + 1 } else { FEW }, Sorting::indexed(wanted));
    for (name, push) in ["behind", "ids"].into_iter().zip([push_behind, push_sorted]) {
        sql.push("case when (select number from counted) <= ").push(ranked).push(" then ");
        push(&mut sql, sorting, from);
        sql.push(" when (select number from counted) <= ").push(most).push(" then ");
        push(&mut sql, &indexed, from);
        sql.push(" end as ").push(name).push(", ");
    }
    sql.push("(select number from counted) <= ").push(most).push(" as are_all");
    let found: Collected = sql.build_query_as().persistent(false).fetch_one(conn).await?;
    let states = found.states.into_iter().map(|word| Stored::read(word, AttendeeState::parse));
    let count = if found.are_all { Count::Exactly(states.zip(found.numbers).collect()) } else { Count::MoreThan(most) };
    Ok(Matches { count, behind: found.behind, ids: found.ids.unwrap_or_default() })
}

/// Adds how many of the collected matches lie on the other side of the position.
fn push_behind(sql: &mut QueryBuilder<Postgres>, sorting: &Sorting, from: Option<&(Side, Place)>) {
    let Some((side, place)) = from else {
        sql.push("0::bigint");
        return;
    };
    sql.push("(select number from counted) - (select count(*) from (select *, ");
    sorting.push_rank(sql);
    sql.push(" as rank from found) placed where ");
    sorting.push_side(sql, *side, place);
    sql.push(")");
}

/// Adds the keys of a page of the collected matches.
fn push_sorted(sql: &mut QueryBuilder<Postgres>, sorting: &Sorting, from: Option<&(Side, Place)>) {
    sql.push("array(select attendee_id from (select *, ");
    sorting.push_rank(sql);
    sql.push(" as rank from found) placed");
    push_page(sql, sorting, " where ", from);
    sql.push(")");
}

/// Reads the list in its order and returns the first matches.
async fn read_in_order(
    conn: &mut PgConnection,
    wanted: &Wanted,
    matching: Matching,
    sorting: &Sorting,
    from: Option<&(Side, Place)>,
) -> Result<Vec<Uuid>, sqlx::Error> {
    let mut sql = QueryBuilder::new("select attendee_id");
    wanted.push_found(&mut sql, matching);
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

/// Returns how many there are in each state, if that is counted already.
async fn count_states(conn: &mut PgConnection, wanted: &Wanted) -> Result<Option<Count>, sqlx::Error> {
    let Some((kind, value)) = wanted.counted() else { return Ok(None) };
    let states = sqlx::query!(
        r#"select state, sum(number)::bigint as "number!" from attendee_count
           where conference_id = $1 and kind = $2 and case $2 when 'day' then value >= $3 else value = $3 end
               and ($4::text is null or state = $4)
           group by state having sum(number) > 0 order by state"#,
        wanted.conference.0,
        kind,
        value,
        wanted.filter.state.map(AttendeeState::as_str),
    )
    .fetch_all(conn)
    .await?;
    let read = states.into_iter().map(|row| (Stored::read(row.state, AttendeeState::parse), row.number));
    Ok(Some(Count::Exactly(read.collect())))
}

/// Whether at most [`FEW`] are found.
async fn are_few(conn: &mut PgConnection, wanted: &Wanted) -> Result<bool, sqlx::Error> {
    Ok(match count_states(conn, wanted).await? {
        Some(count) => count.total() <= Some(FEW),
        None => count_up_to(conn, wanted, FEW, |_| ()).await?.is_some(),
    })
}

/// Counts those on the side of a position on which the list does not continue, and the one at the position. If they are many, those on
/// the other side are counted instead. Returns `None` if these are many, too.
async fn count_behind(
    conn: &mut PgConnection,
    wanted: &Wanted,
    sorting: &Sorting,
    (side, place, total): (Side, &Place, i64),
) -> Result<Option<i64>, sqlx::Error> {
    let most = if wanted.is_filtered() { FEW } else { MOST_PASSED };
    let passed = |sql: &mut QueryBuilder<Postgres>| sorting.push_other_side(sql.push(" and "), side, place);
    if let Some(number) = count_up_to(conn, wanted, most, passed).await? {
        return Ok(Some(number));
    }
    let ahead = |sql: &mut QueryBuilder<Postgres>| sorting.push_side(sql.push(" and "), side, place);
    Ok(count_up_to(conn, wanted, most, ahead).await?.map(|number| total - number))
}

/// Counts those who are found without words and meet a further condition. Returns `None` if there are more than `most`.
async fn count_up_to(
    conn: &mut PgConnection,
    wanted: &Wanted,
    most: i64,
    push_condition: impl Fn(&mut QueryBuilder<Postgres>),
) -> Result<Option<i64>, sqlx::Error> {
    let mut sql = QueryBuilder::new("select count(*) from (select");
    wanted.push_found(&mut sql, Matching::Usual);
    push_condition(&mut sql);
    sql.push(" limit ").push(most + 1).push(") found");
    let number: i64 = sql.build_query_scalar().persistent(false).fetch_one(conn).await?;
    Ok((number <= most).then_some(number))
}
