//! Pages that organisers write: where they stand, when they are public, and what happens when one is removed.

use time::Duration;

use crate::{
    editing::{self, PAGES, PEOPLE, WORLD_CAFE, editor},
    reading::{get, header},
    signing_in::{PASSWORD, signs_in, with_password},
    support::{Form, LEIPZIG, Page, Person, TestApp, registration::registers},
};

const UNPUBLISHED: &str = "/organisers/leipzig-2018/unpublished";
const MENU: &str = "In the menu of every public page";
const NEITHER: &str = "Neither in the menu nor in the footer";
const TRAVEL: &str = "/leipzig-2018/pages/travel-and-venue";

async fn page_editor(person: &Person, title: &str) -> Page {
    person.follows(&person.opens(PAGES).await, title).await
}

/// Adds a page with this title.
async fn adds(person: &Person, title: &str, change: impl FnOnce(Form) -> Form) -> Page {
    let new = person.opens(&format!("{PAGES}/new")).await.form("Save and publish").fill("Title", title);
    let added = person.sends(change(new)).await;
    added.must_say("Saved and published.");
    added
}

/// Returns the words of the links in the menu and in the list of the footer.
fn linked(page: &Page) -> [Vec<String>; 2] {
    ["nav[aria-label=Conference] a", "nav[aria-label='About this site'] a"].map(|links| page.texts(links))
}

#[tokio::test]
async fn the_shipped_pages_stand_in_the_footer_and_each_says_what_to_complete() {
    let app = TestApp::start().await;
    let anna = app.delegate();
    let home = anna.opens("/").await;
    let [menu, footer] = linked(&home);
    assert_eq!(menu, ["Conference", "Programme", "Register"]);
    let shipped = ["Travel and venue", "Imprint", "Privacy notice", "Terms", "Accessibility statement"];
    assert_eq!(footer[..5], shipped);
    for (title, words) in [
        ("Travel and venue", "street and postcode – to be completed"),
        ("Accessibility statement", "fully, partially or not compliant – to be completed"),
    ] {
        anna.follows(&home, title).await.must_say("Draft, to be completed").must_say(words);
    }
    let map = anna.opens(TRAVEL).await.link("Kongresshalle Leipzig on OpenStreetMap");
    assert!(map.starts_with("https://www.openstreetmap.org/"), "{map}");
}

#[tokio::test]
async fn organisers_choose_where_a_page_stands_and_in_which_order() {
    let app = TestApp::start().await;
    let (olga, anna) = (app.organiser().await, app.delegate());
    let new = olga.opens(&format!("{PAGES}/new")).await.form("Save and publish");
    let begun = ["Link to this page", "Place in the order", "Status"].map(|label| new.value(label));
    assert_eq!(begun, ["In the footer of every public page", "6", "In use"]);
    let in_menu = |form: Form| form.choose("Link to this page", MENU);
    adds(&olga, "Hotels", |form| in_menu(form).fill("Place in the order", "7")).await;
    adds(&olga, "Map", |form| in_menu(form).fill("Place in the order", "6")).await;
    assert_eq!(linked(&anna.opens("/").await)[0], ["Conference", "Programme", "Register", "Map", "Hotels"]);
    let hotels = anna.follows(&anna.opens("/").await, "Hotels").await;
    assert_eq!(hotels.texts("nav [aria-current]"), ["Hotels"]);
    // With the same number, the page that was added first comes first.
    let form = page_editor(&olga, "Hotels").await.form("Save and publish").fill("Place in the order", "6");
    olga.sends(form).await.must_say("Saved and published.");
    assert_eq!(linked(&anna.opens("/").await)[0][3..], ["Hotels", "Map"]);

    let form = page_editor(&olga, "Terms").await.form("Save and publish").fill("Place in the order", "2");
    olga.sends(form).await.must_say("Saved and published.");
    assert_eq!(linked(&anna.opens("/").await)[1][1..4], ["Imprint", "Terms", "Privacy notice"]);
    let form = page_editor(&olga, "Hotels").await.form("Save and publish").choose("Link to this page", NEITHER);
    olga.sends(form).await.must_say("Saved and published.");
    assert!(anna.opens("/").await.find_link("Hotels").is_none());
    anna.opens(&format!("{LEIPZIG}/pages/hotels")).await.must_say("Hotels");
    let rows: Vec<_> = olga.opens(PAGES).await.rows().into_iter().map(|row| row[..2].join(": ")).collect();
    assert_eq!(
        (&*rows[0], &*rows[1], &**rows.last().expect("a row")),
        ("Map: menu", "Travel and venue: footer", "Hotels: neither")
    );
}

