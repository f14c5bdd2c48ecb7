//! What the page and the feed of changes say of rooms, kinds of sessions, topics, people, pages and the conference.

use super::changes::{CHANGES, FEED, RELEASES, changes};
use super::editing::{PAGES, PEOPLE, ROOMS, person, room};
use crate::support::{Form, LEIPZIG, Person, TestApp};

const ORGANISERS: &str = "/organisers/leipzig-2018";

/// Changes an item in a list and publishes it.
async fn publishes(olga: &Person, list: &str, title: &str, change: impl FnOnce(Form) -> Form) {
    let editor = olga.follows(&olga.opens(list).await, title).await;
    olga.sends(change(editor.form("Save and publish"))).await.must_say("Saved and published.");
}

#[tokio::test]
async fn rooms_kinds_and_topics_are_listed_with_their_names_before() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    room(&olga, "Saal 1").await;
    publishes(&olga, ROOMS, "Saal 1", |form| form.fill("Changeover", "15")).await;
    publishes(&olga, ROOMS, "Saal 1", |form| form.fill("Name", "Saal 5")).await;
    publishes(&olga, ROOMS, "Saal 5", |form| form.choose("Status", "Removed")).await;
    publishes(&olga, ROOMS, "Saal 5", |form| form.choose("Status", "In use")).await;
    publishes(&olga, &format!("{ORGANISERS}/session-kinds"), "Plenary", |form| {
        form.fill("Name", "Keynote").fill("Description", "Everybody in one room.")
    })
    .await;
    publishes(&olga, &format!("{ORGANISERS}/topics"), "World Café", |form| {
        form.fill("Title", "Tables for all").fill("Number", "8")
    })
    .await;
    assert_eq!(
        changes(&app).await,
        [
            "Changed Tables for all (topic) What has changed: the title and the number. The title was “World Café”.",
            "Changed Keynote (kind of session) What has changed: the name and the description. The name was “Plenary”.",
            "New Saal 5 (room)",
            "Removed Saal 5 (room)",
            "Changed Saal 5 (room) What has changed: the name. The name was “Saal 1”.",
            "New Saal 1 (room)",
        ]
    );
    let anna = app.delegate();
    let topic = anna.follows(&anna.opens(CHANGES).await, "Tables for all").await;
    topic.must_say("Topic: Tables for all");
}

#[tokio::test]
async fn a_speaker_is_listed_with_what_changed_but_without_former_names() {
    let app = TestApp::start().await;
    let (olga, anna) = (app.organiser().await, app.delegate());
    person(&olga, "Ada Zaun").await;
    publishes(&olga, PEOPLE, "Ada Zaun", |form| {
        form.fill("Job title", "Mayor").fill("Organisation", "City of Turku").fill("Sorted as", "Zaun")
    })
    .await;
    publishes(&olga, PEOPLE, "Ada Zaun", |form| form.fill("Name", "Ada Berg")).await;
    assert_eq!(
        changes(&app).await,
        [
            "Changed Ada Berg (speaker) What has changed: the name.",
            "Changed Ada Berg (speaker) What has changed: the job title and the organisation.",
            "New Ada Berg (speaker)",
        ]
    );
    assert_eq!(anna.follows(&anna.opens(CHANGES).await, "Ada Berg").await.heading(), "Ada Berg");
    for path in [CHANGES, FEED] {
        anna.opens(path).await.must_not_say("Zaun");
    }
}

#[tokio::test]
async fn nothing_is_said_of_a_speaker_who_was_removed() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    person(&olga, "Ada Zaun").await;
    publishes(&olga, PEOPLE, "Ada Zaun", |form| form.fill("City", "Turku")).await;
    publishes(&olga, PEOPLE, "Ada Zaun", |form| form.choose("Status", "Removed")).await;
    for path in [CHANGES, FEED] {
        app.delegate().opens(path).await.must_not_say("Zaun").must_say("7 sessions");
    }
}

