//! What two people at the desk do all day, with the keyboard alone. The keys are counted; text that is typed is counted apart.

use serde_json::json;
use thirtyfour::prelude::*;

use crate::{
    driver::{Browser, Options, browse},
    support::{LEIPZIG, TestApp, registration::registers},
    waiting::{joins, limits},
};

/// Somebody at the keyboard.
struct Hands {
    browser: Browser,
    keys: usize,
    typed: usize,
}

impl Hands {
    async fn presses(&mut self, key: Key) {
        self.browser.presses(key).await;
        self.keys += 1;
    }

    async fn types(&mut self, text: &str) {
        self.browser.presses(text).await;
        self.typed += text.chars().count();
    }

    /// Presses the Tab key until an element whose name begins with these words has the focus.
    async fn reaches(&mut self, words: &str) {
        let mut passed = Vec::new();
        loop {
            self.presses(Key::Tab).await;
            let here = self.browser.focused().await;
            if here.starts_with(words) {
                return;
            }
            passed.push(here);
            assert!(passed.len() < 60, "\"{words}\" is not reached; {passed:?}");
        }
    }

    /// Finds somebody from any page and opens them.
    async fn finds(&mut self, words: &str, name: &str) {
        self.types("/").await;
        self.types(words).await;
        self.presses(Key::Enter).await;
        self.sees_heading(name).await;
        assert_eq!(self.browser.focused().await, name, "the heading has the focus");
    }

    /// Waits until the page has this heading.
    async fn sees_heading(&self, heading: &str) {
        let path = format!("//h1[starts-with(normalize-space(), '{heading}')]");
        let found = self.browser.driver.query(By::XPath(path)).first().await;
        found.unwrap_or_else(|error| panic!("\"{heading}\" is not the heading: {error}"));
    }

    /// Prints what a task took and begins the next.
    fn done(&mut self, task: &str, most: usize) {
        println!("{task}: {} keys besides {} letters", self.keys, self.typed);
        assert!(self.keys <= most, "{task}: {} keys", self.keys);
        (self.keys, self.typed) = (0, 0);
    }
}

/// Counts the keys of the tasks that callers bring most often.
#[tokio::test]
async fn the_tasks_of_the_desk_take_few_keys() {
    let app = TestApp::start().await;
    for (name, email) in [
        ("Anna Gruber", "anna@graz.example"),
        ("Boris Maier", "boris@linz.example"),
        ("Carla Cohn", "carla@wels.example"),
    ] {
        registers(&app.delegate(), name, email).await.must_be(200);
    }
    limits(&app, "member-city", Some(3)).await;
    for name in ["Dora Dorn", "Emil Ernst"] {
        joins(&app, name).await;
    }
    let (account, now) = (app.account("staff").await, app.now());
    let secret = account.login(&app.db, now).await;
    browse(app.url(), Options::default(), async move |browser: Browser| {
        browser.signs_in_with(&secret).await;
        browser.opens(&format!("/staff{LEIPZIG}/attendees")).await;
        let mut eva = Hands { browser, keys: 0, typed: 0 };
        assert_eq!(eva.browser.focused().await, "Find an attendee", "the search has the focus");
        eva.types("gru").await;
        eva.presses(Key::Enter).await;
        eva.sees_heading("Anna Gruber").await;
        eva.done("find somebody and open them", 1);
        eva.finds("mai", "Boris Maier").await;
        eva.done("the next caller", 1);
        eva.reaches("Correct").await;
        eva.presses(Key::Enter).await;
        eva.sees_heading("Correct Boris Maier").await;
        eva.reaches("E-mail").await;
        eva.types("b.maier@linz.example").await;
        eva.presses(Key::Enter).await;
        eva.browser.sees("Corrected.").await;
        eva.done("correct an address", 8);
        eva.reaches("Send the confirmation").await;
        eva.presses(Key::Enter).await;
        eva.browser.sees("On its way.").await;
        eva.done("send the confirmation again", 8);
        eva.reaches("New note").await;
        eva.types("Arrives late").await;
        eva.presses(Key::Tab).await;
        eva.presses(Key::Enter).await;
        eva.browser.sees("Noted.").await;
        eva.done("write a note", 16);
        eva.reaches("Category and answers").await;
        eva.presses(Key::Enter).await;
        eva.sees_heading("Category and answers of Boris Maier").await;
        eva.reaches("Category").await;
        eva.types("Univ").await;
        eva.reaches("Save").await;
        eva.presses(Key::Enter).await;
        eva.browser.sees("Saved.").await;
        eva.done("change the category", 12);
        eva.reaches("Cancel …").await;
        eva.presses(Key::Enter).await;
        eva.sees_heading("Cancel Boris Maier?").await;
        eva.reaches("Reason").await;
        eva.types("Is ill").await;
        eva.reaches("Cancel the place").await;
        eva.presses(Key::Enter).await;
        eva.browser.sees("Cancelled.").await;
        eva.done("cancel somebody", 14);
        eva.reaches("Undo the cancellation …").await;
        eva.presses(Key::Enter).await;
        eva.sees_heading("Undo the cancellation of Boris Maier?").await;
        eva.presses(Key::Enter).await;
        eva.browser.sees("The cancellation is undone.").await;
        eva.done("undo a cancellation", 4);
        eva.finds("ernst", "Emil Ernst").await;
        eva.reaches("Move …").await;
        eva.presses(Key::Enter).await;
        eva.reaches("New number in the queue").await;
        eva.types("1").await;
        eva.presses(Key::Tab).await;
        eva.types("Speaks on Monday").await;
        eva.presses(Key::Tab).await;
        eva.presses(Key::Enter).await;
        eva.browser.sees("Moved.").await;
        eva.done("find somebody and move them to the front of the waiting list", 20);
        eva.browser.opens(&format!("/staff{LEIPZIG}/attendees")).await;
        eva.types("wels").await;
        eva.browser.sees("1 attendee found").await;
        eva.reaches("Write to these").await;
        eva.presses(Key::Enter).await;
        eva.sees_heading("Write to 1 person").await;
        eva.done("begin to write to everybody of a city", 12);
    })
    .await;
}

