//! Staff release or discard the mails that have been held since a backup was restored.

use sqlx::PgPool;
use uuid::Uuid;

use super::{CONTACT, Kept, answered_with, app_with, registration, standing};
use crate::support::{MailServer, TestApp};

const MAIL: &str = "/staff/leipzig-2018/messages";

/// Inserts a mail in the state in which a restore leaves it.
async fn held(db: &PgPool, kind: &str, to: &str, about: &Kept, attendee: Option<Uuid>) -> Uuid {
    let id = Uuid::now_v7();
    sqlx::query(
        "insert into message (id, conference_id, kind, recipient, registration_id, attendee_id, state, attempts, reply)
         select $1, conference_id, $2, $3, id, $4, 'held', 2, '451 later' from registration where id = $5",
    )
    .bind(id)
    .bind(kind)
    .bind(to)
    .bind(attendee)
    .bind(about.id)
    .execute(db)
    .await
    .expect("a message");
    id
}

async fn noted(db: &PgPool, kind: &str) -> i64 {
    sqlx::query_scalar(
        "select count(*) from audit where kind = $1 and account_id is not null and subject_id is not null",
    )
    .bind(kind)
    .fetch_one(db)
    .await
    .expect("the audit log")
}

#[tokio::test]
async fn a_held_mail_is_sent_only_when_staff_release_it() {
    let server = MailServer::start().await;
    let app = app_with(&server).await;
    let kept = registration(&app.db, &[("Anna Nagy", "anna@graz.example")]).await;
    let first = held(&app.db, "contact_confirmation", CONTACT, &kept, None).await;
    let second = held(&app.db, "attendee_confirmation", "anna@graz.example", &kept, Some(kept.attendees[0])).await;
    let staff = app.staff().await;
    let all = staff.opens(MAIL).await;
    all.must_say("2 e-mails are held.").must_say("may have been sent since");
    let shown = staff.follows(&all, "Held (2)").await;
    shown.must_say(CONTACT).must_say("anna@graz.example").must_not_say("Send again");
    let after = staff.sends(shown.form(&format!("Release the e-mail to {CONTACT}"))).await;
    after.must_say("Released.").must_say("One e-mail is held.").must_not_say(&format!("the e-mail to {CONTACT}"));
    server.mail_to(CONTACT).await;
    assert_eq!(answered_with(&app.db, first, "250").await.0, "sent");
    assert_eq!(standing(&app.db, second).await.0, "held");
    assert_eq!(noted(&app.db, "message_released").await, 1);
    let history = staff.opens(&format!("/staff/leipzig-2018/attendees/{}", kept.attendees[0])).await;
    history.must_say("Held mail released").must_say("held");
    // A second click, or somebody else, cannot change the decision.
    staff.sends(shown.form(&format!("Discard the e-mail to {CONTACT}"))).await.must_be(200);
    assert_eq!(standing(&app.db, first).await.0, "sent");
    assert_eq!(noted(&app.db, "message_discarded").await, 0);
}

#[tokio::test]
async fn a_discarded_mail_is_sent_only_when_staff_send_it_again() {
    let server = MailServer::start().await;
    let app = app_with(&server).await;
    let kept = registration(&app.db, &[("Anna Nagy", "anna@graz.example")]).await;
    let mail = held(&app.db, "contact_confirmation", CONTACT, &kept, None).await;
    let staff = app.staff().await;
    let shown = staff.opens(&format!("{MAIL}?state=held")).await;
    let after = staff.sends(shown.form(&format!("Discard the e-mail to {CONTACT}"))).await;
    after.must_say("Discarded.").must_say("No e-mails are held.");
    assert_eq!(standing(&app.db, mail).await.0, "discarded");
    assert_eq!(noted(&app.db, "message_discarded").await, 1);
    let all = staff.opens(MAIL).await;
    all.must_say("discarded").must_not_say("is held");
    staff.sends(all.form(&format!("Send again to {CONTACT}"))).await.must_say("On its way");
    server.mail_to(CONTACT).await;
    assert_eq!(answered_with(&app.db, mail, "250").await.0, "sent");
}

#[tokio::test]
async fn staff_decide_about_all_held_mails_at_once_except_those_about_accounts() {
    let server = MailServer::start().await;
    let app = app_with(&server).await;
    let kept = registration(&app.db, &[("Anna Nagy", "anna@graz.example")]).await;
    let own = Some(kept.attendees[0]);
    let mails = [
        held(&app.db, "contact_confirmation", CONTACT, &kept, None).await,
        held(&app.db, "attendee_confirmation", "anna@graz.example", &kept, own).await,
    ];
    let about_account = Uuid::now_v7();
    let account = app.account("organiser").await;
    sqlx::query(
        "insert into message (id, kind, recipient, account_id, state) values ($1, 'account_changed', $2, $3, 'held')",
    )
    .bind(about_account)
    .bind(&account.email)
    .bind(account.id)
    .execute(&app.db)
    .await
    .expect("a message");
    let staff = app.staff().await;
    let page = staff.opens(MAIL).await;
    staff.sends(page.form("Discard all")).await.must_say("Discarded.").must_say("No e-mails are held.");
    for mail in mails {
        assert_eq!(standing(&app.db, mail).await.0, "discarded");
    }
    assert_eq!(noted(&app.db, "message_discarded").await, 2);
    assert_eq!(standing(&app.db, about_account).await.0, "held");
    app.administrator().await.opens(MAIL).await.must_say("One e-mail is held.").must_say(&account.email);
}

#[tokio::test]
async fn a_held_mail_is_sent_to_the_address_that_was_corrected_in_the_meantime() {
    let app = TestApp::start().await;
    let kept = registration(&app.db, &[("Anna Nagy", "ana@graz.example")]).await;
    let mail = held(&app.db, "attendee_confirmation", "ana@graz.example", &kept, Some(kept.attendees[0])).await;
    let staff = app.staff().await;
    let form = staff.opens(&format!("/staff/leipzig-2018/attendees/{}/correct", kept.attendees[0])).await;
    let form = form.form("Save").fill_in("Attendee", "E-mail", "anna@graz.example");
    staff.sends(form).await.must_be(200);
    let recipient: String = sqlx::query_scalar("select recipient from message where id = $1")
        .bind(mail)
        .fetch_one(&app.db)
        .await
        .expect("it");
    assert_eq!(recipient, "anna@graz.example");
}
