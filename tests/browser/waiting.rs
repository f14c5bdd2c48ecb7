//! A delegate joins the waiting list, and accepts or declines a place, with the keyboard alone.

use sqlx::Row;
use thirtyfour::Key;
use uuid::Uuid;

use crate::{
    driver::{Browser, Options, browse},
    support::{LEIPZIG, Page, TestApp, registration::registers, secret},
};

/// Limits a category, or with an empty slug the whole conference.
pub async fn limits(app: &TestApp, slug: &str, places: Option<i32>) {
    sqlx::query(
        "update capacity set places = $2
         where case when $1 = '' then category_id is null
                    else category_id = (select id from category where slug = $1) end",
    )
    .bind(slug)
    .bind(places)
    .execute(&app.db)
    .await
    .expect("a limit");
}

/// Registers somebody who has to wait for a place in the category of member cities.
pub async fn joins(app: &TestApp, name: &str) -> Page {
    let delegate = app.delegate();
    let email = format!("{}@graz.example", deunicode(name));
    let form = delegate.opens(&format!("{LEIPZIG}/register")).await.form("Register");
    let form = form.fill_in("You", "Name", name).fill_in("You", "E-mail", &email);
    let form = form.fill("Organisation", "City of Graz").fill("City", "Graz").choose("Country", "Austria");
    let page = delegate.sends(form.choose_in("Person 1:", "Category", "Member city (waiting list)")).await;
    page.must_say("You are on the waiting list");
    page
}

/// Returns the letters of a name that an address may contain.
fn deunicode(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphabetic).collect()
}

/// Creates the secret of an attendee's own link, as in mails.
pub async fn manage_link(app: &TestApp, name: &str) -> String {
    let (secret, hash) = secret();
    let row = sqlx::query("select id, conference_id, registration_id from attendee where name = $1")
        .bind(name)
        .fetch_one(&app.db)
        .await
        .expect("them");
    sqlx::query(
        "insert into link (id, conference_id, hash, purpose, registration_id, attendee_id) values ($1, $2, $3, 'manage', $4, $5)",
    )
    .bind(Uuid::now_v7())
    .bind(row.get::<Uuid, _>(1))
    .bind(hash)
    .bind(row.get::<Uuid, _>(2))
    .bind(row.get::<Uuid, _>(0))
    .execute(&app.db)
    .await
    .expect("a link");
    secret
}

async fn state(app: &TestApp, name: &str) -> String {
    sqlx::query_scalar("select state from attendee where name = $1").bind(name).fetch_one(&app.db).await.expect("them")
}

#[tokio::test]
async fn a_delegate_joins_the_waiting_list_by_keyboard_alone() {
    for without_script in [false, true] {
        let app = TestApp::start().await;
        limits(&app, "member-city", Some(1)).await;
        registers(&app.delegate(), "Anna Gruber", "anna@graz.example").await.must_say("You are registered");
        browse(app.url(), Options { without_script, ..Options::default() }, async |ben: Browser| {
            ben.opens(&format!("{LEIPZIG}/register")).await;
            ben.sees("Waiting list for: Member city.").await;
            for (field, words) in [
                ("Name", "Ben Huber"),
                ("E-mail", "ben@graz.example"),
                ("Organisation", "City of Graz"),
                ("City", "Graz"),
                ("Country", "Austria"),
                ("Category", "Member"),
                ("Job title", "CIO"),
            ] {
                ben.tabs_to(field).await;
                ben.presses(words).await;
            }
            ben.presses(Key::Enter).await;
            ben.sees("You are on the waiting list").await;
            ben.sees("number 1 in the queue of this category").await;
        })
        .await;
        assert_eq!(state(&app, "Ben Huber").await, "waiting");
    }
}

#[tokio::test]
async fn a_delegate_accepts_and_another_declines_a_place_by_keyboard_alone() {
    let app = TestApp::start().await;
    limits(&app, "member-city", Some(0)).await;
    joins(&app, "Ben Huber").await;
    joins(&app, "Carla Costa").await;
    let [ben, carla] = [manage_link(&app, "Ben Huber").await, manage_link(&app, "Carla Costa").await];
    limits(&app, "member-city", Some(2)).await;
    browse(app.url(), Options::default(), async move |browser: Browser| {
        browser.opens_until(&format!("/offers/{ben}"), "A place is free for you").await;
        browser.tabs_to("Accept the place").await;
        browser.presses(Key::Enter).await;
        browser.sees("You have the place").await;
        browser.opens(&format!("/manage/{carla}")).await;
        browser.tabs_to("Accept or decline for Carla Costa …").await;
        browser.presses(Key::Enter).await;
        browser.sees("Answer by").await;
        browser.tabs_to("Decline …").await;
        browser.presses(Key::Enter).await;
        browser.sees("Decline the place?").await;
        browser.tabs_to("Yes, decline").await;
        browser.presses(Key::Enter).await;
        browser.sees("The place was declined").await;
    })
    .await;
    assert_eq!(
        (state(&app, "Ben Huber").await, state(&app, "Carla Costa").await),
        ("confirmed".into(), "cancelled".into())
    );
}
