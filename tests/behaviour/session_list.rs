//! The list of sessions: its filters, changes to several sessions at once, and what makes entering many quick.

use super::editing::{SESSIONS, WORLD_CAFE, editor, person, room};
use crate::support::{LEIPZIG, Page, Person, TestApp};

const PUBLISH: &str = "Save and publish";

/// Adds a session on Monday in a room.
async fn adds(olga: &Person, title: &str, hours: (&str, &str), room: &str) -> Page {
    let form = olga.opens(&format!("{SESSIONS}/new?day=2018-05-28")).await.form(PUBLISH);
    let saved = olga.sends(form.fill("Title", title).hours(hours.0, hours.1).in_room(room)).await;
    saved.must_say("Saved and published.");
    saved
}

/// Returns the titles in the list with this query.
async fn listed(olga: &Person, query: &str) -> Vec<String> {
    let titles = olga.opens(&format!("{SESSIONS}{query}")).await.texts(".sessions-table th[scope=row]");
    titles.into_iter().map(|title| title.split(": ").last().unwrap_or_default().to_owned()).collect()
}

#[tokio::test]
async fn sessions_are_found_by_words_names_and_filters() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    room(&olga, "Saal 1").await;
    person(&olga, "Željka Šimić").await;
    adds(&olga, "Data walk", ("08:00", "09:00"), "Saal 1").await;
    adds(&olga, "Press hour", ("11:00", "12:00"), "To be announced").await;
    let form = editor(&olga, "Press hour").await.form("Save without publishing").choose("Person 1", "Željka Šimić");
    olga.sends(form.choose("Status", "Confirmed")).await.must_say("Saved.");

    assert_eq!(listed(&olga, "?q=walk+dat").await, ["Data walk"]);
    assert_eq!(listed(&olga, "?q=simic").await, ["Press hour"]);
    assert_eq!(listed(&olga, "?q=nothing").await, [""; 0]);
    assert_eq!(listed(&olga, "?room=Saal+1").await, ["Data walk"]);
    assert_eq!(listed(&olga, "?show=unpublished").await, ["Press hour"]);
    assert_eq!(listed(&olga, "?status=confirmed").await, ["Press hour"]);
    assert_eq!(listed(&olga, "?day=2018-05-30&topic=7").await, ["World Café"]);
    assert_eq!(listed(&olga, "?day=yesterday&sort=up").await.len(), 9, "unknown values and parameters are ignored");
    let people = olga.opens(SESSIONS).await.form("Show").choose("Person", "Željka Šimić");
    assert_eq!(olga.sends(people).await.texts(".sessions-table th[scope=row]"), ["Press hour"]);
    assert_eq!(listed(&olga, "?show=warnings&q=data+walk").await, ["Data walk"]);
}

#[tokio::test]
async fn several_sessions_change_their_status_topic_and_room_at_once() {
    let app = TestApp::start().await;
    let (olga, anna) = (app.organiser().await, app.delegate());
    room(&olga, "Saal 1").await;
    adds(&olga, "First", ("08:00", "09:00"), "To be announced").await;
    adds(&olga, "Second", ("11:00", "12:00"), "To be announced").await;
    let form = olga.opens(SESSIONS).await.form(PUBLISH).tick("Select First").tick("Select Second");
    let form = form.choose_in("Change several", "Status", "Confirmed").choose_in("Change several", "Room", "Saal 1");
    let done = olga.sends(form.choose_in("Change several", "Topic", "7 World Café")).await;
    done.must_say("Published. 2 sessions can be read by the public like this.");
    for slug in ["first", "second"] {
        let page = anna.opens(&format!("{LEIPZIG}/sessions/{slug}")).await;
        page.must_say("Saal 1").must_say("Topic 7").must_not_say("provisional");
    }
    let nothing = olga.sends(olga.opens(SESSIONS).await.form(PUBLISH)).await;
    nothing.must_be(422).must_say("Select at least one session");
    let nothing = olga.sends(olga.opens(SESSIONS).await.form(PUBLISH).tick("Select First")).await;
    nothing.must_be(422).must_say("Say what to change");
}

