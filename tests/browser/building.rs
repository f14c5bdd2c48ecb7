//! An organiser builds a day from nothing: with the mouse, by keyboard alone, and without JavaScript.

use std::path::PathBuf;

use thirtyfour::Key;

use crate::{
    driver::{Browser, Options, browse},
    support::{LEIPZIG, TestApp},
};

/// How the organiser uses the browser.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Mouse,
    Keyboard,
}

/// An organiser at work.
struct Organiser {
    browser: Browser,
    way: Way,
}

/// What is entered for a session. An empty text leaves the field as it is.
#[derive(Clone, Copy, Default)]
struct Session<'a> {
    title: &'a str,
    start: &'a str,
    length: &'a str,
    rooms: &'a [&'a str],
    parent: &'a str,
    offset: &'a str,
    kind: &'a str,
    topic: &'a str,
    person: &'a str,
}

/// The option for the whole venue among the rooms.
const WHOLE_VENUE: &[&str] = &["Whole venue"];

impl Organiser {
    /// Follows a link or presses a button, ticks a box or focuses a field: with the mouse by clicking it, by keyboard with the Tab
    /// key and then this key.
    async fn reaches(&self, name: &str, key: Option<char>) {
        match self.way {
            Way::Mouse => self.browser.clicks_anywhere(name).await,
            Way::Keyboard => {
                self.browser.tabs_to(name).await;
                if let Some(key) = key {
                    self.browser.presses(key.to_string()).await;
                }
            }
        }
    }

    async fn presses(&self, name: &str) {
        self.reaches(name, Some(Key::Enter.value())).await;
    }

    async fn ticks(&self, name: &str) {
        self.reaches(name, Some(' ')).await;
    }

    async fn fills(&self, label: &str, text: &str) {
        match self.way {
            _ if text.is_empty() => {}
            Way::Mouse => self.browser.fills(label, text).await,
            Way::Keyboard => {
                self.browser.tabs_to(label).await;
                // The Tab key has selected the text that was there.
                self.browser.presses(text).await;
            }
        }
    }

    /// Types a date (`2018-05-31`) or a time (`22:00`) into its field, which has a part for each number. Their order, and whether
    /// there are 24 hours, depend on the language of the browser.
    async fn types(&self, label: &str, moment: &str) {
        if moment.is_empty() {
            return;
        }
        let language = self.browser.script("return navigator.language").await;
        let (date, hours) = (moment.split('-').collect::<Vec<_>>(), moment.split_once(':'));
        let american = language == "en-US";
        let keys = match (&*date, hours) {
            ([year, month, day], _) if american => format!("{month}{day}{year}"),
            ([year, month, day], _) => format!("{day}{month}{year}"),
            (_, Some((hour, minutes))) if american => {
                let hour: u8 = hour.parse().expect("an hour");
                format!("{:02}{minutes}{}", (hour + 11) % 12 + 1, if hour < 12 { "AM" } else { "PM" })
            }
            (_, Some((hour, minutes))) => format!("{hour}{minutes}"),
            _ => panic!("{moment} is neither a date nor a time"),
        };
        self.reaches(label, None).await;
        self.browser.presses(keys).await;
        assert_eq!(self.browser.value_in("", label).await, moment);
    }

    async fn chooses(&self, label: &str, words: &str) {
        match self.way {
            _ if words.is_empty() => {}
            Way::Mouse => self.browser.chooses(label, words).await,
            Way::Keyboard => {
                self.browser.tabs_to(label).await;
                self.browser.presses(words).await;
            }
        }
    }

    /// Saves what is in the editor for the public to read later.
    async fn saves(&self) {
        self.presses("Save without publishing").await;
        self.browser.sees("The public cannot read it yet").await;
    }

    async fn adds_session(&self, session: Session<'_>) {
        self.presses("Sessions").await;
        self.presses("New session on Thursday 31 May").await;
        self.browser.sees("As the public will see it").await;
        self.fills("Title", session.title).await;
        self.types("Start", session.start).await;
        self.fills("Length", session.length).await;
        for room in session.rooms {
            self.ticks(room).await;
        }
        self.chooses("Part of", session.parent).await;
        self.fills("Minutes after its start", session.offset).await;
        self.chooses("Kind", session.kind).await;
        self.chooses("Topic", session.topic).await;
        self.chooses("Person 1", session.person).await;
        self.saves().await;
    }

    /// Adds something that sessions name.
    async fn adds(&self, list: &str, new: &str, field: &str, value: &str) {
        self.presses(list).await;
        self.presses(new).await;
        self.fills(field, value).await;
        self.saves().await;
    }

