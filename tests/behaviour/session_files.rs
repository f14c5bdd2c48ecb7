//! Files of a session: uploaded in the editor, and public with the session.

use reqwest::Method;
use time::Duration;

use super::editing::{SESSIONS, WORLD_CAFE, editor};
use crate::{
    instances::House,
    signing_in::{PASSWORD, signs_in, with_password},
    support::{Form, LEIPZIG, Page, Person, TestApp},
};

const PDF: &[u8] = b"%PDF-1.7 the data sea";
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n and so on";

/// Returns the names and addresses of the files in an editor.
fn files(page: &Page) -> Vec<(String, String)> {
    page.links().into_iter().filter(|(_, to)| to.contains("/files/")).collect()
}

fn names(page: &Page) -> Vec<String> {
    files(page).into_iter().map(|(name, _)| name).collect()
}

/// Returns the address at which the public finds a file of an editor.
fn public(address: &str) -> String {
    let (_, key) = address.rsplit_once('/').expect("the address of a file");
    format!("{LEIPZIG}/files/{key}")
}

async fn status(person: &Person, path: &str) -> u16 {
    person.asks(Method::GET, path, &[], None).await.status().as_u16()
}

async fn world_cafe(person: &Person, button: &str) -> Form {
    editor(person, WORLD_CAFE).await.form(button)
}

#[tokio::test]
async fn a_file_is_public_once_its_session_is_and_no_longer_than_that() {
    let app = TestApp::start().await;
    let (olga, anna) = (app.organiser().await, app.delegate());
    let form = world_cafe(&olga, "Save without publishing").await.attach("Add a file", "C:\\Zürich 1.PDF", PDF);
    let saved = olga.sends(form).await;
    saved.must_say("Saved.");
    let [(name, shown)] = &files(&saved)[..] else { panic!("one file: {}", saved.body) };
    assert_eq!(name, "Zürich 1.PDF");
    let address = public(shown);
    assert_eq!([status(&olga, shown).await, status(&anna, &address).await], [200, 404], "it is not public yet");
    assert_eq!(status(&anna, shown).await, 303, "she has to sign in");
    assert!(names(&anna.opens(&format!("{LEIPZIG}/sessions/world-cafe")).await).is_empty());

    let published = olga.sends(saved.form("Save and publish")).await;
    published.must_say("Saved and published.");
    let page = anna.opens(&format!("{LEIPZIG}/sessions/world-cafe")).await;
    page.must_say("(PDF, 21 bytes)");
    assert_eq!(files(&page), [(name.clone(), address.clone())]);
    assert!(anna.opens(&format!("{LEIPZIG}/changes")).await.says("What has changed: the files."));
    let answer = anna.asks(Method::GET, &address, &[], None).await;
    let header = |name: &str| answer.headers()[name].to_str().expect("a text").to_owned();
    assert_eq!(header("content-type"), "application/pdf");
    assert!(header("content-disposition").starts_with("attachment; filename*=UTF-8''Z%C3%BCrich%20"));
    assert_eq!(header("content-security-policy"), "default-src 'none'; sandbox");
    assert_eq!(header("x-content-type-options"), "nosniff");
    assert_eq!(header("cache-control"), "public, max-age=300");
    let tag = header("etag");
    assert_eq!(anna.asks(Method::GET, &address, &[("if-none-match", &tag)], None).await.status(), 304);
    assert_eq!(answer.bytes().await.expect("the file"), PDF);

    let removed = olga.sends(published.form("Save and publish").tick(&format!("Remove {name}"))).await;
    assert!(names(removed.must_say("Saved and published.")).is_empty());
    assert_eq!([status(&olga, shown).await, status(&anna, &address).await], [200, 404]);
    let revisions = olga.follows(&removed, "Revisions").await;
    let before = olga.follows(&revisions, "Revision 2").await;
    before.must_say(name);
    assert_eq!(names(&olga.sends(before.form("Restore and publish")).await), ["Zürich 1.PDF"]);
    assert_eq!(status(&anna, &address).await, 200);
}

