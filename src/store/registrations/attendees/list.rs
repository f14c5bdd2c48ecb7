//! The list of attendees: found, counted and turned by key.

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

/// How many stand on a page.
const PAGE: usize = 50;

/// Up to so many are gathered before they are put in order; beyond, the list is walked in its order, in which one in
/// at most a few is wanted then. So neither the rare nor the common costs more than a glance at each.
const GATHERED: i64 = 10_000;

/// Which page of the list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Turn {
    /// The first.
    #[default]
    First,
    /// The one that begins after this attendee.
    After(AttendeeId),
    /// The one that ends before this attendee.
    Before(AttendeeId),
}

/// How many were found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    /// So many.
    Exactly(i64),
    /// More than so many, which nobody will read one by one.
    MoreThan(i64),
}

/// A page of the list.
#[derive(Clone, Debug)]
pub struct ListPage {
    /// How many there are on all pages.
    pub count: Count,
    /// Those on this page.
    pub attendees: Vec<Detail>,
    /// The page before this one, if there is one.
    pub earlier: Option<Turn>,
    /// The page after this one, if there is one.
    pub later: Option<Turn>,
}

/// A page of those who are wanted.
pub async fn list(search: &mut Search, wanted: &Wanted, turn: Turn) -> Result<ListPage, sqlx::Error> {
    let from = match turn {
        Turn::First => None,
        Turn::After(id) => place(search, wanted, id).await?.map(|place| (Side::After, place)),
        Turn::Before(id) => place(search, wanted, id).await?.map(|place| (Side::Before, place)),
    };
    let side = from.as_ref().map_or(Side::After, |(side, _)| *side);
    let (count, mut ids) = count_and_page(search, wanted, from.as_ref()).await?;
    if ids.is_empty() && from.is_some() {
        // Everybody on that side has gone meanwhile.
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

/// Where this attendee stands in the list, if it is one of the conference.
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

/// How many there are, and the keys of one page and of one more, outwards from the place.
async fn count_and_page(
    conn: &mut PgConnection,
    wanted: &Wanted,
    from: Option<&(Side, Place)>,
) -> Result<(Count, Vec<Uuid>), sqlx::Error> {
    if wanted.words.is_empty() {
        // An index alone can count them.
        let count = count_all(conn, wanted).await?;
        let ids = if count > GATHERED {
            walk(conn, wanted, false, from).await?
        } else {
            gather(conn, wanted, false, from).await?.1
        };
        return Ok((Count::Exactly(count), ids));
    }
    let anywhere = is_anywhere(conn, wanted).await?;
    let (count, ids) = gather(conn, wanted, anywhere, from).await?;
    if count > GATHERED {
        return Ok((Count::MoreThan(GATHERED), walk(conn, wanted, anywhere, from).await?));
    }
    Ok((Count::Exactly(count), ids))
}

/// Whether words of one or two letters are looked for inside other words too: when nothing begins with them. No index finds
/// them there, so this is done only where few attendees have to be read.
pub(super) async fn is_anywhere(conn: &mut PgConnection, wanted: &Wanted) -> Result<bool, sqlx::Error> {
    if !wanted.has_short_words() || gather(conn, wanted, false, None).await?.0 > 0 {
        return Ok(false);
    }
    Ok(count_all(conn, &Wanted { words: Vec::new(), ..wanted.clone() }).await? <= GATHERED)
}

/// Gathers those who are wanted, counts them and puts them in order; if there are too many, it only says so.
async fn gather(
    conn: &mut PgConnection,
    wanted: &Wanted,
    anywhere: bool,
    from: Option<&(Side, Place)>,
) -> Result<(i64, Vec<Uuid>), sqlx::Error> {
    let mut sql: QueryBuilder<Postgres> = QueryBuilder::new(
        "with found as materialized (select attendee_id, name, organisation, created_at from attendee_listing where ",
    );
    wanted.push_conditions(&mut sql, anywhere);
    sql.push(" limit ").push_bind(GATHERED + 1);
    sql.push("), counted as (select count(*) as number from found) select number, case when number <= ").push(GATHERED);
    sql.push(" then array(select attendee_id from found");
    push_page(&mut sql, wanted, " where ", from);
    sql.push(") else '{}' end from counted");
    // Not kept as a prepared statement, here and below: each search has other conditions.
    sql.build_query_as().persistent(false).fetch_one(conn).await
}

/// Walks the list in its order and takes those who are wanted.
async fn walk(
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
