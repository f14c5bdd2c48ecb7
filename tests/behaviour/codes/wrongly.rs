//! Codes that cannot be used are refused beside the field, and nothing that was typed is lost.

use time::macros::datetime;

use super::{REGISTER, makes, sends_with};
use crate::{
    registering::count,
    support::{Page, TestApp},
    waiting::filled,
};

#[track_caller]
fn refused(page: &Page, words: &str) {
    page.must_be(422);
    assert!(page.error_beside("Code").is_some_and(|error| error.contains(words)), "{:?}", page.errors());
}

#[tokio::test]
async fn an_unknown_code_is_refused_when_it_is_applied_and_when_it_is_sent() {
    let app = TestApp::start().await;
    makes(&app.administrator().await, "GRAZ-2018", "Member city", |form| form).await;
    let anna = app.delegate();
    let form = || async { filled(anna.opens(REGISTER).await.form("Register"), "Anna", "Member city") };
    for wrong in ["GRAZ-2017", "x", "'; drop table code --", "ГРАЦ"] {
        let page = anna.sends(form().await.fill("Code", wrong)).await;
        refused(&page, "We do not know this code. Check it, or leave the field empty");
        assert_eq!(page.form("Register").value("Code"), wrong);
        let applied = anna.sends(form().await.fill("Code", wrong).forge("do", "apply")).await;
        refused(&applied, "We do not know this code");
        assert_eq!(applied.form("Register").value("City"), "Graz");
    }
    refused(&anna.tries(&format!("{REGISTER}?code=NOPE")).await, "We do not know this code");
    assert_eq!(count(&app, "select count(*) from registration").await, 0);
}

#[tokio::test]
async fn a_code_whose_time_is_over_says_until_when_it_could_be_used() {
    let app = TestApp::start().await;
    let ada = app.administrator().await;
    makes(&ada, "EARLY", "Member city", |form| form.fill("Until", "2018-03-01T12:00")).await;
    makes(&ada, "OTHER", "Member city", |form| form).await;
    // First the time, because a job ends codes whose time is over.
    app.it_is(datetime!(2018-03-01 10:59:59 UTC));
    sqlx::query("update code set ended_at = null").execute(&app.db).await.expect("the code");
    let anna = app.delegate();
    let form = filled(anna.opens(REGISTER).await.form("Register"), "Anna", "Member city").fill("Code", "EARLY");
    app.it_is(datetime!(2018-03-01 11:00 UTC));
    let page = anna.sends(form.clone()).await;
    refused(&page, "This code could be used until Thursday 1 March 2018, 12:00 CET");
    app.it_is(datetime!(2018-03-01 10:59:59 UTC));
    anna.sends(form).await.must_say("You are registered");
}

#[tokio::test]
async fn a_code_that_is_used_up_and_one_for_fewer_people_say_so() {
    let app = TestApp::start().await;
    makes(&app.administrator().await, "GRAZ-2018", "University", |form| form.fill("How many people can use it", "1"))
        .await;
    let anna = app.delegate();
    let page = anna.opens(&format!("{REGISTER}?code=GRAZ-2018")).await;
    page.must_say("One more person can use it.");
    let page = anna.sends(filled(page.form("Add a colleague"), "Anna", "University")).await;
    let two =
        page.form("Register").fill_in("Person 2", "Name", "Boris").fill_in("Person 2", "E-mail", "b@graz.example");
    let page = anna.sends(two).await;
    refused(&page, "One more person can use this code. Register the others without it, with another form");
    anna.sends(page.form("Remove person 2").forge("do", "remove-2")).await;
    sends_with(&app.delegate(), "GRAZ-2018", "Anna", "University").await.must_say("You are registered");
    let page = app.delegate().tries(&format!("{REGISTER}?code=GRAZ-2018")).await;
    refused(&page, "Everybody whom this code is for has registered");
}

#[tokio::test]
async fn a_code_for_a_category_that_nobody_chose_names_the_category() {
    let app = TestApp::start().await;
    makes(&app.administrator().await, "GRAZ-2018", "University", |form| form).await;
    let anna = app.delegate();
    let form = filled(anna.opens(REGISTER).await.form("Register"), "Anna", "Member city").fill("Code", "GRAZ-2018");
    refused(
        &anna.sends(form).await,
        "This code is for the category “University”. Choose it for whoever the code is for",
    );
}

#[tokio::test]
async fn wrong_codes_are_limited_for_a_network_and_right_ones_are_not() {
    let app = TestApp::start().await;
    makes(&app.administrator().await, "GRAZ-2018", "Member city", |form| form).await;
    let (guesser, honest) = (app.delegate(), app.delegate().at("203.0.113.77"));
    for _ in 0..40 {
        honest.opens(&format!("{REGISTER}?code=GRAZ-2018")).await.must_say("Code GRAZ-2018 is for");
    }
    let guesser = guesser.at("203.0.113.78");
    for number in 0..30 {
        refused(&guesser.tries(&format!("{REGISTER}?code=GUESS-{number}")).await, "We do not know this code");
    }
    // From now on, a right code looks like a wrong one.
    for code in ["GUESS-30", "GRAZ-2018"] {
        let page = guesser.tries(&format!("{REGISTER}?code={code}")).await;
        refused(&page, "Too many wrong codes came from your network. Try again in");
    }
    let form = filled(guesser.opens(REGISTER).await.form("Register"), "Anna", "Member city");
    guesser.sends(form).await.must_say("You are registered");
    sends_with(&honest, "GRAZ-2018", "Boris", "Member city").await.must_say("You are registered");
}
