//! The staff desk.

use super::{one, pages_below, tour};
use crate::support::{
    LEIPZIG, TestApp,
    registration::{filled, form, registers},
};

#[tokio::test]
async fn the_desk_passes_all_checks_in_every_state() {
    let app = TestApp::start().await;
    for (name, email) in [
        ("Anna Gruber", "anna@graz.example"),
        ("Željka Horvat-Šimić von der Weiden", "zeljka.horvat-simic.von-der-weiden@informatics.city-of-zagreb.example"),
        ("Ben Huber", "ben@graz.example"),
    ] {
        registers(&app.delegate(), name, email).await.must_be(200);
    }
    let attendees = format!("/staff{LEIPZIG}/attendees");
    let anna = one(&app, "select id::text from attendee where name = 'Anna Gruber'").await;
    let ben = one(&app, "select id::text from attendee where name = 'Ben Huber'").await;
    sqlx::query("update message set state = 'failed', reply = '550 5.1.1 Nobody of this name here' where recipient = 'ben@graz.example'")
        .execute(&app.db)
        .await
        .expect("a mail that failed");
    sqlx::query(
        "insert into attendee_needs (attendee_id, conference_id, dietary, access, consent_wording, consented_at)
         select id, conference_id, 'no nuts', 'step-free', 'I agree', now() from attendee where name = 'Anna Gruber'",
    )
    .execute(&app.db)
    .await
    .expect("needs");
    let db = app.db.clone();
    tour(&app, Some("staff"), async move |mut tour| {
        tour.opens("staff", "/staff").await;
        for (name, path) in pages_below("/staff/{c}") {
            tour.opens(&name, &path).await;
        }
        tour.opens("attendees-none-found", &format!("{attendees}?q=nobody-has-this-name")).await;
        tour.opens("export-old-address", &format!("{attendees}.csv?recipe=columns&field=name&field=hotel")).await;
        tour.browser.sees("One of the columns is not offered any more.").await;
        for list in ["organisation", "category"] {
            tour.opens(&format!("printed-{list}"), &format!("/staff{LEIPZIG}/printed?list={list}")).await;
        }
        tour.opens("printed-nobody", &format!("/staff{LEIPZIG}/printed?q=nobody-has-this-name")).await;
        tour.opens("attendee", &format!("{attendees}/{anna}")).await;
        tour.opens("attendee-needs", &format!("{attendees}/{anna}/needs")).await;
        tour.opens("attendee-correct", &format!("{attendees}/{anna}/correct")).await;
        tour.browser.fills("Name", "").await;
        tour.browser.clicks("Save").await;
        tour.browser.sees("attention").await;
        tour.checks("attendee-correct-wrong").await;
        // Somebody else corrects the same attendee at the same time.
        tour.browser.opens(&format!("{attendees}/{anna}/correct")).await;
        tour.browser.fills("Job title", "Mayor").await;
        sqlx::query("update attendee set job_title = 'CIO', revision = revision + 1")
            .execute(&db)
            .await
            .expect("a change");
        tour.browser.clicks("Save").await;
        tour.browser.sees("Somebody else changed this attendee").await;
        tour.checks("attendee-correct-conflict").await;
        tour.opens("attendee-cancel", &format!("{attendees}/{ben}/cancel")).await;
        tour.browser.clicks("Cancel the place").await;
        tour.browser.sees("attention").await;
        tour.checks("attendee-cancel-wrong").await;
        // As after a login that had ended while somebody typed.
        let cancel = format!("{attendees}/{ben}/cancel");
        sqlx::query(
            "insert into resumed_form (id, account_id, path, fields)
             select '01900000-0000-7000-8000-000000000000', account_id, $1, '[[\"reason\", \"Telephoned\"]]' from login",
        )
        .bind(&cancel)
        .execute(&db)
        .await
        .expect("a resumed form");
        tour.opens("attendee-cancel-resumed", &format!("{cancel}?resumed=01900000-0000-7000-8000-000000000000")).await;
        tour.browser.sees("Not saved yet.").await;
        tour.browser.fills("Reason", "Telephoned").await;
        tour.browser.clicks("Cancel the place").await;
        tour.browser.sees("Telephoned").await;
        tour.checks("attendee-cancelled").await;
        sqlx::query("update capacity set places = taken where category_id is null")
            .execute(&db)
            .await
            .expect("a full conference");
        tour.opens("attendee-reinstate", &format!("{attendees}/{ben}/reinstate")).await;
        tour.browser.sees("The conference is full").await;
        tour.browser.clicks("Undo the cancellation all the same").await;
        tour.browser.sees("attention").await;
        tour.checks("attendee-reinstate-full").await;
        tour.opens("messages", &format!("/staff{LEIPZIG}/messages")).await;
        let mail: String = sqlx::query_scalar("select id::text from message where sent_text is not null limit 1")
            .fetch_one(&db)
            .await
            .expect("a mail that was sent");
        tour.opens("message", &format!("/staff{LEIPZIG}/messages/{mail}")).await;
        // As after a restore.
        sqlx::query("update message set state = 'held', sent_at = null").execute(&db).await.expect("the mails");
        tour.opens("messages-held", &format!("/staff{LEIPZIG}/messages?state=held")).await;
        tour
    })
    .await;
}

#[tokio::test]
async fn a_long_name_without_spaces_breaks_no_page() {
    let app = TestApp::start().await;
    let delegate = app.delegate();
    let long = |letter: &str| letter.repeat(190);
    let email = format!("{}@{}.example", "e".repeat(60), "f".repeat(60));
    let form = filled(form(&delegate).await, &long("A"), &email).fill("Organisation", &long("W"));
    let receipt = delegate.sends(form.fill("Job title", &long("J"))).await;
    receipt.must_say("You are registered");
    let id = one(&app, "select id::text from attendee").await;
    let attendees = format!("/staff{LEIPZIG}/attendees");
    tour(&app, Some("staff"), async move |mut tour| {
        for (name, path) in [("registered-long", receipt.path), ("attendees-long", attendees.clone())] {
            tour.opens(name, &path).await;
        }
        for (name, page) in
            [("attendee-long", ""), ("attendee-correct-long", "/correct"), ("attendee-cancel-long", "/cancel")]
        {
            tour.opens(name, &format!("{attendees}/{id}{page}")).await;
        }
        tour.opens("messages-long", &format!("/staff{LEIPZIG}/messages")).await;
        tour
    })
    .await;
}
