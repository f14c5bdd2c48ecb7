//! Pages that organisers write, such as the imprint, the privacy notice and travel information.

use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::domain::{ConferenceId, PageId, RevisionId, SessionText, Status, Title};
use crate::store::programme::{
    editing::Editing,
    items::{Content, ItemKind},
};

/// A page as the public reads it.
#[derive(Clone, Debug)]
pub struct Published {
    /// Its title.
    pub title: String,
    /// Its text in Markdown.
    pub text: String,
    /// Whether facts are still missing.
    pub draft: bool,
    /// Whether it is the privacy notice: the page that has or once had the slug `privacy`.
    pub is_privacy_notice: bool,
}

/// Finds the published page with this slug.
pub async fn find_published(
    conn: &mut PgConnection,
    conference: ConferenceId,
    slug: &str,
) -> Result<Option<Published>, sqlx::Error> {
    sqlx::query_as!(
        Published,
        r#"select title, text, draft,
             exists (select from slug where item_id = item.id and slug.kind = 'page' and slug.slug = 'privacy')
                 as "is_privacy_notice!"
         from item
         join revision on revision.id = item.published_id
         join page_content on page_content.revision_id = revision.id
         where item.conference_id = $1 and revision.slug = $2"#,
        conference.0,
        slug,
    )
    .fetch_optional(conn)
    .await
}

/// A published page with missing facts.
#[derive(Clone, Debug)]
pub struct Draft {
    /// The conference's slug.
    pub conference: String,
    /// The page's slug.
    pub slug: String,
    /// Its title.
    pub title: String,
}

/// Lists the published pages with missing facts.
pub async fn list_drafts(conn: &mut PgConnection) -> Result<Vec<Draft>, sqlx::Error> {
    sqlx::query_as!(
        Draft,
        "select conference.slug as conference, revision.slug, revision.title
         from item
         join revision on revision.id = item.published_id
         join page_content on page_content.revision_id = revision.id
         join conference on conference.id = item.conference_id
         where draft order by conference.slug, item.created_at, item.id",
    )
    .fetch_all(conn)
    .await
}

/// The content of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageContent {
    /// Its title.
    pub title: Title,
    /// Its text in Markdown.
    pub text: SessionText,
    /// Whether facts are still missing.
    pub draft: bool,
}

/// A page in a list.
#[derive(Clone, Debug)]
pub struct ListedPage {
    /// The key.
    pub id: PageId,
    /// The last part of its address.
    pub slug: String,
    /// Its title.
    pub title: String,
    /// Whether facts are still missing.
    pub draft: bool,
    /// The number of the head.
    pub revision: i32,
    /// When it was saved.
    pub changed: OffsetDateTime,
    /// The name of the account that saved it; `None` for the initial text.
    pub who: Option<String>,
}

/// Lists all pages in the order of the footer.
pub async fn list(conn: &mut PgConnection, conference: ConferenceId) -> Result<Vec<ListedPage>, sqlx::Error> {
    sqlx::query_as!(
        ListedPage,
        r#"select item_id as "id!: PageId", slug as "slug!", title as "title!", draft, revision as "revision!",
               changed as "changed!", who
           from listed_item join page_content using (revision_id) join item on item.id = item_id
           where listed_item.conference_id = $1 order by item.created_at, item.id"#,
        conference.0,
    )
    .fetch_all(conn)
    .await
}

impl Content for PageContent {
    type Id = PageId;

    const KIND: ItemKind = ItemKind::Page;

    fn title(&self) -> &str {
        self.title.as_str()
    }

    /// Returns [`Status::Confirmed`]: what is missing from a page is said on it.
    fn status(&self) -> Status {
        Status::Confirmed
    }

    async fn get(conn: &mut PgConnection, revision: RevisionId) -> Result<Self, sqlx::Error> {
        sqlx::query_as!(
            Self,
            r#"select title as "title: Title", text as "text: SessionText", draft
               from revision join page_content on page_content.revision_id = revision.id where revision.id = $1"#,
            revision.0,
        )
        .fetch_one(conn)
        .await
    }

    async fn insert(&self, editing: &mut Editing<'_>, revision: RevisionId) -> Result<(), sqlx::Error> {
        let Self { title: _, text, draft } = self;
        sqlx::query!(
            "insert into page_content (revision_id, conference_id, text, draft) values ($1, $2, $3, $4)",
            revision.0,
            editing.conference().0,
            text.as_str(),
            draft,
        )
        .execute(&mut ***editing)
        .await?;
        Ok(())
    }
}
