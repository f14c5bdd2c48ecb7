//! What an empty database starts with: the conference of Leipzig 2018, as far as its facts are known. Hours are
//! proposals and marked so; rooms and speakers are left to organisers.

use sqlx::{Connection, PgConnection, PgTransaction};
use time::{
    Date, OffsetDateTime, Time,
    macros::{date, datetime, time},
};

use crate::domain::{CapacityId, CategoryId, ConferenceId, PageId, RevisionId, SessionId, SessionKind, TopicId, Zone};

/// Until when the shipped conference, which is long over, takes registrations: it is what a newcomer tries.
pub const HELD_OPEN_UNTIL: OffsetDateTime = datetime!(2099-12-31 22:59 UTC);

struct Topic {
    slug: &'static str,
    title: &'static str,
    description: &'static str,
    text: &'static str,
    kind: SessionKind,
    day: Date,
    from: Time,
    to: Time,
}

const TOPICS: [Topic; 7] = [
    Topic {
        slug: "city-data",
        title: "City Data: Swimming in the data sea – are you waving or drowning?",
        description: "City data carries more and more strategic decisions. Does it stand on solid foundations?",
        text: include_str!("leipzig_2018/city-data.md"),
        kind: SessionKind::Plenary,
        day: date!(2018 - 05 - 28),
        from: time!(14:00),
        to: time!(15:30),
    },
    Topic {
        slug: "digital-developments",
        title: "Digital Developments and how to set up business cases",
        description: "Are developments put in order by public value, with a solid business case behind each?",
        text: include_str!("leipzig_2018/digital-developments.md"),
        kind: SessionKind::Plenary,
        day: date!(2018 - 05 - 28),
        from: time!(16:00),
        to: time!(17:30),
    },
    Topic {
        slug: "digital-government",
        title: "Digital government in practice – where are the citizens?",
        description: "How cities bring citizens into decisions, and into carrying them out.",
        text: include_str!("leipzig_2018/digital-government.md"),
        kind: SessionKind::Plenary,
        day: date!(2018 - 05 - 29),
        from: time!(9:00),
        to: time!(10:30),
    },
    Topic {
        slug: "new-technologies",
        title: "New technologies, new opportunities and innovation – seeing beyond the hype",
        description: "They do not always bring what was hoped for: cases with artificial intelligence, blockchain and 5G, reviewed.",
        text: include_str!("leipzig_2018/new-technologies.md"),
        kind: SessionKind::Plenary,
        day: date!(2018 - 05 - 29),
        from: time!(11:00),
        to: time!(12:30),
    },
    Topic {
        slug: "collaboration",
        title: "Collaboration and co-creation – the road to heaven or the highway to hell?",
        description: "All actors and skills together, public and private, academia, start-ups, SMEs: a model in which all win.",
        text: include_str!("leipzig_2018/collaboration.md"),
        kind: SessionKind::Plenary,
        day: date!(2018 - 05 - 29),
        from: time!(14:00),
        to: time!(15:30),
    },
    Topic {
        slug: "skills",
        title: "Internal and external skills: are local governments fit for the future?",
        description: "Which key skills must be assured? Do cities have them, or how do they create them?",
        text: include_str!("leipzig_2018/skills.md"),
        kind: SessionKind::Plenary,
        day: date!(2018 - 05 - 30),
        from: time!(9:00),
        to: time!(10:15),
    },
    Topic {
        slug: "world-cafe",
        title: "World Café",
        description: "Several hot topics at many discussion tables: the last chance to share views and experiences.",
        text: include_str!("leipzig_2018/world-cafe.md"),
        kind: SessionKind::WorldCafe,
        day: date!(2018 - 05 - 30),
        from: time!(10:45),
        to: time!(12:45),
    },
];

/// Slug, name, and whether delegates may choose it themselves.
const CATEGORIES: [(&str, &str, bool); 7] = [
    ("member-city", "Member city", true),
    ("non-member-city", "Non-member city", true),
    ("university", "University", true),
    ("other-public", "Other public organisation", true),
    ("private", "Private organisation", true),
    ("speaker", "Speaker", false),
    ("staff", "Staff", false),
];

