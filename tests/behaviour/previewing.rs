//! Links with which people without an account read the draft of the programme.

use image::ImageFormat;
use reqwest::Method;

use super::{
    editing::{SESSIONS, WORLD_CAFE, editor, room},
    pictures::picture,
};
use crate::support::{LEIPZIG, Page, Person, TestApp};

const UNPUBLISHED: &str = "/organisers/leipzig-2018/unpublished";
const SKILLS: &str = "Topic 6: Internal and external skills: are local governments fit for the future?";

/// Creates a link and returns its path.
async fn creates_a_link(organiser: &Person) -> String {
    let page = organiser.sends(organiser.opens(UNPUBLISHED).await.form("Create a link")).await;
    page.must_say("Link created.").must_say("it is not shown again");
    let link = page.attributes("#link", "value").pop().expect("a link");
    link[link.find(LEIPZIG).expect("an address of the conference")..].to_owned()
}

/// Saves a session without publishing it.
async fn saves(organiser: &Person, session: &str, label: &str, text: &str) {
    let form = editor(organiser, session).await.form("Save without publishing");
    let form = if label == "Status" { form.choose(label, text) } else { form.fill(label, text) };
    organiser.sends(form).await.must_say("The public cannot read it yet.");
}

async fn adds_a_draft(organiser: &Person) {
    let new = organiser.opens(&format!("{SESSIONS}/new?day=2018-05-29")).await.form("Save without publishing");
    let draft = new.fill("Title", "Secret keynote").hours("18:00", "19:00");
    organiser.sends(draft.choose("Status", "Draft")).await.must_say("The public cannot read it yet.");
}

fn must_be_a_preview(page: &Page) {
    page.must_be(200).must_say("Preview: not public yet.");
    assert!(page.title().starts_with("Preview: "), "{}", page.title());
    assert_eq!(page.header("cache-control"), "no-store");
    assert_eq!(page.header("etag"), "");
    assert_eq!(page.attributes("meta[name=robots]", "content"), ["noindex"]);
    for shared in
        ["link[rel=canonical]", "meta[property]", "meta[name^=twitter]", "script[type]", "link[rel=alternate]"]
    {
        assert!(page.texts(shared).is_empty(), "{shared}: {}", page.body);
    }
    assert!(page.find_link("Register now!").is_none() && page.find_link("Add to calendar").is_none());
}

#[tokio::test]
async fn whoever_has_the_link_reads_the_draft_and_nobody_else_does() {
    let app = TestApp::start().await;
    let (olga, anna) = (app.organiser().await, app.delegate());
    saves(&olga, WORLD_CAFE, "Title", "World Café by the lake").await;
    saves(&olga, SKILLS, "Status", "Withdrawn").await;
    adds_a_draft(&olga).await;
    let link = creates_a_link(&olga).await;

    let preview = anna.opens(&link).await;
    must_be_a_preview(&preview);
    preview.must_say("World Café by the lake").must_say("provisional");
    let cards = preview.texts("article");
    assert!(!cards.iter().any(|card| card.contains("Internal and external skills")), "{cards:?}");
    assert!(cards.iter().any(|card| card.contains("Secret keynote") && card.ends_with("draft")), "{cards:?}");
    let programme = anna.opens(&format!("{LEIPZIG}/programme")).await;
    programme.must_not_say("by the lake").must_not_say("Secret keynote").must_say("Internal and external skills");
    programme.must_not_say("Preview");

    // Its links stay in the preview.
    let session = anna.follows(&preview, "Secret keynote").await;
    must_be_a_preview(&session);
    assert_eq!(session.path, format!("{link}/sessions/secret-keynote"));
    session.must_say("draft");
    assert_eq!(anna.follows(&session, "See the whole draft programme").await.path, link);
    let cafe = anna.opens(&format!("{link}/sessions/world-cafe")).await;
    must_be_a_preview(&cafe);
    assert_eq!(cafe.heading(), "World Café by the lake");
    let day = anna.follows(&preview, "Tue 29 May").await;
    must_be_a_preview(&day);
    day.must_say("Secret keynote").must_not_say("by the lake");
    for (_, to) in preview.links().into_iter().filter(|(_, to)| to.contains("/sessions/") || to.contains("?day=")) {
        assert!(to.starts_with(&link), "{to}");
    }
    anna.tries(&format!("{link}/sessions/skills")).await.must_be(410);
    anna.tries(&format!("{link}/sessions/nothing")).await.must_be(404);
    anna.opens(&format!("{LEIPZIG}/sessions/world-cafe")).await.must_not_say("by the lake");
    anna.tries(&format!("{LEIPZIG}/sessions/secret-keynote")).await.must_be(404);
}

