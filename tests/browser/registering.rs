//! A delegate registers, with nothing but a keyboard, and with a browser that runs no scripts.

use thirtyfour::Key;

use crate::{
    driver::{Browser, Habits, browse},
    support::{LEIPZIG, TestApp},
};

#[tokio::test]
async fn a_delegate_registers_by_keyboard_alone() {
    let app = TestApp::start().await;
    browse(app.url(), Habits::default(), async |anna: Browser| {
        anna.opens(LEIPZIG).await;
        anna.tabs_to("Register now!").await;
        anna.presses(Key::Enter).await;
        anna.sees("It takes about three minutes").await;

        // Sent too early: the summary has the focus, and its first link leads to the field.
        anna.tabs_to("Name").await;
        anna.presses(Key::Enter).await;
        anna.sees("need your attention").await;
        assert!(anna.focused().await.contains("need your attention"), "{}", anna.focused().await);
        anna.presses(Key::Tab).await;
        anna.presses(Key::Enter).await;
        assert_eq!(anna.focused().await, "Name", "the first entry of the summary leads to its field");

        anna.presses("Anna Gruber").await;
        anna.tabs_to("E-mail").await;
        anna.presses("anna@graz.example").await;
        anna.tabs_to("Organisation").await;
        anna.presses("City of Graz").await;
        anna.tabs_to("City").await;
        anna.presses("Graz").await;
        anna.tabs_to("Country").await;
        anna.presses("Austria").await;
        anna.tabs_to("Category").await;
        anna.presses("Member").await;
        // Enter in a field means the main button.
        anna.tabs_to("Job title").await;
        anna.presses("CIO").await;
        anna.presses(Key::Enter).await;
        anna.sees("You are registered").await;
        assert!(anna.path().await.contains("/registered/"));
    })
    .await;
    assert_eq!(registered(&app).await, [("Anna Gruber".to_owned(), "CIO".to_owned())]);
}

#[tokio::test]
async fn a_delegate_registers_a_colleague_too_without_any_script() {
    let app = TestApp::start().await;
    let habits = Habits { without_script: true, ..Habits::default() };
    browse(app.url(), habits, async |anna: Browser| {
        anna.opens(&format!("{LEIPZIG}/register")).await;
        anna.fills("Name", "Anna Gruber").await;
        anna.fills("E-mail", "anna@graz.example").await;
        anna.fills("Organisation", "City of Graz").await;
        anna.fills("City", "Graz").await;
        anna.chooses("Country", "Austria").await;
        anna.chooses("Category", "Member city").await;
        anna.clicks("Add a colleague").await;
        anna.sees("Person 2").await;
        anna.clicks("Register").await;
        anna.sees("need your attention").await;
        anna.fills_in("Person 2", "Name", "Ben Huber").await;
        anna.fills_in("Person 2", "E-mail", "ben@graz.example").await;
        anna.chooses_in("Person 2", "Category", "Member city").await;
        anna.clicks("Register").await;
        anna.sees("You are registered").await;
    })
    .await;
    let people = registered(&app).await;
    assert_eq!(people.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["Anna Gruber", "Ben Huber"]);
}

async fn registered(app: &TestApp) -> Vec<(String, String)> {
    sqlx::query_as("select name, job_title from attendee order by position")
        .fetch_all(&app.db)
        .await
        .expect("attendees")
}
