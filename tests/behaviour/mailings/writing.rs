//! Writing: placeholders, preview, test and count.

use super::{app_with, count, execute, form, people, previewed};
use crate::support::{LEIPZIG, MailServer, TestApp};

#[tokio::test]
async fn staff_write_to_the_people_of_a_view_and_each_gets_their_own_mail() {
    let server = MailServer::start().await;
    let app = app_with(&server).await;
    people(&app.db, 3).await;
    execute(&app.db, "update attendee set state = 'waiting', queue_rank = 1 where name = 'Person 0003'").await;
    let staff = app.staff().await;
    let list = staff.opens(&format!("/staff{LEIPZIG}/attendees?state=confirmed")).await;
    let page = staff.follows(&list, "Write to these …").await;
    page.must_say("Write to 2 people").must_say("One to each attendee: 2 e-mails to 2 addresses");
    let text = "Dear {name} of {organisation},\n\nyour reference is {reference}.\n\n{manage_link}";
    let form = page.form("Preview").fill("Subject", "Bus for {name}").fill("Text", text);
    let first = staff.sends(form).await;
    first.must_be(200).must_say("What Person 0001 gets").must_say("E-mail 1 of 2").must_say("Bus for Person 0001");
    first.must_say("Dear Person 0001 of Organisation 0001,").must_say("your reference is AAA-AAAB");
    let second = staff.sends(first.form("Next reader")).await;
    second.must_say("What Person 0002 gets").must_say("E-mail 2 of 2");
    assert!(!second.has_form("Next reader"));
    staff.sends(second.form("Previous reader")).await.must_say("What Person 0001 gets");
    assert_eq!(count(&app.db, "select count(*) from message").await, 0, "a preview sends nothing");
    let sent = staff.sends(second.form("Send 2 e-mails")).await;
    sent.must_be(200).must_say("On its way.").must_say("Bus for {name}");
    let mails = server.received(2).await;
    assert_eq!(
        mails.iter().map(|mail| mail.to[0].as_str()).collect::<Vec<_>>(),
        ["p0001@city.example", "p0002@city.example"]
    );
    assert_eq!(mails[0].subject(), "Bus for Person 0001");
    assert_ne!(mails[0].link("/manage/"), mails[1].link("/manage/"));
    app.delegate().opens(&mails[1].link("/manage/")).await.must_say("Person 0002");
    assert_eq!(count(&app.db, "select count(*) from audit where kind = 'mailing_added'").await, 1);
}

#[tokio::test]
async fn the_contacts_of_a_view_get_one_mail_for_each_registration() {
    let server = MailServer::start().await;
    let app = app_with(&server).await;
    people(&app.db, 2).await;
    let staff = app.staff().await;
    let form = form(&staff, "?q=0002")
        .await
        .choose("Who gets an e-mail", "One to the contact of each registration: 1 e-mail to 1 address");
    let page = staff.sends(form.fill("Subject", "Your colleagues").fill("Text", "Dear {name},\n\n{attendees}")).await;
    page.must_say("What Contact gets");
    staff.sends(page.form("Send one e-mail")).await.must_say("On its way.");
    let mail = server.mail_to("contact@city.example").await;
    assert!(mail.text().contains("- Person 0002, Member city"), "{}", mail.text());
}

#[tokio::test]
async fn an_unknown_placeholder_is_refused_beside_the_field_with_those_that_exist() {
    let app = TestApp::start().await;
    people(&app.db, 1).await;
    let staff = app.staff().await;
    let page = previewed(&staff, "", "Dear {nmae}").await;
    let error = page.must_be(422).error_beside("Text").expect("an error");
    assert!(error.starts_with("There is no placeholder {nmae}. Use one of these: {name}, {reference}"), "{error}");
    assert_eq!(page.form("Preview").value("Text"), "Dear {nmae}");
    let page = previewed(&staff, "", "Your link is {manage_link}.").await;
    page.must_be(200).must_say("See your registration");
    let page = staff.sends(form(&staff, "").await.fill("Subject", "{manage_link}").fill("Text", "x")).await;
    assert!(page.must_be(422).error_beside("Subject").expect("an error").contains("cannot stand there"));
}

