//! The initial content of an empty database: the conference of Leipzig 2018, with the facts that are known. Times are
//! marked as provisional. Organisers add rooms and speakers.

use std::collections::HashMap;

use sqlx::{Connection, PgConnection, PgTransaction};
use time::{
    Date, OffsetDateTime, Time,
    macros::{date, datetime, time},
};

use uuid::Uuid;

use super::programme::{
    editing::Editing,
    releases,
    saving::{self, SaveError},
    session_kinds::SessionKindContent,
    sessions::{Place, Schedule, SessionContent},
    topics::TopicContent,
};
use super::{
    shipped_pages::{self, SHIPPED},
    sites,
};
use crate::domain::{
    AbstractText, Access, CapacityId, CategoryId, ConferenceId, Length, Links, SessionId, SessionKindDescription,
    SessionKindId, SessionKindName, SessionNote, SessionText, Slug, Status, Subtitle, Title, TopicDescription, TopicId,
    TopicMark, Zone,
};

/// When registration for the shipped conference closes. The conference is long over, but registration stays open so
/// that people can try the program.
pub const HELD_OPEN_UNTIL: OffsetDateTime = datetime!(2099-12-31 22:59 UTC);

const PLENARY: &str = "plenary";
const WORLD_CAFE: &str = "world-cafe";

/// The slug and the name of each kind of session, and whether it is a break. New sessions are of the first kind.
const SESSION_KINDS: [(&str, &str, bool); 7] = [
    ("talk", "Talk", false),
    (PLENARY, "Plenary", false),
    ("panel", "Panel discussion", false),
    ("workshop", "Workshop", false),
    (WORLD_CAFE, "World Café", false),
    ("social", "Social event", false),
    ("break", "Break", true),
];

struct Topic {
    slug: &'static str,
    title: &'static str,
    description: &'static str,
    text: &'static str,
    /// The slug of the kind of its session.
    kind: &'static str,
    day: Date,
    from: Time,
    minutes: i16,
}

impl Topic {
    /// Returns the content of the topic.
    fn content(&self, number: i16) -> TopicContent {
        TopicContent {
            title: Title::parse(self.title).expect(SHIPPED),
            mark: TopicMark { number, colour: number },
            description: TopicDescription::parse(self.description).expect(SHIPPED),
            status: Status::Confirmed,
        }
    }

    /// Returns the content of the topic's session.
    fn session(&self, topic: TopicId, kind: SessionKindId) -> SessionContent {
        let zone = Zone::parse("Europe/Berlin").expect(SHIPPED);
        let at = |time| zone.instant(self.day, time).expect("this local time exists exactly once");
        SessionContent {
            title: Title::parse(self.title).expect(SHIPPED),
            kind,
            topic: Some(topic),
            schedule: Schedule::Own { starts_at: Some(at(self.from)), place: Place::Rooms(Vec::new()) },
            length: Length::new(self.minutes).expect(SHIPPED),
            status: Status::Tentative,
            subtitle: Subtitle::parse("").expect(SHIPPED),
            abstract_text: AbstractText::parse("").expect(SHIPPED),
            language: None,
            links: Links::default(),
            files: Vec::new(),
            note: SessionNote::parse("").expect(SHIPPED),
            people: Vec::new(),
            text: SessionText::parse(self.text).expect(SHIPPED),
        }
    }
}