    /// Builds the fourth day of the conference, on which nothing takes place yet, and publishes it. The long day has more of
    /// everything.
    async fn builds_a_day(&self, long: bool) {
        self.browser.opens(&format!("/organisers{LEIPZIG}/sessions")).await;
        self.presses("Conference").await;
        self.types("Last day", "2018-05-31").await;
        self.saves().await;

        self.adds("Rooms", "New room", "Name", "Great Hall").await;
        self.adds("Rooms", "New room", "Name", "Small Hall").await;
        self.adds("Topics", "New topic", "Title", "Trees").await;
        self.adds("Session kinds", "New kind", "Name", "Excursion").await;
        self.presses("People").await;
        self.presses("New person").await;
        self.fills("Name", "Ada Berg").await;
        // The window in which a file is chosen belongs to the system, so the driver names the file.
        if self.way == Way::Keyboard {
            self.browser.tabs_to("New picture").await;
        }
        self.browser.attaches("New picture", &project().join("static/images/icon-192.png")).await;
        self.saves().await;
        if long {
            self.adds("People", "New person", "Name", "Jo Quist").await;
        }

        let talk = Session { kind: "Talk", ..Session::default() };
        let opening = Session { title: "Opening", start: "09:00", length: "30", rooms: WHOLE_VENUE, ..talk };
        self.adds_session(opening).await;
        let block = Session {
            title: "Short talks",
            start: "10:00",
            length: "60",
            rooms: &["Great Hall"],
            topic: "8 Trees",
            ..talk
        };
        self.adds_session(block).await;
        let part = Session { length: "30", parent: "Thu 31 May, 10:00 Short talks", topic: "8 Trees", ..talk };
        self.adds_session(Session { title: "Oaks", offset: "0", person: "Ada Berg", ..part }).await;
        if long {
            self.adds_session(Session { title: "Limes", offset: "30", person: "Jo Quist", ..part }).await;
        }
        let parallel = Session { title: "To the river", start: "10:00", length: "60", rooms: &["Small Hall"], ..talk };
        self.adds_session(Session { kind: "Excursion", ..parallel }).await;
        if long {
            let everywhere = &["Great Hall", "Small Hall"];
            let coffee = Session { title: "Coffee", start: "11:30", length: "30", rooms: everywhere, ..talk };
            self.adds_session(Session { kind: "Break", ..coffee }).await;
        }
        let evening = Session { title: "Dancing", start: "22:00", length: "3:30", rooms: &["Great Hall"], ..talk };
        self.adds_session(evening).await;

        self.presses("Publish").await;
        self.browser.sees("After publishing").await;
        self.presses(if long { "Publish all 14 changes" } else { "Publish all 11 changes" }).await;
        self.browser.sees("is public now").await;
    }
}

fn project() -> PathBuf {
    env!("CARGO_MANIFEST_DIR").into()
}

/// Lets an organiser build the day and looks at it as a delegate, in the same browser.
async fn a_day_is_built(way: Way, options: Options, long: bool) {
    let app = TestApp::start().await;
    let login = app.account("organiser").await.login(&app.db, app.now()).await;
    browse(app.url(), options, async move |browser: Browser| {
        browser.signs_in_with(&login).await;
        Organiser { browser: browser.clone(), way }.builds_a_day(long).await;
        browser.opens(&format!("{LEIPZIG}/programme?day=2018-05-31")).await;
        for words in ["Opening", "Short talks", "Oaks", "Ada Berg", "To the river", "Excursion", "Dancing", "22:00–01:30"] {
            browser.sees(words).await;
        }
        if long {
            browser.sees("Limes").await;
        }
        // Where each session stands in the timetable: its left edge, its right edge, and its top.
        let edges = async |title: &str| {
            let card = "const card = [...document.querySelectorAll('article')].find(one => one.querySelector('h4').textContent.includes(";
            let edges = browser.script(&format!("{card}{title:?})).getBoundingClientRect(); return [card.left, card.right, card.top];")).await;
            let edges: Vec<f64> = serde_json::from_value(edges).expect("three numbers");
            (edges[0], edges[1], edges[2])
        };
        let (talks, river, opening) = (edges("Short talks").await, edges("To the river").await, edges("Opening").await);
        assert!((talks.2 - river.2).abs() < 1.0 && talks.1 < river.0, "side by side: {talks:?} {river:?}");
        assert!(opening.0 <= talks.0 && opening.1 >= river.1 && opening.2 < talks.2, "across: {opening:?}");
        if long {
            let coffee = edges("Coffee").await;
            assert!(coffee.0 <= talks.0 && coffee.1 >= river.1 && coffee.2 > talks.2, "across: {coffee:?}");
        }
        assert!(edges("Dancing").await.2 > river.2);
        browser.opens(&format!("{LEIPZIG}/speakers")).await;
        browser.sees("Ada Berg").await;
        let loaded = "return document.querySelector('main img').naturalWidth > 0";
        // The page may be there before its pictures.
        for _ in 0..100 {
            if browser.script(loaded).await == true {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        panic!("the picture is not there");
    })
    .await;
}

#[tokio::test]
async fn an_organiser_builds_a_day_from_nothing_with_the_mouse() {
    a_day_is_built(Way::Mouse, Options::default(), true).await;
}

#[tokio::test]
async fn an_organiser_builds_a_day_from_nothing_by_keyboard_alone() {
    a_day_is_built(Way::Keyboard, Options::default(), false).await;
}

#[tokio::test]
async fn an_organiser_builds_a_day_from_nothing_without_any_script() {
    a_day_is_built(Way::Mouse, Options { without_script: true, ..Options::default() }, false).await;
}
