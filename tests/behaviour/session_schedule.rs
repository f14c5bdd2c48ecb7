//! When and where sessions take place: open times, several rooms, the whole venue, nights, and sessions with parts.

use super::editing::{SESSIONS, WORLD_CAFE, editor, room};
use crate::support::{Form, LEIPZIG, Page, Person, TestApp};

const SKILLS: &str = "Topic 6: Internal and external skills: are local governments fit for the future?";

/// The form of a new session on Monday.
async fn new(person: &Person, title: &str) -> Form {
    let page = person.opens(&format!("{SESSIONS}/new?day=2018-05-28")).await;
    page.form("Save and publish").fill("Title", title)
}

/// The form of a new session without a time.
async fn new_open(person: &Person, title: &str) -> Form {
    person.opens(&format!("{SESSIONS}/new")).await.form("Save and publish").fill("Title", title)
}

/// Adds a session on Monday in these rooms.
async fn adds(person: &Person, title: &str, hours: (&str, &str), rooms: &[&str]) -> Page {
    let form = new(person, title).await.hours(hours.0, hours.1);
    person.sends(rooms.iter().fold(form, |form, room| form.tick_in("Rooms", room))).await
}

/// Adds a part of another session.
async fn adds_part(person: &Person, title: &str, parent: &str, minutes: (&str, &str)) -> Page {
    let form = new_open(person, title).await.choose("Part of", parent);
    person.sends(form.fill("Minutes after its start", minutes.0).fill("Length", minutes.1)).await
}

#[tokio::test]
async fn a_session_whose_time_is_open_is_announced_without_a_time_and_has_no_calendar_entry() {
    let app = TestApp::start().await;
    let (olga, anna) = (app.organiser().await, app.delegate());
    let form = new_open(&olga, "Data walk").await;
    let saved = olga.sends(form).await;
    saved.must_say("Saved and published.");
    assert_eq!(saved.form("Save and publish").value("Start"), "");
    assert_eq!(saved.form("Save and publish").value("Length"), "90", "most sessions take this long");

    anna.opens(&format!("{LEIPZIG}/programme")).await.must_say("Time to be announced").must_say("Data walk");
    let page = anna.opens(&format!("{LEIPZIG}/sessions/data-walk")).await;
    page.must_say("Time to be announced").must_not_say("Add to calendar");
    assert!(page.texts(".actions").iter().all(|actions| !actions.is_empty()), "{}", page.body);
    assert!(!page.body.contains("ld+json"), "an event without a date is none for search engines");
    anna.tries(&format!("{LEIPZIG}/sessions/data-walk.ics")).await.must_be(404);
    assert!(!anna.opens(&format!("{LEIPZIG}/programme.ics")).await.body.contains("Data walk"));
    assert!(anna.opens("/sitemap.xml").await.body.contains("sessions/data-walk"));
    assert_eq!(olga.opens(SESSIONS).await.row("Data walk")[1], "open");
    let changes = anna.opens(&format!("{LEIPZIG}/changes")).await;
    changes.must_say("Data walk The time will be announced.");

    let form = saved.form("Save and publish").choose("Day", "Tuesday 29 May").fill("Start", "17:00");
    olga.sends(form).await.must_say("Saved and published.");
    anna.opens(&format!("{LEIPZIG}/sessions/data-walk")).await.must_say("Tuesday 29 May 2018, 17:00–18:30");
    let changes = anna.opens(&format!("{LEIPZIG}/changes")).await.texts("article li");
    assert!(changes[0].starts_with("Changed Data walk"), "a time that is announced moves nobody: {changes:?}");
}

#[tokio::test]
async fn a_day_without_a_start_and_a_start_without_a_day_are_refused() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    let refused = olga.sends(new(&olga, "Data walk").await.fill("Start", "")).await;
    refused.must_be(422);
    assert_eq!(refused.error_beside("Start").as_deref(), Some("Give the start, or choose no day"));
    let form = new_open(&olga, "Data walk").await.fill("Start", "09:00");
    let refused = olga.sends(form).await;
    refused.must_be(422);
    assert_eq!(refused.error_beside("Day").as_deref(), Some("Choose the day, or leave the start empty, too"));
    assert_eq!(refused.form("Save and publish").value("Start"), "09:00");
}

