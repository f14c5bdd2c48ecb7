//! The privacy notice that the registration form shows, and its versions.

use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::domain::{ConferenceId, RevisionId};

/// The notice as the public reads it.
#[derive(Clone, Debug)]
pub struct Notice {
    /// This version.
    pub revision: RevisionId,
    /// Its number, from 1.
    pub number: i32,
    /// When this version was saved.
    pub since: OffsetDateTime,
    /// Its text in Markdown.
    pub text: String,
    /// Whether facts are still missing.
    pub draft: bool,
}

/// Finds the published notice.
pub async fn find(conn: &mut PgConnection, conference: ConferenceId) -> Result<Option<Notice>, sqlx::Error> {
    sqlx::query_as!(
        Notice,
        r#"select revision.id as "revision: RevisionId", revision.number, revision.created_at as since, revision.text,
               revision.draft
           from page join page_revision revision on revision.id = page.published_revision_id
           where page.conference_id = $1 and page.slug = 'privacy'"#,
        conference.0,
    )
    .fetch_optional(conn)
    .await
}

/// Returns whether this is a version of the notice that is published or was published earlier.
pub async fn is_notice(
    conn: &mut PgConnection,
    conference: ConferenceId,
    revision: RevisionId,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select exists (
               select from page_revision revision join page on page.id = revision.page_id
               where revision.id = $2 and not revision.set_aside and page.conference_id = $1
                   and page.slug = 'privacy') as "exists!""#,
        conference.0,
        revision.0,
    )
    .fetch_one(conn)
    .await
}