#[tokio::test]
async fn what_some_readers_lack_is_named_and_replaced_by_a_word_or_they_are_left_out() {
    let server = MailServer::start().await;
    let app = app_with(&server).await;
    people(&app.db, 20).await;
    let staff = app.staff().await;
    let page = previewed(&staff, "", "Dear {job_title}").await;
    page.must_be(422).must_say("2 readers have no job title: Person 0010, Person 0020.");
    assert_eq!(page.error_beside("Without a job title").as_deref(), Some("Choose what those without a job title get"));
    let wordless = staff.sends(page.form("Preview").choose("Without a job title", "Use another word")).await;
    assert!(wordless.must_be(422).error_beside("Word instead of the job title").is_some());
    let without = wordless.form("Preview").choose("Without a job title", "Leave them out: they get no e-mail");
    staff.sends(without).await.must_be(200).must_say("E-mail 1 of 18");
    let with = wordless.form("Preview").fill("Word instead of the job title", "colleague");
    let page = staff.sends(with).await;
    page.must_be(200).must_say("E-mail 1 of 20").must_say("Dear CIO");
    staff.sends(page.form("Send 20 e-mails")).await.must_say("On its way.");
    assert!(server.mail_to("p0010@city.example").await.text().starts_with("Dear colleague"));
    assert!(server.mail_to("p0001@city.example").await.text().starts_with("Dear CIO"));
}

#[tokio::test]
async fn a_message_to_nobody_is_refused() {
    let app = TestApp::start().await;
    people(&app.db, 2).await;
    let staff = app.staff().await;
    let page = previewed(&staff, "?q=nobody-has-this-name", "Hello").await;
    page.must_be(422).must_say("There is nobody in this view.");
    assert!(page.error_beside("Who gets an e-mail").expect("an error").starts_with("Nobody gets this e-mail."));
    execute(&app.db, "update attendee set state = 'cancelled', cancelled_at = now(), cancel_cause = 'staff'").await;
    let page = previewed(&staff, "", "Hello").await;
    page.must_be(422).must_say("2 people of this view are cancelled.");
    let page = staff.sends(page.form("Preview").tick("Also write to people who are cancelled")).await;
    page.must_be(200).must_say("E-mail 1 of 2");
}

#[tokio::test]
async fn a_test_goes_to_its_author_only_and_contains_no_link_of_somebody_else() {
    let server = MailServer::start().await;
    let app = app_with(&server).await;
    people(&app.db, 2).await;
    let staff = app.staff().await;
    let address = staff.account.as_ref().expect("an account").email.clone();
    let page = previewed(&staff, "", "Dear {name}\n\n{manage_link}").await;
    let tested = staff.sends(page.form(&format!("Send a test to {address}"))).await;
    tested.must_be(200).must_say("A test is on its way to").must_say("Send 2 e-mails");
    let mail = server.mail_to(&address).await;
    assert_eq!(mail.subject(), "Test: Bus to the venue");
    assert!(mail.text().starts_with("Dear Person 0001") && !mail.text().contains("/manage/"), "{}", mail.text());
    assert_eq!(count(&app.db, "select count(*) from link").await, 0);
    assert_eq!(server.mails().len(), 1);
}

#[tokio::test]
async fn nothing_is_sent_if_somebody_joined_the_view_since_the_preview() {
    let app = TestApp::start().await;
    people(&app.db, 2).await;
    let staff = app.staff().await;
    let page = previewed(&staff, "?q=person", "Hello {name}").await;
    execute(&app.db, "update attendee set name = 'Somebody' where name = 'Person 0002'").await;
    execute(&app.db, "update attendee set email = 's@city.example' where name = 'Somebody'").await;
    let again = staff.sends(page.form("Send 2 e-mails")).await;
    again.must_be(409).must_say("Nothing was sent yet.").must_say("Hello Person 0001");
    assert_eq!(count(&app.db, "select count(*) from mailing").await, 0);
    staff.sends(again.form("Send one e-mail")).await.must_say("On its way.");
    assert_eq!(count(&app.db, "select count(*) from message where kind = 'mailing'").await, 1);
}
