//! Places that are kept for a code, at a full category and a full conference.

use super::{CODES, REGISTER, code, makes, owed, sends_with, taken};
use crate::{
    categories::sets_fee,
    registering::count,
    support::{Form, Page, Person, TestApp},
    waiting::{
        MEMBER_CITY, becomes, cancels, filled, joins, limits, none, offer_to, open_form, queue, secret_of, state,
        takes, wrong,
    },
};

fn keeps(uses: &str) -> impl FnOnce(Form) -> Form + use<'_> {
    move |form| form.fill("How many people can use it", uses).tick("Keep places for them")
}

/// Starts the program with two places, one of which is kept. Anna has the other one, Boris waits.
async fn full_but_for_graz() -> (TestApp, Person) {
    let app = TestApp::start().await;
    let ada = app.administrator().await;
    limits(&app.db, MEMBER_CITY, Some(2)).await;
    limits(&app.db, "", Some(2)).await;
    makes(&ada, "GRAZ-2018", "Member city", keeps("1")).await;
    takes(&app, "Anna").await;
    joins(&app, "Boris").await;
    assert_eq!(taken(&app, MEMBER_CITY).await, 2);
    (app, ada)
}

async fn carla_registers(app: &TestApp) {
    let page = app.delegate().opens(&format!("{REGISTER}?code=GRAZ-2018")).await;
    page.must_say("Places are kept for it").must_not_say("Everybody whom you register joins the waiting list");
    let page = app.delegate().sends(filled(page.form("Register"), "Carla", "Member city")).await;
    page.must_say("You are registered");
    assert_eq!((state(&app.db, "Carla").await.as_str(), taken(app, MEMBER_CITY).await), ("confirmed", 2));
    none(&wrong(&app.db).await);
}

#[tokio::test]
async fn somebody_with_a_kept_place_gets_it_although_the_conference_is_full_and_nobody_overtakes_them() {
    let (app, _) = full_but_for_graz().await;
    carla_registers(&app).await;
    assert_eq!(queue(&app.db).await, ["Boris"]);
    // Those without the code still read that it is full.
    app.delegate().opens(REGISTER).await.must_say("All places are taken.");
}

#[tokio::test]
async fn a_code_that_keeps_no_places_waits_as_everybody_does() {
    let (app, ada) = full_but_for_graz().await;
    makes(&ada, "FRIENDS", "Member city", |form| form).await;
    let page = app.delegate().opens(&format!("{REGISTER}?code=FRIENDS")).await;
    let page = app.delegate().sends(filled(open_form(&page), "Dora", "Member city (waiting list)")).await;
    page.must_say("You are on the waiting list");
    assert_eq!(queue(&app.db).await, ["Boris", "Dora"]);
    none(&wrong(&app.db).await);
}

#[tokio::test]
async fn a_kept_place_that_is_given_back_is_kept_again_and_the_cancellation_can_be_undone() {
    let (app, _) = full_but_for_graz().await;
    carla_registers(&app).await;
    cancels(&app, "Carla").await;
    assert_eq!((state(&app.db, "Boris").await.as_str(), taken(&app, MEMBER_CITY).await), ("waiting", 2));
    assert_eq!(count(&app, "select kept::bigint from code").await, 1);
    none(&wrong(&app.db).await);
    let carla = app.delegate();
    let page = carla.opens(&format!("/manage/{}", secret_of(&app.db, "Carla", false).await)).await;
    carla.sends(page.form("Undo the cancellation of Carla")).await.must_say("The cancellation is undone");
    assert_eq!((state(&app.db, "Carla").await.as_str(), queue(&app.db).await.len()), ("confirmed", 1));
    none(&wrong(&app.db).await);
}

#[tokio::test]
async fn staff_undo_a_cancellation_with_a_kept_place_and_read_when_others_use_the_code() {
    let (app, _) = full_but_for_graz().await;
    carla_registers(&app).await;
    cancels(&app, "Carla").await;
    let staff = app.staff().await;
    let id: String =
        sqlx::query_scalar("select id::text from attendee where name = 'Carla'").fetch_one(&app.db).await.expect("her");
    let path = format!("/staff/leipzig-2018/attendees/{id}/reinstate");
    let free = staff.opens(&path).await;
    free.must_not_say("No place is free").must_not_say("comes first");
    sends_with(&app.delegate(), "GRAZ-2018", "Dora", "Member city").await.must_say("You are registered");
    let refused = staff.sends(free.form("Undo the cancellation")).await;
    refused.must_be(409).must_say("As many people as can use the code GRAZ-2018 do.");
    let delegate = app.delegate();
    let page = delegate.opens(&format!("/manage/{}", secret_of(&app.db, "Carla", false).await)).await;
    let page = delegate.sends(page.form("Undo the cancellation of Carla")).await;
    page.must_say("Not undone: others use the code.");
    cancels(&app, "Dora").await;
    staff.sends(staff.opens(&path).await.form("Undo the cancellation")).await.must_be(200);
    assert_eq!(state(&app.db, "Carla").await, "confirmed");
    none(&wrong(&app.db).await);
}

