//! `/staff/{c}/printed`: the people of a view who have a place, as a list for paper. The browser prints it.

use std::{mem, sync::Arc};

use askama::Template;
use axum::{extract::State, http::Uri};

use super::query::ListQuery;
use crate::{
    access::Person,
    domain::{AuditKind, SignedIn, search::latin, text_enum},
    store::{
        audit::{self, Actor, Change, Entry},
        registrations::attendees::{self, Detail, Export, ExportParts, Turn},
    },
    urls,
    web::{App, Current, Desk, DeskNav, Result, Site, Submitted, page},
};

/// The most people on a printed list, which are about 200 sheets.
const MOST: usize = 10_000;

text_enum! {
    /// A list for paper.
    pub enum PrintedList {
        /// Everybody by the first letter of the name by which lists are sorted.
        Door = "door",
        /// Everybody by organisation.
        Organisation = "organisation",
        /// Everybody by category.
        Category = "category",
    }
}

impl PrintedList {
    /// Returns what it is called.
    pub fn title(self) -> &'static str {
        match self {
            Self::Door => "Alphabetical list for the door",
            Self::Organisation => "List by organisation",
            Self::Category => "List by category",
        }
    }
}

/// The page.
#[derive(Template)]
#[template(path = "staff/printed.html")]
struct PrintedPage {
    desk: Desk,
    site: Arc<Site>,
    query: ListQuery,
    list: PrintedList,
    groups: Vec<Group>,
    number: usize,
    too_many: bool,
    /// When it is printed.
    at: String,
    at_iso: String,
}

/// People under one heading.
struct Group {
    heading: String,
    /// What is said beside the heading; may be empty.
    beside: String,
    people: Vec<Printed>,
}

/// A person on the list.
struct Printed {
    /// The name by which the list is sorted.
    sort_name: String,
    /// What is compared: of the group first, then of the person.
    key: (String, String),
    organisation: String,
    place: String,
    category: String,
    reference: String,
}

/// `GET /staff/{c}/printed`.
pub async fn get(State(app): State<App>, Person(person): Person, Current(site): Current, uri: Uri) -> Result {
    let query = ListQuery { turn: Turn::First, ..ListQuery::read(uri.query()) };
    let fields = Submitted::decode(uri.query().unwrap_or_default().as_bytes());
    let list = PrintedList::parse(fields.get("list")).unwrap_or(PrintedList::Door);
    if query.is_filtered() {
        // Nobody would see that people are missing. A list of everybody has them all.
        attendees::require_up_to_date(&app.store).await?;
    }
    let (turn, mut snapshot) = app.store.export().await?;
    let mut export = Export::begin(&mut snapshot, &query.wanted(site.conference.id), ExportParts::default()).await?;
    let mut people = Vec::new();
    while people.len() <= MOST
        && let Some(lines) = export.next(&mut snapshot, person.account).await?
    {
        let come = lines.iter().filter(|line| line.detail.attendee.is_coming());
        people.extend(come.map(|line| Printed::of(&line.detail, list)));
    }
    let recorded = Change::of_fields([("recipe", format!("printed {list}"))].into_iter().chain(query.fields()));
    let entry = Entry {
        conference: Some(site.conference.id),
        changes: &recorded,
        ..Entry::of(AuditKind::AttendeesExported, Actor::Account(person.account))
    };
    audit::note(&mut snapshot, entry).await?;
    snapshot.commit().await?;
    drop(turn);
    page(&PrintedPage::of(&person, site, (app.clock.now(), list), query, people))
}

impl Printed {
    fn of(Detail { attendee, registration }: &Detail, list: PrintedList) -> Self {
        let sort_name = attendee.sort_name();
        let place = format!("{}, {}", registration.city, registration.country.name());
        let name_key = latin(&sort_name);
        let group = match list {
            PrintedList::Door => letter(&name_key),
            PrintedList::Organisation => latin(&format!("{} {place}", registration.organisation)),
            PrintedList::Category => latin(&attendee.category_name),
        };
        Self {
            sort_name,
            key: (group, name_key),
            organisation: registration.organisation.clone(),
            place,
            category: attendee.category_name.clone(),
            reference: registration.reference.to_string(),
        }
    }
}

/// Returns the capital letter under which a list has this key, or a sign for those that begin with none.
fn letter(key: &str) -> String {
    let first = key.chars().find(char::is_ascii_alphanumeric).filter(char::is_ascii_alphabetic);
    first.map_or_else(|| "#".to_owned(), |letter| letter.to_ascii_uppercase().to_string())
}

impl PrintedPage {
    fn of(
        person: &SignedIn,
        site: Arc<Site>,
        (now, list): (time::OffsetDateTime, PrintedList),
        query: ListQuery,
        mut people: Vec<Printed>,
    ) -> Self {
        let too_many = people.len() > MOST;
        if too_many {
            people.clear();
        }
        people.sort_by(|one, other| one.key.cmp(&other.key));
        let number = people.len();
        let zone = &site.conference.zone;
        Self {
            desk: Desk::new(DeskNav::Attendees, Some(&site), person),
            at: zone.dated_moment(now),
            at_iso: zone.iso(now),
            groups: grouped(people, list),
            site,
            query,
            list,
            number,
            too_many,
        }
    }

    fn slug(&self) -> &str {
        &self.site.conference.slug
    }

    fn other(&self, list: PrintedList) -> String {
        urls::staff::printed(self.slug(), list.as_str(), &self.query.fields())
    }

    fn back(&self) -> String {
        urls::staff::export(self.slug(), &self.query.fields())
    }

    fn attendees(&self) -> String {
        self.query.turned(self.slug(), Turn::First)
    }

    fn is(&self, list: PrintedList) -> bool {
        self.list == list
    }

    fn is_door(&self) -> bool {
        self.list == PrintedList::Door
    }

    fn is_by_organisation(&self) -> bool {
        self.list == PrintedList::Organisation
    }

    fn is_by_category(&self) -> bool {
        self.list == PrintedList::Category
    }

    /// Returns the number of columns.
    fn width(&self) -> usize {
        if self.is_door() { 5 } else { 4 }
    }
}

/// Puts people of one group, who follow each other, under one heading.
fn grouped(people: Vec<Printed>, list: PrintedList) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut previous = None;
    for mut person in people {
        let key = mem::take(&mut person.key.0);
        if previous.as_ref() != Some(&key) {
            let (heading, beside) = match list {
                PrintedList::Door => (key.clone(), String::new()),
                PrintedList::Organisation => (person.organisation.clone(), person.place.clone()),
                PrintedList::Category => (person.category.clone(), String::new()),
            };
            groups.push(Group { heading, beside, people: Vec::new() });
            previous = Some(key);
        }
        if let Some(group) = groups.last_mut() {
            group.people.push(person);
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::PersonName;

    #[test]
    fn a_name_stands_under_the_first_letter_of_its_last_word_in_latin_letters() {
        for (name, letter_of) in [
            ("Anna Schmidt", "S"),
            ("Ödön Őze", "O"),
            ("Δημήτρης Ψαρρά", "P"),
            ("Юлия Щерев", "S"),
            ("'t Hooft", "H"),
            ("Nguyễn Thị Đạt", "D"),
            ("2 Fast", "F"),
            ("!", "#"),
        ] {
            let name = PersonName::parse(name).expect("a name");
            assert_eq!(letter(&latin(&name.sort_name())), letter_of, "{name}");
        }
    }
}
