//! Organisers choose which mails are sent, and people are reminded a week before the conference.

use conference::clock::Clock;
use serde_json::json;
use sqlx::PgPool;
use time::Duration;
use tokio::time::{Instant, sleep};

use super::{
    instances::House,
    registering::{count, filled, form, mails, registers},
};
use crate::support::{MailServer, Person, TestApp, programme};

const MAILS: &str = "/administration/leipzig-2018/mails";

/// Anna registers herself, Boris and Ben, who share a mailbox, and Cleo, who is cancelled.
async fn four_from_graz(anna: &Person, db: &PgPool) {
    let mut page = anna.sends(form(anna).await.forge("do", "add")).await;
    for _ in 0..2 {
        page = anna.sends(page.form("Add a colleague")).await;
    }
    let mut sent = filled(page.form("Register"), "Anna", "anna@graz.example");
    for (person, name, email) in [
        ("Person 2", "Boris", "office@graz.example"),
        ("Person 3", "Ben", "office@graz.example"),
        ("Person 4", "Cleo", "cleo@graz.example"),
    ] {
        sent = sent.fill_in(person, "Name", name).fill_in(person, "E-mail", email).choose_in(
            person,
            "Category",
            "Member city",
        );
    }
    anna.sends(sent).await.must_say("You are registered");
    sqlx::query("update attendee set state = 'cancelled', cancelled_at = now() where name = 'Cleo'")
        .execute(db)
        .await
        .expect("a cancellation");
}

/// Lists the recipients of the reminders.
async fn reminded(db: &PgPool) -> Vec<String> {
    let reminders = "select recipient from message where kind = 'reminder' order by id";
    sqlx::query_scalar(reminders).fetch_all(db).await.expect("mails")
}

/// Sets the days of the conference, so that its first day is this many days after today.
async fn begins_in(db: &PgPool, days: i64) {
    let first = (Clock::default().now() + Duration::days(days)).date();
    let last = first + Duration::days(2);
    programme::changes_facts(db, json!({ "starts_on": first.to_string(), "ends_on": last.to_string() })).await;
}

/// Waits until the job has looked, which it does when an instance starts and then every minute.
async fn waits_for_the_job(db: &PgPool) {
    let until = Instant::now() + std::time::Duration::from_secs(20);
    let looked = "select exists (select from reminder)";
    while !sqlx::query_scalar::<_, bool>(looked).fetch_one(db).await.expect("an answer") {
        assert!(Instant::now() < until, "the job has looked");
        sleep(std::time::Duration::from_millis(100)).await;
    }
}

#[tokio::test]
async fn a_mail_to_operations_that_is_switched_off_is_not_sent_and_the_delegates_are() {
    let app = TestApp::start().await;
    let olga = app.administrator().await;
    let page = olga.opens(MAILS).await;
    let form = page.form("Save").untick_in("Optional e-mails", "Confirmation for operations");
    olga.sends(form).await.must_say("Saved.");
    registers(&app.delegate(), "Anna", "anna@graz.example").await.must_say("You are registered");
    assert_eq!(mails(&app).await, [("contact_confirmation".into(), "anna@graz.example".into())]);
    let again = olga.opens(MAILS).await.form("Save");
    assert!(!again.ticked_in("Optional e-mails").contains(&"Confirmation for operations".to_owned()));
    olga.sends(again.tick_in("Optional e-mails", "Confirmation for operations")).await.must_say("Saved.");
    registers(&app.delegate(), "Ben", "ben@graz.example").await.must_say("You are registered");
    assert_eq!(mails(&app).await.len(), 3);
}

#[tokio::test]
async fn two_people_who_switch_different_mails_off_at_once_both_decide() {
    let app = TestApp::start().await;
    let (olga, ada) = (app.administrator().await, app.administrator().await);
    let (first, second) = (olga.opens(MAILS).await.form("Save"), ada.opens(MAILS).await.form("Save"));
    olga.sends(first.untick_in("Optional e-mails", "Confirmation for operations")).await.must_say("Saved.");
    let page = ada.sends(second.untick_in("Optional e-mails", "Reminder a week before the conference")).await;
    page.must_be(409).must_say("Not saved.").must_say("Confirmation for operations");
    ada.sends(page.form("Save")).await.must_say("Saved.");
    assert_eq!(count(&app, "select count(*) from mail_off").await, 2);
}

#[tokio::test]
async fn everybody_who_comes_is_reminded_once_in_the_last_week() {
    let server = MailServer::start().await;
    let house = House::new().await;
    let settings = [("SMTP_URL", server.url()), ("OPERATIONS_ADDRESS", "operations@majorcities.eu".to_owned())];
    let settings: Vec<_> = settings.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let first = house.program(&settings).await;
    four_from_graz(&first.delegate(1), &house.db).await;
    server.received(4).await;
    begins_in(&house.db, 5).await;
    // Two instances look at the same time.
    let others = tokio::join!(house.program(&settings), house.program(&settings));
    waits_for_the_job(&house.db).await;
    let letters = server.received(6).await;
    assert_eq!(reminded(&house.db).await, ["anna@graz.example", "office@graz.example"]);
    let to = |address: &str| {
        let mut reminders = letters.iter().filter(|mail| mail.subject().starts_with("See you soon: Leipzig"));
        reminders.find(|mail| mail.to == [address]).expect("a reminder")
    };
    let (anna, office) = (to("anna@graz.example"), to("office@graz.example"));
    assert!(anna.text().contains("Anna, Member city") && anna.text().contains("/manage/"), "{}", anna.text());
    assert!(!anna.text().contains("Cleo") && anna.file().is_some(), "{}", anna.text());
    assert!(office.text().contains("Hello everybody") && office.text().contains("Ben"), "{}", office.text());
    assert!(!office.text().contains("Anna,"), "{}", office.text());
    drop(others);
}

#[tokio::test]
async fn nobody_is_reminded_of_a_conference_that_does_not_want_it() {
    let house = House::new().await;
    let first = house.program(&[]).await;
    four_from_graz(&first.delegate(1), &house.db).await;
    let off = "insert into mail_off select id, 'reminder' from conference";
    sqlx::query(off).execute(&house.db).await.expect("a setting");
    begins_in(&house.db, 5).await;
    let other = house.program(&[]).await;
    waits_for_the_job(&house.db).await;
    assert_eq!(reminded(&house.db).await, Vec::<String>::new());
    drop(other);
}
