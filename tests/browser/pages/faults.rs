//! What people see when a page does not exist, is not for them, or fails.

use super::tour;
use crate::support::{LEIPZIG, TestApp, database};

#[tokio::test]
async fn the_error_pages_pass_all_checks() {
    let app = TestApp::start().await;
    let db = app.db.clone();
    tour(&app, None, async move |mut tour| {
        tour.opens("error-404", &format!("{LEIPZIG}/nothing-here")).await;
        tour.opens("error-404-before-all-conferences", "/nothing-here").await;
        tour.browser.opens(&format!("{LEIPZIG}/register")).await;
        tour.browser
            .script(
                "const form = document.querySelector('main form');
                 form.elements['name'].value = 'x'.repeat(1100 * 1024);
                 form.submit();",
            )
            .await;
        tour.browser.sees("The form is too large").await;
        tour.checks("error-413").await;
        tour.opens("error-405", "/sign-out").await;
        // A table that the programme needs is missing: an error in the program.
        sqlx::query("alter table session_content rename to session_content_gone").execute(&db).await.expect("a fault");
        tour.browser.opens(&format!("{LEIPZIG}/sessions/city-data")).await;
        tour.browser.sees("Reference").await;
        tour.checks("error-500").await;
        tour.browser.opens(&format!("{LEIPZIG}/register")).await;
        database::goes_away(&db).await;
        tour.browser.script("document.querySelector('main form').submit()").await;
        tour.browser.sees("Everything you typed is on this page").await;
        tour.checks("error-503-with-a-form").await;
        tour.browser.opens(&format!("{LEIPZIG}/sessions/skills")).await;
        tour.browser.sees("Nothing has been lost").await;
        tour.checks("error-503").await;
        tour
    })
    .await;
}

#[tokio::test]
async fn the_page_that_refuses_access_passes_all_checks() {
    let app = TestApp::start().await;
    tour(&app, Some("staff"), async |mut tour| {
        tour.opens("error-403", "/administration").await;
        tour.browser.sees("You do not have access to this page").await;
        tour
    })
    .await;
}
