//! What the forms and lists of several kinds share.

use std::str::FromStr;

use askama::Template;

use crate::{
    domain::{Country, Status},
    editing::{STATUS, compare::Field},
    web::{Errors, FieldMessage, Missing, Submitted},
};

/// The text is not a whole number between these.
#[derive(Template)]
#[template(path = "organisers/not_between.txt")]
struct NotBetween(i32, i32);

/// Reads a whole number between two others, or adds the error of its field.
pub fn number(form: &Submitted, field: &str, (least, most): (i32, i32), errors: &mut Errors) -> Option<i32> {
    let number = form.line(field).parse().ok().filter(|number| (least..=most).contains(number));
    if number.is_none() {
        errors.add(field, &NotBetween(least, most));
    }
    number
}

/// Returns the countries as options of a select.
pub fn countries() -> impl Iterator<Item = (&'static str, &'static str)> {
    Country::all().iter().map(|country| (country.code(), country.name()))
}

/// The statuses of pages and of what sessions name, with their labels.
const NAMED: [(Status, &str); 2] = [(Status::Confirmed, "In use"), (Status::Withdrawn, "Removed")];

/// Returns the statuses of what sessions name as options of a select.
pub fn statuses() -> Vec<(String, String)> {
    NAMED.iter().map(|(status, label)| (status.to_string(), (*label).to_owned())).collect()
}

/// Reads the status of what sessions name, or adds its error.
pub fn status(form: &Submitted, errors: &mut Errors) -> Option<Status> {
    let status = Status::parse(form.get(STATUS)).filter(|status| NAMED.iter().any(|(one, _)| one == status));
    errors.check(STATUS, status.ok_or(FieldMessage::Missing(Missing::Status)))
}

/// The names of the colours of topics and kinds of sessions, in the order of their numbers.
const COLOURS: [&str; 7] = ["Teal", "Brown", "Green", "Violet", "Red", "Blue", "Gold, round"];

/// Returns the colours as options of a select.
pub fn colours() -> Vec<(String, String)> {
    (1..).zip(COLOURS).map(|(number, name): (i16, _)| (number.to_string(), name.to_owned())).collect()
}

/// Returns the value of a field of what sessions name in words.
pub fn say(field: &Field, value: &str) -> String {
    let offered = match field.name {
        STATUS => statuses(),
        "colour" => colours(),
        _ => Vec::new(),
    };
    offered.into_iter().find(|(key, _)| key == value).map_or_else(|| field.say(value), |(_, label)| label)
}

/// Returns the chosen value, or `None` if nothing was chosen.
pub fn chosen<T: FromStr>(value: &str, offered: &[(String, String)]) -> Result<Option<T>, FieldMessage> {
    match offered.iter().find(|(key, _)| key == value) {
        _ if value.is_empty() => Ok(None),
        Some(_) => value.parse().map(Some).map_err(|_| FieldMessage::NotOffered),
        None => Err(FieldMessage::NotOffered),
    }
}
