//! Pictures in the form of a person. A picture is stored as soon as it arrives, and the form carries its key from then on. So it
//! need not be chosen again when the form is shown again, for whatever reason.

use axum::{
    extract::{Request, State},
    http::HeaderMap,
};
use tokio::sync::Semaphore;

use crate::{
    access::Person,
    documents::picture::{self, Encoded, LARGEST_FILE, PictureError},
    domain::{PictureId, PictureSize},
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

/// Reads a form and stores its picture. Returns the form, with the picture's key or why its file is no picture, if there is one.
pub async fn received(
    app: &App,
    site: &Site,
    request: Request,
) -> Result<(Submitted, Option<Result<PictureId, PictureError>>)> {
    let Upload { form, file } = Upload::read(request, app, LARGEST_FILE).await?;
    let encoded = match file {
        None => return Ok((form, None)),
        Some(File::TooLarge) => Err(PictureError::FileTooLarge),
        Some(File::Content(_, file)) => encoded(file).await?,
    };
    let sizes = match encoded {
        Ok(sizes) => sizes,
        Err(error) => return Ok((form, Some(Err(error)))),
    };
    let mut tx = app.store.begin().await?;
    let picture = pictures::insert(&mut tx, site.conference.id, &sizes, app.clock.now()).await?;
    tx.commit().await?;
    Ok((form, Some(Ok(picture))))
}

async fn encoded(file: Vec<u8>) -> Result<Result<Vec<Encoded>, PictureError>> {
    let permit = DECODING.acquire().await.map_err(AppError::internal)?;
    // The permit goes along: if the request ends early, the work goes on.
    let work = move || {
        let _permit = permit;
        picture::encode(&file)
    };
    match tokio::task::spawn_blocking(work).await {
        Ok(encoded) => Ok(encoded),
        Err(error) => {
            tracing::warn!(%error, "a picture could not be decoded");
            Ok(Err(PictureError::Broken))
        }
    }
}
