//! The page and the feed that say what has changed in the programme.

use serde_json::json;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::editing::{SESSIONS, WORLD_CAFE, editor, person, room};
use super::reading::{get, header};
use crate::support::{Form, LEIPZIG, Page, Person, TestApp, programme};

/// The page that says what has changed.
pub const CHANGES: &str = "/leipzig-2018/changes";
/// The same as a feed.
pub const FEED: &str = "/leipzig-2018/changes.atom";
const UNPUBLISHED: &str = "/organisers/leipzig-2018/unpublished";
/// The list of releases.
pub const RELEASES: &str = "/organisers/leipzig-2018/releases";

/// Changes the World Café and publishes it.
async fn publishes(organiser: &Person, change: impl FnOnce(Form) -> Form) {
    let form = editor(organiser, WORLD_CAFE).await.form("Save and publish");
    organiser.sends(change(form)).await.must_say("Saved and published.");
}

/// Adds a session and publishes it.
async fn adds(organiser: &Person, title: &str, button: &str) -> Page {
    let new = organiser.opens(&format!("{SESSIONS}/new?day=2018-05-29")).await.form(button);
    let form = new.fill("Title", title).hours("18:00", "19:00").choose("Status", "Confirmed");
    organiser.sends(form).await
}

/// Returns what changed, one text for each item, the latest release first.
pub async fn changes(app: &TestApp) -> Vec<String> {
    app.delegate().opens(CHANGES).await.texts("article li")
}

#[tokio::test]
async fn the_first_release_is_one_sentence() {
    let app = TestApp::start().await;
    let page = app.delegate().opens(CHANGES).await;
    assert_eq!(page.heading(), "What has changed");
    page.must_say("The programme was published with 7 sessions.");
    assert!(page.texts("article li").is_empty(), "{}", page.body);
}

#[tokio::test]
async fn people_find_the_changes_from_the_programme_and_search_engines_from_the_sitemap() {
    let app = TestApp::start().await;
    let anna = app.delegate();
    let programme = anna.opens(&format!("{LEIPZIG}/programme")).await;
    assert_eq!(anna.follows(&programme, "What has changed").await.path, CHANGES);
    for page in [programme, anna.opens(CHANGES).await] {
        assert_eq!(page.attributes("link[type='application/atom+xml']", "href"), [FEED]);
    }
    let sitemap = anna.opens("/sitemap.xml").await.body;
    assert!(sitemap.contains(&format!("<loc>{}{CHANGES}</loc>", app.url())), "{sitemap}");
}

#[tokio::test]
async fn a_moved_session_is_listed_with_its_time_and_room_before_and_after() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    publishes(&olga, |form| form.choose("Day", "Tuesday 29 May").hours("16:15", "18:00")).await;
    let moved = "From Wednesday 30 May, 10:45–12:45 to Tuesday 29 May, 16:15–18:00.";
    assert_eq!(changes(&app).await, [format!("Moved World Café {moved}")]);

    room(&olga, "Saal 1").await;
    room(&olga, "Saal 2").await;
    publishes(&olga, |form| form.in_room("Saal 1")).await;
    publishes(&olga, |form| form.in_room("Saal 2")).await;
    publishes(&olga, |form| form.hours("16:00", "17:00").in_room("To be announced")).await;
    let listed = changes(&app).await;
    let moved = "From Tuesday 29 May, 16:15–18:00 (Saal 2) to Tuesday 29 May, 16:00–17:00 (room to be announced).";
    assert_eq!(listed[0], format!("Moved World Café {moved}"));
    assert_eq!(listed[1], "Moved World Café From Saal 1 to Saal 2, still on Tuesday 29 May, 16:15–18:00.");
    assert_eq!(listed[2..5], ["Changed World Café The room is Saal 1.", "New Saal 2 (room)", "New Saal 1 (room)"]);
}

#[tokio::test]
async fn a_changed_session_is_listed_with_the_parts_that_changed() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    publishes(&olga, |form| form.fill("Text", "Six tables, six questions.")).await;
    person(&olga, "Ada Zaun").await;
    publishes(&olga, |form| {
        form.fill("Text", "Seven tables.").choose("Person 1", "Ada Zaun").choose("Kind", "Workshop")
    })
    .await;
    publishes(&olga, |form| form.fill("Links", "https://www.theworldcafe.com How it works")).await;
    publishes(&olga, |form| form.fill("Start", "10:30").fill("Text", "Eight tables.")).await;
    publishes(&olga, |form| {
        form.fill("Title", "World Café & <friends>").choose("Topic", "No topic").choose("Status", "Confirmed")
    })
    .await;
    assert_eq!(
        changes(&app).await,
        [
            "Changed World Café & <friends> What has changed: the title and the topic. The title was “World Café”. \
             The time is no longer provisional.",
            "Moved World Café From Wednesday 30 May, 10:45–12:45 to Wednesday 30 May, 10:30–12:30. \
             What else has changed: the text.",
            "Changed World Café What has changed: the links.",
            "Changed World Café What has changed: the speakers, the text and the kind of session.",
            "New Ada Zaun (speaker)",
            "Changed World Café What has changed: the text.",
        ]
    );
}

