//! A place is transferred to a colleague.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::{Graz, OPERATIONS, says, to};
use crate::{
    managing::{taken, three_from_graz},
    registering::count,
    support::{Form, Person, TestApp},
};

async fn transfer(delegate: &Person, link: &str, whose: &str) -> Form {
    let page = delegate.opens(link).await;
    delegate.follows(&page, &format!("Transfer the place of {whose} …")).await.form("Transfer the place")
}

fn dora(form: Form) -> Form {
    form.fill("Name", "Dora Novak").fill("E-mail", "dora@graz.example").fill("Job title", "CIO")
}

async fn contact(app: &TestApp) -> (String, String, bool) {
    sqlx::query_as(
        "select name, email, contact_attendee_id is not null from contact join registration on id = registration_id",
    )
    .fetch_one(&app.db)
    .await
    .expect("the contact")
}

async fn add_needs(app: &TestApp) {
    sqlx::query(
        "insert into attendee_needs (attendee_id, conference_id, dietary, access, consent_wording, consented_at)
         select id, conference_id, 'no nuts', '', 'I agree', now() from attendee",
    )
    .execute(&app.db)
    .await
    .expect("needs");
}

#[tokio::test]
async fn an_attendee_transfers_their_place_and_their_link_and_their_needs_are_gone() {
    let mut graz = Graz::registers().await;
    add_needs(&graz.app).await;
    let boris = graz.app.delegate();
    let form = transfer(&boris, &graz.boris, "Boris").await;
    let page = boris.sends(dora(form)).await;
    page.must_be(200).must_say("Your place was transferred").must_say("Dora Novak");
    boris.tries(&graz.boris).await.must_be(404);
    assert_eq!(count(&graz.app, "select count(*) from attendee_needs").await, 2);
    assert_eq!(taken(&graz.app).await, [3, 2, 1], "it is the same place");

    let told = graz.told(4).await;
    let dora = to(&told, "dora@graz.example");
    assert!(dora.subject().starts_with("You are registered"), "{}", dora.subject());
    says(dora, "has transferred a place to you.");
    boris.opens(&dora.link("/manage/")).await.must_say("Dora Novak").must_say("CIO").must_not_say("Boris");
    let old = to(&told, "boris@graz.example");
    says(old, "now belongs to Dora Novak");
    assert!(!old.text().contains("/manage/"), "{}", old.text());
    says(to(&told, "anna@graz.example"), "The place of Boris");
    says(to(&told, OPERATIONS), "before: boris@graz.example");
    let staff = graz.app.staff().await;
    let page = staff.opens("/staff/leipzig-2018/attendees?q=dora").await;
    let page = staff.follows(&page, "Dora Novak").await;
    page.must_say("Place transferred by the delegate").must_say("Name: Boris").must_say("became Dora Novak");
    assert_eq!(contact(&graz.app).await, ("Anna".into(), "anna@graz.example".into(), true));
}

#[tokio::test]
async fn a_contact_who_transfers_their_place_stays_the_contact() {
    let mut graz = Graz::registers().await;
    add_needs(&graz.app).await;
    let anna = graz.app.delegate();
    let form = transfer(&anna, &graz.anna, "Anna").await;
    let page = anna.sends(dora(form)).await;
    page.must_say("Transferred. The place belongs to Dora Novak.").must_say("Anna, anna@graz.example");
    assert_eq!(contact(&graz.app).await, ("Anna".into(), "anna@graz.example".into(), false));
    let told = graz.told(3).await;
    says(to(&told, "anna@graz.example"), "now belongs to Dora Novak");
    let dora = anna.opens(&to(&told, "dora@graz.example").link("/manage/")).await;
    dora.must_say("Your place").must_not_say("PO 4711").must_not_say("Boris");
    anna.opens(&graz.anna).await.must_say("Your registration").must_say("Boris").must_say("Dora Novak");
    assert_eq!(count(&graz.app, "select count(*) from attendee_needs").await, 2);
    // Who gets the place back is the contact again, as one record.
    let form = transfer(&anna, &graz.anna, "Dora Novak").await;
    anna.sends(form.fill("Name", "anna").fill("E-mail", "Anna@graz.example")).await.must_say("Transferred.");
    assert_eq!(contact(&graz.app).await, ("anna".into(), "Anna@graz.example".into(), true));
}

#[tokio::test]
async fn a_transfer_to_the_same_person_or_to_somebody_on_the_registration_is_refused() {
    let app = TestApp::start().await;
    let [_, boris, _] = three_from_graz(&app).await;
    let delegate = app.delegate();
    let form = transfer(&delegate, &boris, "Boris").await;
    for (name, email, error) in [
        ("", "dora", "Give the name"),
        ("BORIS", "Boris@graz.example", "This person has the place already."),
        ("carla", "Carla@graz.example", "Somebody on this registration has the same name and e-mail address."),
    ] {
        let page = delegate.sends(form.clone().fill("Name", name).fill("E-mail", email)).await;
        page.must_be(422).must_say(error);
        assert_eq!(page.form("Transfer the place").value("E-mail"), email);
    }
    delegate.opens(&boris).await.must_say("Confirmed");
    assert_eq!(count(&app, "select count(*) from message").await, 0);
}

