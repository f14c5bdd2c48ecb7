//! Whole numbers in forms.

use askama::Template;

use crate::web::{Errors, Submitted};

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
