//! The page of one session: its text, time, place and position in its day. Also its calendar file, which has the same
//! address with `.ics` at the end.

use std::sync::Arc;

use askama::Template;
use axum::{extract::State, http::HeaderMap};
use serde_json::json;

use super::{
    description::Description,
    feeds,
    file::FileView,
    items::{self, Heading, Hours, ItemView, Pages},
    links::{self, LinkView},
    moved,
};
use crate::{
    domain::{Conference, Language, Rooms, TimeSlot, TopicMark, Zone},
    store::programme::{Item, Programme, items::ItemKind},
    urls,
    web::{App, AppError, ConferenceSlug, Frame, Named, Nav, Result, Site, Slug, markdown, page_cache},
};

/// The largest number of sessions on the day strip. On a day with more, it shows those in the same room.
const MOST_ON_STRIP: usize = 24;

/// The page of a session, of the public programme or of the draft.
#[derive(Template)]
#[template(path = "delegates/session.html")]
pub struct SessionPage<'a> {
    frame: Frame,
    pages: Pages<'a>,
    conference: Conference,
    item: ItemView,
    time_zone: String,
    language: Option<Language>,
    text: String,
    links: Vec<LinkView>,
    files: Vec<FileView>,
    /// The session that it is a part of.
    parent: Option<ItemView>,
    /// The sessions that are parts of it.
    parts: Vec<ItemView>,
    topic: Option<TopicLink>,
    /// The address of the session as a calendar entry, if there is one.
    calendar: Option<String>,
    /// The address of the registration form, while delegates can register.
    register: Option<String>,
    /// The hours and items of the day strip.
    hours: Hours,
    day: Vec<StripItem>,
    /// Whether the strip shows only what concerns the rooms of this session.
    is_of_room: bool,
    before: Option<ItemView>,
    after: Option<ItemView>,
    /// The session as data for search engines; `None` if it is not public.
    data: Option<String>,
}

struct TopicLink {
    mark: TopicMark,
    heading: Heading,
    href: String,
}

struct StripItem {
    item: ItemView,
    is_current: bool,
}

/// `GET /{c}/sessions/{slug}` and `GET /{c}/sessions/{slug}.ics`: shows a session, or returns its calendar file.
pub async fn get(
    State(app): State<App>,
    Named(ConferenceSlug(conference)): Named<ConferenceSlug>,
    Named(Slug(slug)): Named<Slug>,
    request: HeaderMap,
) -> Result {
    if let Some(slug) = slug.strip_suffix(".ics") {
        return feeds::session(&app, &conference, slug, &request).await;
    }
    let page = app
        .cached(&urls::public::session(&conference, &slug), page_cache::HTML, &request, async || {
            let site = app.sites.named(&app.store, &conference).await?;
            let next_turn = site.conference.next_turn(app.clock.now());
            let programme = app.sites.programme(&app.store, &site).await?;
            let item = programme.find(&slug).ok_or(AppError::NotFound)?;
            let page = SessionPage::of(&app, &site, Pages::Public, item, &programme)?;
            Ok(page_cache::Rendered::from(page.render()?).expiring_at(next_turn))
        })
        .await;
    let href = |slug: &str| urls::public::session(&conference, slug);
    moved::follow(&app, &conference, (ItemKind::Session, &slug), page, href).await
}

