//! The home of a conference: the invitation.

use std::sync::Arc;

use askama::Template;
use axum::{extract::State, http::HeaderMap};
use serde_json::json;

use super::items::{self, Heading, ItemView};
use crate::{
    domain::{Conference, RegistrationStatus},
    store::programme::{Item, Topic},
    urls,
    web::{App, ConferenceSlug, Frame, Named, Nav, Result, Site, page_cache},
};

#[derive(Template)]
#[template(path = "delegates/home.html")]
struct HomePage {
    frame: Frame,
    conference: Conference,
    topics: Vec<TopicView>,
    /// What clocks there are called: `CEST`.
    clocks: String,
    any_provisional: bool,
    /// schema.org data for search engines, as JSON without `<`.
    data: String,
}

struct TopicView {
    number: i16,
    heading: Heading,
    description: String,
    /// The first session about it; none is planned yet.
    session: Option<ItemView>,
    href: String,
}

/// `GET /`: the current conference.
pub async fn current(State(app): State<App>, request: HeaderMap) -> Result {
    app.kept(&urls::public::root(), page_cache::HTML, &request, async || {
        let site = app.sites.current(&app.store).await?;
        render(&app, &site).await
    })
    .await
}

/// `GET /{c}`: this conference.
pub async fn get(
    State(app): State<App>,
    Named(ConferenceSlug(slug)): Named<ConferenceSlug>,
    request: HeaderMap,
) -> Result {
    app.kept(&urls::public::home(&slug), page_cache::HTML, &request, async || {
        let site = app.sites.named(&app.store, &slug).await?;
        render(&app, &site).await
    })
    .await
}

impl HomePage {
    /// Whether something is to be said about registration beside its button.
    fn has_remark(&self) -> bool {
        self.frame.registration.is_some_and(|status| status != RegistrationStatus::Open)
    }
}

async fn render(app: &App, site: &Arc<Site>) -> Result<page_cache::Rendered> {
    let conference = site.conference.clone();
    let programme = app.sites.programme(&app.store, site).await?;
    let items = &programme.items;
    let next_turn = conference.window().next_turn(app.clock.now());
    let description = format!(
        "{}. {}: {}, {}.",
        conference.title,
        conference.theme.trim_end_matches('.'),
        conference.venue,
        conference.dates()
    );
    let page = HomePage {
        frame: Frame::of(app, site, Nav::Home)
            .titled(conference.title.clone())
            .published_at(&urls::public::home(&conference.slug), description.clone()),
        topics: programme.topics.iter().map(|topic| TopicView::of(&conference, topic, items)).collect(),
        clocks: items::clocks(&conference, items),
        any_provisional: items.iter().any(|item| item.provisional),
        data: event_data(app, &conference, &description),
        conference,
    };
    Ok(page_cache::Rendered::from(page.render()?).until(next_turn))
}

impl TopicView {
    fn of(conference: &Conference, topic: &Topic, items: &[Item]) -> Self {
        let session =
            items.iter().find(|item| item.topic == Some(topic.number)).map(|item| ItemView::of(conference, item));
        let href = session.as_ref().map_or_else(
            || urls::public::programme_of(&conference.slug, None, Some(&topic.slug)),
            |session| session.href.clone(),
        );
        let description = topic.description.clone();
        Self { number: topic.number, heading: Heading::of(&topic.title), description, session, href }
    }
}

fn event_data(app: &App, conference: &Conference, description: &str) -> String {
    let data = json!({
        "@context": "https://schema.org",
        "@type": "Event",
        "name": conference.title,
        "description": description,
        "url": app.absolute(&urls::public::home(&conference.slug)),
        "startDate": conference.first_day.iso(),
        "endDate": conference.last_day.iso(),
        "eventAttendanceMode": "https://schema.org/OfflineEventAttendanceMode",
        "eventStatus": "https://schema.org/EventScheduled",
        "image": app.absolute(crate::web::static_files::IMAGES_SHARE_PNG),
        "location": items::place(conference),
        "organizer": { "@type": "Organization", "name": "Major Cities of Europe", "email": conference.contact_email },
    });
    items::in_page(&data)
}