#[tokio::test]
async fn a_search_without_a_network_says_so_and_leaves_no_old_hits() {
    let app = TestApp::start().await;
    for (name, email) in [("Anna Gruber", "anna@graz.example"), ("Boris Maier", "boris@linz.example")] {
        registers(&app.delegate(), name, email).await.must_be(200);
    }
    let (account, now) = (app.account("staff").await, app.now());
    let secret = account.login(&app.db, now).await;
    browse(app.url(), Options::default(), async move |eva: Browser| {
        let network = async |offline: bool| {
            let conditions =
                json!({ "offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1 });
            eva.devtools("Network.emulateNetworkConditions", conditions).await;
        };
        eva.devtools("Network.enable", json!({})).await;
        eva.signs_in_with(&secret).await;
        eva.opens(&format!("/staff{LEIPZIG}/attendees")).await;
        eva.presses("gru").await;
        eva.sees("1 attendee found").await;
        network(true).await;
        eva.presses(Key::Backspace + Key::Backspace + Key::Backspace + "mai").await;
        eva.sees("The list could not be loaded.").await;
        let text = eva.text().await;
        assert!(!text.contains("Anna Gruber") && !text.contains("1 attendee"), "{text}");
        network(false).await;
        eva.clicks("Try again").await;
        eva.sees("Boris Maier").await;
        assert!(!eva.text().await.contains("could not be loaded"));
        // What was typed while the network was slow is not overwritten by what comes late.
        assert_eq!(eva.script("return document.getElementById('q').value").await, "mai");
    })
    .await;
}

#[tokio::test]
async fn the_key_of_one_character_can_be_turned_off() {
    let app = TestApp::start().await;
    let (account, now) = (app.account("staff").await, app.now());
    let secret = account.login(&app.db, now).await;
    browse(app.url(), Options::default(), async move |eva: Browser| {
        eva.signs_in_with(&secret).await;
        eva.opens(&format!("/staff{LEIPZIG}/waiting")).await;
        eva.presses("/").await;
        assert_eq!(eva.focused().await, "Find an attendee");
        eva.tabs_to("Keyboard").await;
        eva.presses(Key::Enter).await;
        eva.tabs_to("Turn / off in this browser").await;
        eva.presses(Key::Enter).await;
        eva.opens(&format!("/staff{LEIPZIG}/waiting")).await;
        eva.presses("/").await;
        assert_eq!(eva.focused().await, "");
        eva.tabs_to("Keyboard").await;
        eva.presses(Key::Enter).await;
        eva.tabs_to("Turn / on in this browser").await;
        eva.presses(Key::Enter).await;
        eva.opens(&format!("/staff{LEIPZIG}/waiting")).await;
        eva.presses("/").await;
        assert_eq!(eva.focused().await, "Find an attendee");
    })
    .await;
}

#[tokio::test]
async fn on_a_phone_the_first_hit_is_visible_above_the_keyboard() {
    let app = TestApp::start().await;
    registers(&app.delegate(), "Anna Gruber", "anna@graz.example").await.must_be(200);
    let (account, now) = (app.account("staff").await, app.now());
    let secret = account.login(&app.db, now).await;
    browse(app.url(), Options::default(), async move |eva: Browser| {
        eva.signs_in_with(&secret).await;
        eva.set_screen(390, false).await;
        eva.opens(&format!("/staff{LEIPZIG}/attendees")).await;
        eva.presses("gru").await;
        eva.sees("1 attendee found").await;
        let ends = eva.script("return document.querySelector('tbody th a').getBoundingClientRect().bottom").await;
        // Keyboards of phones leave about 350 pixels of a page free.
        assert!(ends.as_f64().is_some_and(|ends| (0.0..350.0).contains(&ends)), "{ends}");
    })
    .await;
}
