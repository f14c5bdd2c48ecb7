//! The same name and address twice at one conference.
//!
//! A registration of somebody who is registered already is held back: it becomes a pending registration, and a mail asks the
//! person who is registered whether it is somebody else. No page says so, because the form is open to strangers. Other ways to
//! give somebody a name and address, such as a correction, are open only to people who know the registration; they are not held
//! back, and the desk shows both people.

use sha2::{Digest, Sha256};
use sqlx::{Connection, PgConnection, PgTransaction, Postgres, postgres::PgArguments, types::Json};
use time::{Duration, OffsetDateTime};

use super::submission::Submission;
use crate::{
    domain::{
        AttendeeId, AuditKind, ConferenceId, NewAttendee, PendingRegistrationId, RegistrationId, Secret, text::folded,
    },
    store::{
        audit::{self, Actor, Entry},
        outbox::{self, Kind, NewMessage, PendingData},
        registrations::links::Purpose,
        violated,
    },
};

/// How long somebody can say that it is another person.
const VALID_FOR: Duration = Duration::days(3);

/// How long a link says that its time is over. After that, it is unknown.
const REMEMBERED_FOR: Duration = Duration::days(60);

/// The index that refuses the same person.
pub(super) const ONCE: &str = "attendee_once_per_conference";

/// A person on a form who is registered already.
#[derive(Clone, Debug)]
pub struct KnownPerson {
    /// The person's index on the form, from 0.
    pub number: usize,
    /// The fields of the form that register this person alone.
    pub fields: Vec<(String, String)>,
}

/// Lists the people on the form who are registered already, by their index from 0.
pub(super) async fn list_known(conn: &mut PgConnection, submission: Submission<'_>) -> Result<Vec<usize>, sqlx::Error> {
    let people = submission.registration.attendees.iter();
    let (names, emails): (Vec<_>, Vec<_>) =
        people.map(|NewAttendee { details, .. }| (folded(details.name.as_str()), details.email.normalised())).unzip();
    let numbers = sqlx::query_scalar!(
        r#"select number as "number!" from unnest($2::text[], $3::text[]) with ordinality as person (name, email, number)
           where exists (select from attendee
               where conference_id = $1 and name_folded = person.name and email_normalised = person.email
                   and state <> 'cancelled' and not is_another)
           order by number"#,
        submission.conference.0,
        &names,
        &emails as &[&str],
    )
    .fetch_all(conn)
    .await?;
    Ok(numbers.into_iter().filter_map(|number| usize::try_from(number - 1).ok()).collect())
}

/// What came of holding somebody's registration back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HeldBack {
    /// It waits, and a mail is queued.
    Now,
    /// The same form was sent before, so there is no further mail.
    Before,
    /// Nobody of this name and address is registered any more.
    NotKnown,
}

/// Holds the registration of a person back until somebody says that it is another person, and queues the mail that asks. `beside`
/// is the registration of the others on the form.
pub(super) async fn hold_back(
    tx: &mut PgTransaction<'_>,
    submission: Submission<'_>,
    KnownPerson { number, fields }: &KnownPerson,
    beside: Option<RegistrationId>,
) -> Result<HeldBack, sqlx::Error> {
    let Some(person) = submission.registration.attendees.iter().nth(*number) else { return Ok(HeldBack::NotKnown) };
    let person = &person.details;
    let (name, email) = (folded(person.name.as_str()), person.email.normalised());
    let known = sqlx::query!(
        r#"select attendee.id as "attendee: AttendeeId", registration_id as "registration: RegistrationId", email,
               attendee.id = contact_attendee_id as "is_contact?"
           from attendee join registration on registration.id = registration_id
           where attendee.conference_id = $1 and name_folded = $2 and email_normalised = $3 and state <> 'cancelled'
               and not is_another"#,
        submission.conference.0,
        name,
        email,
    )
    .fetch_optional(&mut **tx)
    .await?;
    let Some(known) = known else { return Ok(HeldBack::NotKnown) };
    let hash = Sha256::new().chain_update(&name).chain_update("\0").chain_update(email).finalize();
    let kept = sqlx::query!(
        r#"insert into pending_registration (id, conference_id, name, email, fields, submission_id, person_hash, beside_id,
               asked_at, expires_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
           on conflict (conference_id, submission_id, person_hash) do update
               set fields = case when pending_registration.used_at is null and pending_registration.expires_at > $9
                                 then excluded.fields else pending_registration.fields end
           returning id as "id: PendingRegistrationId", xmax = 0 as "is_new!""#,
        PendingRegistrationId::new().0,
        submission.conference.0,
        person.name.as_str(),
        person.email.as_str(),
        Json(fields) as _,
        submission.id.0,
        hash.as_slice(),
        beside.map(|id| id.0),
        submission.at,
        submission.at + VALID_FOR,
    )
    .fetch_one(&mut **tx)
    .await?;
    if !kept.is_new {
        return Ok(HeldBack::Before);
    }
    let entry = Entry {
        conference: Some(submission.conference),
        registration: Some(known.registration),
        attendee: Some(known.attendee),
        ..Entry::of(AuditKind::RegistrationRepeated, Actor::Delegate)
    };
    audit::note(tx, entry).await?;
    let attendee = Some(known.attendee).filter(|_| known.is_contact != Some(true));
    let about = (submission.conference, known.registration);
    let data = PendingData { pending: kept.id };
    outbox::enqueue(tx, NewMessage::about(about, attendee, Kind("already_registered"), &known.email, data)).await?;
    Ok(HeldBack::Now)
}

