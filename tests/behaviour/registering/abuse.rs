//! Somebody uses the registration form for what it is not there for; and people who only look as if they did.

use reqwest::Method;

use super::{REGISTER, count, filled, form, nothing_is_kept, registers};
use crate::support::TestApp;

#[tokio::test]
async fn a_form_from_another_site() {
    let app = TestApp::start().await;
    let body = filled(form(&app.delegate()).await, "Anna", "anna@graz.example").body();
    for headers in [[("sec-fetch-site", "cross-site")], [("origin", "https://elsewhere.example")]] {
        let answer = app.delegate().asks(Method::POST, REGISTER, &headers, Some(body.clone())).await;
        assert_eq!(answer.status(), 403);
    }
    nothing_is_kept(&app).await;
}

#[tokio::test]
async fn a_body_over_256_kib() {
    let app = TestApp::start().await;
    let sent =
        filled(form(&app.delegate()).await, "Anna", "anna@graz.example").fill("Invoice address", &"x".repeat(300_000));
    app.delegate().sends(sent).await.must_be(413);
    nothing_is_kept(&app).await;
}

#[tokio::test]
async fn a_program_that_fills_in_everything_is_turned_away_and_a_person_is_not() {
    let app = TestApp::start().await;
    let sent = filled(form(&app.delegate()).await, "Anna", "anna@graz.example").forge("motto", "buy now");
    let page = app.delegate().sends(sent).await;
    page.must_be(422).must_say("We could not accept this form").must_say("Please press “Register” again, or call +43");
    nothing_is_kept(&app).await;
    let sent = page.form("Register");
    assert_eq!(sent.hidden("motto").as_deref(), Some(""));
    app.delegate().sends(sent).await.must_say("You are registered");
}

#[tokio::test]
async fn a_privacy_notice_that_is_none_of_ours() {
    let app = TestApp::start().await;
    let imprint: uuid::Uuid = sqlx::query_scalar("select published_revision_id from page where slug = 'imprint'")
        .fetch_one(&app.db)
        .await
        .expect("it is there");
    for forged in [imprint.to_string(), uuid::Uuid::now_v7().to_string(), String::new()] {
        let sent = filled(form(&app.delegate()).await, "Anna", "anna@graz.example").forge("privacy", &forged);
        app.delegate().sends(sent).await.must_be(422).must_say("The privacy notice did not arrive with the form");
    }
    nothing_is_kept(&app).await;
}

#[tokio::test]
async fn an_address_that_had_many_mails_gets_no_more_for_now() {
    let app = TestApp::start().await;
    for number in 0..10 {
        registers(&app.delegate(), &format!("Anna {number}"), "Victim@graz.example")
            .await
            .must_say("You are registered");
    }
    registers(&app.delegate(), "Anna", "victim+11@graz.example").await.must_be(422);
    let sent = filled(form(&app.delegate()).await, "Anna", "victim@graz.example");
    let page = app.delegate().sends(sent).await;
    page.must_be(422);
    let words = "We have sent several mails to this address already. Try again in 2 hours, or call us";
    assert_eq!(page.errors(), [("E-mail".to_owned(), words.to_owned())]);
    assert_eq!(count(&app, "select count(*) from registration").await, 10);
    registers(&app.delegate(), "Boris", "boris@graz.example").await.must_say("You are registered");
    let clear = count(&app, "select count(*) from allowance where key ilike '%graz%'").await;
    assert_eq!(clear, 0, "the table of allowances does not know whom we wrote to");
}

#[tokio::test]
async fn a_city_hall_behind_one_address_registers_and_a_flood_does_not() {
    let app = TestApp::start().await;
    let hall = app.delegate();
    for number in 0..30 {
        registers(&hall, "Anna", &format!("anna{number}@graz.example")).await.must_say("You are registered");
    }
    sqlx::query("update allowance set whole_at = now() + 500 * interval '30 seconds' where rule = 'registration_mails_of_network'")
        .execute(&app.db)
        .await
        .expect("as after a flood");
    let page = registers(&hall, "Boris", "boris@graz.example").await;
    page.must_be(429).must_say("We have received many registrations from your network").must_say("in a minute");
    assert_eq!(page.form("Register").value_in("You", "Name"), "Boris");
    assert_eq!(page.header("retry-after"), "60");
    registers(&app.delegate(), "Boris", "boris@graz.example").await.must_say("You are registered");
}
