//! The reminder before the first day of a conference.

use sqlx::{PgConnection, PgTransaction};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{Registered, list};
use crate::{
    domain::{AttendeeId, Conference, ConferenceId, RegistrationId, email},
    store::{
        outbox::{self, ConfirmationData, Kind, NewMessage},
        sites,
    },
};

/// The number of registrations that are read at once.
const CHUNK: i64 = 500;

/// Lists the conferences that begin within a week and for which nobody was reminded yet.
pub async fn list_due(conn: &mut PgConnection, now: OffsetDateTime) -> Result<Vec<Conference>, sqlx::Error> {
    // The exact instant depends on the time zone of each.
    let slugs = sqlx::query_scalar!(
        "select slug from conference
         where not in_preparation and starts_on between $1::timestamptz::date - 1 and $1::timestamptz::date + 9
             and not exists (select from reminder where conference_id = conference.id)",
        now,
    )
    .fetch_all(&mut *conn)
    .await?;
    let mut due = Vec::new();
    for slug in slugs {
        let conference = sites::find_conference(conn, &slug).await?;
        due.extend(conference.filter(|conference| conference.is_near(now)));
    }
    Ok(due)
}

/// Queues the reminders of a conference: to each contact, and to each attendee with another address. Returns their number, or
/// `None` if another instance has done so.
pub async fn remind(
    tx: &mut PgTransaction<'_>,
    conference: ConferenceId,
    now: OffsetDateTime,
) -> Result<Option<usize>, sqlx::Error> {
    let begun = sqlx::query!(
        "insert into reminder (conference_id, queued_at) values ($1, $2) on conflict do nothing",
        conference.0,
        now,
    )
    .execute(&mut **tx)
    .await?;
    if begun.rows_affected() == 0 {
        return Ok(None);
    }
    let (mut count, mut last): (usize, Option<Uuid>) = (0, None);
    loop {
        let ids = sqlx::query_scalar!(
            "select id from registration where conference_id = $1 and ($2::uuid is null or id > $2) order by id limit $3",
            conference.0,
            last,
            CHUNK,
        )
        .fetch_all(&mut **tx)
        .await?;
        last = ids.last().copied();
        if last.is_none() {
            return Ok(Some(count));
        }
        for registration in list(tx, &ids).await? {
            for (attendee, recipient) in readers(&registration) {
                queue(tx, (conference, registration.id), attendee, recipient).await?;
                count += 1;
            }
        }
    }
}

/// Returns who is reminded: the contact, then an attendee of each other address; nobody if nobody comes.
fn readers(registration: &Registered) -> Vec<(Option<AttendeeId>, &str)> {
    let mut readers: Vec<(Option<AttendeeId>, &str)> = Vec::new();
    for attendee in registration.coming() {
        if readers.is_empty() {
            readers.push((None, &registration.contact_email));
        }
        if !readers.iter().any(|(_, address)| email::is_same(address, &attendee.email)) {
            readers.push((Some(attendee.id), &attendee.email));
        }
    }
    readers
}

async fn queue(
    tx: &mut PgTransaction<'_>,
    about: (ConferenceId, RegistrationId),
    attendee: Option<AttendeeId>,
    recipient: &str,
) -> Result<(), sqlx::Error> {
    let data = ConfirmationData { attendees: attendee.into_iter().collect(), ..ConfirmationData::default() };
    outbox::enqueue(tx, NewMessage::about(about, attendee, Kind("reminder"), recipient, data)).await?;
    Ok(())
}