#[tokio::test]
async fn a_session_in_several_rooms_takes_each_of_them() {
    let app = TestApp::start().await;
    let (olga, anna) = (app.organiser().await, app.delegate());
    for name in ["Saal 1", "Saal 2", "Saal 3"] {
        room(&olga, name).await;
    }
    adds(&olga, "Opening", ("09:00", "10:00"), &["Saal 1", "Saal 2"]).await.must_say("Saved and published.");
    adds(&olga, "Beside it", ("09:00", "10:00"), &["Saal 3"]).await.must_say("Saved and published.");
    let refused = adds(&olga, "Too much", ("09:30", "10:30"), &["Saal 2", "Saal 3"]).await;
    refused.must_be(422);
    refused.must_say("Opening: Saal 2, Monday 28 May, 09:00 to 10:00.");
    refused.must_say("Beside it: Saal 3, Monday 28 May, 09:00 to 10:00.");
    anna.opens(&format!("{LEIPZIG}/sessions/opening")).await.must_say("Saal 1, Saal 2, Kongresshalle Leipzig");
    let calendar = anna.opens(&format!("{LEIPZIG}/sessions/opening.ics")).await.body;
    assert!(calendar.contains("LOCATION:Saal 1\\, Saal 2\\, Kongresshalle Leipzig"), "{calendar}");
    let programme = anna.opens(&format!("{LEIPZIG}/programme?day=2018-05-28")).await;
    assert_eq!(programme.attributes(".slot.col-1.to-col-2", "class").len(), 1, "{}", programme.body);
}

#[tokio::test]
async fn what_takes_the_whole_venue_takes_rooms_that_are_added_later_too() {
    let app = TestApp::start().await;
    let (olga, anna) = (app.organiser().await, app.delegate());
    room(&olga, "Saal 1").await;
    let lunch = new(&olga, "Lunch").await.hours("12:00", "13:00").choose("Kind", "Break").tick("Whole venue");
    olga.sends(lunch).await.must_say("Saved and published.");
    room(&olga, "Saal 2").await;
    let refused = adds(&olga, "Press hour", ("12:30", "13:30"), &["Saal 2"]).await;
    refused.must_be(422).must_say("Lunch: Saal 2, Monday 28 May, 12:00 to 13:00.");
    adds(&olga, "Press hour", ("13:00", "13:30"), &["Saal 2"]).await.must_say("Saved and published.");
    anna.opens(&format!("{LEIPZIG}/programme")).await.must_say("Lunch · Whole venue");

    let both = new(&olga, "Dinner").await.hours("19:00", "20:00").tick("Whole venue").tick_in("Rooms", "Saal 1");
    let refused = olga.sends(both).await;
    refused.must_be(422).must_say("Choose particular rooms or the whole venue, not both");
}

#[tokio::test]
async fn an_evening_past_midnight_belongs_to_the_day_on_which_it_began() {
    let app = TestApp::start().await;
    let (olga, anna) = (app.organiser().await, app.delegate());
    let dinner = new(&olga, "Dinner").await.hours("19:00", "01:30");
    olga.sends(dinner).await.must_say("Saved and published.");
    anna.opens(&format!("{LEIPZIG}/sessions/dinner")).await.must_say("Monday 28 May 2018, 19:00–01:30");
    let dance = new(&olga, "Dance").await.choose("Day", "Tuesday 29 May").hours("00:30", "02:00");
    olga.sends(dance).await.must_say("Saved and published.");
    let monday = anna.opens(&format!("{LEIPZIG}/programme?day=2018-05-28")).await;
    monday.must_say("Dinner").must_say("Dance");
    assert_eq!(monday.attributes(".slot.h19.to-h25.to-m30", "class").len(), 1, "{}", monday.body);
    anna.opens(&format!("{LEIPZIG}/programme?day=2018-05-29")).await.must_not_say("Dance");
    let calendar = anna.opens(&format!("{LEIPZIG}/sessions/dinner.ics")).await.body;
    assert!(calendar.contains("DTSTART:20180528T170000Z") && calendar.contains("DTEND:20180528T233000Z"), "{calendar}");
}

#[tokio::test]
async fn a_session_at_24_00_begins_at_midnight_and_stands_under_its_evening() {
    let app = TestApp::start().await;
    let (olga, anna) = (app.organiser().await, app.delegate());
    for (title, start) in [("Dance", "24:00"), ("Song", "24:00:00")] {
        let form = new(&olga, title).await.choose("Day", "Wednesday 30 May").fill("Start", start);
        let saved = olga.sends(form.fill("Length", "60")).await;
        let form = saved.must_say("Saved and published.").form("Save and publish");
        assert_eq!([form.value("Day"), form.value("Start")], ["Thursday 31 May", "00:00"], "{start}");
    }
    let evening = anna.opens(&format!("{LEIPZIG}/programme?day=2018-05-30")).await;
    evening.must_say("Dance").must_say("Song");
    let refused = olga.sends(new(&olga, "Late").await.fill("Start", "24:30")).await;
    assert_eq!(refused.error_beside("Start").as_deref(), Some("Give the time as hours and minutes, as in 14:30"));
}

