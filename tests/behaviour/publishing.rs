//! What organisers save without publishing it, and releases.

use super::editing::{PEOPLE, SESSIONS, WORLD_CAFE, editor, person, room};
use crate::support::{LEIPZIG, Person, TestApp};

const UNPUBLISHED: &str = "/organisers/leipzig-2018/unpublished";
const RELEASES: &str = "/organisers/leipzig-2018/releases";
const PUBLIC: &str = "/leipzig-2018/sessions/world-cafe";

/// The links to sessions' editors.
const LAKE: &str = "Topic 7: World Café by the lake";
const SKILLS: &str = "Topic 6: Internal and external skills: are local governments fit for the future?";

/// Changes the title of a session without publishing it.
async fn retitles(person: &Person, session: &str, title: &str) {
    let form = editor(person, session).await.form("Save without publishing").fill("Title", title);
    person.sends(form).await.must_be(200).must_say("Saved.").must_say("The public cannot read it yet.");
}

#[tokio::test]
async fn what_is_saved_without_publishing_becomes_public_with_the_rest() {
    let app = TestApp::start().await;
    let (olga, anna) = (app.organiser().await, app.delegate());
    retitles(&olga, WORLD_CAFE, "World Café by the lake").await;
    anna.opens(PUBLIC).await.must_not_say("by the lake");
    assert!(olga.opens(SESSIONS).await.row("World Café by the lake")[5].contains("not published"));
    editor(&olga, LAKE).await.must_say("not published yet");

    let page = olga.opens(UNPUBLISHED).await;
    page.must_say("Changed").must_say("World Café by the lake").must_say("The public reads now");
    let done = olga.sends(page.form("Publish this change").fill("What has changed", "A better place")).await;
    done.must_say("Release 2 is public now.").must_say("A better place");
    anna.opens(PUBLIC).await.must_say("World Café by the lake");
    olga.opens(UNPUBLISHED).await.must_say("There is nothing to publish");
}

#[tokio::test]
async fn the_same_words_are_published_by_the_other_button_without_a_new_revision() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    retitles(&olga, WORLD_CAFE, "World Café by the lake").await;
    let form = editor(&olga, LAKE).await.form("Save and publish");
    olga.sends(form).await.must_say("Saved and published.").must_say("Revision 2");
    app.delegate().opens(PUBLIC).await.must_say("World Café by the lake");
}

#[tokio::test]
async fn the_note_of_somebody_who_publishes_second_is_not_lost_and_they_hear_who_was_first() {
    let app = TestApp::start().await;
    let (olga, otto) = (app.organiser().await, app.organiser().await);
    retitles(&olga, WORLD_CAFE, "World Café by the lake").await;
    let form = async |person: &Person| person.opens(UNPUBLISHED).await.form("Publish this change");
    let (hers, his) = (form(&olga).await, form(&otto).await.fill("What has changed", "Now at the lake"));
    olga.sends(hers.clone()).await.must_say("Release 2 is public now.");
    let second = otto.sends(his).await;
    second.must_be(409).must_say("has published everything as release 2").must_say("“Now at the lake”");
    second.must_say(&olga.account.as_ref().expect("an account").name);
    // A form that was sent twice is no such case.
    olga.sends(hers).await.must_be(200).must_say("Release 2");
}

#[tokio::test]
async fn what_only_drafts_name_waits_with_them() {
    let app = TestApp::start().await;
    let (olga, anna) = (app.organiser().await, app.delegate());
    let new = olga.opens(&format!("{PEOPLE}/new")).await.form("Save without publishing");
    olga.sends(new.fill("Name", "Secret Guest")).await.must_say("Saved.");
    let new = olga.opens(&format!("{SESSIONS}/new?day=2018-05-28")).await.form("Save without publishing");
    let new = new.fill("Title", "Keynote").choose("Status", "Draft").choose("Person 1", "Secret Guest");
    let keynote = olga.sends(new).await;
    keynote.must_say("Saved.");
    retitles(&olga, WORLD_CAFE, "World Café by the lake").await;
    let speaker = format!("{LEIPZIG}/speakers/secret-guest");

    let page = olga.opens(UNPUBLISHED).await;
    page.must_say("Person: Secret Guest").must_say("Session: Keynote");
    olga.sends(page.form("Publish this change")).await.must_say("Release 2 is public now.");
    anna.tries(&speaker).await.must_be(404);
    let confirmed = keynote.form("Save without publishing").choose("Status", "Confirmed");
    olga.sends(confirmed).await.must_say("Saved.");
    let page = olga.opens(UNPUBLISHED).await;
    olga.sends(page.form("Publish all 2 changes")).await.must_say("Release 3 is public now.");
    anna.opens(&speaker).await.must_say("Keynote");
}

