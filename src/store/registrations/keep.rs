//! Saving a registration with everything that belongs to it in one transaction.

use sqlx::{Connection, PgConnection, PgTransaction, error::DatabaseError};

use super::{
    authority,
    insert::insert,
    new_registration::{Another, Kept, NewRegistration},
    same_person::{self, HeldBack},
    seating::{self, Seats},
    submission::Submission,
};
use crate::{
    domain::{Registration, RegistrationId, Secret},
    store::{
        rate_limits::{self, Refused},
        violated,
    },
};

/// How often saving is tried if the database ends it because of a deadlock.
const MOST_TRIES: u8 = 3;

/// Why a registration was not saved.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    /// It was saved before ([`super::find_earlier`]).
    #[error("sent before")]
    SentBefore,
    /// A rate limit is reached.
    #[error("limit {which} is reached for {retry_after} seconds")]
    Limited {
        /// The index in [`NewRegistration::limits`], from 0.
        which: usize,
        /// The seconds until another try is allowed.
        retry_after: u32,
    },
    /// Too few places are left, at the conference or in a category, and there is no waiting list; or a category has just been
    /// removed.
    #[error("full")]
    Full,
    /// These people on the form, by their index from 0, are registered already.
    #[error("{0:?} are registered already")]
    Known(Vec<usize>),
    /// The code cannot be used any more, or not by so many people.
    #[error("the code is over or used up")]
    CodeOver,
    /// These people, by their index from 0, would have to wait, and the form did not say so.
    #[error("{0:?} would have to wait")]
    HaveToWait(Vec<usize>),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// Saves the registration, its attendees, their places and needs, the link of the receipt, the audit entry and the mails.
///
/// All of this is one transaction, which begins with the rate limits. The counters of places are the only rows for which all
/// registrations compete: the trigger on `place` locks them at the end of the last statement, and only the commit follows.
/// If two registrations want the last place, the check `capacity_holds` refuses one. It is then tried once more with the counters
/// locked first: people get places in the order of the form while there are any, and the rest join the waiting list.
///
/// Returns `None` if nobody on the form was registered, because the registrations of all of them are held back.
pub async fn keep(conn: &mut PgConnection, new: NewRegistration<'_>) -> Result<Option<Kept>, RegisterError> {
    let mut releases = false;
    let without_known: Option<Registration>;
    let registration = if new.known.is_empty() {
        Some(new.submission.registration)
    } else {
        let numbers: Vec<_> = new.known.iter().map(|known| known.number).collect();
        without_known = new.submission.registration.without(&numbers);
        without_known.as_ref()
    };
    // If everybody expects to wait, there are probably no places, so a try without locks would be in vain. Places that are kept for a
    // code are given with the locks only.
    let mut decides = new.authority.raises()
        || registration
            .is_some_and(|it| it.code.is_some() || new.waiting.is_open && new.waiting.is_expected_by_all(it));
    let mut tries = 0_u8;
    loop {
        tries = tries.saturating_add(1);
        let error = match write(conn, (new, registration), releases, decides).await {
            Err(RegisterError::Database(error)) => error,
            done => return done,
        };
        match violated(&error) {
            // Another registration has this reference. That is very unlikely; a new one is generated.
            Some("registration_reference_unique") => {}
            // There is an earlier registration. If it no longer counts, the second try releases its keys.
            Some("registration_submission_unique" | "registration_repeat_unique") if !releases => releases = true,
            Some("registration_submission_unique" | "registration_repeat_unique") => {
                return Err(RegisterError::SentBefore);
            }
            Some("capacity_holds") if new.waiting.is_open && !decides => decides = true,
            Some("capacity_holds" | "attendee_category") => return Err(RegisterError::Full),
            Some(same_person::ONCE) => {
                let known = new.list_known(conn).await?;
                // If nobody is known any more, somebody has cancelled in the meantime.
                if !known.is_empty() {
                    return Err(RegisterError::Known(known));
                }
            }
            // Two registrations with the same people can wait for each other, if one has locked the counters or has the people in
            // another order. PostgreSQL ends one of them.
            None if is_deadlock(&error) && tries < MOST_TRIES => {}
            Some("code_not_used_up" | "attendee_code") => return Err(RegisterError::CodeOver),
            _ => return Err(RegisterError::Database(error)),
        }
    }
}

/// Returns whether PostgreSQL ended the statement because two transactions waited for each other.
fn is_deadlock(error: &sqlx::Error) -> bool {
    error.as_database_error().and_then(DatabaseError::code).as_deref() == Some("40P01")
}

async fn write(
    conn: &mut PgConnection,
    (new, registration): (NewRegistration<'_>, Option<&Registration>),
    releases: bool,
    decides: bool,
) -> Result<Option<Kept>, RegisterError> {
    let mut tx = conn.begin().await?;
    let Submission { conference, at, .. } = new.submission;
    let id = RegistrationId::new();
    let mut is_new = registration.is_some();
    for person in new.known {
        match same_person::hold_back(&mut tx, new.submission, person, registration.map(|_| id)).await? {
            HeldBack::Now => is_new = true,
            HeldBack::Before => {}
            HeldBack::NotKnown => {
                return Err(RegisterError::Known(new.list_known(&mut tx).await?));
            }
        }
    }
    // The rate limits do not count a form that was sent before.
    if is_new && let Some(Refused { which, retry_after }) = rate_limits::take_each(&mut tx, new.limits).await? {
        tx.rollback().await?;
        return Err(RegisterError::Limited { which, retry_after });
    }
    if releases {
        release(&mut tx, new.submission).await?;
    }
    if let Some(Another { pending: Some(pending), .. }) = new.another
        && !same_person::complete(&mut tx, pending, at).await?
    {
        return Err(RegisterError::SentBefore);
    }
    let Some(registration) = registration else {
        tx.commit().await?;
        return Ok(None);
    };
    let people = registration.attendees.iter().as_slice();
    let seats = if decides {
        let seats = seating::decide(&mut tx, conference, (people, registration.code), at, new.operations).await?;
        seats.ok_or(RegisterError::CodeOver)?
    } else {
        Seats::for_all(people.len())
    };
    let (seats, raised) = if new.authority.raises() && seats.any_waits() {
        let raised = authority::raise(&mut tx, conference, people).await?;
        (Seats::for_all(people.len()), raised)
    } else {
        (seats, Vec::new())
    };
    if seats.any_waits() && !new.waiting.is_open {
        return Err(RegisterError::Full);
    }
    let unexpected = new.waiting.unexpected(registration, &seats);
    if !unexpected.is_empty() {
        let people = new.people();
        return Err(RegisterError::HaveToWait(unexpected.into_iter().map(|number| people[number]).collect()));
    }
    let kept = Kept { id, receipt: Secret::random() };
    insert(&mut tx, new, (&kept, registration), &seats).await?;
    authority::note(&mut tx, new.authority, (conference, id, None), raised).await?;
    tx.commit().await?;
    Ok(Some(kept))
}

/// Clears the unique keys of an earlier registration that no longer counts, because it is too old or all its attendees are
/// cancelled.
async fn release(tx: &mut PgTransaction<'_>, submission: Submission<'_>) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update registration set repeat_hash = null, submission_id = case when exists (
                 select from attendee where registration_id = registration.id and state <> 'cancelled'
             ) then submission_id end
         where conference_id = $1 and (submission_id = $2 or repeat_hash = $3) and (created_at <= $4 or not exists (
             select from attendee where registration_id = registration.id and state <> 'cancelled'))",
        submission.conference.0,
        submission.id.0,
        &submission.repeat_hash(),
        submission.repeated_since(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
