//! Sending the mails of the outbox, whatever the mail server does.

use std::time::Duration;

use serde_json::json;
use tokio::time::sleep;

use uuid::Uuid;

use super::{
    CONTACT, answered, answered_with, any_mail, app_with, due_now, enqueue, registration, standing, taken, under_way,
};
use crate::support::{Mail, MailServer, TestApp};

#[tokio::test]
async fn a_permanently_refused_mail_fails_with_the_servers_reply() {
    let server = MailServer::start().await;
    server.answers_about("nobody@graz.example", "550 5.1.1 <nobody@graz.example>: no such user here");
    let app = app_with(&server).await;
    let refused = any_mail(&app.db, "nobody@graz.example").await;
    let (state, attempts, reply, _) = answered(&app.db, refused).await;
    assert_eq!((state.as_str(), attempts), ("failed", 1));
    assert_eq!(reply, "550 5.1.1 <nobody@graz.example>: no such user here");
    let taken = any_mail(&app.db, CONTACT).await;
    server.mail_to(CONTACT).await;
    assert_eq!(answered(&app.db, taken).await.0, "sent");
}

#[tokio::test]
async fn a_mail_that_the_server_defers_is_tried_again_and_arrives() {
    let server = MailServer::start().await;
    server.answers("451 4.7.1 Greylisted, come back later");
    let app = app_with(&server).await;
    let mail = any_mail(&app.db, CONTACT).await;
    let (state, attempts, reply, wait) = answered(&app.db, mail).await;
    assert_eq!((state.as_str(), attempts, reply.as_str()), ("waiting", 1, "451 4.7.1 Greylisted, come back later"));
    assert!((40.0..=75.0).contains(&wait), "about a minute: {wait}");
    server.recovers();
    due_now(&app.db, mail).await;
    server.received(1).await;
    let arrived = answered_with(&app.db, mail, "250").await;
    assert_eq!((arrived.0.as_str(), arrived.1), ("sent", 2));
}

#[tokio::test]
async fn no_mail_fails_while_the_server_is_unavailable_or_refuses_every_sender() {
    let server = MailServer::start().await;
    let app = app_with(&server).await;
    server.greets("554 5.7.1 Your address is blocked");
    let mail = any_mail(&app.db, CONTACT).await;
    let (state, _, reply, _) = answered(&app.db, mail).await;
    assert_eq!((state.as_str(), reply.as_str()), ("waiting", "554 5.7.1 Your address is blocked"));

    let nowhere = TestApp::start_with(|settings| settings.smtp_url = Some("smtp://127.0.0.1:9".into())).await;
    let mail = any_mail(&nowhere.db, CONTACT).await;
    let (state, attempts, reply, _) = answered(&nowhere.db, mail).await;
    assert_eq!((state.as_str(), attempts), ("waiting", 0), "an outage of the server is no failed try of a mail");
    assert!(reply.contains("refused"), "{reply}");
}

#[tokio::test]
async fn after_an_outage_of_the_mail_server_waiting_mails_are_sent_at_once() {
    let server = MailServer::start().await;
    server.greets("421 4.3.2 Shutting down");
    let app = app_with(&server).await;
    let kept = registration(&app.db, &[("Anna Nagy", "anna@graz.example")]).await;
    for number in 0..60 {
        enqueue(&app.db, "contact_confirmation", &format!("c{number}@graz.example"), &kept, None, json!({})).await;
    }
    sleep(Duration::from_secs(3)).await;
    let tried = server.connections();
    assert!(tried <= 20, "a server that is away is asked now and then, not once for each mail: {tried}");
    let waiting: i64 = sqlx::query_scalar("select count(*) from message where attempts = 0 and due_at <= now()")
        .fetch_one(&app.db)
        .await
        .expect("a number");
    assert_eq!(waiting, 60);
    server.recovers();
    // One of them succeeds, and the others follow.
    server.received(60).await;
}

