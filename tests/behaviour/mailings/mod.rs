//! Staff write to the people of a view, and deal with mails that failed.

mod failed;
mod kept;
mod searching;
mod sending;
mod trouble;
mod writing;

use std::time::Duration;

use sqlx::PgPool;
use tokio::time::{Instant, sleep};

use crate::support::{Form, LEIPZIG, MailServer, Page, Person, TestApp};

async fn app_with(server: &MailServer) -> TestApp {
    TestApp::start_with(|settings| server.serves(settings)).await
}

/// Adds this many attendees directly to the database, each on a registration of their own: "Person 0001" and so on. Every tenth has
/// no job title. The contact of all has another address than the attendees.
pub async fn people(db: &PgPool, number: i32) {
    let statement = "with new as (
             insert into registration (id, conference_id, reference, contact_name, contact_email, contact_email_normalised,
                 contact_telephone, organisation, country, city, purchase_order, invoice_address, privacy_revision_id,
                 submission_id, submission_hash, created_at)
             select gen_random_uuid(), conference.id, translate(to_char(n, 'fm000-0000'), '01', 'AB'), 'Contact',
                 'contact@city.example', 'contact@city.example', '', 'Organisation ' || to_char(n, 'fm0000'), 'AT', 'Graz', '', '',
                 notice.id, gen_random_uuid(), '', now()
             from generate_series(1, $1) n, conference join revision notice on notice.slug = 'privacy'
             returning *, right(organisation, 4) as number
         )
         insert into attendee (id, conference_id, registration_id, position, name, name_folded, email, email_normalised, job_title,
             category_id, state, created_at)
         select gen_random_uuid(), new.conference_id, new.id, 1, 'Person ' || number, 'person ' || number,
             'p' || number || '@city.example', 'p' || number || '@city.example',
             case when number like '%0' then '' else 'CIO' end, category.id, 'confirmed', new.created_at
         from new join category on category.slug = 'member-city'";
    sqlx::query(statement).bind(number).execute(db).await.expect("attendees");
}

/// Opens the form for a mailing to the view with this query.
async fn form(person: &Person, query: &str) -> Form {
    person.opens(&format!("/staff{LEIPZIG}/messages/new{query}")).await.form("Preview")
}

/// Returns the preview of a mailing with this text.
async fn previewed(person: &Person, query: &str, text: &str) -> Page {
    let form = form(person, query).await.fill("Subject", "Bus to the venue").fill("Text", text);
    person.sends(form).await
}

/// Waits until this number is this high.
async fn until(db: &PgPool, query: &'static str, number: i64) {
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        let counted: i64 = sqlx::query_scalar(query).fetch_one(db).await.expect("a number");
        if counted >= number {
            return;
        }
        assert!(Instant::now() < deadline, "{query}: {counted} of {number}");
        sleep(Duration::from_millis(50)).await;
    }
}

async fn count(db: &PgPool, query: &'static str) -> i64 {
    sqlx::query_scalar(query).fetch_one(db).await.expect("a number")
}

async fn execute(db: &PgPool, statement: &'static str) {
    sqlx::query(statement).execute(db).await.expect("it is done");
}
