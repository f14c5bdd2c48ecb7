//! Files of the sessions in the public programme.

use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::IntoResponse,
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use tokio_util::sync::CancellationToken;

use super::items::Pages;
use crate::{
    domain::{Conference, FileId},
    store::{
        Store,
        programme::{
            Item, Side,
            files::{self, ListedFile},
        },
    },
    web::{
        App, AppError, Current, Named, Result,
        in_parts::{self, InParts},
        reply,
    },
};

/// A file on the page of its session.
pub struct FileView {
    /// Its name.
    pub name: String,
    /// What it is and how large, such as `PDF, 1.2 MB`.
    pub about: String,
    /// Its address.
    pub href: String,
}

impl FileView {
    /// Returns the files of a session.
    pub fn of(conference: &Conference, pages: Pages<'_>, item: &Item) -> Vec<Self> {
        let view = |file: &ListedFile| Self {
            name: file.name.clone(),
            about: format!("{}, {}", file.kind.as_str().to_uppercase(), size(file.length)),
            href: pages.file(conference, file.id),
        };
        item.files.iter().map(view).collect()
    }
}

/// Returns a number of bytes in words.
fn size(bytes: i32) -> String {
    match bytes {
        ..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{} kB", bytes / 1_000),
        _ => format!("{:.1} MB", f64::from(bytes) / 1e6),
    }
}

/// `GET /{c}/files/{file}`: a file of a session that the public reads about.
pub async fn get(
    State(app): State<App>,
    Current(edition): Current,
    Named(key): Named<FileId>,
    request: HeaderMap,
) -> Result {
    let file = files::find(&mut *app.store.read().await?, Side::Public, (edition.conference.id, key)).await?;
    let file = file.ok_or(AppError::NotFound)?;
    download(&app, &file, true, &request)
}

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
