//! The links of a session.

use super::editing::{SESSIONS, WORLD_CAFE, editor};
use crate::support::{LEIPZIG, TestApp};

const LINKS: &str = "https://www.theworldcafe.com How a World Café works\nhttps://www.leipzig.example/cafe";

#[tokio::test]
async fn the_links_of_a_session_are_on_its_page_and_in_its_history() {
    let app = TestApp::start().await;
    let (olga, anna) = (app.organiser().await, app.delegate());
    let page = format!("{LEIPZIG}/sessions/world-cafe");
    assert!(!anna.opens(&page).await.texts("h2").contains(&"Links".to_owned()));
    let form = editor(&olga, WORLD_CAFE).await.form("Save and publish").fill("Links", LINKS);
    let saved = olga.sends(form).await;
    saved.must_say("Saved and published.");
    assert_eq!(saved.form("Save and publish").value("Links"), LINKS);

    let links = anna.opens(&page).await.links();
    for (words, address) in [
        ("How a World Café works", "https://www.theworldcafe.com"),
        ("www.leipzig.example/cafe", "https://www.leipzig.example/cafe"),
    ] {
        assert!(links.contains(&(words.to_owned(), address.to_owned())), "{words}: {links:#?}");
    }

    let without = olga.sends(saved.form("Save and publish").fill("Links", "")).await;
    without.must_say("Saved and published.");
    let revisions = olga.follows(&without, "Revisions").await;
    olga.follows(&revisions, "Revision 2").await.must_say("How a World Café works");
    assert!(!anna.opens(&page).await.texts("h2").contains(&"Links".to_owned()));
}

#[tokio::test]
async fn a_session_with_a_link_that_is_no_web_address_is_refused_and_everything_typed_is_still_there() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    let new = olga.opens(&format!("{SESSIONS}/new?day=2018-05-29")).await.form("Save and publish");
    let bad = format!("{LINKS}\njavascript:alert(1) Slides");
    let refused = olga.sends(new.fill("Title", "Choir").fill("Links", &bad)).await;
    refused.must_be(422);
    let words = "Begin line 3 with a web address that starts with https:// or http://";
    assert_eq!(refused.error_beside("Links").as_deref(), Some(words));
    let form = refused.form("Save and publish");
    assert_eq!([form.value("Title"), form.value("Links")], ["Choir", &bad]);
}

#[tokio::test]
async fn the_links_that_two_people_add_to_a_session_are_merged() {
    let app = TestApp::start().await;
    let (olga, otto) = (app.organiser().await, app.organiser().await);
    let two = "https://a.example First\nhttps://b.example Second\nhttps://c.example Third";
    let form = editor(&olga, WORLD_CAFE).await.form("Save and publish").fill("Links", two);
    olga.sends(form).await.must_say("Saved and published.");
    let (hers, his) = (editor(&olga, WORLD_CAFE).await, editor(&otto, WORLD_CAFE).await);
    let hers = hers.form("Save and publish").fill("Links", &two.replace("First", "Start"));
    olga.sends(hers).await.must_say("Saved and published.");
    let both = otto.sends(his.form("Save and publish").fill("Links", &two.replace("Third", "End"))).await;
    both.must_be(409).must_say("Somebody saved this before you");
    let saved = otto.sends(both.form("Save and publish")).await;
    let links = saved.must_say("Saved and published.").form("Save and publish").value("Links");
    assert_eq!(links, "https://a.example Start\nhttps://b.example Second\nhttps://c.example End");
}
