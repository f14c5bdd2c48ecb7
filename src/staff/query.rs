//! The query of the attendees' list. It is in the address, so that a list can be bookmarked, shared and saved as a view.

use crate::{
    domain::{AttendeeState, ConferenceId, Country, Day, QuestionId, Stored, email, text::clean_line, text_enum},
    store::registrations::attendees::{Filter, Order, Turn, Wanted},
    urls::{self, query::with_query},
    web::Submitted,
};

/// The most attendees that can be chosen by hand; further ones are ignored.
const MOST_CHOSEN: usize = 500;

/// The most characters of a field that are read, as the fields on the page allow.
const LONGEST: usize = 200;

text_enum! {
    /// A column of the list that can be shown or hidden. The name is always shown.
    pub enum ListColumn {
        /// The organisation.
        Organisation = "organisation",
        /// The category.
        Category = "category",
        /// The reference.
        Reference = "reference",
        /// Whether the attendee comes.
        Status = "status",
        /// The city.
        City = "city",
        /// The country.
        Country = "country",
        /// The job title.
        JobTitle = "job-title",
        /// The contact's telephone number.
        Telephone = "telephone",
        /// The purchase-order number.
        PurchaseOrder = "purchase-order",
        /// The code that was given.
        Code = "code",
        /// The day of the registration.
        Registered = "registered",
    }
}

impl ListColumn {
    /// The columns that are shown if nobody has chosen others.
    pub const USUAL: [Self; 5] = [Self::Organisation, Self::Category, Self::Reference, Self::Status, Self::Registered];

    /// Returns the heading.
    pub fn heading(self) -> &'static str {
        match self {
            Self::Organisation => "Organisation",
            Self::Category => "Category",
            Self::Reference => "Reference",
            Self::Status => "Status",
            Self::City => "City",
            Self::Country => "Country",
            Self::JobTitle => "Job title",
            Self::Telephone => "Telephone",
            Self::PurchaseOrder => "Purchase order",
            Self::Code => "Code",
            Self::Registered => "Registered",
        }
    }
}

/// The query of the list's address. Unknown values are ignored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListQuery {
    /// What was typed into the search field.
    pub typed: String,
    /// What else the attendees must be.
    pub filter: Filter,
    /// The order.
    pub order: Order,
    /// The columns, if others than the usual ones are chosen.
    pub columns: Vec<ListColumn>,
    /// Columns that no longer exist.
    pub gone_columns: Vec<String>,
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
        let line = |name| -> String {
            clean_line(&fields.get(name).replace(char::is_control, " ")).chars().take(LONGEST).collect()
        };
        let columns = || fields.all("column").flat_map(|value| value.split(',')).filter(|word| !word.is_empty());
        let typed = line("q");
        let chosen = ListColumn::ALL.into_iter().filter(|known| columns().any(|word| word == known.as_str()));
        Self {
            typed: email::without_scheme(&typed).to_owned(),
            filter: Filter {
                state: AttendeeState::parse(fields.get("state")),
                category: fields.get("category").parse().ok(),
                country: Country::parse(fields.get("country")),
                city: Some(line("city")).filter(|city| !city.is_empty()),
                since: Day::parse(&line("since")),
                has_needs: fields.get("needs") == "yes",
                owes: fields.get("owes") == "yes",
                twice: fields.get("twice") == "yes",
                answer: answer(&line("answer")),
                chosen: fields.all("id").filter_map(|id| id.parse().ok()).take(MOST_CHOSEN).collect(),
            },
            order: Order::parse(fields.get("sort")).unwrap_or_default(),
            columns: Some(chosen.collect()).filter(|chosen| *chosen != ListColumn::USUAL).unwrap_or_default(),
            gone_columns: columns()
                .filter(|word| ListColumn::parse(word).is_none())
                .take(5)
                .map(str::to_owned)
                .collect(),
            turn,
        }
    }

    /// Returns the query for the store.
    pub fn wanted(&self, conference: ConferenceId) -> Wanted {
        Wanted { conference, typed: self.typed.clone(), filter: self.filter.clone(), order: self.order }
    }

    /// Returns the fields of the address, without default values.
    pub fn fields(&self) -> Vec<(&'static str, String)> {
        // Every field is named, so that a new filter does not compile until it is part of the address.
        let Self { typed, filter, order, columns, gone_columns: _, turn } = self;
        let Filter { state, category, country, city, since, has_needs, owes, twice, answer, chosen } = filter;
        let mut fields = Vec::new();
        let mut add = |name, value: Option<String>| fields.extend(value.map(|value| (name, value)));
        let yes = |is: bool| is.then(|| "yes".to_owned());
        add("q", Some(typed.clone()).filter(|typed| !typed.is_empty()));
        add("state", state.map(|state| state.as_str().to_owned()));
        add("category", category.map(|category| category.to_string()));
        add("country", country.map(|country| country.code().to_owned()));
        add("city", city.clone());
        add("since", since.map(Day::iso));
        add("needs", yes(*has_needs));
        add("owes", yes(*owes));
        add("twice", yes(*twice));
        add("answer", answer.as_ref().map(answer_value));
        add("sort", Some(order).filter(|order| **order != Order::default()).map(|order| order.as_str().to_owned()));
        if !columns.is_empty() {
            add("column", Some(columns.iter().map(|column| column.as_str()).collect::<Vec<_>>().join(",")));
        }
        for id in chosen {
            add("id", Some(id.to_string()));
        }
        match turn {
            Turn::First => {}
            Turn::After(id) => add("after", Some(id.to_string())),
            Turn::Before(id) => add("before", Some(id.to_string())),
        }
        fields
    }

    /// Returns the columns that are shown.
    pub fn shown_columns(&self) -> Vec<ListColumn> {
        if self.columns.is_empty() { ListColumn::USUAL.to_vec() } else { self.columns.clone() }
    }

    /// Whether not everybody is listed.
    pub fn is_filtered(&self) -> bool {
        !self.typed.is_empty() || self.has_filters()
    }

    /// Whether anything besides the words limits the list.
    pub fn has_filters(&self) -> bool {
        self.filter != Filter::default()
    }

    /// Returns the same list with something else.
    fn with(&self, change: impl FnOnce(&mut Self)) -> Self {
        let mut changed = Self { turn: Turn::First, ..self.clone() };
        change(&mut changed);
        changed
    }

    /// Returns the address of this page of the list.
    pub fn address(&self, conference: &str) -> String {
        urls::staff::attendees_where(conference, &self.fields())
    }

    /// Returns the query of the address of the first page of the list.
    pub fn text(&self) -> String {
        self.with(|_| {}).page_text()
    }

    /// Returns the query of the address of this page of the list.
    pub fn page_text(&self) -> String {
        with_query(String::new(), &self.fields()).trim_start_matches('?').to_owned()
    }

    /// Returns the address of another page of the same list.
    pub fn turned(&self, conference: &str, turn: Turn) -> String {
        self.with(|query| query.turn = turn).address(conference)
    }

    /// Returns the address of the first page of the same list in another order.
    pub fn ordered(&self, conference: &str, order: Order) -> String {
        self.with(|query| query.order = order).address(conference)
    }

    /// Returns the address of the same list with another filter.
    pub fn filtered(&self, conference: &str, change: impl FnOnce(&mut Filter)) -> String {
        self.with(|query| change(&mut query.filter)).address(conference)
    }
}

