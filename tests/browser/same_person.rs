//! Somebody says with the keyboard alone, and on a phone without scripts, that it is another person; and every page about this is
//! checked.

use thirtyfour::Key;

use crate::{
    driver::{Browser, Options, browse},
    pages::tour,
    support::{LEIPZIG, Page, Person, TestApp, registration, secret},
};

/// Sends the form for another person of this name and address, from another city.
async fn sends_again(delegate: &Person, name: &str, email: &str, city: &str) -> Page {
    let form = registration::filled(registration::form(delegate).await, name, email);
    delegate.sends(form.fill("City", city)).await
}

/// Creates a link as in the mail about the newest registration that waits, and returns its path.
async fn link(app: &TestApp) -> String {
    let (secret, hash) = secret();
    sqlx::query(
        "insert into link (id, conference_id, hash, purpose, registration_id, pending_registration_id)
         select gen_random_uuid(), pending.conference_id, $1, 'another_person', registration.id, pending.id
         from pending_registration pending, registration order by pending.id desc limit 1",
    )
    .bind(hash)
    .execute(&app.db)
    .await
    .expect("a link");
    format!("/another-person/{secret}")
}

async fn count(app: &TestApp) -> i64 {
    sqlx::query_scalar("select count(*) from attendee").fetch_one(&app.db).await.expect("a number")
}

#[tokio::test]
async fn another_person_is_registered_by_keyboard_and_on_a_phone_without_any_script() {
    let app = TestApp::start().await;
    let delegate = app.delegate();
    registration::registers(&delegate, "Anna Gruber", "anna@graz.example").await.must_say("You are registered");
    sends_again(&delegate, "Anna Gruber", "anna@graz.example", "Linz").await.must_say("Check your e-mail");
    let first = link(&app).await;
    sends_again(&delegate, "Anna Gruber", "anna@graz.example", "Wels").await.must_say("Check your e-mail");
    let second = link(&app).await;
    browse(app.url(), Options::default(), async move |anna: Browser| {
        anna.opens(&first).await;
        anna.tabs_to("This is another person: register Anna Gruber").await;
        anna.presses(Key::Enter).await;
        anna.sees("This is your reference").await;
    })
    .await;
    assert_eq!(count(&app).await, 2);
    let options = Options { without_script: true, ..Options::default() };
    browse(app.url(), options, async move |anna: Browser| {
        anna.set_screen(320, false).await;
        anna.opens(&second).await;
        anna.clicks("This is another person: register Anna Gruber").await;
        anna.sees("This is your reference").await;
    })
    .await;
    assert_eq!(count(&app).await, 3);
}

#[tokio::test]
async fn the_pages_about_another_person_pass_all_checks_in_every_state() {
    let app = TestApp::start().await;
    let delegate = app.delegate();
    registration::registers(&delegate, "Anna Gruber", "anna@graz.example").await.must_say("You are registered");
    let page = delegate.sends(registration::form(&delegate).await.forge("do", "add")).await;
    let form = registration::filled(page.form("Register"), "Boris Maier", "boris@graz.example")
        .fill_in("Person 2", "Name", "Anna Gruber")
        .fill_in("Person 2", "E-mail", "anna@graz.example")
        .choose_in("Person 2", "Category", "Member city");
    let receipt = delegate.sends(form).await;
    receipt.must_say("Please open it to complete the registration of Anna Gruber.");
    let first = link(&app).await;
    sends_again(&delegate, "Anna Gruber", "anna@graz.example", "Wels").await.must_say("Check your e-mail");
    let second = link(&app).await;
    let page = delegate.sends(registration::form(&delegate).await.forge("do", "add")).await;
    let form = registration::filled(page.form("Register"), "Carla Huber", "carla@graz.example")
        .fill_in("Person 2", "Name", "Anna Gruber")
        .fill_in("Person 2", "E-mail", "anna@graz.example")
        .choose_in("Person 2", "Category", "Member city");
    delegate.sends(form).await.must_say("You are registered");
    let third = link(&app).await;
    let db = app.db.clone();
    let change = async move |sql: &'static str| {
        sqlx::query(sql).execute(&db).await.expect("a change");
    };
    tour(&app, None, async move |mut tour| {
        tour.opens("another-person-beside", &receipt.path).await;
        tour.opens("check-your-mail", &format!("{LEIPZIG}/check-your-mail")).await;
        tour.opens("another-person", &first).await;
        tour.browser.clicks("This is another person: register Anna Gruber").await;
        tour.browser.sees("The other person is registered.").await;
        tour.checks("another-person-complete").await;
        change("update category set closes = now() - interval '1 day' where slug = 'member-city'").await;
        tour.presses(
            "another-person-with-errors",
            &second,
            "This is another person: register Anna Gruber",
            "needs your attention",
        )
        .await;
        tour.presses(
            "another-person-not-possible",
            &third,
            "This is another person: register Anna Gruber",
            "cannot be completed as it was sent",
        )
        .await;
        change("update pending_registration set expires_at = asked_at").await;
        tour.opens("another-person-expired", &second).await;
        tour.opens("another-person-unknown", &format!("/another-person/{}", "A".repeat(43))).await;
        tour
    })
    .await;
    let anna: String = sqlx::query_scalar("select id::text from attendee where is_another")
        .fetch_one(&app.db)
        .await
        .expect("the other Anna");
    tour(&app, Some("staff"), async move |mut tour| {
        tour.opens("desk-same-name-and-address", &format!("/staff{LEIPZIG}/attendees/{anna}")).await;
        tour.browser.sees("Same name and address:").await;
        tour
    })
    .await;
}