#[tokio::test]
async fn a_place_or_a_link_that_is_not_offered_is_refused() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    for place in ["", "0", "1000", "first", &"9".repeat(5000)] {
        let form = page_editor(&olga, "Terms").await.form("Save and publish").fill("Place in the order", place);
        let refused = olga.sends(form).await;
        let words = refused.must_be(422).error_beside("Place in the order");
        assert_eq!(words.as_deref(), Some("Give a whole number from 1 to 999"), "{place}");
        assert_eq!(refused.form("Save and publish").value("Place in the order"), place);
    }
    for (field, label) in [("placement", "Link to this page"), ("status", "Status")] {
        let form = page_editor(&olga, "Terms").await.form("Save and publish").forge(field, "draft");
        assert!(olga.sends(form).await.must_be(422).error_beside(label).is_some(), "{label}");
    }
}

#[tokio::test]
async fn a_page_can_be_saved_without_publishing_it_and_published_later() {
    let app = TestApp::start().await;
    let (olga, anna) = (app.organiser().await, app.delegate());
    let hotels = format!("{LEIPZIG}/pages/hotels");
    let new = olga.opens(&format!("{PAGES}/new")).await.form("Save without publishing");
    let saved = olga.sends(new.fill("Title", "Hotels").fill("Text", "Near the station.")).await;
    saved.must_say("The public cannot read it yet.");
    anna.tries(&hotels).await.must_be(404);
    assert!(anna.opens("/").await.find_link("Hotels").is_none());
    let row = olga.opens(PAGES).await.row("Hotels not published");
    assert_eq!((&*row[2], &*row[4]), ("complete", "not public"));

    let waiting = olga.opens(UNPUBLISHED).await;
    waiting.must_say("Page: Hotels");
    olga.sends(waiting.form("Publish this change")).await.must_say("Release 2 is public now.").link("Release 2");
    anna.opens(&hotels).await.must_say("Near the station.");

    // A change of a public page waits in the same way, its place in the menu included.
    let form = page_editor(&olga, "Hotels").await.form("Save without publishing").fill("Text", "By the zoo.");
    olga.sends(form.choose("Link to this page", MENU)).await.must_say("Saved.");
    anna.opens(&hotels).await.must_say("Near the station.");
    assert_eq!(linked(&anna.opens("/").await)[1][5], "Hotels");
    let form = page_editor(&olga, "Hotels").await.form("Save and publish");
    olga.sends(form).await.must_say("Saved and published.");
    anna.opens(&hotels).await.must_say("By the zoo.");
    assert_eq!(linked(&anna.opens("/").await)[0][3], "Hotels");

    // That facts are missing is something else: everybody reads it on the page.
    let form = page_editor(&olga, "Hotels").await.form("Save and publish").tick("Facts are missing");
    olga.sends(form).await.must_say("Saved and published.");
    anna.opens(&hotels).await.must_say("Draft, to be completed").must_say("By the zoo.");
}

#[tokio::test]
async fn taking_back_a_release_leaves_the_pages_as_they_are() {
    let app = TestApp::start().await;
    let (olga, anna) = (app.organiser().await, app.delegate());
    let form = page_editor(&olga, "Terms").await.form("Save without publishing").fill("Text", "Be there.");
    olga.sends(form).await.must_say("Saved.");
    let form = editor(&olga, WORLD_CAFE).await.form("Save without publishing").fill("Text", "Six tables.");
    olga.sends(form).await.must_say("Saved.");
    let waiting = olga.opens(UNPUBLISHED).await;
    olga.sends(waiting.form("Publish all 2 changes")).await.must_say("Release 2 is public now.");
    let release = olga.opens("/organisers/leipzig-2018/releases/2").await;
    release.must_say("Pages and texts stay as they are.");
    olga.sends(release.form("Take back release 2")).await.must_say("Release 3 is public now.");
    anna.opens(&format!("{LEIPZIG}/sessions/world-cafe")).await.must_not_say("Six tables.");
    anna.opens(&format!("{LEIPZIG}/pages/terms")).await.must_say("Be there.");
}

