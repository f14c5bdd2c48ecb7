//! Items of which every saved version is a revision. Sessions and pages are stored in the same way: each implements the
//! statements on its own tables, which the compiler checks, and this module combines them.

use std::fmt::Debug;

use sqlx::{PgConnection, PgTransaction};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::domain::{self, AccountId, ConferenceId, RevisionId, Slug, Title};
use crate::store::{sites, violated};

/// The content of a kind of item, with the statements on its tables.
pub trait Content: Clone + Debug + PartialEq + Send + Sync {
    /// The type of the item's key.
    type Id: domain::Key;

    /// Returns the title, from which the slug of a new item is made.
    fn title(&self) -> &Title;

    /// Finds the item's row.
    async fn find_item(conn: &mut PgConnection, key: Key<Self>) -> Result<Option<ItemRow>, sqlx::Error>;

    /// Finds a revision of the item.
    async fn find_revision(
        conn: &mut PgConnection,
        key: Key<Self>,
        which: Which,
    ) -> Result<Option<Revision<Self>>, sqlx::Error>;

    /// Lists the revisions of the item, latest first.
    async fn list_revisions(conn: &mut PgConnection, key: Key<Self>) -> Result<Vec<RevisionSummary>, sqlx::Error>;

    /// Inserts the row of a new item with its published revision. Returns false, and inserts nothing, if another item has the
    /// slug.
    async fn insert_item(
        tx: &mut PgTransaction<'_>,
        key: Key<Self>,
        slug: &Slug,
        published: RevisionId,
    ) -> Result<bool, sqlx::Error>;

    /// Increments the number of saves if it is still `base`, and publishes the revision, if one is given. Returns the new
    /// number, or `None` if somebody else has saved since.
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

    /// Writes whatever else depends on the published content.
    async fn take_effect(&self, _: &mut PgTransaction<'_>, _: Key<Self>) -> Result<(), sqlx::Error> {
        Ok(())
    }
}

/// The key of an item. It contains the conference, so that no item of another conference is found.
pub type Key<C> = (ConferenceId, <C as Content>::Id);

/// A revision to find.
#[derive(Clone, Copy, Debug)]
pub enum Which {
    /// The revision with this key.
    Key(RevisionId),
    /// The revision that was published when the item had been saved this many times.
    PublishedAt(i32),
}

impl Which {
    /// Returns the key or the number, as statements take them.
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
    /// How many times it was saved.
    pub revision: i32,
    /// The published revision.
    pub published: RevisionId,
}

/// A revision in the history.
#[derive(Clone, Debug)]
pub struct RevisionSummary {
    /// Its key.
    pub id: RevisionId,
    /// Its number, from 1.
    pub number: i32,
    /// Its title.
    pub title: String,
    /// The name of the account that saved it; `None` for the initial programme.
    pub who: Option<String>,
    /// When it was saved.
    pub at: OffsetDateTime,
    /// Whether it was set aside in favour of another version and never published.
    pub set_aside: bool,
}

/// A revision with its content.
#[derive(Clone, Debug)]
pub struct Revision<C> {
    /// Its key.
    pub id: RevisionId,
    /// Its number, from 1.
    pub number: i32,
    /// The name of the account that saved it; `None` for the initial programme.
    pub who: Option<String>,
    /// When it was saved.
    pub at: OffsetDateTime,
    /// Whether it was never published.
    pub set_aside: bool,
    /// The content.
    pub content: C,
}

/// An item with its published revision.
#[derive(Clone, Debug)]
pub struct Item<C: Content> {
    /// The key.
    pub id: C::Id,
    /// The last part of its public address, which never changes.
    pub slug: String,
    /// How many times it was saved. A save must give this number.
    pub revision: i32,
    /// The published revision.
    pub published: Revision<C>,
}

/// What happens to a version that is saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is published.
    Published,
    /// It is kept in the history, but what is published does not change.
    SetAside,
}

/// A version to save.
#[derive(Clone, Copy, Debug)]
pub struct Version<'a, C> {
    /// The content.
    pub content: &'a C,
    /// How many times the item had been saved when editing began; 0 for a new item.
    pub base: i32,
    /// What happens to it.
    pub fate: Fate,
    /// The author's account.
    pub account: AccountId,
    /// The time of saving.
    pub now: OffsetDateTime,
}

/// Why a version was not saved.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    /// Somebody else has saved since editing began.
    #[error("saved by somebody else")]
    Stale,
    /// Another session has the room at that time.
    #[error("the room is taken at that time")]
    RoomTaken,
    /// The session is outside the days of the conference.
    #[error("outside the days of the conference")]
    OutsideConference,
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
            // The form of a new item was sent twice.
            Some("session_pkey" | "page_pkey") => Self::Stale,
            Some("slot_room_free") => Self::RoomTaken,
            Some("slot_within_conference") => Self::OutsideConference,
            Some("slot_room" | "session_revision_room") => Self::NoSuchRoom,
            _ => Self::Database(error),
        }
    }
}

/// Finds an item with its published revision.
pub async fn find<C: Content>(conn: &mut PgConnection, key: Key<C>) -> Result<Option<Item<C>>, sqlx::Error> {
    let Some(item) = C::find_item(conn, key).await? else { return Ok(None) };
    let published = C::find_revision(conn, key, Which::Key(item.published)).await?;
    let published = published.ok_or(sqlx::Error::RowNotFound)?;
    Ok(Some(Item { id: key.1, slug: item.slug, revision: item.revision, published }))
}

/// Adds an item with the first free slug that can be made from its title, and publishes it.
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

/// Saves another version of an item as its next revision and returns its number. The first statement locks the row of
/// `publication`, so saves are made one at a time, and two that want the same room cannot wait for each other.
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
