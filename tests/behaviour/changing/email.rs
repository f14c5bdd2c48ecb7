//! A new e-mail address counts only after it was confirmed from there.

use sqlx::Row;
use time::Duration;

use super::{Graz, OPERATIONS, says, to};
use crate::{
    managing::{cancels, three_from_graz},
    registering::count,
    support::{Person, TestApp},
};

/// Gives a new address for an attendee with a link.
async fn gives(delegate: &Person, link: &str, whose: &str, address: &str) {
    let page = delegate.opens(link).await;
    let form = delegate.follows(&page, &format!("Change e-mail address of {whose}")).await.form("Send the link");
    delegate.sends(form.fill("New e-mail address", address)).await.must_say("Check the new mailbox.");
}

async fn address(app: &TestApp, name: &str) -> String {
    sqlx::query("select email from attendee where name = $1")
        .bind(name)
        .fetch_one(&app.db)
        .await
        .expect("the attendee")
        .get(0)
}

#[tokio::test]
async fn a_new_address_counts_once_it_is_confirmed_and_gets_its_own_link() {
    let mut graz = Graz::registers().await;
    let boris = graz.app.delegate();
    gives(&boris, &graz.boris, "Boris", "boris@linz.example").await;
    let told = graz.told(2).await;
    let note = to(&told, "boris@graz.example");
    says(note, "gave a new e-mail address for Boris");
    assert!(!note.text().contains("/confirm-email/") && !note.text().contains("linz"), "{}", note.text());
    let confirm = to(&told, "boris@linz.example").link("/confirm-email/");
    assert!(!to(&told, "boris@linz.example").text().contains("Boris"), "strangers learn nothing");
    boris
        .opens(&graz.boris)
        .await
        .must_say("Waiting for confirmation: boris@linz.example")
        .must_say("boris@graz.example");
    assert_eq!(address(&graz.app, "Boris").await, "boris@graz.example");

    // Opening the link changes nothing, because mail programs open links.
    let page = boris.opens(&confirm).await;
    page.must_say("Confirm this e-mail address?").must_say("boris@linz.example");
    assert_eq!(address(&graz.app, "Boris").await, "boris@graz.example");
    boris.sends(page.form("Confirm boris@linz.example")).await.must_be(200).must_say("The new address is confirmed");
    assert_eq!(address(&graz.app, "Boris").await, "boris@linz.example");

    let told = graz.told(3).await;
    for address in ["boris@linz.example", "anna@graz.example"] {
        says(to(&told, address), "before: boris at graz. example");
    }
    says(to(&told, OPERATIONS), "now: boris@linz.example");
    boris.tries(&graz.boris).await.must_be(404).must_say("This link does not work");
    boris
        .opens(&to(&told, "boris@linz.example").link("/manage/"))
        .await
        .must_say("Confirmed")
        .must_say("boris@linz.example");
    boris.opens(&graz.anna).await.must_say("boris@linz.example").must_not_say("Waiting for confirmation");

    // A second time.
    boris.tries(&confirm).await.must_be(410).must_say("This address was confirmed before");
    boris.sends(page.form("Confirm boris@linz.example")).await.must_be(410).must_say("confirmed before");
    assert_eq!(count(&graz.app, "select count(*) from audit where kind = 'attendee_corrected'").await, 1);
}

#[tokio::test]
async fn a_contact_who_attends_changes_one_address_for_both() {
    let mut graz = Graz::registers().await;
    let anna = graz.app.delegate();
    gives(&anna, &graz.anna, "Anna", "anna@linz.example").await;
    let told = graz.told(2).await;
    let page = anna.opens(&to(&told, "anna@linz.example").link("/confirm-email/")).await;
    anna.sends(page.form("Confirm anna@linz.example")).await.must_say("The new address is confirmed");
    let told = graz.told(2).await;
    anna.tries(&graz.anna).await.must_be(404);
    anna.opens(&to(&told, "anna@linz.example").link("/manage/")).await.must_say("Your registration").must_say("Carla");
    anna.opens(&graz.boris).await.must_say("Confirmed");
}

