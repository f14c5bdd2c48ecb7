//! Releases, which change what the public reads.

use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{editing::Editing, items::ItemKind, saving::SaveError};
use crate::domain::{AccountId, ConferenceId, ReleaseId, RevisionId, Status};

/// What a release does to an item.
#[derive(Clone, Debug)]
pub struct Step {
    /// The item.
    pub item: Uuid,
    /// Its kind.
    pub kind: ItemKind,
    /// The revision that the public reads before; `None` if the item is not public then.
    pub before: Option<RevisionId>,
    /// The revision that the public reads afterwards; `None` if the item is not public then.
    pub after: Option<RevisionId>,
}

/// An item whose head is not what the public reads.
#[derive(Clone, Debug)]
pub struct Unpublished {
    /// What publishing it would do.
    pub step: Step,
    /// The status of the head.
    pub status: Status,
    /// Whether it was never public and only drafts name it, such as a speaker who is not announced yet.
    pub waits: bool,
}

impl Unpublished {
    /// Whether publishing everything includes it. A draft has to wait, with what only drafts name, and nobody need hear of the end
    /// of what was never public.
    pub fn is_due(&self) -> bool {
        !self.is_draft() && !self.waits && (self.status != Status::Withdrawn || self.step.before.is_some())
    }

    /// Whether it is a draft.
    pub fn is_draft(&self) -> bool {
        self.status == Status::Draft
    }
}

/// Lists the items whose heads are not what the public reads, those that were saved last first.
pub async fn list_unpublished(
    conn: &mut PgConnection,
    conference: ConferenceId,
) -> Result<Vec<Unpublished>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select item.id, item.kind as "kind: ItemKind", published_id as "before: RevisionId", head_id as "after: RevisionId",
               status as "status: Status",
               published_id is null and status <> 'withdrawn'
                   and (select bool_and(naming.status = 'draft')
                        from named_by(item.id) as named
                        join item session on session.head_id = named.revision_id
                        join revision naming on naming.id = session.head_id and naming.status <> 'withdrawn') is true as "waits!"
           from item
           join revision on revision.id = item.head_id
           join edit on edit.id = revision.edit_id
           where item.conference_id = $1 and head_id is distinct from published_id and item.kind = any($2)
           order by edit.created_at desc, item.id"#,
        conference.0,
        &ItemKind::known(),
    )
    .fetch_all(conn)
    .await?;
    let unpublished = rows.into_iter().map(|row| Unpublished {
        step: Step { item: row.id, kind: row.kind, before: row.before, after: Some(row.after) },
        status: row.status,
        waits: row.waits,
    });
    Ok(unpublished.collect())
}

/// A release in a list.
#[derive(Clone, Debug)]
pub struct Release {
    /// Its key.
    pub id: ReleaseId,
    /// Its number, from 1.
    pub number: i32,
    /// What organisers said about it; may be empty.
    pub note: String,
    /// The number of the release that it took back.
    pub takes_back: Option<i32>,
    /// When it was made.
    pub at: OffsetDateTime,
    /// The account that made it; `None` for the initial programme.
    pub account: Option<AccountId>,
    /// The account's name.
    pub who: Option<String>,
    /// The number of items that it changed.
    pub changes: i64,
}

/// The number of releases on a page of the list.
pub const PAGE: usize = 50;

/// Lists the releases with numbers below `before`, latest first.
pub async fn list(conn: &mut PgConnection, conference: ConferenceId, before: i32) -> Result<Vec<Release>, sqlx::Error> {
    list_at_most(conn, PAGE, conference, before).await
}

async fn list_at_most(
    conn: &mut PgConnection,
    most: usize,
    conference: ConferenceId,
    before: i32,
) -> Result<Vec<Release>, sqlx::Error> {
    sqlx::query_as!(
        Release,
        r#"select release.id as "id: ReleaseId", number, note, takes_back, release.created_at as at,
               account_id as "account: AccountId", account.name as "who?",
               (select count(*) from release_change where release_id = release.id) as "changes!"
           from release left join account on account.id = release.account_id
           where release.conference_id = $1 and number < $2
           order by number desc limit $3"#,
        conference.0,
        before,
        i64::try_from(most).unwrap_or(i64::MAX),
    )
    .fetch_all(conn)
    .await
}

