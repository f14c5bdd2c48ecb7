//! Signing in and everything around passwords.

use super::tour;
use crate::support::TestApp;

#[tokio::test]
async fn signing_in_and_passwords_are_sound_in_every_state() {
    let app = TestApp::start().await;
    let account = app.account("staff").await;
    let link = account.password_link(&app.db, app.now()).await;
    tour(&app, None, async move |mut tour| {
        tour.opens("sign-in", "/sign-in").await;
        tour.browser.fills("E-mail", &account.email).await;
        tour.browser.fills("Password", "wrong").await;
        tour.browser.clicks("Sign in").await;
        tour.browser.sees("needs your attention").await;
        tour.looks("sign-in-wrong").await;
        tour.opens("forgotten-password", "/forgotten-password").await;
        tour.browser.fills("E-mail", &account.email).await;
        tour.browser.clicks("Send the link").await;
        tour.browser.sees("Back to signing in").await;
        tour.looks("forgotten-password-asked").await;
        tour.presses("set-password-wrong", &link, "Set the password", "attention").await;
        tour.opens("set-password", &link).await;
        tour.opens("set-password-over", &format!("/set-password/{}", "A".repeat(43))).await;
        tour
    })
    .await;
    tour(&app, Some("organiser"), async |mut tour| {
        tour.opens("account", "/account").await;
        tour.presses("account-wrong", "/account", "Change the password", "attention").await;
        tour
    })
    .await;
}
