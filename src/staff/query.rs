//! The query of the attendees' list. It is in the address, so that a list can be bookmarked and shared.

use crate::{
    domain::{AttendeeState, CategoryId, ConferenceId, email, text::clean_line},
    store::registrations::attendees::{Order, Turn, Wanted},
    urls,
    web::Submitted,
};

/// The query of the list's address. Unknown values are ignored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListQuery {
    /// What was typed into the search field.
    pub typed: String,
    /// Only attendees with this status.
    pub state: Option<AttendeeState>,
    /// Only attendees of this category.
    pub category: Option<CategoryId>,
    /// Only attendees with the name and address of somebody else.
    pub twice: bool,
    /// The order.
    pub order: Order,
    /// The page.
    pub turn: Turn,
}

impl ListQuery {
    /// Reads the query.
    pub fn read(query: Option<&str>) -> Self {
        let fields = Submitted::decode(query.unwrap_or_default().as_bytes());
        let turn = match (fields.get("after").parse(), fields.get("before").parse()) {
            (Ok(id), _) => Turn::After(id),
            (_, Ok(id)) => Turn::Before(id),
            _ => Turn::First,
        };
        Self {
            typed: email::without_scheme(&clean_line(&fields.get("q").replace(char::is_control, " "))).to_owned(),
            state: AttendeeState::parse(fields.get("state")),
            category: fields.get("category").parse().ok(),
            twice: fields.get("twice") == "yes",
            order: Order::parse(fields.get("sort")).unwrap_or_default(),
            turn,
        }
    }

    /// Returns the query for the store.
    pub fn wanted(&self, conference: ConferenceId) -> Wanted {
        Wanted {
            conference,
            words: Wanted::words(&self.typed),
            state: self.state,
            category: self.category,
            twice: self.twice,
            order: self.order,
        }
    }

    /// Returns the fields of the address, without default values.
    pub fn fields(&self) -> Vec<(&'static str, String)> {
        let mut fields = Vec::new();
        let mut add = |name, value: Option<String>| fields.extend(value.map(|value| (name, value)));
        add("q", Some(self.typed.clone()).filter(|typed| !typed.is_empty()));
        add("state", self.state.map(|state| state.as_str().to_owned()));
        add("category", self.category.map(|category| category.to_string()));
        add("twice", self.twice.then(|| "yes".to_owned()));
        add("sort", Some(self.order).filter(|order| *order != Order::default()).map(|order| order.as_str().to_owned()));
        match self.turn {
            Turn::First => {}
            Turn::After(id) => add("after", Some(id.to_string())),
            Turn::Before(id) => add("before", Some(id.to_string())),
        }
        fields
    }

    /// Returns the address of another page of the same list.
    pub fn turned(&self, conference: &str, turn: Turn) -> String {
        urls::staff::attendees_where(conference, &Self { turn, ..self.clone() }.fields())
    }

    /// Returns the address of the first page of the same list in another order.
    pub fn ordered(&self, conference: &str, order: Order) -> String {
        urls::staff::attendees_where(conference, &Self { order, turn: Turn::First, ..self.clone() }.fields())
    }

    /// Returns the address of the same list as a file.
    pub fn file(&self, conference: &str) -> String {
        urls::staff::attendees_csv(conference, &Self { turn: Turn::First, ..self.clone() }.fields())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_that_was_read_gives_the_same_address() {
        let query =
            "q=M%C3%BCller+graz&state=confirmed&twice=yes&sort=newest&after=01900000-0000-7000-8000-000000000001";
        let read = ListQuery::read(Some(query));
        assert_eq!(read.typed, "Müller graz");
        assert_eq!(read.turned("leipzig-2018", read.turn), format!("/staff/leipzig-2018/attendees?{query}"));
    }

    #[test]
    fn unknown_values_are_ignored() {
        let read = ListQuery::read(Some("q=&state=lost&category=7&sort=height&after=x&page=2"));
        assert_eq!(read, ListQuery::default());
        assert_eq!(read.turned("leipzig-2018", Turn::First), "/staff/leipzig-2018/attendees");
        assert_eq!(ListQuery::read(Some("q=%00a%00b")).typed, "a b");
    }
}
