//! Adds people who were pasted from a spreadsheet. Rows with a problem stay in the field; the others become people.

use std::collections::{HashMap, hash_map::Entry};

use askama::Template;

use super::pasted::{self, Row};
use crate::{
    domain::{EmailAddress, JobTitle, MOST_ATTENDEES, PersonName, text::folded},
    registering::{field, people},
    store::registrations::categories::Offer,
    web::{Errors, FieldMessage, Missing, Submitted},
};

/// The field into which rows are pasted.
pub const FIELD: &str = people::PASTED;

/// At most this many rows are named among the problems.
const MOST_PROBLEMS: usize = 50;

/// A person in a row without problems.
#[derive(Clone, Debug)]
pub struct Pasted {
    /// The name.
    pub name: PersonName,
    /// The e-mail address.
    pub email: EmailAddress,
    /// The job title.
    pub job_title: JobTitle,
    /// The key of the category; empty if none was given and several can be chosen.
    pub category: String,
}

/// The error messages about what was pasted.
#[derive(Template)]
#[template(path = "delegates/register/pasted_errors.txt")]
enum ErrorMessage {
    /// The field contains no rows.
    NoRows,
    /// There are too many rows.
    TooMany { rows: usize, people: usize },
    /// A row has these problems.
    Row { number: usize, named: String, problems: Vec<Problem> },
    /// This many further rows have problems.
    More(usize),
}

/// What is wrong with a row.
#[derive(Debug)]
enum Problem {
    /// The cell in this column has an error.
    Cell(&'static str, FieldMessage),
    /// There is no category, although several can be chosen.
    NoneGiven { offered: Vec<String> },
    /// The category is full or closed.
    NotNow(String),
    /// There is no such category.
    NoCategory { given: String, offered: Vec<String> },
    /// There are more than four columns.
    TooLong,
    /// The row with this number has the same name and address.
    SameAsRow(usize),
    /// The person with this number has the same name and address.
    SameAsPerson(usize),
    /// Somebody on the registration has the same name and address.
    SameAsRegistered,
}

/// The people in the rows, and the rows with problems.
pub struct Read {
    pub people: Vec<Pasted>,
    /// The rows with problems as they were pasted.
    pub left: String,
    pub errors: Errors,
}

/// Somebody who is there already.
#[derive(Clone, Copy, Debug)]
pub enum Known {
    /// The person with this number on the form.
    OnForm(usize),
    /// A person on the registration.
    Registered,
    /// The person of an earlier row.
    InRow(usize),
}

/// A person's folded name and normalised address, by which the same person is recognised.
pub type Identity = (String, String);

/// Reads the rows in the field. `known` are the people who are there already, of whom `people` count towards the largest
/// number. A row without a category gets `default`, and without that the only category that can be chosen. If there are too many
/// rows, all of them are left.
pub fn read(
    form: &Submitted,
    mut known: HashMap<Identity, Known>,
    people: usize,
    offer: &Offer,
    default: Option<&str>,
) -> Read {
    let rows = pasted::rows(form.get(FIELD));
    let mut errors = Errors::default();
    if rows.is_empty() {
        errors.add(FIELD, &ErrorMessage::NoRows);
    }
    if people + rows.len() > MOST_ATTENDEES {
        errors.add(FIELD, &ErrorMessage::TooMany { rows: rows.len(), people });
    }
    if !errors.is_empty() {
        return Read { people: Vec::new(), left: form.get(FIELD).to_owned(), errors };
    }
    let categories = Categories::of(offer, default);
    let mut read = Read { people: Vec::new(), left: String::new(), errors };
    let mut wrong = 0;
    for row in rows {
        match person(&row, &categories, &mut known) {
            Ok(person) => read.people.push(person),
            Err(problems) => {
                wrong += 1;
                if wrong <= MOST_PROBLEMS {
                    let message = ErrorMessage::Row { number: row.number, named: named(&row), problems };
                    read.errors.add(FIELD, &message);
                }
                read.left.push_str(&row.raw);
                read.left.push('\n');
            }
        }
    }
    if wrong > MOST_PROBLEMS {
        read.errors.add(FIELD, &ErrorMessage::More(wrong - MOST_PROBLEMS));
    }
    read
}

/// Returns the beginning of the first cell that is not empty, by which the row is found again.
fn named(row: &Row) -> String {
    const LONGEST: usize = 40;
    let cell = row.cells.iter().find(|cell| !cell.is_empty()).map_or("", String::as_str);
    let mut beginning: String = cell.chars().filter(|c| !c.is_control()).take(LONGEST).collect();
    if cell.chars().nth(LONGEST).is_some() {
        beginning.push('…');
    }
    beginning
}

/// The categories by their folded names.
struct Categories<'a> {
    offered: Vec<(String, &'a str, String)>,
    /// Those that cannot be chosen now.
    others: Vec<String>,
    /// The key of the category of rows without one; `None` if each has to give it.
    default: Option<String>,
}

impl<'a> Categories<'a> {
    fn of(offer: &'a Offer, default: Option<&str>) -> Self {
        let options = people::options(offer, "");
        let (mut offered, mut others) = (Vec::new(), Vec::new());
        for category in offer.at_some_time() {
            let (id, folded) = (category.id.to_string(), folded(&category.name));
            if options.iter().any(|(option, _)| *option == id) {
                offered.push((folded, category.name.as_str(), id));
            } else {
                others.push(folded);
            }
        }
        let default = match offered.as_slice() {
            [(_, _, only)] if default.is_none_or(str::is_empty) => Some(only.clone()),
            _ => default.map(str::to_owned),
        };
        Self { offered, others, default }
    }

