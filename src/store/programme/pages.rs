//! Pages that organisers write, such as the imprint, the privacy notice and travel information.

use sqlx::{PgConnection, PgTransaction};
use time::OffsetDateTime;

use crate::domain::{ConferenceId, PageId, RevisionId, SessionText, Slug, Title};
use crate::store::programme::revisions::{Content, Fate, ItemRow, Key, Revision, RevisionSummary, Version, Which};

/// A page as the public reads it.
#[derive(Clone, Debug)]
pub struct Published {
    /// Its title.
    pub title: String,
    /// Its text in Markdown.
    pub text: String,
    /// Whether facts are still missing.
    pub draft: bool,
}

/// Finds the published page with this slug.
pub async fn find_published(
    conn: &mut PgConnection,
    conference: ConferenceId,
    slug: &str,
) -> Result<Option<Published>, sqlx::Error> {
    sqlx::query_as!(
        Published,
        "select revision.title, revision.text, revision.draft
         from page join page_revision revision on revision.id = page.published_revision_id
         where page.conference_id = $1 and page.slug = $2",
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
        "select conference.slug as conference, page.slug, revision.title
         from page
         join page_revision revision on revision.id = page.published_revision_id
         join conference on conference.id = page.conference_id
         where revision.draft order by conference.slug, page.place, page.slug",
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
    /// The number of the published revision.
    pub revision: i32,
    /// When that revision was saved.
    pub changed: OffsetDateTime,
    /// The name of the account that saved it; `None` for the initial text.
    pub who: Option<String>,
}

/// Lists all pages in the order of the footer.
pub async fn list(conn: &mut PgConnection, conference: ConferenceId) -> Result<Vec<ListedPage>, sqlx::Error> {
    sqlx::query_as!(
        ListedPage,
        r#"select page.id as "id: PageId", page.slug, revision.title, revision.draft, revision.number as revision,
               revision.created_at as changed, account.name as "who?"
           from page
           join page_revision revision on revision.id = page.published_revision_id
           left join account on account.id = revision.account_id
           where page.conference_id = $1 order by page.place, page.slug"#,
        conference.0,
    )
    .fetch_all(conn)
    .await
}

impl Content for PageContent {
    type Id = PageId;

    fn title(&self) -> &Title {
        &self.title
    }

    async fn find_item(conn: &mut PgConnection, (conference, id): Key<Self>) -> Result<Option<ItemRow>, sqlx::Error> {
        sqlx::query_as!(
            ItemRow,
            r#"select slug, revision, published_revision_id as "published: RevisionId" from page
               where conference_id = $1 and id = $2"#,
            conference.0,
            id.0,
        )
        .fetch_optional(conn)
        .await
    }

    async fn find_revision(
        conn: &mut PgConnection,
        (conference, id): Key<Self>,
        which: Which,
    ) -> Result<Option<Revision<Self>>, sqlx::Error> {
        let (revision, number) = which.key_or_number();
        let row = sqlx::query!(
            r#"select revision.id as "id: RevisionId", number, title as "title: Title", text as "text: SessionText", draft,
                   set_aside, revision.created_at, account.name as "who?"
               from page_revision revision left join account on account.id = revision.account_id
               where conference_id = $1 and page_id = $2
                 and (revision.id = $3 or ($3::uuid is null and number <= $4 and not set_aside))
               order by number desc limit 1"#,
            conference.0,
            id.0,
            revision,
            number,
        )
        .fetch_optional(conn)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let content = Self { title: row.title, text: row.text, draft: row.draft };
        let (id, number, who, at) = (row.id, row.number, row.who, row.created_at);
        Ok(Some(Revision { id, number, who, at, set_aside: row.set_aside, content }))
    }

    async fn list_revisions(
        conn: &mut PgConnection,
        (conference, id): Key<Self>,
    ) -> Result<Vec<RevisionSummary>, sqlx::Error> {
        sqlx::query_as!(
            RevisionSummary,
            r#"select revision.id as "id: RevisionId", number, title, account.name as "who?",
                   revision.created_at as at, set_aside
               from page_revision revision left join account on account.id = revision.account_id
               where conference_id = $1 and page_id = $2 order by number desc"#,
            conference.0,
            id.0,
        )
        .fetch_all(conn)
        .await
    }

    /// The new page comes last.
    async fn insert_item(
        tx: &mut PgTransaction<'_>,
        (conference, id): Key<Self>,
        slug: &Slug,
        published: RevisionId,
    ) -> Result<bool, sqlx::Error> {
        let added = sqlx::query!(
            "insert into page (id, conference_id, slug, place, published_revision_id)
             values ($1, $2, $3, (select coalesce(max(place), 0) + 1 from page where conference_id = $2), $4)
             on conflict on constraint page_slug_unique do nothing",
            id.0,
            conference.0,
            slug.as_str(),
            published.0,
        )
        .execute(&mut **tx)
        .await?;
        Ok(added.rows_affected() == 1)
    }

    async fn count_save(
        tx: &mut PgTransaction<'_>,
        (conference, id): Key<Self>,
        base: i32,
        published: Option<RevisionId>,
    ) -> Result<Option<i32>, sqlx::Error> {
        sqlx::query_scalar!(
            "update page set revision = revision + 1, published_revision_id = coalesce($4, published_revision_id)
             where conference_id = $1 and id = $2 and revision = $3
             returning revision",
            conference.0,
            id.0,
            base,
            published.map(|id| id.0),
        )
        .fetch_optional(&mut **tx)
        .await
    }

    async fn insert_revision(
        tx: &mut PgTransaction<'_>,
        (conference, id): Key<Self>,
        (revision, number): (RevisionId, i32),
        version: &Version<'_, Self>,
    ) -> Result<(), sqlx::Error> {
        sqlx::query!(
            "insert into page_revision (id, conference_id, page_id, number, title, text, draft, set_aside, account_id,
                 created_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            revision.0,
            conference.0,
            id.0,
            number,
            version.content.title.as_str(),
            version.content.text.as_str(),
            version.content.draft,
            version.fate == Fate::SetAside,
            version.account.0,
            version.now,
        )
        .execute(&mut **tx)
        .await?;
        Ok(())
    }
}
