//! Which mails a conference sends.

use sqlx::{PgConnection, PgTransaction};

use crate::domain::ConferenceId;

/// Lists the kinds of mail that are switched off, in the order of their names.
pub async fn list_off(conn: &mut PgConnection, conference: ConferenceId) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar!("select kind from mail_off where conference_id = $1 order by kind", conference.0)
        .fetch_all(conn)
        .await
}

/// The same for somebody who is about to change them: others wait until the transaction ends.
pub async fn list_off_to_change(
    tx: &mut PgTransaction<'_>,
    conference: ConferenceId,
) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query!("select from conference where id = $1 for no key update", conference.0).execute(&mut **tx).await?;
    list_off(tx, conference).await
}

/// Switches these kinds off and the others of `optional` on. Mails that are in the outbox are sent.
pub async fn keep_off(
    tx: &mut PgTransaction<'_>,
    conference: ConferenceId,
    optional: &[&str],
    off: &[&str],
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "with switched_on as (
             delete from mail_off where conference_id = $1 and kind = any($2::text[]) and kind <> all($3::text[])
         )
         insert into mail_off (conference_id, kind) select $1, kind from unnest($3::text[]) as kind on conflict do nothing",
        conference.0,
        optional as &[&str],
        off as &[&str],
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
