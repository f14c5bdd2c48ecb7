//! The programme by day, with filters for day and topic.

use askama::Template;
use axum::{
    extract::{RawQuery, State},
    http::HeaderMap,
};

use super::{
    description::Description,
    items::{self, Heading, Hours, ItemView, Pages},
};
use crate::{
    domain::{Conference, Day, SessionKind, Status, TopicMark},
    store::programme::{Item, Programme, Topic},
    urls,
    web::{App, ConferenceSlug, Frame, Named, Nav, Result, page_cache},
};

/// The largest number of columns in a timetable. A day that needs more is shown as a list.
const MOST_COLUMNS: usize = 8;

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
    label: String,
    mark: Option<TopicMark>,
    href: String,
    is_current: bool,
}

struct DayView {
    name: String,
    iso: String,
    /// The rooms with their columns in the timetable.
    rooms: Vec<(usize, String)>,
    columns: usize,
    /// Whether the day can be shown as a timetable.
    is_grid: bool,
    hours: Hours,
    slots: Vec<SlotView>,
    /// The sessions that do not take place. They have no place on the timetable, which others may have by now.
    cancelled: Vec<ItemView>,
}

struct SlotView {
    item: ItemView,
    /// The class of its column: `col-2`, or `col-all` for all columns.
    column: String,
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
        let next_turn = site.conference.window().next_turn(app.clock.now());
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
                "day" => match Day::parse(&value).filter(|day| conference.days().contains(day)) {
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
        let days = conference.days().into_iter().filter(|day| filter.day.is_none_or(|wanted| wanted == *day));
        let days: Vec<DayView> = days.filter_map(|day| DayView::of(conference, pages, day, &shown)).collect();
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
            day_filters: day_filters(conference, pages, filter),
            topic_filters: topic_filters(conference, pages, filter, topics),
            rooms_missing: shown.iter().any(|item| item.room.is_none() && item.kind != SessionKind::Break),
            any_provisional: shown.iter().any(|item| item.status == Status::Tentative),
            side_by_side: side_by_side(&days).filter(|_| topic.is_none()),
            topic,
            days,
            unknown_filter: filter.unknown,
            conference: conference.clone(),
        })
    }
}

fn day_filters(conference: &Conference, pages: Pages<'_>, filter: &Filter) -> Vec<Choice> {
    let choice = |day: Option<Day>, label: String| Choice {
        label,
        mark: None,
        href: pages.programme(conference, day, filter.topic.as_deref()),
        is_current: filter.day == day,
    };
    let all = std::iter::once(choice(None, "All days".to_owned()));
    all.chain(conference.days().into_iter().map(|day| choice(Some(day), day.short()))).collect()
}

fn topic_filters(conference: &Conference, pages: Pages<'_>, filter: &Filter, topics: &[Topic]) -> Vec<Choice> {
    let choice = |topic: Option<&Topic>| Choice {
        label: topic.map_or_else(|| "All topics".to_owned(), |topic| topic.title.clone()),
        mark: topic.map(|topic| topic.mark),
        href: pages.programme(conference, filter.day, topic.map(|topic| topic.slug.as_str())),
        is_current: filter.topic.as_deref() == topic.map(|topic| topic.slug.as_str()),
    };
    std::iter::once(choice(None)).chain(topics.iter().map(|topic| choice(Some(topic)))).collect()
}

impl DayView {
    /// Returns the day with its items, or `None` if it has none.
    fn of(conference: &Conference, pages: Pages<'_>, day: Day, items: &[&Item]) -> Option<Self> {
        let items: Vec<&Item> =
            items.iter().copied().filter(|item| conference.zone.day(item.slot.start()) == day).collect();
        let hours = items::hours(conference, items.iter().copied())?;
        let (items, cancelled): (Vec<_>, Vec<_>) = items.into_iter().partition(|item| !item.is_cancelled());
        let (rooms, columns) = columns(&items);
        let slots = items
            .iter()
            .zip(&columns)
            .map(|(item, column)| SlotView {
                item: ItemView::of(conference, pages, item),
                column: column.map_or_else(|| "col-all".to_owned(), |column| format!("col-{column}")),
            })
            .collect();
        let cancelled = cancelled.into_iter().map(|item| ItemView::of(conference, pages, item)).collect();
        let columns = columns.iter().flatten().copied().max().unwrap_or(0).max(rooms.len()).max(1);
        Some(Self {
            name: day.long(),
            iso: day.iso(),
            rooms,
            columns,
            is_grid: columns <= MOST_COLUMNS,
            hours,
            slots,
            cancelled,
        })
    }
}

