//! The live preview of Markdown.

use askama::Template;
use axum::extract::State;

use crate::{
    access::Person,
    web::{App, Current, Result, Submitted, markdown, reply},
};

/// The preview, which is a part of the editor's page.
#[derive(Template)]
#[template(path = "editing/parts/preview.html")]
struct Preview {
    preview: String,
}

/// `POST /organisers/{c}/preview`: renders the field `text` in the same way as the public pages.
pub async fn post(_: State<App>, _: Current, _: Person, form: Submitted) -> Result {
    reply::page(&Preview { preview: markdown::html(form.get("text")) })
}
