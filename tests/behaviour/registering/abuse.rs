//! Misuse of the registration form is refused; people who only look like misusers can register.

use reqwest::Method;

use super::{REGISTER, count, filled, form, nothing_is_saved, registers};
use crate::support::{Form, TestApp};

#[tokio::test]
async fn a_form_sent_from_another_site_is_refused() {
    let app = TestApp::start().await;
    let body = filled(form(&app.delegate()).await, "Anna", "anna@graz.example").body();
    for headers in [[("sec-fetch-site", "cross-site")], [("origin", "https://elsewhere.example")]] {
        let answer = app.delegate().asks(Method::POST, REGISTER, &headers, Some(body.clone())).await;
        assert_eq!(answer.status(), 403);
    }
    nothing_is_saved(&app).await;
}

#[tokio::test]
async fn a_form_larger_than_a_mebibyte_is_refused() {
    let app = TestApp::start().await;
    let sent = filled(form(&app.delegate()).await, "Anna", "anna@graz.example")
        .fill("Invoice address", &"x".repeat(1_100_000));
    app.delegate().sends(sent).await.must_be(413);
    nothing_is_saved(&app).await;
}

#[tokio::test]
async fn a_robot_that_fills_in_the_hidden_field_is_refused_and_a_person_is_not() {
    let app = TestApp::start().await;
    let sent = filled(form(&app.delegate()).await, "Anna", "anna@graz.example").forge("motto", "buy now");
    let page = app.delegate().sends(sent).await;
    page.must_be(422)
        .must_say("We could not accept this form")
        .must_say("Please press “Register” again, or call us on +43");
    nothing_is_saved(&app).await;
    let sent = page.form("Register");
    assert_eq!(sent.hidden("motto").as_deref(), Some(""));
    app.delegate().sends(sent).await.must_say("You are registered");
}

#[tokio::test]
async fn a_form_that_names_no_version_of_the_privacy_notice_is_refused() {
    let app = TestApp::start().await;
    let imprint: uuid::Uuid = sqlx::query_scalar(
        "select published_id from item join revision on revision.id = published_id where slug = 'imprint'",
    )
    .fetch_one(&app.db)
    .await
    .expect("the imprint");
    for forged in [imprint.to_string(), uuid::Uuid::now_v7().to_string(), String::new()] {
        let sent = filled(form(&app.delegate()).await, "Anna", "anna@graz.example").forge("privacy", &forged);
        app.delegate().sends(sent).await.must_be(422).must_say("The privacy notice did not arrive with the form");
    }
    nothing_is_saved(&app).await;
}

#[tokio::test]
async fn an_address_that_got_ten_mails_gets_no_more_for_two_hours() {
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
    let words = "We have already sent several e-mails to this address. Try again in 2 hours, or contact us";
    assert_eq!(page.errors(), [("E-mail".to_owned(), words.to_owned())]);
    assert_eq!(count(&app, "select count(*) from registration").await, 10);
    registers(&app.delegate(), "Boris", "boris@graz.example").await.must_say("You are registered");
    let clear = count(&app, "select count(*) from rate_limit where key ilike '%graz%'").await;
    assert_eq!(clear, 0, "rate limits do not store e-mail addresses in clear text");
}

#[tokio::test]
async fn a_form_that_sends_no_mail_does_not_count_towards_the_limit() {
    let app = TestApp::start().await;
    let delegate = app.delegate();
    let sent = filled(form(&delegate).await, "Anna", "anna@graz.example");
    for _ in 0..15 {
        delegate.sends(sent.clone()).await.must_say("You are registered");
    }
    sqlx::query("update capacity set places = 1 where category_id is null").execute(&app.db).await.expect("a limit");
    let late = filled(sent.clone().forge("submission", ""), "Boris", "anna@graz.example");
    for _ in 0..15 {
        delegate.sends(late.clone()).await.must_be(422).must_say("No place is left for Boris");
    }
    sqlx::query("update capacity set places = null where category_id is null").execute(&app.db).await.expect("none");
    for number in 2..=10 {
        registers(&delegate, &format!("Anna {number}"), "anna@graz.example").await.must_say("You are registered");
    }
    delegate.sends(sent).await.must_say("You are registered");
    registers(&delegate, "Anna 11", "anna@graz.example").await.must_be(422);
    assert_eq!(count(&app, "select count(*) from registration").await, 10);
}

/// Fills in the form for ten people of one city hall, with addresses that no other group has.
fn for_ten(form: Form, group: usize) -> Form {
    let address = |person| format!("person-{person}@group-{group}.example");
    let mut form = filled(form, "Person 1", &address(1));
    let category = form.hidden("attendee-1-category").expect("chosen");
    for person in 2..=10 {
        form = form
            .forge(&format!("attendee-{person}-name"), &format!("Person {person}"))
            .forge(&format!("attendee-{person}-email"), &address(person))
            .forge(&format!("attendee-{person}-category"), &category);
    }
    form
}

#[tokio::test]
async fn two_people_whose_addresses_differ_only_by_a_tag_or_dots_are_registered() {
    let app = TestApp::start().await;
    for (contact, colleague) in
        [("events+mce@city.example", "events+anna@city.example"), ("x.y@gmail.com", "xy@googlemail.com")]
    {
        let form = filled(form(&app.delegate()).await, "Anna", contact);
        let category = form.hidden("attendee-1-category").expect("chosen");
        let sent = form
            .forge("attendee-2-name", "Boris")
            .forge("attendee-2-email", colleague)
            .forge("attendee-2-category", &category);
        app.delegate().sends(sent).await.must_be(200).must_say("You are registered");
    }
}

#[tokio::test]
async fn a_city_hall_can_register_140_people_from_one_network_before_it_has_to_wait_or_call() {
    let app = TestApp::start().await;
    let hall = app.delegate();
    let mut first = None;
    for group in 0..14 {
        let sent = for_ten(form(&hall).await, group);
        hall.sends(sent.clone()).await.must_be(200).must_say("You are registered");
        first.get_or_insert(sent);
    }
    let page = hall.sends(for_ten(form(&hall).await, 14)).await;
    page.must_be(429).must_say("We have received many registrations from your network").must_say("in an hour");
    page.must_say("or call us on +43 1 7189476-33");
    assert_eq!(page.header("retry-after"), "3600");
    assert_eq!(page.form("Register").value_in("You", "Name"), "Person 1");
    registers(&hall, "Boris", "boris@graz.example").await.must_be(429).must_say("in 6 minutes");
    hall.sends(first.expect("a form")).await.must_be(200).must_say("You are registered");
    registers(&app.delegate(), "Boris", "boris@graz.example").await.must_say("You are registered");
    assert_eq!(count(&app, "select count(*) from attendee").await, 141);

    sqlx::query("update rate_limit set whole_at = whole_at - interval '6 minutes'")
        .execute(&app.db)
        .await
        .expect("later");
    registers(&hall, "Carla", "carla@graz.example").await.must_say("You are registered");
    registers(&hall, "Dora", "dora@graz.example").await.must_be(429);
}
