//! Correcting what a delegate gave: name, address, job title, organisation, contact.

use sqlx::PgTransaction;

use crate::{
    domain::{
        AccountId, AttendeeId, AuditKind, ConferenceId, Contact, EmailAddress, JobTitle, Organisation, PersonName,
        RegistrationId, email, text::folded,
    },
    store::{
        audit::{self, Actor, Change, Entry},
        outbox, violated,
    },
};

/// What is to stand there from now on, and on what it was based.
#[derive(Clone, Debug)]
pub struct Correction {
    /// The attendee's name.
    pub name: PersonName,
    /// The attendee's address.
    pub email: EmailAddress,
    /// What the attendee does.
    pub job_title: JobTitle,
    /// Where all attendees of the registration come from.
    pub organisation: Organisation,
    /// The registration's contact.
    pub contact: Contact,
    /// The attendee's revision that was corrected.
    pub revision: i32,
    /// The registration's revision that was corrected.
    pub registration_revision: i32,
}

/// What a correction did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Corrected {
    /// The attendee's address is another one: the links in mails to the old one hold no more.
    pub attendee_moved: bool,
    /// The contact's address is another one: the same for the contact's links.
    pub contact_moved: bool,
}

/// Why a correction was not kept.
#[derive(Debug, thiserror::Error)]
pub enum CorrectionError {
    /// Somebody changed the attendee or the registration meanwhile, or there is no such attendee.
    #[error("changed meanwhile")]
    Changed,
    /// Another attendee of the registration has this name and address.
    #[error("the same person twice")]
    Twice,
    /// Anything else.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// Corrects an attendee and the registration around it, notes what changed, and revokes the links that went to an
/// address which is no longer theirs, and sends what still waits to the new one.
pub async fn correct(
    tx: &mut PgTransaction<'_>,
    conference: ConferenceId,
    id: AttendeeId,
    correction: &Correction,
    by: AccountId,
) -> Result<Corrected, CorrectionError> {
    // The registration first, as cancelling does: two who change the same take turns.
    let before = sqlx::query!(
        r#"select registration.id as "id: RegistrationId", organisation, contact_name, contact_email, contact_telephone
           from registration
           where conference_id = $1 and revision = $3
               and id = (select registration_id from attendee where conference_id = $1 and id = $2)
           for no key update"#,
        conference.0,
        id.0,
        correction.registration_revision,
    )
    .fetch_optional(&mut **tx)
    .await?
    .ok_or(CorrectionError::Changed)?;
    let attendee = sqlx::query!(
        "select name, email, job_title from attendee where id = $1 and revision = $2 for no key update",
        id.0,
        correction.revision,
    )
    .fetch_optional(&mut **tx)
    .await?
    .ok_or(CorrectionError::Changed)?;
    let contact = &correction.contact;
    let of_attendee = changes([
        ("name", attendee.name, correction.name.as_str()),
        ("email", attendee.email, correction.email.as_str()),
        ("job_title", attendee.job_title, correction.job_title.as_str()),
    ]);
    let of_registration = changes([
        ("organisation", before.organisation, correction.organisation.as_str()),
        ("contact_name", before.contact_name, contact.name.as_str()),
        ("contact_email", before.contact_email, contact.email.as_str()),
        ("contact_telephone", before.contact_telephone, contact.telephone.as_str()),
    ]);
    let entry = Entry {
        conference: Some(conference),
        registration: Some(before.id),
        ..Entry::of(AuditKind::RegistrationCorrected, Actor::Account(by))
    };
    if !of_attendee.is_empty() {
        write_attendee(tx, id, correction).await?;
        let entry =
            Entry { kind: AuditKind::AttendeeCorrected, attendee: Some(id), changes: &of_attendee, ..entry.clone() };
        audit::note(tx, entry).await?;
    }
    if !of_registration.is_empty() {
        write_registration(tx, before.id, correction).await?;
        audit::note(tx, Entry { changes: &of_registration, ..entry }).await?;
    }
    let moved = |changes: &[Change], field| {
        changes.iter().any(|change| change.field == field && !email::is_same(&change.before, &change.after))
    };
    let corrected = Corrected {
        attendee_moved: moved(&of_attendee, "email"),
        contact_moved: moved(&of_registration, "contact_email"),
    };
    if corrected != Corrected::default() {
        // A mail that is just being made has its link by then or goes to the new address: links are revoked last.
        outbox::readdress(tx, before.id).await?;
        revoke(tx, before.id, id, corrected).await?;
    }
    Ok(corrected)
}

fn changes<const N: usize>(fields: [(&'static str, String, &str); N]) -> Vec<Change> {
    let changed = fields.into_iter().filter(|(_, before, after)| before != after);
    changed.map(|(field, before, after)| Change { field, before, after: after.to_owned() }).collect()
}

async fn write_attendee(
    tx: &mut PgTransaction<'_>,
    id: AttendeeId,
    correction: &Correction,
) -> Result<(), CorrectionError> {
    let written = sqlx::query!(
        "update attendee set name = $2, name_folded = $3, email = $4, email_normalised = $5, job_title = $6,
             revision = revision + 1
         where id = $1",
        id.0,
        correction.name.as_str(),
        folded(correction.name.as_str()),
        correction.email.as_str(),
        correction.email.normalised(),
        correction.job_title.as_str(),
    )
    .execute(&mut **tx)
    .await;
    match written {
        Ok(_) => Ok(()),
        Err(error) if violated(&error) == Some("attendee_once_per_registration") => Err(CorrectionError::Twice),
        Err(error) => Err(error.into()),
    }
}

async fn write_registration(
    tx: &mut PgTransaction<'_>,
    id: RegistrationId,
    correction: &Correction,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update registration set organisation = $2, contact_name = $3, contact_email = $4, contact_telephone = $5,
             revision = revision + 1
         where id = $1",
        id.0,
        correction.organisation.as_str(),
        correction.contact.name.as_str(),
        correction.contact.email.as_str(),
        correction.contact.telephone.as_str(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// A link that went to a wrong address may be in wrong hands.
async fn revoke(
    tx: &mut PgTransaction<'_>,
    registration: RegistrationId,
    attendee: AttendeeId,
    corrected: Corrected,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update link set revoked_at = now()
         where registration_id = $1 and purpose = 'manage' and revoked_at is null
             and (($3 and attendee_id = $2) or ($4 and attendee_id is null))",
        registration.0,
        attendee.0,
        corrected.attendee_moved,
        corrected.contact_moved,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
