//! Pictures of the conference, which organisers upload with its facts: one on the home page, and one in previews of shared links.

use std::{io::Cursor, sync::LazyLock};

use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use reqwest::Method;

use crate::{
    instances::House,
    support::{Form, LEIPZIG, Page, Person, TestApp},
};

const FACTS: &str = "/organisers/leipzig-2018/facts";
const HERO: &str = "New picture for the home page";
const HERO_TEXT: &str = "Description of the picture on the home page";
const SHARE: &str = "New picture for shared links";
const SHARE_TEXT: &str = "Description of the picture of shared links";
const SQUARES: &str = "Coloured squares above the roofs of a city";

/// A picture that is large enough for both, with something hidden behind it.
static PICTURE: LazyLock<Vec<u8>> = LazyLock::new(|| [&of(1200, 675)[..], b"PK\x03\x04 hidden"].concat());

fn of(width: u32, height: u32) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    let picture =
        RgbImage::from_fn(width, height, |_, y| Rgb(if y < height / 2 { [20, 40, 200] } else { [90, 90, 90] }));
    DynamicImage::from(picture).write_to(&mut file, ImageFormat::Jpeg).expect("a file");
    file.into_inner()
}

async fn editor(olga: &Person, button: &str) -> Form {
    olga.opens(FACTS).await.form(button)
}

fn with_both(form: Form) -> Form {
    form.fill(HERO_TEXT, "The market square in the evening")
        .fill(SHARE_TEXT, "Roofs of Leipzig")
        .attach(HERO, "hero.jpg", &PICTURE)
        .attach(SHARE, "share.jpg", &PICTURE)
}

async fn status(person: &Person, path: &str) -> u16 {
    person.asks(Method::GET, path, &[], None).await.status().as_u16()
}

/// Returns the addresses of the pictures in an editor.
fn shown(editor: &Page) -> Vec<String> {
    editor.attributes("main img", "src")
}

fn data(home: &Page) -> serde_json::Value {
    let (_, data) = home.body.split_once("ld+json\">").expect("a page with data");
    serde_json::from_str(data.split_once("</script>").expect("their end").0).expect("JSON")
}

#[tokio::test]
async fn pictures_of_the_conference_are_seen_by_everybody_once_they_are_published() {
    let app = TestApp::start().await;
    let (olga, anna) = (app.organiser().await, app.delegate());
    let saved = olga.sends(with_both(editor(&olga, "Save without publishing").await)).await;
    let [hero, share] =
        shown(saved.must_say("Saved. The public cannot read it yet.")).try_into().expect("two pictures");
    assert_eq!([status(&olga, &hero).await, status(&olga, &share).await], [200, 200]);
    let public = |shown: &str| shown.replace("/organisers", "");
    assert_eq!([status(&anna, &public(&hero)).await, status(&anna, &public(&share)).await], [404, 404]);
    let before = anna.opens(LEIPZIG).await;
    assert!(before.attributes("main img", "src").is_empty());
    assert_eq!(before.attributes("meta[property='og:image:alt']", "content"), [SQUARES]);
    assert!(!before.attributes("ol.figure", "aria-label").is_empty());

    olga.sends(editor(&olga, "Save and publish").await).await.must_say("Saved and published.");
    let home = anna.opens(LEIPZIG).await;
    assert_eq!(home.attributes("main img", "alt"), ["The market square in the evening"]);
    assert!(home.attributes("ol.figure", "aria-label").is_empty(), "the picture stands in the place of the squares");
    let large = public(&hero).replace("/800", "/1600");
    assert_eq!(home.attributes("main img", "src"), std::slice::from_ref(&large));
    assert_eq!(home.attributes("main img", "srcset"), [format!("{} 800w, {large} 1600w", public(&hero))]);
    let shared = format!("{}{}", app.url(), public(&share));
    for path in [LEIPZIG.to_owned(), format!("{LEIPZIG}/programme")] {
        let page = anna.opens(&path).await;
        assert_eq!(page.attributes("meta[property='og:image']", "content"), std::slice::from_ref(&shared), "{path}");
        assert_eq!(page.attributes("meta[property='og:image:alt']", "content"), ["Roofs of Leipzig"]);
    }
    assert_eq!(data(&home)["image"], serde_json::json!([format!("{}{large}", app.url()), shared]));
    // Of the file, only what can be seen is left. It is not blown up.
    for (address, size) in [(public(&hero), (800, 450)), (large, (1200, 675)), (public(&share), (1200, 630))] {
        let answer = anna.asks(Method::GET, &address, &[], None).await;
        let header = |name: &str| answer.headers()[name].to_str().expect("a text").to_owned();
        assert_eq!([header("content-type"), header("cache-control")], ["image/jpeg", "public, max-age=86400"]);
        assert!(!header("etag").is_empty());
        let content = answer.bytes().await.expect("a picture");
        let picture = image::load_from_memory_with_format(&content, ImageFormat::Jpeg).expect("a JPEG");
        assert_eq!((picture.width(), picture.height()), size, "{address}");
        assert!(!content.windows(6).any(|bytes| bytes == b"hidden"));
    }
}

