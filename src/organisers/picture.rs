//! Pictures in the forms of people and of the conference. A picture is stored as soon as it arrives, and the form carries its key from then on. So it
//! need not be chosen again when the form is shown again, for whatever reason.

use std::collections::HashMap;

use axum::{
    extract::{Request, State},
    http::HeaderMap,
};
use tokio::sync::Semaphore;

use super::picture_field::PictureField;
use crate::{
    access::Person,
    documents::picture::{self, Encoded, LARGEST_FILE, PictureError},
    domain::{PictureId, PictureSize, PictureUse},
    store::programme::pictures,
    web::{App, AppError, Current, Named, Result, Site, Submitted, Upload, multipart::File, reply},
};

/// One picture at a time is decoded, because that takes much memory and a whole processor.
static DECODING: Semaphore = Semaphore::const_new(1);

/// `GET /organisers/{c}/pictures/{picture}/{size}`: a picture, public or not.
pub async fn get(
    State(app): State<App>,
    Current(edition): Current,
    _: Person,
    Named(picture): Named<PictureId>,
    Named(size): Named<PictureSize>,
    request: HeaderMap,
) -> Result {
    let key = (edition.conference.id, picture);
    let content = pictures::find_any(&mut *app.store.read().await?, key, size).await?;
    reply::picture(&format!("{picture}-{size}"), content.ok_or(AppError::NotFound)?, false, &request)
}

/// Reads a form and stores the pictures in these fields. Returns the form with their keys, or with why a file is no picture.
pub async fn received(app: &App, site: &Site, request: Request, fields: &[PictureField]) -> Result<Submitted> {
    let Upload { mut form, files } = Upload::read(request, app, LARGEST_FILE).await?;
    let mut files: HashMap<String, File> = files.into_iter().collect();
    for field in fields {
        let uploaded = match files.remove(field.file) {
            None => None,
            Some(File::TooLarge) => Some(Err(PictureError::FileTooLarge)),
            Some(File::Content(_, file)) => match encoded(file, field.what).await? {
                Ok(sizes) => Some(Ok(stored(app, site, &sizes).await?)),
                Err(error) => Some(Err(error)),
            },
        };
        form = field.with_upload(&form, uploaded);
    }
    Ok(form)
}

async fn stored(app: &App, site: &Site, sizes: &[Encoded]) -> Result<PictureId> {
    let mut tx = app.store.begin().await?;
    let picture = pictures::insert(&mut tx, site.conference.id, sizes, app.clock.now()).await?;
    tx.commit().await?;
    Ok(picture)
}

async fn encoded(file: Vec<u8>, what: PictureUse) -> Result<Result<Vec<Encoded>, PictureError>> {
    let permit = DECODING.acquire().await.map_err(AppError::internal)?;
    // The permit goes along: if the request ends early, the work goes on.
    let work = move || {
        let _permit = permit;
        picture::encode(&file, what)
    };
    match tokio::task::spawn_blocking(work).await {
        Ok(encoded) => Ok(encoded),
        Err(error) => {
            tracing::warn!(%error, "a picture could not be decoded");
            Ok(Err(PictureError::Broken))
        }
    }
}
