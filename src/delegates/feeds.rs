//! Files for calendar programs and search engines.

use askama::Template;
use axum::{extract::State, http::HeaderMap};

use super::{items, moved};
use crate::{
    documents::calendar::{self, Entry, When},
    domain::{Conference, Rooms, Status},
    store::programme::{self, Item, Participant, items::ItemKind},
    urls,
    web::{App, AppError, ConferenceSlug, Named, Result, markdown},
};

const CALENDAR: &str = "text/calendar; charset=utf-8";

/// `GET /{c}/programme.ics`: the whole programme as a calendar, to which people can subscribe.
pub async fn programme(
    State(app): State<App>,
    Named(ConferenceSlug(slug)): Named<ConferenceSlug>,
    request: HeaderMap,
) -> Result {
    app.cached(&urls::public::programme_calendar(&slug), CALENDAR, &request, async || {
        let site = app.sites.named(&app.store, &slug).await?;
        let programme = app.sites.programme(&app.store, &site).await?;
        let items = programme.items.iter().filter(|item| !item.kind.is_break);
        let entries: Vec<Entry> = items.filter_map(|item| entry(&app, &site.conference, item)).collect();
        let name = format!("Major Cities of Europe, {} {}", site.conference.city, site.conference.year());
        Ok(calendar::file(&name, &entries).into())
    })
    .await
}

/// `GET /{c}/sessions/{slug}.ics`: one session as a calendar file.
pub async fn session(app: &App, conference: &str, slug: &str, request: &HeaderMap) -> Result {
    let file = app
        .cached(&urls::public::session_calendar(conference, slug), CALENDAR, request, async || {
            let site = app.sites.named(&app.store, conference).await?;
            let programme = app.sites.programme(&app.store, &site).await?;
            let item = programme.find(slug).ok_or(AppError::NotFound)?;
            let entry = entry(app, &site.conference, item).ok_or(AppError::NotFound)?;
            Ok(calendar::file(&item.title, &[entry]).into())
        })
        .await;
    let href = |slug: &str| urls::public::session_calendar(conference, slug);
    moved::follow(app, conference, (ItemKind::Session, slug), file, href).await
}

/// Who takes part, for a calendar entry.
#[derive(Template)]
#[template(path = "delegates/calendar_people.txt")]
struct PeopleWords<'a> {
    people: &'a [Participant],
}

/// Returns the entry of a session, if its time is known.
fn entry(app: &App, conference: &Conference, item: &Item) -> Option<Entry> {
    let slot = item.slot?;
    let url = app.absolute(&urls::public::session(&conference.slug, &item.slug));
    let people =
        PeopleWords { people: &item.people }.render().map_or_else(|_| String::new(), |text| text.trim().to_owned());
    let location = match item.rooms.said() {
        Some(rooms) if item.rooms != Rooms::WholeVenue => format!("{rooms}, {}", conference.venue),
        _ => conference.venue.clone(),
    };
    Some(Entry {
        uid: item.session.to_string(),
        when: When::Slot(slot),
        // Many calendar programs do not show STATUS.
        summary: items::marked_title(item),
        location,
        description: [
            &*item.subtitle,
            &*people,
            &*item.abstract_text,
            &*markdown::plain(&item.text, |path| app.absolute(path)),
            &*url,
        ]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join("\n\n"),
        category: Some(item.kind.name.clone()),
        url,
        organiser: None,
        status: match item.status {
            Status::Cancelled => calendar::Status::Cancelled,
            Status::Tentative => calendar::Status::Tentative,
            _ => calendar::Status::Confirmed,
        },
        sequence: item.sequence,
        changed: item.changed,
    })
}

#[derive(Template)]
#[template(path = "delegates/sitemap.xml")]
struct Sitemap {
    addresses: Vec<(String, String)>,
}

/// `GET /sitemap.xml`: every public page with the date of its last change.
pub async fn sitemap(State(app): State<App>, request: HeaderMap) -> Result {
    app.cached("/sitemap.xml", "application/xml; charset=utf-8", &request, async || {
        let listed = programme::list_addresses(&mut *app.store.read().await?).await?;
        let mut addresses = Vec::with_capacity(listed.len() + 4);
        for one in &listed {
            let changed = crate::domain::Day(one.changed.date()).iso();
            let slug = &one.conference;
            match (&one.session, &one.page, &one.person) {
                (Some(session), ..) => addresses.push((urls::public::session(slug, session), changed)),
                (_, Some(page), _) => addresses.push((urls::public::page(slug, page), changed)),
                (.., Some(person)) => addresses.push((urls::public::speaker(slug, person), changed)),
                (None, None, None) => {
                    let theirs = listed.iter().filter(|other| other.person.is_some() && other.conference == *slug);
                    let last = theirs.map(|other| other.changed).max().unwrap_or(one.changed);
                    let speakers = crate::domain::Day(last.date()).iso();
                    addresses.push((urls::public::speakers(slug), speakers));
                    addresses.push((urls::public::home(slug), changed.clone()));
                    addresses.push((urls::public::programme(slug), changed.clone()));
                    addresses.push((urls::public::register(slug), changed.clone()));
                    addresses.push((urls::public::changes(slug), changed));
                }
            }
        }
        if let Some(changed) = listed.iter().map(|one| one.changed).max() {
            addresses.push((urls::public::conferences(), crate::domain::Day(changed.date()).iso()));
        }
        let addresses = addresses.into_iter().map(|(path, changed)| (app.absolute(&path), changed)).collect();
        Ok(Sitemap { addresses }.render()?.into())
    })
    .await
}

#[derive(Template)]
#[template(path = "delegates/robots.txt")]
struct Robots {
    sitemap: String,
}

/// `GET /robots.txt`: the addresses that search engines must not visit.
pub async fn robots(State(app): State<App>, request: HeaderMap) -> Result {
    app.cached("/robots.txt", "text/plain; charset=utf-8", &request, async || {
        Ok(Robots { sitemap: app.absolute("/sitemap.xml") }.render()?.into())
    })
    .await
}
