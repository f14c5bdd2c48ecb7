//! Signing in, passwords, and the guard that checks who may use a route.

pub mod account;
mod browser;
mod chosen_password;
mod cookie;
pub mod forgotten_password;
mod guard;
mod limits;
mod password;
mod resumed_form;
mod return_path;
pub mod set_password;
pub mod sign_in;

pub use guard::{Who, guarded};
pub use resumed_form::ResumedForm;

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, request::Parts},
};

use crate::{
    domain::SignedIn,
    store::people::logins,
    web::{App, AppError, Result},
};

/// The person who is signed in. Only handlers behind a guard can use it.
pub struct Person(pub SignedIn);

impl<S: Send + Sync> FromRequestParts<S> for Person {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, AppError> {
        parts.extensions.get::<SignedIn>().cloned().map(Self).ok_or(AppError::Forbidden)
    }
}

/// Returns the person whose login comes with a request, if the login is still valid.
async fn person(app: &App, headers: &HeaderMap) -> Result<Option<SignedIn>> {
    let Some(secret) = cookie::Cookie::Login.secret(app, headers) else { return Ok(None) };
    Ok(logins::find(&mut *app.store.read().await?, secret.hash(), app.clock.now()).await?)
}
