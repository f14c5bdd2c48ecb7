//! A search for attendees, as SQL. The list, its count and its export all take their conditions from here, so they always
//! agree.

use sqlx::{Postgres, QueryBuilder};
use time::OffsetDateTime;

use crate::domain::{AttendeeId, AttendeeState, CategoryId, ConferenceId, text_enum};

/// The most words of a search; further ones are ignored.
const MOST_WORDS: usize = 8;

/// The attendees to find, and their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The conference.
    pub conference: ConferenceId,
    /// Each word must occur in the name, e-mail address, organisation, reference or contact.
    pub words: Vec<String>,
    /// Only attendees in this state.
    pub state: Option<AttendeeState>,
    /// Only attendees of this category.
    pub category: Option<CategoryId>,
    /// Only attendees with the name and address of somebody else, where neither is cancelled.
    pub twice: bool,
    /// Their order.
    pub order: Order,
}

text_enum! {
    /// The orders of the list.
    #[derive(Default)]
    pub enum Order {
        /// By name.
        #[default]
        Name = "name",
        /// By organisation, then by name.
        Organisation = "organisation",
        /// Newest first.
        Newest = "newest",
    }
}

impl Order {
    /// Returns the columns of the order. The key comes last, so that no two attendees have the same position.
    fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Name => &["name", "attendee_id"],
            Self::Organisation => &["organisation", "name", "attendee_id"],
            Self::Newest => &["created_at", "attendee_id"],
        }
    }

    fn falls(self) -> bool {
        self == Self::Newest
    }
}

/// The position of an attendee in the list.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(super) struct Place {
    pub attendee_id: AttendeeId,
    pub name: String,
    pub organisation: String,
    pub created_at: OffsetDateTime,
}

/// The side of a position on which the list continues.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    After,
    Before,
}

impl Wanted {
    /// Splits what was typed into the search field into words.
    pub fn words(typed: &str) -> Vec<String> {
        let printable: String = typed.chars().map(|c| if c.is_control() { ' ' } else { c }).take(200).collect();
        printable.split_whitespace().take(MOST_WORDS).map(str::to_owned).collect()
    }

    /// Returns whether all attendees of the conference are searched for.
    pub fn is_everybody(&self) -> bool {
        self.words.is_empty() && self.state.is_none() && self.category.is_none() && !self.twice
    }

    /// Returns whether the words contain only punctuation, such as "%" or "- @". No index contains it, so a search would read
    /// every attendee, and it identifies nobody.
    fn is_punctuation_only(&self) -> bool {
        !self.words.is_empty() && !self.words.iter().any(|word| word.contains(char::is_alphanumeric))
    }

    /// Returns whether a word is too short for an index to find it inside other words.
    pub(super) fn has_short_words(&self) -> bool {
        self.words.iter().any(|word| word.chars().count() <= 2)
    }

    /// Adds the conditions on `attendee_listing` after `where`. With `anywhere`, short words are also found inside others.
    pub(super) fn push_conditions(&self, sql: &mut QueryBuilder<Postgres>, anywhere: bool) {
        if self.is_punctuation_only() {
            sql.push("false");
            return;
        }
        sql.push("attendee_listing.conference_id = ").push_bind(self.conference.0);
        // The index begins with the category, so a state alone is looked up in every category. An index that begins with the
        // state would need a list of all states, which would miss those that only a newer version knows.
        if let Some(category) = self.category {
            sql.push(" and attendee_listing.category_id = ").push_bind(category.0);
        }
        if let Some(state) = self.state {
            if self.category.is_none() {
                sql.push(
                    " and attendee_listing.category_id = any(array(select id from category where conference_id = ",
                );
                sql.push_bind(self.conference.0).push("))");
            }
            sql.push(" and attendee_listing.state = ").push_bind(state.as_str());
        }
        if self.twice {
            sql.push(
                " and attendee_listing.attendee_id = any(array(
                     select one.id from attendee another
                     join attendee one on one.conference_id = another.conference_id
                         and one.email_normalised = another.email_normalised and one.name_folded = another.name_folded
                         and one.state <> 'cancelled'
                     where another.is_another and another.state <> 'cancelled' and another.conference_id = ",
            );
            sql.push_bind(self.conference.0).push(
                "    and exists (select from attendee other
                         where other.conference_id = one.conference_id and other.email_normalised = one.email_normalised
                             and other.name_folded = one.name_folded and other.state <> 'cancelled' and other.id <> one.id)))",
            );
        }
        for word in &self.words {
            sql.push(" and attendee_listing.words like words_pattern(").push_bind(word.clone()).push(", ");
            sql.push_bind(anywhere).push(")");
        }
    }

    /// Adds the condition that keeps only the attendees on this side of the position.
    pub(super) fn push_side(&self, sql: &mut QueryBuilder<Postgres>, side: Side, of: &Place) {
        let rises = self.order.falls() == (side == Side::Before);
        sql.push("(").push(self.order.columns().join(", ")).push(if rises { ") > (" } else { ") < (" });
        match self.order {
            Order::Name => sql.push_bind(of.name.clone()).push(", "),
            Order::Organisation => {
                sql.push_bind(of.organisation.clone()).push(", ").push_bind(of.name.clone()).push(", ")
            }
            Order::Newest => sql.push_bind(of.created_at).push(", "),
        };
        sql.push_bind(of.attendee_id.0).push(")");
    }

    /// Adds the order, which is reversed for the page before a position.
    pub(super) fn push_order(&self, sql: &mut QueryBuilder<Postgres>, side: Side) {
        let way = if self.order.falls() == (side == Side::Before) { " asc" } else { " desc" };
        sql.push(" order by ").push(self.order.columns().join(&format!("{way}, "))).push(way);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_becomes_words() {
        assert_eq!(Wanted::words("  Müller\tgraz\u{0} "), ["Müller", "graz"]);
        assert!(Wanted::words(" ").is_empty());
        assert_eq!(Wanted::words(&"a ".repeat(500)).len(), MOST_WORDS);
    }
}
