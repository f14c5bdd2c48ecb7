//! Saving a registration with everything that belongs to it in one transaction.

use sqlx::{Connection, PgConnection, PgTransaction, error::DatabaseError};
use uuid::Uuid;

use super::{
    columns::{Answers, People},
    confirmations::Mails,
    same_person::{self, HeldBack, KnownPerson},
    seating::{self, Seats, Waiting},
    submission::Submission,
};
use crate::{
    domain::{
        AuditId, AuditKind, Contact, EmailAddress, LinkId, PendingRegistrationId, Reference, Registration,
        RegistrationId, RevisionId, Secret,
    },
    store::{
        rate_limits::{self, Refused, Try},
        registrations::{
            categories::Offer,
            charges::{self, Columns},
            links::Purpose,
        },
        violated,
    },
};

/// How often saving is tried if the database ends it because of a deadlock.
const MOST_TRIES: u8 = 3;

/// A registration to save.
#[derive(Clone, Copy, Debug)]
pub struct NewRegistration<'a> {
    /// The form that was sent.
    pub submission: Submission<'a>,
    /// The people on the form who are registered already, as far as the caller knows ([`RegisterError::Known`]). Their
    /// registrations are held back, and the others are registered.
    pub known: &'a [KnownPerson],
    /// The person, by the index from 0 on the form, who is another one of the same name and address, as this pending registration says.
    pub another: Option<(PendingRegistrationId, usize)>,
    /// What the form offered, with the fees.
    pub offer: &'a Offer,
    /// The version of the privacy notice that was shown with it.
    pub privacy: RevisionId,
    /// The operations desk's address.
    pub operations: &'a EmailAddress,
    /// The rate limits. They are counted in the same transaction, so a registration that is not saved uses nothing up.
    pub limits: &'a [Try],
    /// What the form said about the waiting list.
    pub waiting: Waiting<'a>,
}

impl NewRegistration<'_> {
    /// Returns the indices of the people who are registered.
    fn people(&self) -> Vec<usize> {
        let all = 0..self.submission.registration.attendees.count();
        all.filter(|number| self.known.iter().all(|known| known.number != *number)).collect()
    }

    /// Lists the people who are registered already, without the one who is said to be somebody else.
    async fn list_known(&self, conn: &mut PgConnection) -> Result<Vec<usize>, sqlx::Error> {
        let mut known = same_person::list_known(conn, self.submission).await?;
        known.retain(|number| self.another.is_none_or(|(_, other)| other != *number));
        Ok(known)
    }
}

