//! The programme by day, with filters for day and topic.

use askama::Template;
use axum::{
    extract::{RawQuery, State},
    http::HeaderMap,
};

use super::{
    description::Description,
    items::{self, Heading, Hours, ItemView, Pages},
    timetable::{self, DayView},
};
use crate::{
    domain::{Conference, Day, Status, TopicMark},
    store::programme::{Item, Programme, Topic},
    urls,
    web::{App, ConferenceSlug, Frame, Named, Nav, Result, page_cache},
};

/// The page of the programme, of the public one or of the draft.
#[derive(Template)]
#[template(path = "delegates/programme.html")]
pub struct ProgrammePage {
    frame: Frame,
    conference: Conference,
    /// The abbreviation of the time zone, such as `CEST`.
    time_zone: String,
    day_filters: Vec<Choice>,
    topic_filters: Vec<Choice>,
    topic: Option<Heading>,
    days: Vec<DayView>,
    /// The sessions whose time is not known yet.
    open: Vec<ItemView>,
    /// The hours of all days if the days are shown side by side, which needs days without parallel sessions.
    side_by_side: Option<Hours>,
    any_provisional: bool,
    rooms_missing: bool,
    /// Whether the address has a filter for a day or topic that does not exist.
    unknown_filter: bool,
    /// The address of the page without filters.
    whole: String,
    /// The address of the programme as a calendar, if there is one.
    calendar: Option<String>,
    /// The address of the registration form, while delegates can register.
    register: Option<String>,
}

/// One link of a filter.
struct Choice {
    label: Heading,
    mark: Option<TopicMark>,
    href: String,
    is_current: bool,
}

/// The filters in the query string.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    day: Option<Day>,
    topic: Option<String>,
    unknown: bool,
}

/// `GET /{c}/programme?day=2018-05-29&topic=city-data`: shows the programme. Unknown filters are left out of the cache
/// key, so that invented addresses do not fill the cache.
pub async fn get(
    State(app): State<App>,
    Named(ConferenceSlug(slug)): Named<ConferenceSlug>,
    RawQuery(query): RawQuery,
    request: HeaderMap,
) -> Result {
    let filter = match query.as_deref() {
        None | Some("") => Filter::default(),
        Some(query) => {
            let site = app.sites.named(&app.store, &slug).await?;
            Filter::parse(query, &site.conference, &*app.sites.programme(&app.store, &site).await?)
        }
    };
    let mut key = urls::public::programme_of(&slug, filter.day, filter.topic.as_deref());
    if filter.unknown {
        // The page with the notice about an unknown filter is cached under its own key. No address begins with a space.
        key.insert(0, ' ');
    }
    app.cached(&key, page_cache::HTML, &request, async || {
        let site = app.sites.named(&app.store, &slug).await?;
        let next_turn = site.conference.next_turn(app.clock.now());
        let programme = app.sites.programme(&app.store, &site).await?;
        let frame = Frame::of(&app, &site, Nav::Programme);
        let page = ProgrammePage::of(frame, &site.conference, Pages::Public, &filter, &programme)?;
        Ok(page_cache::Rendered::from(page.render()?).expiring_at(next_turn))
    })
    .await
}

impl Filter {
    /// Parses the filters. A day or topic that this conference does not have sets `unknown`.
    pub fn parse(query: &str, conference: &Conference, programme: &Programme) -> Self {
        let mut filter = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match name.as_ref() {
                _ if value.is_empty() => {}
                "day" => match Day::parse(&value).filter(|day| days_of(conference, programme).contains(day)) {
                    Some(day) => filter.day = Some(day),
                    None => filter.unknown = true,
                },
                "topic" => match programme.find_topic(&value) {
                    Some(topic) => filter.topic = Some(topic.slug.clone()),
                    None => filter.unknown = true,
                },
                // Ignore other parameters: newsletters and mail programs add their own.
                _ => {}
            }
        }
        filter
    }
}

