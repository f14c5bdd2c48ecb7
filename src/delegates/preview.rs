//! `/{c}/preview/{token}`: the draft of the programme, for people who have a link from an organiser. It is read anew for each
//! request and never cached.

use axum::extract::{RawQuery, State};

use super::{
    items::Pages,
    moved,
    programme::{Filter, ProgrammePage},
    session::SessionPage,
};
use crate::{
    domain::Secret,
    store::programme::{
        self, Programme, Side,
        items::ItemKind,
        previews::{self, Validity},
    },
    urls,
    web::{App, AppError, Drafted, Frame, Named, Nav, Result, Site, Slug, Token, page},
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

/// Returns the draft of the programme. Not found if the link is unknown or belongs to another conference, gone if it was revoked.
async fn draft(app: &App, site: &Site, token: &str) -> Result<Programme> {
    let secret = Secret::parse(token).ok_or(AppError::NotFound)?;
    let mut conn = app.store.read().await?;
    match previews::find(&mut conn, site.conference.id, &secret).await? {
        Some(Validity::Valid) => Ok(programme::get(&mut conn, Side::Draft, site.conference.id).await?),
        Some(Validity::Revoked) => Err(AppError::Gone),
        None => Err(AppError::NotFound),
    }
}
