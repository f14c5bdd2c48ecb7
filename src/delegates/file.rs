//! Files of the sessions in the public programme.

use axum::{extract::State, http::HeaderMap};

use super::items::Pages;
use crate::{
    domain::{Conference, FileId},
    store::programme::{
        Item, Side,
        files::{self, ListedFile},
    },
    web::{App, AppError, Current, Named, Result, uploaded},
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
    uploaded::download(&app, &file, true, &request)
}
