//! People who take part in sessions, such as speakers, whom organisers edit like sessions.

use super::editing::{PEOPLE, person};
use crate::support::{LEIPZIG, TestApp};

#[tokio::test]
async fn people_are_listed_by_their_last_names_and_two_may_have_the_same_name() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    for name in ["Željka Šimić", "Anna Maria Schmidt", "Jan van der Berg", "Ada Zaun", "Anna Maria Schmidt"] {
        person(&olga, name).await;
    }
    let names = ["Jan van der Berg", "Anna Maria Schmidt", "Anna Maria Schmidt", "Željka Šimić", "Ada Zaun"];
    assert_eq!(olga.opens(PEOPLE).await.texts("tbody th"), names);

    // The sort name follows from the name until somebody gives one.
    let jan = olga.follows(&olga.opens(PEOPLE).await, "Jan van der Berg").await.form("Save and publish");
    assert_eq!(jan.value("Sorted as"), "");
    olga.sends(jan.fill("Sorted as", "van der Berg, Jan")).await.must_say("Saved and published.");
    assert_eq!(olga.opens(PEOPLE).await.texts("tbody th")[3], "Jan van der Berg");
}

#[tokio::test]
async fn everything_about_a_person_is_saved_and_shown_in_the_history() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    let new = olga.opens(&format!("{PEOPLE}/new")).await.form("Save and publish");
    let facts = [
        ("Name", "Dr. Anna Schmidt"),
        ("Job title", "Chief Information Officer"),
        ("Organisation", "City of Turku"),
        ("City", "Turku"),
        ("Text", "Anna builds **data** services."),
        ("Links", "https://www.turku.example City of Turku\nhttps://social.example/@anna"),
    ];
    let full = facts.into_iter().fold(new, |form, (label, value)| form.fill(label, value)).choose("Country", "Finland");
    let saved = olga.sends(full).await;
    saved.must_say("Saved and published.");
    let form = saved.form("Save and publish");
    for (label, value) in facts {
        assert_eq!(form.value(label), value);
    }
    assert_eq!(form.value("Country"), "Finland");
    olga.opens(PEOPLE).await.must_say("City of Turku, Turku").must_say("Chief Information Officer");
    let revisions = olga.follows(&saved, "Revisions").await;
    olga.follows(&revisions, "Revision 1").await.must_say("Finland").must_say("In use");
}

#[tokio::test]
async fn a_link_that_is_no_web_address_is_refused_with_its_line_and_everything_typed_is_still_there() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    let new = olga.opens(&format!("{PEOPLE}/new")).await.form("Save and publish").fill("Name", "Anna Schmidt");
    for bad in ["javascript:alert(1) Home page", "data:text/html,hello", "www.city.example", "Home page"] {
        let links = format!("https://city.example City\n{bad}");
        let refused = olga.sends(new.clone().fill("Links", &links)).await;
        refused.must_be(422);
        let words = "Begin line 2 with a web address that starts with https:// or http://";
        assert_eq!(refused.error_beside("Links").as_deref(), Some(words), "{bad}");
        let form = refused.form("Save and publish");
        assert_eq!([form.value("Name"), form.value("Links")], ["Anna Schmidt", &links]);
    }
    let many = "https://city.example\n".repeat(11);
    let refused = olga.sends(new.clone().fill("Links", &many)).await;
    assert_eq!(refused.error_beside("Links").as_deref(), Some("Give at most 10 links"));
    let nobody = olga.sends(new.fill("Name", " ")).await;
    assert_eq!(nobody.error_beside("Name").as_deref(), Some("Give the name"));
}

#[tokio::test]
async fn two_people_who_change_different_facts_of_a_person_lose_nothing() {
    let app = TestApp::start().await;
    let (olga, otto) = (app.organiser().await, app.organiser().await);
    person(&olga, "Anna Schmidt").await;
    let [hers, his] = [olga.opens(PEOPLE).await, otto.opens(PEOPLE).await];
    let (hers, his) = (olga.follows(&hers, "Anna Schmidt").await, otto.follows(&his, "Anna Schmidt").await);
    olga.sends(hers.form("Save and publish").fill("City", "Turku")).await.must_say("Saved and published.");
    let both = otto.sends(his.form("Save and publish").fill("Job title", "Mayor")).await;
    both.must_be(409).must_say("Somebody saved this before you");
    let saved = otto.sends(both.form("Save and publish")).await;
    let form = saved.must_say("Saved and published.").form("Save and publish");
    assert_eq!(["City", "Job title"].map(|label| form.value(label)), ["Turku", "Mayor"]);
}

