//! Addresses without a conference's slug: they lead to the current one.

use axum::{extract::State, response::Response};

use crate::{
    urls,
    web::{App, Result, see_other},
};

/// `GET /programme`: on to the current conference's programme.
pub async fn programme(State(app): State<App>) -> Result<Response> {
    Ok(see_other(&urls::public::programme(&app.sites.current(&app.store).await?.conference.slug)))
}

/// `GET /register`: on to the current conference's registration.
pub async fn register(State(app): State<App>) -> Result<Response> {
    Ok(see_other(&urls::public::register(&app.sites.current(&app.store).await?.conference.slug)))
}
