//! Sending: once, later, stopped in the middle, behind other mails, by two instances.

use std::time::{Duration, Instant};

use serde_json::json;
use tokio::{task::JoinSet, time::sleep};
use uuid::Uuid;

use super::{app_with, count, execute, form, people, previewed, until};
use crate::{
    instances::House,
    support::{LEIPZIG, MailServer, TestApp},
};

#[tokio::test]
async fn the_same_form_sent_twice_makes_one_mailing() {
    let app = TestApp::start().await;
    people(&app.db, 3).await;
    let staff = app.staff().await;
    let page = previewed(&staff, "", "Hello").await;
    let mut sent = JoinSet::new();
    for _ in 0..4 {
        let (staff, form) = (staff.clone(), page.form("Send 3 e-mails"));
        sent.spawn(async move { staff.sends(form).await });
    }
    let pages = sent.join_all().await;
    assert!(pages.iter().all(|page| page.status == 200));
    assert_eq!(pages.iter().filter(|page| page.says("On its way.")).count(), 1);
    assert_eq!(pages.iter().filter(|page| page.says("Sent only once.")).count(), 3);
    assert_eq!(count(&app.db, "select count(*) from message where kind = 'mailing'").await, 3);
}

#[tokio::test]
async fn a_scheduled_mailing_goes_to_whoever_is_in_the_view_then() {
    let server = MailServer::start().await;
    let app = app_with(&server).await;
    app.it_is(time::macros::datetime!(2018-05-01 10:00 UTC));
    people(&app.db, 2).await;
    let staff = app.staff().await;
    let later = |at: &str| {
        let (staff, at) = (staff.clone(), at.to_owned());
        async move {
            let form = form(&staff, "?q=person").await.fill("Subject", "Soon").fill("Text", "Hello {name}");
            staff.sends(form.choose("When", "Later, to whoever is in the view then").fill("Date and time", &at)).await
        }
    };
    for (at, words) in [
        ("", "Give the date and time"),
        ("2018-04-30T12:00", "Give a time in the future"),
        ("2018-10-28T02:30", "the clocks change"),
    ] {
        let error = later(at).await.must_be(422).error_beside("Date and time").unwrap_or_default();
        assert!(error.contains(words), "{at}: {error}");
    }
    let page = later("2018-05-02T12:00").await;
    let scheduled = staff.sends(page.form("Schedule 2 e-mails")).await;
    scheduled.must_say("Scheduled.").must_say("Wednesday 2 May 2018, 12:00 CEST");
    execute(&app.db, "update attendee set state = 'cancelled', cancelled_at = now(), cancel_cause = 'staff' where name = 'Person 0001'").await;
    sleep(Duration::from_secs(3)).await;
    assert!(server.mails().is_empty(), "it is not time yet");
    app.it_is(time::macros::datetime!(2018-05-02 10:00:01 UTC));
    let mails = server.received(1).await;
    assert_eq!(mails[0].to, ["p0002@city.example"]);
    app.staff().await.opens(&scheduled.path).await.must_say("Begun");
}

#[tokio::test]
async fn a_scheduled_mailing_can_be_cancelled_and_one_whose_view_is_gone_goes_to_nobody() {
    let app = TestApp::start().await;
    app.it_is(time::macros::datetime!(2018-05-01 10:00 UTC));
    people(&app.db, 2).await;
    let staff = app.staff().await;
    let mut pages = Vec::new();
    for _ in 0..2 {
        let form = form(&staff, "").await.fill("Subject", "Soon").fill("Text", "Hello");
        let form =
            form.choose("When", "Later, to whoever is in the view then").fill("Date and time", "2018-05-02T12:00");
        let page = staff.sends(form).await;
        pages.push(staff.sends(page.form("Schedule 2 e-mails")).await);
    }
    let cancelled = staff.sends(pages[0].form("Cancel this mailing")).await;
    cancelled.must_say("Stopped.").must_say("Nobody has got the e-mail.");
    assert!(!cancelled.has_form("Cancel this mailing"));
    execute(&app.db, "update mailing set view = 'shoe_size=44' where stopped_at is null").await;
    app.it_is(time::macros::datetime!(2018-05-02 10:00:01 UTC));
    until(&app.db, "select count(*) from mailing where stopped_at is not null", 2).await;
    app.staff().await.opens(&pages[1].path).await.must_say("the view no longer exists");
    assert_eq!(count(&app.db, "select count(*) from message").await, 0);
}

#[tokio::test]
async fn a_mailing_is_stopped_in_the_middle_and_says_how_many_were_sent() {
    let server = MailServer::start().await;
    server.takes_its_time(Duration::from_millis(300));
    let app = app_with(&server).await;
    people(&app.db, 200).await;
    let staff = app.staff().await;
    let page = previewed(&staff, "", "Hello {name}").await;
    let sent = staff.sends(page.form("Send 200 e-mails")).await;
    until(&app.db, "select count(*) from message where state = 'sent'", 5).await;
    let stopped = staff.sends(sent.form("Stop")).await;
    stopped.must_say("Stopped.").must_say("e-mails had been sent before.");
    sleep(Duration::from_secs(2)).await;
    let (arrived, said) =
        (server.mails().len(), count(&app.db, "select count(*) from message where state = 'sent'").await);
    assert!(arrived < 60, "{arrived} were sent");
    assert_eq!(usize::try_from(said), Ok(arrived), "those in progress were finished and counted");
    assert_eq!(count(&app.db, "select count(*) from message where state = 'waiting'").await, 0);
    staff.opens(&sent.path).await.must_say(&format!("{said} of 200"));
    staff.sends(sent.form("Stop")).await.must_say("Nothing was left to stop.");
}