#[tokio::test]
async fn parts_of_a_session_take_its_rooms_and_follow_when_it_moves() {
    let app = TestApp::start().await;
    let (olga, anna) = (app.organiser().await, app.delegate());
    room(&olga, "Saal 1").await;
    let talks = adds(&olga, "Lightning talks", ("16:00", "17:00"), &["Saal 1"]).await;
    let parent = "Mon 28 May, 16:00 Lightning talks";
    adds_part(&olga, "First talk", parent, ("0", "5")).await.must_say("Saved and published.");
    adds_part(&olga, "Second talk", parent, ("5", "5")).await.must_say("Saved and published.");
    let refused = adds_part(&olga, "Third talk", parent, ("8", "5")).await;
    refused
        .must_be(422)
        .must_say("Second talk: Saal 1, Monday 28 May, 16:05 to 16:10.")
        .must_not_say("Lightning talks: ");
    let page = anna.opens(&format!("{LEIPZIG}/sessions/second-talk")).await;
    page.must_say("Monday 28 May 2018, 16:05–16:10").must_say("Saal 1").must_say("Part of Lightning talks");
    let data = page.data();
    assert_eq!(data["superEvent"]["name"], "Lightning talks");
    assert_eq!(data["superEvent"]["superEvent"]["startDate"], "2018-05-28");
    assert_eq!(data["location"]["name"], "Saal 1");
    assert_eq!(data["location"]["containedInPlace"]["name"], "Kongresshalle Leipzig");
    let session = anna.opens(&format!("{LEIPZIG}/sessions/lightning-talks")).await;
    assert_eq!(session.texts(".prose li"), ["16:00 First talk provisional", "16:05 Second talk provisional"]);

    let moved = talks.form("Save and publish").choose("Day", "Tuesday 29 May").fill("Start", "17:30");
    olga.sends(moved).await.must_say("Saved and published.");
    let page = anna.opens(&format!("{LEIPZIG}/sessions/second-talk")).await;
    page.must_say("Tuesday 29 May 2018, 17:35–17:40").must_say("Saal 1");
    let calendar = anna.opens(&format!("{LEIPZIG}/sessions/second-talk.ics")).await.body;
    assert!(calendar.contains("DTSTART:20180529T153500Z"), "{calendar}");
    // The room is free on Monday, and no longer on Tuesday.
    adds(&olga, "Press hour", ("16:00", "17:00"), &["Saal 1"]).await.must_say("Saved and published.");
    let programme = anna.opens(&format!("{LEIPZIG}/programme?day=2018-05-29")).await;
    assert_eq!(programme.texts(".slot-parts li"), ["17:30 First talk provisional", "17:35 Second talk provisional"]);
}

#[tokio::test]
async fn the_sessions_before_and_after_are_those_in_the_same_room_or_of_the_same_topic() {
    let app = TestApp::start().await;
    let (olga, anna) = (app.organiser().await, app.delegate());
    for name in ["Saal 1", "Saal 2", "Saal 3"] {
        room(&olga, name).await;
    }
    for (title, hours, room, topic) in [
        ("Red one", ("16:00", "17:00"), "Saal 1", 1),
        ("Blue one", ("16:00", "17:00"), "Saal 2", 2),
        ("Red two", ("17:00", "18:00"), "Saal 1", 1),
        ("Blue two", ("17:15", "18:00"), "Saal 2", 2),
        ("Green two", ("17:00", "18:00"), "Saal 3", 2),
        ("Blue three", ("18:00", "19:00"), "Saal 2", 2),
    ] {
        let mut form = new(&olga, title).await.hours(hours.0, hours.1).tick_in("Rooms", room);
        let topics = form.choices("Topic");
        let topic = topics.iter().find(|name| name.starts_with(&topic.to_string())).expect("a topic").clone();
        olga.sends(form.choose("Topic", &topic)).await.must_say("Saved and published.");
    }
    for (slug, links) in [
        ("blue-one", "Next: Mon 28 May, 17:15Blue two"),
        ("blue-two", "Previous: Mon 28 May, 16:00Blue one 2Next: Mon 28 May, 18:00Blue three"),
        ("green-two", "Previous: Mon 28 May, 16:00Blue one 2Next: Mon 28 May, 18:00Blue three"),
        ("red-two", "Previous: Mon 28 May, 16:00Red one"),
    ] {
        let page = anna.opens(&format!("{LEIPZIG}/sessions/{slug}")).await;
        assert!(page.texts("nav.neighbours")[0].contains(links), "{slug}: {:?}", page.texts("nav.neighbours"));
    }
}

