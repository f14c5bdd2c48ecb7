//! A coordinator pastes a group from a spreadsheet, with the keyboard alone and without scripts.

use serde_json::json;
use thirtyfour::Key;

use crate::{
    driver::{Browser, Options, browse},
    support::{LEIPZIG, TestApp},
};

/// Fills in everything about the contact.
pub async fn fills_in_the_contact(browser: &Browser) {
    browser.opens(&format!("{LEIPZIG}/register")).await;
    browser.fills("Name", "Anna Gruber").await;
    browser.fills("E-mail", "anna@graz.example").await;
    browser.fills("Organisation", "City of Graz").await;
    browser.fills("City", "Graz").await;
    browser.chooses("Country", "Austria").await;
    browser.chooses("Category", "Member city").await;
}

/// Pastes text into the field with the focus, as from the clipboard.
pub async fn pastes(browser: &Browser, text: &str) {
    browser.devtools("Input.insertText", json!({ "text": text })).await;
}

async fn registered(app: &TestApp) -> i64 {
    sqlx::query_scalar("select count(*) from attendee").fetch_one(&app.db).await.expect("a number")
}

#[tokio::test]
async fn a_coordinator_pastes_colleagues_by_keyboard_alone() {
    let app = TestApp::start().await;
    browse(app.url(), Options::default(), async |anna: Browser| {
        fills_in_the_contact(&anna).await;
        anna.tabs_to("Add several people from a spreadsheet").await;
        anna.presses(Key::Enter).await;
        anna.tabs_to_beginning("Rows of the spreadsheet").await;
        pastes(&anna, "Name\tE-mail\tJob title\tCategory\nBoris Maier\tboris@graz.example\tCIO\tUniversity\nCarla\tcarla@graz\t\t\n").await;
        anna.tabs_to("Add these people").await;
        anna.presses(Key::Enter).await;
        anna.sees("One thing needs your attention").await;
        assert!(anna.focused().await.contains("One thing needs your attention"), "{}", anna.focused().await);
        anna.presses(Key::Tab).await;
        anna.presses(Key::Enter).await;
        assert!(anna.focused().await.starts_with("Rows of the spreadsheet"), "{}", anna.focused().await);
        assert_eq!(anna.value_in("", "Rows of the spreadsheet").await, "Carla\tcarla@graz\t\t\n");
        assert_eq!(anna.value_in("Person 2", "E-mail").await, "boris@graz.example");
        anna.presses(Key::Control + "a").await;
        pastes(&anna, "Carla\tcarla@graz.example").await;
        anna.tabs_to("Add these people").await;
        anna.presses(Key::Enter).await;
        anna.sees("One person added from the spreadsheet.").await;
        assert!(anna.focused().await.contains("One person added"), "{}", anna.focused().await);
        anna.tabs_to("Register").await;
        anna.presses(Key::Enter).await;
        anna.sees("You are registered").await;
    })
    .await;
    assert_eq!(registered(&app).await, 3);
}

#[tokio::test]
async fn a_group_registers_and_grows_without_any_script() {
    let app = TestApp::start().await;
    let options = Options { without_script: true, ..Options::default() };
    browse(app.url(), options, async |anna: Browser| {
        fills_in_the_contact(&anna).await;
        anna.clicks("Add several people from a spreadsheet").await;
        let rows: Vec<_> = (2..=8).map(|n| format!("Person {n};person-{n}@graz.example;;University")).collect();
        anna.fills("Rows of the spreadsheet", &rows.join("\n")).await;
        anna.clicks("Add these people").await;
        anna.sees("7 people added from the spreadsheet.").await;
        // Whoever is folded is opened and corrected.
        anna.clicks("Person 5, person-5@graz.example, University").await;
        anna.fills_in("Person 5", "Name", "Eva Roth").await;
        anna.clicks("Register").await;
        anna.sees("You are registered").await;
        anna.sees("Eva Roth, University").await;
    })
    .await;
    let link = crate::pages::public::manage_link(&app).await;
    let options = Options { without_script: true, ..Options::default() };
    browse(app.url(), options, async move |anna: Browser| {
        anna.opens(&link).await;
        anna.sees("8 confirmed").await;
        anna.clicks("Confirmed, University: Eva Roth").await;
        anna.clicks("Cancel for Eva Roth …").await;
        anna.clicks("Yes, cancel").await;
        anna.sees("7 confirmed, 1 cancelled").await;
        anna.clicks("Add several people …").await;
        anna.fills("Rows of the spreadsheet", "Finn;finn@graz.example;;Member city").await;
        anna.clicks("Add these people").await;
        anna.sees("8 confirmed, 1 cancelled").await;
    })
    .await;
    assert_eq!(registered(&app).await, 9);
}
