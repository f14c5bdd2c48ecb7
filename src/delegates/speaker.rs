//! The page of one person who takes part in sessions.

use std::sync::Arc;

use askama::Template;
use axum::{extract::State, http::HeaderMap};
use serde_json::json;

use super::{
    description::Description,
    items::{self, Pages},
    links::{self, LinkView},
    moved,
    people::{PersonView, Portrait},
};
use crate::{
    domain::{Conference, Status},
    store::programme::{
        Programme, Side,
        items::ItemKind,
        people::{self, Taking},
    },
    urls,
    web::{App, AppError, ConferenceSlug, Frame, Named, Nav, Result, Site, Slug, markdown, page_cache, reply},
};

/// The page of a person, of the public programme or of the draft.
#[derive(Template)]
#[template(path = "delegates/speaker.html")]
pub struct SpeakerPage {
    frame: Frame,
    person: PersonView,
    /// The address of the list of everybody, which a preview has not.
    all: Option<String>,
    text: String,
    links: Vec<LinkView>,
    /// The person as data for search engines; `None` if the page is not public.
    data: Option<String>,
}

/// `GET /{c}/speakers/{slug}`: one person. The address of somebody who was entered twice leads to the other entry.
pub async fn get(
    State(app): State<App>,
    Named(ConferenceSlug(conference)): Named<ConferenceSlug>,
    Named(Slug(slug)): Named<Slug>,
    request: HeaderMap,
) -> Result {
    let path = urls::public::speaker(&conference, &slug);
    let mut same = None;
    let response = app.cached(&path, page_cache::HTML, &request, async || {
        let site = app.sites.named(&app.store, &conference).await?;
        let conference = &site.conference;
        let next_turn = conference.next_turn(app.clock.now());
        let key = (conference.id, &*slug);
        let person = people::find_taking(&mut *app.store.read().await?, Side::Public, key).await?;
        let person = person.ok_or(AppError::NotFound)?;
        if person.status == Status::Withdrawn {
            same = person.successor.map(|other| urls::public::speaker(&conference.slug, &other));
            return Err(AppError::Gone);
        }
        let programme = app.sites.programme(&app.store, &site).await?;
        let page = SpeakerPage::of(&app, &site, Pages::Public, &person, &programme)?;
        Ok(page_cache::Rendered::from(page.render()?).expiring_at(next_turn))
    });
    match (response.await, same) {
        (Err(AppError::Gone), Some(other)) => Ok(reply::moved(&other)),
        (response, _) => {
            let href = |slug: &str| urls::public::speaker(&conference, slug);
            moved::follow(&app, &conference, (ItemKind::Person, &slug), response, href).await
        }
    }
}

impl SpeakerPage {
    /// Makes the page. It is public unless it belongs to a preview.
    pub fn of(
        app: &App,
        site: &Arc<Site>,
        pages: Pages<'_>,
        person: &Taking,
        programme: &Programme,
    ) -> askama::Result<Self> {
        let conference = &site.conference;
        let is_preview = pages != Pages::Public;
        let frame = if is_preview {
            Frame::of(app, site, Nav::None).previewing(&person.name, pages.programme(conference, None, None))
        } else {
            Frame::of(app, site, Nav::Speakers).titled(person.name.clone()).published_at(
                &urls::public::speaker(&conference.slug, &person.slug),
                Description::Speaker(conference, person).text()?,
            )
        };
        let view = PersonView::of(conference, pages, programme, person);
        Ok(Self {
            data: (!is_preview).then(|| person_data(app, conference, person, (&view, &frame))),
            all: (!is_preview).then(|| urls::public::speakers(&conference.slug)),
            text: markdown::html(&person.text),
            links: links::shown(&person.links),
            frame,
            person: view,
        })
    }
}

fn person_data(app: &App, conference: &Conference, person: &Taking, (view, frame): (&PersonView, &Frame)) -> String {
    let sessions = view.sessions.iter().filter_map(|taken| {
        let (item, when) = (&taken.item, taken.item.when.as_ref()?);
        Some(json!({
            "@type": "Event",
            "name": item.title(),
            "url": app.absolute(&item.href),
            "startDate": when.starts_iso,
            "endDate": when.ends_iso,
            "location": items::place(conference),
        }))
    });
    let mut data = json!({
        "@context": "https://schema.org",
        "@type": "Person",
        "name": person.name,
        "url": frame.canonical,
        "performerIn": items::event(app, conference),
    });
    data["performerIn"]["subEvent"] = sessions.collect();
    if !person.job_title.is_empty() {
        data["jobTitle"] = person.job_title.as_str().into();
    }
    if !person.organisation.is_empty() {
        data["worksFor"] = json!({ "@type": "Organization", "name": person.organisation });
    }
    if !view.home.is_empty() {
        data["homeLocation"] = json!({ "@type": "Place", "name": view.home });
    }
    if !person.text.is_empty() {
        data["description"] = markdown::summary(&person.text, 300).into();
    }
    if let Some(Portrait { large, .. }) = &view.portrait {
        data["image"] = app.absolute(large).into();
    }
    let links: Vec<_> = person.links.iter().map(|link| link.address.as_str()).collect();
    if !links.is_empty() {
        data["sameAs"] = links.into();
    }
    items::in_page(&data)
}
