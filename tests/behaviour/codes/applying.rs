//! Delegates give a code, and read what it does.

use super::{CODES, REGISTER, code, invites_only, makes, owed, sends_with};
use crate::{
    categories::sets_fee,
    desk::opened,
    registering::count,
    support::{LEIPZIG, TestApp, registration},
    waiting::{MEMBER_CITY, cancels, filled, limits, offer_to, open_form, secret_of, sends, state},
};

#[tokio::test]
async fn without_codes_the_form_asks_for_none() {
    let app = TestApp::start().await;
    app.delegate().opens(REGISTER).await.must_not_say("If you have a code");
    let ada = app.administrator().await;
    makes(&ada, "OVER", "University", |form| form.fill("Until", "2018-01-01T00:00")).await;
    app.delegate().opens(REGISTER).await.must_not_say("If you have a code");
    makes(&ada, "GRAZ-2018", "University", |form| form).await;
    app.delegate().opens(REGISTER).await.must_say("If you have a code");
    registration::registers(&app.delegate(), "Anna", "anna@graz.example").await.must_say("You are registered");
}

#[tokio::test]
async fn an_applied_code_lowers_the_fee_and_the_line_names_it() {
    let app = TestApp::start().await;
    let ada = app.administrator().await;
    sets_fee(&ada, "450").await;
    makes(&ada, "GRAZ-2018", "Member city", |form| form.fill("Reduced fee", "200")).await;
    let anna = app.delegate();
    let typed = anna.opens(REGISTER).await.form("Apply the code").fill("Code", " graz – 2018").fill("City", "Graz");
    let page = anna.sends(typed).await;
    page.must_be(200).must_say("Code GRAZ-2018 is for the category “Member city”, for EUR 200.00 each");
    let form = page.form("Register");
    assert_eq!(form.value("City"), "Graz", "everything typed is still there");
    assert_eq!(form.value("Category"), "Member city: EUR 200.00", "the category of the code is chosen");
    anna.sends(filled(form, "Anna", "Member city")).await.must_say("You are registered").must_say("EUR 200.00");
    assert_eq!(owed(&app, "Anna").await, [("Fee, Member city, with code GRAZ-2018".to_owned(), 20_000)]);
    assert_eq!(ada.opens(CODES).await.row("GRAZ-2018")[4], "1");
    opened(&app.staff().await, "Anna").await.must_say("Code GRAZ-2018");
    let file = app.staff().await.opens("/staff/leipzig-2018/attendees.csv").await.body;
    assert!(file.contains("\"Code\"") && file.contains("\"GRAZ-2018\""), "{file}");
}

#[tokio::test]
async fn the_link_of_a_code_opens_the_form_with_it() {
    let app = TestApp::start().await;
    let ada = app.administrator().await;
    makes(&ada, "GRAZ-2018", "University", |form| form.fill("How many people can use it", "3")).await;
    let link = code(&ada, "GRAZ-2018").await.link("registration form with this code");
    assert_eq!(link, format!("{REGISTER}?code=GRAZ-2018"));
    let page = app.delegate().opens(&link).await;
    page.must_say("Code GRAZ-2018 is for the category “University”. 3 more people can use it.");
    let form = page.form("Register");
    assert_eq!((form.value("Code").as_str(), form.value("Category").as_str()), ("GRAZ-2018", "University"));
    app.delegate().sends(filled(form, "Anna", "University")).await.must_say("You are registered");
    assert_eq!(count(&app, "select used::bigint from code").await, 1);
}

#[tokio::test]
async fn a_code_that_was_typed_but_not_applied_counts_and_one_that_was_removed_does_not() {
    let app = TestApp::start().await;
    let ada = app.administrator().await;
    sets_fee(&ada, "450").await;
    makes(&ada, "GRAZ-2018", "Member city", |form| form.fill("Reduced fee", "0")).await;
    let anna = app.delegate();
    let form = filled(anna.opens(REGISTER).await.form("Register"), "Anna", "Member city").fill("Code", "GRAZ-2018");
    anna.sends(form).await.must_say("You are registered");
    assert_eq!(owed(&app, "Anna").await, [], "it is free with the code");
    let page = anna.opens(&format!("{REGISTER}?code=graz-2018")).await;
    let form = filled(page.form("Register"), "Boris", "Member city: free").fill("Code", "");
    let page = anna.sends(form).await;
    page.must_be(422).must_say("A fee has changed").must_say("Member city: free before, EUR 450.00 now");
    anna.sends(page.form("Register")).await.must_say("You are registered");
    assert_eq!(owed(&app, "Boris").await, [("Fee, Member city".to_owned(), 45_000)]);
}

#[tokio::test]
async fn a_code_never_costs_more_than_the_early_fee() {
    let app = TestApp::start().await;
    let ada = app.administrator().await;
    sets_fee(&ada, "450").await;
    makes(&ada, "GRAZ-2018", "Member city", |form| form.fill("Reduced fee", "400")).await;
    sqlx::query("update category set early_fee_cents = 35000, early_until = '2090-01-01' where slug = 'member-city'")
        .execute(&app.db)
        .await
        .expect("an early fee");
    sends_with(&app.delegate(), "GRAZ-2018", "Anna", "Member city: EUR 350.00").await.must_say("You are registered");
    assert_eq!(owed(&app, "Anna").await, [("Early fee, Member city".to_owned(), 35_000)]);
}

