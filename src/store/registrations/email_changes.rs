//! New e-mail addresses that delegates gave. One counts only after somebody who reads its mail has confirmed it.

use sqlx::{PgConnection, PgTransaction};
use time::{Duration, OffsetDateTime};

use crate::{
    domain::{
        AttendeeDetails, AttendeeId, AuditKind, ConferenceId, Contact, Country, EmailAddress, EmailChangeId,
        InvoiceAddress, Organisation, PersonName, PurchaseOrder, RegistrationId, Secret, Telephone, Town,
    },
    store::{
        audit::{self, Actor, Entry},
        outbox::{self, ChangeData, ChangeOf, EmailChangeData, Kind, NewMessage},
        registrations::{
            attendees::{self, AttendeeCorrection, Correction, CorrectionError, SharedCorrection, SharedDetails},
            links::{Purpose, Subject},
        },
    },
};

/// How long an address can be confirmed.
const VALID_FOR: Duration = Duration::days(3);

/// Keeps a new address until it is confirmed, and queues the mails: one with a link to the new address, and a note to the
/// old one. An address that was waiting for the same person is cancelled.
pub async fn ask(
    tx: &mut PgTransaction<'_>,
    subject: Subject,
    old: &str,
    new: &EmailAddress,
    at: OffsetDateTime,
) -> Result<(), sqlx::Error> {
    super::lock(tx, subject.conference, subject.registration).await?;
    end_open(tx, subject, at).await?;
    let id = EmailChangeId::new();
    sqlx::query!(
        "insert into email_change (id, conference_id, registration_id, attendee_id, email, email_normalised, asked_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        id.0,
        subject.conference.0,
        subject.registration.0,
        subject.attendee.map(|id| id.0),
        new.as_str(),
        new.normalised(),
        at,
        at + VALID_FOR,
    )
    .execute(&mut **tx)
    .await?;
    note(tx, subject, AuditKind::EmailChangeAsked).await?;
    let about = (subject.conference, subject.registration);
    for (kind, recipient) in [(Kind("confirm_email"), new.as_str()), (Kind("email_change"), old)] {
        let data = EmailChangeData { change: id };
        outbox::enqueue(tx, NewMessage::about(about, subject.attendee, kind, recipient, data)).await?;
    }
    Ok(())
}

/// Cancels the change that is waiting for this person, if there is one.
pub async fn cancel(tx: &mut PgTransaction<'_>, subject: Subject, at: OffsetDateTime) -> Result<(), sqlx::Error> {
    super::lock(tx, subject.conference, subject.registration).await?;
    if end_open(tx, subject, at).await? {
        note(tx, subject, AuditKind::EmailChangeCancelled).await?;
    }
    Ok(())
}

/// Ends the change that is waiting for this person, without an entry in the audit log. Returns whether there was one.
pub(super) async fn end_open(
    tx: &mut PgTransaction<'_>,
    subject: Subject,
    at: OffsetDateTime,
) -> Result<bool, sqlx::Error> {
    let ended = sqlx::query!(
        "update email_change set cancelled_at = $3
         where registration_id = $1 and attendee_id is not distinct from $2 and used_at is null and cancelled_at is null",
        subject.registration.0,
        subject.attendee.map(|id| id.0),
        at,
    )
    .execute(&mut **tx)
    .await?;
    Ok(ended.rows_affected() > 0)
}

async fn note(tx: &mut PgTransaction<'_>, subject: Subject, kind: AuditKind) -> Result<(), sqlx::Error> {
    let entry = Entry {
        conference: Some(subject.conference),
        registration: Some(subject.registration),
        attendee: subject.attendee,
        ..Entry::of(kind, Actor::Delegate)
    };
    audit::note(tx, entry).await
}

/// A new address that waits for its confirmation.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// The attendee; `None` for a contact who does not attend.
    pub attendee: Option<AttendeeId>,
    /// The address.
    pub email: String,
    /// Until when it can be confirmed.
    pub expires_at: OffsetDateTime,
}

/// Lists the addresses of a registration that wait for their confirmation.
pub async fn list_waiting(
    conn: &mut PgConnection,
    registration: RegistrationId,
    now: OffsetDateTime,
) -> Result<Vec<Waiting>, sqlx::Error> {
    sqlx::query_as!(
        Waiting,
        r#"select attendee_id as "attendee: AttendeeId", email, expires_at from email_change
           where registration_id = $1 and used_at is null and cancelled_at is null and expires_at > $2"#,
        registration.0,
        now,
    )
    .fetch_all(conn)
    .await
}

/// What has become of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It can be confirmed.
    Open,
    /// It was confirmed.
    Confirmed,
    /// It was not confirmed in time.
    Expired,
    /// The delegate cancelled it or gave another address since.
    Cancelled,
    /// The attendee does not come any more.
    AttendeeCancelled,
}

