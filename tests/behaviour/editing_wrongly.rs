//! Invalid input in the editors: the error is beside the field, and everything that was typed is still there.

use serde_json::json;
use sqlx::PgPool;

use crate::{
    editing::{ROOMS, SESSIONS, WORLD_CAFE, editor, room},
    support::{Page, TestApp, programme},
};

/// Checks the error of a field, and that everything that was typed is still there.
#[track_caller]
fn refused(page: &Page, label: &str, words: &str) {
    page.must_be(422);
    let error = page.error_beside(label).unwrap_or_default();
    assert!(error.contains(words), "beside {label}: {error:?}, not {words:?}; all: {:?}", page.errors());
    assert!(page.summary().iter().any(|entry| entry.contains(words)), "{:?}", page.summary());
    assert_eq!(page.form("Save and publish").value("Text"), "Words of an hour.");
}

#[tokio::test]
async fn all_errors_are_shown_at_once_and_nothing_is_lost() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    let page = editor(&olga, WORLD_CAFE).await;
    let form = page
        .form("Save and publish")
        .fill("Title", "  ")
        .fill("Start", "half past nine")
        .fill("Subtitle", &"x".repeat(201))
        .fill("Text", "Words of an hour.")
        .forge("day", "soon")
        .forge("kind", "keynote")
        .forge("topic", "00000000-0000-0000-0000-000000000000")
        .forge("rooms", "nowhere")
        .forge("parent", "somewhere");
    let page = olga.sends(form).await;
    refused(&page, "Title", "Give the title");
    refused(&page, "Day", "Choose one of the entries in the list");
    refused(&page, "Start", "Give the time as hours and minutes, as in 14:30");
    refused(&page, "Part of", "Choose one of the entries in the list");
    page.must_say("Error: Choose one of the entries in the list");
    refused(&page, "Kind", "Choose a kind");
    refused(&page, "Topic", "Choose one of the entries in the list");
    refused(&page, "Subtitle", "Use at most 200 characters");
    assert_eq!(page.form("Save and publish").value("Start"), "half past nine");
    assert_eq!(page.form("Save and publish").value("Subtitle").len(), 201);
}

#[tokio::test]
async fn a_session_without_a_length_or_of_more_than_a_day_is_refused() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    let form = || async { editor(&olga, WORLD_CAFE).await.form("Save and publish").fill("Text", "Words of an hour.") };
    for length in ["", "0", "-30", "24:01", "a while"] {
        let page = olga.sends(form().await.fill("Length", length)).await;
        refused(&page, "Length", "Give a number of minutes, or hours and minutes as in 1:30, at most 24 hours");
    }
}

#[tokio::test]
async fn a_text_of_forty_thousand_greek_letters_is_saved_and_a_longer_one_is_refused() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    let form = |page: &Page, letters| page.form("Save and publish").fill("Text", &"λ".repeat(letters));
    let page = editor(&olga, WORLD_CAFE).await;
    let long = olga.sends(form(&page, 40_001)).await;
    long.must_be(422);
    assert_eq!(long.error_beside("Text").as_deref(), Some("Use at most 40000 characters"));
    olga.sends(form(&page, 40_000)).await.must_say("Saved and published.");
}

#[tokio::test]
async fn a_control_character_in_a_text_is_refused_but_line_breaks_are_not() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    let form = editor(&olga, WORLD_CAFE).await.form("Save and publish").fill("Text", "Words\n\nof an \u{202E}hour.");
    let page = olga.sends(form).await;
    page.must_be(422);
    let words = page.error_beside("Text").unwrap_or_default();
    assert!(words.starts_with("Write this without special control characters"), "{words}");
    assert_eq!(page.form("Save and publish").value("Text"), "Words\n\nof an \u{202E}hour.");
}

#[tokio::test]
async fn the_error_for_a_taken_room_names_the_other_session_and_links_to_it() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    room(&olga, "Saal 1").await;
    let first = editor(&olga, WORLD_CAFE).await;
    olga.sends(first.form("Save and publish").in_room("Saal 1")).await.must_say("Saved and published.");

    let second = olga.opens(&format!("{SESSIONS}/new?day=2018-05-30")).await;
    let form = second
        .form("Save and publish")
        .fill("Title", "Press hour")
        .hours("12:30", "13:00")
        .fill("Text", "Words of an hour.")
        .in_room("Saal 1");
    let page = olga.sends(form).await;
    refused(&page, "Start", "Choose another time, other rooms or other people");
    let name = &olga.account.as_ref().expect("an account").name;
    page.must_say("World Café: Saal 1, Wednesday 30 May, 10:45 to 12:45.")
        .must_say(&format!("{name} put it there on "));
    assert_eq!(olga.follows(&page, "World Café").await.heading(), "World Café");
    assert_eq!(page.form("Save and publish").ticked_in("Rooms"), ["Saal 1"]);

    let later = olga.sends(page.form("Save and publish").fill("Start", "12:45")).await;
    later.must_say("Saved and published.");
    let moved =
        olga.sends(later.form("Save and publish").fill("Start", "12:40").fill("Text", "Words of an hour.")).await;
    refused(&moved, "Start", "they are taken at that time");
    moved.must_say("World Café: Saal 1, ");
    moved.must_say("Revision 1");
}

