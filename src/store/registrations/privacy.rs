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

/// Finds the published notice: the page that has or once had the slug `privacy`.
pub async fn find(conn: &mut PgConnection, conference: ConferenceId) -> Result<Option<Notice>, sqlx::Error> {
    sqlx::query_as!(
        Notice,
        r#"select revision.id as "revision: RevisionId", number, edit.created_at as since, text, draft
           from item
           join revision on revision.id = item.published_id
           join page_content on page_content.revision_id = revision.id
           join edit on edit.id = revision.edit_id
           join slug on slug.item_id = item.id and slug.kind = item.kind and slug.slug = 'privacy'
           where item.conference_id = $1"#,
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
               select from release_change
               join slug on slug.item_id = release_change.item_id and slug.kind = 'page' and slug.slug = 'privacy'
               where after_id = $2 and release_change.conference_id = $1) as "exists!""#,
        conference.0,
        revision.0,
    )
    .fetch_one(conn)
    .await
}
