//! Codes, as organisers set them and as delegates give them.

use super::{one, tour};
use crate::{
    codes::makes_codes,
    support::{LEIPZIG, TestApp, registration},
};

#[tokio::test]
async fn organisers_codes_pass_all_checks_in_every_state() {
    let app = TestApp::start().await;
    makes_codes(&app).await;
    let delegate = app.delegate();
    let form = delegate.opens(&format!("{LEIPZIG}/register?code=GRAZ-2018")).await.form("Register");
    let form = form.fill_in("You", "Name", "Anna").fill_in("You", "E-mail", "anna@graz.example");
    let form = form.fill("Organisation", "City of Graz").fill("City", "Graz").choose("Country", "Austria");
    delegate.sends(form).await.must_say("You are registered");
    let codes = format!("/administration{LEIPZIG}/codes");
    let code = format!("{codes}/{}", one(&app, "select id::text from code where code = 'GRAZ-2018'").await);
    let over = format!("{codes}/{}", one(&app, "select id::text from code where code = 'OVER'").await);
    let db = app.db.clone();
    tour(&app, Some("administrator"), async move |mut tour| {
        tour.opens("codes", &codes).await;
        tour.browser.opens(&format!("{codes}/new")).await;
        tour.browser.fills("Reduced fee", "cheap").await;
        tour.browser.clicks("Save").await;
        tour.browser.sees("attention").await;
        tour.checks("code-wrong").await;
        tour.opens("code-over", &over).await;
        tour.opens("code", &code).await;
        tour.browser.fills("For", "Mine").await;
        sqlx::query("update code set revision = revision + 1, audience = 'Theirs'")
            .execute(&db)
            .await
            .expect("a change");
        tour.browser.clicks("Save").await;
        tour.browser.sees("Somebody else changed this code").await;
        tour.checks("code-conflict").await;
        tour.opens("code-end", &format!("{code}/end")).await;
        tour.opens("code-remove-used", &format!("{code}/remove")).await;
        tour.opens("code-remove", &format!("{over}/remove")).await;
        tour
    })
    .await;
}

#[tokio::test]
async fn the_form_with_a_code_passes_all_checks_in_every_state() {
    let app = TestApp::start().await;
    makes_codes(&app).await;
    registration::form(&app.delegate()).await;
    let register = format!("{LEIPZIG}/register");
    let db = app.db.clone();
    tour(&app, None, async move |mut tour| {
        tour.opens("register-code", &format!("{register}?code=GRAZ-2018")).await;
        tour.browser.opens(&register).await;
        tour.browser.fills("Code", "GRAZ-2017").await;
        tour.browser.clicks("Apply the code").await;
        tour.browser.sees("We do not know this code").await;
        tour.checks("register-code-wrong").await;
        sqlx::query("update category set access = 'code'").execute(&db).await.expect("invitations only");
        tour.opens("register-by-invitation", &register).await;
        tour
    })
    .await;
}