#[tokio::test]
async fn a_new_session_is_listed_with_a_link_to_its_page() {
    let app = TestApp::start().await;
    adds(&app.organiser().await, "Choir", "Save and publish").await.must_say("Saved and published.");
    assert_eq!(changes(&app).await, ["New Choir Tuesday 29 May, 18:00–19:00."]);
    let anna = app.delegate();
    let session = anna.follows(&anna.opens(CHANGES).await, "Choir").await;
    assert_eq!(session.path, format!("{LEIPZIG}/sessions/choir"));
}

#[tokio::test]
async fn a_cancelled_session_is_listed_and_so_is_one_that_takes_place_after_all() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    publishes(&olga, |form| form.choose("Status", "Cancelled")).await;
    publishes(&olga, |form| form.choose("Status", "Confirmed")).await;
    assert_eq!(
        changes(&app).await,
        [
            "Takes place after all World Café Wednesday 30 May, 10:45–12:45.",
            "Cancelled World Café It was planned for Wednesday 30 May, 10:45–12:45.",
        ]
    );
}

#[tokio::test]
async fn a_withdrawn_session_is_listed_without_a_link() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    publishes(&olga, |form| form.fill("Text", "Six tables.")).await;
    publishes(&olga, |form| form.choose("Status", "Withdrawn")).await;
    assert_eq!(changes(&app).await, ["Removed World Café", "Changed World Café What has changed: the text."]);
    assert_eq!(app.delegate().opens(CHANGES).await.find_link("World Café"), None);
}

#[tokio::test]
async fn a_release_that_is_taken_back_is_listed_by_what_this_changes() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    publishes(&olga, |form| form.choose("Status", "Cancelled")).await;
    adds(&olga, "Choir", "Save and publish").await.must_say("Saved and published.");
    let release = olga.follows(&olga.opens(RELEASES).await, "Release 2").await;
    olga.sends(release.form("Take back release 2")).await.must_say("Release 4 is public now.");
    assert_eq!(
        changes(&app).await,
        [
            "Takes place after all World Café Wednesday 30 May, 10:45–12:45.",
            "Cancelled World Café It was planned for Wednesday 30 May, 10:45–12:45.",
        ]
    );
}

#[tokio::test]
async fn what_was_published_by_mistake_and_taken_back_is_not_named_any_more() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    adds(&olga, "Secret keynote", "Save without publishing").await.must_say("Saved.");
    let form = olga.opens(UNPUBLISHED).await.form("Publish this change");
    olga.sends(form.fill("What has changed", "The keynote is settled")).await.must_say("Release 2 is public now.");
    publishes(&olga, |form| form.fill("Text", "Six tables.")).await;
    app.delegate().opens(CHANGES).await.must_say("Secret keynote").must_say("The keynote is settled");

    let release = olga.opens(&format!("{RELEASES}/2")).await;
    olga.sends(release.form("Take back release 2")).await.must_say("Release 4 is public now.");
    for path in [CHANGES, FEED] {
        let page = app.delegate().opens(path).await;
        page.must_not_say("Secret keynote").must_not_say("The keynote is settled");
    }
    let text = "Changed World Café What has changed: the text.";
    assert_eq!(changes(&app).await, [text, text]);

    // With the release that took it back, the note is valid again.
    let release = olga.opens(&format!("{RELEASES}/4")).await;
    olga.sends(release.form("Take back release 4")).await.must_say("Release 5 is public now.");
    app.delegate().opens(CHANGES).await.must_say("Secret keynote").must_say("The keynote is settled");

    // Taking back everything leaves nothing to read.
    let release = olga.opens(&format!("{RELEASES}/1")).await;
    olga.sends(release.form("Take back release 1")).await.must_say("Release 6 is public now.");
    app.delegate().opens(CHANGES).await.must_say("The programme has not been published yet.");
}

