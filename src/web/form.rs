//! Submitted forms and the errors in their fields.

use std::fmt;

use askama::Template;
use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::IntoResponse,
};

use super::{
    AppError, FieldMessage, Missing,
    large_forms::LargeFormPermit,
    multipart::{self, File, is_multipart},
};
use crate::domain::{SignedIn, text::clean_line};

/// The fields of a form as they were sent, in order, so that the form can be shown again. Bytes that are not UTF-8 have
/// been replaced by U+FFFD, which every domain type refuses with an error message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Submitted(Vec<(String, String)>);

/// The largest number of fields in a form. In the list of sessions, the largest form, each session that is ticked is a field, and
/// no conference has 2,000 sessions.
const MOST_FIELDS: usize = 2500;

impl Submitted {
    /// Decodes `application/x-www-form-urlencoded`.
    pub fn decode(body: &[u8]) -> Self {
        Self(form_urlencoded::parse(body).map(|(name, value)| (name.into_owned(), value.into_owned())).collect())
    }

    /// Decodes a form, or refuses it if it has more than [`MOST_FIELDS`] fields. A forged field is a few bytes long,
    /// but costs far more memory in the page that shows it again.
    pub fn parse(body: &[u8]) -> Result<Self, AppError> {
        if body.split(|byte| *byte == b'&').count() > MOST_FIELDS {
            return Err(AppError::BadRequest("the form has too many fields".into()));
        }
        Ok(Self::decode(body))
    }

    /// Decodes a form with this content type, of which perhaps only the beginning is known, if it contains a file.
    pub async fn recover(content_type: &HeaderValue, body: &[u8]) -> Result<Self, AppError> {
        let is_urlencoded = !content_type.as_bytes().to_ascii_lowercase().starts_with(b"multipart/");
        if is_urlencoded {
            Self::parse(body)
        } else {
            Self::limited(multipart::fields_of_start(content_type, body).await)
        }
    }

    fn limited(fields: Vec<(String, String)>) -> Result<Self, AppError> {
        if fields.len() > MOST_FIELDS {
            return Err(AppError::BadRequest("the form has too many fields".into()));
        }
        Ok(Self(fields))
    }

    /// Returns the fields without passwords, for hidden fields that are sent again. The NUL character, which PostgreSQL
    /// cannot store, becomes U+FFFD, which every domain type refuses with an error message.
    #[must_use]
    pub fn without_passwords(&self) -> Self {
        let cleaned = |text: &str| text.replace('\0', "\u{FFFD}");
        let fields = self.0.iter().filter(|(name, _)| !name.contains("password"));
        Self(fields.map(|(name, value)| (cleaned(name), cleaned(value))).collect())
    }

    /// Creates a form from these fields.
    pub fn new(fields: Vec<(String, String)>) -> Self {
        Self(fields)
    }

    /// Returns a form made of these fields, which the program names.
    pub fn of<'a>(fields: impl IntoIterator<Item = (&'a str, String)>) -> Self {
        Self(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }

    /// Returns the field's value, or an empty string if the field was not sent.
    pub fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    /// Returns all values of a field with several, such as checkboxes of one name.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Whether one of the entries of a field is this. Entries are separate values, or separated by white space.
    pub fn holds(&self, name: &str, entry: &str) -> bool {
        self.all(name).any(|one| one == entry || one.split_whitespace().any(|part| part == entry))
    }

    /// Returns the cleaned value of a one-line field that has no domain type, such as a day, a time or a number.
    pub fn line(&self, name: &str) -> String {
        clean_line(self.get(name))
    }

    /// Whether the field was sent. Browsers send a checkbox only if it is ticked, and a button only if it was pressed.
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(key, _)| key == name)
    }

    /// Whether the field has this value.
    pub fn is(&self, name: &str, value: impl fmt::Display) -> bool {
        self.get(name) == value.to_string()
    }

    /// Returns all fields in order.
    pub fn fields(&self) -> &[(String, String)] {
        &self.0
    }
}

/// Whether the request's body is a form as browsers send it.
pub fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.to_ascii_lowercase().starts_with("application/x-www-form-urlencoded") || is_multipart(headers)
}

impl<S: Send + Sync> FromRequest<S> for Submitted {
    type Rejection = AppError;

    /// Reads a form without its files.
    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        Ok(Upload::read(request, state, 0).await?.form)
    }
}

/// A form that may contain files.
#[derive(Debug)]
pub struct Upload {
    /// The fields.
    pub form: Submitted,
    /// The files that were chosen, each with the name of its field. The limit of the request's body limits their sum.
    pub files: Vec<(String, File)>,
}

