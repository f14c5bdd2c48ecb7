//! Revisions that cannot be restored as they were, because something else has their place or something they name was removed.

use super::editing::{ROOMS, WORLD_CAFE, editor, room};
use crate::support::{Form, LEIPZIG, Page, Person, TestApp};

const PUBLIC: &str = "/leipzig-2018/sessions/world-cafe";
const SKILLS: &str = "Topic 6: Internal and external skills: are local governments fit for the future?";
const REST: &str = "Restore everything else and publish";

/// Changes a session and publishes it.
async fn publishes(organiser: &Person, session: &str, change: impl FnOnce(Form) -> Form) -> Page {
    let saved = organiser.sends(change(editor(organiser, session).await.form("Save and publish"))).await;
    saved.must_say("Saved and published.");
    saved
}

/// Puts a session into a room on Monday morning.
fn at_nine(form: Form, hall: &str) -> Form {
    form.in_room(hall).choose("Day", "Monday 28 May").fill("Start", "09:00").fill("Length", "60")
}

/// Restores the revision of the World Café with this number.
async fn restores(organiser: &Person, number: u32) -> Page {
    let list = organiser.follows(&editor(organiser, WORLD_CAFE).await, "Revisions").await;
    let revision = organiser.follows(&list, &format!("Revision {number}")).await;
    organiser.sends(revision.form("Restore and publish")).await
}

async fn removes(organiser: &Person, hall: &str) {
    let editor = organiser.follows(&organiser.opens(ROOMS).await, hall).await;
    let form = editor.form("Save and publish").choose("Status", "Removed");
    organiser.sends(form).await.must_say("Saved and published.");
}

#[tokio::test]
async fn old_words_are_restored_without_the_place_that_another_session_has_now() {
    let app = TestApp::start().await;
    let (olga, anna) = (app.organiser().await, app.delegate());
    room(&olga, "Saal 1").await;
    publishes(&olga, WORLD_CAFE, |form| at_nine(form, "Saal 1").fill("Text", "Six tables.")).await;
    let moved = |form: Form| form.in_room("").fill("Start", "16:00").fill("Length", "60");
    publishes(&olga, WORLD_CAFE, |form| moved(form).fill("Text", "Seven tables.")).await;
    publishes(&olga, SKILLS, |form| at_nine(form, "Saal 1")).await;

    let refused = restores(&olga, 2).await;
    refused.must_be(422).must_say("Revision 2 was not restored.").must_say(": Saal 1, Monday 28 May");
    refused.must_say("What stays as it is now: Day, Start, Length, Rooms,");
    assert_eq!(refused.form("Save and publish").value("Text"), "Six tables.");
    let restored = olga.sends(refused.form(REST)).await;
    restored.must_say("Saved and published.").must_say("Revision 4");
    anna.opens(PUBLIC).await.must_say("Six tables.").must_say("16:00–17:00").must_say("room to be announced");
}

#[tokio::test]
async fn undo_finds_a_way_although_the_place_is_taken() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    room(&olga, "Saal 1").await;
    publishes(&olga, WORLD_CAFE, |form| at_nine(form, "Saal 1")).await;
    let moved = |form: Form| form.in_room("").fill("Text", "Six tables.");
    let saved = publishes(&olga, WORLD_CAFE, moved).await;
    publishes(&olga, SKILLS, |form| at_nine(form, "Saal 1")).await;
    let refused = olga.sends(saved.form("Undo this save")).await;
    refused.must_be(422).must_say("Revision 2 was not restored.");
    olga.sends(refused.form(REST)).await.must_say("Saved and published.").must_say("Revision 4");
    app.delegate().opens(PUBLIC).await.must_not_say("Six tables.");
}

#[tokio::test]
async fn old_words_are_restored_without_what_was_removed() {
    let app = TestApp::start().await;
    let (olga, anna) = (app.organiser().await, app.delegate());
    for hall in ["Saal 1", "Saal 2"] {
        room(&olga, hall).await;
    }
    publishes(&olga, WORLD_CAFE, |form| at_nine(form, "Saal 1").fill("Text", "Six tables.")).await;
    let moved = |form: Form| form.in_room("Saal 2").fill("Start", "16:00").fill("Length", "60");
    publishes(&olga, WORLD_CAFE, |form| moved(form).fill("Text", "Seven tables.")).await;
    removes(&olga, "Saal 1").await;
    publishes(&olga, SKILLS, |form| at_nine(form, "Saal 2").fill("Length", "30")).await;

    // Only the room stays at first. In this room, the old time clashes, so the time stays too.
    let refused = restores(&olga, 2).await;
    refused.must_be(422).must_say("What stays as it is now: Rooms.");
    assert!(!refused.summary().is_empty());
    let refused = olga.sends(refused.form(REST)).await;
    refused.must_be(422).must_say("What stays as it is now: Day, Start, Length, Rooms,");
    olga.sends(refused.form(REST)).await.must_say("Saved and published.").must_say("Revision 4");
    anna.opens(PUBLIC).await.must_say("Six tables.").must_say("16:00–17:00").must_say("Saal 2");

    // Without the clash, the old time is restored.
    publishes(&olga, SKILLS, |form| form.in_room("")).await;
    let refused = restores(&olga, 2).await;
    olga.sends(refused.form(REST)).await.must_say("Saved and published.").must_say("Revision 5");
    anna.opens(PUBLIC).await.must_say("09:00–10:00").must_say("Saal 2");
}

#[tokio::test]
async fn a_revision_that_differs_only_in_its_place_is_shown_in_the_editor_with_the_error() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    room(&olga, "Saal 1").await;
    publishes(&olga, WORLD_CAFE, |form| at_nine(form, "Saal 1")).await;
    publishes(&olga, WORLD_CAFE, |form| form.in_room("")).await;
    publishes(&olga, SKILLS, |form| at_nine(form, "Saal 1")).await;
    let refused = restores(&olga, 2).await;
    refused.must_be(422);
    assert!(!refused.has_form(REST), "nothing else would be restored");
    assert!(refused.error_beside("Start").is_some());
    let form = refused.form("Save and publish").fill("Start", "11:00").fill("Length", "60");
    olga.sends(form).await.must_say("Saved and published.");
    app.delegate().opens(&format!("{LEIPZIG}/sessions/world-cafe")).await.must_say("Saal 1").must_say("11:00–12:00");
}

#[tokio::test]
async fn the_rest_of_a_room_is_restored_if_another_room_has_its_old_name() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    room(&olga, "Saal 1").await;
    let saves = async |link: &str, name: &str, capacity: &str| {
        let editor = olga.follows(&olga.opens(ROOMS).await, link).await;
        let form = editor.form("Save and publish").fill("Name", name).fill("Capacity", capacity);
        olga.sends(form).await.must_say("Saved and published.");
    };
    saves("Saal 1", "Saal 1", "100").await;
    saves("Saal 1", "Great hall", "200").await;
    room(&olga, "Saal 1").await;
    let editor = olga.follows(&olga.opens(ROOMS).await, "Great hall").await;
    let revision = olga.follows(&olga.follows(&editor, "Revisions").await, "Revision 2").await;
    let refused = olga.sends(revision.form("Restore and publish")).await;
    refused.must_be(422).must_say("What stays as it is now: Name.");
    let restored = olga.sends(refused.form(REST)).await;
    restored.must_say("Saved and published.");
    let form = restored.form("Save and publish");
    assert_eq!((form.value("Name"), form.value("Capacity")), ("Great hall".to_owned(), "100".to_owned()));
}
