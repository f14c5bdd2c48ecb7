//! Responses: pages, redirects and their statuses.

use std::any::Any;

use askama::Template;
use axum::{
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

use super::{AppError, Result, encoding::Compressible};
use crate::domain::AccountId;

/// The name of the template value that says whether a form was refused. If so, the page's title begins with "Error:"
/// (`templates/parts/error_title.html`).
pub const NOT_ACCEPTED: &str = "not accepted";

/// Responds with a page for one person. Browsers and proxies must not store it.
pub fn page(template: &impl Template) -> Result {
    with_status(StatusCode::OK, template)
}

/// Responds like [`page`] with this status. If the status refuses a form, the title begins with "Error:".
pub fn with_status(status: StatusCode, template: &impl Template) -> Result {
    let not_accepted =
        matches!(status, StatusCode::CONFLICT | StatusCode::UNPROCESSABLE_ENTITY | StatusCode::TOO_MANY_REQUESTS);
    rendered(status, template, not_accepted)
}

fn rendered(status: StatusCode, template: &impl Template, not_accepted: bool) -> Result {
    let html = template.render_with_values(&(NOT_ACCEPTED, &not_accepted as &dyn Any))?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    Ok((status, headers, html).into_response())
}

/// Responds with a public form. The browser may store it, so that the Back button shows the form with what was typed;
/// otherwise it asks again each time. The form contains no secret, only what the same person has sent from our own
/// page, so it may be compressed (see [`Compressible`]).
pub fn form(status: StatusCode, template: &impl Template) -> Result {
    let mut response = with_status(status, template)?;
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    response.extensions_mut().insert(Compressible);
    Ok(response)
}

/// Shows the page again with the errors of its form: 422.
pub fn unprocessable(template: &impl Template) -> Result {
    with_status(StatusCode::UNPROCESSABLE_ENTITY, template)
}

/// Shows the page again because the list of attendees is not up to date yet: 503, with the seconds to wait in `Retry-After`.
pub fn behind(template: &impl Template) -> Result {
    Ok(retry_after(with_status(StatusCode::SERVICE_UNAVAILABLE, template)?, 60))
}

/// Shows the page again because a limit on attempts was reached: 429, with the seconds to wait in `Retry-After`.
pub fn too_many(template: &impl Template, seconds: u32) -> Result {
    Ok(retry_after(with_status(StatusCode::TOO_MANY_REQUESTS, template)?, seconds))
}

/// Shows a public form again because a limit on attempts was reached, like [`too_many`].
pub fn form_too_many(template: &impl Template, seconds: u32) -> Result {
    Ok(retry_after(form(StatusCode::TOO_MANY_REQUESTS, template)?, seconds))
}

/// Sets `Retry-After`, in seconds (RFC 9110, section 10.2.3).
pub fn retry_after(mut response: Response, seconds: u32) -> Response {
    response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    response
}

/// Responds with 422 and a page that explains why nobody can register now. The form itself has no errors, so the title
/// does not begin with "Error:".
pub fn not_now(template: &impl Template) -> Result {
    rendered(StatusCode::UNPROCESSABLE_ENTITY, template, false)
}

/// Responds with 409 and a page on which the person resolves a conflict.
pub fn conflict(template: &impl Template) -> Result {
    with_status(StatusCode::CONFLICT, template)
}

/// Responds with a picture, a JPEG, that never changes. `key` names it among all pictures of the site.
pub fn picture(key: &str, content: Vec<u8>, is_public: bool, request: &HeaderMap) -> Result {
    let (etag, is_known) = tagged(key, request)?;
    let mut response = if is_known { StatusCode::NOT_MODIFIED.into_response() } else { content.into_response() };
    // Its person may ask to have it removed, so caches do not keep it for long without asking.
    let whose = if is_public { "public, max-age=86400" } else { "private, no-cache" };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("image/jpeg"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(whose));
    headers.insert(header::ETAG, etag);
    Ok(response)
}

/// Returns the entity tag of something that never changes, and whether the browser has it already (RFC 9110, section 13.1.2).
pub fn tagged(key: &str, request: &HeaderMap) -> Result<(HeaderValue, bool)> {
    let etag = HeaderValue::try_from(format!("\"{key}\"")).map_err(AppError::internal)?;
    let is_known = request.get_all(header::IF_NONE_MATCH).iter().any(|tags| tags == etag);
    Ok((etag, is_known))
}

/// Redirects to another page with GET: 303.
pub fn see_other(path: &str) -> Response {
    match HeaderValue::try_from(path) {
        Ok(location) => (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// Redirects to the present address of a page: 301. It may have its old address again later, so browsers ask each time.
pub fn moved(path: &str) -> Response {
    let Ok(location) = HeaderValue::try_from(path) else { return StatusCode::INTERNAL_SERVER_ERROR.into_response() };
    let headers = [(header::LOCATION, location), (header::CACHE_CONTROL, HeaderValue::from_static("no-cache"))];
    (StatusCode::MOVED_PERMANENTLY, headers).into_response()
}

/// Responds with 410 and a page about something that is not available any more.
pub fn gone(template: &impl Template) -> Result {
    with_status(StatusCode::GONE, template)
}

/// Sets the account that the response is for or about, so that the log names it.
pub fn with_account(account: Option<AccountId>, mut response: Response) -> Response {
    if let Some(account) = account {
        response.extensions_mut().insert(account);
    }
    response
}
