//! The statement that saves a new registration.

use sqlx::PgTransaction;
use uuid::Uuid;

use super::{
    columns::{Answers, People},
    confirmations::Mails,
    new_registration::{Kept, NewRegistration},
    seating::Seats,
    submission::Submission,
};
use crate::{
    domain::{AuditId, AuditKind, Contact, LinkId, Reference, Registration},
    store::registrations::{
        charges::{self, Columns},
        links::Purpose,
    },
};

/// Saves the registration and everything that belongs to it.
#[expect(clippy::too_many_lines, reason = "one statement, which is the price of one round trip")]
pub(super) async fn insert(
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
    let is_another = |number| new.another.is_some_and(|another| another.number == number);
    let another: Vec<_> = new.people().into_iter().map(is_another).collect();
    let answers = Answers::of(answers, attendees, &people.ids);
    let charges = charges::fees(new.offer, attendees, &people.ids, seats);
    let charges = Columns::of(&charges);
    let mails = Mails::of(registration, new.operations, &people.ids, seats, new.authority.tells);
    let (actor, account) = new.authority.actor.columns();
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
             insert into audit (id, conference_id, actor, account_id, kind, registration_id)
             values ($29, $2, $57, $58, $38, $1)
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
        actor,
        account,
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(())
}
