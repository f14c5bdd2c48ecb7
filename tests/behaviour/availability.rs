//! What public pages say about registration, depending on the time and on the places that are left.

use serde_json::json;
use time::{Duration, macros::datetime};

use crate::{
    registering::{count, registers},
    support::{LEIPZIG, Page, TestApp, programme},
};

const FEW: &str = "Only a few places are left";
const FULL: &str = "The conference is full";

fn in_leipzig(path: &str) -> String {
    format!("{LEIPZIG}{path}")
}

async fn run_sql(app: &TestApp, statement: &'static str) {
    sqlx::raw_sql(statement).execute(&app.db).await.expect("the statement");
}

async fn publication(app: &TestApp) -> i64 {
    count(app, "select version from publication").await
}

/// Opens public pages that link to the registration form while it is open.
async fn pages(app: &TestApp) -> Vec<Page> {
    let mut pages = Vec::new();
    for path in ["", "/programme", "/sessions/world-cafe", "/pages/imprint"] {
        pages.push(app.delegate().opens(&in_leipzig(path)).await);
    }
    pages
}

async fn no_page_links_to_the_form(app: &TestApp) {
    for page in pages(app).await {
        let form = in_leipzig("/register");
        assert!(page.links().iter().all(|(_, to)| *to != form), "{} links to the form", page.path);
    }
}

async fn every_page_links_to_the_form(app: &TestApp) {
    for page in pages(app).await {
        assert_eq!(page.link("Register"), in_leipzig("/register"), "{}", page.path);
        if page.path != in_leipzig("/pages/imprint") {
            assert_eq!(page.link("Register now!"), in_leipzig("/register"), "{}", page.path);
        }
    }
}

async fn every_page_links_to_the_waiting_list(app: &TestApp) {
    for page in pages(app).await {
        assert_eq!(page.link("Register"), in_leipzig("/register"), "{}", page.path);
        if page.path != in_leipzig("/pages/imprint") {
            assert_eq!(page.link("Join the waiting list"), in_leipzig("/register"), "{}", page.path);
        }
    }
}

#[tokio::test]
async fn the_home_page_changes_only_when_places_become_few_run_out_or_become_free_again() {
    let app = TestApp::start().await;
    run_sql(&app, "update capacity set places = 10, taken = 7 where category_id is null").await;
    let before = publication(&app).await;
    let home = app.delegate().opens(LEIPZIG).await;
    home.must_not_say(FEW).must_not_say(FULL);
    registers(&app.delegate(), "Anna", "anna@graz.example").await.must_say("You are registered");
    assert_eq!(publication(&app).await, before, "two places of ten are left, so the pages do not change");
    assert_eq!(app.delegate().opens(LEIPZIG).await.header("etag"), home.header("etag"));

    registers(&app.delegate(), "Boris", "boris@graz.example").await.must_say("You are registered");
    assert_eq!(publication(&app).await, before + 1);
    app.delegate().opens_until(LEIPZIG, |home| home.says(FEW)).await;
    every_page_links_to_the_form(&app).await;

    registers(&app.delegate(), "Carla", "carla@graz.example").await.must_say("You are registered");
    assert_eq!(publication(&app).await, before + 2);
    app.delegate().opens_until(LEIPZIG, |home| home.says(FULL)).await.must_not_say(FEW);
    every_page_links_to_the_waiting_list(&app).await;

    let staff = app.staff().await;
    let list = staff.opens(&format!("/staff{LEIPZIG}/attendees")).await;
    let between = staff.opens(&format!("{}/cancel", list.link("Carla"))).await;
    staff.sends(between.form("Cancel the place").fill("Reason", "Ill")).await.must_say("Cancelled.");
    assert_eq!(publication(&app).await, before + 3);
    app.delegate().opens_until(LEIPZIG, |home| home.says(FEW)).await;
    every_page_links_to_the_form(&app).await;
}

#[tokio::test]
async fn few_means_at_most_a_tenth_of_the_places_and_at_most_twenty() {
    let app = TestApp::start().await;
    for (places, few) in [(1, 1), (5, 1), (10, 1), (11, 2), (80, 8), (200, 20), (2000, 20)] {
        for (taken, availability) in [(places - few - 1, "free"), (places - few, "few"), (places, "full")] {
            if taken < 0 {
                continue;
            }
            let counted: String = sqlx::query_scalar(
                "update capacity set places = $1, taken = $2 where category_id is null returning availability",
            )
            .bind(places)
            .bind(taken)
            .fetch_one(&app.db)
            .await
            .expect("a count");
            assert_eq!(counted, availability, "{taken} of {places}");
        }
    }
}

#[tokio::test]
async fn the_conference_is_full_when_no_public_category_has_a_place() {
    let app = TestApp::start().await;
    let public = "update capacity set places = 0 from category where category.id = category_id and access = 'public'";
    run_sql(
        &app,
        "update capacity set places = 0 from category where category.id = category_id and slug = 'university'",
    )
    .await;
    every_page_links_to_the_form(&app).await;
    run_sql(&app, public).await;
    app.delegate().opens_until(LEIPZIG, |home| home.says(FULL)).await;
    every_page_links_to_the_waiting_list(&app).await;
    // Without a public category there is nothing to wait for.
    run_sql(&app, "update category set access = 'staff'").await;
    app.delegate().opens_until(LEIPZIG, |home| home.says("Registration opens again if somebody cancels.")).await;
    no_page_links_to_the_form(&app).await;
    app.delegate().opens(&in_leipzig("/register")).await.must_say(FULL);
    // A category that becomes public has places.
    let ada = app.administrator().await;
    let settings = ada.opens(&format!("/administration{LEIPZIG}")).await;
    let page = ada.follows(&settings, "Speaker").await;
    ada.sends(page.form("Save").choose("Who can choose it", "Delegates, on the form")).await.must_be(200);
    app.delegate().opens(LEIPZIG).await.must_not_say(FULL);
    every_page_links_to_the_form(&app).await;
}