#[tokio::test]
async fn a_transferred_place_stays_with_the_code() {
    let (app, _) = full_but_for_graz().await;
    carla_registers(&app).await;
    let carla = app.delegate();
    let page = carla.opens(&format!("/manage/{}", secret_of(&app.db, "Carla", true).await)).await;
    let page = carla.follows(&page, "Transfer the place of Carla …").await;
    let form = page.form("Transfer the place").fill("Name", "Dora").fill("E-mail", "dora@graz.example");
    carla.sends(form).await.must_be(200);
    assert_eq!(state(&app.db, "Dora").await, "confirmed");
    assert_eq!(count(&app, "select (used + placed)::bigint from code").await, 2);
    none(&wrong(&app.db).await);
}

#[tokio::test]
async fn a_code_that_is_ended_gives_its_places_to_those_who_wait() {
    let (app, ada) = full_but_for_graz().await;
    let page = ada.follows(&code(&ada, "GRAZ-2018").await, "End now …").await;
    page.must_say("One place is no longer kept.");
    ada.sends(page.form("Yes, end it")).await.must_say("The code is over.");
    assert_eq!((state(&app.db, "Boris").await.as_str(), taken(&app, MEMBER_CITY).await), ("offered", 2));
    let page = app.delegate().tries(&format!("{REGISTER}?code=GRAZ-2018")).await;
    assert!(
        page.error_beside("Code").is_some_and(|words| words.contains("could be used until")),
        "{:?}",
        page.errors()
    );
    none(&wrong(&app.db).await);
    // It can be used again, but no place is left to keep.
    let again = ada.sends(code(&ada, "GRAZ-2018").await.form("Save").fill("Until", "")).await;
    assert!(
        again
            .must_be(422)
            .error_beside("How many people can use it")
            .is_some_and(|words| words.starts_with("No place is free")),
        "{:?}",
        again.errors()
    );
}

