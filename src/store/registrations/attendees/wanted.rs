//! A search for attendees, as SQL. The list, its count and its export all take their conditions from here, so they always
//! agree.

use sqlx::{Postgres, QueryBuilder};

use crate::domain::{AttendeeId, AttendeeState, CategoryId, ConferenceId, Country, Day, QuestionId, search, text_enum};

/// The attendees to find, and their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The conference.
    pub conference: ConferenceId,
    /// What was typed into the search field. Each of its words must occur somewhere.
    pub typed: String,
    /// What else they must be.
    pub filter: Filter,
    /// Their order.
    pub order: Order,
}

/// What attendees must be to be found, besides the words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// In this state.
    pub state: Option<AttendeeState>,
    /// Of this category.
    pub category: Option<CategoryId>,
    /// From this country.
    pub country: Option<Country>,
    /// From this city, however it is spelt.
    pub city: Option<String>,
    /// Registered on this day, in the conference's zone, or later.
    pub since: Option<Day>,
    /// With dietary or access needs.
    pub has_needs: bool,
    /// On a registration that has not paid all that it owes.
    pub owes: bool,
    /// With the name and address of somebody else, where neither is cancelled.
    pub twice: bool,
    /// With an answer to this question: one of its choices, or any.
    pub answer: Option<(QuestionId, Option<String>)>,
    /// Among these, if any are given.
    pub chosen: Vec<AttendeeId>,
}

/// How words are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Matching {
    /// Anywhere, but a word of one or two letters only at the beginning of a word, because no index finds it anywhere.
    Usual,
    /// All of them anywhere.
    Inside,
    /// Words like them, for typing slips.
    Similar,
}

text_enum! {
    /// The orders of the list.
    #[derive(Default)]
    pub enum Order {
        /// By name. In a search, people whose names have the words come first.
        #[default]
        Name = "name",
        /// By the name as staff have given it for sorting, or by the last word of the name.
        SortName = "sort-name",
        /// By organisation, then by name.
        Organisation = "organisation",
        /// Newest first.
        Newest = "newest",
    }
}

impl Wanted {
    /// Returns the folded words to look for.
    pub(super) fn words(&self) -> Vec<String> {
        search::looked_for(&self.typed)
    }

    /// Returns whether words were typed.
    pub(super) fn has_words(&self) -> bool {
        !self.typed.trim().is_empty()
    }

    /// Returns whether not everybody is found.
    pub(super) fn is_filtered(&self) -> bool {
        self.has_words() || self.filter != Filter::default()
    }

    /// Returns the same search without words.
    pub(super) fn without_words(&self) -> Self {
        Self { typed: String::new(), ..self.clone() }
    }

    /// Returns the kind in `attendee_count`, and its value, that counts all who are found in each state; `None` if they have to be
    /// counted one by one. Of days, all from this one on are meant.
    pub(super) fn counted(&self) -> Option<(&'static str, String)> {
        // Every field is named, so that a new filter does not compile until it is decided who counts it.
        let Filter { state: _, category, country, city, since, has_needs, owes, twice, answer, chosen } = &self.filter;
        if self.has_words() || *twice || answer.is_some() || !chosen.is_empty() {
            return None;
        }
        let mut kinds = [
            category.map(|category| ("category", category.to_string())),
            country.as_ref().map(|country| ("country", country.code().to_owned())),
            city.as_ref().map(|city| ("city", search::words(city))),
            since.map(|since| ("day", since.iso())),
            has_needs.then(|| ("needs", String::new())),
            owes.then(|| ("owes", String::new())),
        ]
        .into_iter()
        .flatten();
        let kind = kinds.next().unwrap_or_else(|| ("all", String::new()));
        kinds.next().is_none().then_some(kind)
    }

    /// Returns whether a word is too short for an index to find it inside other words.
    pub(super) fn has_short_words(&self) -> bool {
        self.words().iter().any(|word| is_short(word))
    }

    /// Returns whether there are words that can be compared with similar ones.
    pub(super) fn has_long_words(&self) -> bool {
        self.words().iter().any(|word| !is_short(word))
    }

    /// Adds the rows of `attendee_listing` that are found: ` from … where …`, which conditions may follow.
    pub(super) fn push_found(&self, sql: &mut QueryBuilder<Postgres>, matching: Matching) {
        sql.push(" from attendee_listing where ");
        let words = self.words();
        if self.has_words() && words.is_empty() {
            // Only punctuation was typed, such as "%" or "- @". It identifies nobody.
            sql.push("false");
            return;
        }
        sql.push("attendee_listing.conference_id = ").push_bind(self.conference.0);
        self.push_filter(sql);
        for word in words {
            if matching == Matching::Similar && !is_short(&word) {
                sql.push(" and ").push_bind(word).push(" <% attendee_listing.words");
            } else {
                let begins = if is_short(&word) && matching != Matching::Inside { " " } else { "" };
                sql.push(" and attendee_listing.words like ").push_bind(format!("%{begins}{word}%"));
            }
        }
    }

    fn push_filter(&self, sql: &mut QueryBuilder<Postgres>) {
        let Filter { state, category, country, city, since, has_needs, owes, twice, answer, chosen } = &self.filter;
        if let Some(category) = category {
            sql.push(" and attendee_listing.category_id = ").push_bind(category.0);
        }
        if let Some(state) = state {
            sql.push(" and attendee_listing.state = ").push_bind(state.as_str());
        }
        if let Some(country) = country {
            sql.push(" and attendee_listing.country = ").push_bind(country.code());
        }
        if let Some(city) = city {
            sql.push(" and attendee_listing.city = ").push_bind(search::words(city));
        }
        if let Some(since) = since {
            sql.push(" and attendee_listing.created_at >= (").push_bind(since.0);
            sql.push("::timestamp at time zone (select time_zone from conference where id = ");
            sql.push_bind(self.conference.0).push("))");
            // The zone is not known when the statement is planned. The earliest begin of this day anywhere is, and so how few
            // rows an index has to read.
            sql.push(" and attendee_listing.created_at >= ").push_bind(since.0.midnight().assume_utc() - EARLIEST_ZONE);
        }
        if *has_needs {
            sql.push(" and attendee_listing.has_needs");
        }
        if *owes {
            sql.push(" and attendee_listing.owes");
        }
        if *twice {
            self.push_twice(sql);
        }
        if let Some((question, choice)) = answer {
            self.push_answered(sql, *question, choice.as_deref());
        }
        if !chosen.is_empty() {
            let chosen: Vec<_> = chosen.iter().map(|id| id.0).collect();
            sql.push(" and attendee_listing.attendee_id = any(").push_bind(chosen).push(")");
        }
    }

    fn push_twice(&self, sql: &mut QueryBuilder<Postgres>) {
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

    /// Answers to a question that is now only for people who may read needs are not looked for.
    fn push_answered(&self, sql: &mut QueryBuilder<Postgres>, question: QuestionId, choice: Option<&str>) {
        let answer = choice.map_or_else(|| question.to_string(), |choice| format!("{question}:{choice}"));
        sql.push(" and attendee_listing.answers @> array[").push_bind(answer).push(
            "]::text[] and exists (
                 select from question join question_version now on now.id = question.version_id
                 where now.readers <> 'needs' and question.conference_id = ",
        );
        sql.push_bind(self.conference.0).push(" and question.id = ").push_bind(question.0).push(")");
    }
}

/// How much earlier than in UTC a day begins where it begins first.
const EARLIEST_ZONE: time::Duration = time::Duration::hours(16);

/// Whether the trigram index cannot find a word inside other words.
fn is_short(word: &str) -> bool {
    word.len() <= 2
}
