//! The waiting list, for delegates and for staff.

use super::tour;
use crate::{
    support::{LEIPZIG, TestApp, registration::registers},
    waiting::{joins, limits, manage_link},
};

#[tokio::test]
async fn the_waiting_list_passes_all_checks_in_every_state() {
    let app = TestApp::start().await;
    limits(&app, "member-city", Some(1)).await;
    registers(&app.delegate(), "Anna Gruber", "anna@graz.example").await.must_say("You are registered");
    let receipt = joins(&app, "Ben Huber").await.path;
    joins(&app, "Carla Costa").await;
    joins(&app, "Željka Horvat-Šimić von der Weiden").await;
    let [ben, carla] = [manage_link(&app, "Ben Huber").await, manage_link(&app, "Carla Costa").await];
    let register = format!("{LEIPZIG}/register");
    let (db, path) = (app.db.clone(), register.clone());
    tour(&app, None, async move |mut tour| {
        tour.opens("register-with-a-waiting-list", &register).await;
        // A category that fills up while somebody types.
        let browser = &tour.browser;
        browser.opens(&path).await;
        browser.fills("Name", "Dora Dragan").await;
        browser.fills("E-mail", "dora@graz.example").await;
        browser.fills("Organisation", "City of Graz").await;
        browser.fills("City", "Graz").await;
        browser.chooses("Country", "Austria").await;
        browser.chooses("Category", "University").await;
        sqlx::query(
            "update capacity set places = 0 from category where category.id = category_id and slug = 'university'",
        )
        .execute(&db)
        .await
        .expect("a limit");
        browser.clicks("Register").await;
        browser.sees("No place is left for Dora Dragan").await;
        tour.checks("register-has-to-wait").await;
        tour.browser.clicks("Join the waiting list").await;
        tour.browser.sees("You are on the waiting list").await;
        tour.checks("registered-waiting").await;
        tour.opens("registered-waiting-second", &receipt).await;
        sqlx::query("update capacity set places = taken where category_id is null")
            .execute(&db)
            .await
            .expect("a limit");
        tour.browser.opens_until(&register, "All places are taken").await;
        tour.checks("register-all-wait").await;
        tour.browser.opens_until(LEIPZIG, "You can join the waiting list").await;
        tour.checks("home-waiting-list").await;
        sqlx::query("update capacity set places = null where category_id is null")
            .execute(&db)
            .await
            .expect("no limit");
        tour.opens("manage-waiting", &format!("/manage/{ben}")).await;
        tour.opens("cancel-waiting", &format!("/manage/{ben}/cancel")).await;
        // Two more places, which are offered to Ben and Carla.
        sqlx::query(
            "update capacity set places = 3 from category where category.id = category_id and slug = 'member-city'",
        )
        .execute(&db)
        .await
        .expect("more places");
        tour.browser.opens_until(&format!("/manage/{carla}"), "A place is offered").await;
        tour.checks("manage-offered").await;
        tour.opens("offer", &format!("/offers/{ben}")).await;
        tour.opens("offer-decline", &format!("/offers/{ben}/decline")).await;
        tour.presses("offer-declined", &format!("/offers/{ben}/decline"), "Yes, decline", "The place was declined")
            .await;
        tour.presses("offer-accepted", &format!("/offers/{carla}"), "Accept the place", "You have the place").await;
        for (outcome, words) in [("lapsed", "The offer has ended"), ("withdrawn", "The offer was withdrawn")] {
            sqlx::query("update offer set outcome = $1 where outcome in ('declined', 'lapsed')")
                .bind(outcome)
                .execute(&db)
                .await
                .expect("the offer");
            tour.browser.opens(&format!("/offers/{ben}")).await;
            tour.browser.sees(words).await;
            tour.checks(&format!("offer-{outcome}")).await;
        }
        tour
    })
    .await;
    let waiting = format!("/staff{LEIPZIG}/waiting");
    joins(&app, "Emil Ernst").await;
    joins(&app, "Fritz Faber").await;
    tour(&app, Some("staff"), async move |mut tour| {
        tour.opens("waiting-list", &waiting).await;
        tour.presses("waiting-list-wrong", &waiting, "Move", "need your attention").await;
        tour.browser.opens(&waiting).await;
        tour.browser.chooses("Who", "Fritz Faber, number 2 (Member city, City of Graz)").await;
        tour.browser.fills("New number in the queue", "1").await;
        tour.browser.fills("Reason", "Speaks on Monday").await;
        tour.browser.clicks("Move").await;
        tour.browser.sees("Moved.").await;
        tour.checks("waiting-list-moved").await;
        tour.browser.clicks_link("Fritz Faber").await;
        tour.browser.sees("number 1 in the queue").await;
        tour.checks("attendee-waiting").await;
        tour.browser.clicks_link("Cancel …").await;
        tour.browser.sees("no place becomes free").await;
        tour.checks("attendee-cancel-waiting").await;
        tour
    })
    .await;
}

#[tokio::test]
async fn the_pages_pass_all_checks_when_the_conference_is_full_and_has_begun() {
    let app = TestApp::start().await;
    app.conference_begins().await;
    limits(&app, "", Some(0)).await;
    tour(&app, None, async move |mut tour| {
        tour.browser.opens_until(&format!("{LEIPZIG}/register"), "The conference is full").await;
        tour.checks("register-full").await;
        tour.opens("home-register-full", LEIPZIG).await;
        tour
    })
    .await;
}
