//! Markdown as it will look, while somebody writes.

use askama::Template;
use axum::extract::State;

use crate::{
    access::Person,
    web::{App, Current, Result, Submitted, markdown, reply},
};

/// A part of the editors' pages.
#[derive(Template)]
#[template(path = "editing/parts/preview.html")]
struct Preview {
    preview: String,
}

/// `POST /organisers/{c}/preview`: the field `text`, rendered as the public pages render it.
pub async fn post(_: State<App>, _: Current, _: Person, form: Submitted) -> Result {
    reply::page(&Preview { preview: markdown::html(form.get("text")) })
}