/// What has become of a pending registration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It can be completed.
    Open,
    /// It was completed.
    Completed,
    /// It was not completed in time.
    Expired,
}

/// A pending registration whose link somebody followed.
#[derive(Clone, Debug)]
pub struct Pending {
    /// Its key, which is also the number of the form that completes it.
    pub id: PendingRegistrationId,
    /// The conference.
    pub conference: ConferenceId,
    /// The slug of the conference.
    pub slug: String,
    /// The name of the person; empty if it cannot be completed any more.
    pub name: String,
    /// The address of the person; empty if it cannot be completed any more.
    pub email: String,
    /// The fields of the form; none if it cannot be completed any more.
    pub fields: Vec<(String, String)>,
    /// When it was sent.
    pub asked_at: OffsetDateTime,
    /// What has become of it.
    pub standing: Standing,
}

/// Finds the pending registration that this link completes.
pub async fn find(
    conn: &mut PgConnection,
    secret: &Secret,
    now: OffsetDateTime,
) -> Result<Option<Pending>, sqlx::Error> {
    let hash = secret.hash();
    let row = sqlx::query!(
        r#"select pending.id as "id: PendingRegistrationId", pending.conference_id as "conference: ConferenceId", slug, name,
               email, fields as "fields: Json<Vec<(String, String)>>", asked_at, expires_at, used_at
           from link
           join pending_registration pending on pending.id = pending_registration_id
           join conference on conference.id = pending.conference_id
           where link.hash = $1 and link.purpose = $2"#,
        hash.as_bytes(),
        Purpose::AnotherPerson.as_str(),
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| Pending {
        id: row.id,
        conference: row.conference,
        slug: row.slug,
        name: row.name,
        email: row.email,
        fields: row.fields.0,
        asked_at: row.asked_at,
        standing: match row.used_at {
            Some(_) => Standing::Completed,
            None if row.expires_at <= now => Standing::Expired,
            None => Standing::Open,
        },
    }))
}

/// Completes a pending registration and deletes what it held. Returns false if that is not possible any more.
pub(super) async fn complete(
    tx: &mut PgTransaction<'_>,
    id: PendingRegistrationId,
    at: OffsetDateTime,
) -> Result<bool, sqlx::Error> {
    let completed = sqlx::query!(
        "update pending_registration set used_at = $2, name = '', email = '', fields = '[]'
         where id = $1 and used_at is null and expires_at > $2",
        id.0,
        at,
    )
    .execute(&mut **tx)
    .await?;
    Ok(completed.rows_affected() > 0)
}

/// Lists the names and addresses of those on the form of a registration who are still held back.
pub async fn list_beside(
    conn: &mut PgConnection,
    registration: RegistrationId,
    now: OffsetDateTime,
) -> Result<Vec<(String, String)>, sqlx::Error> {
    let rows = sqlx::query!(
        "select name, email from pending_registration
         where beside_id = $1 and used_at is null and expires_at > $2 order by id",
        registration.0,
        now,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.name, row.email)).collect())
}

/// Deletes what pending registrations held that were not completed in time. Their links say so for some time; then they are
/// deleted too. Returns how many were not completed.
pub async fn delete_expired(conn: &mut PgConnection, now: OffsetDateTime) -> Result<u64, sqlx::Error> {
    sqlx::query!("delete from pending_registration where expires_at <= $1", now - REMEMBERED_FOR)
        .execute(&mut *conn)
        .await?;
    let emptied = sqlx::query!(
        "update pending_registration set name = '', email = '', fields = '[]'
         where expires_at <= $1 and used_at is null and name <> ''",
        now,
    )
    .execute(conn)
    .await?;
    Ok(emptied.rows_affected())
}

/// A statement that writes.
type Statement<'a> = sqlx::query::Query<'a, Postgres, PgArguments>;

/// Executes a statement that gives somebody who is on record a name and address, and marks them as another person if somebody else
/// at the conference has the same. `statement` returns it, with or without the mark.
pub(super) async fn write_as_another_if_known<'a>(
    tx: &mut PgTransaction<'_>,
    statement: impl Fn(bool) -> Statement<'a>,
) -> Result<(), sqlx::Error> {
    let mut first = tx.begin().await?;
    match statement(false).execute(&mut *first).await {
        Err(error) if violated(&error) == Some(ONCE) => {
            first.rollback().await?;
            statement(true).execute(&mut **tx).await?;
        }
        written => {
            written?;
            first.commit().await?;
        }
    }
    Ok(())
}