#[tokio::test]
async fn when_the_conference_begins_the_waiting_list_ends_on_time() {
    let app = TestApp::start().await;
    run_sql(&app, "update capacity set places = 0 where category_id is null").await;
    run_sql(&app, "update conference set registration_closes = null").await;
    programme::changes_facts(&app.db, json!({ "starts_on": "2040-05-28", "ends_on": "2040-05-30" })).await;
    app.delegate().opens_until(LEIPZIG, |home| home.says("28–30 May 2040")).await;
    let begins = datetime!(2040-05-27 22:00 UTC);
    app.it_is(begins - Duration::seconds(30));
    every_page_links_to_the_waiting_list(&app).await;
    app.it_is(begins + Duration::seconds(1));
    app.delegate()
        .opens(LEIPZIG)
        .await
        .must_say("The conference is full. Registration opens again if somebody cancels.");
    no_page_links_to_the_form(&app).await;
}

#[tokio::test]
async fn registration_that_opens_later_is_announced_and_opens_on_time() {
    let app = TestApp::start().await;
    run_sql(&app, "update conference set registration_opens = '2040-01-15 08:00+00'").await;
    let home = app.delegate().opens_until(LEIPZIG, |home| home.says("Registration opens on")).await;
    home.must_say("Registration opens on Sunday 15 January 2040, 09:00 (CET, local time in Leipzig)");
    no_page_links_to_the_form(&app).await;
    app.it_is(datetime!(2040-01-15 08:00:01 UTC));
    app.delegate().opens(LEIPZIG).await.must_not_say("Registration opens on");
    every_page_links_to_the_form(&app).await;
}

#[tokio::test]
async fn without_a_closing_time_registration_closes_at_the_end_of_the_last_day() {
    let app = TestApp::start().await;
    run_sql(&app, "update conference set registration_closes = null").await;
    programme::changes_facts(&app.db, json!({ "starts_on": "2040-05-28", "ends_on": "2040-05-30" })).await;
    app.delegate().opens_until(LEIPZIG, |home| home.says("28–30 May 2040")).await;
    let end = datetime!(2040-05-30 22:00 UTC);
    app.it_is(end - Duration::seconds(30));
    every_page_links_to_the_form(&app).await;
    app.delegate().opens(&in_leipzig("/register")).await.form("Register");
    app.it_is(end + Duration::seconds(1));
    app.delegate().opens(LEIPZIG).await.must_say("Registration closed on Wednesday 30 May 2040.");
    no_page_links_to_the_form(&app).await;
    app.delegate().opens(&in_leipzig("/register")).await.must_say("Registration is closed");
}

#[tokio::test]
async fn settings_explain_an_empty_closing_time_and_refuse_an_opening_time_after_the_end() {
    let app = TestApp::start().await;
    let ada = app.administrator().await;
    let path = format!("/administration{LEIPZIG}");
    let page = ada.opens(&path).await;
    page.must_say("registration closes at the end of the last day, Wednesday 30 May.");
    let late = page.form("Save and publish").fill("Opens", "2018-05-31T00:00").fill("Closes", "");
    let page = ada.sends(late).await;
    page.must_be(422);
    assert!(
        page.error_beside("Closes").is_some_and(|words| words.contains("end of the last day")),
        "{:?}",
        page.errors()
    );
    let in_time = page.form("Save and publish").fill("Opens", "2018-05-30T23:59");
    ada.sends(in_time).await.must_be(200).must_say("Saved");
    app.delegate().opens(LEIPZIG).await.must_say("Registration closed on Wednesday 30 May 2018.");
}

/// A registration locks the counters and then, if it takes the last place, the publication. Saving settings
/// must lock them in the same order.
#[tokio::test]
async fn settings_saved_while_the_last_place_is_taken_cause_no_deadlock() {
    let app = TestApp::start().await;
    let ada = app.administrator().await;
    run_sql(&app, "update capacity set places = 1 where category_id is null").await;
    let settings = format!("/administration{LEIPZIG}");
    let of_conference = ada.opens(&settings).await.form("Save and publish").fill("Hours to answer an offer", "71");
    let page = ada.follows(&ada.opens(&settings).await, "University").await;
    let of_category = page.form("Save").choose("Who can choose it", "Only staff");
    for (form, taken) in [(of_conference.fill("Places in all", "1"), 1), (of_category, 0)] {
        let mut registering = app.db.begin().await.expect("a transaction");
        sqlx::query("select from capacity for update").execute(&mut *registering).await.expect("the counters");
        let saving = tokio::spawn({
            let ada = ada.clone();
            async move { ada.sends(form).await }
        });
        let waits =
            "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()";
        while count(&app, waits).await == 0 {
            assert!(!saving.is_finished(), "the settings were not saved: {}", saving.await.expect("an answer").text());
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        sqlx::query("update capacity set taken = $1 where category_id is null")
            .bind(taken)
            .execute(&mut *registering)
            .await
            .expect("the last place, without a deadlock");
        registering.commit().await.expect("a commit");
        saving.await.expect("an answer").must_be(200);
    }
}
