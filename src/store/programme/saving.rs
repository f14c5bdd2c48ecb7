//! Saves revisions of items and releases them.

use uuid::Uuid;

use super::{editing::Editing, items::Content};
use crate::domain::{Key as _, ReleaseId, RevisionId, Slug};
use crate::store::violated;

/// What happens to a version that is saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It becomes the head.
    Head,
    /// It is kept in the history, but the head does not change.
    SetAside,
}

/// Why a version was not saved or released.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    /// Somebody else has saved since editing began, or the form of a new item was sent twice.
    #[error("saved by somebody else")]
    Stale,
    /// Another session has the room at that time.
    #[error("the room is taken at that time")]
    RoomTaken,
    /// The conference does not have this room, or not any more.
    #[error("no such room")]
    NoSuchRoom,
    /// The database failed.
    #[error(transparent)]
    Database(sqlx::Error),
}

impl From<sqlx::Error> for SaveError {
    fn from(error: sqlx::Error) -> Self {
        match violated(&error) {
            Some("item_pkey") => Self::Stale,
            Some("slot_room_free") => Self::RoomTaken,
            Some("session_room_room") => Self::NoSuchRoom,
            _ => Self::Database(error),
        }
    }
}

/// Adds an item with this slug, or the first free one that begins with it. It is not released.
pub async fn add<C: Content>(editing: &mut Editing<'_>, id: C::Id, slug: Slug, content: &C) -> Result<(), SaveError> {
    for slug in slug.candidates() {
        let claimed = sqlx::query!(
            "insert into slug (conference_id, kind, slug, item_id) values ($1, $2, $3, $4) on conflict do nothing",
            editing.conference().0,
            C::KIND.as_str(),
            slug.as_str(),
            id.uuid(),
        )
        .execute(&mut ***editing)
        .await?;
        if claimed.rows_affected() == 1 {
            return insert_item(editing, id, &slug, content).await;
        }
    }
    Ok(())
}

/// Inserts the item after its revision and content, because its slots are derived from them.
async fn insert_item<C: Content>(
    editing: &mut Editing<'_>,
    id: C::Id,
    slug: &Slug,
    content: &C,
) -> Result<(), SaveError> {
    let (head, _) = insert_revision(editing, id, slug.as_str(), content, Fate::Head).await?;
    sqlx::query!(
        "insert into item (id, conference_id, kind, head_id, created_at) values ($1, $2, $3, $4, $5)",
        id.uuid(),
        editing.conference().0,
        C::KIND.as_str(),
        head.0,
        editing.now,
    )
    .execute(&mut ***editing)
    .await?;
    Ok(())
}

/// Saves another version of an item as its next revision, if `base` is still the number of its head. Returns the new number.
pub async fn save<C: Content>(
    editing: &mut Editing<'_>,
    id: C::Id,
    base: i32,
    content: &C,
    fate: Fate,
) -> Result<i32, SaveError> {
    let head = sqlx::query!(
        "select revision.slug from item join revision on revision.id = item.head_id
         where item.conference_id = $1 and item.id = $2 and item.kind = $3 and revision.number = $4",
        editing.conference().0,
        id.uuid(),
        C::KIND.as_str(),
        base,
    )
    .fetch_optional(&mut ***editing)
    .await?;
    let head = head.ok_or(SaveError::Stale)?;
    let (revision, number) = insert_revision(editing, id, &head.slug, content, fate).await?;
    if fate == Fate::Head {
        sqlx::query!("update item set head_id = $2 where id = $1", id.uuid(), revision.0)
            .execute(&mut ***editing)
            .await?;
    }
    Ok(number)
}

async fn insert_revision<C: Content>(
    editing: &mut Editing<'_>,
    id: C::Id,
    slug: &str,
    content: &C,
    fate: Fate,
) -> Result<(RevisionId, i32), sqlx::Error> {
    let revision = RevisionId::new();
    let number = sqlx::query_scalar!(
        "insert into revision (id, conference_id, item_id, kind, number, slug, title, set_aside, edit_id)
         values ($1, $2, $3, $4, (select coalesce(max(number), 0) + 1 from revision where item_id = $3), $5, $6, $7, $8)
         returning number",
        revision.0,
        editing.conference().0,
        id.uuid(),
        C::KIND.as_str(),
        slug,
        content.title().as_str(),
        fate == Fate::SetAside,
        editing.edit.0,
    )
    .fetch_one(&mut ***editing)
    .await?;
    content.insert(editing, revision).await?;
    Ok((revision, number))
}

/// Makes the heads of these items public, as one release. Items that are public as they are do not count; if there are no
/// others, there is no release.
pub async fn release(editing: &mut Editing<'_>, items: &[Uuid]) -> Result<(), SaveError> {
    let release = ReleaseId::new();
    let released = sqlx::query!(
        "insert into release (id, conference_id, number, account_id, created_at)
         select $1, $2, (select coalesce(max(number), 0) + 1 from release where conference_id = $2), $3, $4
         where exists (select from item where conference_id = $2 and id = any($5) and head_id is distinct from published_id)",
        release.0,
        editing.conference().0,
        editing.account.map(|account| account.0),
        editing.now,
        items,
    )
    .execute(&mut ***editing)
    .await?;
    if released.rows_affected() == 0 {
        return Ok(());
    }
    sqlx::query!(
        "insert into release_change (release_id, conference_id, item_id, before_id, after_id)
         select $1, conference_id, id, published_id, head_id from item
         where conference_id = $2 and id = any($3) and head_id is distinct from published_id",
        release.0,
        editing.conference().0,
        items,
    )
    .execute(&mut ***editing)
    .await?;
    // In one statement, so that two sessions can change places.
    sqlx::query!(
        "update item set published_id = head_id
         where conference_id = $1 and id = any($2) and head_id is distinct from published_id",
        editing.conference().0,
        items,
    )
    .execute(&mut ***editing)
    .await?;
    Ok(())
}
