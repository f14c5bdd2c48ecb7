//! What anybody sees.

use sqlx::Row;
use uuid::Uuid;

use super::{Tour, tour};
use crate::{
    driver::{Browser, Habits, browse},
    support::{LEIPZIG, TestApp, registration::registers, secret},
};

const PAGES: [(&str, &str); 8] = [
    ("home", ""),
    ("programme", "/programme"),
    ("programme-of-a-day", "/programme?day=2018-05-29"),
    ("programme-of-a-topic", "/programme?topic=world-cafe"),
    ("session", "/sessions/world-cafe"),
    ("register", "/register"),
    ("imprint", "/pages/imprint"),
    ("privacy", "/pages/privacy"),
];

#[tokio::test]
async fn the_public_pages_are_sound() {
    let app = TestApp::start().await;
    tour(&app, None, async |mut tour| {
        for (name, path) in PAGES {
            tour.opens(name, &format!("{LEIPZIG}{path}")).await;
        }
        tour
    })
    .await;
}

#[tokio::test]
async fn registering_is_sound_in_every_state() {
    let app = TestApp::start().await;
    let receipt = registers(&app.delegate(), "Anna Gruber", "anna@graz.example").await.path;
    let (manage, cancel) = (manage_link(&app).await, manage_link(&app).await);
    let register = format!("{LEIPZIG}/register");
    tour(&app, None, async move |mut tour| {
        tour.presses("register-with-errors", &register, "Register", "need your attention").await;
        tour.presses("register-two", &register, "Add a colleague", "Person 2").await;
        tour.opens("registered", &receipt).await;
        registers_twice(&mut tour, &register).await;
        tour.opens("manage", &manage).await;
        tour.opens("manage-cancel", &format!("{cancel}/cancel")).await;
        tour.browser.clicks("Yes, cancel").await;
        tour.browser.sees("Cancelled").await;
        tour.looks("manage-cancelled").await;
        tour
    })
    .await;
}

#[tokio::test]
async fn the_ways_in_which_registration_is_not_open_are_sound() {
    let app = TestApp::start().await;
    let db = app.db.clone();
    tour(&app, None, async move |mut tour| {
        for (name, change, words) in [
            ("register-full", "update capacity set places = taken where category_id is null", "The conference is full"),
            (
                "register-not-yet",
                "update conference set registration_opens = now() + interval '1 day'",
                "Registration is not open yet",
            ),
            (
                "register-closed",
                "update conference set registration_opens = null, registration_closes = now() - interval '1 day'",
                "Registration is closed",
            ),
        ] {
            sqlx::query(change).execute(&db).await.expect("a change of the settings");
            tour.browser.opens_until(&format!("{LEIPZIG}/register"), words).await;
            tour.looks(name).await;
        }
        tour
    })
    .await;
}

#[tokio::test]
async fn the_first_view_of_a_public_page_is_light_and_nothing_jumps() {
    let app = TestApp::start().await;
    browse(app.url(), Habits::default(), async |browser: Browser| {
        let mut wrong = Vec::new();
        for (_, path) in PAGES {
            wrong.extend(browser.first_view_is_light_and_quiet(&format!("{LEIPZIG}{path}")).await);
        }
        assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    })
    .await;
}

#[tokio::test]
async fn the_public_pages_bear_spaced_and_enlarged_letters() {
    let app = TestApp::start().await;
    browse(app.url(), Habits::default(), async |browser: Browser| {
        let mut wrong = Vec::new();
        for (name, path) in PAGES {
            browser.opens(&format!("{LEIPZIG}{path}")).await;
            wrong.extend(browser.bears_other_letters(name).await);
        }
        assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    })
    .await;
}

#[tokio::test]
async fn the_invitation_stands_on_the_first_screen_of_a_phone() {
    let app = TestApp::start().await;
    browse(app.url(), Habits::default(), async |browser: Browser| {
        browser.is(320, false).await;
        browser.opens(LEIPZIG).await;
        let button = "return [...document.querySelectorAll('main a')].find(a => a.textContent === 'Register now!')
                          .getBoundingClientRect().bottom <= window.innerHeight && window.scrollY === 0";
        assert_eq!(browser.script(button).await, true);
    })
    .await;
}

/// The same rendering of the form comes twice, the second time with something changed: they are asked what they mean.
async fn registers_twice(tour: &mut Tour, register: &str) {
    let browser = &tour.browser;
    fills_the_form_in(browser, register, "Graz").await;
    let submission = browser.script("return document.querySelector('[name=submission]').value").await;
    browser.clicks("Register").await;
    browser.sees("You are registered").await;
    fills_the_form_in(browser, register, "Wien").await;
    browser.script(&format!("document.querySelector('[name=submission]').value = {submission}")).await;
    browser.clicks("Register").await;
    browser.sees("You have registered with this form already").await;
    tour.looks("register-twice").await;
}

async fn fills_the_form_in(browser: &Browser, register: &str, city: &str) {
    browser.opens(register).await;
    browser.fills("Name", "Ben Huber").await;
    browser.fills("E-mail", "ben@graz.example").await;
    browser.fills("Organisation", "City of Graz").await;
    browser.fills("City", city).await;
    browser.chooses("Country", "Austria").await;
    browser.chooses("Category", "Member city").await;
}

/// A contact's link to the one registration there is.
async fn manage_link(app: &TestApp) -> String {
    let (secret, hash) = secret();
    let row =
        sqlx::query("select id, conference_id from registration").fetch_one(&app.db).await.expect("a registration");
    sqlx::query(
        "insert into link (id, conference_id, hash, purpose, registration_id) values ($1, $2, $3, 'manage', $4)",
    )
    .bind(Uuid::now_v7())
    .bind(row.get::<Uuid, _>(1))
    .bind(hash)
    .bind(row.get::<Uuid, _>(0))
    .execute(&app.db)
    .await
    .expect("a link");
    format!("/manage/{secret}")
}
