//! The editors.

use super::{Tour, one, pages_below, tour};
use crate::support::{LEIPZIG, Person, TestApp};

/// The kinds that sessions name: the word for screenshots, the last part of the list's address, and the required field with a value.
const NAMED: [(&str, &str, &str, &str); 4] = [
    ("room", "rooms", "Name", "Richard-Wagner-Saal"),
    ("topic", "topics", "Title", "Trust in public data"),
    ("session-kind", "session-kinds", "Name", "Excursion"),
    ("person", "people", "Name", "Anna Maria Schmidt"),
];

#[tokio::test]
async fn the_editors_pass_all_checks_in_every_state() {
    let app = TestApp::start().await;
    let sessions = format!("/organisers{LEIPZIG}/sessions");
    let cafe = format!(
        "{sessions}/{}",
        one(&app, "select item_id::text from revision where kind = 'session' and slug = 'world-cafe'").await
    );
    let pages = format!("/organisers{LEIPZIG}/pages");
    let imprint = format!("{pages}/{}", one(&app, "select item_id::text from revision where slug = 'imprint'").await);
    let olga = app.organiser().await;
    tour(&app, Some("organiser"), async move |mut tour| {
        for (name, path) in pages_below("/organisers/{c}") {
            tour.opens(&name, &path).await;
        }
        tour.presses("session-preview", &cafe, "Preview", "As the public will see it").await;
        tour.opens("session-edit", &cafe).await;
        tour.browser.fills("Title", "").await;
        tour.browser.clicks("Save and publish").await;
        tour.browser.sees("attention").await;
        tour.checks("session-edit-wrong").await;

        // Somebody else saves at the same time.
        tour.browser.opens(&cafe).await;
        tour.browser.fills("Text", "Tables for **six**.").await;
        let theirs = olga.opens(&cafe).await.form("Save and publish");
        olga.sends(theirs.fill("Text", "Tables for eight.")).await.must_be(200);
        tour.browser.clicks("Save and publish").await;
        tour.browser.sees("Somebody saved this before you").await;
        tour.checks("session-conflict").await;
        tour.browser.clicks("Save and publish").await;
        tour.browser.sees("attention").await;
        tour.checks("session-conflict-wrong").await;

        tour.opens("session-revisions", &format!("{cafe}/revisions")).await;
        let list = olga.opens(&format!("{cafe}/revisions")).await;
        let first = list.links().into_iter().map(|(_, to)| to).find(|to| to.contains("/revisions/"));
        tour.opens("session-revision", &first.expect("an earlier revision")).await;

        // What is saved without publishing it, and a release that is taken back.
        let unpublished = format!("/organisers{LEIPZIG}/unpublished");
        tour.browser.opens(&cafe).await;
        tour.browser.fills("Title", "World Café by the lake").await;
        tour.browser.clicks("Save without publishing").await;
        tour.browser.sees("The public cannot read it yet").await;
        tour.checks("session-saved").await;
        let draft = olga.opens(&format!("{sessions}/new?day=2018-05-29")).await.form("Save without publishing");
        let draft = draft.fill("Title", "Choir").hours("18:00", "19:00").choose("Status", "Draft");
        olga.sends(draft).await.must_be(200);
        tour.opens("unpublished", &unpublished).await;
        tour.presses("unpublished-time-wrong", &unpublished, "Publish at this time", "attention").await;
        let later =
            olga.opens(&unpublished).await.form("Publish at this time").fill("Date and time", "2099-05-28T09:00");
        olga.sends(later.fill("What has changed", "The rooms are settled")).await.must_be(200);
        tour.presses("unpublished-preview-link", &unpublished, "Create a link", "Link created").await;
        let link = tour.browser.script("return new URL(document.querySelector('#link').value).pathname").await;
        let link = link.as_str().expect("a link");
        tour.opens("preview", link).await;
        tour.opens("preview-session", &format!("{link}/sessions/choir")).await;
        tour.opens("unpublished-scheduled", &unpublished).await;
        let moved = olga.opens(&cafe).await.form("Save without publishing").fill("Start", "09:00");
        olga.sends(moved).await.must_be(200);
        tour.browser.clicks("Publish this change").await;
        tour.browser.sees("Not published yet").await;
        tour.checks("unpublished-stale").await;
        tour.browser.clicks("Publish this change").await;
        tour.browser.sees("is public now").await;
        tour.checks("releases").await;
        tour.opens("release", &format!("/organisers{LEIPZIG}/releases/1")).await;
        tour.opens("release-to-take-back", &format!("/organisers{LEIPZIG}/releases/2")).await;

        for (kind, list, field, value) in NAMED {
            let list = format!("/organisers{LEIPZIG}/{list}");
            tour.presses(&format!("{kind}-wrong"), &format!("{list}/new"), "Save and publish", "attention").await;
            tour.browser.fills(field, value).await;
            tour.browser.clicks("Save and publish").await;
            tour.browser.sees("Saved and published").await;
            tour.checks(&format!("{kind}-edit")).await;
            tour.opens(&format!("{kind}-listed"), &list).await;
        }
        sessions_that_clash(&mut tour, &sessions, &cafe).await;
        tour.opens("page-edit", &imprint).await;
        tour.browser.opens(&imprint).await;
        tour.browser.fills("Text", "Mine.").await;
        let theirs = olga.opens(&imprint).await.form("Save and publish");
        olga.sends(theirs.fill("Text", "Theirs.")).await.must_be(200);
        tour.browser.clicks("Save and publish").await;
        tour.browser.sees("Somebody saved this before you").await;
        tour.checks("page-conflict").await;
        tour.opens("page-revisions", &format!("{imprint}/revisions")).await;
        tour.presses("page-new-wrong", &format!("{pages}/new"), "Save and publish", "attention").await;
        tour.browser.fills("Title", "Travel").await;
        let key = tour.browser.script("return document.querySelector('[name=key]').value").await;
        let other = olga.opens(&format!("{pages}/new")).await.form("Save and publish").fill("Title", "Hotels");
        olga.sends(other.forge("key", key.as_str().expect("a key"))).await.must_be(200);
        tour.browser.clicks("Save and publish").await;
        tour.browser.sees("was already added with this form").await;
        tour.checks("page-new-twice").await;
        a_page_that_is_removed(&mut tour, &olga).await;
        tour
    })
    .await;
}

