//! `/staff`: redirects to the figures of a person's only conference, or lets the person choose a conference.

use askama::Template;
use axum::extract::State;

use crate::{
    access::Person,
    domain::Action,
    store::editions::{self, Edition},
    urls,
    web::{App, Desk, DeskNav, Result, page, see_other},
};

/// The page.
#[derive(Template)]
#[template(path = "staff/home.html")]
struct HomePage {
    desk: Desk,
    editions: Vec<Edition>,
}

/// `GET /staff`.
pub async fn get(State(app): State<App>, Person(person): Person) -> Result {
    let mut editions = editions::list(&mut *app.store.read().await?).await?;
    editions.retain(|edition| person.may(Action::ReadAttendees, Some(edition.id)));
    if let [only] = editions.as_slice() {
        return Ok(see_other(&urls::staff::figures(&only.slug)));
    }
    page(&HomePage { desk: Desk::new(DeskNav::Figures, None, &person), editions })
}
