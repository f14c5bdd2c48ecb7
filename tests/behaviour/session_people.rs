//! Who takes part in sessions: people are entered once and chosen in many sessions, and are in one place at a time.

use super::editing::{PEOPLE, SESSIONS, WORLD_CAFE, editor, person};
use crate::support::{LEIPZIG, Page, Person, TestApp};

/// Adds a session on Monday with these people.
async fn adds(olga: &Person, title: &str, hours: (&str, &str), people: &[(&str, &str)]) -> Page {
    let page = olga.opens(&format!("{SESSIONS}/new?day=2018-05-28")).await;
    let mut form = page.form("Save and publish").fill("Title", title).hours(hours.0, hours.1);
    for (number, (name, part)) in (1..).zip(people) {
        form = form.choose(&format!("Person {number}"), name).choose(&format!("Part of person {number}"), part);
    }
    olga.sends(form).await
}

#[tokio::test]
async fn people_stand_in_the_programme_on_the_page_in_the_calendar_and_in_search_engines() {
    let app = TestApp::start().await;
    let (olga, anna) = (app.organiser().await, app.delegate());
    let ada = person(&olga, "Ada Zaun").await;
    person(&olga, "Jan van der Berg").await;
    let facts = ada.form("Save and publish").fill("Job title", "CIO").fill("Organisation", "City of Turku");
    olga.sends(facts).await.must_say("Saved and published.");
    let people = [("Jan van der Berg", "Chair"), ("Ada Zaun (City of Turku)", "Speaker")];
    adds(&olga, "Opening", ("08:00", "09:00"), &people).await.must_say("Saved and published.");

    anna.opens(&format!("{LEIPZIG}/programme")).await.must_say("Jan van der Berg (chair), Ada Zaun");
    let page = anna.opens(&format!("{LEIPZIG}/sessions/opening")).await;
    assert_eq!(page.texts(".session-people li"), ["Jan van der Berg (chair)", "Ada Zaun CIO, City of Turku"]);
    let data = page.data();
    assert_eq!(data["performer"][1]["name"], "Ada Zaun");
    assert_eq!(data["performer"][1]["affiliation"]["name"], "City of Turku");
    let ada = anna.follows(&page, "Ada Zaun").await;
    assert_eq!((ada.heading().as_str(), ada.texts("h3")), ("Ada Zaun", vec!["Opening".to_owned()]));
    ada.must_say("Monday 28 May 2018, 08:00–09:00");
    let all = anna.follows(&ada, "All speakers").await;
    assert_eq!(all.texts("ul.speaker-topics li"), ["Opening (chair)", "Opening"]);
    anna.follows(&ada, "Opening").await.must_say("Ada Zaun");
    let calendar = anna.opens(&format!("{LEIPZIG}/sessions/opening.ics")).await.body.replace("\r\n ", "");
    assert!(calendar.contains("Jan van der Berg (chair)\\nAda Zaun\\, CIO\\, City of Turku"), "{calendar}");
    assert_eq!(olga.opens(PEOPLE).await.row("Ada Zaun")[3], "1");
}

#[tokio::test]
async fn a_person_with_a_new_name_has_it_in_all_sessions_and_calendar_entries_are_newer() {
    let app = TestApp::start().await;
    let (olga, anna) = (app.organiser().await, app.delegate());
    let ada = person(&olga, "Ada Zaun").await;
    for (title, hours) in [("Opening", ("08:00", "09:00")), ("Closing", ("19:00", "20:00"))] {
        adds(&olga, title, hours, &[("Ada Zaun", "Speaker")]).await.must_say("Saved and published.");
    }
    let sequence = async || {
        let calendar = anna.opens(&format!("{LEIPZIG}/sessions/closing.ics")).await.body;
        calendar.lines().find_map(|line| line.strip_prefix("SEQUENCE:").and_then(|number| number.parse::<i32>().ok()))
    };
    let before = sequence().await;
    let renamed = ada.form("Save and publish").fill("Name", "Ada Zaun-Meier");
    olga.sends(renamed).await.must_say("Saved and published.");
    for slug in ["opening", "closing"] {
        anna.opens(&format!("{LEIPZIG}/sessions/{slug}")).await.must_say("Ada Zaun-Meier");
    }
    assert!(sequence().await > before);
}

