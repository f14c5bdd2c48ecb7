//! Secret links to the draft of the programme. Only their hashes are stored.

use sqlx::{PgConnection, PgTransaction};
use time::OffsetDateTime;

use crate::domain::{AccountId, ConferenceId, PreviewLinkId, Secret};

/// A valid link in a list.
#[derive(Clone, Debug)]
pub struct PreviewLink {
    /// Its key.
    pub id: PreviewLinkId,
    /// The name of the account that created it.
    pub who: String,
    /// When it was created.
    pub at: OffsetDateTime,
}

/// Creates a link. The secret is not stored, so only the caller has it.
pub async fn mint(
    tx: &mut PgTransaction<'_>,
    conference: ConferenceId,
    account: AccountId,
    now: OffsetDateTime,
) -> Result<(PreviewLinkId, Secret), sqlx::Error> {
    let (id, secret) = (PreviewLinkId::new(), Secret::random());
    let hash = secret.hash();
    sqlx::query!(
        "insert into preview_link (id, conference_id, hash, account_id, created_at) values ($1, $2, $3, $4, $5)",
        id.0,
        conference.0,
        hash.as_bytes(),
        account.0,
        now,
    )
    .execute(&mut **tx)
    .await?;
    Ok((id, secret))
}

/// Lists the valid links of a conference, the oldest first.
pub async fn list(conn: &mut PgConnection, conference: ConferenceId) -> Result<Vec<PreviewLink>, sqlx::Error> {
    sqlx::query_as!(
        PreviewLink,
        r#"select preview_link.id as "id: PreviewLinkId", account.name as who, preview_link.created_at as at
           from preview_link join account on account.id = account_id
           where conference_id = $1 and revoked_at is null
           order by preview_link.created_at, preview_link.id"#,
        conference.0,
    )
    .fetch_all(conn)
    .await
}

/// Revokes a link. Returns whether it was still valid.
pub async fn revoke(
    tx: &mut PgTransaction<'_>,
    conference: ConferenceId,
    id: PreviewLinkId,
    account: AccountId,
    now: OffsetDateTime,
) -> Result<bool, sqlx::Error> {
    let revoked = sqlx::query!(
        "update preview_link set revoked_at = $4, revoked_by = $3
         where conference_id = $1 and id = $2 and revoked_at is null",
        conference.0,
        id.0,
        account.0,
        now,
    );
    Ok(revoked.execute(&mut **tx).await?.rows_affected() == 1)
}

/// Whether a link that somebody followed may still be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Validity {
    /// It shows the draft.
    Valid,
    /// An organiser has revoked it.
    Revoked,
}

/// Finds the link of this conference with this secret.
pub async fn find(
    conn: &mut PgConnection,
    conference: ConferenceId,
    secret: &Secret,
) -> Result<Option<Validity>, sqlx::Error> {
    let hash = secret.hash();
    let revoked = sqlx::query_scalar!(
        r#"select revoked_at is not null as "revoked!" from preview_link where conference_id = $1 and hash = $2"#,
        conference.0,
        hash.as_bytes(),
    )
    .fetch_optional(conn)
    .await?;
    Ok(revoked.map(|revoked| if revoked { Validity::Revoked } else { Validity::Valid }))
}
