//! What was paid. Payments are only ever added: a mistaken one is reversed by another row.

use sqlx::PgTransaction;
use time::{Date, OffsetDateTime};

use crate::{
    domain::{AccountId, AuditKind, Cents, ConferenceId, PaymentId, PaymentNote, RegistrationId},
    store::{
        audit::{self, Actor, Change, Entry},
        outbox::{self, Kind, NewMessage, PaymentData},
    },
};

/// A payment to record.
#[derive(Clone, Debug)]
pub struct NewPayment {
    /// Its key, which the form contains, so that a form that is sent twice records one payment.
    pub id: PaymentId,
    /// The amount; below zero if it was paid back.
    pub amount: Cents,
    /// The day on which it arrived.
    pub paid_on: Date,
    /// A note by staff; may be empty.
    pub note: PaymentNote,
}

/// Where and by whom a payment is recorded or reversed.
#[derive(Clone, Copy, Debug)]
pub struct Recording {
    /// The conference.
    pub conference: ConferenceId,
    /// The registration.
    pub registration: RegistrationId,
    /// The account that records it.
    pub by: AccountId,
    /// The time.
    pub at: OffsetDateTime,
}

/// What became of a payment to record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recorded {
    /// It was recorded now.
    Now,
    /// The same form was sent before, so nothing changed.
    Before,
    /// The same form was sent before with another amount, day or note. Nothing changed.
    Otherwise,
}

/// Records a payment and queues the mail to the contact.
pub async fn record(
    tx: &mut PgTransaction<'_>,
    what: Recording,
    payment: &NewPayment,
) -> Result<Recorded, sqlx::Error> {
    let contact = super::lock(tx, what.conference, what.registration).await?;
    let recorded = sqlx::query!(
        "insert into payment (id, conference_id, registration_id, amount_cents, paid_on, note, account_id, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (id) do nothing",
        payment.id.0,
        what.conference.0,
        what.registration.0,
        payment.amount.0,
        payment.paid_on,
        payment.note.as_str(),
        what.by.0,
        what.at,
    )
    .execute(&mut **tx)
    .await?;
    if recorded.rows_affected() == 0 {
        let is_same = sqlx::query_scalar!(
            r#"select exists (select from payment where id = $1 and registration_id = $2 and amount_cents = $3
                   and paid_on = $4 and note = $5) as "is_same!""#,
            payment.id.0,
            what.registration.0,
            payment.amount.0,
            payment.paid_on,
            payment.note.as_str(),
        )
        .fetch_one(&mut **tx)
        .await?;
        return Ok(if is_same { Recorded::Before } else { Recorded::Otherwise });
    }
    tell(tx, what, &contact, AuditKind::PaymentRecorded, payment.id, ("", &payment.amount.to_string())).await?;
    Ok(Recorded::Now)
}

/// Reverses a payment and queues the mail to the contact. Returns false, and changes nothing, if it is reversed already or is
/// itself a reversal.
pub async fn reverse(tx: &mut PgTransaction<'_>, what: Recording, payment: PaymentId) -> Result<bool, sqlx::Error> {
    let contact = super::lock(tx, what.conference, what.registration).await?;
    let id = PaymentId::new();
    let reversed = sqlx::query_scalar!(
        r#"insert into payment (id, conference_id, registration_id, amount_cents, paid_on, account_id, reverses_id, created_at)
           select $4, conference_id, registration_id, -amount_cents, paid_on, $5, id, $6
           from payment where conference_id = $1 and registration_id = $2 and id = $3 and reverses_id is null
           on conflict on constraint payment_reversed_once do nothing
           returning amount_cents as "amount: Cents""#,
        what.conference.0,
        what.registration.0,
        payment.0,
        id.0,
        what.by.0,
        what.at,
    )
    .fetch_optional(&mut **tx)
    .await?;
    let Some(amount) = reversed else { return Ok(false) };
    tell(tx, what, &contact, AuditKind::PaymentReversed, id, (&(-amount).to_string(), "")).await?;
    Ok(true)
}

async fn tell(
    tx: &mut PgTransaction<'_>,
    what: Recording,
    contact: &str,
    kind: AuditKind,
    payment: PaymentId,
    (before, after): (&str, &str),
) -> Result<(), sqlx::Error> {
    let changes = Change::list([("payment", before, after)]);
    let entry = Entry {
        conference: Some(what.conference),
        registration: Some(what.registration),
        subject: Some(payment.0),
        changes: &changes,
        ..Entry::of(kind, Actor::Account(what.by))
    };
    audit::note(tx, entry).await?;
    let about = (what.conference, what.registration);
    let mail = NewMessage::about(about, None, Kind("payment_recorded"), contact, PaymentData { payment });
    outbox::enqueue(tx, mail).await?;
    Ok(())
}