#[tokio::test]
async fn a_withdrawn_session_is_listed_as_the_public_knew_it() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    publishes(&olga, |form| {
        form.fill("Title", "World Café: withdrawn because of a quarrel")
            .choose("Day", "Tuesday 29 May")
            .choose("Status", "Withdrawn")
    })
    .await;
    assert_eq!(changes(&app).await, ["Removed World Café"]);
    let form = olga.follows(&olga.opens(SESSIONS).await, "Topic 7: World Café: withdrawn because of a quarrel").await;
    let form = form.form("Save and publish").fill("Title", "World Café").choose("Status", "Cancelled");
    olga.sends(form.choose("Day", "Wednesday 30 May")).await.must_say("Saved and published.");
    let listed = changes(&app).await;
    assert_eq!(listed[0], "Cancelled World Café It was planned for Wednesday 30 May, 10:45–12:45.");
    for path in [CHANGES, FEED] {
        app.delegate().opens(path).await.must_not_say("quarrel");
    }
}

#[tokio::test]
async fn the_note_is_shown_as_it_was_typed_but_not_who_published_it() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    let form = editor(&olga, WORLD_CAFE).await.form("Save without publishing").fill("Title", "World Café by the lake");
    olga.sends(form).await.must_say("Saved.");
    let page = olga.opens(UNPUBLISHED).await;
    page.must_say("Everybody can read this note");
    let note = "Rain & <b>wind</b>:\nbring a coat.";
    olga.sends(page.form("Publish this change").fill("What has changed", note)).await.must_be(200);
    let name = &olga.account.as_ref().expect("an account").name;
    let page = app.delegate().opens(CHANGES).await;
    page.must_say("Rain & <b>wind</b>: bring a coat.").must_not_say(name).must_not_say("/organisers");
    assert!(page.body.contains("&#60;b&#62;wind&#60;/b&#62;:<br/>bring a coat."), "{}", page.body);
    let feed = app.delegate().opens(FEED).await.body;
    assert!(feed.contains("wind&#60;/b&#62;:<br/>bring") && !feed.contains(name.as_str()), "{feed}");
}

#[tokio::test]
async fn what_is_saved_without_publishing_never_appears() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    adds(&olga, "Secret keynote", "Save without publishing").await.must_say("Saved.");
    let form = editor(&olga, WORLD_CAFE).await.form("Save without publishing").fill("Title", "Secret café");
    olga.sends(form).await.must_say("Saved.");
    programme::releases_anew(&app.db, "session", "skills", json!({ "title": "Skills" })).await;
    for path in [CHANGES, FEED] {
        let said = |page: &Page| page.body.contains("Skills");
        app.delegate().opens_until(path, said).await.must_not_say("Secret");
    }
    assert_eq!(changes(&app).await.len(), 1);
}

#[tokio::test]
async fn what_readers_do_not_notice_never_appears() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    let kind = olga.follows(&olga.opens("/organisers/leipzig-2018/session-kinds").await, "Workshop").await;
    let form = kind.form("Save and publish").fill("Place in the order", "1").choose("Colour", "Green");
    olga.sends(form).await.must_say("Saved and published.");
    // A change that is undone before it is published.
    let form = editor(&olga, WORLD_CAFE).await.form("Save without publishing").fill("Title", "World Café by the lake");
    olga.sends(form).await.must_say("Saved.");
    let form = editor(&olga, "Topic 7: World Café by the lake").await.form("Save and publish");
    olga.sends(form.fill("Title", "World Café")).await.must_say("Saved and published.");
    let page = app.delegate().opens(CHANGES).await;
    page.must_say("The programme was published with 7 sessions.");
    assert_eq!(page.texts("article").len(), 1, "{}", page.body);
}

#[tokio::test]
async fn releases_are_listed_by_day_latest_first_and_at_most_fifty() {
    let app = TestApp::start().await;
    for number in 1..=50 {
        programme::releases_anew(&app.db, "session", "skills", json!({ "title": format!("Skills {number}") })).await;
    }
    let dated = "update release set created_at = '2018-04-30 21:50+00'::timestamptz + number * interval '1 minute'";
    sqlx::query(dated).execute(&app.db).await.expect("the times");
    programme::releases_anew(&app.db, "session", "skills", json!({ "title": "Skills at last" })).await;
    sqlx::query("update release set created_at = '2018-05-02 08:00+00' where number = 52")
        .execute(&app.db)
        .await
        .expect("it");
    let page = app.delegate().opens_until(CHANGES, |page| page.says("Skills at last")).await;
    assert_eq!(page.texts("h2")[..3], ["Wednesday 2 May 2018", "Tuesday 1 May 2018", "Monday 30 April 2018"]);
    assert_eq!(page.texts("h3")[..2], ["Update 52, 10:00", "Update 51, 00:41"]);
    assert_eq!(page.texts("article li").len(), 50);
    page.must_say("This page shows the latest 50 updates.").must_not_say("The programme was published");
}