#[tokio::test]
async fn a_picture_that_is_removed_gives_way_to_what_is_shipped_and_its_revision_brings_it_back() {
    let app = TestApp::start().await;
    let (olga, anna) = (app.organiser().await, app.delegate());
    let saved = olga.sends(with_both(editor(&olga, "Save and publish").await)).await;
    let [hero, share] = shown(saved.must_say("Saved and published.")).try_into().expect("two pictures");
    let form = saved.form("Save and publish").tick("Remove the picture on the home page");
    let without = olga.sends(form).await;
    assert_eq!(shown(without.must_say("Saved and published.")), std::slice::from_ref(&share));
    assert_eq!(without.form("Save and publish").value(HERO_TEXT), "");
    let home = anna.opens(LEIPZIG).await;
    assert!(home.attributes("main img", "src").is_empty() && !home.attributes("ol.figure", "aria-label").is_empty());
    assert_eq!(home.attributes("meta[property='og:image:alt']", "content"), ["Roofs of Leipzig"]);
    assert_eq!(status(&anna, &hero.replace("/organisers", "")).await, 404);

    let revisions = olga.follows(&without, "Revisions").await;
    let revision = olga.follows(&revisions, "Revision 2").await;
    assert_eq!(shown(&revision), [hero.clone(), share.clone()]);
    revision.must_say("uploaded on");
    assert_eq!(shown(&olga.sends(revision.form("Restore and publish")).await), [hero, share]);
    assert_eq!(anna.opens(LEIPZIG).await.attributes("main img", "alt"), ["The market square in the evening"]);
}

#[tokio::test]
async fn a_file_that_does_not_suit_is_refused_beside_its_field_and_the_other_picture_is_kept() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    let good = of(1200, 675);
    for (what, file, words) in [
        (
            "a PDF called JPEG",
            b"%PDF-1.7".to_vec(),
            "The file is not a JPEG, PNG or WebP picture, whatever its name says",
        ),
        ("a broken file", good[..500].to_vec(), "The file is damaged"),
        ("an empty file", Vec::new(), "The file is empty"),
        ("12 MB", vec![0xff; 12 * 1024 * 1024], "The file is too large. Choose one of at most 10 MB"),
        ("a small picture", of(1199, 630), "The picture is too small. Choose one of at least 1200 × 630 pixels"),
    ] {
        let form = editor(&olga, "Save and publish").await.fill("Hosts", "Graz").fill(HERO_TEXT, "The square");
        let form = form.fill(SHARE_TEXT, "Roofs").attach(HERO, "a.jpg", &PICTURE).attach(SHARE, "b.jpg", &file);
        let refused = olga.sends(form).await;
        let error = refused.must_be(422).error_beside(SHARE).unwrap_or_default();
        assert!(error.contains(words), "{what}: {error}");
        assert_eq!((refused.summary().len(), refused.error_beside(HERO)), (1, None), "{what}");
        let form = refused.form("Save and publish");
        assert_eq!(["Hosts", HERO_TEXT, SHARE_TEXT].map(|label| form.value(label)), ["Graz", "The square", "Roofs"]);
        assert_eq!(shown(&refused).len(), 1, "{what}: the other picture need not be chosen again");
    }
    let form = editor(&olga, "Save and publish").await.fill(HERO_TEXT, "The square");
    let refused = olga.sends(form.attach(HERO, "a.jpg", &of(799, 450))).await;
    let error = refused.must_be(422).error_beside(HERO).unwrap_or_default();
    assert!(error.contains("at least 800 × 450 pixels"), "{error}");
    // Nothing of it was saved.
    assert!(shown(&olga.opens(FACTS).await).is_empty());
}

#[tokio::test]
async fn a_picture_of_the_conference_is_described_and_a_description_has_a_picture() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    let form = editor(&olga, "Save and publish").await.fill(SHARE_TEXT, "Roofs").attach(HERO, "a.jpg", &PICTURE);
    let refused = olga.sends(form).await;
    refused.must_be(422);
    let words = "Describe the picture for people who cannot see it";
    assert_eq!(refused.error_beside(HERO_TEXT).as_deref(), Some(words));
    let words = "Choose the picture that you have described, or empty its description";
    assert_eq!(refused.error_beside(SHARE).as_deref(), Some(words));
    assert_eq!(shown(&refused).len(), 1);
    let form = refused.form("Save and publish").fill(SHARE_TEXT, "").fill(HERO_TEXT, &"x".repeat(301));
    assert_eq!(olga.sends(form).await.error_beside(HERO_TEXT).as_deref(), Some("Use at most 300 characters"));
    let form = refused.form("Save and publish").fill(SHARE_TEXT, "").fill(HERO_TEXT, "A bridge");
    olga.sends(form).await.must_say("Saved and published.");

    let forged = editor(&olga, "Save and publish").await.forge("hero", "01900000-0000-7000-8000-000000000001");
    let refused = olga.sends(forged).await;
    let words = "The picture has been deleted, because it was not saved within a day. Choose it again";
    assert_eq!(refused.must_be(422).error_beside(HERO).as_deref(), Some(words));
    // The database would not take it either.
    let bare = "update conference_content set hero_text = '' where hero_id is not null";
    assert!(sqlx::query(bare).execute(&app.db).await.expect_err("it").to_string().contains("hero_described"));
    let changed = sqlx::query("update conference set hero_text = 'Otherwise'").execute(&app.db).await;
    assert!(changed.expect_err("it").to_string().contains("only a release changes the facts"));
}

