//! Saves revisions of items.

use super::{
    editing::Editing,
    items::{Content, Item},
    slugs,
};
use crate::domain::{Key as _, RevisionId, Slug, text::folded};
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
    /// Another session has a room or a person at that time.
    #[error("a room or a person is taken at that time")]
    Taken,
    /// A part of a session cannot have parts itself.
    #[error("a part of a session cannot have parts")]
    PartOfPart,
    /// Another item has this slug or once had it.
    #[error("the slug is another item's")]
    SlugTaken,
    /// What is public cannot become a draft again, and a draft cannot become public.
    #[error("a draft cannot be public")]
    Draft,
    /// Another item of its kind has this name or number.
    #[error("another one has this name")]
    NameTaken,
    /// The session names something that was removed.
    #[error("it names something that was removed")]
    NamesRemoved,
    /// What it names is a draft, so it cannot be published.
    #[error("it names a draft")]
    NamesDraft,
    /// A session takes place in this room, or is about this topic.
    #[error("it is in use")]
    InUse,
    /// The public reads that a session names it.
    #[error("the public reads that it is in use")]
    InPublicUse,
    /// The registration form shows the privacy notice, so it cannot be removed.
    #[error("the privacy notice cannot be removed")]
    PrivacyNotice,
    /// Texts link to the page that is to be removed.
    #[error("texts link to it")]
    Linked,
    /// Registration would close before it opens, because it closes with the last day.
    #[error("registration would close before it opens")]
    WindowOutOfOrder,
    /// The clocks skip the hour at which a session begins, in the time zone of the draft or in the one that is public.
    #[error("the clocks skip the hour at which a session begins")]
    HourSkipped,
    /// The conference does not have this room or this session.
    #[error("no such room or session")]
    NotFound,
    /// The picture was deleted, because nothing named it for too long.
    #[error("no such picture")]
    PictureGone,
    /// A file was deleted, because nothing named it for too long.
    #[error("no such file")]
    FileGone,
    /// The database failed.
    #[error(transparent)]
    Database(sqlx::Error),
}

impl From<sqlx::Error> for SaveError {
    fn from(error: sqlx::Error) -> Self {
        match violated(&error) {
            Some("item_pkey") => Self::Stale,
            Some("slot_free" | "slot_free_among_parts" | "slot_changeover") => Self::Taken,
            Some("session_part_of_part") => Self::PartOfPart,
            Some("item_name_unique") => Self::NameTaken,
            Some("item_names_removed" | "session_content_session_kind" | "session_content_topic") => Self::NamesRemoved,
            Some("conference_window_in_order") => Self::WindowOutOfOrder,
            Some("privacy_notice_stays") => Self::PrivacyNotice,
            Some("session_start_exists") => Self::HourSkipped,
            Some("item_in_use") => Self::InUse,
            Some("item_in_public_use") => Self::InPublicUse,
            Some("item_published" | "item_head_is_no_draft") => Self::Draft,
            Some("session_room_room" | "session_content_parent") => Self::NotFound,
            Some("person_content_picture" | "conference_content_hero" | "conference_content_share") => {
                Self::PictureGone
            }
            Some("session_file_file") => Self::FileGone,
            _ => Self::Database(error),
        }
    }
}

/// Adds an item with this slug. Without one, it gets one that is made from its title, the first that is free. It is not released.
pub async fn add<C: Content>(
    editing: &mut Editing<'_>,
    id: C::Id,
    slug: Option<&Slug>,
    content: &C,
) -> Result<(), SaveError> {
    if let Some(slug) = slug {
        if !slugs::claim(editing, C::KIND, id.uuid(), slug).await? {
            return Err(SaveError::SlugTaken);
        }
        return insert_item(editing, id, slug, content).await;
    }
    for slug in Slug::of(content.title()).candidates() {
        if slugs::claim(editing, C::KIND, id.uuid(), &slug).await? {
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

/// Saves another version of an item as its next revision, if `base` is still the number of its head. Without a slug, it keeps the
/// one of the head. Returns the new number.
pub async fn save<C: Content>(
    editing: &mut Editing<'_>,
    id: C::Id,
    base: i32,
    (content, slug): (&C, Option<&Slug>),
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
    // What is set aside does not claim its slug.
    if let Some(slug) = slug.filter(|_| fate == Fate::Head)
        && !slugs::claim(editing, C::KIND, id.uuid(), slug).await?
    {
        return Err(SaveError::SlugTaken);
    }
    let slug = slug.map_or(head.slug.as_str(), Slug::as_str);
    let (revision, number) = insert_revision(editing, id, slug, content, fate).await?;
    if fate == Fate::Head {
        sqlx::query!("update item set head_id = $2 where id = $1", id.uuid(), revision.0)
            .execute(&mut ***editing)
            .await?;
    }
    Ok(number)
}

/// Saves new versions of several items. All change in one statement, so that two sessions can change rooms.
pub async fn save_all<C: Content>(editing: &mut Editing<'_>, changes: &[(Item<C>, C)]) -> Result<(), SaveError> {
    let mut heads = Vec::with_capacity(changes.len());
    for (item, content) in changes {
        let (head, _) = insert_revision(editing, item.id, &item.slug, content, Fate::Head).await?;
        heads.push(head.0);
    }
    sqlx::query!(
        "update item set head_id = changed.head_id
         from unnest($1::uuid[], $2::uuid[]) as changed (id, head_id) where item.id = changed.id",
        &changes.iter().map(|(item, _)| item.id.uuid()).collect::<Vec<_>>(),
        &heads,
    )
    .execute(&mut ***editing)
    .await?;
    Ok(())
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
        "insert into revision (id, conference_id, item_id, kind, number, slug, title, title_folded, status, set_aside, edit_id)
         values ($1, $2, $3, $4, (select coalesce(max(number), 0) + 1 from revision where item_id = $3), $5, $6, $7, $8, $9, $10)
         returning number",
        revision.0,
        editing.conference().0,
        id.uuid(),
        C::KIND.as_str(),
        slug,
        content.title(),
        folded(content.title()),
        content.status().as_str(),
        fate == Fate::SetAside,
        editing.edit.0,
    )
    .fetch_one(&mut ***editing)
    .await?;
    content.insert(editing, revision).await?;
    Ok((revision, number))
}