#[tokio::test]
async fn slow_recipients_do_not_delay_others() {
    let server = MailServer::start().await;
    server.hangs_about("hangs");
    let app = app_with(&server).await;
    let kept = registration(&app.db, &[("Anna Nagy", "anna@graz.example")]).await;
    for number in 0..12 {
        enqueue(&app.db, "contact_confirmation", &format!("hangs{number}@graz.example"), &kept, None, json!({})).await;
    }
    sleep(Duration::from_millis(500)).await;
    for number in 0..5 {
        enqueue(&app.db, "contact_confirmation", &format!("c{number}@graz.example"), &kept, None, json!({})).await;
    }
    server.received(5).await;
}

#[tokio::test]
async fn an_outage_of_the_database_while_a_mail_is_composed_is_not_a_failed_attempt() {
    let server = MailServer::start().await;
    let app = app_with(&server).await;
    let mail = any_mail(&app.db, CONTACT).await;
    answered(&app.db, mail).await;
    sqlx::query("update message set state = 'waiting', attempts = 25, reply = null, due_at = 'infinity'")
        .execute(&app.db)
        .await
        .expect("a message that waits for its last try");
    let mut tx = app.db.begin().await.expect("a transaction");
    sqlx::query("lock table conference in access exclusive mode").execute(&mut *tx).await.expect("the table");
    due_now(&app.db, mail).await;
    // Composing the mail waits for the lock until the database server cancels it.
    let (state, attempts, reply, _) = answered(&app.db, mail).await;
    assert_eq!((state.as_str(), attempts), ("waiting", 25), "{reply}");
    tx.rollback().await.expect("an end");
    assert_eq!(answered_with(&app.db, mail, "250").await.0, "sent");
}

#[tokio::test]
async fn a_mail_is_given_up_after_three_days_of_trying() {
    let server = MailServer::start().await;
    server.answers("451 4.3.0 Try again");
    let app = app_with(&server).await;
    let mail = any_mail(&app.db, CONTACT).await;
    answered(&app.db, mail).await;
    sqlx::query("update message set attempts = 25, reply = null, due_at = now() where id = $1")
        .bind(mail)
        .execute(&app.db)
        .await
        .expect("the message");
    let (state, attempts, reply, _) = answered(&app.db, mail).await;
    assert_eq!((state.as_str(), attempts, reply.as_str()), ("failed", 26, "451 4.3.0 Try again"));
}

#[tokio::test]
async fn a_mail_that_cannot_be_composed_does_not_stop_the_others() {
    let server = MailServer::start().await;
    let app = app_with(&server).await;
    let kept = registration(&app.db, &[("Anna Nagy", "anna@graz.example")]).await;
    let broken = enqueue(&app.db, "attendee_confirmation", "anna@graz.example", &kept, None, json!({})).await;
    let nonsense = enqueue(&app.db, "cancellation", "anna@graz.example", &kept, None, json!({"attendees": 7})).await;
    let whole = any_mail(&app.db, CONTACT).await;
    server.mail_to(CONTACT).await;
    assert_eq!(answered(&app.db, whole).await.0, "sent");
    let (state, _, reply, _) = answered(&app.db, broken).await;
    assert_eq!(state, "waiting");
    assert_eq!(reply, "The mail could not be written: it does not say which attendee it is about");
    assert!(answered(&app.db, nonsense).await.2.contains("its data cannot be read"));
}

#[tokio::test]
async fn a_mail_of_an_instance_that_died_is_sent_when_its_lease_ends() {
    let server = MailServer::start().await;
    let app = app_with(&server).await;
    server.falls_silent();
    let mail = any_mail(&app.db, CONTACT).await;
    taken(&app.db, mail).await;
    let (state, _, _, lease) = standing(&app.db, mail).await;
    assert_eq!(state, "waiting");
    assert!((20.0..=30.0).contains(&lease), "{lease}");
    server.recovers();
    // The lease is as the dead instance left it.
    let left = Uuid::now_v7();
    sqlx::query(
        "insert into message (id, conference_id, kind, recipient, registration_id, attempts, due_at)
         select $1, conference_id, kind, recipient, registration_id, 1, now() + interval '1 second' from message",
    )
    .bind(left)
    .execute(&app.db)
    .await
    .expect("a message");
    server.received(1).await;
    let (state, attempts, ..) = answered(&app.db, left).await;
    assert_eq!((state.as_str(), attempts), ("sent", 2));
}

