//! Whoever loses a place gets a file that removes the conference from their calendar.

use time::Duration;

use super::{Graz, OPERATIONS, says, to};
use crate::{
    managing::cancels,
    registering::registers,
    support::{Mail, TestApp},
};

/// The properties of the only event in a calendar file, and the method of the file.
struct Event {
    method: String,
    properties: Vec<(String, String)>,
}

impl Event {
    /// Reads a file, and checks its lines and its structure (RFC 5545, sections 3.1 and 3.4).
    #[track_caller]
    fn read(file: &str) -> Self {
        assert!(file.ends_with("\r\n") && !file.replace("\r\n", "").contains(['\r', '\n']), "{file}");
        assert!(file.split("\r\n").all(|line| line.len() <= 75), "{file}");
        let lines: Vec<(String, String)> = file
            .replace("\r\n ", "")
            .split_terminator("\r\n")
            .map(|line| {
                let (name, value) = line.split_once(':').unwrap_or_else(|| panic!("no colon in {line}"));
                assert!(
                    name.split(';')
                        .next()
                        .is_some_and(|name| { name.chars().all(|c| c.is_ascii_uppercase() || c == '-') })
                );
                (name.to_owned(), value.to_owned())
            })
            .collect();
        let shown = |(name, value): &(String, String)| format!("{name}:{value}");
        let at =
            |line: &str| lines.iter().position(|one| shown(one) == line).unwrap_or_else(|| panic!("no {line}: {file}"));
        assert_eq!(
            (at("BEGIN:VCALENDAR"), at("END:VCALENDAR"), at("END:VEVENT")),
            (0, lines.len() - 1, lines.len() - 2)
        );
        let begin = at("BEGIN:VEVENT");
        let method = lines[1..begin].iter().find(|(name, _)| name == "METHOD").expect("a method").1.clone();
        Self { method, properties: lines[begin + 1..lines.len() - 2].to_vec() }
    }

    /// Reads the file that is attached to a mail.
    #[track_caller]
    fn of(mail: &Mail) -> Self {
        let (name, kind, file) = mail.file().unwrap_or_else(|| panic!("no file: {}", mail.text()));
        assert_eq!((name.as_str(), kind.as_str()), ("leipzig-2018.ics", "text/calendar"));
        let event = Self::read(&file);
        let raw = String::from_utf8_lossy(&mail.raw);
        assert!(raw.contains(&format!("method={}", event.method)), "{raw}");
        event
    }

    /// Returns the value of a property that stands there once.
    #[track_caller]
    fn the(&self, name: &str) -> &str {
        let mut values = self.properties.iter().filter(|(one, _)| one.split(';').next() == Some(name));
        let value = values.next().unwrap_or_else(|| panic!("no {name}"));
        assert!(values.next().is_none(), "{name} stands there twice");
        &value.1
    }

    fn number(&self) -> i32 {
        self.the("SEQUENCE").parse().expect("a number")
    }

    /// Checks everything that a cancellation needs (RFC 5546, section 3.2.5).
    #[track_caller]
    fn cancels(&self, earlier: &Self) {
        assert_eq!((self.method.as_str(), self.the("STATUS")), ("CANCEL", "CANCELLED"));
        assert_eq!(self.the("UID"), earlier.the("UID"));
        assert_eq!(self.the("ORGANIZER"), "mailto:operations@majorcities.eu");
        assert_eq!(self.the("ORGANIZER"), earlier.the("ORGANIZER"));
        assert!(self.number() > earlier.number(), "{} after {}", self.number(), earlier.number());
        assert!(self.the("DTSTAMP").ends_with('Z') && self.the("DTSTART") == earlier.the("DTSTART"));
    }

    #[track_caller]
    fn publishes(&self) {
        assert_eq!((self.method.as_str(), self.the("STATUS")), ("PUBLISH", "CONFIRMED"));
    }
}

fn a_minute_passes(app: &TestApp) {
    app.it_is(app.now() + Duration::minutes(1));
}

