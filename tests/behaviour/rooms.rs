//! The rooms of the venue, which organisers edit like sessions.

use super::editing::{ROOMS, SESSIONS, WORLD_CAFE, editor, room};
use crate::support::{LEIPZIG, Page, Person, TestApp};

/// Opens the editor of a room.
async fn room_editor(person: &Person, name: &str) -> Page {
    person.follows(&person.opens(ROOMS).await, name).await
}

/// Adds a session in a room and publishes it.
async fn takes_place(person: &Person, title: &str, room: &str, hours: (&str, &str)) -> Page {
    let new = person.opens(&format!("{SESSIONS}/new?day=2018-05-28")).await.form("Save and publish");
    let new = new.fill("Title", title).hours(hours.0, hours.1);
    person.sends(new.in_room(room)).await
}

#[tokio::test]
async fn rooms_are_listed_in_their_order_and_a_new_name_is_read_everywhere() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    for name in ["Saal 1", "Saal 2", "Foyer"] {
        room(&olga, name).await;
    }
    assert_eq!(olga.opens(ROOMS).await.texts("tbody th"), ["Saal 1", "Saal 2", "Foyer"]);
    let first = room_editor(&olga, "Foyer").await.form("Save and publish").fill("Place in the order", "1");
    olga.sends(first).await.must_say("Saved and published.");
    assert_eq!(olga.opens(ROOMS).await.texts("tbody th"), ["Foyer", "Saal 1", "Saal 2"]);

    let form = editor(&olga, WORLD_CAFE).await.form("Save and publish").in_room("Foyer");
    olga.sends(form).await.must_say("Saved and published.");
    assert_eq!(olga.opens(ROOMS).await.row("Foyer")[2], "1");
    let renamed = room_editor(&olga, "Foyer").await.form("Save and publish").fill("Name", "Händel-Saal");
    olga.sends(renamed).await.must_say("Saved and published.");
    for path in [format!("{LEIPZIG}/programme"), format!("{LEIPZIG}/sessions/world-cafe")] {
        app.delegate().opens(&path).await.must_say("Händel-Saal").must_not_say("Foyer");
    }
}

#[tokio::test]
async fn a_new_name_is_read_once_it_is_published() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    room(&olga, "Foyer").await;
    let form = editor(&olga, WORLD_CAFE).await.form("Save and publish").in_room("Foyer");
    olga.sends(form).await.must_say("Saved and published.");
    let renamed = room_editor(&olga, "Foyer").await.form("Save without publishing").fill("Name", "Händel-Saal");
    olga.sends(renamed).await.must_say("The public cannot read it yet.");
    let public = format!("{LEIPZIG}/sessions/world-cafe");
    app.delegate().opens(&public).await.must_say("Foyer").must_not_say("Händel-Saal");
    assert_eq!(olga.opens(SESSIONS).await.row("World Café")[3], "Händel-Saal");
    let page = olga.opens("/organisers/leipzig-2018/unpublished").await;
    olga.sends(page.form("Publish this change")).await.must_say("is public now");
    app.delegate().opens(&public).await.must_say("Händel-Saal");
}

#[tokio::test]
async fn two_rooms_cannot_have_the_same_name_in_any_spelling() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    for name in ["Saal 1", "Saal 2"] {
        room(&olga, name).await;
    }
    for name in ["SAAL 1", "Saal\u{a0}1", "Ｓaal 1"] {
        let twice = olga.sends(room_editor(&olga, "Saal 2").await.form("Save and publish").fill("Name", name)).await;
        twice.must_be(422);
        let words = "Give another name: a room with this name already exists";
        assert_eq!(twice.error_beside("Name").as_deref(), Some(words), "{name}");
    }
    let none = olga.opens(&format!("{ROOMS}/new")).await.form("Save and publish").fill("Name", " ");
    olga.sends(none).await.must_be(422).must_say("Give the room’s name");
}

#[tokio::test]
async fn numbers_of_a_room_are_whole_and_within_their_limits() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    let new = olga.opens(&format!("{ROOMS}/new")).await.form("Save and publish").fill("Name", "Saal 1");
    for (label, wrong) in [("Capacity", "0"), ("Capacity", "many"), ("Changeover", "241"), ("Place in the order", "")] {
        let refused = olga.sends(new.clone().fill(label, wrong)).await;
        refused.must_be(422);
        assert!(refused.error_beside(label).is_some_and(|words| words.contains("whole number")), "{label}: {wrong}");
        assert_eq!(refused.form("Save and publish").value("Name"), "Saal 1");
    }
    let notes = "Ramp at the north door.\nHearing loop.";
    let full = new.fill("Capacity", "250").fill("Changeover", "15").fill("Accessibility", notes);
    let saved = olga.sends(full).await;
    let form = saved.must_say("Saved and published.").form("Save and publish");
    assert_eq!(["Capacity", "Changeover", "Accessibility"].map(|label| form.value(label)), ["250", "15", notes]);
}

