//! What the list of attendees is searched, filtered and sorted by: one row for each attendee, in the table `attendee_listing`.
//! Triggers mark a row as pending when something changes that it depends on, whichever statement or instance changes it. Pending
//! rows are filled in and counted here: before each search, and by a job, so that a search finds few of them.
//!
//! Counting is part of filling in, and not of registering: all registrations would wait for the same counters. A row of
//! `attendee_counted` says as what an attendee is counted, a row of `balance_counted` the same of a registration's amounts.
//! Triggers on these two tables keep the sums, `attendee_count` and `balance_count`, from which pages read their figures.

use std::time::Duration;

use sqlx::{PgConnection, PgTransaction};
use tokio::time::{Instant, sleep};
use uuid::Uuid;

use super::{Detail, detail::list_without_colleagues};
use crate::{
    domain::{PersonName, search},
    store::{Search, Store},
};

/// The most rows that are filled in at once. So few take a moment, even on a busy machine.
const AT_ONCE: i64 = 500;
/// How long a page waits until rows are filled in. If there are more, because a great number of people was added at once, the page
/// says that it is behind.
const PAGE_WAITS: Duration = Duration::from_millis(200);
/// How long a file or a mailing waits, which are made for all people at once.
const FILE_WAITS: Duration = Duration::from_secs(3);
/// How long to wait before looking again whether somebody else has filled in the rows.
const LOOK_AGAIN: Duration = Duration::from_millis(10);

/// Stands in the words of an attendee between those of the name, their own, and those of somebody else. No fold gives it.
pub const END_OF_PART: &str = "|";

/// What became of an attempt to fill in rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FilledIn {
    /// No row is pending any more, except those of changes that are not visible yet.
    All,
    /// There may be more rows after this key.
    UpTo(Uuid),
    /// Somebody else is filling in rows.
    Busy,
}

/// Begins a search. Its list is up to date, unless the search says that it is behind.
pub async fn search(store: &Store) -> Result<Search, sqlx::Error> {
    let is_current = fill_in_within(store, PAGE_WAITS).await?;
    let search = store.search().await?;
    Ok(if is_current { search } else { search.behind() })
}

/// Begins a search for people with all of whom something is done, so that nobody may be missing.
pub async fn search_all(store: &Store) -> Result<Search, sqlx::Error> {
    require_up_to_date(store).await?;
    store.search().await
}

/// Brings the list up to date, or fails as if the database was busy.
pub async fn require_up_to_date(store: &Store) -> Result<(), sqlx::Error> {
    if bring_up_to_date(store).await? { Ok(()) } else { Err(sqlx::Error::PoolTimedOut) }
}

/// Fills in all pending rows, as far as there is time. Call this before reading all people of a list. Returns whether the list is up
/// to date.
pub async fn bring_up_to_date(store: &Store) -> Result<bool, sqlx::Error> {
    fill_in_within(store, FILE_WAITS).await
}

async fn fill_in_within(store: &Store, time_limit: Duration) -> Result<bool, sqlx::Error> {
    let begun = Instant::now();
    let mut after = Uuid::default();
    loop {
        match fill_in(store, after).await? {
            FilledIn::All => return Ok(true),
            _ if begun.elapsed() >= time_limit => return Ok(false),
            FilledIn::UpTo(last) => after = last,
            FilledIn::Busy => sleep(LOOK_AGAIN).await,
        }
    }
}

/// Fills in some of the pending rows after this key. To fill in many, pass the last key again each time: a search from the first key
/// would first pass all rows that were filled in just now.
pub async fn fill_in(store: &Store, after: Uuid) -> Result<FilledIn, sqlx::Error> {
    if !any_is_pending(&mut *store.read().await?).await? {
        return Ok(FilledIn::All);
    }
    let mut tx = store.begin().await?;
    // One at a time, which also keeps the counters free of deadlocks. The commit does not wait for the disk: after a crash, the rows
    // are pending again.
    let is_mine = sqlx::query_scalar!(
        r#"select pg_try_advisory_xact_lock(hashtextextended('attendee_listing', 0)) as "is_mine!"
           from set_config('synchronous_commit', 'off', true)"#,
    )
    .fetch_one(&mut *tx)
    .await?;
    if !is_mine {
        return Ok(FilledIn::Busy);
    }
    // A row that is locked belongs to a change that is not visible yet.
    let ids = sqlx::query_scalar!(
        "select attendee_id from attendee_listing where (is_pending or answers is null) and attendee_id > $1
         order by attendee_id limit $2 for no key update skip locked",
        after,
        AT_ONCE,
    )
    .fetch_all(&mut *tx)
    .await?;
    write(&mut tx, &ids).await?;
    tx.commit().await?;
    Ok(match ids.last() {
        Some(last) if i64::try_from(ids.len()) == Ok(AT_ONCE) => FilledIn::UpTo(*last),
        // Rows before the first key may have become pending in the meantime.
        _ if after != Uuid::default() => FilledIn::UpTo(Uuid::default()),
        _ => FilledIn::All,
    })
}

