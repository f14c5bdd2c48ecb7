//! Forms as they come in, and what is wrong with them.

use std::fmt;

use askama::Template;
use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
    http::{HeaderMap, StatusCode, header},
    response::IntoResponse,
};

use super::{AppError, large_forms::Turn};
use crate::domain::{SignedIn, text::clean_line};

/// The fields of a form as they were sent, in their order, kept to be shown again. Bytes that are no UTF-8 have become
/// U+FFFD, which every domain type refuses with words of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Submitted(Vec<(String, String)>);

/// More fields than this no form of ours sends: ten people with seven each, and as many again.
const MOST_FIELDS: usize = 500;

impl Submitted {
    /// The fields of a form in `application/x-www-form-urlencoded`.
    pub fn decode(body: &[u8]) -> Self {
        Self(form_urlencoded::parse(body).map(|(name, value)| (name.into_owned(), value.into_owned())).collect())
    }

    /// The same, if it has no more fields than a form of ours. Each field costs its page far more than the few bytes that
    /// a forged one has.
    pub fn parse(body: &[u8]) -> Result<Self, AppError> {
        if body.split(|byte| *byte == b'&').count() > MOST_FIELDS {
            return Err(AppError::BadRequest("more fields than any form has".into()));
        }
        Ok(Self::decode(body))
    }

    /// The fields without passwords, as a page may hold them hidden to be sent again. The one character that the database
    /// keeps in no text becomes U+FFFD, which every page refuses with words of its own.
    #[must_use]
    pub fn without_passwords(&self) -> Self {
        let kept = |text: &str| text.replace('\0', "\u{FFFD}");
        let fields = self.0.iter().filter(|(name, _)| !name.contains("password"));
        Self(fields.map(|(name, value)| (kept(name), kept(value))).collect())
    }

    /// A form made of these fields.
    pub fn new(fields: Vec<(String, String)>) -> Self {
        Self(fields)
    }

    /// A form made of these fields, named by the program.
    pub fn of<'a>(fields: impl IntoIterator<Item = (&'a str, String)>) -> Self {
        Self(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }

    /// The field's text, or an empty one when it was not sent.
    pub fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    /// The text of a field of one line that no domain type reads, cleaned as those are: a day, a time, a number.
    pub fn line(&self, name: &str) -> String {
        clean_line(self.get(name))
    }

    /// Whether the field was sent at all, as ticked boxes and pressed buttons are.
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(key, _)| key == name)
    }

    /// Whether the field says this: a choice of a list.
    pub fn is(&self, name: &str, value: impl fmt::Display) -> bool {
        self.get(name) == value.to_string()
    }

    /// All fields.
    pub fn fields(&self) -> &[(String, String)] {
        &self.0
    }
}

/// Whether a request brings a form as browsers send it.
pub fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.to_ascii_lowercase().starts_with("application/x-www-form-urlencoded")
}

impl<S: Send + Sync> FromRequest<S> for Submitted {
    type Rejection = AppError;

    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        if !is_form(request.headers()) {
            return Err(AppError::UnsupportedMediaType);
        }
        if let Some(turn) = request.extensions().get::<Turn>().cloned() {
            // The guard has put there who is signed in.
            turn.take(request.extensions().get::<SignedIn>().is_some()).await?;
        }
        match Bytes::from_request(request, state).await {
            Ok(body) => Self::parse(&body),
            Err(rejection) => match rejection.into_response().status() {
                StatusCode::PAYLOAD_TOO_LARGE => Err(AppError::TooLarge),
                _ => Err(AppError::BadRequest("the form did not arrive whole".into())),
            },
        }
    }
}

/// One field's error, in words that say what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// The field's name, which is also its `id` on the page.
    pub field: String,
    /// The words.
    pub words: String,
}

/// Every error of a form at once, in the order of the fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Errors(Vec<FieldError>);

impl Errors {
    /// Notes an error; its words are a template's.
    pub fn add(&mut self, field: impl Into<String>, words: &impl Template) {
        let words = words.render().expect("the words of errors need nothing but text");
        self.0.push(FieldError { field: field.into(), words: words.trim().to_owned() });
    }

    /// The value, or its error noted.
    pub fn keep<T, E>(&mut self, field: &str, validated: Result<T, E>, words: impl FnOnce(E) -> Words) -> Option<T>
    where
        Words: Template,
    {
        match validated {
            Ok(value) => Some(value),
            Err(error) => {
                self.add(field, &words(error));
                None
            }
        }
    }

    /// These and those.
    #[must_use]
    pub fn and(mut self, others: Self) -> Self {
        self.0.extend(others.0);
        self
    }

    /// What is wrong with this field.
    pub fn of(&self, field: &str) -> Option<&str> {
        self.0.iter().find(|error| error.field == field).map(|error| error.words.as_str())
    }

    /// All of them.
    pub fn iter(&self) -> std::slice::Iter<'_, FieldError> {
        self.0.iter()
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// What is wrong with a field, in the words that many forms share (`templates/parts/words.txt`). A page with words of
/// its own has a template of its own.
#[derive(Clone, Debug, Template)]
#[template(path = "parts/words.txt")]
pub enum Words {
    /// Nothing was given; the label says of what, in small letters: "the name".
    Missing(&'static str),
    /// Longer than this many characters.
    TooLong(usize),
    /// A control character or a line break.
    ControlCharacter,
    /// A control character where line breaks are welcome.
    ControlCharacterInLines,
    /// Bytes that were no text.
    Unreadable,
    /// No e-mail address.
    NotAnEmail,
    /// An e-mail address with letters beyond ASCII before the @.
    LocalPartNotAscii,
    /// Nothing was chosen; the label says of what: "a country".
    Choose(&'static str),
    /// What was chosen is not offered.
    NotOffered,
}

impl Words {
    /// The words for a text's error.
    pub fn text(label: &'static str) -> impl FnOnce(crate::domain::TextError) -> Self {
        use crate::domain::TextError;
        move |error| match error {
            TextError::Missing => Self::Missing(label),
            TextError::TooLong(limit) => Self::TooLong(limit),
            TextError::ControlCharacter => Self::ControlCharacter,
            TextError::ControlCharacterInLines => Self::ControlCharacterInLines,
            TextError::Unreadable => Self::Unreadable,
        }
    }

    /// The words for an e-mail address's error.
    pub fn email(label: &'static str) -> impl FnOnce(crate::domain::EmailError) -> Self {
        use crate::domain::EmailError;
        move |error| match error {
            EmailError::Missing => Self::Missing(label),
            EmailError::Malformed => Self::NotAnEmail,
            EmailError::LocalPartNotAscii => Self::LocalPartNotAscii,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_gives_its_fields_and_empty_text_for_those_not_sent() {
        let form = Submitted::decode(b"name=Anna+M%C3%BCller&attends=on");
        assert_eq!(form.get("name"), "Anna Müller");
        assert_eq!(form.get("city"), "");
        assert!(form.has("attends") && !form.has("city"));
    }

    #[test]
    fn bytes_that_are_no_text_stay_visible_as_such() {
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
    fn a_field_keeps_what_was_typed_and_says_its_error_beside_it_and_on_top() {
        let form = Submitted::decode(b"email=%3Canna%3E&country=DE&consent=on&category=member&needs=a%0Ab");
        let mut errors = Errors::default();
        errors.add("email", &Words::NotAnEmail);
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