#[tokio::test]
async fn whoever_withdraws_a_session_hears_that_the_public_cannot_read_it_any_more() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    let form = editor(&olga, SKILLS).await.form("Save and publish").choose("Status", "Withdrawn");
    let saved = olga.sends(form).await;
    saved.must_say("The public cannot read it any more.").must_not_say("It is public now");
}

#[tokio::test]
async fn undoing_an_unpublished_save_publishes_nothing() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    let form = editor(&olga, WORLD_CAFE).await.form("Save without publishing").fill("Title", "Wrong");
    let saved = olga.sends(form).await;
    let undone = olga.sends(saved.form("Undo this save")).await;
    undone.must_say("Saved.").must_not_say("published.");
    assert_eq!(undone.heading(), "World Café");
    olga.opens(RELEASES).await.must_say("Release 1").must_not_say("Release 2");
}

#[tokio::test]
async fn a_draft_is_for_organisers_until_it_has_another_status() {
    let app = TestApp::start().await;
    let (olga, anna) = (app.organiser().await, app.delegate());
    let new = olga.opens(&format!("{SESSIONS}/new?day=2018-05-29")).await.form("Save and publish");
    let draft = new.fill("Title", "Secret keynote").hours("18:00", "19:00");
    let draft = draft.choose("Status", "Draft");
    let refused = olga.sends(draft.clone()).await;
    refused.must_be(422).must_say("A draft is not public. Save it without publishing");
    let saved = olga.sends(refused.form("Save without publishing")).await;
    saved.must_say("The public cannot read it yet.").must_say("not public");
    anna.tries(&format!("{LEIPZIG}/sessions/secret-keynote")).await.must_be(404);
    anna.opens(&format!("{LEIPZIG}/programme")).await.must_not_say("Secret keynote");

    // Publishing the rest leaves it alone.
    retitles(&olga, WORLD_CAFE, "World Café by the lake").await;
    let page = olga.opens(UNPUBLISHED).await;
    page.must_say("Drafts").must_say("Secret keynote");
    olga.sends(page.form("Publish this change")).await.must_be(200);
    anna.tries(&format!("{LEIPZIG}/sessions/secret-keynote")).await.must_be(404);

    let ready = editor(&olga, "Secret keynote").await.form("Save and publish").choose("Status", "Confirmed");
    olga.sends(ready).await.must_say("Saved and published.");
    anna.opens(&format!("{LEIPZIG}/sessions/secret-keynote")).await.must_say("Secret keynote");
    let back = editor(&olga, "Secret keynote").await.form("Save without publishing").choose("Status", "Draft");
    olga.sends(back).await.must_be(422).must_say("It can be cancelled or withdrawn");
}

#[tokio::test]
async fn a_cancelled_session_stays_readable_and_its_calendar_entry_is_cancelled() {
    let app = TestApp::start().await;
    let (olga, anna) = (app.organiser().await, app.delegate());
    let form = editor(&olga, WORLD_CAFE).await.form("Save and publish").choose("Status", "Cancelled");
    olga.sends(form).await.must_say("Saved and published.");
    let page = anna.opens(PUBLIC).await;
    page.must_say("This session does not take place.");
    assert!(page.body.contains("https://schema.org/EventCancelled"), "{}", page.body);
    assert!(page.title().starts_with("Cancelled: World Café"), "{}", page.title());
    for (property, beginning) in [("og:title", "Cancelled: World Café"), ("og:description", "Cancelled: ")] {
        let content = page.attributes(&format!("meta[property='{property}']"), "content");
        assert!(content[0].starts_with(beginning), "{content:?}");
    }
    let calendar = anna.opens(&format!("{PUBLIC}.ics")).await;
    for line in ["STATUS:CANCELLED", "SUMMARY:Cancelled: World Café"] {
        assert!(calendar.body.lines().any(|have| have == line), "{line} is missing:\n{}", calendar.body);
    }
    anna.opens("/").await.must_not_say("Wed 30 May, 10:45");
}

