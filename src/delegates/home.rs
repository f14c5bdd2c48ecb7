//! The home page of a conference, which invites people to attend.

use std::sync::Arc;

use askama::Template;
use axum::{extract::State, http::HeaderMap};
use serde_json::json;

use super::{
    description::Description,
    items::{self, Heading, ItemView, Pages, When},
};
use crate::{
    domain::{Conference, PictureSize, PictureText, RegistrationStatus, Status, TopicMark, in_words},
    store::programme::{Item, Topic},
    urls,
    web::{App, ConferenceSlug, Frame, Named, Nav, Result, Site, page_cache, texts},
};

#[derive(Template)]
#[template(path = "delegates/home.html")]
struct HomePage {
    frame: Frame,
    conference: Conference,
    /// What organisers say, as HTML: below the theme, who attends, why one should, and the invitation.
    hero_words: String,
    who: String,
    why: String,
    invitation: String,
    topics: Vec<TopicView>,
    /// The picture that organisers have uploaded. It stands where the squares of the topics and the skyline are otherwise.
    hero: Option<HeroView>,
    topics_heading: String,
    /// The abbreviation of the time zone, such as `CEST`.
    time_zone: String,
    any_provisional: bool,
    /// schema.org data for search engines, as JSON for a `<script>` element.
    data: String,
}

struct HeroView {
    small: String,
    large: String,
    text: PictureText,
}

struct TopicView {
    mark: TopicMark,
    heading: Heading,
    description: String,
    /// The number of sessions on this topic.
    count: usize,
    /// The session on this topic, if it is the only one.
    session: Option<ItemView>,
    /// The address of that session or, if there are none or several, of the programme filtered by this topic.
    href: String,
}

/// `GET /`: the home page of the current conference.
pub async fn current(State(app): State<App>, request: HeaderMap) -> Result {
    app.cached(&urls::public::root(), page_cache::HTML, &request, async || {
        let site = app.sites.current(&app.store).await?;
        render(&app, &site).await
    })
    .await
}

/// `GET /{c}`: the home page of this conference.
pub async fn get(
    State(app): State<App>,
    Named(ConferenceSlug(slug)): Named<ConferenceSlug>,
    request: HeaderMap,
) -> Result {
    app.cached(&urls::public::home(&slug), page_cache::HTML, &request, async || {
        let site = app.sites.named(&app.store, &slug).await?;
        render(&app, &site).await
    })
    .await
}

impl HomePage {
    /// Whether the page gives the time of a topic.
    fn shows_times(&self) -> bool {
        self.topics.iter().any(|topic| topic.when().is_some())
    }

    /// Whether the page describes the state of registration. It does unless registration is simply open.
    fn shows_registration_status(&self) -> bool {
        self.frame.registration.is_some_and(|status| status != RegistrationStatus::Open)
    }
}

async fn render(app: &App, site: &Arc<Site>) -> Result<page_cache::Rendered> {
    let conference = site.conference.clone();
    let programme = app.sites.programme(&app.store, site).await?;
    let items = &programme.items;
    let next_turn = conference.next_turn(app.clock.now());
    let description = Description::Home(&conference).text()?;
    let hero = conference.hero.as_ref().map(|picture| HeroView {
        small: urls::public::picture(&conference.slug, picture.id, PictureSize::Wide),
        large: urls::public::picture(&conference.slug, picture.id, PictureSize::Widest),
        text: picture.text.clone(),
    });
    let frame = Frame::of(app, site, Nav::Home)
        .titled(conference.title.clone())
        .published_at(&urls::public::home(&conference.slug), description.clone());
    let pictures = hero.iter().map(|hero| app.absolute(&hero.large)).chain([frame.share_image().0]).collect::<Vec<_>>();
    let page = HomePage {
        hero_words: texts::published(site, texts::HERO),
        who: texts::published(site, texts::WHO),
        why: texts::published(site, texts::WHY),
        invitation: texts::published(site, texts::INVITATION),
        topics_heading: topics_heading(programme.topics.len()),
        topics: programme.topics.iter().map(|topic| TopicView::of(&conference, topic, items)).collect(),
        time_zone: items::time_zone(&conference, items),
        any_provisional: items.iter().any(|item| item.status == Status::Tentative),
        data: event_data(app, &conference, &description, &pictures),
        frame,
        hero,
        conference,
    };
    Ok(page_cache::Rendered::from(page.render()?).expiring_at(next_turn))
}

/// Returns the heading of the topics: "Seven topics".
fn topics_heading(number: usize) -> String {
    if number == 1 {
        return "One topic".to_owned();
    }
    let words = in_words(number);
    let mut rest = words.chars();
    let first = rest.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{} topics", rest.as_str())
}

impl TopicView {
    /// Returns when its only session takes place, if that is known.
    fn when(&self) -> Option<&When> {
        self.session.as_ref()?.when.as_ref()
    }

    fn of(conference: &Conference, topic: &Topic, items: &[Item]) -> Self {
        let on_topic: Vec<&Item> =
            items.iter().filter(|item| item.topic == Some(topic.mark) && !item.is_cancelled()).collect();
        let session = match on_topic[..] {
            [item] => Some(ItemView::of(conference, Pages::Public, item)),
            _ => None,
        };
        let href = session.as_ref().map_or_else(
            || urls::public::programme_of(&conference.slug, None, Some(&topic.slug)),
            |session| session.href.clone(),
        );
        let description = topic.description.clone();
        Self { mark: topic.mark, heading: Heading::of(&topic.title), description, count: on_topic.len(), session, href }
    }
}

fn event_data(app: &App, conference: &Conference, description: &str, pictures: &[String]) -> String {
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
        "image": pictures,
        "location": items::place(conference),
        "organizer": items::organiser(conference),
    });
    items::in_page(&data)
}