#[tokio::test]
async fn the_editor_passes_all_checks_when_the_browser_has_kept_what_was_typed() {
    let app = TestApp::start().await;
    tour(&app, Some("organiser"), async |mut tour| {
        let new = format!("/organisers{LEIPZIG}/pages/new");
        tour.browser.opens(&new).await;
        tour.browser.fills("Text", "[Travel](nowhere)").await;
        tour.browser.clicks("Save and publish").await;
        tour.browser.sees("attention").await;
        tour.opens("page-kept", &new).await;
        tour.browser.clicks_first("Restore what you typed").await;
        tour.browser.sees("Restored.").await;
        tour.checks("page-restored").await;
        tour
    })
    .await;
}

/// A page to which a text links, and the list after it was removed.
async fn a_page_that_is_removed(tour: &mut Tour, olga: &Person) {
    let pages = format!("/organisers{LEIPZIG}/pages");
    let linking = olga.opens(&format!("{pages}/new")).await.form("Save without publishing").fill("Title", "Hotels");
    let text = format!("[How to get there]({LEIPZIG}/pages/travel-and-venue)");
    olga.sends(linking.fill("Text", &text)).await.must_say("The public cannot read it yet");
    tour.browser.opens(&olga.opens(&pages).await.link("Travel and venue")).await;
    tour.browser.chooses("Status", "Removed").await;
    tour.browser.clicks("Save and publish").await;
    tour.browser.sees("In the way").await;
    tour.checks("page-linked").await;
    tour.browser.clicks("Remove the page and leave the links").await;
    tour.browser.sees("The public cannot read it any more").await;
    tour.checks("page-removed").await;
    tour.opens("pages-with-a-removed-one", &pages).await;
    tour.opens("page-gone", &format!("{LEIPZIG}/pages/travel-and-venue")).await;
}

/// A session with people in a room, and one that clashes with it.
async fn sessions_that_clash(tour: &mut Tour, sessions: &str, cafe: &str) {
    tour.browser.opens(cafe).await;
    tour.browser.clicks("Richard-Wagner-Saal").await;
    tour.browser.chooses("Person 1", "Anna Maria Schmidt").await;
    tour.browser.clicks("Save and publish").await;
    tour.browser.sees("Saved and published").await;
    tour.checks("session-with-people").await;
    tour.browser.opens(&format!("{sessions}/new?day=2018-05-30")).await;
    tour.browser.fills("Title", "Press hour").await;
    // What a time field takes from the keyboard depends on the browser's language.
    tour.browser.script("document.querySelector('#start').value = '10:00'").await;
    tour.browser.clicks("Richard-Wagner-Saal").await;
    tour.browser.clicks("Save and publish").await;
    tour.browser.sees("In the way").await;
    tour.checks("session-in-the-way").await;
}

