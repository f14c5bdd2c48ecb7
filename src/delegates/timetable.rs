//! A day of the programme: its timetable, with a column for each room.

use super::items::{self, Hours, ItemView, Pages};
use crate::{
    domain::{Conference, Day, Rooms, TimeSlot},
    store::programme::Item,
};

/// The largest number of columns in a timetable (`times.css`). A day that needs more is shown as a list.
const MOST_COLUMNS: usize = 24;

/// A day of the programme.
pub struct DayView {
    /// The day in words.
    pub name: String,
    /// The day in ISO 8601.
    pub iso: String,
    /// The rooms with their columns in the timetable.
    pub rooms: Vec<(usize, String)>,
    /// The number of columns.
    pub columns: usize,
    /// Whether the day can be shown as a timetable.
    pub is_grid: bool,
    /// The hours of the timetable.
    pub hours: Hours,
    /// The sessions in order of time, also those that are cancelled.
    pub slots: Vec<SlotView>,
    /// The sessions among them that are cancelled. They stand below the timetable, where others may have their place by now.
    pub cancelled: Vec<ItemView>,
}

/// A session on the timetable.
pub struct SlotView {
    /// The session.
    pub item: ItemView,
    /// Whether it is the first at these times, so that the list has a heading before it.
    pub is_first: bool,
    /// The sessions that are parts of it.
    pub parts: Vec<ItemView>,
    /// The classes of its columns: `col-2`, `col-2 to-col-4` or `col-all`.
    pub columns: String,
    /// The classes of further columns, for rooms that are not beside these.
    pub more: Vec<String>,
}

/// The columns of a session: the first and the last of each group of rooms that are side by side.
type Columns = Vec<(usize, usize)>;

impl DayView {
    /// Returns the day with its items, or `None` if it has none. `rooms` are all rooms in their order.
    pub fn of(conference: &Conference, pages: Pages<'_>, day: Day, rooms: &[String], items: &[&Item]) -> Option<Self> {
        let zone = &conference.zone;
        let on_day = items.iter().filter_map(|item| Some((*item, item.slot?)));
        let mut on_day: Vec<(&Item, TimeSlot)> =
            on_day.filter(|(_, slot)| items::programme_day(zone, *slot) == day).collect();
        // The timetable hides what is cancelled, and the heading before it.
        on_day.sort_by_key(|(item, slot)| (slot.start(), slot.end(), item.is_cancelled()));
        let hours = items::hours(zone, on_day.iter().map(|(_, slot)| *slot))?;
        let is_part = |item: &Item| on_day.iter().any(|(other, _)| Some(other.session) == item.parent);
        let placed: Vec<_> = on_day.iter().copied().filter(|(item, _)| !is_part(item)).collect();
        let held: Vec<_> = placed.iter().copied().filter(|(item, _)| !item.is_cancelled()).collect();
        let (rooms, columns) = columns(rooms, &held);
        let count =
            columns.iter().flatten().flatten().map(|(_, last)| *last).max().unwrap_or(0).max(rooms.len()).max(1);
        let view = |item: &Item| ItemView::of(conference, pages, item);
        let before = std::iter::once(None).chain(placed.iter().map(|(_, slot)| Some(*slot)));
        let mut columns = columns.into_iter();
        let slots = placed.iter().zip(before).map(|((item, slot), before)| {
            let columns = if item.is_cancelled() { None } else { columns.next().flatten() };
            let mut classes =
                columns.map_or_else(|| vec!["col-all".to_owned()], |columns| columns.iter().map(class).collect());
            let parts = on_day.iter().filter(|(part, _)| part.parent == Some(item.session));
            SlotView {
                item: view(item),
                is_first: before != Some(*slot),
                parts: parts.map(|(part, _)| view(part)).collect(),
                columns: classes.remove(0),
                more: classes,
            }
        });
        Some(Self {
            name: day.long(),
            iso: day.iso(),
            slots: slots.collect(),
            is_grid: count <= MOST_COLUMNS,
            columns: count,
            rooms,
            hours,
            cancelled: placed.iter().filter(|(item, _)| item.is_cancelled()).map(|(item, _)| view(item)).collect(),
        })
    }
}

/// Returns the hours that contain all days if the days can be shown side by side: two to four days of one column each.
pub fn side_by_side(days: &[DayView]) -> Option<Hours> {
    let fits = (2..=4).contains(&days.len()) && days.iter().all(|day| day.columns == 1);
    days.iter().map(|day| day.hours).reduce(Hours::and).filter(|_| fits)
}

fn class((first, last): &(usize, usize)) -> String {
    if first == last { format!("col-{first}") } else { format!("col-{first} to-col-{last}") }
}

