//! A conference in which everything is invented, for looking at the site and measuring it. The more sessions it has, the more
//! days, rooms and people it has. It can have attendees, too.

mod attendees;
mod choices;
mod invented;
mod making;
mod plan;
mod remove;
mod rows;
mod words;

pub use remove::remove;

use std::collections::HashMap;

use sqlx::{Connection, PgConnection, PgTransaction};
use time::{Date, Duration, Month, OffsetDateTime, Time, Weekday};
use uuid::Uuid;

use self::plan::{Plan, Planned, What};
use super::{
    audit::{self, Actor, Entry},
    programme::{
        editing::Editing,
        pages::PageContent,
        people::PersonContent,
        releases,
        rooms::RoomContent,
        saving::{self, SaveError},
        sessions::{Place, Schedule, SessionContent},
        topics::TopicContent,
    },
    seed,
    shipped_pages::SHIPPED,
};
use crate::domain::{
    AbstractText, Affiliation, AuditKind, ConferenceId, Country, HomeTown, JobTitle, Language, Length, Links, PageId,
    PersonId, PersonName, PictureText, Placement, RoomId, RoomName, RoomNotes, SessionId, SessionKindId, SessionNote,
    SessionText, Slug, SortName, Status, Subtitle, Title, TopicDescription, TopicId, TopicMark, Zone,
};

const ZONE: &str = "Europe/Vienna";

/// Adds a conference with so many sessions and attendees, which is not the current one and for which nobody can register. Returns
/// its slug, which ends with next year or the first one after it that is free.
pub async fn add(
    conn: &mut PgConnection,
    (sessions, attendees): (usize, usize),
    now: OffsetDateTime,
) -> Result<Slug, SaveError> {
    let plan = plan::plan(sessions);
    let mut tx = conn.begin().await?;
    // Two commands at once do not find the same year free.
    sqlx::query!("lock table conference in share row exclusive mode").execute(&mut *tx).await?;
    let taken = sqlx::query_scalar!("select slug from conference").fetch_all(&mut *tx).await?;
    let years = (now.year() + 1..).map(|year| (year, Slug::of(&format!("demonstration {year}"))));
    let (year, slug) =
        years.into_iter().find(|(_, slug)| !taken.iter().any(|one| one == slug.as_str())).expect("a year");
    let first_day = Date::from_calendar_date(year, Month::May, 1).expect("a day").next_occurrence(Weekday::Tuesday);
    let id = conference(&mut tx, &slug, first_day, &plan, now).await?;
    seed::categories(&mut tx, id).await?;
    let now = sqlx::query_scalar!(r#"select now() as "now!""#).fetch_one(&mut *tx).await?;
    let mut editing = Editing::begin(tx, id, None, now).await?;
    let items = programme(&mut editing, first_day, &plan).await?;
    releases::publish(&mut editing, &items, "").await?;
    let entry = Entry::of(AuditKind::DemonstrationAdded, Actor::Program);
    audit::note(&mut editing, Entry { conference: Some(id), ..entry }).await?;
    if attendees > 0 {
        attendees::add(&mut editing, id, attendees, now).await?;
    }
    editing.commit().await?;
    Ok(slug)
}

async fn conference(
    tx: &mut PgTransaction<'_>,
    slug: &Slug,
    first_day: Date,
    plan: &Plan,
    now: OffsetDateTime,
) -> Result<ConferenceId, sqlx::Error> {
    let id = ConferenceId::new();
    sqlx::query!(
        "insert into conference (id, slug, title, theme, city, country, venue, venue_url, hosts, starts_on, ends_on,
             time_zone, contact_email, contact_telephone, contact_fax, registration_closes, is_demonstration)
         values ($1, $2, $3, 'Nobody in this programme exists, and nothing in it takes place', 'Demo City', 'AT',
             'Demonstration Congress Centre', 'https://venue.example/', 'The City of Demo City, which is invented', $4, $5, $6,
             'contact@demonstration.example', '+44 1632 960001', '+44 1632 960002', $7, true)",
        id.0,
        slug.as_str(),
        format!("Demonstration {}: everything in it is invented", first_day.year()),
        first_day,
        day(first_day, plan.days - 1),
        ZONE,
        now,
    )
    .execute(&mut **tx)
    .await?;
    Ok(id)
}

