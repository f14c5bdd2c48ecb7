//! Staff read mails as they were sent.

use reqwest::Method;
use serde_json::json;

use super::{CONTACT, answered_with, app_with, enqueue, registration};
use crate::{
    desk::{opened, two_from_graz},
    support::{MailServer, TestApp},
};

const MAIL: &str = "/staff/leipzig-2018/messages";

#[tokio::test]
async fn staff_read_a_mail_as_it_was_sent_without_the_secret_of_its_link() {
    let server = MailServer::start().await;
    let app = app_with(&server).await;
    let kept = registration(&app.db, &[("Anna <b>Nagy</b>", CONTACT)]).await;
    let mail = enqueue(&app.db, "contact_confirmation", CONTACT, &kept, None, json!({})).await;
    let arrived = server.mail_to(CONTACT).await;
    answered_with(&app.db, mail, "250").await;
    let secret = arrived.link("/manage/").trim_start_matches("/manage/").to_owned();
    // Later changes do not affect the text that was sent.
    sqlx::query("update registration set purchase_order = 'another'").execute(&app.db).await.expect("a change");

    let staff = app.staff().await;
    let list = staff.opens(MAIL).await;
    let page = staff.follows(&list, &format!("Confirmation for the contact to {CONTACT}")).await;
    assert_eq!(page.heading(), arrived.subject());
    page.must_say(CONTACT).must_say(&kept.reference).must_say("PO-2018.4711").must_say("Anna <b>Nagy</b>");
    page.must_say("/manage/…").must_say("Questions? Reply to this mail").must_not_say(&secret);
    let masked = arrived.text().replace("\r\n", "\n").replace(&secret, "…");
    assert_eq!(page.texts(".mail-text"), [masked.split_whitespace().collect::<Vec<_>>().join(" ")]);
    let told: String = sqlx::query_scalar("select message::text from message where id = $1")
        .bind(mail)
        .fetch_one(&app.db)
        .await
        .expect("the message");
    assert!(told.contains("/manage/…") && !told.contains(&secret), "{told}");
    // No mail contains needs, so its page contains none. The page links to the attendee.
    assert_eq!(page.find_link(&kept.reference), Some(format!("/staff/leipzig-2018/attendees/{}", kept.attendees[0])));
}

#[tokio::test]
async fn an_attendees_page_links_to_the_mails_about_them() {
    let server = MailServer::start().await;
    let app = app_with(&server).await;
    two_from_graz(&app).await;
    let subject = server.mail_to("boris@graz.example").await.subject();
    let staff = app.staff().await;
    let page = opened(&staff, "Boris Maier").await;
    let link = page.link("Confirmation for an attendee to boris@graz.example");
    let id = link.rsplit('/').next().and_then(|id| id.parse().ok()).expect("a key");
    answered_with(&app.db, id, "250").await;
    assert_eq!(staff.opens(&link).await.heading(), subject);
}

#[tokio::test]
async fn a_mail_that_was_not_sent_has_no_text_yet() {
    let app = TestApp::start_with(|settings| settings.smtp_url = Some("smtp://127.0.0.1:9".into())).await;
    let kept = registration(&app.db, &[("Anna Nagy", CONTACT)]).await;
    let mail = enqueue(&app.db, "contact_confirmation", CONTACT, &kept, None, json!({})).await;
    let staff = app.staff().await;
    let page = staff.opens(&format!("{MAIL}/{mail}")).await;
    page.must_be(200).must_say("This e-mail has not been sent yet.").must_not_say("Thank you.");
    sqlx::query("update message set state = 'failed', due_at = now() + interval '1 day'")
        .execute(&app.db)
        .await
        .expect("a failure");
    staff.opens(&format!("{MAIL}/{mail}")).await.must_say("This e-mail was not sent.");
}

#[tokio::test]
async fn a_mail_about_an_account_is_read_by_administrators_only_and_without_its_link() {
    let server = MailServer::start().await;
    let app = app_with(&server).await;
    let bea = app.account("staff").await;
    let ada = app.administrator().await;
    let page = ada.opens(&format!("/administration/accounts/{}", bea.id)).await;
    ada.sends(page.form("Send a new link")).await.must_be(200);
    let link = server.mail_to(&bea.email).await.link("/set-password/");
    let mail = sqlx::query_scalar("select id from message").fetch_one(&app.db).await.expect("the message");
    answered_with(&app.db, mail, "250").await;
    let path = format!("{MAIL}/{mail}");
    ada.opens(&path).await.must_be(200).must_say("/set-password/…").must_not_say(&link);
    let answer = app.staff().await.asks(Method::GET, &path, &[], None).await;
    assert_eq!(answer.status(), 404);
}
