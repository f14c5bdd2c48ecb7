//! An organiser edits sessions, rooms and pages, and the public site shows the changes at once.

use reqwest::Method;

use crate::support::{LEIPZIG, Page, Person, TestApp};

/// The list of sessions.
pub const SESSIONS: &str = "/organisers/leipzig-2018/sessions";

/// The page of the rooms.
pub const ROOMS: &str = "/organisers/leipzig-2018/rooms";

/// The list of pages.
pub const PAGES: &str = "/organisers/leipzig-2018/pages";

/// The name of the World Café's link in the list, which starts with the topic's number.
pub const WORLD_CAFE: &str = "Topic 7: World Café";

/// Opens the editor of the session with this link.
pub async fn editor(person: &Person, words: &str) -> Page {
    let list = person.opens(SESSIONS).await;
    person.follows(&list, words).await
}

/// Adds a room.
pub async fn room(person: &Person, name: &str) {
    let new = person.opens(&format!("{ROOMS}/new")).await;
    person.sends(new.form("Save and publish").fill("Name", name)).await.must_say("Saved and published.");
}

/// The list of people.
pub const PEOPLE: &str = "/organisers/leipzig-2018/people";

/// Adds a person who can take part in sessions, and returns the editor.
pub async fn person(olga: &Person, name: &str) -> Page {
    let new = olga.opens(&format!("{PEOPLE}/new")).await.form("Save and publish").fill("Name", name);
    let saved = olga.sends(new).await;
    saved.must_say("Saved and published.");
    saved
}

#[tokio::test]
async fn an_organiser_sees_all_sessions_by_day() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    for address in ["/organisers", "/organisers/leipzig-2018", "/Organisers/leipzig-2018/"] {
        assert_eq!(olga.opens(address).await.path, SESSIONS, "{address}");
    }
    olga.tries("/organisers/venice-2019").await.must_be(404);
    let list = olga.opens(SESSIONS).await;
    assert_eq!(list.texts("h2.day-bar"), ["Monday 28 May", "Tuesday 29 May", "Wednesday 30 May"]);
    let row = list.row("World Café");
    assert_eq!(row[1], "10:45–12:45");
    assert_eq!(row[3], "to be announced");
    assert_eq!(row[5], "Provisional warnings");
    assert_eq!(row[6], "as shipped");
}

#[tokio::test]
async fn a_saved_session_is_shown_on_all_public_pages_at_once() {
    let app = TestApp::start().await;
    let (olga, anna) = (app.organiser().await, app.delegate());
    let public = format!("{LEIPZIG}/sessions/world-cafe");
    anna.opens(&public).await.must_say("room to be announced");
    anna.opens(&format!("{LEIPZIG}/programme")).await;
    room(&olga, "Richard-Wagner-Saal").await;
    person(&olga, "Ada Zaun").await;

    let form = editor(&olga, WORLD_CAFE).await.form("Save and publish");
    let saved = olga
        .sends(
            form.fill("Title", "World Café at the long tables")
                .choose("Day", "Tuesday 29 May")
                .hours("16:15", "18:00")
                .choose("Status", "Confirmed")
                .in_room("Richard-Wagner-Saal")
                .choose("Kind", "Workshop")
                .choose("Person 1", "Ada Zaun")
                .choose("Part of person 1", "Moderator")
                .fill("Text", "Six tables, **six** questions."),
        )
        .await;
    assert_eq!(saved.redirected_by, Some(303));
    saved.must_say("Saved and published.").must_say("Revision 2");

    let read = anna.opens(&olga.follows(&saved, "See it on the site").await.path).await;
    assert_eq!(read.path, public, "the address stays, whatever the title becomes");
    read.must_say("World Café at the long tables")
        .must_say("Tuesday 29 May 2018, 16:15–18:00")
        .must_say("Richard-Wagner-Saal")
        .must_say("Workshop")
        .must_say("Ada Zaun (moderator)")
        .must_say("Six tables, six questions.")
        .must_not_say("provisional");
    anna.opens(&format!("{LEIPZIG}/programme")).await.must_say("World Café at the long tables");
    let name = &olga.account.as_ref().expect("an account").name;
    let row = olga.opens(SESSIONS).await.row("World Café at the long tables");
    assert!(row[6].starts_with(name.as_str()), "{row:?}");
}

