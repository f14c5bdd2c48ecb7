//! Accounts and settings.

use super::{one, pages_below, tour};
use crate::support::{LEIPZIG, TestApp};

#[tokio::test]
async fn the_administration_passes_all_checks_in_every_state() {
    let app = TestApp::start().await;
    let colleague = format!("/administration/accounts/{}", app.account("organiser").await.id);
    let settings = format!("/administration{LEIPZIG}");
    let category = format!("{settings}/categories/{}", one(&app, "select id::text from category limit 1").await);
    let db = app.db.clone();
    tour(&app, Some("administrator"), async move |mut tour| {
        tour.opens("administration", "/administration").await;
        for (name, path) in pages_below("/administration") {
            tour.opens(&name, &path).await;
        }
        tour.presses("invite-wrong", "/administration/accounts/new", "Send the invitation", "attention").await;
        tour.opens("account-of-somebody", &colleague).await;
        tour.presses("account-link-sent", &colleague, "Send a new link", "Back to accounts").await;
        tour.opens("account-deactivate", &format!("{colleague}/deactivate")).await;
        tour.browser.clicks("Deactivate").await;
        tour.browser.sees("Reactivate").await;
        tour.checks("account-deactivated").await;
        tour.opens("settings", &settings).await;
        tour.browser.fills("Places in all", "minus one").await;
        tour.browser.clicks("Save and publish").await;
        tour.browser.sees("attention").await;
        tour.checks("settings-wrong").await;
        // Somebody else saves the settings at the same time.
        tour.browser.opens(&settings).await;
        tour.browser.fills("Hours to answer an offer", "72").await;
        sqlx::query("with hours as (update registration_settings set offer_hours = 71) update conference set revision = revision + 1")
            .execute(&db)
            .await
            .expect("a change");
        tour.browser.clicks("Save and publish").await;
        tour.browser.sees("while you were typing").await;
        tour.checks("settings-conflict").await;
        tour.opens("category", &category).await;
        tour.presses("category-wrong", &format!("{settings}/categories/new"), "Save", "attention").await;
        tour.opens("category-remove", &format!("{category}/remove")).await;
        tour.browser.opens(&format!("{settings}/payments")).await;
        tour.browser.fills("IBAN", "DE89 3704 0044 0532 0130 01").await;
        tour.browser.clicks("Save").await;
        tour.browser.sees("typing error").await;
        tour.checks("payments-wrong").await;
        // Somebody else saves the settings at the same time.
        tour.browser.opens(&format!("{settings}/payments")).await;
        tour.browser.fills("Bank", "Sparkasse").await;
        sqlx::query("update registration_settings set bank = 'Commerzbank'").execute(&db).await.expect("a change");
        tour.browser.clicks("Save").await;
        tour.browser.sees("Commerzbank").await;
        tour.checks("payments-conflict").await;
        tour
    })
    .await;
}

#[tokio::test]
async fn the_settings_fit_a_phone_with_text_at_200_percent() {
    let app = TestApp::start().await;
    tour(&app, Some("administrator"), async move |tour| {
        tour.browser.opens(&format!("/administration{LEIPZIG}")).await;
        let wrong = tour.browser.fits_a_phone_with_large_text("settings").await;
        assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
        tour
    })
    .await;
}

#[tokio::test]
async fn opening_a_conference_passes_all_checks_in_every_state() {
    let app = TestApp::start().await;
    let venice = "/administration/venice-2019";
    tour(&app, Some("administrator"), async move |mut tour| {
        tour.opens("conference-new", "/administration/conferences/new").await;
        let copy = "/administration/conferences/new?from=leipzig-2018";
        tour.presses("conference-new-wrong", copy, "Open the conference", "attention").await;
        tour.opens("conference-copy", copy).await;
        for (label, text) in [
            ("Title", "Annual conference of Major Cities of Europe, 2019 Venice"),
            ("Theme", "Channeling Change"),
            ("First day", "06132019"),
            ("Last day", "06142019"),
            ("Time zone", "Europe/Rome"),
            ("City", "Venice"),
            ("Venue", "Palazzo del Cinema"),
            ("The venue’s website", "https://venue.example/"),
        ] {
            tour.browser.fills(label, text).await;
        }
        tour.browser.chooses("Country", "Italy").await;
        tour.browser.clicks("The sessions, as drafts without times and rooms").await;
        tour.browser.clicks("Open the conference").await;
        tour.browser.sees("Venice 2019 exists now.").await;
        tour.checks("settings-of-a-conference-in-preparation").await;
        tour.browser.script("document.querySelector('.edition').open = true; return 0").await;
        tour.checks("switch-of-conferences").await;
        tour.opens("state-of-a-conference", &format!("{venice}/state")).await;
        tour.opens("home-of-a-conference-in-preparation", "/venice-2019").await;
        tour.opens("registration-in-preparation", "/venice-2019/register").await;
        tour.presses(
            "state-of-the-current-wrong",
            "/administration/leipzig-2018/state",
            "Open: everybody sees it, at /leipzig-2018",
            "State",
        )
        .await;
        tour.browser.clicks("Save and publish").await;
        tour.browser.sees("Make another conference the current one first").await;
        tour.checks("state-refused").await;
        tour.opens("administration-with-several", "/administration").await;
        tour
    })
    .await;
}