#[tokio::test]
async fn a_revision_whose_room_is_taken_now_is_shown_in_the_editor_and_not_restored() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    room(&olga, "Saal 1").await;
    let set = |page: &Page, room: &str| page.form("Save and publish").in_room(room);
    let page = editor(&olga, WORLD_CAFE).await;
    let page = olga.sends(set(&page, "Saal 1")).await;
    let page = olga.sends(set(&page, "To be announced")).await;
    let other = editor(&olga, "Topic 6: Internal and external skills: are local governments fit for the future?").await;
    let other = set(&other, "Saal 1").hours("11:00", "12:00");
    olga.sends(other).await.must_say("Saved and published.");

    let list = olga.follows(&page, "Revisions").await;
    let second = olga.follows(&list, "Revision 2").await;
    let refused = olga.sends(second.form("Restore and publish")).await;
    refused.must_be(422);
    refused.must_say("fit for the future?: Saal 1, ");
    olga.sends(refused.form("Save and publish").fill("Start", "12:00")).await.must_say("Saved and published.");
}

#[tokio::test]
async fn of_two_people_who_choose_the_same_room_at_once_one_gets_it() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    room(&olga, "Saal 1").await;
    let mut wanting = tokio::task::JoinSet::new();
    for number in 0..6 {
        let page = olga.opens(&format!("{SESSIONS}/new?day=2018-05-28")).await;
        let form = page.form("Save and publish").fill("Title", &format!("Talk {number}"));
        let form = form.hours("09:00", "10:00").in_room("Saal 1");
        let olga = olga.clone();
        wanting.spawn(async move { olga.sends(form).await.status });
    }
    let mut answers = wanting.join_all().await;
    answers.sort_unstable();
    assert_eq!(answers, [200, 422, 422, 422, 422, 422]);
}

/// Moves the conference to this day, on which the clocks change.
async fn takes_place(db: &PgPool, day: &str) {
    let format = time::macros::format_description!("[year]-[month]-[day]");
    let next = time::Date::parse(day, format).ok().and_then(time::Date::next_day).expect("a day");
    programme::changes_facts(db, json!({ "starts_on": day, "ends_on": next.format(format).expect("a day") })).await;
}

#[tokio::test]
async fn a_time_that_is_skipped_or_comes_twice_when_the_clocks_change_is_refused() {
    for (weekend, day) in [("2018-03-24", "Sunday 25 March"), ("2018-10-27", "Sunday 28 October")] {
        let app = TestApp::start().await;
        let olga = app.organiser().await;
        takes_place(&app.db, weekend).await;
        let page = olga.opens_until(&format!("{SESSIONS}/new"), |page| page.says(day)).await;
        let form = page
            .form("Save and publish")
            .fill("Title", "Night of the open data")
            .choose("Day", day)
            .hours("02:30", "04:00")
            .fill("Text", "Words of an hour.");
        let page = olga.sends(form).await;
        refused(&page, "Start", &format!("the clocks change on {day}"));
        olga.sends(page.form("Save and publish").fill("Start", "03:30")).await.must_say("Saved and published.");
    }
}

#[tokio::test]
async fn unknown_items_and_revisions_are_not_found() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    let nobody = "00000000-0000-0000-0000-000000000000";
    for path in [
        format!("{SESSIONS}/{nobody}"),
        format!("{SESSIONS}/world-cafe"),
        format!("{SESSIONS}/{nobody}/revisions"),
        "/organisers/venice-2019/sessions".to_owned(),
        format!("/organisers/leipzig-2018/pages/{nobody}"),
        format!("{ROOMS}/{nobody}"),
    ] {
        olga.tries(&path).await.must_be(404);
    }
    let page = editor(&olga, WORLD_CAFE).await;
    olga.tries(&format!("{}/revisions/{nobody}", page.path)).await.must_be(404);
    olga.sends(page.form("Save and publish").to(&format!("{SESSIONS}/{nobody}"))).await.must_be(404);
}

#[tokio::test]
async fn editors_show_no_data_of_attendees() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    let list = olga.opens(SESSIONS).await;
    assert!(list.find_link("Attendees").is_none() && list.find_link("E-mails").is_none());
    let desk = olga.tries("/staff/leipzig-2018/attendees").await;
    assert!(matches!(desk.status, 403 | 404), "{}", desk.status);
}
