//! What ends when an account may not edit a programme any more: its links to previews and its scheduled publications.

use sqlx::{PgConnection, PgTransaction};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::domain::{AccountId, Action, ConferenceId, PreviewLinkId, Role, ScheduledReleaseId, Zone};

/// What an account has left that works without it.
#[derive(Clone, Debug, Default)]
pub struct Left {
    /// The cities and years of the conferences for which it has valid links to a preview, one for each link.
    pub links: Vec<(String, i32)>,
    /// The publications that wait for their time.
    pub publications: Vec<LeftPublication>,
}

/// A publication that an account has scheduled.
#[derive(Clone, Debug)]
pub struct LeftPublication {
    /// The city of the conference.
    pub city: String,
    /// The year of the conference.
    pub year: i32,
    /// The time zone of the conference.
    pub zone: Zone,
    /// When it is due.
    pub due_at: OffsetDateTime,
}

/// Lists what this account has left, the oldest conference first.
pub async fn list(conn: &mut PgConnection, account: AccountId) -> Result<Left, sqlx::Error> {
    let links = sqlx::query!(
        r#"select city, extract(year from starts_on)::int as "year!"
           from preview_link join conference on conference.id = conference_id
           where account_id = $1 and revoked_at is null
           order by starts_on, preview_link.created_at"#,
        account.0,
    )
    .fetch_all(&mut *conn)
    .await?;
    let publications = sqlx::query_as!(
        LeftPublication,
        r#"select city, extract(year from starts_on)::int as "year!", time_zone as "zone: Zone", due_at
           from scheduled_release join conference on conference.id = conference_id
           where account_id = $1 and done_at is null and cancelled_at is null
           order by starts_on, due_at"#,
        account.0,
    )
    .fetch_all(conn)
    .await?;
    Ok(Left { links: links.into_iter().map(|row| (row.city, row.year)).collect(), publications })
}

/// What was ended, each with its conference.
#[derive(Clone, Debug, Default)]
pub struct Ended {
    /// The links that were revoked.
    pub links: Vec<(ConferenceId, PreviewLinkId)>,
    /// The publications that were cancelled.
    pub publications: Vec<(ConferenceId, ScheduledReleaseId)>,
}

/// Ends what this account has left at the conferences whose programmes it may not edit any more, in the transaction that takes
/// the right away. `by` is who takes it away.
pub async fn end(
    tx: &mut PgTransaction<'_>,
    account: AccountId,
    by: AccountId,
    now: OffsetDateTime,
) -> Result<Ended, sqlx::Error> {
    let keeps = list_editable(tx, account).await?;
    let links = sqlx::query!(
        r#"update preview_link set revoked_at = $3, revoked_by = $2
           where account_id = $1 and revoked_at is null and conference_id <> all($4)
           returning conference_id as "conference: ConferenceId", id as "id: PreviewLinkId""#,
        account.0,
        by.0,
        now,
        &keeps,
    )
    .fetch_all(&mut **tx)
    .await?;
    let publications = sqlx::query!(
        r#"update scheduled_release set cancelled_at = $3, cancelled_by = $2
           where account_id = $1 and done_at is null and cancelled_at is null and conference_id <> all($4)
           returning conference_id as "conference: ConferenceId", id as "id: ScheduledReleaseId""#,
        account.0,
        by.0,
        now,
        &keeps,
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(Ended {
        links: links.into_iter().map(|row| (row.conference, row.id)).collect(),
        publications: publications.into_iter().map(|row| (row.conference, row.id)).collect(),
    })
}

/// Lists the conferences whose programmes this account may edit.
async fn list_editable(tx: &mut PgTransaction<'_>, account: AccountId) -> Result<Vec<Uuid>, sqlx::Error> {
    let editors: Vec<_> = Action::EditProgramme.roles().iter().map(|role: &Role| role.as_str().to_owned()).collect();
    sqlx::query_scalar!(
        "select distinct conference.id
         from account
         join membership on membership.account_id = account.id and role = any($2)
         join conference on conference.id = coalesce(membership.conference_id, conference.id)
         where account.id = $1 and active",
        account.0,
        &editors,
    )
    .fetch_all(&mut **tx)
    .await
}