#[tokio::test]
async fn a_category_with_a_code_is_on_the_form_only_for_those_who_have_one() {
    let app = TestApp::start().await;
    let ada = app.administrator().await;
    makes(&ada, "VIP", "University", |form| form).await;
    invites_only(&app, "university").await;
    let anna = app.delegate();
    let page = anna.opens(REGISTER).await;
    assert!(!page.form("Register").offers("Category", "University"));
    let category: String = sqlx::query_scalar("select id::text from category where slug = 'university'")
        .fetch_one(&app.db)
        .await
        .expect("the category");
    let forged = filled(page.form("Register"), "Anna", "Member city").forge("attendee-1-category", &category);
    let page = anna.sends(forged).await;
    assert_eq!(page.must_be(422).error_beside("Category").as_deref(), Some("Choose one of the entries in the list"));
    let page = anna.sends(anna.opens(REGISTER).await.form("Apply the code").fill("Code", "vip")).await;
    anna.sends(filled(page.form("Register"), "Anna", "University")).await.must_say("You are registered");
    assert_eq!(count(&app, "select count(*) from attendee where code_id is not null").await, 1);
}

#[tokio::test]
async fn if_every_category_needs_a_code_the_page_asks_for_it() {
    let app = TestApp::start().await;
    makes(&app.administrator().await, "VIP", "University", |form| form).await;
    sqlx::query("update category set access = 'code'").execute(&app.db).await.expect("invitations only");
    let anna = app.delegate();
    let page = anna.opens(REGISTER).await;
    page.must_say("Registration is by invitation").must_say("you need the code from your invitation");
    let wrong = anna.sends(page.form("Apply the code").fill("Code", "VIPP")).await;
    assert!(wrong.error_beside("Code").is_some_and(|words| words.contains("We do not know this code")));
    let page = anna.sends(wrong.form("Apply the code").fill("Code", "VIP")).await;
    anna.sends(filled(page.form("Register"), "Anna", "University")).await.must_say("You are registered");
}

#[tokio::test]
async fn of_a_group_only_those_in_its_category_use_the_code() {
    let app = TestApp::start().await;
    makes(&app.administrator().await, "GRAZ-2018", "University", |form| form).await;
    let anna = app.delegate();
    let page = anna.opens(&format!("{REGISTER}?code=GRAZ-2018")).await;
    let page = anna.sends(filled(page.form("Add a colleague"), "Anna", "Member city")).await;
    page.must_say("Code GRAZ-2018 is for the category “University”");
    let form =
        page.form("Register").fill_in("Person 2", "Name", "Boris").fill_in("Person 2", "E-mail", "b@graz.example");
    anna.sends(form.choose_in("Person 2", "Category", "University")).await.must_say("You are registered");
    let with = "select count(*) from attendee where code_id is not null and name = 'Boris'";
    assert_eq!((count(&app, with).await, count(&app, "select used::bigint from code").await), (1, 1));
}

#[tokio::test]
async fn the_reduced_fee_holds_when_an_offer_is_accepted_and_when_a_cancellation_is_undone() {
    let app = TestApp::start().await;
    let ada = app.administrator().await;
    sets_fee(&ada, "450").await;
    makes(&ada, "GRAZ-2018", "Member city", |form| form.fill("Reduced fee", "200")).await;
    limits(&app.db, MEMBER_CITY, Some(1)).await;
    sends(&app.delegate(), "Anna", "Member city").await.must_say("You are registered");
    let waits = sends_with(&app.delegate(), "GRAZ-2018", "Boris", "Member city: EUR 200.00 (waiting list)").await;
    waits.must_say("You are on the waiting list");
    cancels(&app, "Anna").await;
    let boris = app.delegate();
    let page = boris.opens(&offer_to(&app, "Boris").await).await;
    boris.sends(page.form("Accept the place")).await.must_say("You have the place");
    let line = ("Fee, Member city, with code GRAZ-2018".to_owned(), 20_000);
    assert_eq!(owed(&app, "Boris").await, std::slice::from_ref(&line));
    cancels(&app, "Boris").await;
    assert_eq!(count(&app, "select used::bigint from code").await, 0);
    let manage = format!("/manage/{}", secret_of(&app.db, "Boris", false).await);
    let page = boris.opens(&manage).await;
    boris.sends(page.form("Undo the cancellation of Boris")).await.must_say("The cancellation is undone");
    assert_eq!(state(&app.db, "Boris").await, "confirmed");
    assert_eq!(owed(&app, "Boris").await, [line]);
    assert_eq!(count(&app, "select used::bigint from code").await, 1);
}

#[tokio::test]
async fn the_same_form_with_another_code_is_not_the_same_registration() {
    let app = TestApp::start().await;
    makes(&app.administrator().await, "GRAZ-2018", "Member city", |form| form).await;
    let anna = app.delegate();
    let form = filled(open_form(&anna.opens(REGISTER).await), "Anna", "Member city");
    anna.sends(form.clone()).await.must_say("You are registered");
    anna.sends(form.fill("Code", "GRAZ-2018")).await.must_say("You have already registered with this form");
    app.delegate().opens(LEIPZIG).await;
}