#[tokio::test]
async fn a_cancelled_session_stands_marked_in_its_place_in_the_list_and_below_the_timetable() {
    let app = TestApp::start().await;
    let (olga, anna) = (app.organiser().await, app.delegate());
    for name in ["Saal 1", "Saal 2"] {
        room(&olga, name).await;
    }
    person(&olga, "Ada Zaun").await;
    let put = async |title: &str, room: &str, status: &str, hours: (&str, &str)| {
        let new = olga.opens(&format!("{SESSIONS}/new?day=2018-05-29")).await.form("Save and publish");
        let form = new.fill("Title", title).hours(hours.0, hours.1).tick_in("Rooms", room).choose("Status", status);
        olga.sends(form.choose("Person 1", "Ada Zaun")).await.must_say("Saved and published.");
    };
    put("Choir", "Saal 1", "Cancelled", ("18:00", "19:00")).await;
    put("Late talk", "Saal 2", "Confirmed", ("19:00", "20:00")).await;
    put("Dance", "Saal 2", "Confirmed", ("18:00", "19:00")).await;
    let programme = anna.opens(&format!("{LEIPZIG}/programme?day=2018-05-29")).await;
    let list = programme.texts(".day-slots > li:not(.again)");
    let evening: Vec<_> = list.iter().map(String::as_str).filter(|entry| entry.contains("Ada Zaun")).collect();
    assert_eq!(
        evening,
        [
            "18:00–19:00 Dance 18:00–19:00 · Talk · Saal 2 Ada Zaun",
            "Choir 18:00–19:00 · Talk · Saal 1 cancelled Ada Zaun",
            "19:00–20:00 Late talk 19:00–20:00 · Talk · Saal 2 Ada Zaun",
        ]
    );
    // Nothing else takes place in Saal 1, so it has no column.
    assert_eq!(programme.texts(".rooms .room"), ["Saal 2"]);
    assert_eq!(
        programme.texts("[aria-label='Cancelled on Tuesday 29 May'] li"),
        ["Choir 18:00–19:00 · Talk · Saal 1 cancelled Ada Zaun"]
    );
}

#[tokio::test]
async fn a_withdrawn_session_is_gone_from_every_list_and_its_page_answers_410() {
    let app = TestApp::start().await;
    let (olga, anna) = (app.organiser().await, app.delegate());
    let form = editor(&olga, WORLD_CAFE).await.form("Save and publish").choose("Status", "Withdrawn");
    olga.sends(form).await.must_say("Saved and published.");
    for path in [PUBLIC.to_owned(), format!("{PUBLIC}.ics")] {
        let page = anna.tries(&path).await;
        page.must_be(410).must_say("This session is no longer in the programme");
        assert_eq!(page.link("Read the programme"), format!("{LEIPZIG}/programme"));
        assert_eq!(page.link("What has changed"), format!("{LEIPZIG}/changes"));
    }
    for path in [format!("{LEIPZIG}/programme"), format!("{LEIPZIG}/programme.ics"), "/sitemap.xml".to_owned()] {
        let body = anna.opens(&path).await.body;
        assert!(!body.contains("sessions/world-cafe"), "{path}: {body}");
    }
    // It can come back.
    let form = editor(&olga, WORLD_CAFE).await.form("Save and publish").choose("Status", "Confirmed");
    olga.sends(form).await.must_say("Saved and published.");
    anna.opens(PUBLIC).await.must_not_say("does not take place");
}

#[tokio::test]
async fn cancelling_a_session_frees_its_room() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    room(&olga, "Saal 1").await;
    let put = async |session: &str, status: &str, start: &str, end: &str| {
        let form = editor(&olga, session).await.form("Save and publish").in_room("Saal 1");
        olga.sends(form.choose("Status", status).choose("Day", "Monday 28 May").hours(start, end)).await
    };
    put(SKILLS, "Confirmed", "09:00", "10:00").await.must_say("Saved and published.");
    put(WORLD_CAFE, "Confirmed", "09:30", "10:30").await.must_be(422).must_say(": Saal 1, Monday 28 May");
    put(SKILLS, "Cancelled", "09:00", "10:00").await.must_say("Saved and published.");
    put(WORLD_CAFE, "Confirmed", "09:30", "10:30").await.must_say("Saved and published.");
    put(SKILLS, "Confirmed", "09:00", "10:00").await.must_be(422).must_say(": Saal 1, Monday 28 May");
}