impl ProgrammePage {
    /// Makes the page. It is public unless it belongs to a preview.
    pub fn of(
        frame: Frame,
        conference: &Conference,
        pages: Pages<'_>,
        filter: &Filter,
        programme: &Programme,
    ) -> askama::Result<Self> {
        let Programme { topics, items, .. } = programme;
        let topic = filter.topic.as_ref().and_then(|slug| programme.find_topic(slug));
        let mark = topic.map(|topic| topic.mark);
        let shown: Vec<&Item> = items.iter().filter(|item| filter.topic.is_none() || item.topic == mark).collect();
        let days =
            days_of(conference, programme).into_iter().filter(|day| filter.day.is_none_or(|wanted| wanted == *day));
        let days: Vec<DayView> =
            days.filter_map(|day| DayView::of(conference, pages, day, &programme.rooms, &shown)).collect();
        let open = shown.iter().filter(|item| item.slot.is_none() && filter.day.is_none());
        let topic = topic.map(|topic| Heading::of(&topic.title));
        let title = match (&topic, filter.day) {
            (Some(topic), Some(day)) => format!("Programme: {}, {}", topic.head, day.long()),
            (Some(topic), None) => format!("Programme: {}", topic.head),
            (None, Some(day)) => format!("Programme: {}", day.long()),
            (None, None) => "Programme".to_owned(),
        };
        let slug = &conference.slug;
        let is_preview = pages != Pages::Public;
        let frame = if is_preview {
            frame.previewing(&title, pages.programme(conference, None, None))
        } else {
            let path = urls::public::programme_of(slug, filter.day, filter.topic.as_deref());
            frame.titled(title).published_at(&path, Description::Programme(conference).text()?)
        };
        Ok(Self {
            whole: pages.programme(conference, None, None),
            calendar: (!is_preview).then(|| urls::public::programme_calendar(slug)),
            register: (!is_preview && frame.can_register()).then(|| urls::public::register(slug)),
            frame,
            time_zone: items::time_zone(conference, items),
            day_filters: day_filters(conference, pages, filter, programme),
            topic_filters: topic_filters(conference, pages, filter, topics),
            open: open.map(|item| ItemView::of(conference, pages, item)).collect(),
            rooms_missing: shown.iter().any(|item| item.rooms.is_open() && !item.kind.is_break),
            any_provisional: shown.iter().any(|item| item.status == Status::Tentative),
            side_by_side: timetable::side_by_side(&days).filter(|_| topic.is_none()),
            topic,
            days,
            unknown_filter: filter.unknown,
            conference: conference.clone(),
        })
    }
}

/// Returns the days of the conference, and those on which sessions take place although it is not one.
fn days_of(conference: &Conference, programme: &Programme) -> Vec<Day> {
    let mut days = conference.days();
    let slots = programme.items.iter().filter_map(|item| item.slot);
    days.extend(slots.map(|slot| items::programme_day(&conference.zone, slot)));
    days.sort_unstable();
    days.dedup();
    days
}

fn day_filters(conference: &Conference, pages: Pages<'_>, filter: &Filter, programme: &Programme) -> Vec<Choice> {
    let choice = |day: Option<Day>, label: &str| Choice {
        label: Heading::of(label),
        mark: None,
        href: pages.programme(conference, day, filter.topic.as_deref()),
        is_current: filter.day == day,
    };
    let all = std::iter::once(choice(None, "All days"));
    all.chain(days_of(conference, programme).into_iter().map(|day| choice(Some(day), &day.short()))).collect()
}

fn topic_filters(conference: &Conference, pages: Pages<'_>, filter: &Filter, topics: &[Topic]) -> Vec<Choice> {
    let choice = |topic: Option<&Topic>| Choice {
        label: Heading::of(topic.map_or("All topics", |topic| &topic.title)),
        mark: topic.map(|topic| topic.mark),
        href: pages.programme(conference, filter.day, topic.map(|topic| topic.slug.as_str())),
        is_current: filter.topic.as_deref() == topic.map(|topic| topic.slug.as_str()),
    };
    std::iter::once(choice(None)).chain(topics.iter().map(|topic| choice(Some(topic)))).collect()
}
