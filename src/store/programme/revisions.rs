//! Items, of which every save is a revision, and a save names the one it started from. Sessions and pages are kept alike:
//! each gives the statements on its own tables, which the compiler checks, and what they do together stands here once.

use std::fmt::Debug;

use sqlx::{PgConnection, PgTransaction};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::domain::{self, AccountId, ConferenceId, RevisionId, Slug, Title};
use crate::store::{sites, violated};

/// What the revisions of one kind of item say, and how they are kept.
pub trait Content: Clone + Debug + PartialEq + Send + Sync {
    /// The key of such an item.
    type Id: domain::Key;

    /// Its title, from which a new item's slug is made.
    fn title(&self) -> &Title;

    /// The item's row.
    async fn find_item(conn: &mut PgConnection, key: Key<Self>) -> Result<Option<ItemRow>, sqlx::Error>;

    /// One of its revisions.
    async fn find_revision(
        conn: &mut PgConnection,
        key: Key<Self>,
        which: Which,
    ) -> Result<Option<Revision<Self>>, sqlx::Error>;

    /// All its revisions, the latest first.
    async fn list_revisions(conn: &mut PgConnection, key: Key<Self>) -> Result<Vec<HistoryEntry>, sqlx::Error>;

    /// Inserts the row of a new item, published as this revision, unless another has the slug: then nothing is inserted.
    async fn insert_item(
        tx: &mut PgTransaction<'_>,
        key: Key<Self>,
        slug: &Slug,
        published: RevisionId,
    ) -> Result<bool, sqlx::Error>;

    /// Counts a save of an item that has been saved `base` times, and publishes this revision if there is one. The number
    /// of the save; none if somebody else has saved since.
    async fn count_save(
        tx: &mut PgTransaction<'_>,
        key: Key<Self>,
        base: i32,
        published: Option<RevisionId>,
    ) -> Result<Option<i32>, sqlx::Error>;

    /// Inserts a revision.
    async fn insert_revision(
        tx: &mut PgTransaction<'_>,
        key: Key<Self>,
        revision: (RevisionId, i32),
        version: &Version<'_, Self>,
    ) -> Result<(), sqlx::Error>;

    /// What else has to be written when this becomes what the public reads.
    async fn take_effect(&self, _: &mut PgTransaction<'_>, _: Key<Self>) -> Result<(), sqlx::Error> {
        Ok(())
    }
}

/// An item's key: none is ever found from another conference.
pub type Key<C> = (ConferenceId, <C as Content>::Id);

/// Which revision of an item is wanted.
#[derive(Clone, Copy, Debug)]
pub enum Which {
    /// The one with this key.
    Key(RevisionId),
    /// The one that was published when the item had been saved this many times.
    PublishedAt(i32),
}

impl Which {
    /// The key, or else the number, as statements take them.
    pub fn key_or_number(self) -> (Option<Uuid>, i32) {
        match self {
            Self::Key(id) => (Some(id.0), 0),
            Self::PublishedAt(number) => (None, number),
        }
    }
}

/// An item's own row.
#[derive(Clone, Debug)]
pub struct ItemRow {
    /// The last part of its public address.
    pub slug: String,
    /// How often it was saved.
    pub revision: i32,
    /// The published revision.
    pub published: RevisionId,
}

/// A revision in the list of them.
#[derive(Clone, Debug)]
pub struct HistoryEntry {
    /// Its key.
    pub id: RevisionId,
    /// Its number, from 1.
    pub number: i32,
    /// The title it has.
    pub title: String,
    /// Who saved it; none is the shipped programme.
    pub who: Option<String>,
    /// When.
    pub at: OffsetDateTime,
    /// Whether it was never published: its writer gave way to another's version.
    pub set_aside: bool,
}

/// A revision with all that it says.
#[derive(Clone, Debug)]
pub struct Revision<C> {
    /// Its key.
    pub id: RevisionId,
    /// Its number, from 1.
    pub number: i32,
    /// Who saved it; none is the shipped programme.
    pub who: Option<String>,
    /// When.
    pub at: OffsetDateTime,
    /// Whether it was never published.
    pub set_aside: bool,
    /// What it says.
    pub content: C,
}