#[tokio::test]
async fn what_the_public_still_reads_keeps_a_room_until_both_are_published_together() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    room(&olga, "Saal 1").await;
    let put = async |session: &str, button: &str, start: &str, end: &str| {
        let form = editor(&olga, session).await.form(button).in_room("Saal 1").choose("Day", "Monday 28 May");
        olga.sends(form.hours(start, end)).await
    };
    put(WORLD_CAFE, "Save and publish", "09:00", "10:00").await.must_say("Saved and published.");
    put(WORLD_CAFE, "Save without publishing", "11:00", "12:00").await.must_say("Saved.");
    let refused = put(SKILLS, "Save and publish", "09:00", "10:00").await;
    refused
        .must_be(422)
        .must_say("the public still reads that they have the same rooms")
        .must_say("World Café: Saal 1, ");
    // What it needs is offered with it.
    let together = olga.sends(refused.form("Save and publish together with “World Café”")).await;
    together.must_say("Saved and published.");
    for (slug, hours) in [("skills", "09:00–10:00"), ("world-cafe", "11:00–12:00")] {
        app.delegate().opens(&format!("{LEIPZIG}/sessions/{slug}")).await.must_say(hours);
    }
    put(WORLD_CAFE, "Save without publishing", "13:00", "14:00").await.must_say("Saved.");
    let refused = put(SKILLS, "Save and publish", "11:00", "12:00").await;
    olga.sends(refused.form("Save without publishing")).await.must_say("Saved.");
    let page = olga.opens(UNPUBLISHED).await;
    page.must_say("Moved");
    olga.sends(page.form("Publish all 2 changes")).await.must_say("is public now.");
    let programme = app.delegate().opens(&format!("{LEIPZIG}/sessions/skills")).await;
    programme.must_say("11:00–12:00").must_say("Saal 1");
}

#[tokio::test]
async fn a_release_is_taken_back_in_one_click_and_the_draft_stays() {
    let app = TestApp::start().await;
    let (olga, anna) = (app.organiser().await, app.delegate());
    let form = editor(&olga, WORLD_CAFE).await.form("Save and publish").fill("Title", "World Café by the lake");
    olga.sends(form).await.must_say("Saved and published.");
    let new = olga.opens(&format!("{SESSIONS}/new?day=2018-05-29")).await.form("Save and publish");
    olga.sends(new.fill("Title", "Choir").hours("18:00", "19:00")).await.must_be(200);

    let release = olga.follows(&olga.opens(RELEASES).await, "Release 2").await;
    release.must_say("Changed: World Café").must_say("No longer public: Choir");
    let done = olga.sends(release.form("Take back release 2")).await;
    done.must_say("Release 4 is public now.").must_say("Took back release 2 and those after it");
    assert_eq!(anna.opens(PUBLIC).await.heading(), "World Café");
    anna.tries(&format!("{LEIPZIG}/sessions/choir")).await.must_be(404);

    // What was saved is still there, and can be published again.
    let page = olga.opens(UNPUBLISHED).await;
    olga.sends(page.form("Publish all 2 changes")).await.must_say("Release 5 is public now.");
    assert_eq!(anna.opens(PUBLIC).await.heading(), "World Café by the lake");
    anna.opens(&format!("{LEIPZIG}/sessions/choir")).await.must_say("Choir");
}

#[tokio::test]
async fn publishing_while_another_saves_shows_the_new_change_first() {
    let app = TestApp::start().await;
    let (olga, otto) = (app.organiser().await, app.organiser().await);
    retitles(&olga, WORLD_CAFE, "World Café by the lake").await;
    let page = olga.opens(UNPUBLISHED).await;
    retitles(&otto, SKILLS, "Skills").await;
    let stale = olga.sends(page.form("Publish this change").fill("What has changed", "The lake")).await;
    stale.must_be(409).must_say("Somebody saved or published something").must_say("Skills");
    app.delegate().opens(PUBLIC).await.must_not_say("by the lake");
    let done = olga.sends(stale.form("Publish all 2 changes")).await;
    done.must_say("Release 2 is public now.").must_say("The lake");
}