#[tokio::test]
async fn the_calendar_entry_of_a_part_is_newer_once_its_session_has_moved() {
    let app = TestApp::start().await;
    let (olga, anna) = (app.organiser().await, app.delegate());
    let talks = adds(&olga, "Lightning talks", ("16:00", "17:00"), &[]).await;
    adds_part(&olga, "First talk", "Mon 28 May, 16:00 Lightning talks", ("0", "5")).await.must_be(200);
    let sequence = async || {
        let calendar = anna.opens(&format!("{LEIPZIG}/sessions/first-talk.ics")).await.body;
        let line = calendar.lines().find_map(|line| line.strip_prefix("SEQUENCE:")).expect("a number").to_owned();
        line.parse::<i32>().expect("a number")
    };
    let before = sequence().await;
    olga.sends(talks.form("Save and publish").fill("Start", "16:30")).await.must_say("Saved and published.");
    assert!(sequence().await > before);
}

#[tokio::test]
async fn a_cancelled_session_takes_its_parts_along() {
    let app = TestApp::start().await;
    let (olga, anna) = (app.organiser().await, app.delegate());
    room(&olga, "Saal 1").await;
    let talks = adds(&olga, "Lightning talks", ("16:00", "17:00"), &["Saal 1"]).await;
    adds_part(&olga, "First talk", "Mon 28 May, 16:00 Lightning talks", ("0", "5")).await.must_be(200);
    olga.sends(talks.form("Save and publish").choose("Status", "Cancelled")).await.must_say("Saved and published.");
    anna.opens(&format!("{LEIPZIG}/sessions/first-talk")).await.must_say("This session does not take place");
    let session = anna.opens(&format!("{LEIPZIG}/sessions/lightning-talks")).await;
    assert_eq!(session.texts(".prose li"), ["16:00 First talk cancelled"]);
    let programme = anna.opens(&format!("{LEIPZIG}/programme?day=2018-05-28")).await;
    assert_eq!(programme.texts(".slot-parts li"), ["16:00 First talk cancelled"]);
    adds(&olga, "Press hour", ("16:00", "17:00"), &["Saal 1"]).await.must_say("Saved and published.");
}

#[tokio::test]
async fn a_session_with_parts_cannot_be_removed_or_become_a_part() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    let talks = adds(&olga, "Lightning talks", ("16:00", "17:00"), &[]).await;
    adds_part(&olga, "First talk", "Mon 28 May, 16:00 Lightning talks", ("0", "5")).await.must_be(200);
    let refused = olga.sends(talks.form("Save and publish").choose("Status", "Withdrawn")).await;
    refused.must_be(422);
    let error = refused.error_beside("Status").unwrap_or_default();
    assert!(error.starts_with("Other sessions are parts of this one: “First talk”"), "{error}");

    let form = talks.form("Save and publish").choose("Part of", "Wed 30 May, 10:45 World Café");
    let refused = olga.sends(form).await;
    refused.must_be(422);
    assert!(refused.error_beside("Part of").is_some_and(|words| words.starts_with("Choose no other session here")));
    let mut form = new(&olga, "Part of a part").await;
    assert!(!form.choices("Part of").iter().any(|choice| choice.contains("First talk")), "a part has no parts");
    let alone = new_open(&olga, "Alone").await.fill("Minutes after its start", "10");
    let refused = olga.sends(alone).await;
    refused.must_be(422);
    let words = "Choose the session after whose start it begins, or delete the minutes";
    assert_eq!(refused.error_beside("Part of").as_deref(), Some(words));
}