const TOPICS: [Topic; 7] = [
    Topic {
        slug: "city-data",
        title: "City Data: Swimming in the data sea – are you waving or drowning?",
        description: "City data matters ever more in strategic decisions. Does it stand on solid foundations?",
        text: include_str!("leipzig_2018/city-data.md"),
        kind: PLENARY,
        day: date!(2018 - 05 - 28),
        from: time!(14:00),
        minutes: 90,
    },
    Topic {
        slug: "digital-developments",
        title: "Digital Developments and how to set up business cases",
        description: "Are developments prioritised and driven by public value, with solid business cases?",
        text: include_str!("leipzig_2018/digital-developments.md"),
        kind: PLENARY,
        day: date!(2018 - 05 - 28),
        from: time!(16:00),
        minutes: 90,
    },
    Topic {
        slug: "digital-government",
        title: "Digital government in practice – where are the citizens?",
        description: "How cities engage citizens in decisions and in carrying them out.",
        text: include_str!("leipzig_2018/digital-government.md"),
        kind: PLENARY,
        day: date!(2018 - 05 - 29),
        from: time!(9:00),
        minutes: 90,
    },
    Topic {
        slug: "new-technologies",
        title: "New technologies, new opportunities and innovation – seeing beyond the hype",
        description: "New technologies do not always bring the expected returns. A review of cases with artificial intelligence, blockchain and 5G.",
        text: include_str!("leipzig_2018/new-technologies.md"),
        kind: PLENARY,
        day: date!(2018 - 05 - 29),
        from: time!(11:00),
        minutes: 90,
    },
    Topic {
        slug: "collaboration",
        title: "Collaboration and co-creation – the road to heaven or the highway to hell?",
        description: "How all required actors and skills contribute, from public and private organisations to academia, start-ups and SMEs: a model in which all win.",
        text: include_str!("leipzig_2018/collaboration.md"),
        kind: PLENARY,
        day: date!(2018 - 05 - 29),
        from: time!(14:00),
        minutes: 90,
    },
    Topic {
        slug: "skills",
        title: "Internal and external skills: are local governments fit for the future?",
        description: "Which key skills must be assured? Do cities have them? If not, how do they create them?",
        text: include_str!("leipzig_2018/skills.md"),
        kind: PLENARY,
        day: date!(2018 - 05 - 30),
        from: time!(9:00),
        minutes: 75,
    },
    Topic {
        slug: "world-cafe",
        title: "World Café",
        description: "Several hot topics at many discussion tables. It is the last chance to share views and experiences.",
        text: include_str!("leipzig_2018/world-cafe.md"),
        kind: WORLD_CAFE,
        day: date!(2018 - 05 - 30),
        from: time!(10:45),
        minutes: 120,
    },
];

/// The slug and the name of each category, and who can choose it.
const CATEGORIES: [(&str, &str, Access); 7] = [
    ("member-city", "Member city", Access::Public),
    ("non-member-city", "Non-member city", Access::Public),
    ("university", "University", Access::Public),
    ("other-public", "Other public organisation", Access::Public),
    ("private", "Private organisation", Access::Public),
    ("speaker", "Speaker", Access::Staff),
    ("staff", "Staff", Access::Staff),
];

/// Adds the conference to a database without conferences. The lock ensures that two programs that start at the same
/// time add it only once. Returns whether it was added.
pub async fn leipzig_2018(conn: &mut PgConnection) -> Result<bool, sqlx::Error> {
    add(conn).await.map_err(|error| match error {
        SaveError::Database(error) => error,
        other => sqlx::Error::Protocol(other.to_string()),
    })
}