/// A change whose link somebody followed.
#[derive(Clone, Debug)]
pub struct Followed {
    /// Its key.
    pub id: EmailChangeId,
    /// Whose address it is.
    pub subject: Subject,
    /// The slug of the conference.
    pub slug: String,
    /// The name of the person.
    pub name: String,
    /// The new address.
    pub email: EmailAddress,
    /// What has become of it.
    pub standing: Standing,
    /// From when on delegates of the conference can change nothing themselves; `None` if they always can.
    pub changes_until: Option<OffsetDateTime>,
}

/// Finds the change that this link confirms.
pub async fn find(
    conn: &mut PgConnection,
    secret: &Secret,
    now: OffsetDateTime,
) -> Result<Option<Followed>, sqlx::Error> {
    let hash = secret.hash();
    let row = sqlx::query!(
        r#"select change.id as "id: EmailChangeId", change.conference_id as "conference: ConferenceId", conference.slug,
               change.registration_id as "registration: RegistrationId", change.attendee_id as "attendee: AttendeeId",
               change.email as "email: EmailAddress", coalesce(attendee.name, contact.name) as "name!", used_at,
               change.cancelled_at, expires_at, attendee.state = 'cancelled' as "is_cancelled?",
               changes_until as "changes_until?"
           from link
           join email_change change on change.id = link.email_change_id
           join conference on conference.id = change.conference_id
           join contact on contact.registration_id = change.registration_id
           left join attendee on attendee.id = change.attendee_id
           left join registration_settings on registration_settings.conference_id = change.conference_id
           where link.hash = $1 and link.purpose = $2"#,
        hash.as_bytes(),
        Purpose::ConfirmEmail.as_str(),
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| Followed {
        id: row.id,
        subject: Subject { conference: row.conference, registration: row.registration, attendee: row.attendee },
        slug: row.slug,
        name: row.name,
        email: row.email,
        standing: match (row.used_at, row.cancelled_at, row.is_cancelled) {
            (Some(_), ..) => Standing::Confirmed,
            (_, Some(_), _) => Standing::Cancelled,
            (.., Some(true)) => Standing::AttendeeCancelled,
            _ if row.expires_at <= now => Standing::Expired,
            _ => Standing::Open,
        },
        changes_until: row.changes_until,
    }))
}

/// Confirms the change that this link confirms, if it is still open: the address is corrected like any other detail, the old
/// links are revoked, and the mails about it bring new ones. Returns the change as it was before.
pub async fn confirm(
    tx: &mut PgTransaction<'_>,
    secret: &Secret,
    at: OffsetDateTime,
    operations: &EmailAddress,
) -> Result<Option<Followed>, CorrectionError> {
    let Some(found) = find(tx, secret, at).await? else { return Ok(None) };
    let Subject { conference, registration, attendee } = found.subject;
    super::lock(tx, conference, registration).await?;
    // Read again, because it may have been confirmed or cancelled while this transaction waited for the lock.
    let Some(found) = find(tx, secret, at).await? else { return Ok(None) };
    if found.standing != Standing::Open || found.changes_until.is_some_and(|until| until <= at) {
        return Ok(Some(found));
    }
    sqlx::query!("update email_change set used_at = $2 where id = $1", found.id.0, at).execute(&mut **tx).await?;
    let mut correction = Correction { registration, attendee: None, shared: None };
    match attendee {
        Some(id) => {
            let (details, revision) = attendees::get_details(tx, id).await?;
            let details = AttendeeDetails { email: found.email.clone(), ..details };
            correction.attendee = Some(AttendeeCorrection { id, revision, details, sort_name: None, needs: None });
        }
        None => correction.shared = Some(with_contact_email(tx, registration, found.email.clone()).await?),
    }
    let corrected = attendees::correct(tx, conference, &correction, Actor::Delegate, at).await?;
    let changes = corrected.changes.iter().map(Into::into).collect();
    let data = ChangeData { of: ChangeOf::Details, attendee, changes, by: attendee, ..ChangeData::default() };
    outbox::tell_of_change(tx, (conference, registration), &data, (operations, true)).await?;
    Ok(Some(found))
}

/// Returns the correction that gives the contact, who does not attend, a new address.
async fn with_contact_email(
    tx: &mut PgTransaction<'_>,
    registration: RegistrationId,
    email: EmailAddress,
) -> Result<SharedCorrection, sqlx::Error> {
    let row = sqlx::query!(
        r#"select contact.name as "name!: PersonName", contact_telephone as "telephone: Telephone",
               organisation as "organisation: Organisation", city as "city: Town", country as "country: Country",
               purchase_order as "purchase_order: PurchaseOrder", invoice_address as "invoice_address: InvoiceAddress",
               revision
           from registration join contact on contact.registration_id = registration.id where registration.id = $1"#,
        registration.0,
    )
    .fetch_one(&mut **tx)
    .await?;
    let details = SharedDetails {
        organisation: row.organisation,
        city: row.city,
        country: row.country,
        contact: Contact { name: row.name, email, telephone: row.telephone },
        purchase_order: row.purchase_order,
        invoice_address: row.invoice_address,
    };
    Ok(SharedCorrection { revision: row.revision, details })
}