#[tokio::test]
async fn a_shift_moves_all_sessions_even_through_times_that_would_clash() {
    let app = TestApp::start().await;
    let (olga, anna) = (app.organiser().await, app.delegate());
    room(&olga, "Saal 1").await;
    adds(&olga, "First", ("08:00", "09:00"), "Saal 1").await;
    adds(&olga, "Second", ("09:00", "10:00"), "Saal 1").await;
    let list = olga.opens(&format!("{SESSIONS}?room=Saal+1")).await;
    let form = list.form(PUBLISH).tick("All sessions that are shown here").fill("Move by minutes", "30");
    let done = olga.sends(form).await;
    done.must_say("2 sessions can be read by the public like this.");
    assert!(done.path.contains("room=Saal+1"), "the filter stays: {}", done.path);
    for (slug, hours) in [("first", "08:30–09:30"), ("second", "09:30–10:30")] {
        anna.opens(&format!("{LEIPZIG}/sessions/{slug}")).await.must_say(hours);
    }

    adds(&olga, "Third", ("11:00", "12:00"), "Saal 1").await;
    let form = olga.opens(&format!("{SESSIONS}?q=second")).await.form("Save without publishing");
    let refused = olga.sends(form.tick("Select Second").fill("Move by minutes", "60")).await;
    refused.must_be(422).must_say("Nothing was changed, because rooms or people would be taken twice");
    refused.must_say("Second: Saal 1 is taken by “Third”, Monday 28 May, 11:00 to 12:00.");
    assert_eq!(refused.form(PUBLISH).value("Move by minutes"), "60");
    assert_eq!(refused.form(PUBLISH).value("Select Second"), "on");
    assert_eq!(olga.opens(SESSIONS).await.row("Second")[1], "09:30–10:30");
}

#[tokio::test]
async fn two_sessions_exchange_their_times_and_rooms() {
    let app = TestApp::start().await;
    let (olga, anna) = (app.organiser().await, app.delegate());
    room(&olga, "Saal 1").await;
    room(&olga, "Saal 2").await;
    adds(&olga, "First", ("08:00", "09:00"), "Saal 1").await;
    adds(&olga, "Second", ("08:30", "09:30"), "Saal 2").await;
    let form = olga.opens(SESSIONS).await.form("Exchange times and rooms of two");
    olga.sends(form.clone().tick("Select First")).await.must_be(422).must_say("Select two sessions");
    olga.sends(form.tick("Select First").tick("Select Second")).await.must_say("Saved. 2 sessions changed.");
    olga.sends(olga.opens(SESSIONS).await.form("Publish as they are").tick("Select First").tick("Select Second"))
        .await
        .must_say("Published.");
    anna.opens(&format!("{LEIPZIG}/sessions/first")).await.must_say("08:30–09:30").must_say("Saal 2");
    anna.opens(&format!("{LEIPZIG}/sessions/second")).await.must_say("08:00–09:00").must_say("Saal 1");
}

#[tokio::test]
async fn a_status_that_one_of_the_selected_sessions_cannot_have_changes_none() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    let form = olga.opens(SESSIONS).await.form("Save without publishing").tick("All sessions that are shown here");
    let refused = olga.sends(form.choose_in("Change several", "Status", "Draft")).await;
    refused.must_be(422).must_say("“World Café” cannot be a draft: it is public, or is to be published");
    assert_eq!(olga.opens(SESSIONS).await.row("World Café")[5], "Provisional warnings");
}

#[tokio::test]
async fn one_page_lists_what_organisers_may_want_to_look_at() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    let open = olga.opens(&format!("{SESSIONS}/new")).await.form(PUBLISH).fill("Title", "Data walk");
    olga.sends(open).await.must_say("Saved and published.");
    let form = olga.opens(&format!("{SESSIONS}/new?day=2018-06-02")).await.form(PUBLISH);
    olga.sends(form.fill("Title", "Excursion").hours("05:00", "06:00")).await.must_say("Saved and published.");
    let form = olga.opens(&format!("{SESSIONS}/new?day=2018-05-30")).await.form(PUBLISH).fill("Title", "Café two");
    let form = form.hours("11:00", "12:00").choose("Topic", "7 World Café");
    olga.sends(form).await.must_say("Saved and published.");

    let list = olga.opens(SESSIONS).await;
    let page = olga.follows(&list, "Warnings (10)").await;
    let words = page.texts("section");
    let with = |warning: &str| words.iter().find(|one| one.starts_with(warning)).cloned().unwrap_or_default();
    assert_eq!(with("No time"), "No time (1) Data walk");
    assert_eq!(with("Not on a day"), "Not on a day of the conference (1) Sat 2 Jun, 05:00 Excursion");
    assert!(with("Begins at night").contains("Excursion"));
    let same = with("At the same time");
    assert!(same.contains("World Café") && same.contains("Café two"), "{same}");
    assert!(with("Nobody speaks").contains("(10)") && with("No text").contains("Data walk"));
    assert_eq!(olga.follows(&page, "Excursion").await.heading(), "Excursion");
    // What is on another day is still in the programme.
    app.delegate().opens(&format!("{LEIPZIG}/programme")).await.must_say("Saturday 2 June").must_say("Excursion");
}

