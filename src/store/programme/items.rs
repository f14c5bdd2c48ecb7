//! Items, which organisers edit, and their revisions. Sessions and pages are stored in the same way. The content of each kind
//! has a table of its own; everything else is here.

use std::fmt::Debug;

use sqlx::PgConnection;
use time::OffsetDateTime;

use super::editing::Editing;
use crate::domain::{self, ConferenceId, Key as _, RevisionId, Status, text_enum};

text_enum! {
    /// The kinds of items.
    pub enum ItemKind {
        /// The facts of the conference.
        Conference = "conference",
        /// A session of the programme.
        Session = "session",
        /// A kind of session.
        SessionKind = "session_kind",
        /// A room of the venue.
        Room = "room",
        /// A topic of the conference.
        Topic = "topic",
        /// A person who takes part in sessions.
        Person = "person",
        /// A page, such as the imprint.
        Page = "page",
        /// The words of a part of the site, or of a kind of mail.
        Text = "text",
    }
}

impl ItemKind {
    /// Returns the words of all kinds. Items of other kinds belong to a newer version, so lists leave them out.
    pub fn known() -> Vec<String> {
        Self::ALL.iter().map(ToString::to_string).collect()
    }
}

/// The content of a kind of item, with the statements on its tables.
pub trait Content: Clone + Debug + PartialEq + Send + Sync {
    /// The type of the item's key.
    type Id: domain::Key;

    /// The kind of item.
    const KIND: ItemKind;

    /// Returns the title, from which the slug of a new item is made.
    fn title(&self) -> &str;

    /// Returns how far it is.
    fn status(&self) -> Status;

    /// Reads the content of a revision of this kind.
    async fn get(conn: &mut PgConnection, revision: RevisionId) -> Result<Self, sqlx::Error>;

    /// Writes the content of a new revision, whose own row exists already.
    async fn insert(&self, editing: &mut Editing<'_>, revision: RevisionId) -> Result<(), sqlx::Error>;
}

/// The key of an item. It contains the conference, so that no item of another conference is found.
pub type Key<C> = (ConferenceId, <C as Content>::Id);

/// A revision to find.
#[derive(Clone, Copy, Debug)]
pub enum Which {
    /// The revision with this key.
    Key(RevisionId),
    /// The head when the item's last revision had this number.
    HeadAt(i32),
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
    /// Whether it was set aside in favour of another version and was never the head.
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
    /// Whether it was never the head.
    pub set_aside: bool,
    /// The last part of the item's address.
    pub slug: String,
    /// The content.
    pub content: C,
}

/// An item with its head.
#[derive(Clone, Debug)]
pub struct Item<C: Content> {
    /// The key.
    pub id: C::Id,
    /// The last part of its public address; if it is not public, of the address that it would have.
    pub slug: String,
    /// The revision that the public reads, if the item is public.
    pub published: Option<RevisionId>,
    /// The revision that organisers see. A save must give its number.
    pub head: Revision<C>,
}

impl<C: Content> Item<C> {
    /// Whether the public reads the head.
    pub fn is_published(&self) -> bool {
        self.published == Some(self.head.id)
    }
}

/// Finds an item with its head.
pub async fn find<C: Content>(conn: &mut PgConnection, key: Key<C>) -> Result<Option<Item<C>>, sqlx::Error> {
    let (conference, id) = key;
    let row = sqlx::query!(
        r#"select revision.slug, head_id as "head: RevisionId", published_id as "published: RevisionId"
           from item join revision on revision.id = coalesce(item.published_id, item.head_id)
           where item.conference_id = $1 and item.id = $2 and item.kind = $3"#,
        conference.0,
        id.uuid(),
        C::KIND.as_str(),
    )
    .fetch_optional(&mut *conn)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let head = find_revision(conn, key, Which::Key(row.head)).await?.ok_or(sqlx::Error::RowNotFound)?;
    Ok(Some(Item { id, slug: row.slug, published: row.published, head }))
}

/// Finds a revision of an item.
pub async fn find_revision<C: Content>(
    conn: &mut PgConnection,
    (conference, id): Key<C>,
    which: Which,
) -> Result<Option<Revision<C>>, sqlx::Error> {
    let (revision, number) = match which {
        Which::Key(id) => (Some(id.0), 0),
        Which::HeadAt(number) => (None, number),
    };
    let row = sqlx::query!(
        r#"select revision.id as "id: RevisionId", number, set_aside, slug, edit.created_at as at, account.name as "who?"
           from revision join edit on edit.id = revision.edit_id left join account on account.id = edit.account_id
           where revision.conference_id = $1 and item_id = $2 and kind = $3
             and (revision.id = $4 or ($4::uuid is null and number <= $5 and not set_aside))
           order by number desc limit 1"#,
        conference.0,
        id.uuid(),
        C::KIND.as_str(),
        revision,
        number,
    )
    .fetch_optional(&mut *conn)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let content = C::get(conn, row.id).await?;
    Ok(Some(Revision {
        id: row.id,
        number: row.number,
        who: row.who,
        at: row.at,
        set_aside: row.set_aside,
        slug: row.slug,
        content,
    }))
}

/// Returns the last part of the address that a revision gives its item.
pub async fn get_slug(conn: &mut PgConnection, revision: RevisionId) -> Result<String, sqlx::Error> {
    sqlx::query_scalar!("select slug from revision where id = $1", revision.0).fetch_one(conn).await
}

/// Lists the revisions of an item, latest first.
pub async fn list_revisions<C: Content>(
    conn: &mut PgConnection,
    (conference, id): Key<C>,
) -> Result<Vec<RevisionSummary>, sqlx::Error> {
    sqlx::query_as!(
        RevisionSummary,
        r#"select revision.id as "id: RevisionId", number, title, account.name as "who?", edit.created_at as at, set_aside
           from revision join edit on edit.id = revision.edit_id left join account on account.id = edit.account_id
           where revision.conference_id = $1 and item_id = $2 and kind = $3 order by number desc"#,
        conference.0,
        id.uuid(),
        C::KIND.as_str(),
    )
    .fetch_all(conn)
    .await
}
