//! What is left to do for a conference in preparation.

use sqlx::PgConnection;
use uuid::Uuid;

use crate::domain::{CategoryId, ConferenceId};

/// What a conference in preparation has and lacks.
#[derive(Clone, Debug)]
pub struct Programme {
    /// The number of sessions.
    pub sessions: i64,
    /// How many of them have no time.
    pub without_time: i64,
    /// The number of pages that say of themselves that facts are missing.
    pub draft_pages: i64,
}

/// Counts what a conference in preparation has and lacks.
pub async fn count(conn: &mut PgConnection, conference: ConferenceId) -> Result<Programme, sqlx::Error> {
    sqlx::query_as!(
        Programme,
        r#"select count(*) filter (where item.kind = 'session') as "sessions!",
               count(*) filter (where item.kind = 'session' and session.starts_at is null and session.parent_id is null)
                   as "without_time!",
               count(*) filter (where page.draft) as "draft_pages!"
           from item
           join revision on revision.id = head_id and status not in ('withdrawn', 'cancelled')
           left join session_content session on session.revision_id = head_id
           left join page_content page on page.revision_id = head_id
           where item.conference_id = $1"#,
        conference.0,
    )
    .fetch_one(conn)
    .await
}

/// A category whose dates were not copied.
#[derive(Clone, Debug)]
pub struct WithoutDates {
    /// The category.
    pub id: CategoryId,
    /// Its name.
    pub name: String,
    /// Whether it had an early fee in the other conference, and has none here.
    pub early_fee: bool,
    /// Whether it had a period of its own in the other conference, and has none here.
    pub period: bool,
}

/// Lists the categories that had dates in the conference that this one is a copy of, and have none here.
pub async fn list_without_dates(
    conn: &mut PgConnection,
    conference: ConferenceId,
) -> Result<Vec<WithoutDates>, sqlx::Error> {
    sqlx::query_as!(
        WithoutDates,
        r#"select category.id as "id: CategoryId", category.name,
               before.early_until is not null and category.early_until is null as "early_fee!",
               coalesce(before.opens, before.closes) is not null and coalesce(category.opens, category.closes) is null as "period!"
           from conference
           join category before on before.conference_id = conference.copied_from
           join category on category.conference_id = conference.id and category.slug = before.slug
           where conference.id = $1
               and (before.early_until is not null and category.early_until is null
                   or coalesce(before.opens, before.closes) is not null
                       and coalesce(category.opens, category.closes) is null)
           order by category.place, category.name"#,
        conference.0,
    )
    .fetch_all(conn)
    .await
}

/// Something whose words still name the conference that this one is a copy of.
#[derive(Clone, Debug)]
pub struct Mention {
    /// The kind of item, or `category`, `question` or `mail_template`.
    pub kind: String,
    /// Its key.
    pub id: Uuid,
    /// What it is called.
    pub title: String,
}

/// Lists what contains the city, the venue or the year of the conference that this one is a copy of, apart from those that
/// both have. People may well come from that city.
pub async fn list_mentions(conn: &mut PgConnection, conference: ConferenceId) -> Result<Vec<Mention>, sqlx::Error> {
    sqlx::query_as!(
        Mention,
        r#"with word as (
               select '%' || regexp_replace(word, '([%_\\])', '\\\1', 'g') || '%' as pattern
               from conference
               join conference before on before.id = conference.copied_from
               cross join lateral (values
                   (before.city, conference.city), (before.venue, conference.venue),
                   (extract(year from before.starts_on)::text, extract(year from conference.starts_on)::text)) as pair (word, own)
               where conference.id = $1 and pair.word <> pair.own
           ), said as (
               select item.kind, item.id, revision.title, revision.title || e'\n' || coalesce(
                   (select string_agg(field.words, e'\n') from jsonb_each_text(content_of(item.head_id)) as field (name, words)
                    where field.name !~ '(_id|_at|^note|^people|^files)$'), '') as words, item.created_at
               from item join revision on revision.id = item.head_id and status <> 'withdrawn'
               where item.conference_id = $1 and item.kind <> 'person'
               union all
               select 'category', id, name, concat_ws(e'\n', name, description, audience), null
               from category where conference_id = $1
               union all
               select 'question', question.id, text, concat_ws(e'\n', text, help, purpose, array_to_string(choices, e'\n')), null
               from question join question_version on question_version.id = question.version_id
               where question.conference_id = $1 and is_asked
               union all
               select 'mail_template', id, name, concat_ws(e'\n', name, subject, text), created_at
               from mail_template where conference_id = $1
           )
           select kind as "kind!", id as "id!", title as "title!"
           from said where exists (select from word where words ilike pattern)
           order by kind, created_at, title"#,
        conference.0,
    )
    .fetch_all(conn)
    .await
}
