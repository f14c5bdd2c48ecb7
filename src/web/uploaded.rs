//! Downloads of files that organisers uploaded.

use axum::{
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::IntoResponse,
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use tokio_util::sync::CancellationToken;

use super::{
    App, AppError, Result,
    in_parts::{self, InParts},
    reply,
};
use crate::{
    domain::FileId,
    store::{
        Store,
        programme::files::{self, ListedFile},
    },
};

/// Responds with a file to be saved, never shown, because somebody uploaded it.
pub fn download(app: &App, file: &ListedFile, is_public: bool, request: &HeaderMap) -> Result {
    let (etag, is_known) = reply::tagged(&file.id.to_string(), request)?;
    let name = utf8_percent_encode(&file.name, NON_ALPHANUMERIC);
    let name = HeaderValue::try_from(format!("attachment; filename*=UTF-8''{name}")).map_err(AppError::internal)?;
    // It may be withdrawn, so caches do not keep it for long without asking.
    let whose = if is_public { "public, max-age=300" } else { "private, no-cache" };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(file.kind.media_type())),
        (header::CONTENT_DISPOSITION, name),
        (header::CACHE_CONTROL, HeaderValue::from_static(whose)),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox")),
        (header::ETAG, etag),
    ];
    if is_known {
        return Ok((StatusCode::NOT_MODIFIED, headers).into_response());
    }
    let content = Content { store: app.store.clone(), file: file.id, sent: 0, length: file.length };
    let length = [(header::CONTENT_LENGTH, file.length)];
    Ok((headers, length, in_parts::body(content, CancellationToken::new())).into_response())
}

/// The content of a file.
struct Content {
    store: Store,
    file: FileId,
    sent: i32,
    length: i32,
}

impl InParts for Content {
    async fn next(&mut self) -> Result<Option<Vec<u8>>> {
        if self.sent == self.length {
            return Ok(None);
        }
        let part = files::part(&mut *self.store.read().await?, self.file, self.sent).await?;
        let part = part.ok_or(AppError::NotFound)?;
        self.sent += i32::try_from(part.len()).map_err(AppError::internal)?;
        Ok(Some(part))
    }
}