#[tokio::test]
async fn a_file_of_ten_megabytes_arrives_whole() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    let numbers = (0..10 * 1024 * 1024 / 4 - 2).flat_map(u32::to_be_bytes);
    let content: Vec<u8> = PNG[..8].iter().copied().chain(numbers).collect();
    let form = world_cafe(&olga, "Save and publish").await.attach("Add a file", "map.png", &content);
    let saved = olga.sends(form).await;
    saved.must_say("Saved and published.");
    let answer = app.delegate().asks(Method::GET, &public(&files(&saved)[0].1), &[], None).await;
    assert_eq!(answer.headers()["content-length"], (10 * 1024 * 1024).to_string().as_str());
    assert!(answer.bytes().await.expect("the file") == content);
}

#[tokio::test]
async fn the_name_of_a_file_ends_like_what_it_is() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    let form = world_cafe(&olga, "Save and publish").await.attach("Add a file", "slides.pdf", PNG);
    let saved = olga.sends(form).await;
    assert_eq!(names(saved.must_say("Saved and published.")), ["slides.pdf.png"]);
    let answer = app.delegate().asks(Method::GET, &public(&files(&saved)[0].1), &[], None).await;
    assert_eq!(answer.headers()["content-type"], "image/png");
}

#[tokio::test]
async fn a_file_that_was_uploaded_once_survives_errors_the_preview_and_a_conflict() {
    let app = TestApp::start().await;
    let (olga, otto) = (app.organiser().await, app.organiser().await);
    let (hers, his) = (world_cafe(&olga, "Preview").await, world_cafe(&otto, "Save and publish").await);
    let preview = olga.sends(hers.attach("Add a file", "one.pdf", PDF)).await;
    assert_eq!(names(&preview), ["one.pdf"]);
    let wrong = preview.form("Save and publish").fill("Title", " ").attach("Add a file", "two.png", PNG);
    let refused = olga.sends(wrong).await;
    refused.must_be(422);
    assert_eq!(names(&refused), ["one.pdf", "two.png"]);
    let saved = olga.sends(refused.form("Save and publish").fill("Title", "World Café")).await;
    assert_eq!(names(saved.must_say("Saved and published.")), ["one.pdf", "two.png"]);

    let both = otto.sends(his.attach("Add a file", "three.pdf", PDF)).await;
    both.must_be(409).must_say("Somebody saved this before you").must_say("three.pdf");
    let saved = otto.sends(both.form("Save and publish")).await;
    let mut all = names(saved.must_say("Saved and published."));
    all.sort();
    assert_eq!(all, ["one.pdf", "three.pdf", "two.png"]);
}

#[tokio::test]
async fn a_file_that_is_not_accepted_is_refused_beside_its_field_and_everything_else_is_still_there() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    let saved = olga.sends(world_cafe(&olga, "Save and publish").await.attach("Add a file", "one.pdf", PDF)).await;
    saved.must_say("Saved and published.");
    for (what, file, words) in [
        ("a page", b"<!DOCTYPE html><p>Hello".to_vec(), "The file is not a PDF, an OpenDocument file, a PowerPoint"),
        ("an archive", b"PK\x03\x04 and so on".to_vec(), "The file is not a PDF, an OpenDocument file, a PowerPoint"),
        ("an empty file", Vec::new(), "The file is empty. Choose another one"),
        ("20 MB", vec![b'%'; 20 * 1024 * 1024], "The file is too large. Choose one of at most 10 MB"),
    ] {
        for button in ["Save and publish", "Preview"] {
            let form = saved.form(button).fill("Subtitle", "At six tables").attach("Add a file", "two.pdf", &file);
            let refused = olga.sends(form).await;
            refused.must_be(422);
            let error = refused.error_beside("Add a file").unwrap_or_default();
            assert!(error.contains(words), "{what}: {error}");
            assert_eq!(refused.form("Save and publish").value("Subtitle"), "At six tables", "{what}");
            assert_eq!(names(&refused), ["one.pdf"], "{what}");
            assert_eq!(refused.summary().len(), 1);
        }
    }
    let forged = saved.form("Save and publish").forge("files", "01900000-0000-7000-8000-000000000001");
    let refused = olga.sends(forged).await;
    refused.must_be(422).must_say("A file has been deleted, because it was not saved within a day");
}

