//! The kinds of sessions, which organisers edit like sessions.

use super::editing::{ROOMS, SESSIONS, WORLD_CAFE, editor, room};
use crate::support::{LEIPZIG, Page, Person, TestApp};

const KINDS: &str = "/organisers/leipzig-2018/session-kinds";
const UNPUBLISHED: &str = "/organisers/leipzig-2018/unpublished";

async fn kind_editor(person: &Person, name: &str) -> Page {
    person.follows(&person.opens(KINDS).await, name).await
}

/// Adds a session on the first day and publishes it.
async fn takes_place(person: &Person, title: &str, hours: (&str, &str), kind: &str, room: &str) -> Page {
    let new = person.opens(&format!("{SESSIONS}/new?day=2018-05-28")).await.form("Save and publish");
    let new = new.fill("Title", title).hours(hours.0, hours.1);
    person.sends(new.choose("Kind", kind).in_room(room)).await
}

#[tokio::test]
async fn the_first_kind_in_the_list_is_the_one_of_a_new_session() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    let kinds = ["Talk", "Plenary", "Panel discussion", "Workshop", "World Café", "Social event", "Break break"];
    assert_eq!(olga.opens(KINDS).await.texts("tbody th"), kinds);
    assert_eq!(olga.opens(KINDS).await.row("Plenary")[1], "6");
    let offered = async || olga.opens(&format!("{SESSIONS}/new")).await.form("Save and publish").value("Kind");
    assert_eq!(offered().await, "Talk");
    let first = kind_editor(&olga, "Workshop").await.form("Save and publish").fill("Place in the order", "1");
    olga.sends(first).await.must_say("Saved and published.");
    let first = kind_editor(&olga, "Talk").await.form("Save and publish").fill("Place in the order", "2");
    olga.sends(first).await.must_say("Saved and published.");
    assert_eq!(offered().await, "Workshop");
}

#[tokio::test]
async fn a_kinds_new_name_description_and_colour_are_read_once_they_are_published() {
    let app = TestApp::start().await;
    let (olga, anna) = (app.organiser().await, app.delegate());
    let pages = [format!("{LEIPZIG}/programme"), format!("{LEIPZIG}/sessions/city-data")];
    let form = kind_editor(&olga, "Plenary").await.form("Save without publishing");
    let form = form.fill("Name", "Keynote").fill("Description", "Everybody in one room.").choose("Colour", "Green");
    olga.sends(form).await.must_say("The public cannot read it yet.");
    for page in &pages {
        anna.opens(page).await.must_say("Plenary").must_not_say("Keynote");
    }
    let page = olga.opens(UNPUBLISHED).await;
    page.must_say("Kind of session: Keynote").must_say("Colour none Green");
    olga.sends(page.form("Publish this change")).await.must_say("is public now");
    for page in &pages {
        let read = anna.opens(page).await;
        read.must_say("Keynote").must_not_say("Plenary");
        assert!(!read.attributes(".dot.t3", "class").is_empty(), "{page}");
    }
    anna.opens(&pages[1]).await.must_say("Everybody in one room.");
}

#[tokio::test]
async fn a_session_that_is_published_alone_brings_its_new_kind_along() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    let new = olga.opens(&format!("{KINDS}/new")).await.form("Save without publishing");
    assert_eq!(new.value("Place in the order"), "8");
    olga.sends(new.fill("Name", "Excursion")).await.must_say("The public cannot read it yet.");
    let form = editor(&olga, WORLD_CAFE).await.form("Save and publish").choose("Kind", "Excursion");
    olga.sends(form).await.must_say("Saved and published.");
    app.delegate().opens(&format!("{LEIPZIG}/sessions/world-cafe")).await.must_say("Excursion");
    olga.opens(UNPUBLISHED).await.must_say("There is nothing to publish");
}

#[tokio::test]
async fn two_kinds_cannot_have_the_same_name_in_any_spelling() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    let new = olga.opens(&format!("{KINDS}/new")).await.form("Save and publish");
    let twice = olga.sends(new.clone().fill("Name", "ＴALK").fill("Description", "Words.")).await;
    twice.must_be(422);
    let words = "Give another name: a kind with this name already exists";
    assert_eq!(twice.error_beside("Name").as_deref(), Some(words));
    assert_eq!(twice.form("Save and publish").value("Description"), "Words.");
    let refused = olga.sends(new.fill("Name", " ").fill("Place in the order", "0").forge("colour", "8")).await;
    refused.must_be(422);
    for (label, words) in [
        ("Name", "Give the kind’s name"),
        ("Place in the order", "Give a whole number from 1 to 999"),
        ("Colour", "Choose one of the entries in the list"),
    ] {
        assert_eq!(refused.error_beside(label).as_deref(), Some(words));
    }
}

#[tokio::test]
async fn a_kind_in_use_cannot_be_removed_and_one_that_only_old_revisions_name_can() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    let remove = async |button: &str| {
        olga.sends(kind_editor(&olga, "World Café").await.form(button).choose("Status", "Removed")).await
    };
    let refused = remove("Save and publish").await;
    refused.must_be(422);
    let words = "There are sessions of this kind, as listed under “In the way”. Give them another one first";
    assert_eq!(refused.error_beside("Status").as_deref(), Some(words));

    // The public still reads that there is one.
    let other = editor(&olga, WORLD_CAFE).await.form("Save without publishing").choose("Kind", "Workshop");
    olga.sends(other).await.must_say("Saved.");
    let refused = remove("Save and publish").await;
    refused
        .must_be(422)
        .must_say("The public still reads that the sessions listed under “In the way” are of this kind");
    olga.sends(refused.form("Save without publishing")).await.must_say("Saved.");
    let page = olga.opens(UNPUBLISHED).await;
    olga.sends(page.form("Publish all 2 changes")).await.must_say("is public now");

    assert!(!olga.opens(KINDS).await.texts("tbody th").contains(&"World Café".to_owned()));
    let form = editor(&olga, WORLD_CAFE).await.form("Save and publish");
    assert!(!form.offers("Kind", "World Café"), "a removed kind cannot be chosen");
    let back = kind_editor(&olga, "World Café").await.form("Save and publish").choose("Status", "In use");
    olga.sends(back).await.must_say("Saved and published.");
}

