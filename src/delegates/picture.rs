//! Pictures of the people in the public programme.

use axum::{extract::State, http::HeaderMap};

use crate::{
    domain::{PictureId, PictureSize},
    store::programme::{Side, pictures},
    web::{App, AppError, Current, Named, Result, reply},
};

/// `GET /{c}/pictures/{picture}/{size}`: a picture of somebody whom the public reads about.
pub async fn get(
    State(app): State<App>,
    Current(edition): Current,
    Named(picture): Named<PictureId>,
    Named(size): Named<PictureSize>,
    request: HeaderMap,
) -> Result {
    let key = (edition.conference.id, picture);
    let content = pictures::find(&mut *app.store.read().await?, Side::Public, key, size).await?;
    reply::picture(&format!("{picture}-{size}"), content.ok_or(AppError::NotFound)?, true, &request)
}