/// Removes a page.
async fn removes(person: &Person, title: &str) -> Page {
    person.sends(page_editor(person, title).await.form("Save and publish").choose("Status", "Removed")).await
}

#[tokio::test]
async fn a_removed_page_is_gone_from_every_list_and_can_be_brought_back() {
    let app = TestApp::start().await;
    let (olga, anna) = (app.organiser().await, app.delegate());
    let form = page_editor(&olga, "Travel and venue").await.form("Save and publish");
    olga.sends(form.fill("Address of the page", "travel")).await.must_say("Saved and published.");
    let moved = get(&app, TRAVEL, &[]).await;
    assert_eq!((moved.status().as_u16(), header(&moved, "location")), (301, "/leipzig-2018/pages/travel"));

    let removed = removes(&olga, "Travel and venue").await;
    removed.must_say("Saved and published.").must_say("The public cannot read it any more.");
    for path in [TRAVEL, "/leipzig-2018/pages/travel"] {
        let gone = anna.tries(path).await;
        gone.must_be(410).must_say("It has been removed or closed.");
        assert!(gone.find_link("Programme").is_some() && gone.find_link("Imprint").is_some(), "the frame of the site");
    }
    assert!(anna.opens("/").await.find_link("Travel and venue").is_none());
    assert!(!anna.opens("/sitemap.xml").await.body.contains("/pages/travel"));
    let list = olga.opens(PAGES).await;
    assert_eq!(list.texts("#removed + ul li"), ["Travel and venue"]);
    // A text cannot link to it any more.
    let form = editor(&olga, WORLD_CAFE).await.form("Save and publish");
    let refused = olga.sends(form.fill("Text", "[Travel](/leipzig-2018/pages/travel)")).await;
    assert!(refused.must_be(422).error_beside("Text").is_some());

    olga.sends(removed.form("Undo this save")).await.must_say("Saved and published.");
    anna.opens("/leipzig-2018/pages/travel").await.must_say("Kongresshalle");
}

#[tokio::test]
async fn a_page_that_was_never_public_can_be_removed_without_a_trace() {
    let app = TestApp::start().await;
    let (olga, anna) = (app.organiser().await, app.delegate());
    let new = olga.opens(&format!("{PAGES}/new")).await.form("Save without publishing").fill("Title", "Hotels");
    olga.sends(new).await.must_say("Saved.");
    let form = page_editor(&olga, "Hotels").await.form("Save without publishing").choose("Status", "Removed");
    olga.sends(form).await.must_say("Saved.");
    olga.opens(UNPUBLISHED).await.must_say("There is nothing to publish");
    anna.tries(&format!("{LEIPZIG}/pages/hotels")).await.must_be(404);
}