const PAGES: [(&str, &str, &str); 2] = [
    ("imprint", "Imprint", include_str!("leipzig_2018/imprint.md")),
    ("privacy", "Privacy notice", include_str!("leipzig_2018/privacy.md")),
];

/// Puts the conference into a database that has none; in one that has any, does nothing. Two programs that start at
/// once do it once. Returns whether it was done.
pub async fn leipzig_2018(conn: &mut PgConnection) -> Result<bool, sqlx::Error> {
    let mut tx = conn.begin().await?;
    sqlx::query!("lock table conference in share row exclusive mode").execute(&mut *tx).await?;
    let any = sqlx::query_scalar!(r#"select exists (select from conference) as "any!""#).fetch_one(&mut *tx).await?;
    if any {
        return Ok(false);
    }
    let id = conference(&mut tx).await?;
    topics_and_sessions(&mut tx, id).await?;
    categories(&mut tx, id).await?;
    pages(&mut tx, id).await?;
    tx.commit().await?;
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

async fn topics_and_sessions(tx: &mut PgTransaction<'_>, conference: ConferenceId) -> Result<(), sqlx::Error> {
    let zone = Zone::parse("Europe/Berlin").expect("a zone of the tz database");
    for (number, topic) in (1_i16..).zip(&TOPICS) {
        let (topic_id, session_id, revision_id) = (TopicId::new(), SessionId::new(), RevisionId::new());
        let at = |time| zone.instant(topic.day, time).expect("a time that the clocks show once");
        sqlx::query!(
            "insert into topic (id, conference_id, number, slug, title, description) values ($1, $2, $3, $4, $5, $6)",
            topic_id.0,
            conference.0,
            number,
            topic.slug,
            topic.title,
            topic.description,
        )
        .execute(&mut **tx)
        .await?;
        sqlx::query!(
            "insert into session (id, conference_id, slug, published_revision_id) values ($1, $2, $3, $4)",
            session_id.0,
            conference.0,
            topic.slug,
            revision_id.0,
        )
        .execute(&mut **tx)
        .await?;
        sqlx::query!(
            "insert into session_revision (id, conference_id, session_id, number, title, kind, topic_id, speakers, text,
                 provisional, starts_at, ends_at)
             values ($1, $2, $3, 1, $4, $5, $6, '', $7, true, $8, $9)",
            revision_id.0,
            conference.0,
            session_id.0,
            topic.title,
            topic.kind.as_str(),
            topic_id.0,
            topic.text.trim(),
            at(topic.from),
            at(topic.to),
        )
        .execute(&mut **tx)
        .await?;
        sqlx::query!(
            "insert into slot (session_id, conference_id, during) values ($1, $2, tstzrange($3, $4))",
            session_id.0,
            conference.0,
            at(topic.from),
            at(topic.to),
        )
        .execute(&mut **tx)
        .await?;
    }
    Ok(())
}

async fn categories(tx: &mut PgTransaction<'_>, conference: ConferenceId) -> Result<(), sqlx::Error> {
    sqlx::query!("insert into capacity (id, conference_id) values ($1, $2)", CapacityId::new().0, conference.0)
        .execute(&mut **tx)
        .await?;
    for (place, (slug, name, public)) in (1_i16..).zip(CATEGORIES) {
        let id = CategoryId::new();
        sqlx::query!(
            "insert into category (id, conference_id, slug, name, public, place) values ($1, $2, $3, $4, $5, $6)",
            id.0,
            conference.0,
            slug,
            name,
            public,
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

async fn pages(tx: &mut PgTransaction<'_>, conference: ConferenceId) -> Result<(), sqlx::Error> {
    for (place, (slug, title, text)) in (1_i16..).zip(PAGES) {
        let (page, revision) = (PageId::new(), RevisionId::new());
        sqlx::query!(
            "insert into page (id, conference_id, slug, place, published_revision_id) values ($1, $2, $3, $4, $5)",
            page.0,
            conference.0,
            slug,
            place,
            revision.0,
        )
        .execute(&mut **tx)
        .await?;
        sqlx::query!(
            "insert into page_revision (id, conference_id, page_id, number, title, text, draft)
             values ($1, $2, $3, 1, $4, $5, true)",
            revision.0,
            conference.0,
            page.0,
            title,
            text.trim(),
        )
        .execute(&mut **tx)
        .await?;
    }
    Ok(())
}