#[tokio::test]
async fn a_part_that_is_published_takes_its_session_along_unless_that_is_a_draft() {
    let app = TestApp::start().await;
    let (olga, anna) = (app.organiser().await, app.delegate());
    let page = olga.opens(&format!("{SESSIONS}/new?day=2018-05-28")).await;
    let form = page.form("Save without publishing").fill("Title", "Lightning talks").hours("16:00", "17:00");
    let talks = olga.sends(form.choose("Status", "Draft")).await;
    let parent = "Mon 28 May, 16:00 Lightning talks";
    let refused = adds_part(&olga, "First talk", parent, ("0", "5")).await;
    refused.must_be(422);
    let error = refused.error_beside("Part of").unwrap_or_default();
    assert!(error.starts_with("The session that this one is a part of is a draft"), "{error}");

    let form = talks.form("Save without publishing").choose("Status", "Confirmed");
    olga.sends(form).await.must_say("The public cannot read it yet.");
    olga.sends(refused.form("Save and publish")).await.must_say("Saved and published.");
    anna.opens(&format!("{LEIPZIG}/sessions/lightning-talks")).await.must_say("First talk");
}

#[tokio::test]
async fn where_a_time_is_taken_the_nearest_free_times_are_one_click_away() {
    let app = TestApp::start().await;
    let (olga, anna) = (app.organiser().await, app.delegate());
    room(&olga, "Saal 1").await;
    adds(&olga, "First", ("09:00", "10:00"), &["Saal 1"]).await.must_say("Saved and published.");
    adds(&olga, "Second", ("10:30", "12:00"), &["Saal 1"]).await.must_say("Saved and published.");
    let refused = adds(&olga, "Third", ("09:45", "10:45"), &["Saal 1"]).await;
    let buttons = refused.texts("button[name=instead]");
    assert_eq!(
        buttons,
        [
            "Save at a free time: Monday 28 May, 08:00",
            "Save at a free time: Monday 28 May, 12:00",
            "Save at a free time: Tuesday 29 May, 09:45",
            "Save without a time",
        ]
    );
    olga.sends(refused.form(&buttons[1])).await.must_say("Saved and published.");
    anna.opens(&format!("{LEIPZIG}/sessions/third")).await.must_say("Monday 28 May 2018, 12:00–13:00");
    // What was not to be published is not published at another time either.
    let form = olga.opens(&format!("{SESSIONS}/new?day=2018-05-28")).await.form("Save without publishing");
    let form = form.fill("Title", "Later").hours("09:45", "10:45").tick_in("Rooms", "Saal 1");
    let refused = olga.sends(form).await;
    let button = refused.texts("button[name=instead]").swap_remove(1);
    olga.sends(refused.form(&button)).await.must_say("The public cannot read it yet.");
    let refused = adds(&olga, "Fourth", ("09:45", "10:45"), &["Saal 1"]).await;
    olga.sends(refused.form("Save without a time")).await.must_say("Saved and published.");
    anna.opens(&format!("{LEIPZIG}/sessions/fourth")).await.must_say("Time to be announced").must_say("Saal 1");
}

#[tokio::test]
async fn two_people_who_change_the_rooms_of_a_session_both_get_what_they_want() {
    let app = TestApp::start().await;
    let (olga, otto) = (app.organiser().await, app.organiser().await);
    for name in ["Saal 1", "Saal 2", "Saal 3"] {
        room(&olga, name).await;
    }
    let first = editor(&olga, SKILLS).await.form("Save and publish").tick_in("Rooms", "Saal 1");
    olga.sends(first.tick_in("Rooms", "Saal 2")).await.must_say("Saved and published.");
    let (hers, his) = (editor(&olga, SKILLS).await, editor(&otto, SKILLS).await);
    olga.sends(hers.form("Save and publish").untick_in("Rooms", "Saal 1")).await.must_say("Saved and published.");
    let conflict = otto.sends(his.form("Save and publish").tick_in("Rooms", "Saal 3")).await;
    conflict.must_be(409).must_say("Your changes and theirs are both in this form.");
    let form = conflict.form("Save and publish");
    assert_eq!(form.ticked_in("Rooms"), ["Saal 2", "Saal 3"]);
    let saved = otto.sends(form).await;
    assert_eq!(
        saved.must_say("Saved and published.").form("Save and publish").ticked_in("Rooms"),
        ["Saal 2", "Saal 3"]
    );
    let list = otto.follows(&saved, "Revisions").await;
    otto.follows(&list, "Revision 4").await.must_say("Saal 2, Saal 3");
    editor(&olga, WORLD_CAFE).await;
}

#[tokio::test]
async fn a_session_in_another_year_than_the_conference_says_its_own() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    let form = olga.opens(&format!("{SESSIONS}/new?day=2019-03-28")).await.form("Save and publish");
    olga.sends(form.fill("Title", "Reunion").fill("Start", "10:00")).await.must_say("Saved and published.");
    app.delegate().opens(&format!("{LEIPZIG}/sessions/reunion")).await.must_say("Thursday 28 March 2019, 10:00");
}
