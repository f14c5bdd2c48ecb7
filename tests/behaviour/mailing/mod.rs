//! Mail: what it contains, how it is sent, and what staff see of it.

mod accounts;
mod contents;
mod desk;
mod held;
mod outbox;
mod reading;
mod starttls;
mod together;
mod typed;

use std::time::Duration;

use serde_json::{Value, json};
use sqlx::PgPool;
use tokio::time::{Instant, sleep};
use uuid::Uuid;

use crate::support::{MailServer, TestApp};

/// Starts the program with this mail server.
pub async fn app_with(server: &MailServer) -> TestApp {
    TestApp::start_with(|settings| server.serves(settings)).await
}

/// A registration in the database.
struct Kept {
    id: Uuid,
    reference: String,
    attendees: Vec<Uuid>,
}

const CONTACT: &str = "zeljka@graz.example";

async fn registration(db: &PgPool, people: &[(&str, &str)]) -> Kept {
    let id = Uuid::now_v7();
    let reference = reference();
    sqlx::query(
        "insert into registration (id, conference_id, reference, contact_name, contact_email, contact_telephone,
             organisation, country, city, purchase_order, invoice_address, privacy_revision_id, submission_id,
             submission_hash, created_at)
         select $1, conference.id, $2, 'Željka Horvat', $3, '+43 316 872-0', 'City of Graz', 'AT', 'Graz',
             'PO-2018.4711', E'Finance office\nHauptplatz 1\n8010 Graz', notice.id, $4, '\\x00',
             '2018-03-01 10:00 Z'
         from conference join revision notice on notice.conference_id = conference.id and notice.slug = 'privacy'",
    )
    .bind(id)
    .bind(&reference)
    .bind(CONTACT)
    .bind(Uuid::now_v7())
    .execute(db)
    .await
    .expect("a registration");
    let mut attendees = Vec::new();
    for (position, (name, email)) in (1_i16..).zip(people) {
        attendees.push(Uuid::now_v7());
        sqlx::query(
            "insert into attendee (id, conference_id, registration_id, position, name, name_folded, email, email_normalised,
                 job_title, category_id, state, created_at, is_another)
             select $1, conference_id, $2, $3, $4, lower($4), $5, lower($5), 'CIO', id, 'confirmed', now(), true
             from category where access = 'public' order by place limit 1",
        )
        .bind(attendees.last())
        .bind(id)
        .bind(position)
        .bind(name)
        .bind(email)
        .execute(db)
        .await
        .expect("an attendee");
    }
    let linked = "update registration set contact_attendee_id = attendee.id, contact_name = null, contact_email = null
         from attendee
         where registration.id = $1 and registration_id = $1 and name = contact_name and email = contact_email";
    sqlx::query(linked).bind(id).execute(db).await.expect("the contact");
    Kept { id, reference, attendees }
}

fn reference() -> String {
    let letters = b"23456789ABCDEFGHJKMNPQRSTUVWXYZ";
    let mut code: String =
        (0..7).map(|_| char::from(letters[getrandom::u32().expect("chance") as usize % letters.len()])).collect();
    code.insert(3, '-');
    code
}

async fn enqueue(db: &PgPool, kind: &str, to: &str, about: &Kept, attendee: Option<Uuid>, data: Value) -> Uuid {
    let id = Uuid::now_v7();
    sqlx::query(
        "insert into message (id, conference_id, kind, recipient, registration_id, attendee_id, data)
         select $1, conference_id, $2, $3, id, $4, $5 from registration where id = $6",
    )
    .bind(id)
    .bind(kind)
    .bind(to)
    .bind(attendee)
    .bind(data)
    .bind(about.id)
    .execute(db)
    .await
    .expect("a message");
    id
}

/// Queues a mail to the contact of a new registration.
async fn any_mail(db: &PgPool, to: &str) -> Uuid {
    let kept = registration(db, &[("Anna Nagy", "anna@graz.example")]).await;
    enqueue(db, "contact_confirmation", to, &kept, None, json!({})).await
}

/// Reads a mail: its state, the attempts, the server's reply, and the seconds until the next attempt.
async fn standing(db: &PgPool, id: Uuid) -> (String, i32, String, f64) {
    sqlx::query_as(
        "select state, attempts, coalesce(reply, ''), extract(epoch from due_at - now())::float8
         from message where id = $1",
    )
    .bind(id)
    .fetch_one(db)
    .await
    .expect("the message")
}

/// Waits until the server's reply about a mail is recorded.
async fn answered(db: &PgPool, id: Uuid) -> (String, i32, String, f64) {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let standing = standing(db, id).await;
        if !standing.2.is_empty() {
            return standing;
        }
        assert!(Instant::now() < deadline, "nothing became of the message: {standing:?}");
        sleep(Duration::from_millis(50)).await;
    }
}

/// Waits until an instance has claimed the mail.
async fn taken(db: &PgPool, id: Uuid) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while standing(db, id).await.1 == 0 {
        assert!(Instant::now() < deadline, "nobody takes the message");
        sleep(Duration::from_millis(20)).await;
    }
}

/// Waits until a mail is being sent.
async fn under_way(server: &MailServer) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while server.busiest() == 0 {
        assert!(Instant::now() < deadline, "no mail is under way");
        sleep(Duration::from_millis(10)).await;
    }
}

async fn due_now(db: &PgPool, id: Uuid) {
    sqlx::query("update message set due_at = now() where id = $1").bind(id).execute(db).await.expect("the message");
}

/// Waits until the server's reply begins with these words.
async fn answered_with(db: &PgPool, id: Uuid, start: &str) -> (String, i32, String, f64) {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let standing = standing(db, id).await;
        if standing.2.starts_with(start) {
            return standing;
        }
        assert!(Instant::now() < deadline, "the server's words are {standing:?}");
        sleep(Duration::from_millis(50)).await;
    }
}