#[tokio::test]
async fn a_room_in_use_cannot_be_removed_and_one_that_only_old_revisions_name_can() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    room(&olga, "Foyer").await;
    let choose = async |room: &str| {
        let form = editor(&olga, WORLD_CAFE).await.form("Save and publish").in_room(room);
        olga.sends(form).await.must_say("Saved and published.");
    };
    let remove = async |button: &str| {
        olga.sends(room_editor(&olga, "Foyer").await.form(button).choose("Status", "Removed")).await
    };
    choose("Foyer").await;
    let refused = remove("Save and publish").await;
    refused.must_be(422);
    let words = "Sessions take place in this room, as listed under “In the way”. Move them to another one first";
    assert_eq!(refused.error_beside("Status").as_deref(), Some(words));
    refused.must_say("World Café: needs this.");
    assert_eq!(olga.follows(&refused, "World Café").await.heading(), "World Café");

    // The public still reads that the session is there.
    let moved = editor(&olga, WORLD_CAFE).await.form("Save without publishing").in_room("To be announced");
    olga.sends(moved).await.must_say("Saved.");
    let refused = remove("Save and publish").await;
    refused.must_be(422).must_say("World Café: the public reads that it needs this.");
    olga.sends(refused.form("Save without publishing")).await.must_say("Saved.");
    let page = olga.opens("/organisers/leipzig-2018/unpublished").await;
    olga.sends(page.form("Publish all 2 changes")).await.must_say("is public now");

    let list = olga.opens(ROOMS).await;
    assert!(list.says("Removed") && list.texts("tbody th").is_empty());
    let form = editor(&olga, WORLD_CAFE).await.form("Save and publish");
    assert!(!form.labels().contains(&"Foyer".to_owned()), "a removed room cannot be chosen");
    // It can come back.
    let back = room_editor(&olga, "Foyer").await.form("Save and publish").choose("Status", "In use");
    olga.sends(back).await.must_say("Saved and published.");
    choose("Foyer").await;
}

#[tokio::test]
async fn a_session_that_is_published_alone_brings_its_room_along() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    let new = olga.opens(&format!("{ROOMS}/new")).await.form("Save without publishing").fill("Name", "Foyer");
    olga.sends(new).await.must_say("The public cannot read it yet.");
    let form = editor(&olga, WORLD_CAFE).await.form("Save and publish").in_room("Foyer");
    olga.sends(form).await.must_say("Saved and published.").must_say("Published with it: “Foyer”.");
    app.delegate().opens(&format!("{LEIPZIG}/sessions/world-cafe")).await.must_say("Foyer");
    olga.opens("/organisers/leipzig-2018/unpublished").await.must_say("There is nothing to publish");
}

#[tokio::test]
async fn a_room_stays_empty_during_its_changeover_and_a_break_may_follow_at_once() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    let new = olga.opens(&format!("{ROOMS}/new")).await.form("Save and publish");
    olga.sends(new.fill("Name", "Saal 1").fill("Changeover", "15")).await.must_say("Saved and published.");
    takes_place(&olga, "First", "Saal 1", ("08:00", "09:00")).await.must_say("Saved and published.");
    let early = takes_place(&olga, "Second", "Saal 1", ("09:10", "10:00")).await;
    early.must_be(422).must_say("First: Saal 1, Monday 28 May, 08:00 to 09:00, and 15 minutes of changeover");
    olga.sends(early.form("Save and publish").fill("Start", "09:15")).await.must_say("Saved and published.");
    let before = takes_place(&olga, "Before", "Saal 1", ("07:00", "07:50")).await;
    before.must_be(422).must_say("First: Saal 1, ");
    let coffee = olga.opens(&format!("{SESSIONS}/new?day=2018-05-28")).await.form("Save and publish");
    let coffee = coffee.fill("Title", "Coffee").hours("09:00", "09:10").choose("Kind", "Break");
    olga.sends(coffee.in_room("Saal 1")).await.must_say("Saved and published.");

    // A longer changeover would make the two sessions overlap.
    let longer = room_editor(&olga, "Saal 1").await.form("Save and publish").fill("Changeover", "20");
    let refused = olga.sends(longer).await;
    refused.must_be(422);
    assert!(refused.error_beside("Changeover").is_some());
    refused.must_say("First: Saal 1 is taken by “Second”, Monday 28 May, 09:15 to 10:05.");
}

#[tokio::test]
async fn two_people_who_change_different_facts_of_a_room_lose_nothing() {
    let app = TestApp::start().await;
    let (olga, otto) = (app.organiser().await, app.organiser().await);
    room(&olga, "Saal 1").await;
    let (hers, his) = (room_editor(&olga, "Saal 1").await, room_editor(&otto, "Saal 1").await);
    olga.sends(hers.form("Save and publish").fill("Capacity", "300")).await.must_say("Saved and published.");
    let both = otto.sends(his.form("Save and publish").fill("Accessibility", "Ramp")).await;
    both.must_be(409).must_say("Somebody saved this before you");
    let saved = otto.sends(both.form("Save and publish")).await;
    let form = saved.must_say("Saved and published.").form("Save and publish");
    assert_eq!(["Capacity", "Accessibility"].map(|label| form.value(label)), ["300", "Ramp"]);
}