impl<'a> SessionPage<'a> {
    /// Makes the page. It is public unless it belongs to a preview.
    pub fn of(
        app: &App,
        site: &Arc<Site>,
        pages: Pages<'a>,
        item: &Item,
        programme: &Programme,
    ) -> askama::Result<Self> {
        let topics = &programme.topics;
        let conference = &site.conference;
        let is_preview = pages != Pages::Public;
        let frame = if is_preview {
            Frame::of(app, site, Nav::None).previewing(&item.title, pages.programme(conference, None, None))
        } else {
            let title = if item.is_cancelled() { items::marked_title(item) } else { item.title.clone() };
            Frame::of(app, site, Nav::Programme).titled(title).published_at(
                &urls::public::session(&conference.slug, &item.slug),
                Description::Session(conference, item).text()?,
            )
        };
        let zone = &conference.zone;
        let today = item.slot.map(|slot| items::programme_day(zone, slot));
        let is_shown = |other: &&Item| other.session == item.session || !other.is_cancelled();
        let items: Vec<&Item> = programme.items.iter().filter(is_shown).collect();
        let on_day = items.iter().filter_map(|other| Some((*other, other.slot?)));
        // A part stands on the strip in place of its session, and a session in place of its parts.
        let on_day = on_day.filter(|(other, slot)| {
            Some(items::programme_day(zone, *slot)) == today
                && (other.parent.is_none() || other.session == item.session)
                && item.parent != Some(other.session)
        });
        let mut day: Vec<(&Item, TimeSlot)> = on_day.collect();
        let is_of_room = day.len() > MOST_ON_STRIP;
        if is_of_room {
            day.retain(|(other, _)| other.kind.is_break || share_rooms(&other.rooms, &item.rooms));
        }
        let view = |item: &Item| ItemView::of(conference, pages, item);
        let is_other_session =
            |other: &&Item| other.session != item.session && !other.kind.is_break && other.parent == item.parent;
        let others = || items.iter().copied().filter(is_other_session);
        let ends_before =
            |other: &&Item| item.slot.zip(other.slot).is_some_and(|(own, other)| other.end() <= own.start());
        let starts_after =
            |other: &&Item| item.slot.zip(other.slot).is_some_and(|(own, other)| other.start() >= own.end());
        let earlier: Vec<&Item> = others().rev().filter(ends_before).collect();
        let later: Vec<&Item> = others().filter(starts_after).collect();
        let (before, after) = (neighbour(zone, item, &earlier), neighbour(zone, item, &later));
        let parent = programme.items.iter().find(|other| Some(other.session) == item.parent);
        let topic = topics.iter().find(|topic| Some(topic.mark) == item.topic);
        Ok(Self {
            // An event without a date is no event for search engines.
            data: item
                .slot
                .filter(|_| !is_preview)
                .map(|slot| event_data(app, conference, (item, slot), parent, &frame)),
            register: (!is_preview && frame.can_register()).then(|| urls::public::register(&conference.slug)),
            frame,
            item: view(item),
            time_zone: item.slot.map(|slot| zone.abbreviation(slot.start())).unwrap_or_default(),
            parent: parent.map(view),
            parts: programme.parts_of(item.session).map(view).collect(),
            language: item.language,
            text: markdown::html(&item.text),
            links: links::shown(&item.links),
            files: FileView::of(conference, pages, item),
            topic: topic.filter(|topic| topic.title != item.title).map(|topic| TopicLink {
                mark: topic.mark,
                heading: Heading::of(&topic.title),
                href: pages.programme(conference, None, Some(&topic.slug)),
            }),
            calendar: (!is_preview && item.slot.is_some())
                .then(|| urls::public::session_calendar(&conference.slug, &item.slug)),
            hours: items::hours(zone, day.iter().map(|(_, slot)| *slot)).unwrap_or(Hours { opens: 0, closes: 24 }),
            day: day
                .iter()
                .map(|(other, _)| StripItem { item: view(other), is_current: other.session == item.session })
                .collect(),
            is_of_room,
            before: before.map(view),
            after: after.map(view),
            conference: conference.clone(),
            pages,
        })
    }
}

/// Whether a person in one of these rooms is at the right place for the other session.
fn share_rooms(other: &Rooms, own: &Rooms) -> bool {
    other == own || *other == Rooms::WholeVenue || other.names().iter().any(|name| own.names().contains(name))
}

/// Returns the session before or after this one, of those that are before or after it, the nearest first: the nearest of the
/// same day in the same room, else the nearest of all, or one of this session's topic that is parallel to it.
fn neighbour<'a>(zone: &Zone, item: &Item, others: &[&'a Item]) -> Option<&'a Item> {
    let day = |item: &Item| item.slot.map(|slot| items::programme_day(zone, slot));
    let is_near = |other: &Item| matches!(item.rooms, Rooms::Named(_)) && share_rooms(&other.rooms, &item.rooms);
    let nearest = *others.first()?;
    let is_parallel = |other: &Item| nearest.slot.zip(other.slot).is_some_and(|(one, other)| one.overlaps(other));
    let in_place = others.iter().find(|other| day(other) == day(item) && is_near(other));
    let of_topic =
        || others.iter().find(|other| item.topic.is_some() && other.topic == item.topic && is_parallel(other));
    Some(in_place.or_else(of_topic).copied().unwrap_or(nearest))
}

fn event_data(
    app: &App,
    conference: &Conference,
    (item, slot): (&Item, TimeSlot),
    parent: Option<&Item>,
    frame: &Frame,
) -> String {
    let zone = &conference.zone;
    let whole = items::event(app, conference);
    let within = match parent.and_then(|parent| Some((parent, parent.slot?))) {
        Some((parent, slot)) => json!({
            "@type": "Event",
            "name": parent.title,
            "url": app.absolute(&urls::public::session(&conference.slug, &parent.slug)),
            "startDate": zone.iso(slot.start()),
            "endDate": zone.iso(slot.end()),
            "location": items::location(conference, &parent.rooms),
            "superEvent": whole,
        }),
        None => whole,
    };
    let mut data = json!({
        "@context": "https://schema.org",
        "@type": "Event",
        "name": item.title,
        "description": frame.description,
        "url": frame.canonical,
        "startDate": zone.iso(slot.start()),
        "endDate": zone.iso(slot.end()),
        "eventAttendanceMode": "https://schema.org/OfflineEventAttendanceMode",
        "eventStatus": if item.is_cancelled() { "https://schema.org/EventCancelled" } else { "https://schema.org/EventScheduled" },
        "location": items::location(conference, &item.rooms),
        "organizer": items::organiser(conference),
        "superEvent": within,
    });
    let performers = item.people.iter().map(|person| {
        let url = app.absolute(&urls::public::speaker(&conference.slug, &person.slug));
        let mut performer = json!({ "@type": "Person", "name": person.name, "url": url });
        if !person.job_title.is_empty() {
            performer["jobTitle"] = person.job_title.as_str().into();
        }
        if !person.organisation.is_empty() {
            performer["affiliation"] = json!({ "@type": "Organization", "name": person.organisation });
        }
        performer
    });
    let performers: Vec<_> = performers.collect();
    if !performers.is_empty() {
        data["performer"] = performers.into();
    }
    if let Some(language) = item.language {
        data["inLanguage"] = language.code().into();
    }
    items::in_page(&data)
}
