//! The errors of requests.

use std::borrow::Cow;

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};

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
    /// The session was withdrawn from the programme: 410.
    #[error("withdrawn")]
    Withdrawn,
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
            Self::Gone | Self::Withdrawn => StatusCode::GONE,
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

/// An error on its way to [`with_page`](super::error_page::with_page), which renders its page and logs its cause. Set as
/// an extension of the response.
#[derive(Clone, Debug)]
pub(super) struct Fault {
    pub status: StatusCode,
    pub cross_site: bool,
    pub withdrawn: bool,
    pub retry_after: Option<u32>,
    /// The cause of a server error. Only the log shows it.
    pub cause: Option<Cause>,
}

#[derive(Clone, Debug)]
pub(super) struct Cause {
    pub message: String,
    pub database_code: String,
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
        let (cross_site, withdrawn) = (matches!(self, Self::CrossSite), matches!(self, Self::Withdrawn));
        response.extensions_mut().insert(Fault { status, cross_site, withdrawn, retry_after, cause });
        response
    }
}
