//! Pages that organisers write, such as the imprint, the privacy notice and travel information.

use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::domain::{ConferenceId, PageId, Placement, RevisionId, SessionText, Status, Title};
use crate::store::programme::{
    editing::Editing,
    items::{Content, ItemKind},
};

/// A page as the public reads it.
#[derive(Clone, Debug)]
pub struct Published {
    /// Its key.
    pub id: PageId,
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
        r#"select item.id as "id: PageId", title, text, draft,
             exists (select from slug where item_id = item.id and slug.kind = 'page' and slug.slug = 'privacy')
                 as "is_privacy_notice!"
         from item
         join revision on revision.id = item.published_id
         join page_content on page_content.revision_id = revision.id
         where item.conference_id = $1 and revision.slug = $2 and status <> 'withdrawn'"#,
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
         where draft and status <> 'withdrawn' order by conference.slug, place, item.created_at, item.id",
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
    /// Where the frame of every public page links to it.
    pub placement: Placement,
    /// Its place in the order of the pages, from 1. Pages with the same place are in the order in which they were added.
    pub place: i16,
    /// [`Status::Confirmed`], or [`Status::Withdrawn`] if it was removed.
    pub status: Status,
}

/// A page in a list.
#[derive(Clone, Debug)]
pub struct ListedPage {
    /// The key.
    pub id: PageId,
    /// The last part of its address, if the public can read it.
    pub public_slug: Option<String>,
    /// Its title.
    pub title: String,
    /// Whether facts are still missing.
    pub draft: bool,
    /// Where the frame of every public page links to it.
    pub placement: Placement,
    /// Its place in the order of the pages.
    pub place: i16,
    /// Its status.
    pub status: Status,
    /// Whether the public reads another revision or none.
    pub unpublished: bool,
    /// The number of the head.
    pub revision: i32,
    /// When it was saved.
    pub changed: OffsetDateTime,
    /// The name of the account that saved it; `None` for the initial text.
    pub who: Option<String>,
}

/// Lists the pages in the order of the menu and the footer, also those that were removed.
pub async fn list(conn: &mut PgConnection, conference: ConferenceId) -> Result<Vec<ListedPage>, sqlx::Error> {
    sqlx::query_as!(
        ListedPage,
        r#"select listed_item.item_id as "id!: PageId", public.slug as "public_slug?", listed_item.title as "title!", draft,
               placement as "placement: Placement", place, listed_item.status as "status!: Status",
               unpublished as "unpublished!", revision as "revision!", changed as "changed!", who
           from listed_item
           join page_content using (revision_id)
           join item on item.id = listed_item.item_id
           left join revision public on public.id = item.published_id and public.status <> 'withdrawn'
           where listed_item.conference_id = $1 order by place, item.created_at, item.id"#,
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

    fn status(&self) -> Status {
        self.status
    }

    async fn get(conn: &mut PgConnection, revision: RevisionId) -> Result<Self, sqlx::Error> {
        sqlx::query_as!(
            Self,
            r#"select title as "title: Title", text as "text: SessionText", draft, placement as "placement: Placement", place,
                   status as "status: Status"
               from revision join page_content on page_content.revision_id = revision.id where revision.id = $1"#,
            revision.0,
        )
        .fetch_one(conn)
        .await
    }

    async fn insert(&self, editing: &mut Editing<'_>, revision: RevisionId) -> Result<(), sqlx::Error> {
        let Self { title: _, text, draft, placement, place, status: _ } = self;
        sqlx::query!(
            "insert into page_content (revision_id, conference_id, text, draft, placement, place) values ($1, $2, $3, $4, $5, $6)",
            revision.0,
            editing.conference().0,
            text.as_str(),
            draft,
            placement.as_str(),
            place,
        )
        .execute(&mut ***editing)
        .await?;
        Ok(())
    }
}