/// Returns the rooms in use with their columns, and the columns of each item; `None` stands for all. An item in no particular room
/// spans them all, unless another is parallel to it. Then it gets a column after the rooms.
fn columns(all: &[String], items: &[(&Item, TimeSlot)]) -> (Vec<(usize, String)>, Vec<Option<Columns>>) {
    let is_used = |room: &&String| items.iter().any(|(item, _)| item.rooms.names().contains(room));
    let rooms: Vec<(usize, String)> = (1..).zip(all.iter().filter(is_used).cloned()).collect();
    let overlaps = |one: &(&Item, TimeSlot), other: &(&Item, TimeSlot)| {
        one.0.session != other.0.session && one.1.overlaps(other.1)
    };
    let mut placed: Vec<Option<Columns>> = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        let columns = match &item.0.rooms {
            Rooms::Named(names) => {
                Some(runs(rooms.iter().filter(|(_, room)| names.contains(room)).map(|(column, _)| *column)))
            }
            Rooms::Open if items.iter().any(|other| overlaps(item, other)) => {
                let is_free = |column: &usize| {
                    let before = placed.iter().zip(items).take(index);
                    !before
                        .filter(|(_, other)| overlaps(item, other))
                        .any(|(at, _)| at.as_deref() == Some(&[(*column, *column)]))
                };
                (rooms.len() + 1..=rooms.len() + items.len()).find(is_free).map(|column| vec![(column, column)])
            }
            Rooms::WholeVenue if !rooms.is_empty() && items.iter().any(|other| overlaps(item, other)) => {
                Some(vec![(1, rooms.len())])
            }
            Rooms::Open | Rooms::WholeVenue => None,
        };
        placed.push(columns.filter(|columns| !columns.is_empty()));
    }
    (rooms, placed)
}

/// Returns the first and the last of each group of numbers that follow each other.
fn runs(columns: impl Iterator<Item = usize>) -> Columns {
    let mut runs: Columns = Vec::new();
    for column in columns {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == column => *last = column,
            _ => runs.push((column, column)),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use time::{OffsetDateTime, macros::datetime};

    use super::*;
    use crate::{
        domain::{Links, SessionId, Status},
        store::programme::SessionKind,
    };

    fn item(start: OffsetDateTime, minutes: i64, rooms: &[&str]) -> Item {
        Item {
            session: SessionId::new(),
            slug: String::new(),
            title: String::new(),
            subtitle: String::new(),
            abstract_text: String::new(),
            language: None,
            kind: SessionKind { name: "Talk".to_owned(), description: String::new(), colour: None, is_break: false },
            topic: None,
            people: Vec::new(),
            text: String::new(),
            links: Links::default(),
            files: Vec::new(),
            status: Status::Confirmed,
            slot: TimeSlot::new(start, start + time::Duration::minutes(minutes)).ok(),
            rooms: Rooms::of(rooms == ["all"], rooms.iter().map(|room| (*room).to_owned()).collect()),
            parent: None,
            sequence: 1,
            changed: start,
        }
    }

    fn placed(items: &[Item]) -> (Vec<(usize, String)>, Vec<Option<Columns>>) {
        let rooms = ["Blue", "Red", "Green", "White"].map(str::to_owned);
        columns(&rooms, &items.iter().filter_map(|item| Some((item, item.slot?))).collect::<Vec<_>>())
    }

    #[test]
    fn rooms_have_columns_and_what_takes_no_particular_room_or_all_spans_them() {
        let (nine, eleven, noon) =
            (datetime!(2018-05-29 09:00 UTC), datetime!(2018-05-29 11:00 UTC), datetime!(2018-05-29 12:00 UTC));
        let items =
            [item(nine, 90, &["Blue"]), item(nine, 90, &["Red"]), item(eleven, 60, &[]), item(noon, 60, &["all"])];
        let (rooms, placed) = placed(&items);
        assert_eq!(rooms, [(1, "Blue".to_owned()), (2, "Red".to_owned())]);
        assert_eq!(placed, [Some(vec![(1, 1)]), Some(vec![(2, 2)]), None, None]);
    }

    #[test]
    fn a_session_in_several_rooms_spans_those_that_are_side_by_side() {
        let (nine, eleven) = (datetime!(2018-05-29 09:00 UTC), datetime!(2018-05-29 11:00 UTC));
        let items = [item(nine, 60, &["Blue", "Red", "White"]), item(nine, 60, &["Green"]), item(eleven, 60, &["Red"])];
        let (_, placed) = placed(&items);
        assert_eq!(placed, [Some(vec![(1, 2), (4, 4)]), Some(vec![(3, 3)]), Some(vec![(2, 2)])]);
        assert_eq!(
            placed[0].as_deref().map(|columns| columns.iter().map(class).collect()),
            Some(vec!["col-1 to-col-2".to_owned(), "col-4".to_owned()])
        );
    }

    #[test]
    fn parallel_sessions_without_rooms_have_separate_columns() {
        let nine = datetime!(2018-05-29 09:00 UTC);
        let later = nine + time::Duration::minutes(45);
        let items = [item(nine, 90, &["Blue"]), item(nine, 60, &[]), item(later, 60, &[]), item(nine, 30, &[])];
        let (_, placed) = placed(&items);
        assert_eq!(placed, [1, 2, 3, 3].map(|column| Some(vec![(column, column)])));
    }
}