#[tokio::test]
async fn a_new_session_has_its_own_address_and_is_added_once() {
    let app = TestApp::start().await;
    let (olga, anna) = (app.organiser().await, app.delegate());
    let form = |page: &Page| {
        page.form("Save and publish")
            .fill("Title", "World Café: the evening before")
            .hours("19:00", "00:00")
            .choose("Kind", "Social event")
    };
    let list = olga.opens(SESSIONS).await;
    let page = olga.follows(&list, "New session on Tuesday 29 May").await;
    let saved = olga.sends(form(&page)).await;
    saved.must_say("Saved and published.");
    let again = olga.sends(form(&page)).await;
    again.must_be(200).must_say("Nothing to save.");
    assert_eq!(again.path.split('?').next(), saved.path.split('?').next());
    anna.opens(&format!("{LEIPZIG}/sessions/world-cafe-the-evening-before")).await.must_say("19:00–00:00");

    let other = olga.opens(&format!("{SESSIONS}/new?day=2018-05-28")).await;
    olga.sends(form(&other)).await.must_say("Saved and published.");
    anna.opens(&format!("{LEIPZIG}/sessions/world-cafe-the-evening-before-2")).await.must_say("Monday 28 May");
}

#[tokio::test]
async fn the_form_of_a_new_session_sent_again_with_other_content_changes_nothing() {
    let app = TestApp::start().await;
    let (olga, anna) = (app.organiser().await, app.delegate());
    let page = olga.opens(&format!("{SESSIONS}/new?day=2018-05-28")).await;
    let form = |button: &str, page: &Page, title: &str| {
        page.form(button).fill("Title", title).hours("19:00", "20:00").fill("Text", title)
    };
    let saved = olga.sends(form("Save and publish", &page, "Choir")).await;
    saved.must_say("Saved and published.");

    // The person goes back in the browser, to the form with the same hidden key.
    let asked = olga.sends(form("Save and publish", &page, "Orchestra")).await;
    asked.must_be(409).must_say("“Choir” was already added with this form.");
    assert_eq!(asked.form("Add as another session").value("Text"), "Orchestra");
    assert_eq!(olga.follows(&asked, "edit “Choir”").await.heading(), "Choir");
    let wrong = olga.sends(form("Save and publish", &page, "Orchestra").fill("Length", "")).await;
    wrong.must_be(409).must_say("“Choir” was already added with this form.");
    assert!(wrong.error_beside("Length").is_some());

    olga.sends(asked.form("Add as another session")).await.must_say("Saved and published.");
    assert_eq!(anna.opens(&format!("{LEIPZIG}/sessions/choir")).await.heading(), "Choir");
    anna.opens(&format!("{LEIPZIG}/sessions/orchestra")).await;

    // The first content counts as a second click, even if the session has changed since.
    olga.sends(saved.form("Save and publish").fill("Title", "Two choirs")).await.must_say("Saved and published.");
    let again = olga.sends(form("Save and publish", &page, "Choir")).await;
    again.must_be(200).must_say("Revision 2");
    assert_eq!(again.heading(), "Two choirs");
}

#[tokio::test]
async fn a_double_click_adds_one_session_and_one_page() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    let session = olga.opens(&format!("{SESSIONS}/new?day=2018-05-28")).await.form("Save and publish");
    let session = session.fill("Title", "Choir").hours("19:00", "20:00");
    let page = olga.opens(&format!("{PAGES}/new")).await.form("Save and publish").fill("Title", "Choirs");
    for (form, count) in [
        (session, "select count(*) from item where kind = 'session'"),
        (page, "select count(*) from item where kind = 'page'"),
    ] {
        let before: i64 = sqlx::query_scalar(count).fetch_one(&app.db).await.expect("a number");
        let mut clicks = tokio::task::JoinSet::new();
        for _ in 0..4 {
            let (olga, form) = (olga.clone(), form.clone());
            clicks.spawn(async move { olga.sends(form).await.status });
        }
        assert_eq!(clicks.join_all().await, [200; 4]);
        let after: i64 = sqlx::query_scalar(count).fetch_one(&app.db).await.expect("a number");
        assert_eq!(after, before + 1, "{count}");
    }
}

#[tokio::test]
async fn the_form_of_a_new_page_sent_again_with_other_content_changes_nothing() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    let form = olga.opens(&format!("{PAGES}/new")).await.form("Save and publish").fill("Title", "Travel");
    olga.sends(form.clone()).await.must_say("Saved and published.");
    let asked = olga.sends(form.fill("Title", "Hotels").fill("Text", "Near the station.")).await;
    asked.must_be(409).must_say("“Travel” was already added with this form.");
    assert_eq!(olga.follows(&asked, "edit “Travel”").await.heading(), "Travel");
    let added = olga.sends(asked.form("Add as another page")).await;
    added.must_say("Saved and published.").must_say("Near the station.");
}

#[tokio::test]
async fn the_preview_works_without_javascript_and_saves_nothing() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    let page = editor(&olga, WORLD_CAFE).await;
    let form =
        page.form("Preview").fill("Title", "Another title").fill("Text", "Bring a **question**.\n\n<script>x</script>");
    let preview = olga.sends(form).await;
    preview.must_be(200).must_say("Bring a question.");
    assert!(!preview.body.contains("<script>x"), "what is no safe HTML stays in the field");
    let shown = preview.form("Save and publish");
    assert_eq!((shown.value("Title"), shown.hidden("base")), ("Another title".into(), Some("1".into())));
    app.delegate().opens(&format!("{LEIPZIG}/sessions/world-cafe")).await.must_not_say("Another title");
    olga.sends(shown).await.must_say("Saved and published.");

    let new = olga.opens(&format!("{SESSIONS}/new")).await;
    olga.sends(new.form("Preview").fill("Text", "*new*")).await.must_be(200).must_say("New session");
}