#[tokio::test]
async fn a_person_who_was_removed_is_listed_apart_and_can_come_back() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    let saved = person(&olga, "Anna Schmidt").await;
    let removed = olga.sends(saved.form("Save and publish").choose("Status", "Removed")).await;
    removed.must_say("Saved and published.");
    let list = olga.opens(PEOPLE).await;
    assert!(list.says("Removed") && list.texts("tbody th").is_empty());
    let back = olga.follows(&list, "Anna Schmidt").await.form("Save and publish").choose("Status", "In use");
    olga.sends(back).await.must_say("Saved and published.");
    assert_eq!(olga.opens(PEOPLE).await.texts("tbody th"), ["Anna Schmidt"]);
}

#[tokio::test]
async fn the_public_reads_of_everybody_who_was_published() {
    let app = TestApp::start().await;
    let (olga, visitor) = (app.organiser().await, app.delegate());
    let speakers = format!("{LEIPZIG}/speakers");
    visitor.opens(&speakers).await.must_say("will be announced here");
    assert!(visitor.opens(LEIPZIG).await.find_link("Speakers").is_none(), "nobody speaks yet");
    person(&olga, "Željka Šimić").await;
    let new = olga.opens(&format!("{PEOPLE}/new")).await.form("Save without publishing").fill("Name", "Ben Huber");
    olga.sends(new).await.must_say("Saved.");
    let new = olga.opens(&format!("{PEOPLE}/new")).await.form("Save and publish").fill("Name", "Anna Maria Schmidt");
    let new = new.fill("Job title", "Mayor").fill("Organisation", "City of Turku").fill("City", "Turku");
    let new = new.choose("Country", "Finland").fill("Text", "She **builds** data services.");
    let saved = olga.sends(new.fill("Links", "https://turku.example/ City of Turku\nhttps://anna.example/me/")).await;
    saved.must_say("Saved and published.");

    let list = visitor.follows(&visitor.opens(LEIPZIG).await, "Speakers").await;
    assert_eq!(list.texts("main h2"), ["Anna Maria Schmidt", "Željka Šimić"]);
    list.must_say("Mayor, City of Turku").must_say("Turku, Finland").must_not_say("Ben Huber");
    let anna = visitor.follows(&list, "Anna Maria Schmidt").await;
    assert_eq!(
        (anna.heading().as_str(), anna.path.as_str()),
        ("Anna Maria Schmidt", "/leipzig-2018/speakers/anna-maria-schmidt")
    );
    anna.must_say("She builds data services.");
    assert_eq!(
        [anna.link("City of Turku"), anna.link("anna.example/me")],
        ["https://turku.example/", "https://anna.example/me/"]
    );
    let data = anna.data();
    assert_eq!([&data["@type"], &data["jobTitle"], &data["worksFor"]["name"]], ["Person", "Mayor", "City of Turku"]);
    let sitemap = visitor.opens("/sitemap.xml").await.body;
    assert!(sitemap.contains("/speakers/anna-maria-schmidt<") && !sitemap.contains("ben-huber"));

    let removed = olga.sends(saved.form("Save and publish").choose("Status", "Removed")).await;
    removed.must_say("Saved and published.");
    visitor.tries(&anna.path).await.must_be(410);
    visitor.opens(&speakers).await.must_not_say("Anna");
    assert!(!visitor.opens("/sitemap.xml").await.body.contains("anna-maria-schmidt"));
    visitor.tries(&format!("{speakers}/ben-huber")).await.must_be(404);
}

#[tokio::test]
async fn people_with_the_same_name_have_different_pages() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    for _ in 0..2 {
        person(&olga, "Anna Schmidt").await;
    }
    for slug in ["anna-schmidt", "anna-schmidt-2"] {
        assert_eq!(app.delegate().opens(&format!("{LEIPZIG}/speakers/{slug}")).await.heading(), "Anna Schmidt");
    }
}

#[tokio::test]
async fn the_address_of_a_person_can_be_changed_and_the_old_one_leads_there() {
    let app = TestApp::start().await;
    let (olga, visitor) = (app.organiser().await, app.delegate());
    let saved = person(&olga, "Anna Schmidt").await;
    let form = saved.form("Save and publish").fill("Name", "Anna Huber").fill("Address of the page", "anna-huber");
    olga.sends(form).await.must_say("Saved and published.");
    let moved = visitor.tries(&format!("{LEIPZIG}/speakers/anna-schmidt")).await;
    assert_eq!((moved.redirected_by, moved.heading().as_str()), (Some(301), "Anna Huber"));
}