#[tokio::test]
async fn before_a_page_is_removed_the_texts_that_link_to_it_are_named() {
    let app = TestApp::start().await;
    let (olga, anna) = (app.organiser().await, app.delegate());
    adds(&olga, "Hotels", |form| form.fill("Address of the page", "hotels-2018")).await;
    let session = editor(&olga, WORLD_CAFE).await.form("Save and publish");
    olga.sends(session.fill("Text", "[Hotels](/Leipzig-2018/pages/hotels-2018#near)")).await.must_say("Saved and");
    let page = page_editor(&olga, "Hotels").await.form("Save and publish").fill("Address of the page", "hotels");
    olga.sends(page).await.must_say("Saved and published.");
    editing::person(&olga, "Ada Zaun").await;
    let ada = olga.follows(&olga.opens(PEOPLE).await, "Ada Zaun").await.form("Save and publish");
    let links = format!("https://conference.example{LEIPZIG}/pages/hotels Where I stay");
    olga.sends(ada.fill("Links", &links)).await.must_say("Saved and published.");
    let imprint = page_editor(&olga, "Imprint").await.form("Save without publishing");
    olga.sends(imprint.fill("Text", "[Hotels](/leipzig-2018/pages/hotels)")).await.must_say("Saved.");
    // These do not link to it.
    adds(&olga, "Prices", |form| form.fill("Text", "/leipzig-2018/pages/hotels-in-venice")).await;
    let note = editor(&olga, "Topic 1: City Data: Swimming in the data sea – are you waving or drowning?").await;
    let note = note.form("Save and publish").fill("Note for organisers", "See /leipzig-2018/pages/hotels");
    olga.sends(note).await.must_say("Saved and published.");

    let refused = removes(&olga, "Hotels").await;
    refused.must_be(422);
    let beside = refused.error_beside("Status").unwrap_or_default();
    assert!(beside.starts_with("The texts listed under “In the way” link to this page."), "{beside}");
    let in_the_way = [
        "Imprint: Page. The link is not published yet.",
        "Ada Zaun: Person. The public reads the link.",
        "World Café: Session. The public reads the link.",
    ];
    assert_eq!(refused.texts("section[aria-labelledby=in-the-way] li"), in_the_way);
    assert_eq!(olga.follows(&refused, "World Café").await.heading(), "World Café");
    anna.opens(&format!("{LEIPZIG}/pages/hotels")).await.must_say("Hotels");

    // Somebody links to it in the meantime, so its remover is told of that, too.
    let prices = page_editor(&olga, "Prices").await.form("Save and publish");
    olga.sends(prices.fill("Text", "[Hotels](/leipzig-2018/pages/hotels)")).await.must_say("Saved and published.");
    let again = olga.sends(refused.form("Remove the page and leave the links")).await;
    again.must_be(422);
    assert_eq!(again.texts("section[aria-labelledby=in-the-way] li").len(), 4);
    let removed = olga.sends(again.form("Remove the page and leave the links")).await;
    removed.must_say("Saved and published.").must_say("The public cannot read it any more.");
    anna.tries(&format!("{LEIPZIG}/pages/hotels-2018")).await.must_be(410);
}

#[tokio::test]
async fn a_removal_that_is_not_published_yet_says_which_texts_link_to_the_page_too() {
    let app = TestApp::start().await;
    let (olga, anna) = (app.organiser().await, app.delegate());
    let session = editor(&olga, WORLD_CAFE).await.form("Save and publish");
    olga.sends(session.fill("Text", &format!("[How to get there]({TRAVEL})"))).await.must_say("Saved and published.");
    let form = page_editor(&olga, "Travel and venue").await.form("Save without publishing");
    let refused = olga.sends(form.choose("Status", "Removed")).await;
    refused.must_be(422).must_say("The public reads the link.");
    olga.sends(refused.form("Remove the page and leave the links")).await.must_say("The public cannot read it yet.");
    anna.opens(TRAVEL).await.must_say("Kongresshalle");
    // Before it is public, its remover is told again.
    let waiting = page_editor(&olga, "Travel and venue").await.form("Save and publish");
    let refused = olga.sends(waiting).await;
    refused.must_be(422).must_say("The public reads the link.");
    olga.sends(refused.form("Remove the page and leave the links")).await.must_say("Saved and published.");
    anna.tries(TRAVEL).await.must_be(410);
}

#[tokio::test]
async fn the_privacy_notice_cannot_be_removed() {
    let app = TestApp::start().await;
    let (olga, anna) = (app.organiser().await, app.delegate());
    let words = "The privacy notice cannot be removed: the registration form shows it. Change its text instead";
    let form = page_editor(&olga, "Privacy notice").await.form("Save and publish").fill("Address of the page", "data");
    olga.sends(form).await.must_say("Saved and published.");
    for button in ["Save and publish", "Save without publishing"] {
        let form = page_editor(&olga, "Privacy notice").await.form(button).choose("Status", "Removed");
        let refused = olga.sends(form.fill("Text", "We keep nothing.")).await;
        assert_eq!(refused.must_be(422).error_beside("Status").as_deref(), Some(words), "{button}");
        assert_eq!(refused.form(button).value("Text"), "We keep nothing.");
    }
    // The database holds it, too.
    let forced = "update item set head_id = head_id where id in (select item_id from slug where slug = 'privacy')";
    sqlx::query("update revision set status = 'withdrawn' where slug = 'data'").execute(&app.db).await.expect("rows");
    let error = sqlx::query(forced).execute(&app.db).await.expect_err("the constraint");
    let error = error.as_database_error().expect("an error of the database");
    assert_eq!(error.constraint(), Some("privacy_notice_stays"));
    sqlx::query("update revision set status = 'confirmed' where slug = 'data'").execute(&app.db).await.expect("rows");
    registers(&anna, "Anna Nagy", "anna@graz.example").await.must_say("You are registered");
}