#[tokio::test]
async fn the_live_preview_is_rendered_like_the_public_page() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    let body = Some("text=a+**b**%0A%0A%3Cimg+src%3Dx+onerror%3Dy%3E".to_owned());
    let ours = [("sec-fetch-site", "same-origin"), ("hx-request", "true")];
    let answer = olga.asks(Method::POST, "/organisers/leipzig-2018/preview", &ours, body).await;
    assert_eq!(answer.status(), 200);
    let part = answer.text().await.expect("the whole answer");
    assert!(
        part.contains("<p>a <strong>b</strong></p>")
            && part.contains("&lt;img")
            && !part.contains("<img")
            && !part.contains("<html"),
        "{part}"
    );
}

#[tokio::test]
async fn every_save_is_a_revision_that_can_be_read_and_restored() {
    let app = TestApp::start().await;
    let (olga, anna) = (app.organiser().await, app.delegate());
    let public = format!("{LEIPZIG}/sessions/world-cafe");
    for text in ["The second text.", "The third text."] {
        let form = editor(&olga, WORLD_CAFE).await.form("Save and publish").fill("Text", text);
        olga.sends(form).await.must_say("Saved and published.");
    }
    let page = editor(&olga, WORLD_CAFE).await;
    let list = olga.follows(&page, "Revisions").await;
    let numbers: Vec<String> = list.rows().into_iter().map(|row| row[0].clone()).collect();
    assert_eq!(numbers, ["Revision 3", "Revision 2", "Revision 1"]);
    assert_eq!(list.row("Revision 3")[3], "published");
    assert!(list.row("Revision 1")[1].contains("as shipped"));

    let second = olga.follows(&list, "Revision 2").await;
    second.must_say("[removed: third]").must_say("[added: second]");
    let restored = olga.sends(second.form("Restore and publish")).await;
    restored.must_say("Saved and published.").must_say("Revision 4");
    anna.opens(&public).await.must_say("The second text.");

    let undone = olga.sends(restored.form("Undo this save")).await;
    undone.must_say("Revision 5");
    anna.opens(&public).await.must_say("The third text.");
    let kinds: Vec<String> = sqlx::query_scalar("select kind from audit where subject_id is not null order by at, id")
        .fetch_all(&app.db)
        .await
        .expect("the audit log");
    assert_eq!(kinds, ["item_saved", "item_saved", "item_restored", "item_restored"]);
}

#[tokio::test]
async fn saving_without_changes_creates_no_revision() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    let page = editor(&olga, WORLD_CAFE).await;
    let answer = olga.sends(page.form("Save and publish")).await;
    answer.must_say("Nothing to save.").must_say("Revision 1");
}

#[tokio::test]
async fn the_imprint_is_edited_like_a_session_and_a_new_page_is_in_the_footer() {
    let app = TestApp::start().await;
    let (olga, anna) = (app.organiser().await, app.delegate());
    let list = olga.opens(PAGES).await;
    assert_eq!(list.row("Imprint")[2], "to be completed");
    let page = olga.follows(&list, "Imprint").await;
    let form = page.form("Save and publish").untick("Facts are missing").fill("Text", "Responsible: **MCE**");
    let saved = olga.sends(form).await;
    saved.must_say("Saved and published.");
    anna.opens(&format!("{LEIPZIG}/pages/imprint")).await.must_say("Responsible: MCE");
    olga.sends(saved.form("Undo this save")).await.must_say("Revision 3");
    anna.opens(&format!("{LEIPZIG}/pages/imprint")).await.must_not_say("Responsible: <strong>MCE");

    let new = olga.opens(&format!("{PAGES}/new")).await;
    let empty = olga.sends(new.form("Save and publish").fill("Text", "By train.")).await;
    empty.must_be(422);
    assert_eq!(empty.error_beside("Title").as_deref(), Some("Give the title"));
    assert_eq!(empty.form("Save and publish").value("Text"), "By train.");
    let filled = empty.form("Save and publish").fill("Title", "Travel and hotels");
    olga.sends(filled.clone()).await.must_say("Saved and published.");
    olga.sends(filled).await.must_say("Nothing to save.");
    let home = anna.opens(LEIPZIG).await;
    anna.follows(&home, "Travel and hotels").await.must_say("By train.");
    assert_eq!(home.link("Travel and hotels"), format!("{LEIPZIG}/pages/travel-and-hotels"));
}
