//! Pictures in the form of a person. A picture is stored as soon as it arrives, and the form carries its key from then on. So it
//! need not be chosen again when the form is shown again, for whatever reason.

use axum::{
    extract::{Request, State},
    http::HeaderMap,
};
use tokio::sync::Semaphore;

use super::person::{PICTURE, Person as Kind, REMOVE_PICTURE, refused_picture};
use crate::{
    access::Person,
    documents::picture::{self, Encoded, LARGEST_FILE, PictureError},
    domain::{PersonId, PictureId, PictureSize},
    editing::{About, add as adding, conflict::with, save as saving},
    store::programme::pictures,
    web::{App, AppError, Current, Drafted, Named, Result, Site, Submitted, Upload, multipart::File, reply},
};

/// One picture at a time is decoded, because that takes much memory and a whole processor.
static DECODING: Semaphore = Semaphore::const_new(1);

/// `POST /organisers/{c}/people/new`.
pub async fn add(State(app): State<App>, Drafted(site): Drafted, person: Person, request: Request) -> Result {
    let form = received(&app, &site, request).await?;
    adding::post::<Kind>(State(app), Drafted(site), person, form).await
}

/// `POST /organisers/{c}/people/{person}`.
pub async fn save(
    State(app): State<App>,
    Drafted(site): Drafted,
    person: Person,
    Named(id): Named<PersonId>,
    request: Request,
) -> Result {
    let form = received(&app, &site, request).await?;
    saving::post::<Kind>(State(app), Drafted(site), person, About(id), form).await
}

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

/// Reads a form, stores its picture and returns the form with the picture's key. If the file is no picture, the form says so.
async fn received(app: &App, site: &Site, request: Request) -> Result<Submitted> {
    let Upload { form, file } = Upload::read(request, app, LARGEST_FILE).await?;
    let encoded = match file {
        None if form.has(REMOVE_PICTURE) => return Ok(with(&form, PICTURE, "")),
        None => return Ok(form),
        Some(File::TooLarge) => Err(PictureError::FileTooLarge),
        Some(File::Content(_, file)) => encoded(file).await?,
    };
    match encoded {
        Ok(sizes) => {
            let mut tx = app.store.begin().await?;
            let picture = pictures::insert(&mut tx, site.conference.id, &sizes, app.clock.now()).await?;
            tx.commit().await?;
            Ok(with(&form, PICTURE, picture))
        }
        Err(error) => Ok(with(&form, PICTURE, refused_picture(error, &form))),
    }
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