#[tokio::test]
async fn a_person_with_a_picture_passes_all_checks() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    let new = olga.opens(&format!("/organisers{LEIPZIG}/people/new")).await.form("Save and publish");
    let mut file = std::io::Cursor::new(Vec::new());
    image::RgbImage::new(200, 200).write_to(&mut file, image::ImageFormat::Png).expect("a file");
    let form = new.fill("Name", "Anna Maria Schmidt").attach("New picture", "me.png", file.get_ref());
    let saved = olga.sends(form).await;
    let editor = saved.must_say("Saved and published.").path.clone();
    let revision = olga.follows(&saved, "Revisions").await.link("Revision 1");
    let other = olga.opens(&format!("/organisers{LEIPZIG}/people/new")).await.form("Save and publish");
    olga.sends(other.fill("Name", "A. M. Schmidt")).await.must_say("Saved and published.");
    tour(&app, Some("organiser"), async move |mut tour| {
        tour.opens("person-with-picture", &editor).await;
        let same = format!("{}/same", editor.split('?').next().unwrap_or_default());
        tour.opens("person-entered-twice", &same).await;
        tour.opens("person-revision", &revision).await;
        tour
    })
    .await;
}

#[tokio::test]
async fn pictures_of_the_conference_pass_all_checks() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    // A sky above a river, as bright as words would be.
    let picture = image::RgbImage::from_fn(1600, 900, |x, y| {
        let shade = |from: u32, over: u32| u8::try_from(from + over.min(255 - from)).unwrap_or(255);
        let roofs = 520 + (x / 90 * 37) % 130;
        image::Rgb(match y {
            y if y < roofs => [shade(150, y / 6), shade(190, y / 9), shade(235, x / 160)],
            y if y < 700 => [shade(120, x / 20), shade(70, y / 20), 60],
            _ => [50, shade(90, y / 30), shade(120, x / 30)],
        })
    });
    let mut file = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut file, image::ImageFormat::Jpeg).expect("a file");
    let facts = format!("/organisers{LEIPZIG}/facts");
    let form = olga.opens(&facts).await.form("Save and publish");
    let form = form
        .fill("Description of the picture on the home page", "Roofs above a river in the morning")
        .attach("New picture for the home page", "a.jpg", file.get_ref())
        .fill("Description of the picture of shared links", "Roofs above a river")
        .attach("New picture for shared links", "b.jpg", file.get_ref());
    let saved = olga.sends(form).await;
    let revision = olga.follows(saved.must_say("Saved and published."), "Revisions").await.link("Revision 2");
    tour(&app, Some("organiser"), async move |mut tour| {
        tour.opens("facts-with-pictures", &facts).await;
        tour.opens("facts-revision-with-pictures", &revision).await;
        tour.opens("home-with-picture", LEIPZIG).await;
        tour.browser.opens(&facts).await;
        tour.browser.fills("Description of the picture on the home page", "").await;
        tour.browser.clicks("Save and publish").await;
        tour.browser.sees("attention").await;
        tour.checks("facts-with-picture-wrong").await;
        tour
    })
    .await;
}

