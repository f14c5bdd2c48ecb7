//! A form that is refused says so in the page title, which screen readers read first.

use conference::routes::TABLE;
use reqwest::{Method, Response};

use crate::{
    roles::filled,
    support::{LEIPZIG, TestApp, registration::registers},
};

async fn title(answer: Response) -> String {
    let page = answer.text().await.expect("a page");
    let (_, rest) = page.split_once("<title>").expect("a title");
    rest.split("</title>").next().unwrap_or_default().to_owned()
}

/// The routes of the forms that are refused when they are sent empty.
const REFUSED_WHEN_EMPTY: [&str; 36] = [
    "/{c}/register",
    "/{c}/my-registration",
    "/staff/{c}/attendees/new",
    "/staff/{c}/views",
    "/staff/{c}/many/cancel",
    "/staff/{c}/many/category",
    "/staff/{c}/attendees/{attendee}",
    "/staff/{c}/attendees/{attendee}/correct",
    "/staff/{c}/attendees/{attendee}/cancel",
    "/staff/{c}/waiting",
    "/staff/{c}/registrations/{registration}/amounts",
    "/staff/{c}/registrations/{registration}/add",
    "/staff/{c}/messages/new",
    "/staff/{c}/mail-templates/new",
    "/sign-in",
    "/forgotten-password",
    "/set-password/{token}",
    "/account/password",
    "/administration/accounts/new",
    "/administration/accounts/{account}",
    "/administration/conferences/new",
    "/administration/{c}",
    "/administration/{c}/state",
    "/administration/{c}/payments",
    "/administration/{c}/categories/new",
    "/administration/{c}/categories/{category}",
    "/administration/{c}/questions/new",
    "/administration/{c}/codes/new",
    "/organisers/{c}/sessions",
    "/organisers/{c}/sessions/new",
    "/organisers/{c}/rooms/new",
    "/organisers/{c}/topics/new",
    "/organisers/{c}/people/new",
    "/organisers/{c}/session-kinds/new",
    "/organisers/{c}/facts/move",
    "/organisers/{c}/pages/new",
];

#[tokio::test]
async fn every_form_that_is_sent_empty_says_error_in_the_title_and_does_not_before() {
    let app = TestApp::start().await;
    registers(&app.delegate(), "Anna Gruber", "anna@graz.example").await;
    let guest = app.account_without_role().await;
    let mut refused = Vec::new();
    for route in TABLE.iter().filter(|route| route.method == "POST") {
        // A new person for each route, because some routes end the login.
        let person = if route.path == "/sign-in" { app.delegate() } else { app.administrator().await };
        let path = match route.path {
            "/set-password/{token}" => guest.password_link(&app.db, app.now()).await,
            pattern => filled(&app.db, pattern).await.0,
        };
        let answer = person.asks(Method::POST, &path, &[("sec-fetch-site", "same-origin")], Some(String::new())).await;
        if answer.status() != 422 {
            continue;
        }
        refused.push(route.path);
        let refused = title(answer).await;
        assert!(refused.starts_with("Error: "), "{path}: {refused}");
        if TABLE.iter().any(|other| other.method == "GET" && other.path == route.path) {
            let before = title(person.asks(Method::GET, &path, &[], None).await).await;
            assert_eq!(format!("Error: {before}"), refused, "{path}");
        }
    }
    assert_eq!(refused, REFUSED_WHEN_EMPTY);
    // The editors compare a form with the published version, so an empty form gets another response.
    let organiser = app.organiser().await;
    for (list, edited) in [("sessions", "Topic 7: World Café"), ("pages", "Imprint")] {
        let list = organiser.opens(&format!("/organisers{LEIPZIG}/{list}")).await;
        let editor = organiser.follows(&list, edited).await;
        let refused = organiser.sends(editor.form("Save and publish").fill("Title", "")).await;
        assert_eq!((refused.status, refused.title()), (422, format!("Error: {}", editor.title())));
    }
}

#[tokio::test]
async fn a_form_that_is_sent_too_late_or_too_often_says_error_in_the_title_too() {
    let app = TestApp::start().await;
    registers(&app.delegate(), "Anna Gruber", "anna@graz.example").await;
    let staff = app.staff().await;
    let list = staff.opens(&format!("/staff{LEIPZIG}/attendees")).await;
    let attendee = staff.follows(&list, "Anna Gruber").await;
    let late = staff.follows(&attendee, "Correct").await.form("Save").fill_in("Attendee", "Job title", "CIO");
    let quick = staff.follows(&attendee, "Correct").await.form("Save").fill_in("Attendee", "Job title", "Mayor");
    let kept = staff.sends(quick).await;
    kept.must_say("Corrected.");
    assert_eq!(kept.title(), "Anna Gruber – Major Cities of Europe");
    let refused = staff.sends(late).await;
    assert_eq!((refused.status, &*refused.title()), (409, "Error: Correct Anna Gruber – Major Cities of Europe"));

    let again = || attendee.form("Send the confirmation to anna@graz.example");
    let mut sent = staff.sends(again()).await;
    while sent.status == 200 {
        assert!(!sent.title().starts_with("Error"));
        sent = staff.sends(again()).await;
    }
    assert_eq!((sent.status, &*sent.title()), (429, "Error: Anna Gruber – Major Cities of Europe"));
}

#[tokio::test]
async fn a_page_without_a_form_has_no_error_in_its_title() {
    let app = TestApp::start().await;
    let missing = app.delegate().tries("/nothing-here").await;
    assert_eq!(missing.status, 404);
    assert!(missing.title().starts_with("Page not found"), "{}", missing.title());
    let asked = app.delegate().tries("/set-password/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").await;
    assert!(asked.status == 410 && !asked.title().starts_with("Error"), "{} {}", asked.status, asked.title());
}