#[tokio::test]
async fn the_feed_is_well_formed_with_stable_ids_and_valid_dates() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    publishes(&olga, |form| form.fill("Title", "Q&A <live> ]]> \"here\"")).await;
    adds(&olga, "Choir", "Save and publish").await.must_say("Saved and published.");
    let answer = get(&app, FEED, &[]).await;
    assert_eq!(header(&answer, "content-type"), "application/atom+xml; charset=utf-8");
    let body = answer.text().await.expect("the feed");
    let feed = roxmltree::Document::parse(&body).expect("well-formed XML");
    let atom = |node: roxmltree::Node<'_, '_>, name: &'static str| {
        let found = node.children().filter(|child| child.has_tag_name(("http://www.w3.org/2005/Atom", name)));
        found.map(|child| child.text().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    let root = feed.root_element();
    assert_eq!(atom(root, "title"), ["Changes to the programme, Leipzig 2018"]);
    let links = |node: roxmltree::Node<'_, '_>| {
        let links = node.children().filter(|child| child.has_tag_name("link"));
        let values = links.map(|link| ["rel", "href"].map(|name| link.attribute(name).unwrap_or_default().to_owned()));
        values.map(|[rel, href]| (rel, href)).collect::<Vec<_>>()
    };
    let absolute = |rel: &str, path: &str| (rel.to_owned(), format!("{}{path}", app.url()));
    assert_eq!(links(root), [absolute("self", FEED), absolute("alternate", CHANGES)]);

    let entries: Vec<_> = root.children().filter(|child| child.has_tag_name("entry")).collect();
    let titles: Vec<_> = entries.iter().flat_map(|entry| atom(*entry, "title")).collect();
    assert_eq!(titles, ["New: Choir", "Changed: Q&A <live> ]]> \"here\"", "The programme was published"]);
    let releases: Vec<(String, OffsetDateTime)> =
        sqlx::query_as("select 'urn:uuid:' || id, created_at from release order by number desc")
            .fetch_all(&app.db)
            .await
            .expect("the releases");
    let date = |text: &String| OffsetDateTime::parse(text, &Rfc3339).expect("a date of RFC 3339");
    for (entry, (id, at)) in entries.iter().zip(&releases) {
        assert_eq!(atom(*entry, "id"), [id.as_str()]);
        assert_eq!(date(&atom(*entry, "updated")[0]), *at);
    }
    assert_eq!(date(&atom(root, "updated")[0]), releases[0].1);
    assert!(atom(root, "id")[0].starts_with("urn:uuid:"), "{body}");
    assert_eq!(links(entries[0]), [absolute("alternate", &format!("{CHANGES}#release-3"))]);
    let page = app.delegate().opens(CHANGES).await;
    assert!(page.attributes("article", "id").contains(&"release-3".to_owned()), "{}", page.body);
    let addresses: Vec<_> = feed.descendants().filter_map(|node| node.attribute("href")).collect();
    assert!(addresses.contains(&format!("{}{LEIPZIG}/sessions/choir", app.url()).as_str()), "{body}");
    let xhtml = feed.descendants().find(|node| node.has_tag_name(("http://www.w3.org/1999/xhtml", "div")));
    assert!(xhtml.is_some(), "{body}");
    assert!(body.contains(". What has changed: the title") && !body.contains("  "), "{body}");

    // A reader that asks again gets the same feed.
    let again = get(&app, FEED, &[]).await;
    assert_eq!(again.text().await.expect("the feed"), body);
}

#[tokio::test]
async fn a_conference_without_a_programme_has_an_empty_page_and_an_empty_feed() {
    let app = TestApp::start().await;
    sqlx::query(
        "insert into conference (id, slug, title, theme, city, country, venue, venue_url, hosts, starts_on, ends_on,
             time_zone, contact_email, contact_telephone, contact_fax)
         select gen_random_uuid(), 'venice-2019', title, theme, 'Venice', 'IT', venue, venue_url, hosts, '2019-06-13',
             '2019-06-14', 'Europe/Rome', contact_email, contact_telephone, contact_fax from conference",
    )
    .execute(&app.db)
    .await
    .expect("a second conference");
    let anna = app.delegate();
    anna.opens("/venice-2019/changes").await.must_say("The programme has not been published yet.");
    let feed = anna.opens("/venice-2019/changes.atom").await.body;
    let feed = roxmltree::Document::parse(&feed).expect("well-formed XML");
    assert!(!feed.descendants().any(|node| node.has_tag_name("entry")));
    anna.tries("/venice-2020/changes").await.must_be(404);
}
