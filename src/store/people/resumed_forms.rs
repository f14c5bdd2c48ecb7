//! Forms that were sent after their login had ended, kept until the person has sent them again.

use sqlx::{PgConnection, PgTransaction, types::Json};
use time::{Duration, OffsetDateTime};

use crate::domain::{AccountId, ResumedFormId};

/// How long such a form is kept at most.
const KEPT: Duration = Duration::days(1);

/// Keeps a form for the page at `path`. Older ones of anybody that nobody came back for are deleted with it.
pub async fn keep(
    tx: &mut PgTransaction<'_>,
    account: AccountId,
    path: &str,
    fields: &[(String, String)],
    now: OffsetDateTime,
) -> Result<ResumedFormId, sqlx::Error> {
    let id = ResumedFormId::new();
    sqlx::query!("delete from resumed_form where created_at < $1", now - KEPT).execute(&mut **tx).await?;
    sqlx::query!(
        "insert into resumed_form (id, account_id, path, fields, created_at) values ($1, $2, $3, $4, $5)",
        id.0,
        account.0,
        path,
        Json(fields) as _,
        now,
    )
    .execute(&mut **tx)
    .await?;
    Ok(id)
}

/// The fields of the form that this person sent to this path.
pub async fn find(
    conn: &mut PgConnection,
    account: AccountId,
    id: ResumedFormId,
    path: &str,
    now: OffsetDateTime,
) -> Result<Option<Vec<(String, String)>>, sqlx::Error> {
    let fields = sqlx::query_scalar!(
        r#"select fields as "fields: Json<Vec<(String, String)>>" from resumed_form
           where id = $1 and account_id = $2 and path = $3 and created_at > $4"#,
        id.0,
        account.0,
        path,
        now - KEPT,
    )
    .fetch_optional(conn)
    .await?;
    Ok(fields.map(|Json(fields)| fields))
}

/// Deletes what this person had sent to this path: it has been sent again and taken.
pub async fn drop_taken(conn: &mut PgConnection, account: AccountId, path: &str) -> Result<(), sqlx::Error> {
    sqlx::query!("delete from resumed_form where account_id = $1 and path = $2", account.0, path).execute(conn).await?;
    Ok(())
}
