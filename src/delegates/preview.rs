//! `/{c}/preview/{token}`: the draft of the programme, for people who have a link from an organiser. It is read anew for each
//! request and never cached.

use axum::{
    extract::{RawQuery, State},
    http::HeaderMap,
};
use sqlx::{Postgres, pool::PoolConnection};

use super::{
    items::Pages,
    moved,
    programme::{Filter, ProgrammePage},
    session::SessionPage,
    speaker::SpeakerPage,
};
use crate::{
    domain::{FileId, PictureId, PictureSize, Secret, Status},
    store::programme::{
        self, Programme, Side, files,
        items::ItemKind,
        people, pictures,
        previews::{self, Validity},
    },
    urls,
    web::{App, AppError, Drafted, Frame, Named, Nav, Result, Site, Slug, Token, page, reply, uploaded},
};

/// `GET /{c}/preview/{token}?day=2018-05-29&topic=city-data`: shows the draft of the programme.
pub async fn get(
    State(app): State<App>,
    Drafted(site): Drafted,
    Named(Token(token)): Named<Token>,
    RawQuery(query): RawQuery,
) -> Result {
    let draft = draft(&app, &site, &token).await?;
    let filter = Filter::parse(&query.unwrap_or_default(), &site.conference, &draft);
    let frame = Frame::of(&app, &site, Nav::None);
    page(&ProgrammePage::of(frame, &site.conference, Pages::Preview(&token), &filter, &draft)?)
}

/// `GET /{c}/preview/{token}/sessions/{slug}`: shows a session of the draft.
pub async fn session(
    State(app): State<App>,
    Drafted(site): Drafted,
    Named(Token(token)): Named<Token>,
    Named(Slug(slug)): Named<Slug>,
) -> Result {
    let draft = draft(&app, &site, &token).await?;
    let Some(item) = draft.find(&slug) else {
        let href = |slug: &str| urls::public::preview_session(&site.conference.slug, &token, slug);
        return moved::respond(&app, site.conference.id, Side::Draft, (ItemKind::Session, &slug), href).await;
    };
    page(&SessionPage::of(&app, &site, Pages::Preview(&token), item, &draft)?)
}

/// `GET /{c}/preview/{token}/speakers/{slug}`: shows a person in the draft.
pub async fn speaker(
    State(app): State<App>,
    Drafted(site): Drafted,
    Named(Token(token)): Named<Token>,
    Named(Slug(slug)): Named<Slug>,
) -> Result {
    let draft = draft(&app, &site, &token).await?;
    let conference = &site.conference;
    let found = people::find_taking(&mut *app.store.read().await?, Side::Draft, (conference.id, &slug)).await?;
    let Some(person) = found.filter(|person| person.status != Status::Withdrawn) else {
        let href = |slug: &str| urls::public::preview_speaker(&conference.slug, &token, slug);
        return moved::respond(&app, conference.id, Side::Draft, (ItemKind::Person, &slug), href).await;
    };
    page(&SpeakerPage::of(&app, &site, Pages::Preview(&token), &person, &draft)?)
}

/// `GET /{c}/preview/{token}/pictures/{picture}/{size}`: a picture in the draft.
pub async fn picture(
    State(app): State<App>,
    Drafted(site): Drafted,
    Named(Token(token)): Named<Token>,
    Named(picture): Named<PictureId>,
    Named(pixels): Named<PictureSize>,
    request: HeaderMap,
) -> Result {
    let mut conn = checked(&app, &site, &token).await?;
    let content = pictures::find(&mut conn, Side::Draft, (site.conference.id, picture), pixels).await?;
    reply::picture(&format!("{picture}-{pixels}"), content.ok_or(AppError::NotFound)?, false, &request)
}

/// `GET /{c}/preview/{token}/files/{file}`: a file in the draft.
pub async fn file(
    State(app): State<App>,
    Drafted(site): Drafted,
    Named(Token(token)): Named<Token>,
    Named(key): Named<FileId>,
    request: HeaderMap,
) -> Result {
    let mut conn = checked(&app, &site, &token).await?;
    let file = files::find(&mut conn, Side::Draft, (site.conference.id, key)).await?;
    uploaded::download(&app, &file.ok_or(AppError::NotFound)?, false, &request)
}

/// Returns the draft of the programme, if the link is valid.
async fn draft(app: &App, site: &Site, token: &str) -> Result<Programme> {
    Ok(programme::get(&mut *checked(app, site, token).await?, Side::Draft, site.conference.id).await?)
}

/// Returns a connection if the link is valid. Not found if it is unknown or belongs to another conference, gone if it was revoked.
async fn checked(app: &App, site: &Site, token: &str) -> Result<PoolConnection<Postgres>> {
    let secret = Secret::parse(token).ok_or(AppError::NotFound)?;
    let mut conn = app.store.read().await?;
    match previews::find(&mut conn, site.conference.id, &secret).await? {
        Some(Validity::Valid) => Ok(conn),
        Some(Validity::Revoked) => Err(AppError::Gone),
        None => Err(AppError::NotFound),
    }
}