/// Returns the hours that contain all days if the days can be shown side by side: two to four days of one column each.
fn side_by_side(days: &[DayView]) -> Option<Hours> {
    let fits = (2..=4).contains(&days.len()) && days.iter().all(|day| day.columns == 1);
    days.iter()
        .map(|day| day.hours)
        .reduce(|one, other| Hours { opens: one.opens.min(other.opens), closes: one.closes.max(other.closes) })
        .filter(|_| fits)
}

/// Returns the rooms with their columns, and the column of each item. An item without a room has no column of its own
/// and spans them all, unless it is parallel to another item. Then it gets a column after the rooms.
fn columns(items: &[&Item]) -> (Vec<(usize, String)>, Vec<Option<usize>>) {
    let mut named: Vec<(i16, &str)> =
        items.iter().filter_map(|item| Some((item.room_place, item.room.as_deref()?))).collect();
    named.sort_unstable();
    named.dedup();
    let rooms: Vec<(usize, String)> = (1..).zip(named.iter().map(|(_, name)| (*name).to_owned())).collect();
    let overlaps = |one: &Item, other: &Item| {
        one.session != other.session && one.slot.start() < other.slot.end() && other.slot.start() < one.slot.end()
    };
    let mut placed: Vec<Option<usize>> = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        let column = match &item.room {
            Some(room) => rooms.iter().find(|(_, name)| name == room).map(|(column, _)| *column),
            None if items.iter().any(|other| overlaps(item, other)) => (rooms.len() + 1..=rooms.len() + items.len())
                .find(|column| {
                    !placed
                        .iter()
                        .zip(items)
                        .take(index)
                        .any(|(at, other)| *at == Some(*column) && overlaps(item, other))
                }),
            None => None,
        };
        placed.push(column);
    }
    (rooms, placed)
}

#[cfg(test)]
mod tests {
    use time::{OffsetDateTime, macros::datetime};

    use super::*;
    use crate::domain::{SessionId, TimeSlot};

    fn item(start: OffsetDateTime, minutes: i64, room: Option<&str>) -> Item {
        Item {
            session: SessionId::new(),
            slug: String::new(),
            title: String::new(),
            subtitle: String::new(),
            abstract_text: String::new(),
            language: None,
            kind: SessionKind::Talk,
            topic: None,
            speakers: String::new(),
            text: String::new(),
            status: Status::Confirmed,
            slot: TimeSlot::new(start, start + time::Duration::minutes(minutes)).expect("a slot"),
            room: room.map(str::to_owned),
            room_place: 0,
            sequence: 1,
            changed: start,
        }
    }

    #[test]
    fn rooms_have_columns_and_an_item_without_a_room_spans_them() {
        let (nine, eleven) = (datetime!(2018-05-29 09:00 UTC), datetime!(2018-05-29 11:00 UTC));
        let items = [item(nine, 90, Some("Blue")), item(nine, 90, Some("Red")), item(eleven, 60, None)];
        let (rooms, placed) = columns(&items.iter().collect::<Vec<_>>());
        assert_eq!(rooms, [(1, "Blue".to_owned()), (2, "Red".to_owned())]);
        assert_eq!(placed, [Some(1), Some(2), None]);
    }

    #[test]
    fn parallel_sessions_without_rooms_have_separate_columns() {
        let nine = datetime!(2018-05-29 09:00 UTC);
        let later = nine + time::Duration::minutes(45);
        let items = [item(nine, 90, Some("Blue")), item(nine, 60, None), item(later, 60, None), item(nine, 30, None)];
        let (_, placed) = columns(&items.iter().collect::<Vec<_>>());
        assert_eq!(placed, [Some(1), Some(2), Some(3), Some(3)]);
    }
}
