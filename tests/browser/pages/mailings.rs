//! Mailings, and failed mails that staff deal with.

use super::{one, tour};
use crate::support::{LEIPZIG, TestApp, registration::registers};

#[tokio::test]
async fn mailings_and_failed_mails_pass_all_checks_in_every_state() {
    let app = TestApp::start().await;
    for (name, email) in [("Anna Gruber", "anna@graz.example"), ("Ben Huber", "ben@graz.example")] {
        registers(&app.delegate(), name, email).await.must_be(200);
    }
    sqlx::query(
        "update message set state = 'failed', reply = '550 5.1.1 Nobody of this name here' where attendee_id is not null
             or kind = 'contact_confirmation'",
    )
    .execute(&app.db)
    .await
    .expect("mails that failed");
    let failed = one(&app, "select id::text from message where state = 'failed' limit 1").await;
    let (mail, write) = (format!("/staff{LEIPZIG}/messages"), format!("/staff{LEIPZIG}/messages/new?q=graz"));
    let (texts, db) = (format!("/staff{LEIPZIG}/mail-templates"), app.db.clone());
    tour(&app, Some("staff"), async move |mut tour| {
        tour.opens("messages-failed", &format!("{mail}?state=failed")).await;
        tour.opens("message-failed", &format!("{mail}/{failed}")).await;
        tour.presses(
            "message-correct-wrong",
            &format!("{mail}/{failed}/correct"),
            "Correct the address and send again",
            "This is the address that failed",
        )
        .await;
        tour.opens("messages-none-found", &format!("{mail}?q=nobody-has-this-address")).await;
        tour.browser.opens(&format!("{texts}/new")).await;
        tour.browser.clicks("Save").await;
        tour.browser.sees("attention").await;
        tour.checks("mail-template-wrong").await;
        tour.browser.fills("Name", "Bus").await;
        tour.browser.fills("Subject", "Bus to {venue}").await;
        tour.browser.fills("Text", "Dear {name}, as {job_title} you know the way.").await;
        tour.browser.clicks("Save").await;
        tour.browser.sees("Saved.").await;
        tour.checks("mail-templates-some").await;
        let text: String =
            sqlx::query_scalar("select id::text from mail_template").fetch_one(&db).await.expect("the text");
        tour.opens("mail-template", &format!("{texts}/{text}")).await;
        tour.opens("mail-template-remove", &format!("{texts}/{text}/remove")).await;
        tour.opens("mailing-new", &write).await;
        tour.browser.clicks("Use this text").await;
        tour.browser.sees("14 of 200 characters").await;
        tour.browser.clicks("Preview").await;
        tour.browser.sees("2 readers have no job title").await;
        tour.checks("mailing-lacking").await;
        tour.browser.clicks("Use another word").await;
        tour.browser.fills("Word instead of the job title", "colleague").await;
        tour.browser.clicks("Preview").await;
        tour.browser.sees("What Anna Gruber gets").await;
        tour.checks("mailing-preview").await;
        tour.browser.clicks("Send 2 e-mails").await;
        tour.browser.sees("On its way.").await;
        tour.checks("mailing").await;
        tour.opens("mailings-some", &format!("/staff{LEIPZIG}/mailings")).await;
        tour.opens("mailing-nobody", &format!("{mail}/new?q=nobody-has-this-name")).await;
        tour
    })
    .await;
}