async fn add(conn: &mut PgConnection) -> Result<bool, SaveError> {
    let mut tx = conn.begin().await?;
    sqlx::query!("lock table conference in share row exclusive mode").execute(&mut *tx).await?;
    let any = sqlx::query_scalar!(r#"select exists (select from conference) as "any!""#).fetch_one(&mut *tx).await?;
    if any {
        return Ok(false);
    }
    let id = conference(&mut tx).await?;
    categories(&mut tx, id).await?;
    let now = sqlx::query_scalar!(r#"select now() as "now!""#).fetch_one(&mut *tx).await?;
    let mut editing = Editing::begin(tx, id, None, now).await?;
    let kinds = session_kinds(&mut editing).await?;
    let mut items: Vec<_> = kinds.values().map(|kind| kind.0).collect();
    items.extend(topics_and_sessions(&mut editing, &kinds).await?);
    let conference = sites::find_conference(&mut editing, "leipzig-2018").await?.expect(SHIPPED);
    items.extend(shipped_pages::add(&mut editing, &conference).await?);
    releases::publish(&mut editing, &items, "").await?;
    editing.commit().await?;
    Ok(true)
}

async fn conference(tx: &mut PgTransaction<'_>) -> Result<ConferenceId, sqlx::Error> {
    let id = ConferenceId::new();
    sqlx::query!(
        "insert into conference (id, slug, title, theme, city, country, venue, venue_url, hosts, starts_on, ends_on,
             time_zone, contact_email, contact_telephone, contact_fax, registration_closes, is_current)
         values ($1, 'leipzig-2018', 'Annual conference of Major Cities of Europe, 2018 Leipzig',
             'Are we ready? Taking the digital city to the next level', 'Leipzig', 'DE', 'Kongresshalle Leipzig',
             'https://www.kongresshalle.com/',
             'Major Cities of Europe and the Municipality of Leipzig with its IT company LECOS', $2, $3, 'Europe/Berlin',
             'operations@majorcities.eu', '+43 1 7189476-33', '+43 1 7189476-22', $4, true)",
        id.0,
        date!(2018 - 05 - 28),
        date!(2018 - 05 - 30),
        HELD_OPEN_UNTIL,
    )
    .execute(&mut **tx)
    .await?;
    Ok(id)
}

/// Adds the kinds of sessions and returns them by their slugs.
pub(super) async fn session_kinds(
    editing: &mut Editing<'_>,
) -> Result<HashMap<&'static str, SessionKindId>, SaveError> {
    let mut kinds = HashMap::new();
    for (place, (slug, name, is_break)) in (1..).zip(SESSION_KINDS) {
        let id = SessionKindId::new();
        let content = SessionKindContent {
            name: SessionKindName::parse(name).expect(SHIPPED),
            place,
            description: SessionKindDescription::default(),
            colour: None,
            is_break,
            status: Status::Confirmed,
        };
        saving::add(editing, id, Some(&Slug::of(slug)), &content).await?;
        kinds.insert(slug, id);
    }
    Ok(kinds)
}

/// Adds the topics, with a session for each, and returns all of them.
async fn topics_and_sessions(
    editing: &mut Editing<'_>,
    kinds: &HashMap<&str, SessionKindId>,
) -> Result<Vec<Uuid>, SaveError> {
    let mut items = Vec::with_capacity(2 * TOPICS.len());
    for (number, topic) in (1_i16..).zip(&TOPICS) {
        let (topic_id, session) = (TopicId::new(), SessionId::new());
        saving::add(editing, topic_id, Some(&Slug::of(topic.slug)), &topic.content(number)).await?;
        saving::add(editing, session, Some(&Slug::of(topic.slug)), &topic.session(topic_id, kinds[topic.kind])).await?;
        items.extend([topic_id.0, session.0]);
    }
    Ok(items)
}

/// Adds the categories of delegates, without limits.
pub(super) async fn categories(tx: &mut PgTransaction<'_>, conference: ConferenceId) -> Result<(), sqlx::Error> {
    sqlx::query!("insert into capacity (id, conference_id) values ($1, $2)", CapacityId::new().0, conference.0)
        .execute(&mut **tx)
        .await?;
    for (place, (slug, name, access)) in (1_i16..).zip(CATEGORIES) {
        let id = CategoryId::new();
        sqlx::query!(
            "insert into category (id, conference_id, slug, name, access, place) values ($1, $2, $3, $4, $5, $6)",
            id.0,
            conference.0,
            slug,
            name,
            access.as_str(),
            place,
        )
        .execute(&mut **tx)
        .await?;
        sqlx::query!(
            "insert into capacity (id, conference_id, category_id) values ($1, $2, $3)",
            CapacityId::new().0,
            conference.0,
            id.0,
        )
        .execute(&mut **tx)
        .await?;
    }
    Ok(())
}
