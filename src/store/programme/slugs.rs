//! The last parts of public addresses. One that an item once had is that item's for ever.

use sqlx::PgConnection;
use uuid::Uuid;

use super::{Side, editing::Editing, items::ItemKind};
use crate::domain::{ConferenceId, Slug};

/// Claims a slug for an item. Returns whether it is the item's now; if not, it is or once was another item's.
pub async fn claim(editing: &mut Editing<'_>, kind: ItemKind, item: Uuid, slug: &Slug) -> Result<bool, sqlx::Error> {
    sqlx::query!(
        "insert into slug (conference_id, kind, slug, item_id) values ($1, $2, $3, $4) on conflict do nothing",
        editing.conference().0,
        kind.as_str(),
        slug.as_str(),
        item,
    )
    .execute(&mut ***editing)
    .await?;
    let owner = sqlx::query_scalar!(
        "select item_id from slug where conference_id = $1 and kind = $2 and slug = $3",
        editing.conference().0,
        kind.as_str(),
        slug.as_str(),
    );
    Ok(owner.fetch_one(&mut ***editing).await? == item)
}

/// The item that has or once had a slug.
#[derive(Clone, Debug)]
pub struct Owner {
    /// The item.
    pub item: Uuid,
    /// Its title.
    pub title: String,
    /// Whether the slug is part of its present address, in the draft or in public.
    pub is_present: bool,
}

/// Finds the item of this kind that has or once had this slug.
pub async fn find_owner(
    conn: &mut PgConnection,
    conference: ConferenceId,
    kind: ItemKind,
    slug: &Slug,
) -> Result<Option<Owner>, sqlx::Error> {
    sqlx::query_as!(
        Owner,
        r#"select item.id as item, head.title, head.slug = $3 or coalesce(published.slug = $3, false) as "is_present!"
           from slug
           join item on item.id = item_id
           join revision head on head.id = head_id
           left join revision published on published.id = published_id
           where slug.conference_id = $1 and slug.kind = $2 and slug.slug = $3"#,
        conference.0,
        kind.as_str(),
        slug.as_str(),
    )
    .fetch_optional(conn)
    .await
}

/// Where an item is now that once had a slug.
#[derive(Clone, Debug)]
pub struct Present {
    /// Its slug.
    pub slug: String,
    /// Whether it was withdrawn.
    pub is_withdrawn: bool,
}

/// Finds where an item of this kind is now on this side, if it has or once had this slug there.
pub async fn find_present(
    conn: &mut PgConnection,
    side: Side,
    conference: ConferenceId,
    kind: ItemKind,
    slug: &str,
) -> Result<Option<Present>, sqlx::Error> {
    sqlx::query_as!(
        Present,
        r#"select revision.slug, revision.status = 'withdrawn' as "is_withdrawn!"
           from slug
           join item on item.id = item_id
           join revision on revision.id = case $4 when 'draft' then head_id else published_id end
           where slug.conference_id = $1 and slug.kind = $2 and slug.slug = $3
               and ($4 = 'draft'
                   or exists (select from release_change join revision once on once.id = after_id
                              where release_change.item_id = item.id and once.slug = $3))"#,
        conference.0,
        kind.as_str(),
        slug,
        side.as_str(),
    )
    .fetch_optional(conn)
    .await
}