#[tokio::test]
async fn a_person_is_in_one_place_at_a_time_but_may_speak_in_a_part_of_the_session_that_they_chair() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    person(&olga, "Ada Zaun").await;
    adds(&olga, "Opening", ("09:00", "10:00"), &[("Ada Zaun", "Chair")]).await.must_say("Saved and published.");
    let refused = adds(&olga, "Elsewhere", ("09:30", "10:30"), &[("Ada Zaun", "Speaker")]).await;
    refused.must_be(422).must_say("Opening: Ada Zaun, Monday 28 May, 09:00 to 10:00.");
    assert_eq!(refused.form("Save and publish").value("Person 1"), "Ada Zaun");
    adds(&olga, "Afterwards", ("10:00", "10:30"), &[("Ada Zaun", "Speaker")]).await.must_say("Saved and published.");

    let part = olga.opens(&format!("{SESSIONS}/new")).await.form("Save and publish").fill("Title", "Her own talk");
    let part = part.choose("Part of", "Mon 28 May, 09:00 Opening").fill("Minutes after its start", "0");
    let part = part.fill("Length", "10").choose("Person 1", "Ada Zaun");
    olga.sends(part).await.must_say("Saved and published.");
}

#[tokio::test]
async fn a_person_chosen_twice_is_refused_and_the_form_keeps_both() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    person(&olga, "Ada Zaun").await;
    let refused = adds(&olga, "Opening", ("09:00", "10:00"), &[("Ada Zaun", "Chair"), ("Ada Zaun", "Speaker")]).await;
    refused.must_be(422).must_say("Choose each person once");
    let form = refused.form("Save and publish");
    assert_eq!([form.value("Person 2"), form.value("Part of person 1")], ["Ada Zaun", "Chair"]);
}

#[tokio::test]
async fn a_person_in_a_session_cannot_be_removed_and_one_that_is_published_with_it_comes_along() {
    let app = TestApp::start().await;
    let (olga, anna) = (app.organiser().await, app.delegate());
    let new = olga.opens(&format!("{PEOPLE}/new")).await.form("Save without publishing").fill("Name", "Ada Zaun");
    let ada = olga.sends(new).await;
    adds(&olga, "Opening", ("09:00", "10:00"), &[("Ada Zaun", "Speaker")]).await.must_say("Saved and published.");
    anna.opens(&format!("{LEIPZIG}/sessions/opening")).await.must_say("Ada Zaun");
    let refused = olga.sends(ada.form("Save and publish").choose("Status", "Removed")).await;
    refused.must_be(422);
    assert!(refused.error_beside("Status").is_some());
}

#[tokio::test]
async fn two_organisers_who_add_different_people_both_get_what_they_want() {
    let app = TestApp::start().await;
    let (olga, otto) = (app.organiser().await, app.organiser().await);
    for name in ["Ada Zaun", "Jan van der Berg"] {
        person(&olga, name).await;
    }
    let (hers, his) = (editor(&olga, WORLD_CAFE).await, editor(&otto, WORLD_CAFE).await);
    olga.sends(hers.form("Save and publish").choose("Person 1", "Ada Zaun")).await.must_say("Saved and published.");
    let mine = his.form("Save and publish").choose("Person 1", "Jan van der Berg").choose("Part of person 1", "Host");
    let conflict = otto.sends(mine).await;
    conflict.must_be(409).must_say("Your changes and theirs are both in this form.");
    let form = conflict.form("Save and publish");
    let mut both = [form.value("Person 1"), form.value("Person 2")];
    both.sort_unstable();
    assert_eq!(both, ["Ada Zaun", "Jan van der Berg"]);
    let saved = otto.sends(form).await;
    let history = otto.follows(&saved, "Revisions").await;
    let last = otto.follows(&history, "Revision 3").await;
    last.must_say("Jan van der Berg (host)").must_say("Ada Zaun");
}