#[tokio::test]
async fn facts_with_sessions_outside_and_kinds_with_colours_pass_all_checks() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    tour(&app, Some("organiser"), async move |mut tour| {
        let facts = format!("/organisers{LEIPZIG}/facts");
        tour.browser.opens(&facts).await;
        tour.browser.fills("Title", "").await;
        tour.browser.fills("Time zone", "Leipzig").await;
        tour.browser.clicks("Save and publish").await;
        tour.browser.sees("attention").await;
        tour.checks("facts-wrong").await;
        let short = olga.opens(&facts).await.form("Save and publish").fill("Last day", "2018-05-29");
        olga.sends(short).await.must_be(200);
        tour.opens("facts-with-sessions-outside", &facts).await;
        let later = olga.opens(&facts).await.form("Save without publishing").fill("Last day", "2018-06-06");
        let later = olga.sends(later.fill("First day", "2018-06-05")).await;
        tour.opens("facts-with-sessions-to-move", &facts).await;
        olga.sends(later.form("Move all sessions 8 days later")).await.must_say("7 sessions were moved.");
        let moved = format!("{facts}/move");
        tour.opens("moved-sessions", &format!("{moved}?moved=7")).await;
        tour.browser.fills("Days", "soon").await;
        tour.browser.clicks("Move all sessions").await;
        tour.browser.sees("attention").await;
        tour.checks("move-sessions-wrong").await;
        let kinds = format!("/organisers{LEIPZIG}/session-kinds");
        let plenary = olga.follows(&olga.opens(&kinds).await, "Plenary").await.form("Save and publish");
        let plenary = plenary.choose("Colour", "Violet").fill("Description", "Everybody in one room.");
        olga.sends(plenary).await.must_be(200);
        tour.opens("session-kinds-coloured", &kinds).await;
        tour.opens("session-of-a-kind", &format!("{LEIPZIG}/sessions/city-data")).await;
        tour.opens("programme-with-kinds", &format!("{LEIPZIG}/programme")).await;
        tour
    })
    .await;
}

#[tokio::test]
async fn selected_sessions_that_clash_in_public_and_the_form_after_one_was_added_pass_all_checks() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    let (rooms, sessions) = (format!("/organisers{LEIPZIG}/rooms/new"), format!("/organisers{LEIPZIG}/sessions"));
    let room = olga.opens(&rooms).await.form("Save and publish").fill("Name", "Saal 1");
    olga.sends(room).await.must_be(200);
    let new = format!("{sessions}/new?day=2018-05-28");
    let put = async |path: &str, title: &str, button: &str, hours: (&str, &str)| {
        let form = olga.opens(path).await.form(button).fill("Title", title).hours(hours.0, hours.1);
        olga.sends(form.in_room("Saal 1")).await.must_be(200).path.clone()
    };
    let first = put(&new, "First", "Save and publish", ("08:00", "09:00")).await;
    put(&first, "First", "Save without publishing", ("11:00", "12:00")).await;
    put(&new, "Second", "Save without publishing", ("08:00", "09:00")).await;
    tour(&app, Some("organiser"), async move |mut tour| {
        tour.browser.opens(&sessions).await;
        tour.browser.clicks("Select Second").await;
        tour.browser.clicks("Publish as they are").await;
        tour.browser.sees("In the way").await;
        tour.checks("sessions-in-the-way").await;
        tour.browser.clicks("Save and publish together with “First”").await;
        tour.browser.sees("2 sessions can be read by the public like this").await;
        tour.browser.opens(&rooms).await;
        tour.browser.fills("Name", "Saal 2").await;
        tour.browser.clicks("Publish and add another").await;
        tour.browser.sees("“Saal 2” was added and published").await;
        tour.checks("room-added").await;
        tour
    })
    .await;
}

#[tokio::test]
async fn the_texts_pass_all_checks_as_shipped_changed_and_refused() {
    let app = TestApp::start().await;
    let text = async |name: &'static str| {
        let key = "select item_id::text from slug where kind = 'text' and slug = $1";
        let key: String = sqlx::query_scalar(key).bind(name).fetch_one(&app.db).await.expect("one row");
        format!("/organisers{LEIPZIG}/texts/{key}")
    };
    let (hero, reminder) = (text("home-hero").await, text("mail-reminder").await);
    tour(&app, Some("organiser"), async move |mut tour| {
        tour.browser.opens(&hero).await;
        tour.browser.clicks("What can be used in this text").await;
        tour.checks("text-as-shipped").await;
        tour.presses("text-mail-preview", &reminder, "Preview", "Example: the usual mail").await;
        tour.browser.clicks("What can be used in this text").await;
        tour.checks("text-mail-placeholders").await;
        tour.browser.opens(&hero).await;
        tour.browser.fills("Text", "Come to **{city}**.").await;
        tour.browser.clicks("Save without publishing").await;
        tour.browser.sees("It is not in use yet").await;
        tour.browser.clicks("Compare it with the text that was shipped").await;
        tour.checks("text-changed").await;
        tour.opens("texts-changed", &format!("/organisers{LEIPZIG}/texts")).await;
        tour.browser.opens(&reminder).await;
        tour.browser.fills("Text", "Subject: Hello\n\n# Hello\n\n{nobody}").await;
        tour.browser.clicks("Save and publish").await;
        tour.browser.sees("attention").await;
        tour.checks("text-wrong").await;
        tour
    })
    .await;
}