/// An item as the public reads it now.
#[derive(Clone, Debug)]
pub struct Item<C: Content> {
    /// Which it is.
    pub id: C::Id,
    /// The last part of its public address, for ever.
    pub slug: String,
    /// How often it was saved; a save names this number.
    pub revision: i32,
    /// What is published.
    pub published: Revision<C>,
}

/// What becomes of a version that is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// The public reads it from now on.
    Published,
    /// It is kept for those who write, and the public goes on reading what it read.
    SetAside,
}

/// A version to keep.
#[derive(Clone, Copy, Debug)]
pub struct Version<'a, C> {
    /// What it says.
    pub content: &'a C,
    /// How often the item had been saved when the writing began; 0 for a new one.
    pub base: i32,
    /// What becomes of it.
    pub fate: Fate,
    /// Who wrote it.
    pub account: AccountId,
    /// When it is kept.
    pub now: OffsetDateTime,
}

/// Why a version was not kept.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    /// Somebody has saved since the number that was named.
    #[error("saved by somebody else meanwhile")]
    Stale,
    /// Another session has the room at that time.
    #[error("the room is taken at that time")]
    RoomTaken,
    /// It lies outside the days of the conference.
    #[error("outside the days of the conference")]
    OutsideConference,
    /// The room is gone, or was never one of this conference.
    #[error("no such room")]
    NoSuchRoom,
    /// The database failed.
    #[error(transparent)]
    Database(sqlx::Error),
}

impl From<sqlx::Error> for SaveError {
    fn from(error: sqlx::Error) -> Self {
        match violated(&error) {
            // A new one that was sent twice.
            Some("session_pkey" | "page_pkey") => Self::Stale,
            Some("slot_room_free") => Self::RoomTaken,
            Some("slot_within_conference") => Self::OutsideConference,
            Some("slot_room" | "session_revision_room") => Self::NoSuchRoom,
            _ => Self::Database(error),
        }
    }
}

/// An item as it is published now.
pub async fn find<C: Content>(conn: &mut PgConnection, key: Key<C>) -> Result<Option<Item<C>>, sqlx::Error> {
    let Some(item) = C::find_item(conn, key).await? else { return Ok(None) };
    let published = C::find_revision(conn, key, Which::Key(item.published)).await?;
    let published = published.ok_or(sqlx::Error::RowNotFound)?;
    Ok(Some(Item { id: key.1, slug: item.slug, revision: item.revision, published }))
}

/// Adds an item, published at once, under the first free slug of its title.
pub async fn add<C: Content>(
    tx: &mut PgTransaction<'_>,
    key: Key<C>,
    version: &Version<'_, C>,
) -> Result<(), SaveError> {
    sites::publish_alone(tx).await?;
    let revision = RevisionId::new();
    for slug in Slug::of(version.content.title().as_str()).candidates() {
        if C::insert_item(tx, key, &slug, revision).await? {
            break;
        }
    }
    C::insert_revision(tx, key, (revision, 1), version).await?;
    Ok(version.content.take_effect(tx, key).await?)
}

/// Keeps another version of an item that has been saved `base` times, as its next revision; returns that number.
/// The publication's row, which the first statement locks, lets one save after another through, so that two that
/// want the same room cannot wait for each other.
pub async fn keep<C: Content>(
    tx: &mut PgTransaction<'_>,
    key: Key<C>,
    version: &Version<'_, C>,
) -> Result<i32, SaveError> {
    let revision = RevisionId::new();
    let published = (version.fate == Fate::Published).then_some(revision);
    let number = C::count_save(tx, key, version.base, published).await?.ok_or(SaveError::Stale)?;
    C::insert_revision(tx, key, (revision, number), version).await?;
    if version.fate == Fate::Published {
        version.content.take_effect(tx, key).await?;
    }
    Ok(number)
}