/// Finds the release with this number, with what it did.
pub async fn find(
    conn: &mut PgConnection,
    conference: ConferenceId,
    number: i32,
) -> Result<Option<(Release, Vec<Step>)>, sqlx::Error> {
    let last = list_at_most(conn, 1, conference, number.saturating_add(1)).await?.pop();
    let Some(release) = last.filter(|release| release.number == number) else { return Ok(None) };
    let steps = sqlx::query_as!(
        Step,
        r#"select item_id as item, item.kind as "kind: ItemKind", before_id as "before: RevisionId",
               after_id as "after: RevisionId"
           from release_change join item on item.id = item_id
           where release_id = $1 and item.kind = any($2) order by item_id"#,
        release.id.0,
        &ItemKind::known(),
    )
    .fetch_all(conn)
    .await?;
    Ok(Some((release, steps)))
}

/// Lists the titles of the other items in the latest release of an item, if it made this revision public.
pub async fn list_published_with(
    conn: &mut PgConnection,
    (item, revision): (Uuid, RevisionId),
) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar!(
        "select title from (
             select release_id, after_id from release_change join release on release.id = release_id
             where item_id = $1 order by number desc limit 1) own
         join release_change other on other.release_id = own.release_id and other.item_id <> $1
         join revision on revision.id = coalesce(other.after_id, other.before_id)
         where own.after_id = $2 order by title_folded",
        item,
        revision.0,
    )
    .fetch_all(conn)
    .await
}

/// What taking back a release would do.
#[derive(Clone, Debug)]
pub struct TakenBack {
    /// What would change.
    pub steps: Vec<Step>,
    /// What would become public again, but stays hidden because it has become a draft in the meantime.
    pub drafts: Vec<Step>,
}

/// Returns what taking back this release, with all after it, would do: each item goes to where it was before the first of
/// them. Pages and texts stay, because the imprint, the privacy notice and the words of mails are
/// valid whatever the programme says.
pub async fn find_taken_back(
    conn: &mut PgConnection,
    conference: ConferenceId,
    number: i32,
) -> Result<TakenBack, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select item.id as item, item.kind as "kind: ItemKind", published_id as "before: RevisionId",
               first.before_id as "after: RevisionId", first.before_id is not null and head.status = 'draft' as "is_draft!"
           from (select distinct on (item_id) item_id, before_id
                 from release_change join release on release.id = release_id
                 where release.conference_id = $1 and number >= $2 order by item_id, number) first
           join item on item.id = first.item_id and item.kind not in ('page', 'text')
           join revision head on head.id = item.head_id
           where published_id is distinct from first.before_id and item.kind = any($3)
           order by item.id"#,
        conference.0,
        number,
        &ItemKind::known(),
    )
    .fetch_all(conn)
    .await?;
    let (drafts, steps): (Vec<_>, Vec<_>) = rows
        .into_iter()
        .map(|row| (row.is_draft, Step { item: row.item, kind: row.kind, before: row.before, after: row.after }))
        .partition(|(is_draft, _)| *is_draft);
    let only_steps = |all: Vec<(bool, Step)>| all.into_iter().map(|(_, step)| step).collect();
    Ok(TakenBack { steps: only_steps(steps), drafts: only_steps(drafts) })
}

