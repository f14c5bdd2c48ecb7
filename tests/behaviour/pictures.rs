//! Pictures of people: uploaded in the editor, encoded anew, and public with the person.

use std::io::Cursor;

use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use reqwest::Method;
use time::Duration;

use crate::{
    editing::{WORLD_CAFE, editor, person},
    instances::House,
    signing_in::{PASSWORD, signs_in, with_password},
    support::{Form, LEIPZIG, Page, Person, TestApp},
};

const PEOPLE: &str = "/organisers/leipzig-2018/people";

/// Returns a picture whose upper half is red.
pub fn picture(format: ImageFormat) -> Vec<u8> {
    let red = |_, y| Rgb(if y < 300 { [255, 0, 0] } else { [0, 0, 255] });
    let mut file = Cursor::new(Vec::new());
    DynamicImage::from(RgbImage::from_fn(600, 800, red)).write_to(&mut file, format).expect("a file");
    file.into_inner()
}

/// Returns the beginning of a PNG of a few bytes that claims to have 30,000 × 30,000 pixels.
fn bomb() -> Vec<u8> {
    let side = 30_000_u32.to_be_bytes();
    let header = [&side[..], &side, &[8, 2, 0, 0, 0]].concat();
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    for (kind, data) in [(b"IHDR", &header[..]), (b"IDAT", &[0x78, 0x9c])] {
        let mut checksum = flate2::Crc::new();
        checksum.update(kind);
        checksum.update(data);
        let length = u32::try_from(data.len()).expect("a short chunk").to_be_bytes();
        file.extend([&length[..], kind, data, &checksum.sum().to_be_bytes()].concat());
    }
    file
}

async fn new_person(olga: &Person, button: &str) -> Form {
    olga.opens(&format!("{PEOPLE}/new")).await.form(button).fill("Name", "Anna Schmidt")
}

/// Returns the address of the picture in an editor.
fn shown(editor: &Page) -> String {
    editor.attributes("main img", "src").into_iter().next().expect("a picture")
}

/// Returns the address at which the public sees a picture that an editor shows.
fn public(shown: &str, size: u32) -> String {
    let (_, rest) = shown.split_once("/pictures/").expect("the address of a picture");
    let (key, _) = rest.split_once('/').expect("a key and a size");
    format!("{LEIPZIG}/pictures/{key}/{size}")
}

async fn status(person: &Person, path: &str) -> u16 {
    person.asks(Method::GET, path, &[], None).await.status().as_u16()
}

#[tokio::test]
async fn a_picture_is_public_in_every_size_once_its_person_is() {
    let app = TestApp::start().await;
    let (olga, anna) = (app.organiser().await, app.delegate());
    for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP] {
        let form = new_person(&olga, "Save without publishing").await.attach("New picture", "me.jpg", &picture(format));
        let saved = olga.sends(form).await;
        saved.must_say("Saved.");
        let shown = shown(&saved);
        assert_eq!(status(&olga, &shown).await, 200);
        assert_eq!(status(&anna, &public(&shown, 96)).await, 404, "it is not public yet");
        assert_eq!(status(&anna, &shown).await, 303, "she has to sign in");

        olga.sends(saved.form("Save and publish")).await.must_say("Saved and published.");
        for size in [96, 192, 480] {
            let answer = anna.asks(Method::GET, &public(&shown, size), &[], None).await;
            let header = |name: &str| answer.headers()[name].to_str().expect("a text").to_owned();
            assert_eq!(header("content-type"), "image/jpeg");
            assert_eq!(header("cache-control"), "public, max-age=86400");
            assert_eq!(header("x-content-type-options"), "nosniff");
            let known = [("if-none-match", header("etag"))].map(|(name, tag)| (name, tag));
            let known: Vec<_> = known.iter().map(|(name, tag)| (*name, tag.as_str())).collect();
            let again = anna.asks(Method::GET, &public(&shown, size), &known, None).await;
            assert_eq!(again.status(), 304);
            let content = answer.bytes().await.expect("the picture");
            let decoded = image::load_from_memory_with_format(&content, ImageFormat::Jpeg).expect("a JPEG").to_rgb8();
            assert_eq!(decoded.dimensions(), (size, size));
            assert!(decoded.get_pixel(size / 2, 2).0[0] > 200, "the upper half is red");
        }
        assert_eq!(status(&anna, &public(&shown, 97)).await, 404);

        // It is not public any more when its person is not.
        let editor = olga.opens(saved.path.split('?').next().expect("a path")).await;
        let removed = olga.sends(editor.form("Save and publish").choose("Status", "Removed")).await;
        removed.must_say("Saved and published.");
        assert_eq!(status(&anna, &public(&shown, 96)).await, 404);
    }
}

