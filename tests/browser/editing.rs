//! Two organisers edit the same session in two browsers.

use crate::{
    driver::{Browser, Options, browse},
    support::{LEIPZIG, TestApp},
};

#[tokio::test]
async fn two_organisers_edit_the_same_session_and_neither_loses_a_word() {
    let app = TestApp::start().await;
    let (olga, paul) = (app.account("organiser").await, app.account("organiser").await);
    let logins = (olga.login(&app.db, app.now()).await, paul.login(&app.db, app.now()).await);
    let (site, delegate) = (app.url().to_owned(), app.delegate());
    let public = format!("{LEIPZIG}/sessions/world-cafe");
    let read = public.clone();
    browse(app.url(), Options::default(), async move |olga: Browser| {
        olga.signs_in_with(&logins.0).await;
        opens_world_cafe(&olga).await;
        olga.fills("Text", "Six tables.\n\nBring **questions**.").await;
        // The preview is updated while typing, without pressing a button.
        olga.sees("Bring questions.").await;

        browse(&site, Options::default(), async move |paul: Browser| {
            paul.signs_in_with(&logins.1).await;
            opens_world_cafe(&paul).await;
            paul.fills("Subtitle", "The mayor").await;
            paul.clicks("Save and publish").await;
            paul.sees("Saved and published.").await;
        })
        .await;

        olga.clicks("Save and publish").await;
        olga.sees("Somebody saved this before you").await;
        olga.sees("The mayor").await;
        olga.sees("Your changes and theirs are both in this form.").await;
        olga.clicks("Save and publish").await;
        olga.sees("Saved and published.").await;
        olga.opens(&read).await;
        olga.sees("Bring questions.").await;
    })
    .await;
    delegate.opens(&public).await.must_say("The mayor").must_say("Six tables.").must_say("Bring questions.");
}

#[tokio::test]
async fn two_organisers_change_one_paragraph_at_once_and_the_second_decides() {
    let app = TestApp::start().await;
    let (olga, paul) = (app.account("organiser").await, app.account("organiser").await);
    let logins = (olga.login(&app.db, app.now()).await, paul.login(&app.db, app.now()).await);
    let (site, delegate, otto) = (app.url().to_owned(), app.delegate(), app.organiser().await);
    browse(app.url(), Options::default(), async move |olga: Browser| {
        olga.signs_in_with(&logins.0).await;
        opens_world_cafe(&olga).await;
        let editor = olga.path().await;
        let before = otto.opens(&editor).await.form("Save and publish");
        otto.sends(before.fill("Text", "Six tables.\n\nBring questions.")).await.must_say("Saved and published.");
        opens_world_cafe(&olga).await;
        browse(&site, Options::default(), async move |paul: Browser| {
            paul.signs_in_with(&logins.1).await;
            opens_world_cafe(&paul).await;
            paul.fills("Subtitle", "With the mayor").await;
            paul.fills("Text", "Six tables.\n\nBring questions and pens.").await;
            olga.fills("Abstract", "Talk to everybody.").await;
            olga.fills("Text", "Six tables.\n\nBring questions and coffee.").await;
            paul.clicks("Save and publish").await;
            paul.sees("Saved and published.").await;

            olga.clicks("Save and publish").await;
            olga.sees("Both of you changed the same thing.").await;
            assert_eq!(olga.value_in("", "Subtitle").await, "With the mayor");
            assert_eq!(olga.value_in("", "Abstract").await, "Talk to everybody.");
            let both = olga.value_in("", "Text").await;
            let place = |words: &str| both.find(words).unwrap_or_else(|| panic!("{words} is not in {both}"));
            assert!(place("Six tables.") < place("questions and coffee."), "{both}");
            assert!(place("questions and coffee.") < place("questions and pens."), "her text comes first: {both}");
            olga.clicks("Save and publish").await;
            olga.sees("attention").await;
            olga.fills("Text", "Six tables.\n\nBring questions, pens and coffee.").await;
            olga.clicks("Save and publish").await;
            olga.sees("Saved and published.").await;

            for browser in [&olga, &paul] {
                browser.opens(&editor).await;
                assert_eq!(browser.value_in("", "Subtitle").await, "With the mayor");
                assert_eq!(browser.value_in("", "Abstract").await, "Talk to everybody.");
                let text = browser.value_in("", "Text").await;
                assert_eq!(text.replace('\r', ""), "Six tables.\n\nBring questions, pens and coffee.");
            }
            // What he wrote is still among the revisions.
            paul.opens(&format!("{editor}/revisions")).await;
            paul.clicks_link("Revision 3").await;
            paul.sees("Bring questions and pens.").await;
        })
        .await;
    })
    .await;
    let page = delegate.opens(&format!("{LEIPZIG}/sessions/world-cafe")).await;
    page.must_say("With the mayor").must_say("Talk to everybody.").must_say("Bring questions, pens and coffee.");
}

async fn opens_world_cafe(browser: &Browser) {
    browser.opens(&format!("/organisers{LEIPZIG}/sessions")).await;
    browser.clicks_link("World Café").await;
    browser.sees("As the public will see it").await;
}

#[tokio::test]
async fn the_editor_asks_before_leaving_only_if_there_are_unsaved_changes() {
    let app = TestApp::start().await;
    let login = app.account("organiser").await.login(&app.db, app.now()).await;
    browse(app.url(), Options::default(), async move |olga: Browser| {
        // A browser asks before leaving if the page cancels this event.
        let asks = "const leaving = new Event('beforeunload', { cancelable: true }); dispatchEvent(leaving); \
             return leaving.defaultPrevented;";
        olga.signs_in_with(&login).await;
        opens_world_cafe(&olga).await;
        assert_eq!(olga.script(asks).await, false, "nothing was changed");
        olga.fills("Subtitle", "The mayor").await;
        assert_eq!(olga.script(asks).await, true, "the subtitle was changed");
        olga.fills("Subtitle", "").await;
        assert_eq!(olga.script(asks).await, false, "the subtitle was changed back");
        olga.chooses("Kind", "Workshop").await;
        assert_eq!(olga.script(asks).await, true, "another kind is a change too");
        olga.clicks("Save and publish").await;
        olga.sees("Saved and published.").await;
        assert_eq!(olga.script(asks).await, false, "it is saved");
        olga.fills("Title", "").await;
        olga.clicks("Save and publish").await;
        olga.sees("attention").await;
        assert_eq!(olga.script(asks).await, true, "a form that came back with an error is not saved");
    })
    .await;
}
