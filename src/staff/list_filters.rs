//! The filters of the attendees' list: what they offer, and what each that is set says.

use sqlx::PgConnection;

use super::query::{ListQuery, answer_value, state_in_words};
use crate::{
    domain::{CategoryId, ConferenceId, Question, QuestionKind, Stored},
    store::registrations::{attendees::Filter, categories, questions},
};

/// What the filters offer at a conference.
#[derive(Default)]
pub struct Offered {
    /// The categories.
    pub categories: Vec<(CategoryId, String)>,
    /// The questions whose answers the desk may see.
    pub questions: Vec<Question>,
}

/// A filter that is set.
pub struct SetFilter {
    /// What it says.
    pub text: String,
    /// The address of the list without it.
    pub without: String,
    /// Whether it asks for something that no longer exists, so that nobody is found.
    pub is_gone: bool,
}

impl Offered {
    /// Reads what the filters offer.
    pub async fn read(conn: &mut PgConnection, conference: ConferenceId) -> Result<Self, sqlx::Error> {
        Ok(Self {
            categories: categories::list(conn, conference).await?,
            questions: questions::list_for_desk(conn, conference).await?,
        })
    }

    /// Returns the answers that can be looked for: the question, and for each answer the value of the field and its words.
    pub fn answers(&self) -> Vec<(&str, Vec<(String, String)>)> {
        let options = |question: &Question| {
            let choices = choices(question).into_iter().map(|choice| {
                let words = question.kind.in_words(std::slice::from_ref(&choice));
                (answer_value(&(question.id, Some(choice))), words)
            });
            choices.chain([(answer_value(&(question.id, None)), "any answer".to_owned())]).collect()
        };
        self.questions.iter().map(|question| (&*question.text, options(question))).collect()
    }

    /// Returns the filters that are set, in words.
    pub fn set(&self, query: &ListQuery, slug: &str) -> Vec<SetFilter> {
        // Every field is named, so that a new filter does not compile until it is said here.
        let Filter { state, category, country, city, since, has_needs, owes, twice, answer, chosen } = &query.filter;
        let mut set = Vec::new();
        let mut add = |text: String, is_gone: bool, clear: fn(&mut Filter)| {
            set.push(SetFilter { text, without: query.filtered(slug, clear), is_gone });
        };
        if let Some(state) = state {
            add(state_in_words(&Stored::Known(*state)).to_owned(), false, |filter| filter.state = None);
        }
        if let Some(category) = category {
            let known = self.categories.iter().find(|(id, _)| id == category);
            let name = known.map_or_else(|| "a category that was removed".to_owned(), |(_, name)| name.clone());
            add(name, known.is_none(), |filter| filter.category = None);
        }
        if let Some(country) = country {
            add(format!("from {}", country.name()), false, |filter| filter.country = None);
        }
        if let Some(city) = city {
            add(format!("from {city}"), false, |filter| filter.city = None);
        }
        if let Some(since) = since {
            add(format!("registered since {} {}", since.short(), since.0.year()), false, |filter| filter.since = None);
        }
        if *has_needs {
            add("with needs".to_owned(), false, |filter| filter.has_needs = false);
        }
        if *owes {
            add("not paid in full".to_owned(), false, |filter| filter.owes = false);
        }
        if *twice {
            add("same name and address as somebody else".to_owned(), false, |filter| filter.twice = false);
        }
        if let Some((id, choice)) = answer {
            let question = self.questions.iter().find(|question| question.id == *id);
            let text = match (question, choice) {
                (None, _) => "an answer to a question that was removed".to_owned(),
                (Some(question), None) => format!("answered “{}”", question.text),
                (Some(question), Some(choice)) => {
                    format!("{} {}", question.text, question.kind.in_words(std::slice::from_ref(choice)))
                }
            };
            add(text, question.is_none(), |filter| filter.answer = None);
        }
        if !chosen.is_empty() {
            let people = if chosen.len() == 1 { "person" } else { "people" };
            add(format!("{} chosen {people}", chosen.len()), false, |filter| filter.chosen.clear());
        }
        set
    }
}

/// Returns the answers that a question offers.
fn choices(question: &Question) -> Vec<String> {
    match question.kind {
        QuestionKind::YesNo => vec!["yes".to_owned(), "no".to_owned()],
        _ => question.choices.as_slice().to_vec(),
    }
}
