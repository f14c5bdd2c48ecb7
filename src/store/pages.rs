//! Pages that organisers write: imprint, privacy notice, travel …

use sqlx::{PgConnection, PgTransaction};
use time::OffsetDateTime;

use super::{
    revisions::{Edited, Fate, Revision, SaveError, Saved, Version},
    sites, unreadable,
};
use crate::domain::{ConferenceId, PageId, RevisionId, SessionText, Slug, Title};

/// A page as the public reads it.
#[derive(Clone, Debug)]
pub struct Published {
    /// Its title.
    pub title: String,
    /// Its text in Markdown.
    pub text: String,
    /// Whether facts are still missing that nobody has given.
    pub draft: bool,
}

/// The published state of the page with this slug.
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

/// A page whose facts are still to be completed.
#[derive(Clone, Debug)]
pub struct Draft {
    /// The conference's slug.
    pub conference: String,
    /// The page's slug.
    pub slug: String,
    /// Its title.
    pub title: String,
}

/// The pages that the public reads as drafts.
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

/// All that a page says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// Its title.
    pub title: Title,
    /// Its text in Markdown.
    pub text: SessionText,
    /// Whether facts are still missing that nobody has given.
    pub draft: bool,
}

/// A page as the list of all of them shows it.
#[derive(Clone, Debug)]
pub struct ListedPage {
    /// Which it is.
    pub id: PageId,
    /// The last part of its public address.
    pub slug: String,
    /// Its title.
    pub title: String,
    /// Whether facts are still missing.
    pub draft: bool,
    /// The number of the published revision.
    pub revision: i32,
    /// When that was saved.
    pub changed: OffsetDateTime,
    /// By whom; none is the shipped text.
    pub who: Option<String>,
}

/// All pages, in the order of the footer.
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

/// A page as it is published now.
pub async fn find(
    conn: &mut PgConnection,
    conference: ConferenceId,
    id: PageId,
) -> Result<Option<Edited<PageId, State>>, sqlx::Error> {
    let row = sqlx::query!(
        r#"select slug, revision, published_revision_id as "published: RevisionId" from page
           where conference_id = $1 and id = $2"#,
        conference.0,
        id.0,
    )
    .fetch_optional(&mut *conn)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let published = find_revision(conn, conference, id, row.published).await?.ok_or(sqlx::Error::RowNotFound)?;
    Ok(Some(Edited { id, slug: row.slug, revision: row.revision, published }))
}

/// One revision of a page.
pub async fn find_revision(
    conn: &mut PgConnection,
    conference: ConferenceId,
    page: PageId,
    id: RevisionId,
) -> Result<Option<Revision<State>>, sqlx::Error> {
    revision(conn, conference, page, Some(id), 0).await
}

/// What was published when the page had been saved this many times.
pub async fn find_published_at(
    conn: &mut PgConnection,
    conference: ConferenceId,
    page: PageId,
    number: i32,
) -> Result<Option<Revision<State>>, sqlx::Error> {
    revision(conn, conference, page, None, number).await
}

async fn revision(
    conn: &mut PgConnection,
    conference: ConferenceId,
    page: PageId,
    id: Option<RevisionId>,
    number: i32,
) -> Result<Option<Revision<State>>, sqlx::Error> {
    let row = sqlx::query!(
        r#"select revision.id as "id: RevisionId", number, title, text, draft, set_aside, revision.created_at,
               account.name as "who?"
           from page_revision revision left join account on account.id = revision.account_id
           where conference_id = $1 and page_id = $2
             and (revision.id = $3 or ($3::uuid is null and number <= $4 and not set_aside))
           order by number desc limit 1"#,
        conference.0,
        page.0,
        id.map(|id| id.0),
        number,
    )
    .fetch_optional(conn)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let state = State {
        title: Title::parse(&row.title).map_err(|_| unreadable("title"))?,
        text: SessionText::parse(&row.text).map_err(|_| unreadable("text"))?,
        draft: row.draft,
    };
    Ok(Some(Revision {
        id: row.id,
        number: row.number,
        who: row.who,
        at: row.created_at,
        set_aside: row.set_aside,
        state,
    }))
}

/// All revisions of a page, the latest first.
pub async fn revisions(
    conn: &mut PgConnection,
    conference: ConferenceId,
    page: PageId,
) -> Result<Vec<Saved>, sqlx::Error> {
    sqlx::query_as!(
        Saved,
        r#"select revision.id as "id: RevisionId", number, title, account.name as "who?", revision.created_at as at,
               set_aside
           from page_revision revision left join account on account.id = revision.account_id
           where conference_id = $1 and page_id = $2 order by number desc"#,
        conference.0,
        page.0,
    )
    .fetch_all(conn)
    .await
}

/// Adds a page, published at once, behind the others and under the first free slug of its title.
pub async fn add(
    tx: &mut PgTransaction<'_>,
    conference: ConferenceId,
    id: PageId,
    version: &Version<'_, State>,
) -> Result<(), SaveError> {
    sites::publish_alone(tx).await?;
    let revision = RevisionId::new();
    for slug in Slug::of(version.state.title.as_str()).candidates() {
        let added = sqlx::query!(
            "insert into page (id, conference_id, slug, place, published_revision_id)
             values ($1, $2, $3, (select coalesce(max(place), 0) + 1 from page where conference_id = $2), $4)
             on conflict on constraint page_slug_unique do nothing",
            id.0,
            conference.0,
            slug.as_str(),
            revision.0,
        )
        .execute(&mut **tx)
        .await?;
        if added.rows_affected() == 1 {
            break;
        }
    }
    write(tx, conference, id, (revision, 1), version).await
}

/// Keeps another version of a page that has been saved `base` times, as its next revision; returns that number.
pub async fn keep(
    tx: &mut PgTransaction<'_>,
    conference: ConferenceId,
    id: PageId,
    version: &Version<'_, State>,
) -> Result<i32, SaveError> {
    let revision = RevisionId::new();
    let published = (version.fate == Fate::Published).then_some(revision.0);
    let number = sqlx::query_scalar!(
        "update page set revision = revision + 1, published_revision_id = coalesce($4, published_revision_id)
         where conference_id = $1 and id = $2 and revision = $3
         returning revision",
        conference.0,
        id.0,
        version.base,
        published,
    )
    .fetch_optional(&mut **tx)
    .await?
    .ok_or(SaveError::Stale)?;
    write(tx, conference, id, (revision, number), version).await?;
    Ok(number)
}

async fn write(
    tx: &mut PgTransaction<'_>,
    conference: ConferenceId,
    page: PageId,
    (id, number): (RevisionId, i32),
    version: &Version<'_, State>,
) -> Result<(), SaveError> {
    sqlx::query!(
        "insert into page_revision (id, conference_id, page_id, number, title, text, draft, set_aside, account_id,
             created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        id.0,
        conference.0,
        page.0,
        number,
        version.state.title.as_str(),
        version.state.text.as_str(),
        version.state.draft,
        version.fate == Fate::SetAside,
        version.account.0,
        version.now,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
