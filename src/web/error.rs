//! The errors of requests, and their error pages.

use std::borrow::Cow;

use askama::Template as _;

use axum::{
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};

use super::{App, Frame, Submitted, extract::RequestId, form::is_form, reply};
use crate::postgres::is_unavailable;

/// The result of a handler.
pub type Result<T = Response, E = AppError> = std::result::Result<T, E>;

/// An error that ends a request. Each has a status and an error page in the site's frame.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// There is no page at this address: 404.
    #[error("not found")]
    NotFound,
    /// The page existed and is not available any more: 410.
    #[error("gone")]
    Gone,
    /// The person is signed in but does not have the role that the page requires: 403.
    #[error("forbidden")]
    Forbidden,
    /// The form was sent from another site: 403.
    #[error("cross-site request")]
    CrossSite,
    /// The request is malformed: 400.
    #[error("bad request: {0}")]
    BadRequest(Cow<'static, str>),
    /// The body is larger than the limit for its address: 413.
    #[error("body too large")]
    TooLarge,
    /// The whole request did not arrive in time: 408.
    #[error("too slow")]
    TooSlow,
    /// The whole request arrived, but its handler did not finish in time: 503.
    #[error("the handler timed out: the database, or something else that it waits for, hangs")]
    Stuck,
    /// The body is not a form: 415.
    #[error("not a form")]
    UnsupportedMediaType,
    /// A limit on attempts was reached: 429.
    #[error("too many requests")]
    TooMany {
        /// How many seconds to wait until the next attempt.
        retry_after: u32,
    },
    /// The database does not answer or cannot be written to: 503.
    #[error("unavailable: {0}")]
    Unavailable(#[source] sqlx::Error),
    /// A fault in the program: 500. The page shows a reference, under which the log has the cause.
    #[error("{0}")]
    Internal(Box<dyn std::error::Error + Send + Sync>),
}

impl AppError {
    /// Returns an error for a fault in the program.
    pub fn internal(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(error.into())
    }

    /// Returns the code and the constraint of the database's error, for the log. Its details are left out because they
    /// quote whole rows.
    fn database_code(&self) -> String {
        let error = match self {
            Self::Unavailable(error) => Some(error),
            Self::Internal(error) => error.downcast_ref::<sqlx::Error>(),
            _ => None,
        };
        let error = error.and_then(sqlx::Error::as_database_error);
        error.map_or_else(String::new, |error| {
            format!("{} {}", error.code().unwrap_or_default(), error.constraint().unwrap_or_default()).trim().to_owned()
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

/// An unavailable database is a temporary error. Every other error of the database is a fault in the program, except
/// text that PostgreSQL cannot store.
impl From<sqlx::Error> for AppError {
    fn from(error: sqlx::Error) -> Self {
        // 22021, 22P05: the text contains a NUL character, which PostgreSQL cannot store. It came with the request.
        let is_invalid_text = matches!(&error, sqlx::Error::Database(error) if matches!(error.code().as_deref(), Some("22021" | "22P05")));
        if is_unavailable(&error) {
            Self::Unavailable(error)
        } else if is_invalid_text {
            Self::BadRequest("a text contains a NUL character".into())
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

/// An error on its way to [`with_page`], which renders its page and logs its cause. Set as an extension of the
/// response.
#[derive(Clone, Debug)]
pub struct Fault {
    status: StatusCode,
    cross_site: bool,
    retry_after: Option<u32>,
    /// The cause of a server error. Only the log shows it.
    cause: Option<Cause>,
}

#[derive(Clone, Debug)]
struct Cause {
    message: String,
    database_code: String,
}

impl Fault {
    /// Returns the error of a response that has no page: a bare status such as the router's own 405, or the router's
    /// plain-text message about a malformed address, which means nothing to visitors.
    fn without_page(response: &Response) -> Option<Self> {
        let kind = response.headers().get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
        let is_plain_text =
            kind.is_some_and(|kind| kind.starts_with(b"text/plain")) && response.status().is_client_error();
        let status = response.status();
        (kind.is_none() || is_plain_text).then_some(Self { status, cross_site: false, retry_after: None, cause: None })
    }
}

impl IntoResponse for AppError {
    fn into_response(self) -> Response {
        let status = self.status();
        let cause =
            status.is_server_error().then(|| Cause { message: self.to_string(), database_code: self.database_code() });
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

/// A form that could not be handled for the moment. The error page contains everything that was typed except passwords,
/// and can send it to the same address again. That is safe for registrations, because their form contains a submission
/// number under which a registration is stored only once.
#[derive(Clone, Debug)]
pub struct UnsentForm {
    address: String,
    form: Submitted,
    lacks_password: bool,
}

impl UnsentForm {
    /// Returns the request's form, still without its fields, if a browser sends one. Requests by htmx are left out,
    /// because then the form stays on the page.
    pub fn of(method: &Method, uri: &Uri, headers: &HeaderMap) -> Option<Self> {
        let is_sent = *method == Method::POST && is_form(headers) && !headers.contains_key("hx-request");
        let address = uri.path_and_query().filter(|_| is_sent)?.to_string();
        Some(Self { address, form: Submitted::default(), lacks_password: false })
    }

    /// Adds the form's fields. Returns `None` if there are too many fields, or only passwords.
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

/// The title of an error page.
#[derive(askama::Template)]
#[template(path = "error_title.txt")]
struct ErrorTitle {
    status: u16,
    cross_site: bool,
}

/// Adds the error page to an error response that has no page of its own. The page is in the site's frame and shows the
/// request's reference, under which the log has the cause. All other responses are returned unchanged.
pub fn with_page(app: &App, reference: RequestId, mut response: Response) -> Response {
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() {
        return response;
    }
    let Some(fault) = response.extensions().get::<Fault>().cloned().or_else(|| Fault::without_page(&response)) else {
        return response;
    };
    if let Some(Cause { message, database_code }) = fault.cause {
        tracing::error!(id = %reference, error = message, database = database_code, "a request failed");
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
    // The browser stores no copy of the page, because some forms hold data for signed-in people only.
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
