//! The live preview of Markdown.

use askama::Template;
use axum::extract::State;

use super::{About, Kind};
use crate::{
    access::Person,
    web::{App, Current, Drafted, Result, Submitted, markdown, reply},
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

/// `POST`: renders the field `text` of an item whose text is not shown as it is.
pub async fn of_item<K: Kind>(
    State(app): State<App>,
    Drafted(site): Drafted,
    _: Person,
    About(id): About<K>,
    form: Submitted,
) -> Result {
    let kind = K::load(&mut *app.store.read().await?, &site.conference, Some(id)).await?;
    reply::page(&Preview { preview: kind.preview(&form)? })
}
