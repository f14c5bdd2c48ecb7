//! `/conferences`: all conferences, past and coming.

use std::sync::Arc;

use askama::Template;
use axum::{extract::State, http::HeaderMap};

use crate::{
    domain::RegistrationStatus,
    urls,
    web::{App, Frame, Nav, Result, Site, page_cache},
};

#[derive(Template)]
#[template(path = "delegates/conferences.html")]
struct ConferencesPage {
    frame: Frame,
    /// Those that are not over, the next first.
    coming: Vec<Listed>,
    /// Those that are over, the last first.
    over: Vec<Listed>,
}

/// A conference in the list.
struct Listed {
    site: Arc<Site>,
    can_register: bool,
}

/// `GET /conferences`.
pub async fn get(State(app): State<App>, request: HeaderMap) -> Result {
    let path = urls::public::conferences();
    app.cached(&path, page_cache::HTML, &request, async || {
        let now = app.clock.now();
        let current = app.sites.current(&app.store).await?;
        let (mut coming, mut over, mut next_turn) = (Vec::new(), Vec::new(), None);
        for edition in current.listed() {
            let site = app.sites.named(&app.store, &edition.slug).await?;
            next_turn = [site.conference.next_turn(now), next_turn].into_iter().flatten().min();
            let can_register = RegistrationStatus::can_register(site.registration(now));
            let list = if site.conference.is_over(now) { &mut over } else { &mut coming };
            list.push(Listed { site, can_register });
        }
        coming.reverse();
        let frame = Frame::of(&app, &current, Nav::None)
            .titled("Conferences")
            .published_at(&path, "The annual conferences of Major Cities of Europe, past and coming.");
        Ok(page_cache::Rendered::from(ConferencesPage { frame, coming, over }.render()?).expiring_at(next_turn))
    })
    .await
}
