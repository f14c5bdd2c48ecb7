//! The order of the list of attendees, and positions in it, as SQL.

use sqlx::{PgConnection, Postgres, QueryBuilder};
use time::OffsetDateTime;

use super::{
    listing::END_OF_PART,
    wanted::{Matching, Order, Wanted},
};
use crate::domain::AttendeeId;

/// The position of an attendee in the list.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Place {
    pub attendee_id: AttendeeId,
    rank: i32,
    name: Option<String>,
    sort_name: Option<String>,
    organisation: Option<String>,
    created_at: OffsetDateTime,
}

/// The side of a position on which the list continues.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    After,
    Before,
}

/// How the list is sorted.
#[derive(Clone, Debug)]
pub struct Sorting {
    order: Order,
    /// The words, if those come first who fit best.
    ranked_by: Vec<String>,
    matching: Matching,
}

impl Sorting {
    /// Returns the order of the list, in which those come first who fit best.
    pub fn ranked(wanted: &Wanted, matching: Matching) -> Self {
        let ranked_by = if wanted.order == Order::Name { wanted.words() } else { Vec::new() };
        Self { order: wanted.order, ranked_by, matching }
    }

    /// Returns the order that an index has.
    pub fn indexed(wanted: &Wanted) -> Self {
        Self { order: wanted.order, ranked_by: Vec::new(), matching: Matching::Usual }
    }

    /// Returns the columns of the order. The key comes last, so that no two attendees have the same position.
    fn columns(&self) -> &'static [&'static str] {
        match self.order {
            Order::Name if self.ranked_by.is_empty() => &["name", "attendee_id"],
            Order::Name => &["rank", "name", "attendee_id"],
            Order::SortName => &["sort_name", "attendee_id"],
            Order::Organisation => &["organisation", "name", "attendee_id"],
            Order::Newest => &["created_at", "attendee_id"],
        }
    }

    fn falls(&self) -> bool {
        self.order == Order::Newest
    }

    /// Finds the position of this attendee in the list of the conference.
    pub async fn find(
        &self,
        conn: &mut PgConnection,
        wanted: &Wanted,
        id: AttendeeId,
    ) -> Result<Option<Place>, sqlx::Error> {
        let mut sql = QueryBuilder::new("select attendee_id, name, sort_name, organisation, created_at, ");
        self.push_rank(&mut sql);
        sql.push(" as rank from attendee_listing where conference_id = ").push_bind(wanted.conference.0);
        sql.push(" and attendee_id = ").push_bind(id.0);
        sql.build_query_as().persistent(false).fetch_optional(conn).await
    }

    /// Returns the columns of `attendee_listing` from which positions are made.
    pub fn sources(&self) -> &'static str {
        if self.ranked_by.is_empty() {
            "attendee_id, name, sort_name, organisation, created_at"
        } else {
            "attendee_id, name, words"
        }
    }

    /// Adds the rank. It is 0 if each word begins a word of the name, 1 if the name contains each, 2 if the name and what else is the
    /// attendee's own do, and 3 if it is somebody else's, such as the contact's address. Of similar words, the most similar have the
    /// lowest. If those who fit best do not come first, all have the same.
    pub fn push_rank(&self, sql: &mut QueryBuilder<Postgres>) {
        if self.ranked_by.is_empty() {
            sql.push("0");
            return;
        }
        if self.matching == Matching::Similar {
            sql.push("(100 * (").push_bind(self.ranked_by.join(" ")).push(" <<-> words))::integer");
            return;
        }
        let patterns = |before: &str| self.ranked_by.iter().map(|word| format!("%{before}{word}%")).collect::<Vec<_>>();
        sql.push("case when split_part(words, ").push_bind(END_OF_PART).push(", 1) like all(");
        sql.push_bind(patterns(" ")).push(") then 0 when split_part(words, ").push_bind(END_OF_PART);
        sql.push(", 1) like all(").push_bind(patterns("")).push(") then 1 when split_part(words, ");
        sql.push_bind(END_OF_PART).push(", 1) || split_part(words, ").push_bind(END_OF_PART);
        sql.push(", 2) like all(").push_bind(patterns("")).push(") then 2 else 3 end");
    }

    /// Adds the condition that keeps only the attendees on this side of the position.
    pub fn push_side(&self, sql: &mut QueryBuilder<Postgres>, side: Side, of: &Place) {
        let rises = self.falls() == (side == Side::Before);
        self.push_compared(sql, if rises { ">" } else { "<" }, of);
    }

    /// Adds the condition that keeps only the attendees at the position and on its other side.
    pub fn push_other_side(&self, sql: &mut QueryBuilder<Postgres>, side: Side, of: &Place) {
        let rises = self.falls() == (side == Side::Before);
        self.push_compared(sql, if rises { "<=" } else { ">=" }, of);
    }

    fn push_compared(&self, sql: &mut QueryBuilder<Postgres>, operator: &str, of: &Place) {
        sql.push("(").push(self.columns().join(", ")).push(format!(") {operator} ("));
        match self.order {
            Order::Name if self.ranked_by.is_empty() => sql.push_bind(of.name.clone()),
            Order::Name => sql.push_bind(of.rank).push(", ").push_bind(of.name.clone()),
            Order::SortName => sql.push_bind(of.sort_name.clone()),
            Order::Organisation => sql.push_bind(of.organisation.clone()).push(", ").push_bind(of.name.clone()),
            Order::Newest => sql.push_bind(of.created_at),
        };
        sql.push(", ").push_bind(of.attendee_id.0).push(")");
    }

    /// Adds the order, which is reversed for the page before a position.
    pub fn push_order(&self, sql: &mut QueryBuilder<Postgres>, side: Side) {
        let way = if self.falls() == (side == Side::Before) { " asc" } else { " desc" };
        sql.push(" order by ").push(self.columns().join(&format!("{way}, "))).push(way);
    }
}