#[tokio::test]
async fn a_session_shows_the_pictures_of_its_people_and_a_person_without_one_their_initials() {
    let app = TestApp::start().await;
    let (olga, anna) = (app.organiser().await, app.delegate());
    let form = new_person(&olga, "Save and publish").await;
    let saved = olga.sends(form.attach("New picture", "me.jpg", &picture(ImageFormat::Jpeg))).await;
    saved.must_say("Saved and published.");
    person(&olga, "Ben Huber").await;
    let form = editor(&olga, WORLD_CAFE).await.form("Save and publish").choose("Person 1", "Anna Schmidt");
    olga.sends(form.choose("Person 2", "Ben Huber")).await.must_say("Saved and published.");
    let session = anna.opens(&format!("{LEIPZIG}/sessions/world-cafe")).await;
    assert_eq!(session.attributes(".session-people img", "src"), [public(&shown(&saved), 96)]);
    assert_eq!(session.attributes(".session-people img", "alt"), [""], "the name stands beside it");
    let ben = anna.follows(&session, "Ben Huber").await;
    assert_eq!(ben.texts(".portrait"), ["BH"]);
}

#[tokio::test]
async fn the_page_of_a_revision_shows_the_picture_of_that_revision() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    let form = new_person(&olga, "Save and publish").await;
    let first = olga.sends(form.attach("New picture", "me.jpg", &picture(ImageFormat::Jpeg))).await;
    let form = first.form("Save and publish").fill("Description of the picture", "Anna on a bridge");
    let second = olga.sends(form.attach("New picture", "me.png", &picture(ImageFormat::Png))).await;
    let third = olga.sends(second.form("Save and publish").tick("Remove this picture")).await;
    let revisions = olga.follows(&third, "Revisions").await;
    for (revision, picture, text) in
        [("Revision 1", shown(&first), "Anna Schmidt"), ("Revision 2", shown(&second), "Anna on a bridge")]
    {
        let page = olga.follows(&revisions, revision).await;
        assert_eq!(page.attributes("main img", "src"), [picture], "{revision}");
        assert_eq!(page.attributes("main img", "alt"), [text], "{revision}");
    }
    let page = olga.follows(&revisions, "Revision 3").await;
    assert_eq!(page.attributes("main img", "src"), [""; 0]);
}

#[tokio::test]
async fn a_picture_that_was_uploaded_once_survives_errors_the_preview_and_a_conflict() {
    let app = TestApp::start().await;
    let (olga, otto) = (app.organiser().await, app.organiser().await);
    let file = picture(ImageFormat::Jpeg);
    let wrong =
        new_person(&olga, "Save and publish").await.fill("Links", "my page").attach("New picture", "me.jpg", &file);
    let refused = olga.sends(wrong).await;
    refused.must_be(422);
    let first = shown(&refused);
    let saved = olga.sends(refused.form("Save and publish").fill("Links", "")).await;
    saved.must_say("Saved and published.");
    assert_eq!(shown(&saved), first);

    let editor = saved.path.split('?').next().expect("a path").to_owned();
    let his = otto.opens(&editor).await;
    let preview = olga.sends(saved.form("Preview").attach("New picture", "me.png", &picture(ImageFormat::Png))).await;
    let second = shown(&preview);
    assert_ne!(second, first);
    let saved = olga.sends(preview.form("Save and publish")).await;
    assert_eq!(shown(saved.must_say("Saved and published.")), second);

    // Otto changes the city and the picture, which both changed.
    let both =
        otto.sends(his.form("Save and publish").fill("City", "Turku").attach("New picture", "me.jpg", &file)).await;
    both.must_be(409).must_say("Somebody saved this before you").must_say("uploaded on");
    let third = shown(&both);
    assert!(third != first && third != second, "his picture is still there");
    let saved = otto.sends(both.form("Save and publish")).await;
    assert_eq!(shown(saved.must_say("Saved and published.")), third);

    let form = saved.form("Save and publish").tick("Remove this picture");
    let without = otto.sends(form).await;
    assert!(without.must_say("Saved and published.").attributes("main img", "src").is_empty());
    // An earlier revision brings its picture back.
    let revisions = otto.follows(&without, "Revisions").await;
    let revision = otto.follows(&revisions, "Revision 1").await;
    assert_eq!(shown(&otto.sends(revision.form("Restore and publish")).await), first);
}

