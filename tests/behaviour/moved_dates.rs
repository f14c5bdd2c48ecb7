//! The days of the conference change, and one button moves all sessions with them.

use time::Duration;

use super::{
    editing::{SESSIONS, WORLD_CAFE, editor, room},
    facts::{FACTS, UNPUBLISHED, saves},
    signing_in::{PASSWORD, signs_in, with_password},
};
use crate::support::{LEIPZIG, Page, Person, TestApp};

const MOVE: &str = "/organisers/leipzig-2018/facts/move";

/// Sets the days, and returns the editor, which offers to move the sessions if they do not fit any more.
async fn takes_place(olga: &Person, first: &str, last: &str) -> Page {
    saves(olga, "Save without publishing", |form| form.fill("First day", first).fill("Last day", last)).await
}

async fn opens_move(olga: &Person) -> Page {
    olga.opens(MOVE).await
}

/// Returns the day and the start of a session in its editor.
async fn when(olga: &Person, title: &str) -> [String; 2] {
    let form = editor(olga, title).await.form("Save and publish");
    ["Day", "Start"].map(|label| form.value(label))
}

#[tokio::test]
async fn one_button_moves_all_sessions_with_the_first_day_and_the_public_reads_it_when_it_is_published() {
    let app = TestApp::start().await;
    let (olga, anna) = (app.organiser().await, app.delegate());
    room(&olga, "Foyer").await;
    let form = editor(&olga, WORLD_CAFE).await.form("Save and publish").in_room("Foyer");
    olga.sends(form).await.must_say("Saved and published.");
    let saved = takes_place(&olga, "2018-06-12", "2018-06-14").await;
    saved.must_say("7 sessions are not on a day of the conference.");
    let moved = olga.sends(saved.form("Move all sessions 15 days later")).await;
    moved.must_say("7 sessions were moved.").must_say("All sessions that have a time are on days of the conference.");
    olga.opens(&format!("{SESSIONS}?day=2018-06-14")).await.must_say("World Café").must_say("10:45");
    let [day, start] = when(&olga, WORLD_CAFE).await;
    assert_eq!((day.as_str(), start.as_str()), ("Thursday 14 June", "10:45"));
    assert!(!editor(&olga, WORLD_CAFE).await.must_say("not published yet").must_say("Revision 3").links().is_empty());
    olga.opens(FACTS).await.must_not_say("not on a day of the conference");
    let page = anna.opens(&format!("{LEIPZIG}/sessions/world-cafe")).await;
    page.must_say("Wednesday 30 May").must_say("28–30 May 2018");

    let unpublished = olga.opens(UNPUBLISHED).await;
    olga.sends(unpublished.form("Publish all 8 changes")).await.must_say("is public now");
    let page = anna.opens(&format!("{LEIPZIG}/sessions/world-cafe")).await;
    page.must_say("Thursday 14 June").must_say("10:45").must_say("Foyer").must_say("12–14 June 2018");
    // All of it is one edit.
    let edits = "select count(distinct edit_id) from revision
                 join (select head_id from item where kind = 'session') as head on head_id = revision.id";
    let edits: i64 = sqlx::query_scalar(edits).fetch_one(&app.db).await.expect("a number");
    assert_eq!(edits, 1);
}

#[tokio::test]
async fn of_a_conference_that_became_shorter_the_page_names_what_is_still_outside() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    let saved = takes_place(&olga, "2019-06-13", "2019-06-14").await;
    let moved = olga.sends(saved.form("Move all sessions 381 days later")).await;
    moved.must_say("7 sessions were moved.").must_say("2 sessions are not on a day of the conference");
    let session = olga.follows(&moved, "World Café").await;
    assert_eq!(session.form("Save and publish").value("Day"), "Saturday 15 June");
    // The first session is on the first day already, so there is nothing to propose, but a number can be given.
    let facts = olga.opens(FACTS).await;
    facts.must_say("2 sessions are not on a day of the conference.");
    assert!(!facts.has_form("Move all sessions"));
    let form = opens_move(&olga).await.form("Move all sessions");
    assert_eq!(form.value("Days"), "");
    olga.sends(form.fill("Days", "−1")).await.must_say("7 sessions were moved.");
    assert_eq!(when(&olga, WORLD_CAFE).await[0], "Friday 14 June");
}

#[tokio::test]
async fn parts_of_sessions_move_with_them_and_sessions_without_a_time_stay_without_one() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    let new = olga.opens(&format!("{SESSIONS}/new")).await.form("Save and publish").fill("Title", "Some time");
    olga.sends(new).await.must_say("Saved and published.");
    let new = olga.opens(&format!("{SESSIONS}/new")).await.form("Save and publish").fill("Title", "Talk 1");
    let new = new
        .choose("Part of", "Wed 30 May, 10:45 World Café")
        .fill("Minutes after its start", "30")
        .fill("Length", "15");
    olga.sends(new).await.must_say("Saved and published.");
    let saved = takes_place(&olga, "2018-06-04", "2018-06-06").await;
    olga.sends(saved.form("Move all sessions 7 days later")).await.must_say("7 sessions were moved.");
    let starts = "select to_char(starts_at at time zone zone, 'YYYY-MM-DD HH24:MI') from session_side
                  join revision on revision.id = revision_id where side = 'draft' and title = $1";
    for (title, start) in [("Talk 1", Some("2018-06-06 11:15")), ("Some time", None)] {
        let found: Option<String> = sqlx::query_scalar(starts).bind(title).fetch_one(&app.db).await.expect("one");
        assert_eq!(found.as_deref(), start, "{title}");
    }
}

