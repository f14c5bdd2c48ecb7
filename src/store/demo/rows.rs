//! The rows of invented attendees, a few thousand at a time.

use serde::Serialize;
use serde_json::Value;
use sqlx::PgTransaction;
use uuid::Uuid;

use super::choices::Settings;

/// Rows of all tables about attendees.
#[derive(Default)]
pub struct Batch {
    pub registrations: Vec<RegistrationRow>,
    pub attendees: Vec<AttendeeRow>,
    pub places: Vec<PlaceRow>,
    pub charges: Vec<ChargeRow>,
    pub payments: Vec<PaymentRow>,
    pub needs: Vec<NeedsRow>,
    pub answers: Vec<AnswerRow>,
    pub messages: Vec<MessageRow>,
}

#[derive(Serialize)]
pub struct RegistrationRow {
    pub id: Uuid,
    pub reference: String,
    pub contact_attendee_id: Option<Uuid>,
    pub contact_name: Option<String>,
    pub contact_email: Option<String>,
    pub contact_telephone: String,
    pub organisation: String,
    pub country: &'static str,
    pub city: &'static str,
    pub purchase_order: String,
    pub invoice_address: String,
    pub submission_id: Uuid,
    /// In seconds.
    pub created: i64,
}

#[derive(Serialize)]
pub struct AttendeeRow {
    pub id: Uuid,
    pub registration_id: Uuid,
    pub position: usize,
    pub name: String,
    pub name_folded: String,
    pub email: String,
    pub email_normalised: String,
    pub job_title: &'static str,
    pub category_id: Uuid,
    pub code_id: Option<Uuid>,
    pub state: &'static str,
    pub cancelled: Option<i64>,
    pub cancel_cause: Option<&'static str>,
    pub cancel_reason: Option<&'static str>,
    pub created: i64,
}

#[derive(Serialize)]
pub struct PlaceRow {
    pub id: Uuid,
    pub attendee_id: Uuid,
    pub category_id: Uuid,
    pub code_id: Option<Uuid>,
    pub state: &'static str,
    pub since: i64,
    pub offer_id: Option<Uuid>,
}

#[derive(Serialize)]
pub struct ChargeRow {
    pub id: Uuid,
    pub registration_id: Uuid,
    pub attendee_id: Uuid,
    pub kind: &'static str,
    pub category_id: Uuid,
    pub code_id: Option<Uuid>,
    pub description: &'static str,
    pub amount_cents: i64,
    pub reverses_id: Option<Uuid>,
    pub created: i64,
}

#[derive(Serialize)]
pub struct PaymentRow {
    pub id: Uuid,
    pub registration_id: Uuid,
    pub amount_cents: i64,
    pub paid: i64,
}

#[derive(Serialize)]
pub struct NeedsRow {
    pub attendee_id: Uuid,
    pub dietary: String,
    pub access: String,
    pub consented: i64,
}

#[derive(Serialize)]
pub struct AnswerRow {
    pub id: Uuid,
    pub registration_id: Uuid,
    pub attendee_id: Option<Uuid>,
    pub question_id: Uuid,
    pub asked_of: &'static str,
    pub version_id: Uuid,
    pub value: String,
    pub created: i64,
}

#[derive(Serialize)]
pub struct MessageRow {
    pub id: Uuid,
    pub recipient: String,
    pub registration_id: Uuid,
    pub state: &'static str,
    pub reply: &'static str,
    pub sent: Option<i64>,
    pub sent_subject: Option<String>,
    pub sent_text: Option<String>,
    pub created: i64,
}

