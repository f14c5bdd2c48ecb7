//! Transferring a place to a colleague: another person stands where the first one stood.

use sqlx::PgTransaction;
use time::OffsetDateTime;

use crate::{
    domain::{AttendeeDetails, AttendeeId, AuditKind, ConferenceId, EmailAddress, RegistrationId, email, text::folded},
    store::{
        audit::{self, Actor, Entry},
        outbox::{self, ChangeData, ChangeOf, Kind, NewMessage, TransferData},
        registrations::{
            answers,
            attendees::{self, CorrectionError},
            email_changes,
            links::{self, Subject},
        },
    },
};

/// A transfer.
#[derive(Clone, Copy, Debug)]
pub struct Transferring<'a> {
    /// The conference.
    pub conference: ConferenceId,
    /// The registration.
    pub registration: RegistrationId,
    /// The attendee who gives the place away.
    pub attendee: AttendeeId,
    /// The revision of the attendee that the delegate saw.
    pub revision: i32,
    /// The person who gets the place.
    pub to: &'a AttendeeDetails,
    /// The attendee whose link is used; `None` if it is the contact's.
    pub by: Option<AttendeeId>,
    /// The time.
    pub at: OffsetDateTime,
    /// The operations desk's address.
    pub operations: &'a EmailAddress,
}

/// Transfers the place, deletes the needs and answers of the one who gives it away, revokes their link, records this and queues the mails: a
/// confirmation to the person who gets the place, and notices to the one who gives it away, the contact and operations. If the
/// one who gives it away is the contact, they stay the contact.
///
/// Fails with [`CorrectionError::Changed`] if the attendee is not coming any more, or was changed by somebody else.
pub async fn transfer(tx: &mut PgTransaction<'_>, what: Transferring<'_>) -> Result<(), CorrectionError> {
    let about = (what.conference, what.registration);
    let contact = super::lock(tx, what.conference, what.registration).await?;
    let locked = sqlx::query_scalar!(
        r#"select attendee.id = contact_attendee_id as "is_contact?"
           from attendee join registration on registration.id = registration_id
           where registration_id = $1 and attendee.id = $2 and attendee.revision = $3 and state = 'confirmed'
           for no key update of attendee"#,
        what.registration.0,
        what.attendee.0,
        what.revision,
    )
    .fetch_optional(&mut **tx)
    .await?
    .ok_or(CorrectionError::Changed)?;
    let (before, _) = attendees::get_details(tx, what.attendee).await?;
    keep_contact(tx, what, &before, locked == Some(true)).await?;
    attendees::update(tx, what.attendee, what.to, None).await?;
    attendees::delete_needs(tx, what.conference, what.attendee).await?;
    answers::delete_of_attendee(tx, what.attendee).await?;
    let subject =
        Subject { conference: what.conference, registration: what.registration, attendee: Some(what.attendee) };
    email_changes::end_open(tx, subject, what.at).await?;
    let changes = attendees::detail_changes(&before, what.to);
    let entry = Entry {
        conference: Some(what.conference),
        registration: Some(what.registration),
        attendee: Some(what.attendee),
        changes: &changes,
        ..Entry::of(AuditKind::AttendeeTransferred, Actor::Delegate)
    };
    audit::note(tx, entry).await?;
    // As after a correction, links are revoked last: a mail that is being composed now already has its link, or goes to the
    // new address.
    outbox::readdress(tx, what.registration).await?;
    outbox::drop_changes(tx, what.attendee).await?;
    links::revoke(tx, what.registration, Some(what.attendee), false).await?;
    if !email::is_same(before.email.as_str(), &contact) {
        let data = TransferData { from: before.name.to_string(), to: what.to.name.to_string() };
        outbox::enqueue(tx, NewMessage::about(about, None, Kind("transfer"), before.email.as_str(), data)).await?;
    }
    let changes = changes.iter().map(Into::into).collect();
    let data = ChangeData {
        of: ChangeOf::Transferred,
        attendee: Some(what.attendee),
        changes,
        by: what.by,
        ..ChangeData::default()
    };
    outbox::tell_of_change(tx, about, &data, (what.operations, true)).await?;
    Ok(())
}

/// Lets a contact who gives the place away stay the contact. Makes a contact who gets it one record with the attendee.
async fn keep_contact(
    tx: &mut PgTransaction<'_>,
    what: Transferring<'_>,
    before: &AttendeeDetails,
    is_contact: bool,
) -> Result<(), sqlx::Error> {
    if is_contact {
        sqlx::query!(
            "update registration set contact_attendee_id = null, contact_name = $2, contact_email = $3,
                 contact_email_normalised = $4, revision = revision + 1
             where id = $1",
            what.registration.0,
            before.name.as_str(),
            before.email.as_str(),
            before.email.normalised(),
        )
        .execute(&mut **tx)
        .await?;
        return Ok(());
    }
    let contact = sqlx::query!(
        "select contact_name, contact_email_normalised from registration where id = $1",
        what.registration.0
    )
    .fetch_one(&mut **tx)
    .await?;
    let is_same = contact.contact_name.is_some_and(|name| folded(&name) == folded(what.to.name.as_str()))
        && contact.contact_email_normalised.as_deref() == Some(what.to.email.normalised());
    if is_same {
        sqlx::query!(
            "update registration set contact_attendee_id = $2, contact_name = null, contact_email = null,
                 contact_email_normalised = null, revision = revision + 1
             where id = $1",
            what.registration.0,
            what.attendee.0,
        )
        .execute(&mut **tx)
        .await?;
    }
    Ok(())
}