async fn any_is_pending(conn: &mut PgConnection) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select exists (select from attendee_listing where is_pending or answers is null) as "is_any!""#
    )
    .fetch_one(conn)
    .await
}

async fn write(tx: &mut PgTransaction<'_>, ids: &[Uuid]) -> Result<(), sqlx::Error> {
    let details = list_without_colleagues(tx, ids).await?;
    let columns = |column: fn(&Detail) -> String| details.iter().map(column).collect::<Vec<_>>();
    let ids: Vec<_> = details.iter().map(|detail| detail.attendee.id.0).collect();
    let registrations: Vec<_> = details.iter().map(|detail| detail.registration.id.0).collect();
    sqlx::query!(
        "insert into balance_counted (registration_id, conference_id, owed_cents, paid_cents)
         select registration_id, conference_id, owed_cents, paid_cents from balance where registration_id = any($1)
         on conflict (registration_id) do update set owed_cents = excluded.owed_cents, paid_cents = excluded.paid_cents",
        &registrations,
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        "update attendee_listing listed
         set name = row.name, sort_name = row.sort_name, organisation = row.organisation, country = row.country,
             city = row.city, words = row.words, is_stale = false, is_pending = false,
             has_needs = exists (select from attendee_needs needs where needs.attendee_id = row.id),
             owes = exists (select from balance_counted where registration_id = row.registration
                 and owed_cents > paid_cents),
             answers = array(
                 select distinct answered from answer
                 join question_version asked on asked.id = answer.version_id
                 cross join lateral (
                     select answer.question_id::text
                     union all
                     select answer.question_id || ':' || choice from unnest(answer.value) choice
                     where asked.kind in ('one_of', 'some_of', 'yes_no')
                 ) as its (answered)
                 where answer.registration_id = row.registration and (answer.attendee_id is null or answer.attendee_id = row.id)
                     and asked.readers <> 'needs')
         from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[])
             as row (id, registration, name, sort_name, organisation, country, city, words)
         where listed.attendee_id = row.id",
        &ids,
        &registrations,
        &columns(|detail| search::latin(&detail.attendee.name)),
        &columns(sort_key),
        &columns(|detail| search::latin(&detail.registration.organisation)),
        &columns(|detail| detail.registration.country.code().to_owned()),
        &columns(|detail| search::words(&detail.registration.city)),
        &columns(words),
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        "insert into attendee_counted (attendee_id, conference_id, state, day, category_id, country, city, organisation,
             has_needs, owes)
         select attendee_id, conference_id, state, (listed.created_at at time zone time_zone)::date, category_id,
             listed.country, listed.city, organisation, has_needs, owes
         from attendee_listing listed join conference on conference.id = conference_id
         where attendee_id = any($1)
         on conflict (attendee_id) do update
         set state = excluded.state, category_id = excluded.category_id, country = excluded.country, city = excluded.city,
             organisation = excluded.organisation, has_needs = excluded.has_needs, owes = excluded.owes",
        &ids,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Returns the name as lists are sorted by it: what staff have given, otherwise the last word first.
fn sort_key(Detail { attendee, .. }: &Detail) -> String {
    let follows = || PersonName::parse(&attendee.name).map_or_else(|_| attendee.name.clone(), |name| name.sort_name());
    search::latin(&attendee.sort_name.clone().unwrap_or_else(follows))
}

/// Returns all words by which somebody on the telephone may ask for an attendee, each after a space, so that a search can look for
/// their beginnings. Those of the name come first, then the attendee's own, then those of a contact who is somebody else.
fn words(detail: &Detail) -> String {
    let Detail { attendee, registration } = detail;
    let reference = registration.reference.to_string();
    let telephone = search::digits(&registration.contact_telephone);
    let mut own = vec![
        &*attendee.email,
        &attendee.job_title,
        &registration.organisation,
        &registration.city,
        registration.country.name(),
        &reference,
        &registration.purchase_order,
    ];
    let mut others = vec![&*registration.contact_name, &registration.contact_email];
    if detail.is_the_contact() {
        own.push(&telephone);
    } else {
        others.push(&telephone);
    }
    let mut words = vec![search::words(&attendee.name)];
    for texts in [own, others] {
        words.push(END_OF_PART.to_owned());
        for folded in texts.into_iter().map(search::words) {
            if !folded.is_empty() && !words.contains(&folded) {
                words.push(folded);
            }
        }
    }
    format!(" {}", words.join(" "))
}
