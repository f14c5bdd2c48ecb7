//! The people who take part in sessions, on one page.

use askama::Template;
use axum::{extract::State, http::HeaderMap};

use super::{description::Description, items::Pages, people::PersonView};
use crate::{
    domain::Conference,
    store::programme::{Side, people},
    urls,
    web::{App, ConferenceSlug, Frame, Named, Nav, Result, page_cache},
};

#[derive(Template)]
#[template(path = "delegates/speakers.html")]
struct SpeakersPage {
    frame: Frame,
    conference: Conference,
    people: Vec<PersonView>,
}

/// `GET /{c}/speakers`: everybody of whom the public reads, by their sort names.
pub async fn get(
    State(app): State<App>,
    Named(ConferenceSlug(conference)): Named<ConferenceSlug>,
    request: HeaderMap,
) -> Result {
    let path = urls::public::speakers(&conference);
    app.cached(&path, page_cache::HTML, &request, async || {
        let site = app.sites.named(&app.store, &conference).await?;
        let conference = &site.conference;
        let next_turn = conference.next_turn(app.clock.now());
        let programme = app.sites.programme(&app.store, &site).await?;
        let people = people::list_taking(&mut *app.store.read().await?, Side::Public, conference.id).await?;
        let frame = Frame::of(&app, &site, Nav::Speakers)
            .titled("Speakers")
            .published_at(&path, Description::Speakers(conference).text()?);
        let people =
            people.iter().map(|person| PersonView::of(conference, Pages::Public, &programme, person)).collect();
        let page = SpeakersPage { frame, conference: conference.clone(), people };
        Ok(page_cache::Rendered::from(page.render()?).expiring_at(next_turn))
    })
    .await
}
