//! What can go wrong with a request.

use std::borrow::Cow;

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};

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

/// What [`with_page`](super::error_page::with_page) needs in order to write the page of an error and its line in the log.
#[derive(Clone, Debug)]
pub(super) struct Fault {
    pub status: StatusCode,
    pub cross_site: bool,
    pub retry_after: Option<u32>,
    /// What went wrong on our side, for the log alone.
    pub cause: Option<Cause>,
}

#[derive(Clone, Debug)]
pub(super) struct Cause {
    pub words: String,
    pub database: String,
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