#[tokio::test]
async fn delegates_agree_to_the_privacy_notice_that_is_public() {
    let app = TestApp::start().await;
    let (olga, anna) = (app.organiser().await, app.delegate());
    let form = page_editor(&olga, "Privacy notice").await.form("Save without publishing").fill("Text", "We keep all.");
    olga.sends(form).await.must_say("The public cannot read it yet.");
    anna.opens(&format!("{LEIPZIG}/register")).await.must_not_say("We keep all.");
    registers(&anna, "Anna Nagy", "anna@graz.example").await.must_say("You are registered");
    let kept: i32 =
        sqlx::query_scalar("select number from registration join revision on revision.id = privacy_revision_id")
            .fetch_one(&app.db)
            .await
            .expect("a registration");
    assert_eq!(kept, 1);
}

#[tokio::test]
async fn people_register_as_before_when_the_terms_are_removed() {
    let app = TestApp::start().await;
    let (olga, anna) = (app.organiser().await, app.delegate());
    removes(&olga, "Terms").await.must_say("Saved and published.");
    registers(&anna, "Anna Nagy", "anna@graz.example").await.must_say("You are registered").must_not_say("Terms");
}

#[tokio::test]
async fn a_page_that_somebody_removes_while_another_writes_asks_the_other_one() {
    let app = TestApp::start().await;
    let (olga, otto, anna) = (app.organiser().await, app.organiser().await, app.delegate());
    let his = page_editor(&otto, "Travel and venue").await.form("Save and publish").fill("Text", "By tram.");
    removes(&olga, "Travel and venue").await.must_say("Saved and published.");
    let conflict = otto.sends(his).await;
    conflict.must_be(409);
    assert_eq!(conflict.row("Status")[..3], ["Status", "Removed", "In use"]);
    let form = conflict.form("Save and publish").choose("Status", "In use");
    otto.sends(form).await.must_say("Saved and published.");
    anna.opens(TRAVEL).await.must_say("By tram.");
}

#[tokio::test]
async fn a_removal_is_not_lost_when_the_login_ends() {
    let app = TestApp::start().await;
    let account = with_password(&app, "organiser").await;
    let olga = app.delegate();
    signs_in(&olga, &account.email, PASSWORD).await;
    let form = page_editor(&olga, "Travel and venue").await.form("Save without publishing");
    let form = form.choose("Status", "Removed").choose("Link to this page", NEITHER).fill("Text", "By tram.");
    app.it_is(app.now() + Duration::hours(13));
    let asked = olga.sends(form).await;
    let back = asked.must_be(401).form("Sign in").fill("E-mail", &account.email).fill("Password", PASSWORD);
    let back = olga.sends(back).await;
    back.must_be(200).must_say("Not saved yet.");
    let form = back.form("Save without publishing");
    let kept = ["Status", "Link to this page", "Text"].map(|label| form.value(label));
    assert_eq!(kept, ["Removed", NEITHER, "By tram."]);
    olga.sends(form).await.must_say("The public cannot read it yet.");
    app.delegate().opens(TRAVEL).await.must_say("Kongresshalle");
}

#[tokio::test]
async fn a_page_that_an_older_instance_saves_stays_in_the_footer() {
    let app = TestApp::start().await;
    let (olga, anna) = (app.organiser().await, app.delegate());
    // Its statements do not name the columns that it does not know.
    sqlx::raw_sql(
        "insert into revision (id, conference_id, item_id, kind, number, slug, title, title_folded, status, edit_id)
         select item_id, conference_id, item_id, kind, 2, slug, title, title_folded, status, edit_id
         from revision where kind = 'page' and slug = 'imprint';
         insert into page_content (revision_id, conference_id, text, draft)
         select id, conference_id, 'Anew.', false from revision where kind = 'page' and number = 2;
         update item set head_id = id where id in (select id from revision where kind = 'page' and number = 2)",
    )
    .execute(&app.db)
    .await
    .expect("a revision");
    let form = page_editor(&olga, "Imprint").await.form("Save and publish");
    assert_eq!(form.value("Link to this page"), "In the footer of every public page");
    olga.sends(form).await.must_say("Saved and published.");
    assert!(linked(&anna.opens("/").await)[1].contains(&"Imprint".to_owned()));
}
