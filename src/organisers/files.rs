//! Files in the form of a session. Like a picture, a file is stored as soon as it arrives, and the form carries its key from then on.

use axum::{
    extract::{Request, State},
    http::HeaderMap,
};

use super::session_files::{with_refused, with_upload, without_removed};
use crate::{
    access::Person,
    documents::file_type::{FileError, LARGEST_FILE, recognised},
    domain::{FileId, FileName},
    store::programme::files,
    web::{App, AppError, Current, Named, Result, Site, Submitted, Upload, multipart::File, uploaded},
};

/// `GET /organisers/{c}/files/{file}`: a file, public or not.
pub async fn get(
    State(app): State<App>,
    Current(edition): Current,
    _: Person,
    Named(key): Named<FileId>,
    request: HeaderMap,
) -> Result {
    let file = files::find_any(&mut *app.store.read().await?, (edition.conference.id, key)).await?;
    let file = file.ok_or(AppError::NotFound)?;
    uploaded::download(&app, &file, false, &request)
}

/// Reads a form, stores its file and returns the form with the file's key, without the files that are to be removed. If the file is
/// refused, the form says so.
pub async fn received(app: &App, site: &Site, request: Request) -> Result<Submitted> {
    let Upload { form, mut files } = Upload::read(request, app, LARGEST_FILE).await?;
    let form = without_removed(&form);
    let (uploaded, content) = match files.pop().map(|(_, file)| file) {
        None => return Ok(form),
        Some(File::TooLarge) => return Ok(with_refused(&form, FileError::TooLarge)),
        Some(File::Content(name, content)) => (name, content),
    };
    let kind = match recognised(&content) {
        Ok(kind) => kind,
        Err(error) => return Ok(with_refused(&form, error)),
    };
    let name = FileName::of(&uploaded, kind);
    let mut tx = app.store.begin().await?;
    let key = files::insert(&mut tx, site.conference.id, (&name, kind, &content), app.clock.now()).await?;
    tx.commit().await?;
    Ok(with_upload(&form, key))
}
