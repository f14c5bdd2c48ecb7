//! A delegate changes a registration with the keyboard alone, and on a phone that runs no scripts.

use thirtyfour::Key;

use crate::{
    driver::{Browser, Options, browse},
    pages::public::manage_link,
    support::{LEIPZIG, TestApp, registration::registers},
};

async fn names(app: &TestApp) -> Vec<(String, String)> {
    sqlx::query_as("select name, state from attendee order by position").fetch_all(&app.db).await.expect("attendees")
}

fn is(people: &[(&str, &str)]) -> Vec<(String, String)> {
    people.iter().map(|(name, state)| ((*name).to_owned(), (*state).to_owned())).collect()
}

#[tokio::test]
async fn a_delegate_changes_everything_by_keyboard_alone() {
    let app = TestApp::start().await;
    registers(&app.delegate(), "Anna Gruber", "anna@graz.example").await.must_say("You are registered");
    let link = manage_link(&app).await;
    browse(app.url(), Options::default(), async move |anna: Browser| {
        anna.opens(&link).await;
        anna.tabs_to("Correct the details of Anna Gruber").await;
        anna.presses(Key::Enter).await;
        anna.sees("As it should appear on the badge").await;
        anna.tabs_to("Job title").await;
        anna.presses("CIO").await;
        // Enter in a field presses the main button.
        anna.presses(Key::Enter).await;
        anna.sees("Corrected.").await;

        anna.tabs_to("Change e-mail address of Anna Gruber").await;
        anna.presses(Key::Enter).await;
        anna.sees("The present address is").await;
        anna.tabs_to("New e-mail address").await;
        anna.presses("anna@linz.example").await;
        anna.presses(Key::Enter).await;
        anna.sees("Waiting for confirmation: anna@linz.example").await;

        anna.tabs_to("Add a person …").await;
        anna.presses(Key::Enter).await;
        anna.sees("Add this person").await;
        // Sent too early: the summary has the focus, and its first link leads to the field.
        anna.tabs_to("Name").await;
        anna.presses(Key::Enter).await;
        anna.sees("need your attention").await;
        anna.presses(Key::Tab).await;
        anna.presses(Key::Enter).await;
        assert_eq!(anna.focused().await, "Name");
        anna.presses("Boris Maier").await;
        anna.tabs_to("E-mail").await;
        anna.presses("boris@graz.example").await;
        anna.tabs_to("Category").await;
        anna.presses("University").await;
        anna.tabs_to("Add this person").await;
        anna.presses(Key::Enter).await;
        anna.sees("Boris Maier has a place.").await;

        anna.tabs_to("Change category of Boris Maier").await;
        anna.presses(Key::Enter).await;
        anna.sees("Only categories with a free place can be chosen.").await;
        anna.tabs_to("Category").await;
        anna.presses("Member").await;
        anna.tabs_to("Save").await;
        anna.presses(Key::Enter).await;
        anna.sees("Corrected.").await;

        anna.tabs_to("Transfer the place of Boris Maier …").await;
        anna.presses(Key::Enter).await;
        anna.sees("Your colleague gets the place").await;
        anna.tabs_to("Name").await;
        anna.presses("Carla Huber").await;
        anna.tabs_to("E-mail").await;
        anna.presses("carla@graz.example").await;
        anna.presses(Key::Enter).await;
        anna.sees("The place belongs to Carla Huber.").await;

        anna.tabs_to("Correct these details").await;
        anna.presses(Key::Enter).await;
        anna.sees("These details apply to everybody").await;
        anna.tabs_to("Purchase-order number").await;
        anna.presses("PO 4711").await;
        anna.presses(Key::Enter).await;
        anna.sees("PO 4711").await;
    })
    .await;
    assert_eq!(names(&app).await, is(&[("Anna Gruber", "confirmed"), ("Carla Huber", "confirmed")]));
}

#[tokio::test]
async fn a_delegate_adds_cancels_undoes_and_transfers_on_a_phone_without_any_script() {
    let app = TestApp::start().await;
    registers(&app.delegate(), "Anna Gruber", "anna@graz.example").await.must_say("You are registered");
    let link = manage_link(&app).await;
    let options = Options { without_script: true, ..Options::default() };
    browse(app.url(), options, async move |anna: Browser| {
        anna.set_screen(320, false).await;
        anna.opens(&link).await;
        anna.clicks("Add a person …").await;
        anna.fills("Name", "Boris Maier").await;
        anna.fills("E-mail", "boris@graz.example").await;
        anna.chooses("Category", "University").await;
        anna.clicks("Add this person").await;
        anna.sees("Boris Maier has a place.").await;
        anna.clicks("Cancel for Boris Maier …").await;
        anna.clicks("Yes, cancel").await;
        anna.sees("Cancelled.").await;
        anna.clicks("Undo the cancellation of Boris Maier").await;
        anna.sees("The cancellation is undone.").await;
        anna.clicks("Correct the details of Boris Maier").await;
        anna.fills("Name", "Boris Meier").await;
        anna.clicks("Save").await;
        anna.sees("Corrected.").await;
        anna.clicks("Transfer the place of Boris Meier …").await;
        anna.fills("Name", "Carla Huber").await;
        anna.fills("E-mail", "carla@graz.example").await;
        anna.clicks("Transfer the place").await;
        anna.sees("The place belongs to Carla Huber.").await;
    })
    .await;
    assert_eq!(names(&app).await, is(&[("Anna Gruber", "confirmed"), ("Carla Huber", "confirmed")]));
}

#[tokio::test]
async fn a_phone_shows_the_status_and_the_main_actions_without_scrolling() {
    let app = TestApp::start().await;
    registers(&app.delegate(), "Anna Gruber", "anna@graz.example").await.must_say("You are registered");
    let link = manage_link(&app).await;
    browse(app.url(), Options::default(), async move |anna: Browser| {
        anna.set_screen(390, false).await;
        anna.opens(&link).await;
        let bottoms = "return [...document.querySelectorAll('main strong, main a')].filter(
                           e => ['Confirmed', 'Correct'].some(words => e.innerText.startsWith(words)) && window.scrollY === 0)
                           .slice(0, 2).map(e => e.getBoundingClientRect().bottom <= window.innerHeight)";
        assert_eq!(anna.script(bottoms).await, serde_json::json!([true, true]));
    })
    .await;
}

#[tokio::test]
async fn somebody_asks_for_the_link_by_keyboard_and_on_a_phone() {
    let app = TestApp::start().await;
    browse(app.url(), Options::default(), async |anna: Browser| {
        anna.opens(&format!("{LEIPZIG}/register")).await;
        anna.tabs_to("Send me my link again").await;
        anna.presses(Key::Enter).await;
        anna.sees("With your link you see and change").await;
        anna.tabs_to("E-mail").await;
        anna.presses("anna@graz.example").await;
        anna.presses(Key::Enter).await;
        anna.sees("Check your e-mail").await;
        anna.set_screen(320, false).await;
        anna.opens(&format!("{LEIPZIG}/my-registration")).await;
        anna.fills("E-mail", "anna@graz.example").await;
        anna.clicks("Send me my link").await;
        anna.sees("Check your e-mail").await;
    })
    .await;
}