#[tokio::test]
async fn a_cancellation_removes_the_entry_and_an_undone_one_brings_it_back() {
    let mut graz = Graz::registers().await;
    let first = Event::of(to(&graz.seen, "boris@graz.example"));
    first.publishes();
    let boris = graz.app.delegate();
    a_minute_passes(&graz.app);
    let page = boris.opens(&graz.boris).await;
    let downloaded = Event::read(&boris.follows(&page, "Add to calendar").await.body);
    downloaded.publishes();
    assert_eq!(downloaded.the("UID"), first.the("UID"));
    a_minute_passes(&graz.app);
    let page = boris.opens(&graz.boris).await;
    cancels(&boris, &page, "Cancel for Boris …", "Yes, cancel").await;
    let told = graz.told(3).await;
    let removed = Event::of(to(&told, "boris@graz.example"));
    removed.cancels(&first);
    removed.cancels(&downloaded);
    says(to(&told, "boris@graz.example"), "The attached file removes the conference from your calendar.");
    for other in ["anna@graz.example", OPERATIONS] {
        assert_eq!(to(&told, other).file(), None, "{other} keeps the entry");
        assert!(!to(&told, other).text().contains("from your calendar"));
    }
    a_minute_passes(&graz.app);
    let page = boris.opens(&graz.boris).await;
    boris.sends(page.form("Undo the cancellation of Boris")).await.must_say("The cancellation is undone.");
    let again = Event::of(to(&graz.told(3).await, "boris@graz.example"));
    again.publishes();
    assert!(again.the("UID") == removed.the("UID") && again.number() > removed.number());
}

#[tokio::test]
async fn the_contact_loses_the_entry_with_the_own_place() {
    let mut graz = Graz::registers().await;
    let first = Event::of(to(&graz.seen, "anna@graz.example"));
    let anna = graz.app.delegate();
    a_minute_passes(&graz.app);
    let page = anna.opens(&graz.anna).await;
    cancels(&anna, &page, "Cancel for all 3 …", "Yes, cancel for all 3").await;
    let told = graz.told(4).await;
    for address in ["anna@graz.example", "boris@graz.example", "carla@graz.example"] {
        Event::of(to(&told, address)).cancels(&first);
    }
}

#[tokio::test]
async fn somebody_who_is_registered_twice_keeps_the_entry_until_both_are_cancelled() {
    let mut graz = Graz::registers().await;
    let boris = graz.app.delegate();
    registers(&boris, "Boris M", "Boris@graz.example").await.must_say("You are registered");
    let told = graz.told(2).await;
    let second = to(&told, "Boris@graz.example").link("/manage/");
    a_minute_passes(&graz.app);
    let page = boris.opens(&graz.boris).await;
    cancels(&boris, &page, "Cancel for Boris …", "Yes, cancel").await;
    assert_eq!(to(&graz.told(3).await, "boris@graz.example").file(), None);
    let page = boris.opens(&second).await;
    cancels(&boris, &page, "Cancel the registration …", "Yes, cancel").await;
    assert_eq!(Event::of(to(&graz.told(2).await, "Boris@graz.example")).method, "CANCEL");
}

#[tokio::test]
async fn whoever_gives_the_place_away_loses_the_entry_and_the_colleague_gets_one() {
    let mut graz = Graz::registers().await;
    let first = Event::of(to(&graz.seen, "boris@graz.example"));
    let anna = graz.app.delegate();
    a_minute_passes(&graz.app);
    let page = anna.opens(&graz.anna).await;
    let form = anna.follows(&page, "Transfer the place of Boris …").await.form("Transfer the place");
    anna.sends(form.fill("Name", "Emil").fill("E-mail", "emil@graz.example")).await.must_say("Transferred.");
    let told = graz.told(4).await;
    Event::of(to(&told, "boris@graz.example")).cancels(&first);
    Event::of(to(&told, "emil@graz.example")).publishes();
}