#[tokio::test]
async fn a_page_and_the_conference_are_listed_with_links() {
    let app = TestApp::start().await;
    let (olga, anna) = (app.organiser().await, app.delegate());
    let new = olga.opens(&format!("{PAGES}/new")).await.form("Save and publish");
    olga.sends(new.fill("Title", "Travel").fill("Text", "By train.")).await.must_say("Saved and published.");
    publishes(&olga, PAGES, "Travel", |form| form.fill("Text", "By train, or on foot.")).await;
    let facts = olga.opens(&format!("{ORGANISERS}/facts")).await.form("Save and publish");
    let facts = facts.fill("Venue", "Messe").fill("Theme", "Are we there?").fill("Last day", "2018-05-31");
    olga.sends(facts).await.must_say("Saved and published.");
    let title = "Annual conference of Major Cities of Europe, 2018 Leipzig";
    assert_eq!(
        changes(&app).await,
        [
            &format!("Moved {title} (conference) What has changed: the theme, the venue and the last day."),
            "Changed Travel (page) What has changed: the text.",
            "New Travel (page)",
        ]
    );
    let page = anna.opens(CHANGES).await;
    anna.follows(&page, "Travel").await.must_say("on foot");
    assert_eq!(anna.follows(&page, title).await.path, LEIPZIG);

    let feed = anna.opens(FEED).await.body;
    let feed = roxmltree::Document::parse(&feed).expect("well-formed XML");
    let titles = feed.descendants().filter(|node| node.has_tag_name("title")).filter_map(|node| node.text());
    let titles: Vec<_> = titles.skip(1).collect();
    let moved = format!("Moved: {title} (conference)");
    assert_eq!(titles, [&*moved, "Changed: Travel (page)", "New: Travel (page)", "The programme was published"]);
    let links: Vec<_> = feed.descendants().filter_map(|node| node.attribute("href")).collect();
    assert!(links.contains(&format!("{}{LEIPZIG}/pages/travel", app.url()).as_str()), "{links:?}");
}

#[tokio::test]
async fn words_that_were_taken_back_are_not_named_any_more() {
    let app = TestApp::start().await;
    let (olga, anna) = (app.organiser().await, app.delegate());
    room(&olga, "Saal 1").await;
    publishes(&olga, ROOMS, "Saal 1", |form| form.fill("Name", "Saal of the quarrel")).await;
    publishes(&olga, &format!("{ORGANISERS}/sessions"), "Topic 7: World Café", |form| {
        form.fill("Title", "World Café about the quarrel")
    })
    .await;
    person(&olga, "Quentin Quarrel").await;
    anna.opens(CHANGES).await.must_say("Saal of the quarrel").must_say("about the quarrel").must_say("Quentin");
    let release = olga.opens(&format!("{RELEASES}/3")).await;
    olga.sends(release.form("Take back release 3")).await.must_say("Release 6 is public now.");
    assert_eq!(
        changes(&app).await,
        [
            "Changed World Café What has changed: the title.",
            "Changed Saal 1 (room) What has changed: the name.",
            "Changed World Café What has changed: the title.",
            "Changed Saal 1 (room) What has changed: the name.",
            "New Saal 1 (room)",
        ]
    );
    for path in [CHANGES, FEED] {
        let page = anna.opens(path).await;
        page.must_not_say("quarrel").must_not_say("Quarrel");
    }
}

#[tokio::test]
async fn the_page_that_publishes_shows_the_same_changes() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    person(&olga, "Ada Zaun").await;
    let editor = olga.follows(&olga.opens(PEOPLE).await, "Ada Zaun").await;
    olga.sends(editor.form("Save without publishing").fill("Job title", "Mayor")).await.must_say("Saved.");
    let facts = olga.opens(&format!("{ORGANISERS}/facts")).await.form("Save without publishing");
    olga.sends(facts.fill("Venue", "Messe")).await.must_say("Saved.");
    let page = olga.opens(&format!("{ORGANISERS}/unpublished")).await;
    page.must_say("Moved Conference: Annual conference").must_say("Venue Kongresshalle Leipzig Messe");
    page.must_say("Changed Person: Ada Zaun").must_say("Job title");
    olga.sends(page.form("Publish all 2 changes")).await.must_say("is public now");
    assert_eq!(
        changes(&app).await[..2],
        [
            "Moved Annual conference of Major Cities of Europe, 2018 Leipzig (conference) What has changed: the venue.",
            "Changed Ada Zaun (speaker) What has changed: the job title.",
        ]
    );
}