#[tokio::test]
async fn a_preview_shows_each_save_at_once() {
    let app = TestApp::start().await;
    let (olga, anna) = (app.organiser().await, app.delegate());
    let link = creates_a_link(&olga).await;
    anna.opens(&link).await.must_say("World Café").must_not_say("by the lake");
    saves(&olga, WORLD_CAFE, "Title", "World Café by the lake").await;
    anna.opens(&link).await.must_say("World Café by the lake");
    room(&olga, "Saal 1").await;
    let form = editor(&olga, "Topic 7: World Café by the lake").await.form("Save without publishing");
    olga.sends(form.in_room("Saal 1")).await.must_be(200);
    anna.opens(&format!("{link}/sessions/world-cafe")).await.must_say("Saal 1");
    anna.opens(&format!("{LEIPZIG}/sessions/world-cafe")).await.must_not_say("Saal 1");
}

#[tokio::test]
async fn a_revoked_link_is_gone_and_the_others_still_work() {
    let app = TestApp::start().await;
    let (olga, otto, anna) = (app.organiser().await, app.organiser().await, app.delegate());
    let (first, second) = (creates_a_link(&olga).await, creates_a_link(&otto).await);
    let page = otto.opens(UNPUBLISHED).await;
    let by = &olga.account.as_ref().expect("an account").name;
    let row = page.row(by);
    let button = row[1].clone();
    assert!(button.starts_with(&format!("Revoke the link created by {by}")), "{row:?}");
    let done = otto.sends(page.form(&button)).await;
    done.must_say("Revoked.").must_not_say(by);
    for path in [first.clone(), format!("{first}/sessions/world-cafe")] {
        anna.tries(&path).await.must_be(410).must_not_say("World Café");
    }
    must_be_a_preview(&anna.opens(&second).await);
}

#[tokio::test]
async fn a_link_that_was_never_created_is_not_found_and_its_secret_is_not_stored() {
    let app = TestApp::start().await;
    let (olga, anna) = (app.organiser().await, app.delegate());
    let link = creates_a_link(&olga).await;
    let secret = link.rsplit('/').next().expect("a secret").to_owned();
    let other = secret.chars().rev().collect::<String>();
    for token in [other.as_str(), "secret", "%00"] {
        anna.tries(&format!("{LEIPZIG}/preview/{token}")).await.must_be(404);
        anna.tries(&format!("{LEIPZIG}/preview/{token}/sessions/world-cafe")).await.must_be(404);
    }
    olga.opens(UNPUBLISHED).await.must_not_say(&secret);
    let stored: String = sqlx::query_scalar("select to_jsonb(preview_link)::text from preview_link")
        .fetch_one(&app.db)
        .await
        .expect("it");
    assert!(!stored.contains(&secret), "{stored}");
    let noted: i64 =
        sqlx::query_scalar("select count(*) from audit join preview_link on subject_id = preview_link.id and kind = 'preview_link_created'")
            .fetch_one(&app.db)
            .await
            .expect("a number");
    assert_eq!(noted, 1);
}

#[tokio::test]
async fn a_preview_shows_the_people_pictures_and_files_of_the_draft_until_it_is_revoked() {
    let app = TestApp::start().await;
    let (olga, anna) = (app.organiser().await, app.delegate());
    let new = olga.opens("/organisers/leipzig-2018/people/new").await.form("Save without publishing");
    let new = new.fill("Name", "Anna Schmidt").fill("Text", "She counts bicycles.");
    olga.sends(new.attach("New picture", "me.png", &picture(ImageFormat::Png))).await.must_say("Saved.");
    let form = editor(&olga, WORLD_CAFE).await.form("Save without publishing");
    let form = form.choose("Person 1", "Anna Schmidt").attach("Add a file", "slides.pdf", b"%PDF-1.7 bicycles");
    olga.sends(form).await.must_say("Saved.");
    let link = creates_a_link(&olga).await;

    let session = anna.opens(&format!("{link}/sessions/world-cafe")).await;
    let speaker = anna.follows(&session, "Anna Schmidt").await;
    must_be_a_preview(speaker.must_say("She counts bicycles."));
    assert_eq!(anna.follows(&speaker, "World Café").await.path, format!("{link}/sessions/world-cafe"));
    let portrait = speaker.attributes("main img", "src").pop().expect("a picture");
    let (_, file) = session.links().into_iter().find(|(name, _)| name == "slides.pdf").expect("a file");
    for (path, kind) in [(&portrait, "image/jpeg"), (&file, "application/pdf")] {
        let answer = anna.asks(Method::GET, path, &[], None).await;
        assert_eq!(
            (answer.status().as_u16(), &answer.headers()["content-type"].to_str().expect("a text")),
            (200, &kind)
        );
        anna.tries(&path.replace(&link, LEIPZIG)).await.must_be(404);
    }
    anna.tries(&format!("{LEIPZIG}/speakers/anna-schmidt")).await.must_be(404);

    let page = olga.opens(UNPUBLISHED).await;
    let button = page.row(&olga.account.as_ref().expect("an account").name)[1].clone();
    olga.sends(page.form(&button)).await.must_say("Revoked.");
    for path in [&speaker.path, &portrait, &file] {
        anna.tries(path).await.must_be(410);
    }
}
