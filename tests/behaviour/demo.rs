//! `conference demo`: a conference in which everything is invented, for looking at the site and measuring it.

use std::collections::BTreeSet;

use crate::{clashes::clashes, instances::House, serving_role::runs};

#[tokio::test]
async fn a_demonstration_has_as_many_sessions_as_asked_for_and_is_not_the_current_conference() {
    let house = House::new().await;
    let added = runs(&house, "postgres", &["demo", "--sessions", "120"]).await;
    assert!(added.success, "{}", added.said);
    let address = added.said.lines().find(|line| line.starts_with("http://")).expect("an address");
    let (_, slug) = address.rsplit_once('/').expect("a path");
    let year = slug.strip_prefix("demonstration-").and_then(|year| year.parse::<i32>().ok());
    assert!(added.said.contains(&format!("{slug} is in the database")), "{}", added.said);

    let instance = house.program(&[]).await;
    let anna = instance.delegate(1);
    assert_eq!(anna.opens("/programme").await.path, "/leipzig-2018/programme", "it is still the current conference");
    anna.opens(&format!("/{slug}")).await.must_say("everything in it is invented").must_say("Registration closed on");
    let programme = anna.opens(&format!("/{slug}/programme?view=list")).await;
    programme.must_say("Lunch Whole venue").must_say("Lightning talks of day 2").must_say("17:30");
    for day in [1, 2] {
        programme.must_say(&format!("Panel of day {day}: what shall we do next year?"));
    }
    let names = anna.opens(&format!("/{slug}/speakers")).await.texts("ul.speakers h2, ul.speakers h3");
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), 60, "{names:?}");
    let (entries, places) = calendar(&anna.opens(&format!("/{slug}/programme.ics")).await.body);
    assert_eq!(entries, 120 - 6, "everything but breaks");
    assert!(places.iter().any(|place| place.starts_with("Congress Hall of the City and Region")), "{places:?}");

    assert_eq!(clashes(&house.db).await, [""; 0]);
    let again = runs(&house, "postgres", &["demo", "--sessions", "1"]).await;
    let next = format!("demonstration-{}", year.expect("a year") + 1);
    assert!(again.success && again.said.contains(&next), "{}", again.said);
    anna.opens(&format!("/{next}/programme")).await.must_say("Coffee");
    anna.opens(&format!("/{slug}/programme")).await.must_say("Panel of day 1");
}

#[tokio::test]
async fn a_number_of_sessions_that_makes_no_sense_is_refused() {
    let house = House::new().await;
    for number in ["0", "1001", "many"] {
        let refused = runs(&house, "postgres", &["demo", "--sessions", number]).await;
        assert!(!refused.success && refused.said.contains("--sessions"), "{}", refused.said);
    }
}

/// Reads a calendar line by line, and returns the number of entries and their places.
pub fn calendar(text: &str) -> (usize, BTreeSet<String>) {
    // RFC 5545 asks for 75 bytes at most. The library does not count the space at the start of a last line.
    let long: Vec<_> = text.split("\r\n").filter(|line| line.len() > 76).collect();
    assert!(long.is_empty(), "lines are folded: {long:?}");
    let (mut open, mut entries, mut places) = (Vec::new(), 0, BTreeSet::new());
    for line in text.replace("\r\n ", "").split_terminator("\r\n") {
        let (name, value) = line.split_once(':').unwrap_or_else(|| panic!("a property: {line}"));
        match name {
            "BEGIN" => open.push(value.to_owned()),
            "END" => {
                assert_eq!(open.pop().as_deref(), Some(value));
                entries += usize::from(value == "VEVENT");
            }
            "LOCATION" => _ = places.insert(value.to_owned()),
            _ => assert!(!open.is_empty(), "{line}"),
        }
    }
    assert!(open.is_empty(), "{open:?}");
    (entries, places)
}
