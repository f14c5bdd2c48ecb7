//! The attendees of an invented conference: groups and single people, who have places, wait, were offered a place or were
//! cancelled, with fees, payments, codes, answers, needs and mails. Nobody can ever be sent a mail (trigger
//! `discard_invented`).

use std::collections::HashSet;

use sqlx::PgTransaction;
use time::OffsetDateTime;

use super::{
    choices::{self, FULL},
    invented::{ORIGINS, dice},
    making::Made,
    rows::Batch,
};
use crate::domain::{ConferenceId, Reference};

/// The number of registrations that are inserted at once.
const BATCH: usize = 500;

/// Adds this many attendees to a demonstration that has none.
pub async fn add(
    tx: &mut PgTransaction<'_>,
    conference: ConferenceId,
    number: usize,
    now: OffsetDateTime,
) -> Result<(), sqlx::Error> {
    // Right after a large demonstration was removed, its rows are still in the way of each batch.
    sqlx::query!("set local statement_timeout = '2min'").execute(&mut **tx).await?;
    let settings = choices::add(tx, conference, now).await?;
    let mut taken: HashSet<String> =
        sqlx::query_scalar!("select reference from registration").fetch_all(&mut **tx).await?.into_iter().collect();
    let mut reference = || {
        loop {
            let reference = Reference::random().to_string();
            if taken.insert(reference.clone()) {
                return reference;
            }
        }
    };
    let (mut made, mut registration) = (Made { people: 0, of: number }, 0);
    while made.people < number {
        let mut batch = Batch::default();
        for _ in 0..BATCH {
            let size = size(registration).min(number - made.people);
            if size == 0 {
                break;
            }
            let origin = &ORIGINS[dice(registration, 22, ORIGINS.len() as u64)];
            batch.register(&settings, (registration, reference()), origin, size, &mut made);
            registration += 1;
        }
        batch.insert(tx, &settings).await?;
        if registration == BATCH {
            analyze(tx).await?;
        }
    }
    fill(tx, conference).await?;
    analyze(tx).await
}

/// Tells PostgreSQL what is in the tables. It does so by itself only after the transaction, and until then, it would look for a
/// registration among all of its conference. For a role that does not own the tables, this does nothing.
async fn analyze(tx: &mut PgTransaction<'_>) -> Result<(), sqlx::Error> {
    sqlx::query!("set local client_min_messages = 'error'").execute(&mut **tx).await?;
    sqlx::query!(
        "analyze registration, attendee, attendee_listing, place, offer, charge, payment, attendee_needs, answer, message"
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!("set local client_min_messages = default").execute(&mut **tx).await?;
    Ok(())
}

/// Returns how many people a registration has: mostly one, rarely fifty.
fn size(registration: usize) -> usize {
    match dice(registration, 23, 1000) {
        0 => 50,
        1..20 => 20,
        20..60 => 8,
        60..150 => 4,
        150..250 => 3,
        250..450 => 2,
        _ => 1,
    }
}

/// Sets the places of the categories for which people wait to those that are taken.
async fn fill(tx: &mut PgTransaction<'_>, conference: ConferenceId) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update capacity set places = taken from category
         where category.id = capacity.category_id and category.conference_id = $1 and category.slug = any($2)",
        conference.0,
        &FULL.map(str::to_owned),
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