/// What sessions name.
struct Named {
    kinds: HashMap<&'static str, SessionKindId>,
    topics: Vec<TopicId>,
    rooms: Vec<RoomId>,
    people: Vec<PersonId>,
}

/// Adds everything that is an item, and returns it.
async fn programme(editing: &mut Editing<'_>, first_day: Date, plan: &Plan) -> Result<Vec<Uuid>, SaveError> {
    let named = Named {
        kinds: seed::session_kinds(editing).await?,
        topics: topics(editing).await?,
        rooms: rooms(editing, plan.rooms).await?,
        people: people(editing, plan.people).await?,
    };
    let mut items: Vec<_> = named.kinds.values().map(|kind| kind.0).collect();
    items.extend(named.topics.iter().map(|topic| topic.0));
    items.extend(named.rooms.iter().map(|room| room.0));
    items.extend(named.people.iter().map(|person| person.0));
    items.extend(sessions(editing, first_day, plan, &named).await?);
    items.push(page(editing).await?.0);
    Ok(items)
}

async fn topics(editing: &mut Editing<'_>) -> Result<Vec<TopicId>, SaveError> {
    let mut topics = Vec::new();
    for (number, (title, description, _)) in (1_i16..).zip(words::TOPICS) {
        let id = TopicId::new();
        let content = TopicContent {
            title: Title::parse(title).expect(SHIPPED),
            mark: TopicMark { number, colour: number },
            description: TopicDescription::parse(description).expect(SHIPPED),
            status: Status::Confirmed,
        };
        saving::add(editing, id, None, &content).await?;
        topics.push(id);
    }
    Ok(topics)
}

async fn rooms(editing: &mut Editing<'_>, number: usize) -> Result<Vec<RoomId>, SaveError> {
    let mut rooms = Vec::new();
    for (place, (name, capacity, notes)) in (1_i16..).zip(words::ROOMS).take(number) {
        let id = RoomId::new();
        let content = RoomContent {
            name: RoomName::parse(name).expect(SHIPPED),
            place,
            capacity: Some(capacity),
            access_notes: RoomNotes::parse(notes).expect(SHIPPED),
            changeover: i32::from(plan::CHANGEOVER),
            status: Status::Confirmed,
        };
        saving::add(editing, id, None, &content).await?;
        rooms.push(id);
    }
    Ok(rooms)
}

async fn people(editing: &mut Editing<'_>, number: usize) -> Result<Vec<PersonId>, SaveError> {
    let mut people = Vec::with_capacity(number);
    for person in 0..number {
        let id = PersonId::new();
        let (city, country) = words::home(person);
        let content = PersonContent {
            name: PersonName::parse(&words::name(person)).expect(SHIPPED),
            sort_name: SortName::default(),
            job_title: JobTitle::parse(words::job_title(person)).expect(SHIPPED),
            organisation: Affiliation::parse(&format!("City of {city}")).expect(SHIPPED),
            city: HomeTown::parse(city).expect(SHIPPED),
            country: Country::parse(country),
            text: SessionText::parse(&words::biography(person)).expect(SHIPPED),
            links: Links::parse(&format!("https://people.example/{person} Home page")).expect(SHIPPED),
            picture: None,
            picture_text: PictureText::default(),
            successor: None,
            status: Status::Confirmed,
        };
        saving::add(editing, id, None, &content).await?;
        people.push(id);
    }
    Ok(people)
}

async fn sessions(
    editing: &mut Editing<'_>,
    first_day: Date,
    plan: &Plan,
    named: &Named,
) -> Result<Vec<Uuid>, SaveError> {
    let mut items = Vec::with_capacity(plan.sessions.len());
    let mut lightning = None;
    for (number, planned) in plan.sessions.iter().enumerate() {
        let id = SessionId::new();
        let content = SessionContent {
            schedule: schedule(first_day, planned, named, lightning),
            length: Length::new(planned.minutes).expect(SHIPPED),
            people: planned.people.iter().map(|(person, part)| (named.people[*person], *part)).collect(),
            ..described(number, planned, named)
        };
        saving::add(editing, id, None, &content).await?;
        if planned.what == What::Lightning {
            lightning = Some(id);
        }
        items.push(id.0);
    }
    Ok(items)
}

