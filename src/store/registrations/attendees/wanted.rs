//! Which attendees somebody looks for, as SQL: the one place where the list, its count and its export get their
//! conditions from, so that they can never differ.

use sqlx::{Postgres, QueryBuilder};
use time::OffsetDateTime;

use crate::domain::{AttendeeId, AttendeeState, CategoryId, ConferenceId, text_enum};

/// Words that are looked for at most; more say nothing more.
const MOST_WORDS: usize = 8;

/// Which attendees are looked for, and in which order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The conference.
    pub conference: ConferenceId,
    /// Each of these stands somewhere in name, e-mail, organisation, reference or contact.
    pub words: Vec<String>,
    /// Only those in this state.
    pub state: Option<AttendeeState>,
    /// Only those of this category.
    pub category: Option<CategoryId>,
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
        /// The newest first.
        Newest = "newest",
    }
}

impl Order {
    /// The columns, each with whether it falls. The key comes last and makes every place in the list a place of its own.
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

/// Where in the list an attendee stands.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(super) struct Place {
    pub attendee_id: AttendeeId,
    pub name: String,
    pub organisation: String,
    pub created_at: OffsetDateTime,
}

/// The side of a place on which the list goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    After,
    Before,
}

impl Wanted {
    /// Reads what was typed into the search field.
    pub fn words(typed: &str) -> Vec<String> {
        let printable: String = typed.chars().map(|c| if c.is_control() { ' ' } else { c }).take(200).collect();
        printable.split_whitespace().take(MOST_WORDS).map(str::to_owned).collect()
    }

    /// Whether all attendees of the conference are meant.
    pub fn is_everybody(&self) -> bool {
        self.words.is_empty() && self.state.is_none() && self.category.is_none()
    }

    /// Whether nothing but punctuation was typed, as in "%" or "- @". No index holds it, so looking for it would read
    /// every attendee, and nobody is known by it.
    fn is_punctuation_only(&self) -> bool {
        !self.words.is_empty() && !self.words.iter().any(|word| word.contains(char::is_alphanumeric))
    }

    /// Whether one of the words is so short that no index finds it inside other words.
    pub(super) fn has_short_words(&self) -> bool {
        self.words.iter().any(|word| word.chars().count() <= 2)
    }

    /// Puts the conditions after `where`, on `attendee_listing`. `anywhere`: short words too may stand anywhere.
    pub(super) fn push_conditions(&self, sql: &mut QueryBuilder<Postgres>, anywhere: bool) {
        if self.is_punctuation_only() {
            sql.push("false");
            return;
        }
        sql.push("attendee_listing.conference_id = ").push_bind(self.conference.0);
        // One index begins with the category: a state alone is looked up under every category. The other way round would
        // miss states that only a newer version knows.
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
        for word in &self.words {
            sql.push(" and attendee_listing.words like words_pattern(").push_bind(word.clone()).push(", ");
            sql.push_bind(anywhere).push(")");
        }
    }

    /// Puts the condition that leaves only what stands on this side of the place.
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

    /// Puts the order, turned around when the page before a place is wanted.
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