#[tokio::test]
async fn two_people_who_change_a_picture_decide_which_one_it_is() {
    let app = TestApp::start().await;
    let (olga, otto) = (app.organiser().await, app.organiser().await);
    let his = editor(&otto, "Save and publish").await.fill(HERO_TEXT, "His").attach(HERO, "b.jpg", &PICTURE);
    let hers = editor(&olga, "Save and publish").await.fill(HERO_TEXT, "Hers").attach(HERO, "a.jpg", &PICTURE);
    let first = shown(olga.sends(hers).await.must_say("Saved and published."));
    let both = otto.sends(his).await;
    both.must_be(409).must_say("Somebody saved this before you").must_say("uploaded on");
    let second = shown(&both);
    assert!(second.len() == 1 && second != first, "his picture is still there");
    let saved = otto.sends(both.form("Save and publish")).await;
    assert_eq!(shown(saved.must_say("Saved and published.")), second);
}

#[tokio::test]
async fn pictures_of_the_conference_that_nobody_saved_are_deleted_after_a_day_and_no_others() {
    let house = House::new().await;
    let first = house.program(&[]).await;
    let olga = house.signed_in("organiser", &first).await;
    let saved = olga.sends(with_both(editor(&olga, "Save and publish").await)).await;
    let saved = shown(saved.must_say("Saved and published."));
    let form = editor(&olga, "Save and publish").await.fill("Title", "").attach(HERO, "c.jpg", &PICTURE);
    let lost = shown(olga.sends(form).await.must_be(422)).remove(0);
    assert!(!saved.contains(&lost));
    sqlx::query("update picture set created_at = now() - interval '25 hours'").execute(&house.db).await.expect("it");

    // It is looked for at each start, and then every hour.
    let _second = house.program(&[]).await;
    for _ in 0..100 {
        if status(&olga, &lost).await == 404 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    assert_eq!(status(&olga, &lost).await, 404);
    for kept in &saved {
        assert_eq!(status(&olga, kept).await, 200);
    }
}

/// An older instance of the program knows no pictures of the conference.
#[tokio::test]
async fn what_an_older_instance_saves_and_publishes_leaves_the_pictures_as_they_are() {
    let app = TestApp::start().await;
    let (olga, anna) = (app.organiser().await, app.delegate());
    olga.sends(with_both(editor(&olga, "Save and publish").await)).await.must_say("Saved and published.");
    let saved = "do $$
        declare
            key uuid := (select id from conference where slug = 'leipzig-2018');
            head uuid := (select head_id from item where id = key);
            added uuid := gen_random_uuid();
            as_edit uuid := gen_random_uuid();
        begin
            insert into edit (id, conference_id, created_at) values (as_edit, key, now());
            insert into revision (id, conference_id, item_id, kind, number, slug, title, title_folded, status, edit_id)
            select added, key, key, kind, number + 1, slug, 'Older words', '', status, as_edit from revision where id = head;
            insert into conference_content (revision_id, conference_id, theme, venue, venue_url, hosts, starts_on, ends_on,
                time_zone, city, country, address, map_url, contact_email, contact_telephone, contact_fax)
            select added, key, theme, venue, venue_url, hosts, starts_on, ends_on, time_zone, city, country, address, map_url,
                contact_email, contact_telephone, contact_fax
            from conference_content where revision_id = head;
            update item set head_id = added, published_id = added where id = key;
        end $$";
    sqlx::query(saved).execute(&app.db).await.expect("saved");
    let page = olga.opens(FACTS).await;
    assert_eq!((page.form("Save and publish").value("Title").as_str(), shown(&page).len()), ("Older words", 2));
    let published = olga.sends(page.form("Save and publish").fill("Hosts", "Graz")).await;
    published.must_say("Saved and published.");
    let home = anna.opens(LEIPZIG).await;
    home.must_say("Graz").must_say("Older words");
    assert_eq!(home.attributes("main img", "alt"), ["The market square in the evening"]);
    assert_eq!(home.attributes("meta[property='og:image:alt']", "content"), ["Roofs of Leipzig"]);
}