impl Upload {
    /// Reads a form. A file of more than `most_file` bytes is not kept.
    pub async fn read<S: Send + Sync>(request: Request, state: &S, most_file: usize) -> Result<Self, AppError> {
        if !is_form(request.headers()) {
            return Err(AppError::UnsupportedMediaType);
        }
        if let Some(permit) = request.extensions().get::<LargeFormPermit>().cloned() {
            // The guard has set `SignedIn` if somebody is signed in.
            permit.acquire(request.extensions().get::<SignedIn>().is_some()).await?;
        }
        if is_multipart(request.headers()) {
            let parts = multipart::read(request, state, most_file).await?;
            return Ok(Self { form: Submitted::limited(parts.fields)?, files: parts.files });
        }
        let form = match Bytes::from_request(request, state).await {
            Ok(body) => Submitted::parse(&body),
            Err(rejection) => match rejection.into_response().status() {
                StatusCode::PAYLOAD_TOO_LARGE => Err(AppError::TooLarge),
                _ => Err(AppError::BadRequest("the form is incomplete".into())),
            },
        };
        Ok(Self { form: form?, files: Vec::new() })
    }
}

/// The error in one field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// The field's name, which is also its `id` on the page.
    pub field: String,
    /// The message, which says what to do.
    pub message: String,
}

/// All errors in a form, in the order of the fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Errors(Vec<FieldError>);

impl Errors {
    /// Adds an error. `message` is the template that renders its message.
    pub fn add(&mut self, field: impl Into<String>, message: &impl Template) {
        let message = message.render().expect("rendering an error message cannot fail");
        self.0.push(FieldError { field: field.into(), message: message.trim().to_owned() });
    }

    /// Returns the value, or adds the error of this field and returns `None`. If the field is required, use
    /// [`Errors::check_required`].
    pub fn check<T>(&mut self, field: &str, validated: Result<T, impl Into<FieldMessage>>) -> Option<T> {
        validated.map_err(|error| self.add(field, &error.into())).ok()
    }

    /// Returns the value, or adds the error of this field and returns `None`. If the field is empty, the message says what
    /// is missing.
    pub fn check_required<T>(
        &mut self,
        field: &str,
        validated: Result<T, impl Into<FieldMessage>>,
        missing: Missing,
    ) -> Option<T> {
        self.check(field, validated.map_err(|error| FieldMessage::required(error, missing)))
    }

    /// Returns these errors followed by the others.
    #[must_use]
    pub fn and(mut self, others: Self) -> Self {
        self.0.extend(others.0);
        self
    }

    /// Returns what was validated, if it is valid and there are no other errors; otherwise its errors, followed by these.
    pub fn or<T>(self, validated: Result<T, Self>) -> Result<T, Self> {
        match validated {
            Ok(value) if self.is_empty() => Ok(value),
            Ok(_) => Err(self),
            Err(others) => Err(others.and(self)),
        }
    }

    /// Returns the message of this field's first error.
    pub fn of(&self, field: &str) -> Option<&str> {
        self.0.iter().find(|error| error.field == field).map(|error| error.message.as_str())
    }

    /// Iterates over the errors.
    pub fn iter(&self) -> std::slice::Iter<'_, FieldError> {
        self.0.iter()
    }

    /// Returns the number of errors.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are no errors.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_that_was_not_sent_reads_as_an_empty_string() {
        let form = Submitted::decode(b"name=Anna+M%C3%BCller&attends=on");
        assert_eq!(form.get("name"), "Anna Müller");
        assert_eq!(form.get("city"), "");
        assert!(form.has("attends") && !form.has("city"));
    }

    #[test]
    fn invalid_utf_8_becomes_the_replacement_character() {
        assert_eq!(Submitted::decode(b"name=%FF").get("name"), "\u{FFFD}");
    }

    #[derive(Template)]
    #[template(
        ext = "html",
        source = r#"{% import "parts/forms.html" as f %}{% call f::summary(errors) %}{% endcall %}
            {% call f::text(form, errors, "email", "E-mail", kind="email", hint="The confirmation goes here") %}{% endcall %}
            {% call f::area(form, errors, "needs", "Needs", optional=true) %}{% endcall %}
            {% call f::select(form, errors, "country", "Country", [("AT", "Austria"), ("DE", "Germany")]) %}{% endcall %}
            {% call f::choices(form, errors, "category", "Category", [("member", "Member city")]) %}{% endcall %}
            {% call f::tick(form, errors, "consent", "I agree") %}{% endcall %}"#
    )]
    struct Sample {
        form: Submitted,
        errors: Errors,
    }

    #[test]
    fn a_field_keeps_its_value_and_shows_its_error_beside_it_and_in_the_summary() {
        let form = Submitted::decode(b"email=%3Canna%3E&country=DE&consent=on&category=member&needs=a%0Ab");
        let mut errors = Errors::default();
        errors.add("email", &FieldMessage::NotAnEmail);
        let page = Sample { form, errors }.render().expect("a page");
        assert!(page.contains(r##"<a href="#email">Give the e-mail address in the form name@city.eu</a>"##), "{page}");
        assert!(page.contains(
            r#"type="email" value="&#60;anna&#62;" aria-required="true" aria-describedby="email-hint email-error" aria-invalid="true">"#
        ), "{page}");
        assert!(page.contains(r#"<option value="DE" selected>Germany</option>"#), "{page}");
        assert!(page.contains(r#"name="category" value="member" checked>"#), "{page}");
        assert!(page.contains(r#"name="consent" value="on" checked>"#), "{page}");
        assert!(page.contains(">\na\nb</textarea>"), "{page}");
    }
}
