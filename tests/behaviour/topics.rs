//! The topics of the conference, which organisers edit like sessions.

use super::editing::{SESSIONS, WORLD_CAFE, editor};
use crate::support::{LEIPZIG, Page, Person, TestApp};

const TOPICS: &str = "/organisers/leipzig-2018/topics";

async fn topic_editor(person: &Person, title: &str) -> Page {
    person.follows(&person.opens(TOPICS).await, title).await
}

#[tokio::test]
async fn a_topics_new_title_is_read_on_every_page_once_it_is_published() {
    let app = TestApp::start().await;
    let (olga, anna) = (app.organiser().await, app.delegate());
    let form = topic_editor(&olga, "World Café").await.form("Save without publishing");
    olga.sends(form.fill("Title", "Tables for all").fill("Description", "Bring a question.")).await.must_say("Saved.");
    anna.opens("/").await.must_not_say("Tables for all");
    let page = olga.opens("/organisers/leipzig-2018/unpublished").await;
    olga.sends(page.form("Publish this change")).await.must_say("is public now");
    anna.opens("/").await.must_say("Tables for all").must_say("Bring a question.");
    anna.opens(&format!("{LEIPZIG}/programme?topic=world-cafe")).await.must_say("Topic: Tables for all");
    anna.opens(&format!("{LEIPZIG}/sessions/world-cafe")).await.must_say("7 Tables for all");
}

#[tokio::test]
async fn a_new_topic_gets_the_next_number_and_can_be_chosen_for_sessions() {
    let app = TestApp::start().await;
    let (olga, anna) = (app.organiser().await, app.delegate());
    let new = olga.opens(&format!("{TOPICS}/new")).await.form("Save without publishing");
    assert_eq!([new.value("Number"), new.value("Colour")], ["8", "Teal"]);
    olga.sends(new.fill("Title", "Trust in public data")).await.must_say("Saved.");
    let form = editor(&olga, WORLD_CAFE).await.form("Save and publish").choose("Topic", "8 Trust in public data");
    olga.sends(form).await.must_say("Saved and published.");
    // The topic is published with the session that needs it.
    let programme = anna.opens(&format!("{LEIPZIG}/programme?topic=trust-in-public-data")).await;
    programme.must_say("Topic: Trust in public data").must_say("World Café");
    assert_eq!(olga.opens(SESSIONS).await.row("World Café")[2], "8Topic 8: World Café");
}

#[tokio::test]
async fn two_topics_cannot_have_the_same_title_or_number() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    let new = olga.opens(&format!("{TOPICS}/new")).await.form("Save and publish");
    let words = "Another topic already has this title or this number. Give another one";
    for (title, number) in [("WORLD CAFÉ", "8"), ("Trust", "7")] {
        let refused = olga.sends(new.clone().fill("Title", title).fill("Number", number)).await;
        refused.must_be(422);
        assert_eq!(refused.error_beside("Title").as_deref(), Some(words), "{title} {number}");
    }
    let refused = olga.sends(new.fill("Title", "Trust").fill("Number", "100")).await;
    assert_eq!(refused.error_beside("Number").as_deref(), Some("Give a whole number from 1 to 99"));
}

#[tokio::test]
async fn a_number_that_is_still_used_in_public_is_said_beside_the_session_that_needs_it() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    let form = topic_editor(&olga, "World Café").await.form("Save without publishing").fill("Number", "8");
    olga.sends(form).await.must_say("Saved.");
    let new = olga.opens(&format!("{TOPICS}/new")).await.form("Save without publishing");
    olga.sends(new.fill("Title", "Trust").fill("Number", "7")).await.must_say("Saved.");
    let cafe = editor(&olga, "Topic 8: World Café").await.form("Save and publish").choose("Topic", "7 Trust");
    let refused = olga.sends(cafe).await;
    refused.must_be(422).must_say("the public still reads its name or number of another one");
    olga.sends(refused.form("Save without publishing")).await.must_say("Saved.");
    let page = olga.opens("/organisers/leipzig-2018/unpublished").await;
    olga.sends(page.form("Publish all 3 changes")).await.must_say("is public now");
}

#[tokio::test]
async fn withdrawing_a_session_publishes_no_topic() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    let new = olga.opens(&format!("{TOPICS}/new")).await.form("Save without publishing");
    olga.sends(new.fill("Title", "Merger")).await.must_say("Saved.");
    let form = editor(&olga, WORLD_CAFE).await.form("Save and publish").choose("Topic", "8 Merger");
    olga.sends(form.choose("Status", "Withdrawn")).await.must_say("Saved and published.");
    app.delegate().opens(&format!("{LEIPZIG}/programme")).await.must_not_say("Merger");
}

#[tokio::test]
async fn a_topic_of_a_session_cannot_be_removed_and_an_unused_one_can() {
    let app = TestApp::start().await;
    let (olga, anna) = (app.organiser().await, app.delegate());
    let remove = async || {
        let form = topic_editor(&olga, "World Café").await.form("Save and publish");
        olga.sends(form.choose("Status", "Removed")).await
    };
    let refused = remove().await;
    refused
        .must_be(422)
        .must_say("Sessions are about this topic, as listed under “In the way”. Give them another one first");
    let form = editor(&olga, WORLD_CAFE).await.form("Save and publish").choose("Topic", "No topic");
    olga.sends(form).await.must_say("Saved and published.");
    remove().await.must_say("Saved and published.");
    anna.opens(&format!("{LEIPZIG}/programme")).await.must_say("World Café");
    let filtered = anna.opens(&format!("{LEIPZIG}/programme?topic=world-cafe")).await;
    filtered.must_say("We could not find that day or topic");
    assert_eq!(anna.opens("/").await.texts("ol.topic-list li").len(), 6);
}