/// Makes the heads of these items public, as one release with this note, with everything that they name and that is not
/// public. Items whose heads are public already do not count. Returns the number of the release, or `None` if there is nothing to do.
pub async fn publish(editing: &mut Editing<'_>, items: &[Uuid], note: &str) -> Result<Option<i32>, SaveError> {
    let conference = editing.conference();
    let needed = list_needed(editing, items).await?;
    let steps = list_unpublished(editing, conference).await?;
    let steps: Vec<_> = steps.into_iter().filter(|unpublished| needed.contains(&unpublished.step.item)).collect();
    if steps.iter().any(|unpublished| unpublished.is_draft() && !items.contains(&unpublished.step.item)) {
        return Err(SaveError::NamesDraft);
    }
    let steps = steps.into_iter().map(|unpublished| unpublished.step);
    carry_out(editing, &steps.collect::<Vec<_>>(), note, None).await
}

/// Lists these items and everything that their heads need and that is not public: what they name, and what that names.
async fn list_needed(editing: &mut Editing<'_>, items: &[Uuid]) -> Result<Vec<Uuid>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"with recursive meant as (
               select unnest($2::uuid[]) as id
               union
               select needed.id from meant
               join item on item.id = meant.id and item.conference_id = $1
               join revision head on head.id = item.head_id and head.status <> 'withdrawn'
               cross join lateral names_of(head.id) as named
               join item needed on needed.id = named.item_id
               left join revision on revision.id = needed.published_id
               where coalesce(revision.status, 'withdrawn') = 'withdrawn')
           select id as "id!" from meant"#,
        editing.conference().0,
        items,
    )
    .fetch_all(&mut ***editing)
    .await
}

/// Makes public what is ready, as one release with this note: everything but the drafts. Returns the number of the release, or
/// `None` if there is nothing to do.
pub async fn publish_due(editing: &mut Editing<'_>, note: &str) -> Result<Option<i32>, SaveError> {
    let conference = editing.conference();
    let all = list_unpublished(editing, conference).await?;
    let steps = all.into_iter().filter(Unpublished::is_due).map(|unpublished| unpublished.step);
    carry_out(editing, &steps.collect::<Vec<_>>(), note, None).await
}

/// Makes the public read what it read before this release, as a new release. The heads stay as they are. Returns the number of
/// the new release, or `None` if there is nothing to do.
pub async fn take_back(editing: &mut Editing<'_>, number: i32) -> Result<Option<i32>, SaveError> {
    let conference = editing.conference();
    let back = find_taken_back(editing, conference, number).await?;
    carry_out(editing, &back.steps, "", Some(number)).await
}

async fn carry_out(
    editing: &mut Editing<'_>,
    steps: &[Step],
    note: &str,
    takes_back: Option<i32>,
) -> Result<Option<i32>, SaveError> {
    if steps.is_empty() {
        return Ok(None);
    }
    let release = ReleaseId::new();
    let number = sqlx::query_scalar!(
        "insert into release (id, conference_id, number, note, takes_back, account_id, created_at)
         values ($1, $2, (select coalesce(max(number), 0) + 1 from release where conference_id = $2), $3, $4, $5, $6)
         returning number",
        release.0,
        editing.conference().0,
        note,
        takes_back,
        editing.account.map(|account| account.0),
        editing.now,
    )
    .fetch_one(&mut ***editing)
    .await?;
    let ids = |of: fn(&Step) -> Option<Uuid>| steps.iter().map(of).collect::<Vec<_>>();
    sqlx::query!(
        "insert into release_change (release_id, conference_id, item_id, before_id, after_id)
         select $1, $2, item_id, before_id, after_id
         from unnest($3::uuid[], $4::uuid[], $5::uuid[]) as step (item_id, before_id, after_id)",
        release.0,
        editing.conference().0,
        &steps.iter().map(|step| step.item).collect::<Vec<_>>(),
        &ids(|step| step.before.map(|id| id.0)) as &[Option<Uuid>],
        &ids(|step| step.after.map(|id| id.0)) as &[Option<Uuid>],
    )
    .execute(&mut ***editing)
    .await?;
    // All in one statement, so that two sessions can change places.
    sqlx::query!(
        "update item set published_id = after_id from release_change where release_id = $1 and item_id = item.id",
        release.0,
    )
    .execute(&mut ***editing)
    .await?;
    Ok(Some(number))
}
