//! The pages of a manage link, in every state.

use super::{public::manage_link, tour};
use crate::support::{LEIPZIG, TestApp, registration::registers, secret};

/// Registers Anna Gruber with Boris Maier, who has needs, and returns two links of the contact.
async fn two_from_graz(app: &TestApp) -> [String; 2] {
    let delegate = app.delegate();
    registers(&delegate, "Anna Gruber", "anna@graz.example").await.must_say("You are registered");
    let links = [manage_link(app).await, manage_link(app).await];
    let form = delegate.opens(&format!("{}/add", links[0])).await.form("Add this person");
    let form = form.fill("Name", "Boris Maier").fill("E-mail", "boris@graz.example").choose("Category", "University");
    delegate.sends(form).await.must_say("Added.");
    sqlx::query(
        "insert into attendee_needs (attendee_id, conference_id, dietary, access, consent_wording, consented_at)
         select id, conference_id, 'no nuts', '', 'I agree', now() from attendee where name = 'Boris Maier'",
    )
    .execute(&app.db)
    .await
    .expect("needs");
    links
}

/// Creates a link that confirms the new address that waits, and returns its path.
async fn confirm_link(app: &TestApp) -> String {
    let (secret, hash) = secret();
    sqlx::query(
        "insert into link (id, conference_id, hash, purpose, registration_id, attendee_id, email_change_id)
         select gen_random_uuid(), conference_id, $1, 'confirm_email', registration_id, attendee_id, id
         from email_change where used_at is null and cancelled_at is null",
    )
    .bind(hash)
    .execute(&app.db)
    .await
    .expect("a link");
    format!("/confirm-email/{secret}")
}

async fn attendee(app: &TestApp, name: &str) -> String {
    sqlx::query_scalar("select id::text from attendee where name = $1")
        .bind(name)
        .fetch_one(&app.db)
        .await
        .expect("one")
}

#[tokio::test]
async fn changing_a_registration_passes_all_checks_in_every_state() {
    let app = TestApp::start().await;
    let [link, other] = two_from_graz(&app).await;
    let (anna, boris) = (attendee(&app, "Anna Gruber").await, attendee(&app, "Boris Maier").await);
    let delegate = app.delegate();
    let form = delegate.opens(&format!("{other}/email?attendee={anna}")).await.form("Send the link");
    delegate.sends(form.fill("New e-mail address", "anna@linz.example")).await.must_say("Check the new mailbox.");
    let confirm = confirm_link(&app).await;
    let details = format!("{link}/details?attendee={boris}");
    tour(&app, None, async move |mut tour| {
        tour.opens("manage-two", &link).await;
        tour.opens("manage-details", &details).await;
        tour.browser.fills("Name", "").await;
        tour.browser.clicks("Save").await;
        tour.browser.sees("needs your attention").await;
        tour.checks("manage-details-with-errors").await;
        // Somebody else saves in between.
        tour.browser.opens(&details).await;
        let form = delegate.opens(&details).await.form("Save").fill("Job title", "CIO");
        delegate.sends(form).await.must_say("Corrected.");
        tour.browser.fills("Job title (optional)", "CTO").await;
        tour.browser.clicks("Save").await;
        tour.browser.sees("Both of you changed the same thing.").await;
        tour.checks("manage-details-conflict").await;
        tour.browser.clicks("Save mine").await;
        tour.browser.sees("Corrected.").await;
        tour.checks("manage-corrected").await;
        tour.opens("manage-registration", &format!("{link}/registration")).await;
        tour.browser.fills("Organisation", "").await;
        tour.browser.clicks("Save").await;
        tour.browser.sees("needs your attention").await;
        tour.checks("manage-registration-with-errors").await;
        tour.opens("manage-choices", &format!("{link}/choices?attendee={boris}")).await;
        tour.opens("manage-email-waiting", &format!("{link}/email?attendee={anna}")).await;
        tour.presses(
            "manage-email-with-errors",
            &format!("{link}/email?attendee={boris}"),
            "Send the link",
            "needs your attention",
        )
        .await;
        tour.presses(
            "manage-transfer-with-errors",
            &format!("{link}/transfer?attendee={boris}"),
            "Transfer the place",
            "need your attention",
        )
        .await;
        tour.presses("manage-add-with-errors", &format!("{link}/add"), "Add this person", "need your attention").await;
        tour.opens("confirm-email", &confirm).await;
        tour.browser.clicks("Confirm anna@linz.example").await;
        tour.browser.sees("The new address is confirmed").await;
        tour.checks("confirm-email-done").await;
        tour.opens("confirm-email-before", &confirm).await;
        tour.opens("manage-dead-link", &link).await;
        tour
    })
    .await;
}

#[tokio::test]
async fn a_registration_that_is_cancelled_or_frozen_passes_all_checks() {
    let app = TestApp::start().await;
    let [link, other] = two_from_graz(&app).await;
    let delegate = app.delegate();
    let boris = attendee(&app, "Boris Maier").await;
    let form = delegate.opens(&format!("{other}/cancel?attendee={boris}")).await.form("Yes, cancel");
    delegate.sends(form).await.must_say("Cancelled.");
    let db = app.db.clone();
    let change = async move |sql: &'static str| {
        sqlx::query(sql).execute(&db).await.expect("a change");
    };
    tour(&app, None, async move |mut tour| {
        tour.opens("manage-one-cancelled", &link).await;
        change("update capacity set places = taken where category_id is null").await;
        tour.browser.clicks("Undo the cancellation of Boris Maier").await;
        tour.browser.sees("no place is free").await;
        tour.checks("manage-not-undone").await;
        tour.opens("manage-add-full", &format!("{link}/add")).await;
        change("update registration_settings set changes_until = now() + interval '1 day'").await;
        tour.opens("manage-until", &link).await;
        change("update registration_settings set changes_until = now()").await;
        tour.opens("manage-frozen", &link).await;
        tour
    })
    .await;
}

#[tokio::test]
async fn asking_for_a_link_passes_all_checks() {
    let app = TestApp::start().await;
    let path = format!("{LEIPZIG}/my-registration");
    tour(&app, None, async move |mut tour| {
        tour.presses("my-registration-with-errors", &path, "Send me my link", "needs your attention").await;
        tour.browser.fills("E-mail", "anna@graz.example").await;
        tour.browser.clicks("Send me my link").await;
        tour.browser.sees("Check your e-mail").await;
        tour.checks("my-registration-asked").await;
        tour
    })
    .await;
}