impl Batch {
    /// Inserts all rows.
    pub async fn insert(&self, tx: &mut PgTransaction<'_>, settings: &Settings) -> Result<(), sqlx::Error> {
        let conference = settings.conference.0;
        sqlx::query!(
            "with attending as (
                 insert into attendee (id, conference_id, registration_id, position, name, name_folded, email,
                     email_normalised, job_title, category_id, code_id, state, queue_rank, cancelled_at, cancel_cause,
                     cancel_reason, created_at)
                 select id, $1, registration_id, position, name, name_folded, email, email_normalised, job_title,
                     category_id, code_id, state, case when state = 'waiting' then nextval('queue_rank') end,
                     to_timestamp(cancelled), cancel_cause, cancel_reason, to_timestamp(created)
                 from jsonb_to_recordset($4) as row (id uuid, registration_id uuid, position smallint, name text,
                     name_folded text, email text, email_normalised text, job_title text, category_id uuid, code_id uuid,
                     state text, cancelled bigint, cancel_cause text, cancel_reason text, created bigint)
                 order by created
             )
             insert into registration (id, conference_id, reference, contact_attendee_id, contact_name, contact_email,
                 contact_email_normalised, contact_telephone, organisation, country, city, purchase_order,
                 invoice_address, privacy_revision_id, submission_id, submission_hash, is_invented, created_at)
             select id, $1, reference, contact_attendee_id, contact_name, contact_email, contact_email,
                 contact_telephone, organisation, country, city, purchase_order, invoice_address, $2, submission_id, '',
                 true, to_timestamp(created)
             from jsonb_to_recordset($3) as row (id uuid, reference text, contact_attendee_id uuid, contact_name text,
                 contact_email text, contact_telephone text, organisation text, country text, city text,
                 purchase_order text, invoice_address text, submission_id uuid, created bigint)",
            conference,
            settings.notice,
            json(&self.registrations),
            json(&self.attendees),
        )
        .execute(&mut **tx)
        .await?;
        self.insert_places(tx, conference).await?;
        self.insert_amounts(tx, settings).await?;
        self.insert_texts(tx, conference).await
    }

    async fn insert_places(&self, tx: &mut PgTransaction<'_>, conference: Uuid) -> Result<(), sqlx::Error> {
        sqlx::query!(
            "with placed as (
                 insert into place (id, conference_id, attendee_id, category_id, code_id, state, since)
                 select id, $1, attendee_id, category_id, code_id, state, to_timestamp(since)
                 from jsonb_to_recordset($2) as row (id uuid, attendee_id uuid, category_id uuid, code_id uuid, state text,
                     since bigint)
             )
             insert into offer (id, conference_id, attendee_id, place_id, offered_at, lapses_at, remind_at)
             select offer_id, $1, attendee_id, id, to_timestamp(since), to_timestamp(since) + interval '30 days',
                 to_timestamp(since) + interval '29 days'
             from jsonb_to_recordset($2) as row (id uuid, attendee_id uuid, offer_id uuid, since bigint)
             where offer_id is not null",
            conference,
            json(&self.places),
        )
        .execute(&mut **tx)
        .await?;
        Ok(())
    }

    async fn insert_amounts(&self, tx: &mut PgTransaction<'_>, settings: &Settings) -> Result<(), sqlx::Error> {
        sqlx::query!(
            "with charged as (
                 insert into charge (id, conference_id, registration_id, attendee_id, kind, category_id, code_id,
                     description, amount_cents, currency, vat_rate, reverses_id, created_at)
                 select id, $1, registration_id, attendee_id, kind, category_id, code_id, description, amount_cents,
                     settings.currency, settings.vat_rate, reverses_id, to_timestamp(created)
                 from registration_settings settings, jsonb_to_recordset($2) as row (id uuid, registration_id uuid,
                     attendee_id uuid, kind text, category_id uuid, code_id uuid, description text, amount_cents bigint,
                     reverses_id uuid, created bigint)
                 where settings.conference_id = $1
             )
             insert into payment (id, conference_id, registration_id, amount_cents, paid_on, account_id, created_at)
             select id, $1, registration_id, amount_cents, to_timestamp(paid)::date, $4, to_timestamp(paid)
             from jsonb_to_recordset($3) as row (id uuid, registration_id uuid, amount_cents bigint, paid bigint)",
            settings.conference.0,
            json(&self.charges),
            json(&self.payments),
            settings.account.0,
        )
        .execute(&mut **tx)
        .await?;
        Ok(())
    }

    async fn insert_texts(&self, tx: &mut PgTransaction<'_>, conference: Uuid) -> Result<(), sqlx::Error> {
        sqlx::query!(
            "with needing as (
                 insert into attendee_needs (attendee_id, conference_id, dietary, access, consent_wording, consented_at)
                 select attendee_id, $1, dietary, access, 'I agree (invented).', to_timestamp(consented)
                 from jsonb_to_recordset($2) as row (attendee_id uuid, dietary text, access text, consented bigint)
             ), answering as (
                 insert into answer (id, conference_id, registration_id, attendee_id, question_id, asked_of, version_id,
                     value, created_at)
                 select id, $1, registration_id, attendee_id, question_id, asked_of, version_id, array[value],
                     to_timestamp(created)
                 from jsonb_to_recordset($3) as row (id uuid, registration_id uuid, attendee_id uuid, question_id uuid,
                     asked_of text, version_id uuid, value text, created bigint)
             )
             insert into message (id, conference_id, kind, recipient, registration_id, state, attempts, reply, sent_at,
                 sent_subject, sent_text, created_at)
             select id, $1, 'contact_confirmation', recipient, registration_id, state, 1, reply, to_timestamp(sent),
                 sent_subject, sent_text, to_timestamp(created)
             from jsonb_to_recordset($4) as row (id uuid, recipient text, registration_id uuid, state text, reply text,
                 sent bigint, sent_subject text, sent_text text, created bigint)",
            conference,
            json(&self.needs),
            json(&self.answers),
            json(&self.messages),
        )
        .execute(&mut **tx)
        .await?;
        Ok(())
    }
}

fn json(rows: &impl Serialize) -> Value {
    serde_json::to_value(rows).expect("rows are data")
}
