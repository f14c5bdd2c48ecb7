//! What can go wrong with a request, and the page that says so.

use std::borrow::Cow;

use askama::Template as _;

use axum::{
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};

use super::{App, Frame, Submitted, extract::RequestId, form::is_form, reply};
use crate::postgres::is_unavailable;

/// What handlers return.
pub type Result<T = Response, E = AppError> = std::result::Result<T, E>;

/// Why a request is not answered with its page. Each is a status and a page in the site's frame.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// Nothing is at this address: 404.
    #[error("not found")]
    NotFound,
    /// Something was here and was removed on purpose: 410.
    #[error("gone")]
    Gone,
    /// Signed in, but not for this: 403.
    #[error("forbidden")]
    Forbidden,
    /// A form that did not come from this site: 403.
    #[error("cross-site request")]
    CrossSite,
    /// The request cannot be understood: 400.
    #[error("bad request: {0}")]
    BadRequest(Cow<'static, str>),
    /// The body is larger than any honest form: 413.
    #[error("body too large")]
    TooLarge,
    /// The request was not whole in the time that a request has: 408.
    #[error("too slow")]
    TooSlow,
    /// The request was whole, and its handler did not come back in the time that a request has: 503.
    #[error("the handler did not come back: the database or something else that it waits for hangs")]
    Stuck,
    /// Not a form: 415.
    #[error("not a form")]
    UnsupportedMediaType,
    /// Too many tries; later it goes again: 429.
    #[error("too many requests")]
    TooMany {
        /// Seconds to wait.
        retry_after: u32,
    },
    /// The database does not answer or cannot be used: 503.
    #[error("unavailable: {0}")]
    Unavailable(#[source] sqlx::Error),
    /// A fault of ours: 500, with a reference; the log has the cause.
    #[error("{0}")]
    Internal(Box<dyn std::error::Error + Send + Sync>),
}

impl AppError {
    /// A fault of ours.
    pub fn internal(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(error.into())
    }

    /// The code and the constraint of the database's error. Its details stay out of the log: they quote whole rows.
    fn said_by_database(&self) -> String {
        let error = match self {
            Self::Unavailable(error) => Some(error),
            Self::Internal(error) => error.downcast_ref::<sqlx::Error>(),
            _ => None,
        };
        let said = error.and_then(sqlx::Error::as_database_error);
        said.map_or_else(String::new, |said| {
            format!("{} {}", said.code().unwrap_or_default(), said.constraint().unwrap_or_default()).trim().to_owned()
        })
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Gone => StatusCode::GONE,
            Self::Forbidden | Self::CrossSite => StatusCode::FORBIDDEN,
            Self::BadRequest(_) => StatusCode::BAD_REQUEST,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Stuck | Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

/// A database that cannot be used now may be usable soon; anything else from it is a fault of ours.
impl From<sqlx::Error> for AppError {
    fn from(error: sqlx::Error) -> Self {
        // 22021, 22P05: the one character that PostgreSQL keeps in no text. It came with the request.
        let no_text = matches!(&error, sqlx::Error::Database(error) if matches!(error.code().as_deref(), Some("22021" | "22P05")));
        if is_unavailable(&error) {
            Self::Unavailable(error)
        } else if no_text {
            Self::BadRequest("a character that stands in no text".into())
        } else {
            Self::Internal(Box::new(error))
        }
    }
}

impl From<askama::Error> for AppError {
    fn from(error: askama::Error) -> Self {
        Self::Internal(Box::new(error))
    }
}

/// What [`with_page`] needs in order to write the page of an error and its line in the log.
#[derive(Clone, Debug)]
pub struct Fault {
    status: StatusCode,
    cross_site: bool,
    retry_after: Option<u32>,
    /// What went wrong on our side, for the log alone.
    cause: Option<Cause>,
}

#[derive(Clone, Debug)]
struct Cause {
    words: String,
    database: String,
}

impl Fault {
    /// A bare status, such as the router's own 405, for which nobody wrote a page; or the router's own words about an
    /// address that it cannot read, which are for us and not for visitors.
    fn without_page(response: &Response) -> Option<Self> {
        let kind = response.headers().get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
        let is_words = kind.is_some_and(|kind| kind.starts_with(b"text/plain")) && response.status().is_client_error();
        let status = response.status();
        (kind.is_none() || is_words).then_some(Self { status, cross_site: false, retry_after: None, cause: None })
    }
}

impl IntoResponse for AppError {
    fn into_response(self) -> Response {
        let status = self.status();
        let ours = status.is_server_error();
        let cause = ours.then(|| Cause { words: self.to_string(), database: self.said_by_database() });
        let retry_after = match self {
            Self::TooMany { retry_after } => Some(retry_after),
            Self::Stuck | Self::Unavailable(_) => Some(5),
            _ => None,
        };
        let mut response = status.into_response();
        let cross_site = matches!(self, Self::CrossSite);
        response.extensions_mut().insert(Fault { status, cross_site, retry_after, cause });
        response
    }
}

/// A form that could not be handled now. Its page holds everything that was typed, passwords aside, and sends it again to
/// the same address: the fields include the number under which a registration is kept once.
#[derive(Clone, Debug)]
pub struct UnsentForm {
    address: String,
    form: Submitted,
    lacks_password: bool,
}

impl UnsentForm {
    /// The form of this request, still without its fields, if a browser sends one. A script that asks for a part of a page
    /// keeps the form itself.
    pub fn of(method: &Method, uri: &Uri, headers: &HeaderMap) -> Option<Self> {
        let is_sent = *method == Method::POST && is_form(headers) && !headers.contains_key("hx-request");
        let address = uri.path_and_query().filter(|_| is_sent)?.to_string();
        Some(Self { address, form: Submitted::default(), lacks_password: false })
    }

    /// The form with its fields; none if it held nothing but passwords, or more than any form of ours.
    pub fn with_body(mut self, body: &[u8]) -> Option<Self> {
        let sent = Submitted::parse(body).ok()?;
        self.form = sent.without_passwords();
        self.lacks_password = self.form.fields().len() < sent.fields().len();
        (!self.lacks_password || !self.form.fields().is_empty()).then_some(self)
    }
}

#[derive(askama::Template)]
#[template(path = "error.html")]
struct ErrorPage {
    frame: Frame,
    status: u16,
    cross_site: bool,
    unsent: Option<UnsentForm>,
    reference: String,
}

/// What the page of an error is called.
#[derive(askama::Template)]
#[template(path = "error_title.txt")]
struct ErrorTitle {
    status: u16,
    cross_site: bool,
}

/// The page of an error instead of its bare status, in the site's frame and with the request's reference, under which
/// the log has the cause. What is no error, or has its page already, is passed on.
pub fn with_page(app: &App, reference: RequestId, mut response: Response) -> Response {
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() {
        return response;
    }
    let Some(fault) = response.extensions().get::<Fault>().cloned().or_else(|| Fault::without_page(&response)) else {
        return response;
    };
    if let Some(Cause { words, database }) = fault.cause {
        tracing::error!(id = %reference, error = words, database, "a request failed");
    }
    let (status, cross_site) = (fault.status.as_u16(), fault.cross_site);
    let title = ErrorTitle { status, cross_site }.render().unwrap_or_default();
    let page = ErrorPage {
        frame: Frame::plain(app).titled(title.trim()),
        status,
        cross_site,
        unsent: response.extensions_mut().remove::<UnsentForm>(),
        reference: reference.to_string(),
    };
    // The browser keeps no copy, for some forms hold what only somebody who is signed in may see. Back sends the form again.
    let mut page = match reply::page(&page) {
        Ok(page) => page,
        Err(_) => fault.status.into_response(),
    };
    *page.status_mut() = fault.status;
    if let Some(seconds) = fault.retry_after {
        page = reply::retry_after(page, seconds);
    }
    if let Some(allow) = response.headers().get(header::ALLOW) {
        page.headers_mut().insert(header::ALLOW, allow.clone());
    }
    page
}
