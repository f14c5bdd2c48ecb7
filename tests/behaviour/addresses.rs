//! The addresses of sessions and pages, which organisers can change.

use reqwest::Method;

use super::editing::{PAGES, SESSIONS, WORLD_CAFE, editor};
use super::reading::{get, header};
use crate::support::{LEIPZIG, Page, Person, TestApp, registration::registers};

const ADDRESS: &str = "Address of the page";
const UNPUBLISHED: &str = "/organisers/leipzig-2018/unpublished";
const RELEASES: &str = "/organisers/leipzig-2018/releases";
const SKILLS: &str = "Topic 6: Internal and external skills: are local governments fit for the future?";

fn session(slug: &str) -> String {
    format!("{LEIPZIG}/sessions/{slug}")
}

/// Changes the address of a session.
async fn moves(organiser: &Person, link: &str, button: &str, slug: &str) -> Page {
    organiser.sends(editor(organiser, link).await.form(button).fill(ADDRESS, slug)).await
}

/// Fails unless the old path redirects to the new one for ever.
async fn must_lead(app: &TestApp, old: &str, new: &str) {
    let answer = get(app, old, &[]).await;
    assert_eq!((answer.status().as_u16(), header(&answer, "location")), (301, new), "{old}");
    assert_eq!(header(&answer, "cache-control"), "no-cache", "it may change back");
}

#[tokio::test]
async fn the_old_address_of_a_session_leads_to_the_new_one() {
    let app = TestApp::start().await;
    let (olga, anna) = (app.organiser().await, app.delegate());
    anna.opens(&session("world-cafe")).await;
    moves(&olga, WORLD_CAFE, "Save and publish", "long-tables").await.must_say("Saved and published.");
    must_lead(&app, &session("world-cafe"), &session("long-tables")).await;
    must_lead(&app, &session("world-cafe.ics"), &session("long-tables.ics")).await;
    assert_eq!(anna.opens(&session("world-cafe")).await.heading(), "World Café");
    anna.opens(&session("long-tables.ics")).await.must_say(&format!("{}{}", app.url(), session("long-tables")));
    for path in [format!("{LEIPZIG}/programme"), "/sitemap.xml".to_owned()] {
        let body = anna.opens(&path).await.body;
        assert!(body.contains("sessions/long-tables") && !body.contains("sessions/world-cafe"), "{path}: {body}");
    }
    // A third address: both old ones lead there. A new title changes none of them.
    moves(&olga, WORLD_CAFE, "Save and publish", "tables-2018").await.must_say("Saved and published.");
    let form = editor(&olga, WORLD_CAFE).await.form("Save and publish").fill("Title", "Tables");
    olga.sends(form).await.must_say("Saved and published.");
    for old in ["world-cafe", "long-tables"] {
        must_lead(&app, &session(old), &session("tables-2018")).await;
    }
    // The session can have an address again that it had.
    moves(&olga, "Topic 7: Tables", "Save and publish", "world-cafe").await.must_say("Saved and published.");
    must_lead(&app, &session("tables-2018"), &session("world-cafe")).await;
    anna.opens(&session("world-cafe")).await;
    anna.tries(&session("never")).await.must_be(404);
    // A withdrawn session is gone at all of them.
    let form = editor(&olga, "Topic 7: Tables").await.form("Save and publish").choose("Status", "Withdrawn");
    olga.sends(form).await.must_say("Saved and published.");
    for slug in ["world-cafe", "long-tables", "long-tables.ics"] {
        anna.tries(&session(slug)).await.must_be(410);
    }
}

#[tokio::test]
async fn an_address_is_public_when_the_session_is_published_with_it() {
    let app = TestApp::start().await;
    let (olga, anna) = (app.organiser().await, app.delegate());
    let page = olga.sends(olga.opens(UNPUBLISHED).await.form("Create a link")).await;
    let link = page.attributes("#link", "value").pop().expect("a link");
    let preview = &link[link.find(LEIPZIG).expect("an address of the conference")..];
    let saved = moves(&olga, WORLD_CAFE, "Save without publishing", "long-tables").await;
    saved.must_say("The public cannot read it yet.");
    assert_eq!(olga.follows(&saved, "On the site").await.path, session("world-cafe"));
    anna.opens(&session("world-cafe")).await;
    anna.tries(&session("long-tables")).await.must_be(404);
    anna.opens(&format!("{preview}/sessions/long-tables")).await.must_say("World Café");
    must_lead(&app, &format!("{preview}/sessions/world-cafe"), &format!("{preview}/sessions/long-tables")).await;

    let page = olga.opens(UNPUBLISHED).await;
    assert_eq!(page.row(ADDRESS), [ADDRESS, "world-cafe", "long-tables"]);
    olga.sends(page.form("Publish this change")).await.must_say("Release 2 is public now.");
    must_lead(&app, &session("world-cafe"), &session("long-tables")).await;
    let release = olga.opens(&format!("{RELEASES}/2")).await;
    olga.sends(release.form("Take back release 2")).await.must_say("Release 3 is public now.");
    must_lead(&app, &session("long-tables"), &session("world-cafe")).await;
    anna.opens(&session("world-cafe")).await;
}