#[tokio::test]
async fn a_refused_file_is_reported_in_a_conflict_too() {
    let app = TestApp::start().await;
    let (olga, otto) = (app.organiser().await, app.organiser().await);
    let (hers, his) = (world_cafe(&olga, "Save and publish").await, world_cafe(&otto, "Save and publish").await);
    olga.sends(hers.fill("Subtitle", "At six tables")).await.must_say("Saved and published.");
    let both = otto.sends(his.attach("Add a file", "two.pdf", b"MZ")).await;
    both.must_be(409);
    assert!(both.error_beside("Add a file").expect("an error").contains("whatever its name says"));
}

#[tokio::test]
async fn a_session_has_at_most_five_files() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    let mut page = editor(&olga, WORLD_CAFE).await;
    for number in 1..=6 {
        let form = page.form("Save and publish").attach("Add a file", &format!("{number}.pdf"), PDF);
        page = olga.sends(form).await;
    }
    page.must_be(422);
    assert_eq!(names(&page).len(), 6, "nothing that was uploaded is lost");
    let error = page.error_beside("Add a file").expect("an error");
    assert_eq!(error, "Use at most 5 files. Tick one of those above to remove it");
    let saved = olga.sends(page.form("Save and publish").tick("Remove 2.pdf")).await;
    assert_eq!(names(saved.must_say("Saved and published.")), ["1.pdf", "3.pdf", "4.pdf", "5.pdf", "6.pdf"]);
}

#[tokio::test]
async fn a_second_click_with_a_file_adds_no_second_session() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    let new = olga.opens(&format!("{SESSIONS}/new?day=2018-05-29")).await.form("Save without publishing");
    let form =
        new.fill("Title", "Choir").fill("Start", "18:00").fill("Length", "60").attach("Add a file", "a.pdf", PDF);
    olga.sends(form.clone()).await.must_say("Saved.");
    let again = olga.sends(form).await;
    again.must_be(200);
    assert_eq!((again.heading(), names(&again)), ("Choir".to_owned(), vec!["a.pdf".to_owned()]));
}

#[tokio::test]
async fn after_signing_in_again_everything_of_a_session_is_there_but_the_new_file() {
    let app = TestApp::start().await;
    let account = with_password(&app, "organiser").await;
    let olga = app.delegate();
    signs_in(&olga, &account.email, PASSWORD).await;
    let saved = olga.sends(world_cafe(&olga, "Save and publish").await.attach("Add a file", "one.pdf", PDF)).await;
    let form = saved.form("Save and publish").fill("Subtitle", "At six tables").attach("Add a file", "two.png", PNG);
    app.it_is(app.now() + Duration::hours(13));
    sqlx::query("delete from rate_limit").execute(&app.db).await.expect("no limits");
    let asked = olga.sends(form).await;
    asked.must_be(401);
    let back = olga.sends(asked.form("Sign in").fill("E-mail", &account.email).fill("Password", PASSWORD)).await;
    assert_eq!(names(back.must_be(200).must_say("Not saved yet.")), ["one.pdf"]);
    assert_eq!(back.form("Save and publish").value("Subtitle"), "At six tables");
}

#[tokio::test]
async fn a_file_that_nobody_saved_is_deleted_after_a_day() {
    let house = House::new().await;
    let first = house.program(&[]).await;
    let olga = house.signed_in("organiser", &first).await;
    let kept = olga.sends(world_cafe(&olga, "Save and publish").await.attach("Add a file", "a.pdf", PDF)).await;
    let kept = files(kept.must_say("Saved and published.")).remove(0).1;
    let lost = olga.sends(world_cafe(&olga, "Preview").await.attach("Add a file", "b.pdf", PDF)).await;
    sqlx::query("update file set created_at = now() - interval '25 hours'").execute(&house.db).await.expect("it");
    let new = olga.sends(world_cafe(&olga, "Preview").await.attach("Add a file", "c.pdf", PDF)).await;
    let [lost_file, new_file] = [&lost, &new].map(|page| files(page).pop().expect("a file").1);

    // It is looked for at each start, and then every hour.
    let _second = house.program(&[]).await;
    for _ in 0..100 {
        if status(&olga, &lost_file).await == 404 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    let left = [status(&olga, &lost_file).await, status(&olga, &new_file).await, status(&olga, &kept).await];
    assert_eq!(left, [404, 200, 200]);
    let refused = olga.sends(lost.form("Save and publish")).await;
    refused.must_be(422);
    assert!(refused.error_beside("Add a file").expect("an error").contains("Choose it again"));
    assert_eq!(names(&refused), ["a.pdf"]);
}