#[tokio::test]
async fn the_next_session_begins_where_the_last_one_ended() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    room(&olga, "Saal 1").await;
    let new = olga.opens(&format!("{SESSIONS}/new?day=2018-05-28")).await.form("Publish and add another");
    assert_eq!(new.value("Start"), "09:00", "nothing takes place on Monday morning");
    assert_eq!(new.value("Length"), "90", "most sessions take this long");
    let form = new.fill("Title", "Choir").fill("Length", "45").in_room("Saal 1").choose("Kind", "Social event");
    let next = olga.sends(form).await;
    next.must_say("“Choir” was added and published.");
    assert_eq!(olga.follows(&next, "Edit “Choir”").await.form(PUBLISH).value("Length"), "45");
    let form = next.form(PUBLISH);
    assert_eq!(
        ["Title", "Day", "Start", "Length", "Kind"].map(|label| form.value(label)),
        ["", "Monday 28 May", "09:45", "45", "Social event"]
    );
    assert_eq!(form.ticked_in("Rooms"), ["Saal 1"]);
    let free = olga.opens(&format!("{SESSIONS}/new?day=2018-05-28")).await.form(PUBLISH);
    assert_eq!(free.value("Start"), "09:45");
}

#[tokio::test]
async fn a_duplicate_has_everything_but_the_time_and_the_address() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    let page = editor(&olga, WORLD_CAFE).await;
    let copy = olga.follows(&page, "Duplicate").await;
    let (form, original) = (copy.form(PUBLISH), page.form(PUBLISH));
    for label in ["Title", "Text", "Topic", "Kind", "Length"] {
        assert_eq!(form.value(label), original.value(label));
    }
    assert_eq!([form.value("Day"), form.value("Start")], ["Not set yet", ""]);
    olga.sends(form).await.must_say("Saved and published.");
    app.delegate().opens(&format!("{LEIPZIG}/sessions/world-cafe-2")).await.must_say("Time to be announced");
}

#[tokio::test]
async fn a_part_is_not_exchanged_with_a_session_that_stands_for_itself() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    adds(&olga, "Long", ("08:00", "09:00"), "To be announced").await;
    let part = olga.opens(&format!("{SESSIONS}/new")).await.form(PUBLISH).fill("Title", "Short");
    let part = part.choose("Part of", "Mon 28 May, 08:00 Long").fill("Minutes after its start", "0");
    olga.sends(part.fill("Length", "5")).await.must_say("Saved and published.");
    let form = olga.opens(SESSIONS).await.form("Exchange times and rooms of two");
    let refused = olga.sends(form.tick("Select World Café").tick("Select Short")).await;
    refused.must_be(422).must_say("Exchange two sessions that stand for themselves, or two parts of the same session");
}

#[tokio::test]
async fn a_selected_session_that_does_not_exist_changes_none() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    let form = olga.opens(SESSIONS).await.form(PUBLISH).tick("Select World Café").fill("Move by minutes", "5");
    let refused = olga.sends(form.forge("session", "01900000-0000-7000-8000-000000000000")).await;
    refused.must_be(422).must_say("One of the selected sessions no longer exists. Select again");
    assert_eq!(olga.opens(SESSIONS).await.row("World Café")[1], "10:45–12:45");
}

#[tokio::test]
async fn a_session_in_winter_does_not_change_the_time_zone_that_the_programme_names() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    app.delegate().opens(&format!("{LEIPZIG}/programme")).await.must_say("local time in Leipzig (CEST)");
    let form = olga.opens(&format!("{SESSIONS}/new?day=2018-03-01")).await.form(PUBLISH);
    olga.sends(form.fill("Title", "Webinar").fill("Start", "10:00")).await.must_say("Saved and published.");
    let programme = app.delegate().opens(&format!("{LEIPZIG}/programme")).await;
    programme.must_say("All times are local time in Leipzig.").must_not_say("(CE");
    for day in ["0018-05-28", "-0001-01-01", "9999-12-31"] {
        let form = olga.opens(&format!("{SESSIONS}/new")).await.form(PUBLISH).fill("Title", "Never");
        let refused = olga.sends(form.forge("day", day).fill("Start", "10:00")).await;
        refused.must_be(422);
        assert_eq!(refused.error_beside("Day").as_deref(), Some("Choose one of the entries in the list"), "{day}");
    }
}