#[tokio::test]
async fn a_contact_who_does_not_attend_changes_their_address() {
    let mut graz = Graz::registers().await;
    sqlx::query(
        "update registration set contact_attendee_id = null, contact_name = 'Clara Office', contact_email = 'office@graz.example',
             contact_email_normalised = 'office@graz.example'",
    )
    .execute(&graz.app.db)
    .await
    .expect("another contact");
    let clara = graz.app.delegate();
    let page = clara.opens(&graz.anna).await;
    let form = clara.follows(&page, "Change your e-mail address").await.form("Send the link");
    clara.sends(form.fill("New e-mail address", "hall@graz.example")).await.must_say("Check the new mailbox.");
    let told = graz.told(2).await;
    to(&told, "office@graz.example");
    let page = clara.opens(&to(&told, "hall@graz.example").link("/confirm-email/")).await;
    clara.sends(page.form("Confirm hall@graz.example")).await.must_say("The new address is confirmed");
    let told = graz.told(2).await;
    says(to(&told, OPERATIONS), "Contact’s e-mail");
    clara.tries(&graz.anna).await.must_be(404);
    let page = clara.opens(&to(&told, "hall@graz.example").link("/manage/")).await;
    page.must_say("Clara Office, hall@graz.example");
    let form = clara.follows(&page, "Correct these details").await.form("Save");
    clara.sends(form.fill("Name", "Clara Hall")).await.must_say("Clara Hall, hall@graz.example");
}

#[tokio::test]
async fn a_change_is_cancelled_and_replaced() {
    let mut graz = Graz::registers().await;
    let boris = graz.app.delegate();
    gives(&boris, &graz.boris, "Boris", "one@linz.example").await;
    gives(&boris, &graz.boris, "Boris", "two@linz.example").await;
    let told = graz.told(4).await;
    let page = boris.opens(&graz.boris).await;
    page.must_say("Waiting for confirmation: two@linz.example").must_not_say("one@linz.example");
    boris
        .tries(&to(&told, "one@linz.example").link("/confirm-email/"))
        .await
        .must_be(410)
        .must_say("another address was given");
    let two = boris.opens(&to(&told, "two@linz.example").link("/confirm-email/")).await;
    let page = boris.follows(&page, "Change e-mail address of Boris").await;
    boris.sends(page.form("Cancel this change")).await.must_say("The change is cancelled.").must_not_say("Waiting");
    boris.sends(two.form("Confirm two@linz.example")).await.must_be(410).must_say("This change was cancelled");
    assert_eq!(address(&graz.app, "Boris").await, "boris@graz.example");
}

#[tokio::test]
async fn an_address_is_confirmed_for_three_days() {
    let mut graz = Graz::registers().await;
    let boris = graz.app.delegate();
    gives(&boris, &graz.boris, "Boris", "boris@linz.example").await;
    let confirm = to(&graz.told(2).await, "boris@linz.example").link("/confirm-email/");
    let page = boris.opens(&confirm).await;
    graz.app.it_is(graz.app.now() + Duration::days(3) + Duration::minutes(1));
    boris.sends(page.form("Confirm boris@linz.example")).await.must_be(410).must_say("this time is over");
    boris.tries(&confirm).await.must_be(410).must_say("This link no longer works");
    boris.opens(&graz.boris).await.must_not_say("Waiting for confirmation");
    assert_eq!(address(&graz.app, "Boris").await, "boris@graz.example");
}

#[tokio::test]
async fn an_address_is_not_changed_after_the_attendee_was_cancelled() {
    let mut graz = Graz::registers().await;
    let boris = graz.app.delegate();
    gives(&boris, &graz.boris, "Boris", "boris@linz.example").await;
    let confirm = to(&graz.told(2).await, "boris@linz.example").link("/confirm-email/");
    let asks = boris.opens(&confirm).await;
    let page = boris.opens(&graz.anna).await;
    cancels(&boris, &page, "Cancel for Boris …", "Yes, cancel").await;
    boris.sends(asks.form("Confirm boris@linz.example")).await.must_be(410).must_say("The place of Boris is cancelled");
    assert_eq!(address(&graz.app, "Boris").await, "boris@graz.example");
}

