//! Answers that handlers give.

use std::any::Any;

use askama::Template;
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

use super::{Result, encoding::Compressible};
use crate::domain::AccountId;

/// The name of the value that tells the frames whether a form was refused. Their titles then begin with "Error:"
/// (`templates/parts/error_title.html`).
pub const NOT_ACCEPTED: &str = "not accepted";

/// A page for one person: rendered now, kept by nobody.
pub fn page(template: &impl Template) -> Result {
    with_status(StatusCode::OK, template)
}

/// A page for one person, with this status. A status that refuses a form puts "Error:" in front of the title.
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

/// A public form, empty or on the way to being sent. The browser may keep it for the person who fills it in, so that Back
/// leads to the same rendering with what was typed; it asks us each time otherwise. There is no secret on it (see
/// [`Compressible`]): what comes back in it was sent by the same person from our own page.
pub fn form(status: StatusCode, template: &impl Template) -> Result {
    let mut response = with_status(status, template)?;
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    response.extensions_mut().insert(Compressible);
    Ok(response)
}

/// The page again, because what came with it cannot be kept as it is.
pub fn unprocessable(template: &impl Template) -> Result {
    with_status(StatusCode::UNPROCESSABLE_ENTITY, template)
}

/// The page again, because it was sent too often: 429, and after how many seconds it may be sent again.
pub fn too_many(template: &impl Template, seconds: u32) -> Result {
    Ok(retry_after(with_status(StatusCode::TOO_MANY_REQUESTS, template)?, seconds))
}

/// A public form again, because it was sent too often, as [`too_many`].
pub fn form_too_many(template: &impl Template, seconds: u32) -> Result {
    Ok(retry_after(form(StatusCode::TOO_MANY_REQUESTS, template)?, seconds))
}

/// The answer, saying after how many seconds it is worth asking again (RFC 9110, section 10.2.3).
pub fn retry_after(mut response: Response, seconds: u32) -> Response {
    response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    response
}

/// Another page than the form, whose title says why nothing can be sent now: nothing in the form is wrong.
pub fn not_now(template: &impl Template) -> Result {
    rendered(StatusCode::UNPROCESSABLE_ENTITY, template, false)
}

/// A page on which somebody decides between two versions of a thing.
pub fn conflict(template: &impl Template) -> Result {
    with_status(StatusCode::CONFLICT, template)
}

/// On to another page, by GET.
pub fn see_other(path: &str) -> Response {
    match HeaderValue::try_from(path) {
        Ok(location) => (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// The page of something that was here and holds no more.
pub fn gone(template: &impl Template) -> Result {
    with_status(StatusCode::GONE, template)
}

/// The answer, for the log: it is to this account, or about it.
pub fn with_account(account: Option<AccountId>, mut response: Response) -> Response {
    if let Some(account) = account {
        response.extensions_mut().insert(account);
    }
    response
}