#[tokio::test]
async fn a_file_that_is_no_usable_picture_is_refused_beside_its_field_and_everything_typed_is_still_there() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    let form = new_person(&olga, "Save and publish").await.attach("New picture", "me.jpg", &picture(ImageFormat::Jpeg));
    let saved = olga.sends(form).await;
    let before = shown(saved.must_say("Saved and published."));
    let jpeg = picture(ImageFormat::Jpeg);
    for (what, file, words) in [
        (
            "a PDF",
            b"%PDF-1.7 and so on".to_vec(),
            "The file is not a JPEG, PNG or WebP picture, whatever its name says",
        ),
        ("a zip file", b"PK\x03\x04 and so on".to_vec(), "The file is not a JPEG, PNG or WebP picture"),
        ("an empty file", Vec::new(), "The file is empty"),
        ("a broken file", jpeg[..300].to_vec(), "The file is damaged"),
        ("30,000 pixels", bomb(), "The picture has too many pixels. Choose one of at most 30 million pixels"),
        ("20 MB", vec![0xff; 20 * 1024 * 1024], "The file is too large. Choose one of at most 10 MB"),
    ] {
        let form = saved.form("Save and publish").fill("City", "Turku").attach("New picture", "me.jpg", &file);
        let refused = olga.sends(form).await;
        refused.must_be(422);
        let error = refused.error_beside("New picture").unwrap_or_default();
        assert!(error.contains(words), "{what}: {error}");
        assert_eq!(refused.form("Save and publish").value("City"), "Turku", "{what}");
        assert_eq!(shown(&refused), before, "{what}: the picture before is still there");
        assert_eq!(refused.summary().len(), 1);
    }
    // What no editor sends at all.
    let endless = saved.form("Save and publish").attach("New picture", "me.jpg", &vec![0xff; 33 * 1024 * 1024]);
    olga.sends(endless).await.must_be(413);
    let forged = saved.form("Save and publish").forge("picture", "01900000-0000-7000-8000-000000000001");
    let refused = olga.sends(forged).await;
    refused.must_be(422).must_say("The picture has been deleted, because it was not saved within a day");
}

#[tokio::test]
async fn after_signing_in_again_everything_is_there_but_the_file() {
    let app = TestApp::start().await;
    let account = with_password(&app, "organiser").await;
    let olga = app.delegate();
    signs_in(&olga, &account.email, PASSWORD).await;
    let large = vec![0xff; 9 * 1024 * 1024];
    let form =
        new_person(&olga, "Save and publish").await.fill("City", "Turku").attach("New picture", "me.jpg", &large);
    app.it_is(app.now() + Duration::hours(13));
    sqlx::query("delete from rate_limit").execute(&app.db).await.expect("no limits");
    let asked = olga.sends(form).await;
    asked.must_be(401);
    let back = olga.sends(asked.form("Sign in").fill("E-mail", &account.email).fill("Password", PASSWORD)).await;
    let form = back.must_be(200).must_say("Not saved yet.").form("Save and publish");
    assert_eq!([form.value("Name"), form.value("City")], ["Anna Schmidt", "Turku"]);
    olga.sends(form).await.must_say("Saved and published.");
}

#[tokio::test]
async fn a_picture_that_nobody_saved_is_deleted_after_a_day() {
    let house = House::new().await;
    let first = house.program(&[]).await;
    let olga = house.signed_in("organiser", &first).await;
    let file = picture(ImageFormat::Jpeg);
    let kept = olga.sends(new_person(&olga, "Save and publish").await.attach("New picture", "a.jpg", &file)).await;
    let kept = shown(kept.must_say("Saved and published."));
    let lost = olga.sends(new_person(&olga, "Preview").await.attach("New picture", "b.jpg", &file)).await;
    sqlx::query("update picture set created_at = now() - interval '25 hours'").execute(&house.db).await.expect("it");
    let new = olga.sends(new_person(&olga, "Preview").await.attach("New picture", "c.jpg", &file)).await;

    // It is looked for at each start, and then every hour.
    let _second = house.program(&[]).await;
    for _ in 0..100 {
        if status(&olga, &shown(&lost)).await == 404 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    assert_eq!([status(&olga, &shown(&lost)).await, status(&olga, &shown(&new)).await], [404, 200]);
    assert_eq!(status(&olga, &kept).await, 200);
    let refused = olga.sends(lost.form("Save and publish")).await;
    refused.must_be(422);
    let error = refused.error_beside("New picture").expect("an error");
    assert!(error.contains("Choose it again"), "{error}");
}