#[tokio::test]
async fn an_address_that_makes_the_same_person_twice_is_refused() {
    let mut graz = Graz::registers().await;
    sqlx::query("update attendee set name = 'Carla', name_folded = 'carla' where name = 'Boris'")
        .execute(&graz.app.db)
        .await
        .expect("a namesake");
    let boris = graz.app.delegate();
    gives(&boris, &graz.boris, "Carla", "Carla@graz.example").await;
    let confirm = to(&graz.told(2).await, "Carla@graz.example").link("/confirm-email/");
    let page = boris.opens(&confirm).await;
    let page = boris.sends(page.form("Confirm Carla@graz.example")).await;
    page.must_be(409).must_say("Somebody else on this registration has the same name");
    assert_eq!(count(&graz.app, "select count(*) from email_change where used_at is not null").await, 0);
}

#[tokio::test]
async fn the_present_address_and_what_is_no_address_are_refused() {
    let app = TestApp::start().await;
    let [_, boris, _] = three_from_graz(&app).await;
    let delegate = app.delegate();
    let page = delegate.opens(&boris).await;
    let form = delegate.follows(&page, "Change e-mail address of Boris").await.form("Send the link");
    for (typed, error) in [
        ("", "Give the e-mail address"),
        ("boris", "Give the e-mail address in the form name@city.eu"),
        ("BORIS@graz.example", "This is the address that we have already. Give a different one"),
    ] {
        let page = delegate.sends(form.clone().fill("New e-mail address", typed)).await;
        page.must_be(422);
        assert_eq!(page.error_beside("New e-mail address").as_deref(), Some(error));
        assert_eq!(page.form("Send the link").value("New e-mail address"), typed);
    }
    assert_eq!(count(&app, "select count(*) from email_change").await, 0);
}

#[tokio::test]
async fn an_address_cannot_be_flooded_with_links() {
    let app = TestApp::start().await;
    let [_, boris, _] = three_from_graz(&app).await;
    let delegate = app.delegate();
    let page = delegate.opens(&boris).await;
    let form = delegate.follows(&page, "Change e-mail address of Boris").await.form("Send the link");
    let form = form.fill("New e-mail address", "victim@linz.example");
    for _ in 0..10 {
        delegate.sends(form.clone()).await.must_say("Check the new mailbox.");
    }
    let page = delegate.sends(form).await;
    page.must_be(429).must_say("We have already sent several e-mails to this address.");
    assert_eq!(page.form("Send the link").value("New e-mail address"), "victim@linz.example");
}

#[tokio::test]
async fn a_mail_that_waits_for_the_old_address_stays_there_and_the_link_goes_only_to_the_new_one() {
    let app = TestApp::start().await;
    let [_, boris, _] = three_from_graz(&app).await;
    let delegate = app.delegate();
    gives(&delegate, &boris, "Boris", "boris@linz.example").await;
    let staff = app.staff().await;
    let page = staff.opens("/staff/leipzig-2018/attendees").await;
    let page = staff.follows(&page, "Boris").await;
    sqlx::query("update message set state = 'waiting', due_at = now() + interval '1 hour'")
        .execute(&app.db)
        .await
        .expect("they wait");
    let form = staff.follows(&page, "Correct").await.form("Save").fill_in("Attendee", "E-mail", "boris@wien.example");
    staff.sends(form).await.must_say("Corrected.");
    let kept: Vec<(String, String)> =
        sqlx::query_as("select kind, recipient from message order by kind").fetch_all(&app.db).await.expect("mails");
    let kept: Vec<_> = kept.iter().map(|(kind, to)| (kind.as_str(), to.as_str())).collect();
    assert_eq!(kept, [("confirm_email", "boris@linz.example"), ("email_change", "boris@graz.example")]);
}
