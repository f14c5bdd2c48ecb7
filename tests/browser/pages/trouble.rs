//! What organisers see when something stands in the way of what they do.

use std::path::PathBuf;

use super::{one, tour};
use crate::support::{LEIPZIG, Person, TestApp};

async fn world_cafe(app: &TestApp) -> String {
    let key = one(app, "select item_id::text from revision where kind = 'session' and slug = 'world-cafe'").await;
    format!("/organisers{LEIPZIG}/sessions/{key}")
}

fn project() -> PathBuf {
    env!("CARGO_MANIFEST_DIR").into()
}

/// Changes a field of a session and publishes it.
async fn saves(olga: &Person, editor: &str, field: &str, value: &str) {
    let form = olga.opens(editor).await.form("Save and publish").fill(field, value);
    olga.sends(form).await.must_say("Saved and published.");
}

#[tokio::test]
async fn a_session_with_files_passes_all_checks() {
    let app = TestApp::start().await;
    let cafe = world_cafe(&app).await;
    tour(&app, Some("organiser"), async move |mut tour| {
        tour.browser.opens(&cafe).await;
        tour.browser.attaches("Add a file", &project().join("static/images/share.png")).await;
        tour.browser.clicks("Save and publish").await;
        tour.browser.sees("Saved and published.").await;
        tour.checks("session-with-a-file").await;
        tour.browser.attaches("Add a file", &project().join("Cargo.toml")).await;
        tour.browser.clicks("Save and publish").await;
        tour.browser.sees("attention").await;
        tour.checks("session-file-refused").await;
        tour.opens("session-read-with-a-file", &format!("{LEIPZIG}/sessions/world-cafe")).await;
        tour.browser.sees("share.png").await;
        tour
    })
    .await;
}

#[tokio::test]
async fn an_address_that_is_refused_passes_all_checks() {
    let app = TestApp::start().await;
    let (cafe, olga) = (world_cafe(&app).await, app.organiser().await);
    saves(&olga, &cafe, "Address of the page", "cafe").await;
    let skills = one(&app, "select item_id::text from revision where kind = 'session' and slug = 'skills'").await;
    tour(&app, Some("organiser"), async move |mut tour| {
        tour.browser.opens(&format!("/organisers{LEIPZIG}/sessions/{skills}")).await;
        for (name, slug, words) in [
            ("address-malformed", "World Café", "Use only small letters"),
            ("address-taken", "cafe", "has this address"),
            ("address-once-taken", "world-cafe", "once had this address"),
        ] {
            tour.browser.fills("Address of the page", slug).await;
            tour.browser.clicks("Save and publish").await;
            tour.browser.sees(words).await;
            tour.checks(name).await;
        }
        tour
    })
    .await;
}

#[tokio::test]
async fn a_release_that_cannot_be_taken_back_yet_passes_all_checks() {
    let app = TestApp::start().await;
    let (cafe, olga) = (world_cafe(&app).await, app.organiser().await);
    saves(&olga, &cafe, "Subtitle", "The mayor").await;
    tour(&app, Some("organiser"), async move |mut tour| {
        tour.browser.opens(&format!("/organisers{LEIPZIG}/releases/2")).await;
        saves(&olga, &cafe, "Title", "World Café by the lake").await;
        tour.browser.clicks("Take back release 2").await;
        tour.browser.sees("Not taken back yet.").await;
        tour.checks("release-stale").await;
        tour
    })
    .await;
}

#[tokio::test]
async fn what_was_kept_of_a_session_that_somebody_else_has_saved_passes_all_checks() {
    let app = TestApp::start().await;
    let (cafe, olga) = (world_cafe(&app).await, app.organiser().await);
    tour(&app, Some("organiser"), async move |mut tour| {
        tour.browser.opens(&cafe).await;
        tour.browser.fills("Title", "").await;
        tour.browser.fills("Text", "Six tables.").await;
        tour.browser.clicks("Save and publish").await;
        tour.browser.sees("attention").await;
        saves(&olga, &cafe, "Subtitle", "The mayor").await;
        tour.browser.opens(&cafe).await;
        tour.browser.sees("Somebody has saved this since.").await;
        tour.checks("session-kept-stale").await;
        tour
    })
    .await;
}

#[tokio::test]
async fn a_change_of_several_sessions_that_is_refused_passes_all_checks() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    let room = olga.opens(&format!("/organisers{LEIPZIG}/rooms/new")).await.form("Save and publish");
    olga.sends(room.fill("Name", "Great Hall")).await.must_say("Saved and published.");
    tour(&app, Some("organiser"), async move |mut tour| {
        let list = format!("/organisers{LEIPZIG}/sessions");
        tour.presses("sessions-none-selected", &list, "Save and publish", "attention").await;
        tour.browser.opens(&list).await;
        tour.browser.clicks("All sessions that are shown here").await;
        // Its labels are also those of the filters.
        tour.browser
            .script(
                "for (const name of ['place', 'day']) document.querySelector(`#bulk [name=${name}]`).selectedIndex = 2",
            )
            .await;
        tour.browser.fills("Move by minutes", "soon").await;
        tour.browser.clicks("Save and publish").await;
        tour.browser.sees("attention").await;
        tour.checks("sessions-changed-wrongly").await;
        tour.browser.fills("Move by minutes", "").await;
        tour.browser.clicks("Save and publish").await;
        tour.browser.sees("In the way").await;
        tour.checks("sessions-moved-in-the-way").await;
        tour
    })
    .await;
}