/// Saves a session in a room without publishing it.
async fn saves(olga: &Person, page: &Page, title: &str, hours: (&str, &str)) {
    let form = page.form("Save without publishing").fill("Title", title).hours(hours.0, hours.1).in_room("Saal 1");
    olga.sends(form).await.must_say("The public cannot read it yet.");
}

#[tokio::test]
async fn publishing_selected_sessions_names_what_the_public_still_reads_and_offers_to_publish_it_too() {
    let app = TestApp::start().await;
    let (olga, anna) = (app.organiser().await, app.delegate());
    room(&olga, "Saal 1").await;
    for (title, hours) in [("First", ("08:00", "09:00")), ("Second", ("09:00", "10:00"))] {
        adds(&olga, title, hours, "Saal 1").await;
    }
    // The third is where the public reads the second, and the second where it reads the first.
    saves(&olga, &editor(&olga, "First").await, "First", ("11:00", "12:00")).await;
    saves(&olga, &editor(&olga, "Second").await, "Second", ("08:00", "09:00")).await;
    let new = olga.opens(&format!("{SESSIONS}/new?day=2018-05-28")).await;
    saves(&olga, &new, "Third", ("09:00", "10:00")).await;

    let list = olga.opens(SESSIONS).await;
    let form = list.form("Publish as they are").tick("Select Third");
    let refused = olga.sends(form).await;
    refused.must_be(422).must_say("Publish these sessions together with those listed under");
    refused.must_say("Third: the public reads that Saal 1 is taken by “Second”, Monday 28 May, 09:00 to 10:00.");
    anna.tries(&format!("{LEIPZIG}/sessions/third")).await.must_be(404);

    let form = list.form(PUBLISH).tick("Select Third").choose_in("Change several", "Status", "Confirmed");
    let refused = olga.sends(form).await;
    let together = refused.must_be(422).form("Save and publish together with “Second”, “First”");
    olga.sends(together).await.must_say("Published. 3 sessions can be read by the public like this.");
    for (slug, hours) in [("first", "11:00–12:00"), ("second", "08:00–09:00"), ("third", "09:00–10:00")] {
        anna.opens(&format!("{LEIPZIG}/sessions/{slug}")).await.must_say(hours);
    }
    assert_eq!(olga.opens(SESSIONS).await.row("Third")[5], "Confirmed warnings");
}

/// Adds a session without a time, perhaps as a part of another.
async fn adds_open(olga: &Person, title: &str, parent: &str, status: &str) {
    let form = olga.opens(&format!("{SESSIONS}/new")).await.form("Save without publishing").fill("Title", title);
    let form = if parent.is_empty() { form } else { form.choose("Part of", parent) };
    olga.sends(form.choose("Status", status)).await.must_say("The public cannot read it yet.");
}

#[tokio::test]
async fn if_several_sessions_cannot_be_changed_those_at_fault_are_named_with_the_reason() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    for (title, parent, status) in [
        ("Long", "", "Confirmed"),
        ("Short", "Long", "Confirmed"),
        ("Evening", "", "Confirmed"),
        ("Toast", "Evening", "Confirmed"),
        ("Draft day", "", "Draft"),
        ("Draft talk", "Draft day", "Confirmed"),
    ] {
        adds_open(&olga, title, parent, status).await;
    }
    let list = olga.opens(SESSIONS).await;
    let withdrawn = |button: &str| list.form(button).choose_in("Change several", "Status", "Withdrawn");
    let form = withdrawn("Save without publishing").tick("Select Long").tick("Select Short").tick("Select Evening");
    let refused = olga.sends(form.clone()).await;
    refused.must_be(422);
    let toast = "“Evening”: Other sessions are parts of this one: “Toast”. Take them out first";
    assert_eq!(refused.summary(), [toast]);
    assert_eq!(olga.opens(SESSIONS).await.row("Short")[5], "Confirmed not published warnings");
    olga.sends(form.tick("Select Toast")).await.must_say("Saved. 4 sessions changed.");

    let form = list.form("Publish as they are").tick("Select Draft talk").tick("Select World Café");
    let refused = olga.sends(form).await;
    refused.must_be(422);
    let words = "“Draft talk”: The session that this one is a part of is a draft. Save without publishing, or publish that \
                 one first";
    assert_eq!(refused.summary(), [words]);

    // A part comes back together with its session, but not without it.
    let back = |form: crate::support::Form| form.choose_in("Change several", "Status", "Confirmed");
    let list = olga.opens(&format!("{SESSIONS}?status=withdrawn")).await;
    let refused = olga.sends(back(list.form("Save without publishing").tick("Select Short"))).await;
    refused
        .must_be(422)
        .must_say("“Short”: A room, a person, the topic, the kind or the session that this one is a part of");
    let both = back(list.form("Save without publishing")).tick("Select Short").tick("Select Long");
    olga.sends(both).await.must_say("Saved. 2 sessions changed.");
}