#[tokio::test]
async fn a_second_click_transfers_nothing_on() {
    let app = TestApp::start().await;
    let [contact, boris, _] = three_from_graz(&app).await;
    let (anna, him) = (app.delegate(), app.delegate());
    let first = dora(transfer(&anna, &contact, "Boris").await);
    let second = transfer(&him, &boris, "Boris").await.fill("Name", "Emil").fill("E-mail", "emil@graz.example");
    let (one, other, third) = tokio::join!(anna.sends(first.clone()), anna.sends(first), him.sends(second));
    let done =
        [&one, &other, &third].iter().filter(|page| page.says("Transferred.") || page.says("was transferred")).count();
    assert_eq!(done, 1, "{} {} {}", one.text(), other.text(), third.text());
    assert_eq!(count(&app, "select count(*) from audit where kind = 'attendee_transferred'").await, 1);
    assert_eq!(count(&app, "select count(*) from message").await, 4);
    assert_eq!(taken(&app).await, [3, 2, 1]);
}

#[tokio::test]
async fn mails_and_a_new_address_that_wait_for_the_old_person_do_not_reach_the_new_one() {
    let app = TestApp::start().await;
    let [contact, boris, _] = three_from_graz(&app).await;
    let delegate = app.delegate();
    let page = delegate.opens(&boris).await;
    let form = delegate.follows(&page, "Change e-mail address of Boris").await.form("Send the link");
    delegate.sends(form.fill("New e-mail address", "boris@linz.example")).await.must_say("Check the new mailbox.");
    let form = delegate.follows(&page, "Correct the details of Boris").await.form("Save");
    delegate.sends(form.fill("Job title", "On leave")).await.must_say("Corrected.");
    let deadline = Instant::now() + Duration::from_secs(15);
    while count(&app, "select count(*) from message where state <> 'sent'").await > 0 {
        assert!(Instant::now() < deadline, "a mail is not sent");
        sleep(Duration::from_millis(50)).await;
    }
    let waits = "update message set state = 'waiting', due_at = now() + interval '1 hour'";
    sqlx::query(waits).execute(&app.db).await.expect("they wait");
    let form = dora(transfer(&delegate, &contact, "Boris").await);
    delegate.sends(form).await.must_say("Transferred.");
    let to_dora: Vec<String> = sqlx::query_scalar(
        "select kind from message where recipient = 'dora@graz.example' and state <> 'discarded' order by kind",
    )
    .fetch_all(&app.db)
    .await
    .expect("mails");
    assert_eq!(to_dora, ["attendee_confirmation"]);
    assert_eq!(count(&app, "select count(*) from email_change where cancelled_at is null").await, 0);
}

/// Whatever statement fails or whenever the program is killed, the place belongs to one of the two, with all that goes with
/// it.
#[tokio::test]
async fn a_transfer_that_fails_at_any_step_leaves_everything_as_it_was() {
    let app = TestApp::start().await;
    let [contact, boris, _] = three_from_graz(&app).await;
    add_needs(&app).await;
    let anna = app.delegate();
    let form = dora(transfer(&anna, &contact, "Anna").await);
    sqlx::raw_sql(
        "create function fails() returns trigger language plpgsql as $$ begin raise exception 'it fails here'; end $$",
    )
    .execute(&app.db)
    .await
    .expect("a function");
    for table in
        ["registration", "attendee", "attendee_needs", "email_change", "audit", "audit_value", "link", "message"]
    {
        let trigger = format!(
            "create trigger fails before insert or update or delete on {table} for each statement execute function fails()"
        );
        sqlx::raw_sql(sqlx::AssertSqlSafe(trigger)).execute(&app.db).await.expect("a trigger");
        anna.sends(form.clone()).await.must_be(500);
        sqlx::raw_sql(sqlx::AssertSqlSafe(format!("drop trigger fails on {table}")))
            .execute(&app.db)
            .await
            .expect("gone");
        assert_eq!(contact_and_needs(&app).await, ("Anna".to_owned(), true, 3), "{table}");
        assert_eq!(count(&app, "select count(*) from message").await, 0, "{table}");
        assert_eq!(count(&app, "select count(*) from link where revoked_at is not null").await, 0, "{table}");
        assert_eq!(count(&app, "select count(*) from attendee where name = 'Dora Novak'").await, 0, "{table}");
    }
    anna.sends(form).await.must_say("Transferred.");
    anna.opens(&boris).await.must_say("Confirmed");
    assert_eq!(contact_and_needs(&app).await, ("Anna".to_owned(), false, 2));
}

async fn contact_and_needs(app: &TestApp) -> (String, bool, i64) {
    let (name, _, attends) = contact(app).await;
    (name, attends, count(app, "select count(*) from attendee_needs").await)
}