#[tokio::test]
async fn of_somebody_who_was_entered_twice_one_remains_and_the_other_leads_there() {
    let app = TestApp::start().await;
    let (olga, anna) = (app.organiser().await, app.delegate());
    let first = person(&olga, "Ada Zaun").await;
    person(&olga, "Ada M. Zaun").await;
    let both = [("Ada Zaun", "Chair"), ("Ada M. Zaun", "Speaker")];
    adds(&olga, "Opening", ("08:00", "09:00"), &both[..1]).await.must_say("Saved and published.");
    adds(&olga, "Lunch talk", ("12:00", "12:30"), &both).await.must_say("Saved and published.");
    let page = olga.follows(&first, "Entered twice?").await;
    page.must_say("Opening").must_say("Lunch talk");
    let nobody = olga.sends(page.form("These are the same person")).await;
    nobody.must_be(422);
    assert_eq!(nobody.error_beside("The same person as").as_deref(), Some("Choose a person"));
    let form = page.form("These are the same person").choose("The same person as", "Ada M. Zaun");
    olga.sends(form).await.must_say("Now one person.").must_say("Opening").must_say("Lunch talk");

    // Nothing is public yet.
    anna.opens(&format!("{LEIPZIG}/speakers/ada-zaun")).await.must_say("Opening");
    let list = olga.opens(PEOPLE).await;
    assert_eq!((list.texts("tbody th"), list.row("Ada M. Zaun")[3].as_str()), (vec!["Ada M. Zaun".to_owned()], "2"));
    let removed = olga.follows(&list, "Ada Zaun").await;
    removed.must_say("This is the same person as Ada M. Zaun");
    let unpublished = olga.opens("/organisers/leipzig-2018/unpublished").await;
    olga.sends(unpublished.form("Publish all 3 changes")).await.must_say("is public now");
    let moved = anna.tries(&format!("{LEIPZIG}/speakers/ada-zaun")).await;
    assert_eq!((moved.redirected_by, moved.path.as_str()), (Some(301), "/leipzig-2018/speakers/ada-m-zaun"));
    assert_eq!(moved.texts("h3"), ["Opening", "Lunch talk"]);
    let talk = anna.opens(&format!("{LEIPZIG}/sessions/lunch-talk")).await;
    assert_eq!(talk.texts(".session-people li"), ["Ada M. Zaun"]);

    // They were not the same after all.
    let back = olga.sends(removed.form("Save and publish").choose("Status", "In use")).await;
    back.must_say("Saved and published.").must_not_say("This is the same person as");
    assert_eq!(anna.opens(&format!("{LEIPZIG}/speakers/ada-zaun")).await.heading(), "Ada Zaun");
}

#[tokio::test]
async fn two_people_in_two_places_at_the_same_time_are_not_the_same() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    let first = person(&olga, "Ada Zaun").await;
    person(&olga, "Jan Berg").await;
    adds(&olga, "Opening", ("08:00", "09:00"), &[("Ada Zaun", "Chair")]).await.must_say("Saved and published.");
    adds(&olga, "Side event", ("08:30", "09:30"), &[("Jan Berg", "Host")]).await.must_say("Saved and published.");
    let page = olga.follows(&first, "Entered twice?").await;
    let form = page.form("These are the same person").choose("The same person as", "Jan Berg");
    let refused = olga.sends(form).await;
    refused.must_be(422).must_say("“Opening” and “Side event”");
    assert_eq!(refused.form("These are the same person").value("The same person as"), "Jan Berg");
    assert_eq!(olga.opens(PEOPLE).await.row("Ada Zaun")[3], "1", "nothing has changed");
}

#[tokio::test]
async fn two_entries_that_lead_to_each_other_are_gone_and_not_an_endless_redirect() {
    let app = TestApp::start().await;
    let (olga, anna) = (app.organiser().await, app.delegate());
    let first = person(&olga, "Ada Zaun").await;
    let other = person(&olga, "Ada M. Zaun").await;
    let merge = async |page: &Page, into: &str| {
        let page = olga.follows(page, "Entered twice?").await;
        olga.sends(page.form("These are the same person").choose("The same person as", into)).await.must_be(200);
    };
    let removed = first.path.split('?').next().expect("a path").to_owned();
    let kept = other.path.split('?').next().expect("a path").to_owned();
    merge(&first, "Ada M. Zaun").await;
    let page = olga.opens("/organisers/leipzig-2018/unpublished").await;
    olga.sends(page.form("Publish this change")).await.must_say("is public now");
    assert_eq!(anna.opens(&format!("{LEIPZIG}/speakers/ada-zaun")).await.heading(), "Ada M. Zaun");

    let back = olga.opens(&removed).await.form("Save without publishing").choose("Status", "In use");
    olga.sends(back).await.must_say("Saved.");
    merge(&olga.opens(&kept).await, "Ada Zaun").await;
    let alone = olga.opens(&kept).await.form("Save and publish").fill("City", "Turku");
    olga.sends(alone).await.must_be(200);
    for slug in ["ada-zaun", "ada-m-zaun"] {
        anna.tries(&format!("{LEIPZIG}/speakers/{slug}")).await.must_be(410);
    }
}