#[tokio::test]
async fn when_the_time_of_a_code_is_over_its_places_go_to_those_who_wait() {
    let (app, ada) = full_but_for_graz().await;
    ada.sends(code(&ada, "GRAZ-2018").await.form("Save").fill("Until", "2090-03-01T12:00")).await.must_be(200);
    carla_registers(&app).await;
    ada.sends(code(&ada, "GRAZ-2018").await.form("Save").fill("Until", "2090-03-01T11:00")).await.must_be(200);
    sqlx::query("update code set until = now() - interval '1 second'").execute(&app.db).await.expect("the time");
    // Nothing is kept any more, and Carla keeps her place; a place that she gives back goes to Boris.
    for _ in 0..100 {
        if count(&app, "select count(*) from code where ended_at is not null").await == 1 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert_eq!(count(&app, "select count(*) from audit where kind = 'code_ended' and actor = 'program'").await, 1);
    assert_eq!(state(&app.db, "Carla").await, "confirmed");
    cancels(&app, "Carla").await;
    becomes(&app.db, "Boris", "offered").await;
    none(&wrong(&app.db).await);
}

#[tokio::test]
async fn an_unused_kept_place_is_offered_when_the_time_of_the_code_is_over() {
    let (app, _) = full_but_for_graz().await;
    sqlx::query("update code set until = now() - interval '1 second'").execute(&app.db).await.expect("the time");
    becomes(&app.db, "Boris", "offered").await;
    let boris = app.delegate();
    let page = boris.opens(&offer_to(&app, "Boris").await).await;
    boris.sends(page.form("Accept the place")).await.must_say("You have the place");
    none(&wrong(&app.db).await);
}

#[tokio::test]
async fn more_places_than_are_free_cannot_be_kept() {
    let app = TestApp::start().await;
    let ada = app.administrator().await;
    limits(&app.db, MEMBER_CITY, Some(5)).await;
    takes(&app, "Anna").await;
    makes(&ada, "GRAZ-2018", "Member city", keeps("2")).await;
    let new = ada.opens(&format!("{CODES}/new")).await.form("Save");
    let new = new.fill("Code", "LINZ-2018").choose("Category", "Member city");
    let page = ada.sends(keeps("3")(new)).await;
    let error = page.must_be(422).error_beside("How many people can use it").unwrap_or_default();
    assert_eq!(error, "Only 2 places can be kept. Give a lower number, or set more places first");
    assert_eq!(page.form("Save").value("Code"), "LINZ-2018");
    let page = ada.sends(code(&ada, "GRAZ-2018").await.form("Save").fill("How many people can use it", "5")).await;
    let error = page.must_be(422).error_beside("How many people can use it").unwrap_or_default();
    assert_eq!(error, "Only 4 places can be kept. Give a lower number, or set more places first");
    ada.sends(code(&ada, "GRAZ-2018").await.form("Save").fill("How many people can use it", "4")).await.must_be(200);
    assert_eq!(taken(&app, MEMBER_CITY).await, 5);
    let category = ada.follows(&ada.opens("/administration/leipzig-2018").await, "Member city").await;
    let page = ada.sends(category.form("Save").fill("Places", "4")).await;
    let error = page.must_be(422).error_beside("Places").unwrap_or_default();
    assert!(
        error.ends_with("5 places are already taken. Give at least that number. 4 of them are kept for codes"),
        "{error}"
    );
}

#[tokio::test]
async fn fewer_uses_free_places_and_are_not_fewer_than_the_people_who_use_it() {
    let app = TestApp::start().await;
    let ada = app.administrator().await;
    limits(&app.db, MEMBER_CITY, Some(3)).await;
    makes(&ada, "GRAZ-2018", "Member city", keeps("3")).await;
    for name in ["Anna", "Boris"] {
        sends_with(&app.delegate(), "GRAZ-2018", name, "Member city").await.must_say("You are registered");
    }
    joins(&app, "Carla").await;
    let page = ada.sends(code(&ada, "GRAZ-2018").await.form("Save").fill("How many people can use it", "1")).await;
    let error = page.must_be(422).error_beside("How many people can use it").unwrap_or_default();
    assert_eq!(error, "2 people use the code. Give at least that number");
    ada.sends(code(&ada, "GRAZ-2018").await.form("Save").fill("How many people can use it", "2")).await.must_be(200);
    assert_eq!(state(&app.db, "Carla").await, "offered");
    none(&wrong(&app.db).await);
}

#[tokio::test]
async fn places_are_not_kept_for_a_code_while_somebody_waits_with_it() {
    let (app, ada) = full_but_for_graz().await;
    makes(&ada, "FRIENDS", "Member city", |form| form).await;
    sends_with(&app.delegate(), "FRIENDS", "Dora", "Member city (waiting list)").await.must_be(200);
    let page = ada.sends(keeps("2")(code(&ada, "FRIENDS").await.form("Save"))).await;
    page.must_be(422).must_say("Somebody with this code waits for a place, so no places can be kept for it");
}

#[tokio::test]
async fn the_page_of_a_full_conference_without_a_waiting_list_asks_for_the_code() {
    let (app, _) = full_but_for_graz().await;
    app.conference_begins().await;
    sqlx::query("update conference set registration_closes = null").execute(&app.db).await.expect("it stays open");
    let delegate = app.delegate();
    let page = delegate.opens_until(REGISTER, |page| page.says("The conference is full")).await;
    page.must_say("With a code, there may be a place for you");
    let page = delegate.sends(page.form("Apply the code").fill("Code", "graz-2018")).await;
    let page = delegate.sends(filled(page.form("Register"), "Carla", "Member city")).await;
    page.must_say("You are registered");
    assert_eq!(owed(&app, "Carla").await, []);
    none(&wrong(&app.db).await);
}

/// Opens Carla's choices and chooses the category that begins with these words.
async fn chooses(app: &TestApp, category: &str) -> Page {
    let carla = app.delegate();
    let id: String =
        sqlx::query_scalar("select id::text from attendee where name = 'Carla'").fetch_one(&app.db).await.expect("her");
    let secret = secret_of(&app.db, "Carla", false).await;
    let mut form = carla.opens(&format!("/manage/{secret}/choices?attendee={id}")).await.form("Save");
    let words = form.choices("Category").into_iter().find(|words| words.starts_with(category));
    carla.sends(form.choose("Category", &words.expect("the category"))).await
}

#[tokio::test]
async fn whoever_changes_category_leaves_the_code_with_its_fee_and_the_place_is_kept_again() {
    let app = TestApp::start().await;
    let ada = app.administrator().await;
    sets_fee(&ada, "450").await;
    limits(&app.db, MEMBER_CITY, Some(1)).await;
    makes(&ada, "GRAZ-2018", "Member city", |form| keeps("1")(form.fill("Reduced fee", "200"))).await;
    sends_with(&app.delegate(), "GRAZ-2018", "Carla", "Member city: EUR 200.00").await.must_say("You are registered");
    chooses(&app, "University: free").await.must_be(200);
    assert_eq!(count(&app, "select (used + placed)::bigint from code").await, 0);
    assert_eq!(taken(&app, MEMBER_CITY).await, 1, "it is kept for somebody else from Graz");
    none(&wrong(&app.db).await);
    limits(&app.db, MEMBER_CITY, Some(2)).await;
    chooses(&app, "Member city: EUR 450.00").await.must_be(200);
    let fee = ("Fee, Member city".to_owned(), 45_000);
    assert_eq!(owed(&app, "Carla").await.last(), Some(&fee), "the fee of the code belongs to whoever uses it");
    none(&wrong(&app.db).await);
}

#[tokio::test]
async fn whoever_leaves_a_kept_place_takes_one_more_of_the_conference_if_there_is_one() {
    let app = TestApp::start().await;
    limits(&app.db, "", Some(1)).await;
    makes(&app.administrator().await, "GRAZ-2018", "Member city", keeps("1")).await;
    sends_with(&app.delegate(), "GRAZ-2018", "Carla", "Member city").await.must_say("You are registered");
    chooses(&app, "University").await.must_be(422);
    none(&wrong(&app.db).await);
    limits(&app.db, "", Some(2)).await;
    chooses(&app, "University").await.must_be(200);
    none(&wrong(&app.db).await);
}
