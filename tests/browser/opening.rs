//! Somebody who has never done it opens the next conference, completes it and makes it the current one, and a delegate registers for
//! it: with the keyboard alone, in browsers that do not run scripts.

use std::time::{Duration, Instant};

use thirtyfour::Key;
use time::macros::datetime;

use crate::{
    driver::{Browser, Options, browse},
    support::TestApp,
};

/// How many letters somebody types in a second who is not used to it.
const LETTERS_PER_SECOND: u64 = 3;
/// How many seconds somebody needs to find each next thing and press a key on it.
const SECONDS_PER_STEP: u64 = 4;

/// A person at the keyboard, with a count of what they do.
struct Typist {
    browser: Browser,
    steps: u64,
    letters: u64,
}

impl Typist {
    fn at(browser: Browser) -> Self {
        Self { browser, steps: 0, letters: 0 }
    }

    /// Goes to a field and types into it.
    async fn types(&mut self, label: &str, text: &str) {
        self.browser.tabs_to(label).await;
        self.browser.presses(text).await;
        self.steps += 1;
        self.letters += u64::try_from(text.len()).expect("a length");
    }

    /// Goes to a link or button whose name begins with these words, presses Enter, and waits for what the next page says.
    async fn enters(&mut self, words: &str, next: &str) {
        self.browser.tabs_to_beginning(words).await;
        self.browser.enters().await;
        self.browser.sees(next).await;
        self.steps += 1;
    }

    /// Says how long a person needs for this, reading aside.
    fn takes(&self) -> Duration {
        Duration::from_secs(self.steps * SECONDS_PER_STEP + self.letters / LETTERS_PER_SECOND)
    }
}

#[tokio::test]
async fn a_newcomer_opens_the_next_conference_and_a_delegate_registers_for_it_by_keyboard_without_scripts() {
    let app = TestApp::start().await;
    app.it_is(datetime!(2019-03-01 12:00 UTC));
    let secret = app.account("administrator").await.login(&app.db, app.now()).await;
    let without_script = Options { without_script: true, ..Options::default() };
    browse(app.url(), without_script, async move |browser: Browser| {
        let begun = Instant::now();
        browser.signs_in_with(&secret).await;
        browser.opens("/administration").await;
        let mut ada = Typist::at(browser);
        ada.enters("Copy …", "Open a conference as a copy of Leipzig 2018").await;
        ada.types("The sessions, as drafts without times and rooms", " ").await;
        ada.types("Title", "Annual conference of Major Cities of Europe, 2019 Venice").await;
        ada.types("Theme", "Channeling Change").await;
        // Month, day and year, as this browser asks for them.
        ada.types("First day", "06132019").await;
        ada.types("Last day", "06142019").await;
        ada.types("Time zone", "Europe/Rome").await;
        ada.types("City", "Venice").await;
        ada.types("Country", "Italy").await;
        ada.types("Venue", "Palazzo del Cinema").await;
        ada.types("The venue’s website", "https://www.labiennale.org/").await;
        ada.types("Street address of the venue", "Lungomare Marconi, 30126 Venezia").await;
        ada.types("The venue on a map", "https://www.openstreetmap.org/search?query=Palazzo%20del%20Cinema").await;
        ada.enters("Open the conference", "Venice 2019 exists now.").await;
        // What is left is on the page: the dates of registration come first.
        ada.browser.sees("some are not set").await;
        ada.types("Closes", "06072019\t0600PM").await;
        ada.types("Changes until", "06102019\t0600PM").await;
        ada.types("Places in all", "200").await;
        ada.enters("Save and publish", "Saved.").await;
        ada.enters("Open it to the public …", "Who sees Venice 2019?").await;
        ada.types(
            "In preparation: only people who are signed in see it",
            &format!("{}{}", Key::Down.value(), Key::Down.value()),
        )
        .await;
        ada.enters("Save and publish", "The start page of this site shows it.").await;
        println!(
            "opened, completed and made current: {} steps and {} letters, {:.0} s by machine, about {} s by hand",
            ada.steps,
            ada.letters,
            begun.elapsed().as_secs_f64(),
            ada.takes().as_secs(),
        );
        assert!(ada.takes() < Duration::from_mins(5), "{:?}", ada.takes());
    })
    .await;
    browse(app.url(), without_script, async |browser: Browser| {
        let begun = Instant::now();
        browser.opens("/").await;
        browser.sees("13–14 June 2019").await;
        let mut anna = Typist::at(browser);
        anna.enters("Register now!", "It takes about three minutes").await;
        anna.types("Name", "Anna Gruber").await;
        anna.types("E-mail", "anna@graz.example").await;
        anna.types("Organisation", "City of Graz").await;
        anna.types("City", "Graz").await;
        anna.types("Country", "Austria").await;
        anna.types("Category", "Member").await;
        anna.enters("Register", "You are registered").await;
        anna.browser.sees("13–14 June 2019").await;
        println!(
            "registered: {} steps and {} letters, {:.0} s by machine, about {} s by hand",
            anna.steps,
            anna.letters,
            begun.elapsed().as_secs_f64(),
            anna.takes().as_secs(),
        );
        assert!(anna.browser.path().await.starts_with("/venice-2019/registered/"));
    })
    .await;
}
