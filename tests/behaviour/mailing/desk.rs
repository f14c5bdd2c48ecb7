//! Staff list the mails and send them again.

use serde_json::json;
use sqlx::PgPool;
use uuid::Uuid;

use super::{CONTACT, answered, answered_with, any_mail, app_with, enqueue, registration, standing};
use crate::support::{MailServer, Page, Person, TestApp};

const MAIL: &str = "/staff/leipzig-2018/messages";

async fn sends_again(person: &Person, page: &Page, recipient: &str) -> Page {
    person.sends(page.form(&format!("Send again to {recipient}"))).await
}

#[tokio::test]
async fn staff_see_waiting_sent_and_failed_mails_with_the_servers_reply() {
    let server = MailServer::start().await;
    server.answers_about("nobody@graz.example", "550 5.1.1 no such user");
    server.answers_about("later@graz.example", "451 4.7.1 come back later");
    let app = app_with(&server).await;
    for to in ["nobody@graz.example", "later@graz.example", CONTACT] {
        let mail = any_mail(&app.db, to).await;
        answered(&app.db, mail).await;
    }
    let staff = app.staff().await;
    let all = staff.opens(MAIL).await;
    for words in ["nobody@graz.example", "550 5.1.1 no such user", "later@graz.example", "451 4.7.1", CONTACT] {
        all.must_say(words);
    }
    all.must_not_say("No mail server is set");
    let failed = staff.follows(&all, "Failed (1)").await;
    failed.must_say("nobody@graz.example").must_not_say("later@graz.example");
    let waiting = staff.follows(&all, "Waiting (1)").await;
    waiting.must_say("later@graz.example").must_say("tried once, next");
    let sent = staff.follows(&all, "Sent").await;
    sent.must_say(CONTACT).must_not_say("nobody@graz.example");
}

#[tokio::test]
async fn a_failed_mail_is_sent_again_to_the_corrected_address() {
    let server = MailServer::start().await;
    server.answers_about("ana@graz.example", "550 5.1.1 no such user");
    let app = app_with(&server).await;
    let kept = registration(&app.db, &[("Anna Nagy", "ana@graz.example")]).await;
    let own = Some(kept.attendees[0]);
    let mail = enqueue(&app.db, "attendee_confirmation", "ana@graz.example", &kept, own, json!({})).await;
    assert_eq!(answered(&app.db, mail).await.0, "failed");
    sqlx::query("update attendee set email = 'anna@graz.example'").execute(&app.db).await.expect("the attendee");
    let staff = app.staff().await;
    let failed = staff.opens(&format!("{MAIL}?state=failed")).await;
    let after = sends_again(&staff, &failed, "ana@graz.example").await;
    after.must_say("On its way");
    server.mail_to("anna@graz.example").await;
    assert_eq!(answered_with(&app.db, mail, "250").await.0, "sent");
}

#[tokio::test]
async fn a_sent_mail_is_sent_again_as_a_new_mail() {
    let server = MailServer::start().await;
    let app = app_with(&server).await;
    let mail = any_mail(&app.db, CONTACT).await;
    let first = server.mail_to(CONTACT).await;
    answered(&app.db, mail).await;
    let staff = app.staff().await;
    let page = staff.opens(MAIL).await;
    sends_again(&staff, &page, CONTACT).await;
    let both = server.received(2).await;
    assert_ne!(both[0].header("Message-ID"), both[1].header("Message-ID"), "else servers drop the second");
    assert_eq!(standing(&app.db, mail).await.0, "sent");
    assert_ne!(first.link("/manage/"), both.iter().find(|mail| mail.raw != first.raw).expect("two").link("/manage/"));
    let (told,): (i64,) = sqlx::query_as("select count(*) from audit where kind = 'message_sent_again'")
        .fetch_one(&app.db)
        .await
        .expect("the audit log");
    assert_eq!(told, 1);
}

#[tokio::test]
async fn an_address_gets_only_a_few_mails_again_in_a_short_time() {
    let server = MailServer::start().await;
    let app = app_with(&server).await;
    let mail = any_mail(&app.db, CONTACT).await;
    answered(&app.db, mail).await;
    let staff = app.staff().await;
    let page = staff.opens(MAIL).await;
    for _ in 0..3 {
        sends_again(&staff, &page, CONTACT).await.must_say("On its way");
    }
    let refused = sends_again(&staff, &page, CONTACT).await;
    refused.must_be(429).must_say("Several e-mails have just been sent to this address");
    assert_eq!(refused.attributes(".notice[role=alert][tabindex='-1']", "autofocus").len(), 1, "the refusal has focus");
    server.received(4).await;
}

#[tokio::test]
async fn the_page_says_that_mails_are_written_as_files() {
    let app = TestApp::start().await;
    let page = app.staff().await.opens(MAIL).await;
    page.must_say("No mail server is set").must_say(&app.mail_folder().display().to_string());
}

#[tokio::test]
async fn many_mails_are_listed_on_several_pages() {
    let app = TestApp::start().await;
    let kept = registration(&app.db, &[("Anna Nagy", "anna@graz.example")]).await;
    for number in 0..60 {
        let to = format!("c{number}@graz.example");
        enqueue(&app.db, "contact_confirmation", &to, &kept, None, json!({})).await;
    }
    let staff = app.staff().await;
    let newest = staff.opens(MAIL).await;
    newest.must_say("c59@graz.example").must_say("c10@graz.example");
    newest.must_not_say("c9@graz.example");
    let older = staff.follows(&newest, "Older e-mails").await;
    older.must_say("c9@graz.example").must_say("c0@graz.example");
    older.must_not_say("c10@graz.example");
    staff.follows(&older, "The newest").await;
}

#[tokio::test]
async fn mails_about_accounts_are_shown_to_administrators_only() {
    let app = TestApp::start().await;
    let account = app.account("organiser").await;
    password_mail(&app.db, account.id, &account.email).await;
    let seen = app.administrator().await.opens(MAIL).await;
    seen.must_say("Link to set a password").must_say(&account.email);
    let staff = app.staff().await;
    staff.opens(MAIL).await.must_not_say(&account.email);
}

async fn password_mail(db: &PgPool, account: Uuid, to: &str) {
    sqlx::query(
        r#"insert into message (id, kind, recipient, account_id, data)
           values ($1, 'set_password', $2, $3, '{"purpose": "invitation"}')"#,
    )
    .bind(Uuid::now_v7())
    .bind(to)
    .bind(account)
    .execute(db)
    .await
    .expect("a message");
}
