//! The field with links in the forms of sessions and people.

use askama::Template;

use crate::{
    domain::{Links, LinksError, WebAddress},
    web::{Errors, Submitted},
};

/// The name of the field.
pub const LINKS: &str = "links";

#[derive(Template)]
#[template(path = "organisers/links_errors.txt")]
enum ErrorMessage {
    /// This line is not a link.
    NotALink(usize),
    /// The address in this line is too long.
    LongAddress(usize),
    /// The words of the link in this line are too long.
    LongWords(usize),
    /// There are too many links.
    TooMany,
}

/// Reads the links, or adds the error of their field.
pub fn read(form: &Submitted, errors: &mut Errors) -> Option<Links> {
    let message = match Links::parse(form.get(LINKS)) {
        Ok(links) => return Some(links),
        Err(LinksError::Text(error)) => return errors.check(LINKS, Err(error)),
        Err(LinksError::NoAddress(line)) => ErrorMessage::NotALink(line),
        Err(LinksError::LongAddress(line)) => ErrorMessage::LongAddress(line),
        Err(LinksError::TooLong(line)) => ErrorMessage::LongWords(line),
        Err(LinksError::TooMany) => ErrorMessage::TooMany,
    };
    errors.add(LINKS, &message);
    None
}