#[tokio::test]
async fn taking_back_a_release_while_another_publishes_shows_the_new_release_first() {
    let app = TestApp::start().await;
    let (olga, otto) = (app.organiser().await, app.organiser().await);
    let publishes = async |person: &Person, session: &str, title: &str| {
        let form = editor(person, session).await.form("Save and publish").fill("Title", title);
        person.sends(form).await.must_say("Saved and published.");
    };
    publishes(&olga, WORLD_CAFE, "World Café by the lake").await;
    let page = olga.opens(&format!("{RELEASES}/2")).await;
    publishes(&otto, SKILLS, "Skills").await;
    let stale = olga.sends(page.form("Take back release 2")).await;
    stale.must_be(409).must_say("Not taken back yet.").must_say("Changed: Internal and external skills");
    assert_eq!(app.delegate().opens(PUBLIC).await.heading(), "World Café by the lake");

    // A publication that would be cancelled has to be seen, too.
    let later = otto.opens(UNPUBLISHED).await.form("Publish at this time").fill("Date and time", "2090-01-11T10:00");
    otto.sends(later).await.must_say("Scheduled.");
    let stale = olga.sends(stale.form("Take back release 2")).await;
    stale.must_be(409).must_say("Wednesday 11 January 2090");
    let form = stale.form("Take back release 2");
    olga.sends(form.clone()).await.must_say("Release 4 is public now.");
    assert_eq!(app.delegate().opens(PUBLIC).await.heading(), "World Café");
    olga.sends(form).await.must_be(200).must_say("The public already reads the programme as it was before");
}

#[tokio::test]
async fn giving_way_to_the_same_words_publishes_nothing() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    let new = olga.opens(&format!("{SESSIONS}/new?day=2018-05-29")).await.form("Save without publishing");
    let draft = new.fill("Title", "Choir").hours("18:00", "19:00");
    let draft = olga.sends(draft.choose("Status", "Draft")).await;
    let waiting = editor(&olga, WORLD_CAFE).await.form("Save without publishing").fill("Title", "By the lake");
    for saved in [draft, olga.sends(waiting).await] {
        let same = olga.sends(saved.form("Save and publish").forge("decision", "theirs")).await;
        same.must_be(200).must_say("Nothing to save.");
    }
    olga.opens(RELEASES).await.must_not_say("Release 2");
}

#[tokio::test]
async fn what_has_become_a_draft_stays_hidden_when_a_release_is_taken_back() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    let new = olga.opens(&format!("{SESSIONS}/new?day=2018-05-29")).await.form("Save and publish");
    olga.sends(new.fill("Title", "Choir").hours("18:00", "19:00")).await.must_be(200);
    let form = editor(&olga, WORLD_CAFE).await.form("Save and publish").fill("Title", "By the lake");
    olga.sends(form).await.must_be(200);
    let release = olga.opens(&format!("{RELEASES}/2")).await;
    olga.sends(release.form("Take back release 2")).await.must_say("Release 4 is public now.");
    let draft = editor(&olga, "Choir").await.form("Save without publishing").choose("Status", "Draft");
    olga.sends(draft).await.must_say("Saved.");
    let release = olga.opens(&format!("{RELEASES}/4")).await;
    release.must_say("It has become a draft again, so it stays hidden: Choir");
    olga.sends(release.form("Take back release 4")).await.must_say("Release 5 is public now.");
    assert_eq!(app.delegate().opens(PUBLIC).await.heading(), "By the lake");
    app.delegate().tries(&format!("{LEIPZIG}/sessions/choir")).await.must_be(404);
}

#[tokio::test]
async fn a_double_click_makes_one_release() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    retitles(&olga, WORLD_CAFE, "World Café by the lake").await;
    let form = olga.opens(UNPUBLISHED).await.form("Publish this change");
    let mut clicks = tokio::task::JoinSet::new();
    for _ in 0..4 {
        let (olga, form) = (olga.clone(), form.clone());
        clicks.spawn(async move { olga.sends(form).await.status });
    }
    assert_eq!(clicks.join_all().await, [200; 4]);
    let releases: i64 = sqlx::query_scalar("select count(*) from release").fetch_one(&app.db).await.expect("a number");
    assert_eq!(releases, 2);
}
