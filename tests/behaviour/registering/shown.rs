//! How the form is delivered: the privacy notice in it, caching and compression.

use std::io::Read;

use reqwest::Method;

use super::{REGISTER, count, filled, form, publishes_a_newer_notice, registers};
use crate::support::{LEIPZIG, TestApp};

#[tokio::test]
async fn a_registration_records_the_version_of_the_privacy_notice_that_was_shown() {
    let app = TestApp::start().await;
    let delegate = app.delegate();
    let page = delegate.opens(&format!("{LEIPZIG}/register")).await;
    page.must_say("Privacy notice, version 1").must_say("Who is responsible");
    let sent = filled(page.form("Register"), "Anna", "anna@graz.example");
    publishes_a_newer_notice(&app).await;
    delegate.sends(sent).await.must_say("You are registered");
    let shown =
        count(&app, "select number::bigint from revision join registration on privacy_revision_id = revision.id").await;
    assert_eq!(shown, 1, "the version that was on the screen");
    delegate.opens(&format!("{LEIPZIG}/register")).await.must_say("Privacy notice, version 2");
}

#[tokio::test]
async fn the_form_says_when_and_where_the_conference_is_and_until_when_people_can_register() {
    let app = TestApp::start().await;
    let page = app.delegate().opens(REGISTER).await;
    let summary = page.texts("aside dl > div");
    assert_eq!(summary[..2], ["When Monday 28 May to Wednesday 30 May 2018", "Where Kongresshalle Leipzig, Leipzig"]);
    assert!(summary[2].starts_with("Register by "), "{summary:?}");
}

#[tokio::test]
async fn a_draft_of_the_privacy_notice_is_marked_as_a_draft_in_the_form() {
    let app = TestApp::start().await;
    app.delegate().opens(REGISTER).await.must_say("Draft, to be completed");
    sqlx::query("update page_content set draft = false").execute(&app.db).await.expect("complete");
    app.delegate().opens(REGISTER).await.must_not_say("Draft, to be completed");
}

#[tokio::test]
async fn the_form_gives_the_same_purposes_as_the_privacy_notice() {
    let app = TestApp::start().await;
    let page = app.delegate().opens(REGISTER).await;
    page.must_say("to run the conference: to admit you, to write to you about it, to plan it and to send the invoice");
    assert!(!page.text().contains("carry out this registration, and for nothing else"));
    page.must_say("You can withdraw your consent at any time.");
}

#[tokio::test]
async fn the_browser_may_keep_the_form_for_its_own_user_only() {
    let app = TestApp::start().await;
    let delegate = app.delegate();
    let empty = delegate.opens(REGISTER).await;
    let again = delegate.sends(empty.form("Add a colleague")).await;
    for page in [empty, again] {
        assert_eq!(page.header("cache-control"), "private, no-cache");
    }
}

#[tokio::test]
async fn browsers_may_fill_in_every_field_that_people_type_into() {
    let app = TestApp::start().await;
    let page = app.delegate().opens(REGISTER).await;
    let page = app.delegate().sends(page.form("Add a colleague")).await;
    assert_eq!(page.attributes("[autocomplete=off]", "id"), ["motto"]);
}

#[tokio::test]
async fn the_form_is_compressed_and_pages_with_a_secret_are_not() {
    let app = TestApp::start().await;
    let delegate = app.delegate();
    let body = form(&delegate).await.body();
    let plain = delegate.opens(REGISTER).await.body;
    for method in [Method::GET, Method::POST] {
        for (accepts, encoding) in [("gzip, deflate, br", "br"), ("gzip", "gzip"), ("identity", "")] {
            let headers = [("accept-encoding", accepts), ("sec-fetch-site", "same-origin")];
            let sent = (method == Method::POST).then(|| body.clone());
            let answer = delegate.asks(method.clone(), REGISTER, &headers, sent).await;
            let header = |name| answer.headers().get(name).map_or("", |value| value.to_str().unwrap_or_default());
            assert_eq!((header("content-encoding"), header("vary")), (encoding, "accept-encoding"), "{method}");
            let bytes = answer.bytes().await.expect("the page");
            let size = bytes.len();
            let mut text = String::new();
            match encoding {
                "br" => brotli::Decompressor::new(&bytes[..], 4096).read_to_string(&mut text).map(drop),
                "gzip" => flate2::read::GzDecoder::new(&bytes[..]).read_to_string(&mut text).map(drop),
                _ => (&bytes[..]).read_to_string(&mut text).map(drop),
            }
            .expect("a page");
            assert!(text.trim_end().ends_with("</html>"));
            assert!(encoding.is_empty() || size * 3 < plain.len(), "{method} {encoding}: {size} of {}", plain.len());
        }
    }
    let head = delegate.asks(Method::HEAD, REGISTER, &[("accept-encoding", "br")], None).await;
    assert_eq!((head.status().as_u16(), head.bytes().await.expect("nothing").len()), (200, 0));

    let receipt = registers(&delegate, "Anna", "anna@graz.example").await.path;
    for path in [receipt.as_str(), "/sign-in"] {
        let answer = delegate.asks(Method::GET, path, &[("accept-encoding", "br, gzip")], None).await;
        assert!(!answer.headers().contains_key("content-encoding"), "{path}");
    }
}
