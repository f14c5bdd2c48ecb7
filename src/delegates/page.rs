//! Pages that organisers write, such as the imprint and the privacy notice.

use askama::Template;
use axum::{extract::State, http::HeaderMap};

use super::moved;
use crate::{
    domain::{AnswerReaders, Conference, Question},
    store::{
        programme::{items::ItemKind, pages},
        registrations::questions,
    },
    urls,
    web::{App, AppError, ConferenceSlug, Frame, Named, Nav, Result, Slug, markdown, page_cache},
};

#[derive(Template)]
#[template(path = "delegates/page.html")]
struct WrittenPage {
    frame: Frame,
    conference: Conference,
    title: String,
    text: String,
    draft: bool,
    /// The questions of the registration form, which the privacy notice lists.
    questions: Vec<Question>,
}

/// `GET /{c}/pages/{slug}`: shows a published page.
pub async fn get(
    State(app): State<App>,
    Named(ConferenceSlug(conference)): Named<ConferenceSlug>,
    Named(Slug(slug)): Named<Slug>,
    request: HeaderMap,
) -> Result {
    let path = urls::public::page(&conference, &slug);
    let page = app
        .cached(&path, page_cache::HTML, &request, async || {
            let site = app.sites.named(&app.store, &conference).await?;
            let next_turn = site.conference.next_turn(app.clock.now());
            let mut conn = app.store.read().await?;
            let page = pages::find_published(&mut conn, site.conference.id, &slug).await?.ok_or(AppError::NotFound)?;
            // Only the privacy notice lists them.
            let questions = if page.is_privacy_notice {
                questions::asked(&mut conn, site.conference.id).await?
            } else {
                Vec::new()
            };
            let frame = Frame::of(&app, &site, Nav::Page(page.id))
                .titled(page.title.clone())
                .published_at(&path, markdown::summary(&page.text, 200));
            let page = WrittenPage {
                frame,
                conference: site.conference.clone(),
                title: page.title,
                text: markdown::html(&page.text),
                draft: page.draft,
                questions,
            };
            Ok(page_cache::Rendered::from(page.render()?).expiring_at(next_turn))
        })
        .await;
    let href = |slug: &str| urls::public::page(&conference, slug);
    moved::follow(&app, &conference, (ItemKind::Page, &slug), page, href).await
}