#[tokio::test]
async fn a_name_that_the_public_still_reads_of_another_room_is_the_reason_that_is_given() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    room(&olga, "Saal 1").await;
    adds(&olga, "First", ("08:00", "09:00"), "Saal 1").await;
    let rooms = olga.opens(super::editing::ROOMS).await;
    let form = olga.follows(&rooms, "Saal 1").await.form("Save without publishing").fill("Name", "Saal 2");
    olga.sends(form).await.must_say("The public cannot read it yet.");
    let new = olga.opens(&format!("{}/new", super::editing::ROOMS)).await.form("Save without publishing");
    olga.sends(new.fill("Name", "Saal 1")).await.must_say("The public cannot read it yet.");
    let new = olga.opens(&format!("{SESSIONS}/new?day=2018-05-28")).await;
    saves(&olga, &new, "Second", ("09:00", "10:00")).await;
    let form = olga.opens(SESSIONS).await.form("Publish as they are").tick("Select First").tick("Select Second");
    let refused = olga.sends(form).await;
    refused.must_be(422);
    assert_eq!(refused.summary().len(), 1, "{:?}", refused.summary());
    refused.must_say("“Second”: A room, the topic or the kind is not public yet, and the public still reads its name");
}

#[tokio::test]
async fn a_button_that_the_form_does_not_have_changes_nothing() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    let form = olga.opens(SESSIONS).await.form("Publish as they are").tick("Select World Café");
    let form = form.choose_in("Change several", "Status", "Confirmed");
    for body in [form.body().replace("do=release", "do=erase"), form.body().replace("&do=release", "")] {
        let headers = [("sec-fetch-site", "same-origin")];
        let answer = olga.asks(reqwest::Method::POST, SESSIONS, &headers, Some(body)).await;
        assert_eq!(answer.status(), 422);
        let page = answer.text().await.expect("a page");
        assert!(page.contains("Press one of the buttons below: nothing was changed"), "{page}");
    }
    assert_eq!(olga.opens(SESSIONS).await.row("World Café")[5], "Provisional warnings");

    // Nor does a decision that no button stands for.
    let form = editor(&olga, WORLD_CAFE).await.form(PUBLISH).fill("Title", "Café").forge("decision", "mine");
    olga.sends(form).await.must_be(400);
    assert_eq!(editor(&olga, WORLD_CAFE).await.heading(), "World Café");
}

#[tokio::test]
async fn what_was_added_before_another_form_is_named_for_every_kind() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    let new = olga.opens(&format!("{}/new", super::editing::ROOMS)).await.form("Publish and add another");
    let next = olga.sends(new.fill("Name", "Saal 1")).await;
    next.must_say("“Saal 1” was added and published.");
    assert_eq!(next.form(PUBLISH).value("Name"), "");
    assert_eq!(olga.follows(&next, "Edit “Saal 1”").await.heading(), "Saal 1");
    let unknown = next.path.rsplit_once('=').expect("a key").0;
    for key in ["01900000-0000-7000-8000-000000000000", "x", ""] {
        olga.opens(&format!("{unknown}={key}")).await.must_not_say("was added");
    }
}

#[tokio::test]
async fn two_thousand_sessions_can_be_selected_one_by_one() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    let form =
        olga.opens(SESSIONS).await.form("Save without publishing").choose_in("Change several", "Status", "Confirmed");
    let keys = (0..2000).map(|number| format!("&session=01900000-0000-7000-8000-{number:012}"));
    let body = form.body() + &keys.collect::<String>();
    let headers = [("sec-fetch-site", "same-origin")];
    let answer = olga.asks(reqwest::Method::POST, SESSIONS, &headers, Some(body.clone())).await;
    assert_eq!(answer.status(), 422);
    let page = answer.text().await.expect("a page");
    assert!(page.contains("One of the selected sessions no longer exists. Select again"), "{page}");
    // A form that no conference needs is refused.
    let answer = olga.asks(reqwest::Method::POST, SESSIONS, &headers, Some(body + &"&session=x".repeat(500))).await;
    assert_eq!(answer.status(), 400);
}
