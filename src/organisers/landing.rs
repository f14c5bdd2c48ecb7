//! `/organisers` and `/organisers/{c}`: redirect to the sessions of a conference.

use axum::extract::State;

use crate::{
    access::Person,
    domain::Action,
    store::editions,
    urls,
    web::{App, AppError, Current, Result, see_other},
};

/// `GET /organisers`: redirects to the sessions of the current conference, or of the latest one that this person may
/// edit.
pub async fn get(State(app): State<App>, Person(person): Person) -> Result {
    let current = match app.sites.current(&app.store).await {
        Ok(site) => Some(site),
        Err(AppError::NotFound) => None,
        Err(error) => return Err(error),
    };
    if let Some(site) = current.filter(|site| person.may(Action::EditProgramme, Some(site.conference.id))) {
        return Ok(see_other(&urls::organisers::sessions(&site.conference.slug)));
    }
    let editions = editions::list(&mut *app.store.read().await?).await?;
    let theirs = editions.iter().find(|edition| person.may(Action::EditProgramme, Some(edition.id)));
    Ok(see_other(&urls::organisers::sessions(&theirs.ok_or(AppError::NotFound)?.slug)))
}

/// `GET /organisers/{c}`: redirects to the sessions of this conference.
pub async fn of_conference(Current(site): Current) -> Result {
    Ok(see_other(&urls::organisers::sessions(&site.conference.slug)))
}
