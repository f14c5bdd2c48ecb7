//! What is typed in an editor: it is counted, and kept in the browser until it is saved.

use serde_json::Value;
use tokio::time::sleep;

use crate::{
    driver::{Browser, Options, browse},
    support::{LEIPZIG, TestApp},
};

async fn opens_world_cafe(browser: &Browser) {
    browser.opens(&format!("/organisers{LEIPZIG}/sessions")).await;
    browser.clicks_link("World Café").await;
    browser.sees("As the public will see it").await;
}

/// Waits until the browser has kept something that contains these words, or nothing.
async fn has_kept(browser: &Browser, words: Option<&str>) {
    let mut kept = Value::Null;
    for _ in 0..100 {
        kept = browser.script("return Object.values(localStorage).join()").await;
        let kept = kept.as_str().unwrap_or_default();
        if words.map_or(kept.is_empty(), |words| kept.contains(words)) {
            return;
        }
        sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("the browser has not kept {words:?} but {kept}");
}

/// Ends the page without giving it the chance to do anything, and opens a new one.
async fn crashes(browser: &Browser) {
    let broken = browser.driver.window().await.expect("a window");
    let next = browser.driver.new_tab().await.expect("another tab");
    browser.driver.switch_to_window(broken).await.expect("the page");
    browser.driver.close_window().await.expect("the page ends");
    browser.driver.switch_to_window(next).await.expect("the other tab");
    browser.set_screen(1280, false).await;
}

#[tokio::test]
async fn what_was_typed_before_a_crash_is_restored_and_merged() {
    let app = TestApp::start().await;
    let (olga, paul) = (app.account("organiser").await, app.organiser().await);
    let login = olga.login(&app.db, app.now()).await;
    browse(app.url(), Options::default(), async move |olga: Browser| {
        olga.signs_in_with(&login).await;
        opens_world_cafe(&olga).await;
        let path = olga.path().await;
        olga.fills("Text", "Six tables.").await;
        olga.chooses("Kind", "Workshop").await;
        let workshop = olga.value_in("", "Kind").await;
        has_kept(&olga, Some("Six tables.")).await;
        crashes(&olga).await;

        let theirs = paul.opens(&path).await.form("Save and publish");
        paul.sends(theirs.fill("Note for organisers", "The mayor")).await.must_say("Saved and published.");

        olga.opens(&path).await;
        olga.sees("this browser has kept what you typed here at").await;
        olga.sees("Somebody has saved this since.").await;
        assert_eq!(
            olga.value_in("", "Note for organisers").await,
            "The mayor",
            "nothing is overwritten before the person decides"
        );
        assert!(!olga.text().await.contains("Six tables."));
        olga.clicks_first("Restore what you typed").await;
        olga.sees("Restored. Here is everything you typed at").await;
        assert!(olga.focused().await.starts_with("Restored."), "{}", olga.focused().await);
        assert_eq!(olga.value_in("", "Text").await, "Six tables.");
        assert_eq!(olga.value_in("", "Kind").await, workshop);

        olga.clicks("Save and publish").await;
        olga.sees("Your changes and theirs are both in this form.").await;
        assert_eq!(olga.value_in("", "Note for organisers").await, "The mayor");
        assert_eq!(olga.value_in("", "Text").await, "Six tables.");
        has_kept(&olga, Some("Six tables.")).await;
        crashes(&olga).await;
        olga.opens(&path).await;
        olga.clicks_first("Restore what you typed").await;
        olga.sees("Somebody saved this before you").await;
        olga.clicks("Save and publish").await;
        olga.sees("Saved and published.").await;
        has_kept(&olga, None).await;
    })
    .await;
}

#[tokio::test]
async fn nothing_is_offered_after_saving_discarding_or_signing_out_or_after_a_week() {
    let app = TestApp::start().await;
    let login = app.account("organiser").await.login(&app.db, app.now()).await;
    browse(app.url(), Options::default(), async move |olga: Browser| {
        let is_offered = async || {
            !olga.script("return document.getElementById('local-copy').hidden").await.as_bool().expect("a notice")
        };
        olga.signs_in_with(&login).await;
        opens_world_cafe(&olga).await;
        let path = olga.path().await;
        olga.fills("Text", "Six tables.").await;
        has_kept(&olga, Some("Six tables.")).await;
        olga.fills("Title", "").await;
        olga.clicks("Save and publish").await;
        olga.sees("attention").await;
        assert!(!is_offered().await, "the form itself contains everything");
        has_kept(&olga, Some("Six tables.")).await;
        olga.fills("Title", "World Café").await;
        olga.clicks("Save and publish").await;
        olga.sees("Saved and published.").await;
        has_kept(&olga, None).await;
        olga.opens(&path).await;
        assert!(!is_offered().await, "it is saved");

        olga.fills("Text", "Seven tables.").await;
        has_kept(&olga, Some("Seven tables.")).await;
        olga.opens(&path).await;
        assert!(is_offered().await);
        olga.clicks("Discard").await;
        assert!(!is_offered().await);
        assert_eq!(olga.focused().await, "Title");
        has_kept(&olga, None).await;

        let new = format!("/organisers{LEIPZIG}/pages/new");
        olga.opens(&new).await;
        olga.fills("Title", "Travel").await;
        has_kept(&olga, Some("Travel")).await;
        olga.clicks("Save and publish").await;
        olga.sees("Saved and published.").await;
        has_kept(&olga, None).await;

        olga.opens(&path).await;
        olga.fills("Text", "Eight tables.").await;
        has_kept(&olga, Some("Eight tables.")).await;
        let week = "const key = Object.keys(localStorage)[0]; const copy = JSON.parse(localStorage[key]); \
                    copy.at -= 7 * 24 * 60 * 60 * 1000; localStorage[key] = JSON.stringify(copy); return 0;";
        olga.script(week).await;
        olga.opens(&path).await;
        assert!(!is_offered().await, "a week has passed");
        has_kept(&olga, None).await;

        olga.fills("Text", "Nine tables.").await;
        has_kept(&olga, Some("Nine tables.")).await;
        olga.opens(&format!("/organisers{LEIPZIG}/sessions")).await;
        olga.script("document.querySelector('[action=\"/sign-out\"] button').click(); return 0;").await;
        olga.sees("Sign in").await;
        has_kept(&olga, None).await;
    })
    .await;
}

#[tokio::test]
async fn characters_are_counted_while_typing_as_the_server_counts_them() {
    let app = TestApp::start().await;
    let login = app.account("organiser").await.login(&app.db, app.now()).await;
    browse(app.url(), Options::default(), async move |olga: Browser| {
        let count = async || olga.script("return document.getElementById('title-count').textContent").await;
        let types = async |text: &str| {
            let typed = format!(
                "const field = document.getElementById('title'); field.focus(); field.value = {}; \
                 field.dispatchEvent(new Event('input', {{ bubbles: true }})); return 0;",
                Value::from(text)
            );
            olga.script(&typed).await;
        };
        olga.signs_in_with(&login).await;
        opens_world_cafe(&olga).await;
        assert_eq!(count().await, "10 of 200 characters");
        // Double spaces, invisible and full-width characters, a letter with a separate accent, and an emoji.
        types("  a  b\u{200b}\u{ad} \u{ff21}e\u{301}\u{1f600} ").await;
        assert_eq!(count().await, "7 of 200 characters");
        let spoken = "return document.querySelector('#title-count + [role=status]').textContent";
        types(&"\u{1f600}".repeat(195)).await;
        for _ in 0..100 {
            if olga.script(spoken).await == "5 characters left" {
                break;
            }
            sleep(std::time::Duration::from_millis(50)).await;
        }
        assert_eq!(olga.script(spoken).await, "5 characters left");
        types(&format!(" {} ", "\u{1f600}".repeat(201))).await;
        assert_eq!(count().await, "201 of 200 characters: 1 too many");
        olga.clicks("Save and publish").await;
        olga.sees("Use at most 200 characters").await;
        types(&format!(" {} ", "\u{1f600}".repeat(200))).await;
        olga.clicks("Save and publish").await;
        olga.sees("Saved and published.").await;
    })
    .await;
}