#[tokio::test]
async fn a_button_that_is_pressed_twice_moves_the_sessions_once() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    let saved = takes_place(&olga, "2018-06-04", "2018-06-06").await;
    let press = || olga.sends(saved.form("Move all sessions 7 days later"));
    let (first, second) = tokio::join!(press(), press());
    let mut statuses = [first.status, second.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
    let again = press().await;
    again.must_be(409).must_say("Nothing was moved just now, because times have changed since you opened the page");
    assert_eq!(again.form("Move all sessions").value("Days"), "", "everything fits now");
    assert_eq!(when(&olga, WORLD_CAFE).await, ["Wednesday 6 June", "10:45"]);
}

#[tokio::test]
async fn a_session_that_somebody_else_has_moved_in_between_is_not_moved_twice() {
    let app = TestApp::start().await;
    let (olga, otto) = (app.organiser().await, app.organiser().await);
    let saved = takes_place(&olga, "2018-06-04", "2018-06-06").await;
    let form = editor(&otto, WORLD_CAFE).await.form("Save without publishing").choose("Day", "Tuesday 5 June");
    otto.sends(form).await.must_say("Saved.");
    let refused = olga.sends(saved.form("Move all sessions 7 days later")).await;
    let error = refused.must_be(409).error_beside("Days").unwrap_or_default();
    assert!(error.starts_with("Check the number of days"), "{error}");
    assert_eq!(when(&olga, WORLD_CAFE).await[0], "Tuesday 5 June");
    refused.must_say("6 sessions are not on a day of the conference").must_not_say("Topic 7");
    // She decides: his session moves, too, and is outside then.
    let form = refused.form("Move all sessions");
    assert_eq!(form.value("Days"), "7");
    let moved = olga.sends(form).await;
    moved.must_say("7 sessions were moved.").must_say("One session is not on a day of the conference");
    assert_eq!(when(&olga, WORLD_CAFE).await[0], "Tuesday 12 June");
}

#[tokio::test]
async fn a_number_of_days_that_cannot_be_is_refused_and_nothing_moves() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    for days in ["", "0", "a week", "1.5", "40000", "99999999999999999999", &"9".repeat(10_000)] {
        let refused = olga.sends(opens_move(&olga).await.form("Move all sessions").fill("Days", days)).await;
        let error = refused.must_be(422).error_beside("Days").unwrap_or_default();
        assert!(error.starts_with("Give a number of days other than 0"), "{error}");
        assert_eq!(refused.form("Move all sessions").value("Days"), days);
    }
    // In Leipzig, the clocks skip the hour from 02:00 on 31 March 2019.
    let new = olga.opens(&format!("{SESSIONS}/new?day=2018-05-28")).await.form("Save and publish");
    olga.sends(new.fill("Title", "Night walk").fill("Start", "02:30")).await.must_say("Saved and published.");
    let form = opens_move(&olga).await.form("Move all sessions").fill("Days", "307");
    let refused = olga.sends(form).await;
    let error = refused.must_be(422).error_beside("Days").unwrap_or_default();
    assert!(error.contains("First give “Night walk” another time"), "{error}");
    assert_eq!(refused.form("Move all sessions").value("Days"), "307");
    assert_eq!(when(&olga, WORLD_CAFE).await[0], "Wednesday 30 May");
}

#[tokio::test]
async fn days_in_the_past_are_accepted_and_the_editor_says_so() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    let saved = takes_place(&olga, "2017-05-28", "2017-05-30").await;
    saved.must_say("Saved.").must_say("These days are in the past: the last one was Tuesday 30 May 2017.");
    let saved = takes_place(&olga, "2099-05-28", "2099-05-30").await;
    saved.must_say("Saved.").must_not_say("in the past");
}

#[tokio::test]
async fn a_conference_of_400_days_is_refused_beside_its_last_day_and_by_the_database() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    let refused = takes_place(&olga, "2018-05-28", "2019-07-01").await;
    let words = "Give an earlier last day: a conference lasts at most 14 days";
    assert_eq!(refused.must_be(422).error_beside("Last day").as_deref(), Some(words));
    assert_eq!(refused.form("Save and publish").value("Last day"), "2019-07-01");
    let swapped = takes_place(&olga, "2018-05-30", "2018-05-28").await;
    let words = "Give a last day that is not before the first";
    assert_eq!(swapped.must_be(422).error_beside("Last day").as_deref(), Some(words));
    let changed = sqlx::query("update conference_content set ends_on = starts_on + 400");
    let error = changed.execute(&app.db).await.expect_err("refused").to_string();
    assert!(error.contains("conference_content_not_too_long"), "{error}");
}

#[tokio::test]
async fn after_signing_in_again_the_number_of_days_is_there_and_nothing_has_moved_yet() {
    let app = TestApp::start().await;
    let account = with_password(&app, "organiser").await;
    let olga = app.delegate();
    signs_in(&olga, &account.email, PASSWORD).await;
    let form = opens_move(&olga).await.form("Move all sessions").fill("Days", "14");
    app.it_is(app.now() + Duration::hours(13));
    sqlx::query("delete from rate_limit").execute(&app.db).await.expect("no limits");
    let asked = olga.sends(form).await;
    let form = asked.must_be(401).form("Sign in").fill("E-mail", &account.email).fill("Password", PASSWORD);
    let form = olga.sends(form).await.must_be(200).must_say("Not saved yet.").form("Move all sessions");
    assert_eq!(form.value("Days"), "14");
    assert_eq!(when(&olga, WORLD_CAFE).await[0], "Wednesday 30 May");
    olga.sends(form).await.must_say("7 sessions were moved.");
    assert_eq!(when(&olga, WORLD_CAFE).await[0], "Wednesday 13 June");
}
