//! What the list of attendees is searched, filtered and sorted by: one row for each attendee, in the table `attendee_listing`.
//! Triggers mark a row as stale when something changes that it depends on, whichever statement or instance changes it. Stale
//! rows are filled in here: before each search, and by a job, so that a search finds few of them.

use std::time::Duration;

use sqlx::{PgConnection, PgTransaction};
use tokio::time::Instant;
use uuid::Uuid;

use super::{Detail, detail::list_details};
use crate::{
    domain::{PersonName, search},
    store::{Search, Store},
};

/// The most rows that are filled in at once.
const AT_ONCE: i64 = 1000;
/// How long a search waits until rows are filled in. There are so many only if a great number of people was added at once.
const SEARCH_WAITS: Duration = Duration::from_secs(3);

/// Stands in the words of an attendee between those of the name, their own, and those of somebody else. No fold gives it.
pub const END_OF_PART: &str = "|";

/// Begins a search whose list is up to date.
pub async fn search(store: &Store) -> Result<Search, sqlx::Error> {
    bring_up_to_date(store).await?;
    store.search().await
}

/// Fills in all stale rows, as far as there is time. Call this before a search.
pub async fn bring_up_to_date(store: &Store) -> Result<(), sqlx::Error> {
    let begun = Instant::now();
    while fill_in(store).await? && begun.elapsed() < SEARCH_WAITS {}
    Ok(())
}

/// Fills in stale rows. Returns whether there may be more.
pub async fn fill_in(store: &Store) -> Result<bool, sqlx::Error> {
    if !any_is_stale(&mut *store.read().await?).await? {
        return Ok(false);
    }
    let mut tx = store.begin().await?;
    // One at a time: whoever comes second waits, and then finds that nothing is left to do.
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended('attendee_listing', 0))").execute(&mut *tx).await?;
    // A row that is locked belongs to a change that is not visible yet.
    let ids = sqlx::query_scalar!(
        "select attendee_id from attendee_listing where is_stale limit $1 for no key update skip locked",
        AT_ONCE,
    )
    .fetch_all(&mut *tx)
    .await?;
    write(&mut tx, &ids).await?;
    tx.commit().await?;
    Ok(i64::try_from(ids.len()) == Ok(AT_ONCE))
}

async fn any_is_stale(conn: &mut PgConnection) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(r#"select exists (select from attendee_listing where is_stale) as "any!""#)
        .fetch_one(conn)
        .await
}

async fn write(tx: &mut PgTransaction<'_>, ids: &[Uuid]) -> Result<(), sqlx::Error> {
    let details = list_details(tx, ids).await?;
    let columns = |column: fn(&Detail) -> String| details.iter().map(column).collect::<Vec<_>>();
    let ids: Vec<_> = details.iter().map(|detail| detail.attendee.id.0).collect();
    sqlx::query!(
        "update attendee_listing listed
         set name = row.name, sort_name = row.sort_name, organisation = row.organisation, country = row.country,
             city = row.city, words = row.words, is_stale = false,
             has_needs = exists (select from attendee_needs needs where needs.attendee_id = row.id),
             owes = exists (select from balance where balance.registration_id = row.registration
                 and owed_cents > paid_cents)
         from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[])
             as row (id, registration, name, sort_name, organisation, country, city, words)
         where listed.attendee_id = row.id",
        &ids,
        &details.iter().map(|detail| detail.registration.id.0).collect::<Vec<_>>(),
        &columns(|detail| search::latin(&detail.attendee.name)),
        &columns(sort_key),
        &columns(|detail| search::latin(&detail.registration.organisation)),
        &columns(|detail| detail.registration.country.code().to_owned()),
        &columns(|detail| search::words(&detail.registration.city)),
        &columns(words),
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
        own.push(&telephone)
    } else {
        others.push(&telephone)
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
