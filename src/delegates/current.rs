//! Addresses without the slug of a conference. They redirect to the current conference.

use axum::{extract::State, response::Response};

use crate::{
    urls,
    web::{App, Result, see_other},
};

/// `GET /programme`: redirects to the programme of the current conference.
pub async fn programme(State(app): State<App>) -> Result<Response> {
    Ok(see_other(&urls::public::programme(&app.sites.current(&app.store).await?.conference.slug)))
}

/// `GET /register`: redirects to the registration form of the current conference.
pub async fn register(State(app): State<App>) -> Result<Response> {
    Ok(see_other(&urls::public::register(&app.sites.current(&app.store).await?.conference.slug)))
}
