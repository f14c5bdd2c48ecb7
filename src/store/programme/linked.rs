//! What texts link to, and the texts that link to a page.

use sqlx::PgConnection;
use uuid::Uuid;

use super::items::ItemKind;
use crate::domain::{ConferenceId, PageId};

/// A conference, or one of its items, as a link names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Linked {
    /// The conference's slug.
    pub conference: String,
    /// The item's kind and its slug, which may be a former one.
    pub item: Option<(ItemKind, String)>,
}

/// Returns the places, in this list, of those that do not exist or were withdrawn. Drafts exist: the text may be
/// published together with them.
pub async fn list_missing(conn: &mut PgConnection, all: &[Linked]) -> Result<Vec<usize>, sqlx::Error> {
    let conferences: Vec<String> = all.iter().map(|one| one.conference.clone()).collect();
    let (kinds, slugs): (Vec<Option<String>>, Vec<Option<String>>) =
        all.iter().map(|one| one.item.clone().map(|(kind, slug)| (kind.to_string(), slug)).unzip()).unzip();
    let missing = sqlx::query_scalar!(
        r#"select place as "place!"
           from unnest($1::text[], $2::text[], $3::text[]) with ordinality as named (conference, kind, slug, place)
           where not exists (
               select from conference
               where conference.slug = named.conference
                 and (named.slug is null or exists (
                     select from slug
                     join item on item.id = slug.item_id
                     join revision on revision.id = item.head_id
                     where slug.conference_id = conference.id and slug.kind = named.kind and slug.slug = named.slug
                       and status <> 'withdrawn')))
           order by place"#,
        &conferences,
        &kinds as &[Option<String>],
        &slugs as &[Option<String>],
    )
    .fetch_all(conn)
    .await?;
    Ok(missing.into_iter().filter_map(|place| usize::try_from(place - 1).ok()).collect())
}

/// An item with a text that links to a page.
#[derive(Clone, Debug)]
pub struct Linking {
    /// The item.
    pub item: Uuid,
    /// Its kind.
    pub kind: ItemKind,
    /// The slug of its conference.
    pub conference: String,
    /// Its title.
    pub title: String,
    /// Whether the public reads the link.
    pub is_public: bool,
}

/// Lists the items whose texts link to this page at any address that it has or once had: what the public reads, and in this
/// conference also what is not published yet.
pub async fn list_linking(
    conn: &mut PgConnection,
    conference: ConferenceId,
    page: PageId,
) -> Result<Vec<Linking>, sqlx::Error> {
    // An address ends where a character follows that cannot be part of one. Notes are for organisers only.
    sqlx::query_as!(
        Linking,
        r#"with address as (
               select '/' || conference.slug || '/pages/' || slug.slug as path
               from slug join conference on conference.id = slug.conference_id
               where slug.item_id = $2 and slug.kind = 'page')
           select side.id as "item!", side.kind as "kind!: ItemKind", conference.slug as "conference!",
               max(revision.title) as "title!", bool_or(side.side = 'public') as "is_public!"
           from item_side side
           join conference on conference.id = side.conference_id
           join revision on revision.id = side.revision_id and revision.status <> 'withdrawn'
           where (side.side = 'public' or side.conference_id = $1) and side.id <> $2 and side.kind = any($3)
               and exists (
                   select from jsonb_each_text(content_of(side.revision_id)) as field (name, words), address
                   where field.name <> 'note' and field.words ~* (path || '([^a-z0-9-]|$)'))
           group by side.id, side.kind, conference.slug
           order by conference.slug, side.kind, max(revision.title_folded), side.id"#,
        conference.0,
        page.0,
        &ItemKind::known(),
    )
    .fetch_all(conn)
    .await
}