/// A saved registration.
#[derive(Debug)]
pub struct Kept {
    /// The key.
    pub id: RegistrationId,
    /// The secret in the address of the page after registering.
    pub receipt: Secret,
}

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
    let mut decides =
        registration.is_some_and(|it| it.code.is_some() || new.waiting.is_open && new.waiting.is_expected_by_all(it));
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
    if let Some((pending, _)) = new.another
        && !same_person::complete(&mut tx, pending, at).await?
    {
        return Err(RegisterError::SentBefore);
    }
    let Some(registration) = registration else {
        tx.commit().await?;
        return Ok(None);
    };
    let seats = if decides {
        let seats = seating::decide(&mut tx, conference, registration, at, new.operations).await?;
        seats.ok_or(RegisterError::CodeOver)?
    } else {
        Seats::for_all(&registration.attendees)
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

#[expect(clippy::too_many_lines, reason = "one statement, which is the price of one round trip")]
async fn insert(
    tx: &mut PgTransaction<'_>,
    new: NewRegistration<'_>,
    (kept, registration): (&Kept, &Registration),
    seats: &Seats,
) -> Result<(), sqlx::Error> {
    let Submission { conference, id: submission, at, .. } = new.submission;
    let (reference, receipt) = (Reference::random(), kept.receipt.hash());
    // Every field is named, here and for each attendee, so that a new field does not compile until it is saved.
    let Registration {
        contact,
        organisation,
        country,
        city,
        purchase_order,
        invoice_address,
        answers,
        code,
        attendees,
    } = registration;
    let Contact { name, email, telephone } = contact;
    let people = People::of(attendees);
    let is_another = |number| new.another.is_some_and(|(_, other)| other == number);
    let another: Vec<_> = new.people().into_iter().map(is_another).collect();
    let answers = Answers::of(answers, attendees, &people.ids);
    let charges = charges::fees(new.offer, attendees, &people.ids, seats);
    let charges = Columns::of(&charges);
    let mails = Mails::of(registration, new.operations, &people.ids, seats);
    // A contact who attends has the name and address of the attendee.
    let contact_attendee = registration.contact_attendee().map(|number| people.ids[number]);
    let (contact_name, contact_email) = match contact_attendee {
        Some(_) => (None, None),
        None => (Some(name.as_str()), Some(email.as_str())),
    };
    sqlx::query!(
        "with registered as (
             insert into registration (id, conference_id, reference, contact_name, contact_email, contact_telephone,
                 organisation, country, city, purchase_order, invoice_address, privacy_revision_id, submission_id,
                 submission_hash, created_at, repeat_hash, contact_attendee_id, contact_email_normalised)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $37, $39, $47)
             returning id, conference_id, created_at
         ), attending as (
             insert into attendee (id, conference_id, registration_id, position, name, name_folded, email,
                 email_normalised, job_title, category_id, code_id, state, queue_rank, is_another, created_at)
             select person.id, registered.conference_id, registered.id, person.position, person.name,
                 person.name_folded, person.email, person.email_normalised, person.job_title, person.category,
                 (select id from code where id = $54 and category_id = person.category), person.state,
                 case when person.state = 'waiting' then nextval('queue_rank') end, person.is_another,
                 registered.created_at
             from registered, unnest($16::uuid[], $17::text[], $35::text[], $18::text[], $36::text[], $19::text[],
                     $20::uuid[], $46::text[], $56::bool[]) with ordinality
                 as person (id, name, name_folded, email, email_normalised, job_title, category, state, is_another, position)
             returning id, conference_id, category_id, code_id, state, created_at
         ), held as (
             insert into place (id, conference_id, attendee_id, category_id, code_id, state, since)
             select place.id, attending.conference_id, attending.id, attending.category_id, attending.code_id, 'held', attending.created_at
             from attending join unnest($16::uuid[], $21::uuid[]) as place (attendee, id) on place.attendee = attending.id
             where attending.state = 'confirmed'
         ), charged as (
             insert into charge (id, conference_id, registration_id, attendee_id, kind, category_id, code_id,
                 description, amount_cents, currency, vat_rate, created_at)
             select line.id, $2, $1, attendee, kind, category, code, description, amount, settings.currency,
                 settings.vat_rate, $15
             from unnest($48::uuid[], $49::uuid[], $50::text[], $51::uuid[], $52::text[], $53::bigint[], $55::uuid[])
                 as line (id, attendee, kind, category, description, amount, code)
             join registration_settings settings on settings.conference_id = $2
         ), needing as (
             insert into attendee_needs (attendee_id, conference_id, dietary, access, consent_wording, consented_at)
             select attendee, $2, dietary, access, wording, $15
             from unnest($22::uuid[], $23::text[], $24::text[], $25::text[])
                 as needs (attendee, dietary, access, wording)
         ), answering as (
             insert into answer (id, conference_id, registration_id, attendee_id, question_id, asked_of, version_id, value,
                 created_at)
             select id, $2, $1, attendee, question, asked_of, version, array(select jsonb_array_elements_text(value)), $15
             from unnest($40::uuid[], $41::uuid[], $42::uuid[], $43::text[], $44::uuid[], $45::jsonb[])
                 as answer (id, attendee, question, asked_of, version, value)
         ), linked as (
             insert into link (id, conference_id, hash, purpose, registration_id) values ($26, $2, $27, $28, $1)
         ), noted as (
             insert into audit (id, conference_id, actor, kind, registration_id)
             values ($29, $2, 'delegate', $38, $1)
         ), queued as (
             insert into message (id, conference_id, kind, recipient, registration_id, attendee_id, data)
             select id, $2, kind, recipient, $1, attendee, data
             from unnest($30::uuid[], $31::text[], $32::text[], $33::uuid[], $34::jsonb[])
                 as mail (id, kind, recipient, attendee, data)
         )
         select 1 as done from registered",
        kept.id.0,
        conference.0,
        reference.as_str(),
        contact_name,
        contact_email,
        telephone.as_str(),
        organisation.as_str(),
        country.code(),
        city.as_str(),
        purchase_order.as_str(),
        invoice_address.as_str(),
        new.privacy.0,
        submission.0,
        &new.submission.registration.fingerprint(),
        at,
        &people.ids,
        &people.names as &[&str],
        &people.emails as &[&str],
        &people.job_titles as &[&str],
        &people.categories,
        &people.places,
        &people.in_need,
        &people.dietary as &[&str],
        &people.access as &[&str],
        &people.consents as &[&str],
        LinkId::new().0,
        receipt.as_bytes(),
        Purpose::Receipt.as_str(),
        AuditId::new().0,
        &mails.ids,
        &mails.kinds as &[&str],
        &mails.recipients as &[&str],
        &mails.attendees as &[Option<Uuid>],
        &mails.data,
        &people.names_folded,
        &people.emails_normalised as &[&str],
        &new.submission.repeat_hash(),
        AuditKind::RegistrationKept.as_str(),
        contact_attendee,
        &answers.ids,
        &answers.attendees as &[Option<Uuid>],
        &answers.questions,
        &answers.asked_of as &[&str],
        &answers.versions,
        &answers.values,
        &seats.states() as &[&str],
        contact_email.map(|_| email.normalised()),
        &charges.ids,
        &charges.attendees,
        &charges.kinds as &[&str],
        &charges.categories,
        &charges.descriptions as &[&str],
        &charges.amounts,
        code.map(|code| code.0),
        &charges.codes as &[Option<Uuid>],
        &another,
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(())
}
