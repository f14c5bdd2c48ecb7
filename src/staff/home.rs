//! `/staff`: redirects to the attendees of a person's only conference, or lets the person choose a conference. `/staff/{c}`
//! redirects to the attendees of this one.

use askama::Template;
use axum::extract::State;

use crate::{
    access::Person,
    domain::Action,
    store::settings::{self, Edition},
    urls,
    web::{App, Current, Desk, DeskNav, Result, page, see_other},
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
    let mut editions = settings::list_editions(&mut *app.store.read().await?).await?;
    editions.retain(|edition| person.may(Action::ReadAttendees, Some(edition.id)));
    if let [only] = editions.as_slice() {
        return Ok(see_other(&urls::staff::attendees(&only.slug)));
    }
    page(&HomePage { desk: Desk::new(DeskNav::Attendees, None, &person), editions })
}

/// `GET /staff/{c}`: redirects to the attendees of this conference.
pub async fn of_conference(Current(site): Current) -> Result {
    Ok(see_other(&urls::staff::attendees(&site.conference.slug)))
}
