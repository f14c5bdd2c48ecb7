//! Failed mails: what the reply means, the number in the frame, and correcting the address.

use super::{app_with, count, people, previewed, until};
use crate::support::{LEIPZIG, MailServer, Page, Person, TestApp};

const MAIL: &str = "/staff/leipzig-2018/messages";

/// Sends a mailing to two people, of which the mail to the first fails.
async fn fails(app: &TestApp, server: &MailServer, staff: &Person) {
    server.answers_about("p0001@city.example", "550 5.1.1 no such user");
    people(&app.db, 2).await;
    let page = previewed(staff, "", "Hello {name}").await;
    staff.sends(page.form("Send 2 e-mails")).await.must_say("On its way.");
    until(&app.db, "select count(*) from message where state in ('sent', 'failed')", 2).await;
}

fn alarm(page: &Page) -> Vec<String> {
    page.texts("nav[aria-label=Desk] a").into_iter().filter(|entry| entry.starts_with("E-mails")).collect()
}

#[tokio::test]
async fn every_page_of_the_desk_counts_failed_mails_until_somebody_has_dealt_with_them() {
    let server = MailServer::start().await;
    let app = app_with(&server).await;
    let staff = app.staff().await;
    assert_eq!(alarm(&staff.opens(&format!("/staff{LEIPZIG}/attendees")).await), ["E-mails"]);
    fails(&app, &server, &staff).await;
    assert_eq!(alarm(&staff.opens(&format!("/staff{LEIPZIG}/attendees")).await), ["E-mails 1 failed"]);
    assert!(alarm(&app.organiser().await.opens(&format!("/organisers{LEIPZIG}/sessions")).await).is_empty());
    let list = staff.opens(&format!("{MAIL}?state=failed")).await;
    list.must_say("550 5.1.1 no such user").must_say("There is no mailbox with this address. Ask for the right one.");
    let done = staff.sends(list.form("Mark all 1 as dealt with")).await;
    done.must_say("Dealt with.").must_say("p0001@city.example");
    assert_eq!(alarm(&done), ["E-mails"]);
    assert_eq!(count(&app.db, "select count(*) from audit where kind = 'message_dealt_with'").await, 1);
    // If it is sent again and fails again, somebody is needed again.
    staff.sends(done.form("Send again to p0001@city.example")).await.must_say("On its way.");
    until(&app.db, "select count(*) from message where state = 'failed' and dealt_with_at is null", 1).await;
}

#[tokio::test]
async fn one_failed_mail_is_marked_on_its_page() {
    let server = MailServer::start().await;
    let app = app_with(&server).await;
    let staff = app.staff().await;
    fails(&app, &server, &staff).await;
    let list = staff.opens(&format!("{MAIL}?state=failed")).await;
    let mail = staff.follows(&list, "Mailing to p0001@city.example").await;
    mail.must_say("Bus to the venue").must_say("There is no mailbox with this address.");
    assert_eq!(alarm(&staff.sends(mail.form("Mark as dealt with")).await), ["E-mails"]);
    staff.sends(mail.form("Mark as dealt with")).await.must_be(200);
    assert_eq!(count(&app.db, "select count(*) from audit where kind = 'message_dealt_with'").await, 1);
    staff.follows(&list, "Mailing to p0001@city.example").await.must_say("Dealt with");
}

#[tokio::test]
async fn an_address_is_corrected_and_the_mail_sent_again_and_the_failed_one_says_so() {
    let server = MailServer::start().await;
    let app = app_with(&server).await;
    let staff = app.staff().await;
    fails(&app, &server, &staff).await;
    let list = staff.opens(&format!("{MAIL}?state=failed")).await;
    let mail = staff.follows(&list, "Mailing to p0001@city.example").await;
    let form = staff.follows(&mail, "Correct the address and send again …").await;
    form.must_say("Correct the address of Person 0001").must_say("550 5.1.1 no such user");
    let button = "Correct the address and send again";
    let same = staff.sends(form.form(button)).await;
    assert_eq!(
        same.must_be(422).error_beside("E-mail").as_deref(),
        Some("This is the address that failed. Give the right one")
    );
    let wrong = staff.sends(form.form(button).fill("E-mail", "person@")).await;
    assert!(wrong.must_be(422).error_beside("E-mail").is_some());
    assert_eq!(count(&app.db, "select count(*) from attendee where email = 'p0001@city.example'").await, 1);

    let done = staff.sends(form.form(button).fill("E-mail", "person.one@city.example")).await;
    done.must_be(200).must_say("Corrected and sent again.").must_say("to person.one@city.example");
    assert_eq!(alarm(&done), ["E-mails"]);
    assert!(server.mail_to("person.one@city.example").await.text().starts_with("Hello Person 0001"));
    assert_eq!(count(&app.db, "select count(*) from attendee where email = 'person.one@city.example'").await, 1);
    staff.opens(&format!("{MAIL}?state=failed")).await.must_say("Sent again to person.one@city.example");
    let twice = staff.sends(form.form(button).fill("E-mail", "another@city.example")).await;
    twice.must_be(409).must_say("It was sent again to person.one@city.example.");
    assert_eq!(count(&app.db, "select count(*) from attendee where email = 'another@city.example'").await, 0);
    let noted = "select count(*) from audit where kind in ('attendee_corrected', 'message_sent_again')";
    assert_eq!(count(&app.db, noted).await, 2);
}

#[tokio::test]
async fn the_address_of_a_contact_who_does_not_attend_is_corrected_too() {
    let server = MailServer::start().await;
    server.answers_about("contact@city.example", "550 5.1.1 no such user");
    let app = app_with(&server).await;
    people(&app.db, 1).await;
    sqlx::query(
        "insert into message (id, conference_id, kind, recipient, registration_id)
         select gen_random_uuid(), conference_id, 'contact_confirmation', 'contact@city.example', id from registration",
    )
    .execute(&app.db)
    .await
    .expect("a mail");
    until(&app.db, "select count(*) from message where state = 'failed'", 1).await;
    let staff = app.staff().await;
    let list = staff.opens(&format!("{MAIL}?state=failed")).await;
    let mail = staff.follows(&list, "Confirmation for the contact to contact@city.example").await;
    let form =
        staff.follows(&mail, "Correct the address and send again …").await.form("Correct the address and send again");
    staff.sends(form.fill("E-mail", "office@city.example")).await.must_say("Corrected and sent again.");
    server.mail_to("office@city.example").await;
    assert_eq!(
        count(&app.db, "select count(*) from registration where contact_email = 'office@city.example'").await,
        1
    );
    assert_eq!(count(&app.db, "select count(*) from attendee where email = 'p0001@city.example'").await, 1);
}