/// Reads the filter by an answer: the question, or the question and one of its choices.
fn answer(value: &str) -> Option<(QuestionId, Option<String>)> {
    match value.split_once(':') {
        Some((question, choice)) => Some((question.parse().ok()?, Some(choice.to_owned()))),
        None => Some((value.parse().ok()?, None)),
    }
}

/// Returns the value of the field with the filter by an answer.
pub fn answer_value((question, choice): &(QuestionId, Option<String>)) -> String {
    match choice {
        Some(choice) => format!("{question}:{choice}"),
        None => question.to_string(),
    }
}

/// Returns the state in words.
pub fn state_in_words(state: &Stored<AttendeeState>) -> &str {
    match state {
        Stored::Known(state) => state.as_str(),
        Stored::Newer(word) => word,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_that_was_read_gives_the_same_address() {
        let query = "q=M%C3%BCller+graz&state=confirmed&category=01900000-0000-7000-8000-000000000002&country=AT\
            &city=Graz&since=2018-03-01&needs=yes&owes=yes&twice=yes\
            &answer=01900000-0000-7000-8000-000000000003%3AVegan&sort=newest&column=city%2Ccountry\
            &id=01900000-0000-7000-8000-000000000004&id=01900000-0000-7000-8000-000000000005\
            &after=01900000-0000-7000-8000-000000000001";
        let read = ListQuery::read(Some(query));
        assert_eq!(read.typed, "Müller graz");
        assert_eq!(read.turned("leipzig-2018", read.turn), format!("/staff/leipzig-2018/attendees?{query}"));
        assert_eq!(read.text(), query.rsplit_once("&after").expect("a page").0);
    }

    #[test]
    fn unknown_values_are_ignored() {
        let read = ListQuery::read(Some(
            "q=&state=lost&category=7&country=XX&since=yesterday&answer=x&sort=height&column=height&id=1&after=x&page=2",
        ));
        assert_eq!(read.gone_columns, ["height"]);
        assert_eq!(ListQuery { gone_columns: Vec::new(), ..read.clone() }, ListQuery::default());
        assert_eq!(read.turned("leipzig-2018", Turn::First), "/staff/leipzig-2018/attendees");
        assert_eq!(ListQuery::read(Some("q=%00a%00b")).typed, "a b");
    }
}
