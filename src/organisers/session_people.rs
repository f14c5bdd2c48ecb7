//! The field of a session's form that says who takes part. Each row has two selects of the same name, the person and their part. An
//! entry of the field is both, with a space between them.

use askama::Template;

use super::session_form::{Choices, ErrorMessage};
use crate::{
    domain::{PersonId, PersonPart},
    store::programme::sessions::SessionContent,
    web::{Errors, FieldMessage, Submitted},
};

/// The number of empty rows in the form.
const EMPTY_ROWS: usize = 3;

/// The word for a part.
#[derive(Template)]
#[template(path = "organisers/person_part.txt")]
struct PartWord {
    part: PersonPart,
}

/// A row of the form.
pub struct Row {
    /// The key of the person; empty in an empty row.
    pub person: String,
    /// What they do.
    pub part: PersonPart,
}

/// Reads the entries. A person without a part is a speaker, and a part without a person is an empty row.
pub fn entered(values: &[&str]) -> Vec<String> {
    let mut entries: Vec<(&str, Option<PersonPart>)> = Vec::new();
    for word in values.iter().flat_map(|value| value.split_whitespace()) {
        match (PersonPart::parse(word), entries.last_mut()) {
            (Some(part), Some((_, missing @ None))) => *missing = Some(part),
            (Some(_), _) => {}
            (None, _) => entries.push((word, None)),
        }
    }
    let entry =
        |(person, part): (&str, Option<PersonPart>)| format!("{person} {}", part.unwrap_or(PersonPart::Speaker));
    entries.into_iter().map(entry).collect()
}

/// Returns the field of a saved session.
pub fn field_of(content: &SessionContent) -> String {
    content.people.iter().map(|(person, part)| format!("{person} {part}")).collect::<Vec<_>>().join("\n")
}

/// Reads the people, or adds the error of the field.
pub fn read(choices: &Choices, form: &Submitted, errors: &mut Errors) -> Option<Vec<(PersonId, PersonPart)>> {
    let offered = choices.people();
    let mut people: Vec<(PersonId, PersonPart)> = Vec::new();
    for Row { person, part } in chosen(form) {
        let is_offered = offered.iter().any(|(key, _)| *key == person);
        let Some(person) = person.parse().ok().filter(|_| is_offered) else {
            errors.add("people", &FieldMessage::NotOffered);
            return None;
        };
        if people.iter().any(|(other, _)| *other == person) {
            errors.add("people", &ErrorMessage::PersonTwice);
            return None;
        }
        people.push((person, part));
    }
    Some(people)
}

/// Returns the rows of the form: those that are filled in, and some empty ones.
pub fn rows(form: &Submitted) -> Vec<Row> {
    let empty = || Row { person: String::new(), part: PersonPart::Speaker };
    chosen(form).into_iter().chain(std::iter::repeat_with(empty).take(EMPTY_ROWS)).collect()
}

/// Returns the parts as options of a select.
pub fn parts() -> Vec<(PersonPart, String)> {
    PersonPart::ALL.into_iter().map(|part| (part, word(part))).collect()
}

/// Returns the entries in words: `Anna Schmidt (chair), Otto Meier`.
pub fn say(choices: &Choices, entries: &str) -> String {
    let said = entries.lines().filter_map(row).map(|Row { person, part }| {
        let name = choices.name_of(&person).unwrap_or(&person);
        if part == PersonPart::Speaker { name.to_owned() } else { format!("{name} ({})", word(part).to_lowercase()) }
    });
    if entries.is_empty() { "to be announced".to_owned() } else { said.collect::<Vec<_>>().join(", ") }
}

fn chosen(form: &Submitted) -> Vec<Row> {
    entered(&form.all("people").collect::<Vec<_>>()).iter().filter_map(|entry| row(entry)).collect()
}

fn row(entry: &str) -> Option<Row> {
    let (person, part) = entry.split_once(' ')?;
    Some(Row { person: person.to_owned(), part: PersonPart::parse(part)? })
}

fn word(part: PersonPart) -> String {
    PartWord { part }.render().map_or_else(|_| part.to_string(), |word| word.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_read_in_pairs_and_empty_ones_are_left_out() {
        assert_eq!(entered(&["a", "chair", "", "host", "b", "speaker"]), ["a chair", "b speaker"]);
        assert_eq!(entered(&["", "host", "b", "panellist"]), ["b panellist"]);
        assert_eq!(entered(&["a chair\r\nb speaker"]), ["a chair", "b speaker"]);
        assert_eq!(entered(&["a", "b"]), ["a speaker", "b speaker"]);
    }
}