#[tokio::test]
async fn the_old_address_of_a_page_leads_to_the_new_one_and_the_privacy_notice_stays_the_notice() {
    let app = TestApp::start().await;
    let (olga, anna) = (app.organiser().await, app.delegate());
    for (title, old, new) in [("Imprint", "imprint", "legal-notice"), ("Privacy notice", "privacy", "your-data")] {
        let editor = olga.follows(&olga.opens(PAGES).await, title).await;
        olga.sends(editor.form("Save and publish").fill(ADDRESS, new)).await.must_say("Saved and published.");
        must_lead(&app, &format!("{LEIPZIG}/pages/{old}"), &format!("{LEIPZIG}/pages/{new}")).await;
        let home = anna.opens(LEIPZIG).await;
        assert_eq!(home.link(title), format!("{LEIPZIG}/pages/{new}"));
        assert_eq!(anna.follows(&home, title).await.heading(), title);
    }
    anna.opens(&format!("{LEIPZIG}/register")).await.must_be(200);
    registers(&anna, "Anna Nagy", "anna@graz.example").await.must_say("You are registered");
}

#[tokio::test]
async fn an_address_that_another_session_has_or_had_is_refused() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    let refused = moves(&olga, SKILLS, "Save and publish", "world-cafe").await;
    refused.must_be(422);
    let taken = "This is the address of “World Café”. Choose another one";
    assert_eq!(refused.error_beside(ADDRESS).as_deref(), Some(taken));
    assert_eq!(refused.form("Save and publish").value(ADDRESS), "world-cafe");
    assert_eq!(olga.follows(&refused, "World Café").await.heading(), "World Café");

    moves(&olga, WORLD_CAFE, "Save and publish", "long-tables").await.must_say("Saved and published.");
    let refused = moves(&olga, SKILLS, "Save without publishing", "world-cafe").await;
    let once = "This was once the address of “World Café” and stays reserved for it. Choose another one";
    assert_eq!(refused.must_be(422).error_beside(ADDRESS).as_deref(), Some(once));

    // Pages have addresses of their own, and a new session is refused in the same way.
    let page = olga.opens(&format!("{PAGES}/new")).await.form("Save and publish").fill("Title", "Tables");
    olga.sends(page.fill(ADDRESS, "world-cafe")).await.must_say("Saved and published.");
    let new = olga.opens(&format!("{SESSIONS}/new?day=2018-05-29")).await.form("Save and publish");
    let new = new.fill("Title", "World Café").fill("Start", "18:00").fill("Length", "60");
    let refused = olga.sends(new.clone().fill(ADDRESS, "world-cafe")).await;
    assert_eq!(refused.must_be(422).error_beside(ADDRESS).as_deref(), Some(once));
    // Without an address, it gets the next free one.
    olga.sends(refused.form("Save and publish").fill(ADDRESS, "")).await.must_say("Saved and published.");
    app.delegate().opens(&session("world-cafe-2")).await;
    // The same form again is a second click, with another address it is not.
    olga.sends(new.clone()).await.must_be(200).must_say("World Café");
    let asked = olga.sends(new.fill(ADDRESS, "evening")).await;
    asked.must_be(409).must_say("was already added with this form");
    olga.sends(asked.form("Add as another session")).await.must_say("Saved and published.");
    app.delegate().opens(&session("evening")).await;
}