    fn find(&self, name: &str) -> Result<String, Problem> {
        let offered = || self.offered.iter().map(|(_, name, _)| (*name).to_owned()).collect();
        if name.is_empty() {
            return self.default.clone().ok_or_else(|| Problem::NoneGiven { offered: offered() });
        }
        let wanted = folded(name);
        if self.others.contains(&wanted) {
            return Err(Problem::NotNow(name.to_owned()));
        }
        let found = self.offered.iter().find(|(folded, ..)| *folded == wanted);
        found
            .map(|(_, _, id)| id.clone())
            .ok_or_else(|| Problem::NoCategory { given: name.chars().take(100).collect(), offered: offered() })
    }
}

/// Returns the person in the row, or what is wrong with it.
fn person(
    row: &Row,
    categories: &Categories<'_>,
    known: &mut HashMap<Identity, Known>,
) -> Result<Pasted, Vec<Problem>> {
    let [name, email, job_title, category] = &row.cells;
    let mut problems = Vec::new();
    let name = PersonName::parse(name).map_err(|error| FieldMessage::required(error, Missing::Name));
    let name = name.map_err(|error| problems.push(Problem::Cell("Name", error)));
    let email = EmailAddress::parse(email).map_err(|error| FieldMessage::required(error, Missing::Email));
    let email = email.map_err(|error| problems.push(Problem::Cell("E-mail", error)));
    let job_title = JobTitle::parse(job_title);
    let job_title = job_title.map_err(|error| problems.push(Problem::Cell("Job title", error.into())));
    let category = categories.find(category).map_err(|problem| problems.push(problem));
    if row.is_too_long {
        problems.push(Problem::TooLong);
    }
    if let (Ok(name), Ok(email)) = (&name, &email) {
        match known.entry((folded(name.as_str()), email.normalised().to_owned())) {
            Entry::Occupied(same) => problems.push(match same.get() {
                Known::OnForm(number) => Problem::SameAsPerson(*number),
                Known::Registered => Problem::SameAsRegistered,
                Known::InRow(number) => Problem::SameAsRow(*number),
            }),
            Entry::Vacant(new) => {
                new.insert(Known::InRow(row.number));
            }
        }
    }
    match (name, email, job_title, category) {
        (Ok(name), Ok(email), Ok(job_title), Ok(category)) if problems.is_empty() => {
            Ok(Pasted { name, email, job_title, category })
        }
        _ => Err(problems),
    }
}

/// A form with the people who were added to it.
pub struct Added {
    pub form: Submitted,
    /// How many were added.
    pub count: usize,
    pub errors: Errors,
}

/// Returns the form, which is in order, with the people who were pasted into it. Blocks in which nothing was typed are
/// filled first.
pub fn add(form: &Submitted, offer: &Offer) -> Added {
    let default = form.get(&field(1, "category"));
    let kept = people::without_empty(form);
    let first = people::count_blocks(&kept);
    let Read { people, left, errors } = read(form, on_form(&kept, first), first, offer, Some(default));
    if people.is_empty() {
        return Added { form: form.clone(), count: 0, errors };
    }
    let mut fields: Vec<_> = kept.fields().iter().filter(|(name, _)| name != FIELD).cloned().collect();
    fields.extend(blocks(first + 1, &people));
    fields.push((FIELD.to_owned(), left));
    Added { form: Submitted::new(fields), count: people.len(), errors }
}

/// Returns the fields of these people in blocks from this number on.
pub fn blocks(first: usize, people: &[Pasted]) -> Vec<(String, String)> {
    let fields = (first..).zip(people).flat_map(|(number, person)| {
        let Pasted { name, email, job_title, category } = person;
        let cells = [
            ("name", name.to_string()),
            ("email", email.as_str().to_owned()),
            ("job-title", job_title.to_string()),
            ("category", category.clone()),
        ];
        cells.map(|(what, value)| (field(number, what), value))
    });
    fields.collect()
}

/// Returns the people on the form. A contact who attends is person 1.
fn on_form(form: &Submitted, count: usize) -> HashMap<Identity, Known> {
    let people = (1..=count).map(|number| {
        let is_contact = number == 1 && form.is("attends", "me");
        let name = |what: &str| if is_contact { what.to_owned() } else { field(number, what) };
        let (name, email) = (form.get(&name("name")), EmailAddress::parse(form.get(&name("email"))));
        let email = email.map(|email| email.normalised().to_owned()).unwrap_or_default();
        ((folded(name), email), Known::OnForm(number))
    });
    // Of two who are the same already, the first is named.
    let mut known = HashMap::new();
    for (identity, number) in people {
        known.entry(identity).or_insert(number);
    }
    known
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::registering::example;

    fn pasted(attends: &str, text: &str) -> Submitted {
        let fields = [("attends", attends), ("name", "Anna"), ("email", "anna@graz.example"), (FIELD, text)];
        let form = fields.map(|(name, value)| (name.to_owned(), value.to_owned()));
        people::in_order(&Submitted::new(form.to_vec()))
    }

    #[test]
    fn the_first_fifty_problems_are_named_and_the_others_counted() {
        let offer = example::offer();
        let form = pasted("others", &"x\n".repeat(50));
        let read = read(&form, HashMap::new(), 0, &offer, None);
        assert_eq!((read.errors.len(), read.people.len()), (50, 0));
        assert_eq!(read.left, "x\n".repeat(50));
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn every_row_becomes_a_person_or_stays_with_a_problem(
            text in prop_oneof![any::<String>(), "([ab]{1,2}[,;\t][ab]@ab\\.eu([,;\t]|\r\n|\n|\"){1,2}){0,60}"],
            attends in prop_oneof![Just("me"), Just("others")],
        ) {
            let offer = example::offer();
            let form = pasted(attends, &text);
            let rows = pasted::rows(&text).len();
            let before = usize::from(attends == "me");
            let Added { form: after, count, errors } = add(&form, &offer);
            prop_assert!(errors.iter().all(|error| error.field == FIELD && !error.message.contains('\n')));
            if rows == 0 || before + rows > MOST_ATTENDEES {
                prop_assert_eq!((count, errors.len(), &after), (0, 1, &form));
            } else {
                prop_assert_eq!(count + errors.len(), rows);
                prop_assert_eq!(people::count_blocks(&after), (before + count).max(1));
                let lines = after.get(FIELD).lines().filter(|line| !line.is_empty()).count();
                prop_assert!(lines >= errors.len(), "{} of {}", lines, errors.len());
            }
        }
    }
}