#[tokio::test]
async fn five_thousand_mails_are_queued_at_once_and_a_confirmation_overtakes_them() {
    let server = MailServer::start().await;
    let app = app_with(&server).await;
    people(&app.db, 5000).await;
    execute(&app.db, "analyze").await;
    let staff = app.staff().await;
    let list = "/staff/leipzig-2018/attendees";
    staff.opens_until(list, |page| page.says("5,000 attendees") && !page.says("added or changed at once")).await;
    let page = previewed(&staff, "", "Hello {name}\n\n{manage_link}").await;
    page.must_say("Write to 5,000 people").must_say("E-mail 1 of 5,000");
    let begun = Instant::now();
    staff.sends(page.form("Send 5,000 e-mails")).await.must_say("On its way.");
    let queued = begun.elapsed();
    println!("5,000 mails were queued in {queued:?}");
    assert!(queued < Duration::from_secs(10), "{queued:?}");
    assert_eq!(count(&app.db, "select count(*) from message where kind = 'mailing'").await, 5000);
    until(&app.db, "select count(*) from message where state = 'sent'", 20).await;
    let begun = Instant::now();
    crate::support::registration::registers(&app.delegate(), "Anna Gruber", "anna@graz.example").await.must_be(200);
    server.mail_to("anna@graz.example").await;
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    assert!(count(&app.db, "select count(*) from message where kind = 'mailing' and state = 'waiting'").await > 3000);
}

#[tokio::test]
async fn a_server_that_accepts_ten_mails_and_closes_gets_every_mail_once() {
    let server = MailServer::start().await;
    server.closes_after(10);
    let app = app_with(&server).await;
    people(&app.db, 60).await;
    let staff = app.staff().await;
    let page = previewed(&staff, "", "Hello {name}").await;
    staff.sends(page.form("Send 60 e-mails")).await.must_say("On its way.");
    let mut addresses: Vec<_> = server.received(60).await.iter().map(|mail| mail.to[0].clone()).collect();
    addresses.dedup();
    assert_eq!(addresses.len(), 60);
    assert!(server.connections() >= 6);
    until(&app.db, "select count(*) from message where state = 'sent'", 60).await;
    assert_eq!(server.mails().len(), 60);
}

#[tokio::test]
async fn somebody_who_cancels_before_the_mail_is_sent_does_not_get_it() {
    let server = MailServer::start().await;
    let app = app_with(&server).await;
    people(&app.db, 2).await;
    let staff = app.staff().await;
    server.greets("421 4.3.2 Shutting down");
    let page = previewed(&staff, "", "Hello {name}").await;
    let sent = staff.sends(page.form("Send 2 e-mails")).await;
    until(&app.db, "select count(*) from message where reply is not null", 2).await;
    execute(&app.db, "update attendee set state = 'cancelled', cancelled_at = now(), cancel_cause = 'staff' where name = 'Person 0002'").await;
    server.recovers();
    until(&app.db, "select count(*) from message where state in ('sent', 'discarded')", 2).await;
    assert_eq!(server.received(1).await[0].to, ["p0001@city.example"]);
    let page = staff.opens(&sent.path).await;
    let list =
        staff.opens(&page.links().into_iter().find(|(_, to)| to.contains("state=discarded")).expect("a link").1).await;
    list.must_say("p0002@city.example").must_say("Not sent: cancelled before it was sent");
}

#[tokio::test]
async fn two_instances_send_a_scheduled_mailing_once() {
    let server = MailServer::start().await;
    let house = House::new().await;
    let url = server.url();
    let settings = [("SMTP_URL", url.as_str()), ("OPERATIONS_ADDRESS", "operations@majorcities.example")];
    let (one, two) = (house.program(&settings).await, house.program(&settings).await);
    people(&house.db, 30).await;
    let account = house.signed_in("staff", &one).await.account.expect("an account");
    sqlx::query(
        "insert into mailing (id, conference_id, submission_id, view, readers, with_cancelled, subject, text, due_at, account_id, created_at)
         select gen_random_uuid(), conference.id, gen_random_uuid(), '', 'attendees', false, 'x', 'Hello {name}', now(), $1, now()
         from conference where slug = 'leipzig-2018'",
    )
    .bind(account.id)
    .execute(&house.db)
    .await
    .expect("a mailing");
    until(&house.db, "select count(*) from message where state = 'sent'", 30).await;
    sleep(Duration::from_secs(3)).await;
    assert_eq!(server.received(30).await.len(), 30);
    assert_eq!(count(&house.db, "select count(*) from message").await, 30);
    drop((one, two));
}

/// A mailing that an older program put into the outbox does not exist, but one that a newer one wrote may be for readers unknown here.
#[tokio::test]
async fn a_mailing_for_readers_of_a_newer_version_is_listed_and_left_alone() {
    let app = TestApp::start().await;
    let staff = app.staff().await;
    execute(&app.db, "alter table mailing drop constraint mailing_readers_known").await;
    sqlx::query(
        "insert into mailing (id, conference_id, submission_id, view, readers, with_cancelled, subject, text, instead, due_at, account_id, created_at)
         select $1, conference.id, gen_random_uuid(), '', 'speakers', false, 'For speakers', 'Hello', $2, now() - interval '1 day', $3, now()
         from conference",
    )
    .bind(Uuid::now_v7())
    .bind(json!({}))
    .bind(staff.account.as_ref().expect("an account").id)
    .execute(&app.db)
    .await
    .expect("a mailing");
    let list = staff.opens(&format!("/staff{LEIPZIG}/mailings")).await;
    staff.follows(&list, "For speakers").await.must_say("speakers (from a newer version)");
    sleep(Duration::from_secs(3)).await;
    assert_eq!(count(&app.db, "select count(*) from mailing where queued_at is null").await, 1);
}