#[tokio::test]
async fn a_kind_that_is_removed_while_a_session_gets_it_is_said_in_the_form() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    let form = editor(&olga, WORLD_CAFE).await.form("Save and publish").choose("Kind", "Panel discussion");
    let panel = kind_editor(&olga, "Panel discussion").await.form("Save and publish");
    olga.sends(panel.choose("Status", "Removed")).await.must_say("Saved and published.");
    let refused = olga.sends(form).await;
    refused.must_be(422);
    assert_eq!(refused.error_beside("Kind").as_deref(), Some("Choose a kind"));
}

#[tokio::test]
async fn sessions_of_a_kind_that_becomes_a_break_leave_calendars_and_the_sitemap_once_it_is_published() {
    let app = TestApp::start().await;
    let (olga, anna) = (app.organiser().await, app.delegate());
    let files = [format!("{LEIPZIG}/programme.ics"), "/sitemap.xml".to_owned()];
    let name = async |path: &str| anna.opens(path).await.body.contains("sessions/world-cafe");
    let form =
        kind_editor(&olga, "World Café").await.form("Save without publishing").tick("Break, such as coffee or lunch");
    olga.sends(form).await.must_say("The public cannot read it yet.");
    for file in &files {
        assert!(name(file).await, "{file} while it is not published");
    }
    let page = olga.opens(UNPUBLISHED).await;
    olga.sends(page.form("Publish this change")).await.must_say("is public now");
    for file in &files {
        assert!(!name(file).await, "{file} once it is published");
    }
    let programme = anna.opens(&format!("{LEIPZIG}/programme")).await;
    assert!(programme.texts(".pause").iter().any(|card| card.contains("World Café")), "it is shown as a break");
}

#[tokio::test]
async fn a_break_may_follow_at_once_until_its_kind_is_no_break_any_more() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    let new = olga.opens(&format!("{ROOMS}/new")).await.form("Save and publish");
    olga.sends(new.fill("Name", "Saal 1").fill("Changeover", "15")).await.must_say("Saved and published.");
    let saved = "Saved and published.";
    takes_place(&olga, "First", ("08:00", "09:00"), "Talk", "Saal 1").await.must_say(saved);
    let early = takes_place(&olga, "Coffee", ("09:00", "09:10"), "Social event", "Saal 1").await;
    early.must_be(422).must_say("First: Saal 1, ");
    let social = |page: Page| page.form("Save and publish");
    let form = social(kind_editor(&olga, "Social event").await).tick("Break, such as coffee or lunch");
    olga.sends(form).await.must_say(saved);
    olga.sends(early.form("Save and publish")).await.must_say(saved);

    let refused =
        olga.sends(social(kind_editor(&olga, "Social event").await).untick("Break, such as coffee or lunch")).await;
    refused.must_be(422);
    let words = refused.error_beside("Break, such as coffee or lunch").expect("an error");
    assert!(words.contains("follow others at once in the same room"), "{words}");
    // Not published either, because the draft is never in two minds.
    let refused = olga.sends(refused.form("Save without publishing")).await;
    refused.must_be(422);
    let moved = editor(&olga, "Coffee").await.form("Save and publish").hours("09:15", "09:25");
    olga.sends(moved).await.must_say(saved);
    olga.sends(refused.form("Save and publish")).await.must_say(saved);
}

#[tokio::test]
async fn a_calendar_entry_is_newer_when_its_kind_has_changed() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    let sequence = async || -> i32 {
        let file = app.delegate().opens(&format!("{LEIPZIG}/sessions/world-cafe.ics")).await.body;
        file.lines().find_map(|line| line.strip_prefix("SEQUENCE:")?.trim().parse().ok()).expect("a number")
    };
    let before = sequence().await;
    let form = kind_editor(&olga, "World Café").await.form("Save and publish").fill("Name", "Table talks");
    olga.sends(form).await.must_say("Saved and published.");
    let file = app.delegate().opens(&format!("{LEIPZIG}/sessions/world-cafe.ics")).await.body;
    assert!(file.contains("CATEGORIES:Table talks"), "{file}");
    assert!(sequence().await > before);
}

#[tokio::test]
async fn two_people_who_change_different_facts_of_a_kind_lose_nothing() {
    let app = TestApp::start().await;
    let (olga, otto) = (app.organiser().await, app.organiser().await);
    room(&olga, "Saal 1").await;
    let (hers, his) = (kind_editor(&olga, "Workshop").await, kind_editor(&otto, "Workshop").await);
    let hers = hers.form("Save and publish").tick("Break, such as coffee or lunch");
    olga.sends(hers).await.must_say("Saved and published.");
    let both = otto.sends(his.form("Save and publish").fill("Description", "Bring a laptop.")).await;
    both.must_be(409).must_say("Somebody saved this before you");
    let saved = otto.sends(both.form("Save and publish")).await;
    let form = saved.must_say("Saved and published.").form("Save and publish");
    assert_eq!(form.value("Description"), "Bring a laptop.");
    assert_eq!(form.value("Break, such as coffee or lunch"), "on");
}