#[tokio::test]
async fn a_text_that_is_no_address_is_refused() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    let shape =
        "Use only small letters from a to z, digits and single hyphens, as in world-cafe, and at most 80 characters";
    for wrong in ["World", "café", "a b", "a/b", "-a", "a--b", "a.ics", &"a".repeat(81)] {
        let refused = moves(&olga, WORLD_CAFE, "Save and publish", wrong).await;
        assert_eq!(refused.must_be(422).error_beside(ADDRESS).as_deref(), Some(shape), "{wrong}");
        assert_eq!(refused.form("Save and publish").value(ADDRESS), wrong);
    }
    let refused = moves(&olga, WORLD_CAFE, "Save and publish", " ").await;
    let missing = "Give the last part of the address, as in world-cafe";
    assert_eq!(refused.must_be(422).error_beside(ADDRESS).as_deref(), Some(missing));
    // A form that does not have the field leaves the address alone.
    let path = editor(&olga, WORLD_CAFE).await.path;
    let form = editor(&olga, WORLD_CAFE).await.form("Save and publish").fill("Text", "Six tables.");
    let body = form.body().replace("slug=world-cafe&", "").replace("&slug=world-cafe", "");
    let ours = [("sec-fetch-site", "same-origin")];
    assert_eq!(olga.asks(Method::POST, &path, &ours, Some(body)).await.status(), 303);
    app.delegate().opens(&session("world-cafe")).await.must_say("Six tables.");
    let rooms = olga.opens("/organisers/leipzig-2018/rooms/new").await;
    assert!(!rooms.form("Save and publish").labels().contains(&ADDRESS.to_owned()), "rooms have no page");
}

#[tokio::test]
async fn restoring_a_revision_keeps_the_address() {
    let app = TestApp::start().await;
    let (olga, anna) = (app.organiser().await, app.delegate());
    let form = editor(&olga, WORLD_CAFE).await.form("Save and publish").fill("Text", "Six tables.");
    olga.sends(form.fill(ADDRESS, "long-tables")).await.must_say("Saved and published.");
    let list = olga.follows(&editor(&olga, WORLD_CAFE).await, "Revisions").await;
    let first = olga.follows(&list, "Revision 1").await;
    first.must_say("The address stays as it is now.");
    assert!(!first.rows().iter().any(|row| row[0] == ADDRESS), "{}", first.body);
    let restored = olga.sends(first.form("Restore and publish")).await;
    restored.must_say("Saved and published.");
    assert_eq!(restored.form("Save and publish").value(ADDRESS), "long-tables");
    must_lead(&app, &session("world-cafe"), &session("long-tables")).await;
    anna.opens(&session("long-tables")).await.must_not_say("Six tables.");
    // Nothing is left to undo if only the address was changed.
    let saved = moves(&olga, WORLD_CAFE, "Save and publish", "tables").await;
    saved.must_say("Saved and published.");
    assert!(!saved.has_form("Undo this save"));
    let list = olga.follows(&saved, "Revisions").await;
    olga.follows(&list, "Revision 3").await.must_say("Apart from its address");
}

#[tokio::test]
async fn two_people_decide_about_an_address_and_words_under_one_that_is_taken_are_kept() {
    let app = TestApp::start().await;
    let (olga, otto) = (app.organiser().await, app.organiser().await);
    let (hers, his) = (editor(&olga, WORLD_CAFE).await, editor(&otto, WORLD_CAFE).await);
    olga.sends(hers.form("Save and publish").fill(ADDRESS, "hers")).await.must_say("Saved and published.");
    let conflict = otto.sends(his.form("Save and publish").fill(ADDRESS, "his").fill("Text", "His words")).await;
    conflict.must_be(409);
    assert_eq!(conflict.row(ADDRESS)[..4], [ADDRESS, "hers", "his", "world-cafe"]);
    moves(&olga, SKILLS, "Save and publish", "his").await.must_say("Saved and published.");
    let refused = otto.sends(conflict.form("Save mine over theirs and publish")).await;
    refused.must_be(422).must_say("Somebody saved this before you");
    assert!(refused.error_beside(ADDRESS).is_some_and(|words| words.starts_with("This is the address of")));
    let gave_way = otto.sends(refused.form("Take theirs")).await;
    let kept = otto.follows(&gave_way, "a revision that was set aside").await;
    kept.must_say("His words");
    otto.sends(kept.form("Restore and publish")).await.must_say("Saved and published.");
    app.delegate().opens(&session("hers")).await.must_say("His words");

    // An address that only one of them changed is combined with the rest.
    let (hers, his) = (editor(&olga, WORLD_CAFE).await, editor(&otto, WORLD_CAFE).await);
    olga.sends(hers.form("Save and publish").fill(ADDRESS, "cafe")).await.must_say("Saved and published.");
    let conflict = otto.sends(his.form("Save and publish").fill("Text", "Other words")).await;
    assert_eq!(conflict.must_be(409).form("Save and publish").value(ADDRESS), "cafe");
    otto.sends(conflict.form("Save and publish")).await.must_say("Saved and published.");
    app.delegate().opens(&session("cafe")).await.must_say("Other words");
}
