//! Forms that were sent after the login had ended. They are stored until the person has signed in and sent them again.

use sqlx::{PgConnection, PgTransaction, types::Json};
use time::{Duration, OffsetDateTime};

use crate::domain::{AccountId, ResumedFormId};

/// The longest time that a form is stored.
const LIFETIME: Duration = Duration::days(1);

/// Stores a form for the page at `path`. Also deletes expired forms.
pub async fn keep(
    tx: &mut PgTransaction<'_>,
    account: AccountId,
    path: &str,
    fields: &[(String, String)],
    now: OffsetDateTime,
) -> Result<ResumedFormId, sqlx::Error> {
    let id = ResumedFormId::new();
    sqlx::query!("delete from resumed_form where created_at < $1", now - LIFETIME).execute(&mut **tx).await?;
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

/// Finds the fields of the form that this person sent to this path.
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
        now - LIFETIME,
    )
    .fetch_optional(conn)
    .await?;
    Ok(fields.map(|Json(fields)| fields))
}

/// Deletes the forms that this person sent to this path, after one was sent again and accepted.
pub async fn drop_taken(conn: &mut PgConnection, account: AccountId, path: &str) -> Result<(), sqlx::Error> {
    sqlx::query!("delete from resumed_form where account_id = $1 and path = $2", account.0, path).execute(conn).await?;
    Ok(())
}