/// Returns when and where a session takes place. `lightning` is the last session with lightning talks before it.
fn schedule(first_day: Date, planned: &Planned, named: &Named, lightning: Option<SessionId>) -> Schedule {
    let zone = Zone::parse(ZONE).expect(SHIPPED);
    let at = |time: Time| Some(zone.instant(day(first_day, planned.day), time).expect("clocks do not change in May"));
    match &planned.place {
        plan::Place::Venue(from) => Schedule::Own { starts_at: at(*from), place: Place::WholeVenue },
        plan::Place::Rooms(from, rooms) => {
            let mut rooms = named.rooms[rooms.clone()].to_vec();
            rooms.sort_unstable();
            Schedule::Own { starts_at: at(*from), place: Place::Rooms(rooms) }
        }
        plan::Place::Part(offset) => {
            Schedule::Within { parent: lightning.expect("its session comes before"), offset: Some(*offset) }
        }
    }
}

/// Returns what is said about a session. Some talks are provisional, a few are cancelled, and a few are not in English.
fn described(number: usize, planned: &Planned, named: &Named) -> SessionContent {
    let (kind, title, abstract_text, text) = match planned.what {
        What::Break(title) => ("break", title.to_owned(), String::new(), String::new()),
        What::Talk => ("talk", words::talk(number), words::talk_abstract(number), words::talk_text(number)),
        What::Panel => (
            "panel",
            format!("Panel of day {}: what shall we do next year?", planned.day + 1),
            "Three people who disagree, and your questions.".to_owned(),
            "Three people say what their cities will do next. *You* ask the questions.".to_owned(),
        ),
        What::Lightning => (
            "talk",
            format!("Lightning talks of day {}", planned.day + 1),
            "Six talks of five minutes each.".to_owned(),
            "One after the other, with a bell after five minutes.".to_owned(),
        ),
        What::LightningTalk => ("talk", words::lightning_talk(number), String::new(), String::new()),
        What::Evening => (
            "social",
            format!("Evening of day {}", planned.day + 1),
            "Dinner, music and dancing until after midnight.".to_owned(),
            "There is food without meat. The last tram leaves at 00:40.".to_owned(),
        ),
    };
    let is_talk = planned.what == What::Talk;
    let status = match number {
        _ if !is_talk => Status::Confirmed,
        _ if number % 41 == 40 => Status::Cancelled,
        _ if number % 11 == 10 => Status::Tentative,
        _ => Status::Confirmed,
    };
    let language = match number % 17 {
        3 => "de",
        9 => "fr",
        _ => "en",
    };
    let has_topic = matches!(planned.what, What::Talk | What::LightningTalk);
    SessionContent {
        title: Title::parse(&title).expect(SHIPPED),
        subtitle: Subtitle::default(),
        abstract_text: AbstractText::parse(&abstract_text).expect(SHIPPED),
        kind: named.kinds[kind],
        topic: has_topic.then(|| named.topics[number % named.topics.len()]),
        schedule: Schedule::Own { starts_at: None, place: Place::WholeVenue },
        length: Length::new(1).expect(SHIPPED),
        status,
        people: Vec::new(),
        language: if is_talk { Language::parse(language) } else { None },
        text: SessionText::parse(&text).expect(SHIPPED),
        links: Links::default(),
        files: Vec::new(),
        note: SessionNote::default(),
    }
}

async fn page(editing: &mut Editing<'_>) -> Result<PageId, SaveError> {
    let id = PageId::new();
    let content = PageContent {
        title: Title::parse("About this demonstration").expect(SHIPPED),
        text: SessionText::parse(
            "This conference does not take place. Its sessions, people, rooms and cities are invented, so that people can look \
             at this website and measure it.",
        )
        .expect(SHIPPED),
        draft: false,
        placement: Placement::Footer,
        place: 1,
        status: Status::Confirmed,
    };
    saving::add(editing, id, None, &content).await?;
    Ok(id)
}

/// Returns a day of the conference, counted from 0.
fn day(first_day: Date, number: usize) -> Date {
    first_day + Duration::days(i64::try_from(number).expect("a small number"))
}
