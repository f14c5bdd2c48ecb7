//! The fields of a page's editor: out of a saved state, and back into one.

use super::{
    compare::{Field, Kind},
    merging::Layout,
};
use crate::{
    domain::{SessionText, Title},
    store::pages::State,
    web::{Errors, Submitted, form::Words},
};

/// The fields, in the order of the form.
pub const FIELDS: [Field; 3] = [
    Field { name: "title", label: "Title", kind: Kind::Value },
    Field { name: "draft", label: "Draft", kind: Kind::Value },
    Field { name: "text", label: "Text", kind: Kind::Text(Layout::Paragraphs) },
];

/// The value of a field as a person says it.
pub fn say(field: &str, value: &str) -> String {
    match field {
        "draft" if value.is_empty() => "no".to_owned(),
        "draft" => "yes".to_owned(),
        _ => value.to_owned(),
    }
}

/// What a form says, or every field's error at once.
pub fn validate(form: &Submitted) -> Result<State, Errors> {
    let mut errors = Errors::default();
    let title = errors.keep("title", Title::parse(form.get("title")), Words::text("the title"));
    let text = errors.keep("text", SessionText::parse(form.get("text")), Words::text("the text"));
    match (title, text) {
        (Some(title), Some(text)) => Ok(State { title, text, draft: form.has("draft") }),
        _ => Err(errors),
    }
}

/// The form of a saved state.
pub fn form_of(state: &State) -> Submitted {
    let mut fields = vec![("title".to_owned(), state.title.to_string()), ("text".to_owned(), state.text.to_string())];
    if state.draft {
        fields.push(("draft".to_owned(), "on".to_owned()));
    }
    Submitted::new(fields)
}
