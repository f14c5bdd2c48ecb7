//! Signing in and everything around passwords.

use super::{one, tour};
use crate::support::{LEIPZIG, TestApp};

#[tokio::test]
async fn the_pages_for_signing_in_and_passwords_pass_all_checks_in_every_state() {
    let app = TestApp::start().await;
    let account = app.account("staff").await;
    let link = account.password_link(&app.db, app.now()).await;
    tour(&app, None, async move |mut tour| {
        tour.opens("sign-in", "/sign-in").await;
        tour.browser.fills("E-mail", &account.email).await;
        tour.browser.fills("Password", "wrong").await;
        tour.browser.clicks("Sign in").await;
        tour.browser.sees("needs your attention").await;
        tour.checks("sign-in-wrong").await;
        tour.opens("forgotten-password", "/forgotten-password").await;
        tour.browser.fills("E-mail", &account.email).await;
        tour.browser.clicks("Send the link").await;
        tour.browser.sees("Back to sign in").await;
        tour.checks("forgotten-password-asked").await;
        tour.presses("set-password-wrong", &link, "Set password", "attention").await;
        tour.opens("set-password", &link).await;
        tour.opens("set-password-over", &format!("/set-password/{}", "A".repeat(43))).await;
        tour
    })
    .await;
    let cafe = one(&app, "select item_id::text from revision where kind = 'session' and slug = 'world-cafe'").await;
    tour(&app, Some("organiser"), async move |mut tour| {
        // The login ends while somebody is writing.
        tour.browser.opens(&format!("/organisers{LEIPZIG}/sessions/{cafe}")).await;
        tour.browser.fills("Text", "Words that nobody may lose.").await;
        let cookies = tour.browser.driver.get_all_cookies().await.expect("a list");
        tour.browser.driver.delete_all_cookies().await.expect("no cookie");
        tour.browser.clicks("Save and publish").await;
        tour.browser.sees("Sign in").await;
        tour.checks("sign-in-kept").await;
        tour.browser.signs_in_with(cookies[0].value.as_str()).await;
        tour.opens("account", "/account").await;
        tour.presses("account-wrong", "/account", "Change password", "attention").await;
        tour
    })
    .await;
}