#[tokio::test]
async fn a_mail_in_progress_is_not_claimed_again_when_its_lease_ends() {
    let server = MailServer::start().await;
    server.takes_its_time(Duration::from_secs(5));
    let app = app_with(&server).await;
    let mail = any_mail(&app.db, CONTACT).await;
    under_way(&server).await;
    // As if the database had been unavailable for half a minute.
    due_now(&app.db, mail).await;
    server.received(1).await;
    let (state, attempts, ..) = answered(&app.db, mail).await;
    assert_eq!((state.as_str(), attempts), ("sent", 1));
    assert_eq!(server.mails().len(), 1);
}

#[tokio::test]
async fn a_mail_whose_address_is_corrected_while_it_is_composed_is_not_sent_to_the_old_one() {
    let server = MailServer::start().await;
    let app = app_with(&server).await;
    let mail = any_mail(&app.db, CONTACT).await;
    answered(&app.db, mail).await;
    sqlx::query("update message set state = 'waiting', attempts = 0, reply = null, due_at = 'infinity'")
        .execute(&app.db)
        .await
        .expect("a message that waits");
    // Composing a mail reads the conference, so the lock stops it there.
    let mut tx = app.db.begin().await.expect("a transaction");
    sqlx::query("lock table conference in access exclusive mode").execute(&mut *tx).await.expect("the table");
    due_now(&app.db, mail).await;
    taken(&app.db, mail).await;
    sqlx::query("update message set recipient = 'corrected@graz.example' where id = $1")
        .bind(mail)
        .execute(&app.db)
        .await
        .expect("the message");
    tx.rollback().await.expect("an end");
    let (state, _, reply, _) = answered(&app.db, mail).await;
    assert_eq!(state, "waiting");
    assert_eq!(reply, "The mail could not be written: its address has just been corrected");
    due_now(&app.db, mail).await;
    server.mail_to("corrected@graz.example").await;
    assert_eq!(server.mails().len(), 2, "the first, before all this, and this one");
}

#[tokio::test]
async fn several_mails_are_sent_at_once_and_share_connections() {
    let server = MailServer::start().await;
    server.takes_its_time(Duration::from_millis(50));
    let app = app_with(&server).await;
    let kept = registration(&app.db, &[("Anna Nagy", "anna@graz.example")]).await;
    for number in 0..40 {
        enqueue(&app.db, "contact_confirmation", &format!("c{number}@graz.example"), &kept, None, json!({})).await;
    }
    let mails = server.received(40).await;
    let mut ids: Vec<_> = mails.iter().map(|mail| mail.header("Message-ID").expect("an id")).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 40);
    assert!(server.busiest() > 2, "{} at once", server.busiest());
    assert!(server.connections() <= 12, "{} connections", server.connections());
}

#[tokio::test]
async fn a_mail_in_progress_is_finished_before_the_program_ends() {
    let server = MailServer::start().await;
    server.takes_its_time(Duration::from_secs(2));
    let app = app_with(&server).await;
    let mail = any_mail(&app.db, CONTACT).await;
    let db = app.db.clone();
    under_way(&server).await;
    app.stop().await;
    assert_eq!(server.mails().len(), 1);
    assert_eq!(standing(&db, mail).await.0, "sent");
}

#[tokio::test]
async fn without_a_mail_server_mails_are_files_that_a_mail_program_can_open() {
    let app = TestApp::start().await;
    let mail = any_mail(&app.db, CONTACT).await;
    let (state, _, reply, _) = answered(&app.db, mail).await;
    assert_eq!(state, "sent");
    let file = app.mail_folder().join(format!("{mail}.eml"));
    assert_eq!(reply, format!("Written to {}", file.display()));
    let read = Mail::read(std::fs::read(&file).expect("the file"));
    assert_eq!(read.to, [CONTACT]);
    assert_eq!(read.header("Message-ID"), Some(format!("<{mail}@localhost>")));
    assert!(read.text().contains("You did not register?"));
}
