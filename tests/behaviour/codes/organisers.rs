//! Organisers make codes, change and end them, and see who used them.

use super::{CODES, code, makes, sends_with};
use crate::{
    categories::sets_fee,
    registering::count,
    support::{TestApp, registration::registers},
};

#[tokio::test]
async fn the_list_says_how_often_a_code_was_used_and_its_page_by_whom() {
    let app = TestApp::start().await;
    let ada = app.administrator().await;
    let list = makes(&ada, "graz-2018", "University", |form| {
        form.fill("For", "City of Graz").fill("How many people can use it", "5").fill("Until", "2090-03-01T12:00")
    })
    .await;
    let row = ["GRAZ-2018", "University", "City of Graz", "not reduced", "0 of 5", "Wednesday 1 March 2090, 12:00 CET"];
    assert_eq!(list.row("GRAZ-2018"), row);
    sends_with(&app.delegate(), "GRAZ-2018", "Anna", "University").await.must_say("You are registered");
    assert_eq!(ada.opens(CODES).await.row("GRAZ-2018")[4], "1 of 5");
    let page = code(&ada, "GRAZ-2018").await;
    page.must_say("One person uses it, of 5 who can.");
    ada.follows(&page, "Anna").await.must_say("anna@graz.example");
    // Organisers set codes without reading about attendees.
    let page = code(&app.organiser().await, "GRAZ-2018").await;
    page.must_say("One person uses it, of 5 who can.").must_not_say("Anna");
}

#[tokio::test]
async fn several_codes_are_made_at_once_and_each_is_different() {
    let app = TestApp::start().await;
    let ada = app.administrator().await;
    makes(&ada, "", "University", |form| form.fill("How many codes", "20").fill("How many people can use it", "1"))
        .await;
    assert_eq!(count(&app, "select count(distinct code) from code where uses = 1").await, 20);
    assert_eq!(count(&app, "select count(*) from audit where kind = 'code_added'").await, 20);
    let one: String = sqlx::query_scalar("select code from code limit 1").fetch_one(&app.db).await.expect("one");
    sends_with(&app.delegate(), &one, "Anna", "University").await.must_say("You are registered");
}

#[tokio::test]
async fn bad_settings_of_a_code_are_refused_with_what_to_do() {
    let app = TestApp::start().await;
    let ada = app.administrator().await;
    sets_fee(&ada, "450").await;
    makes(&ada, "GRAZ-2018", "Member city", |form| form).await;
    let new = || async { ada.opens(&format!("{CODES}/new")).await.form("Save").choose("Category", "Member city") };
    for (label, typed, words) in [
        ("Code", "AB", "Use 3 to 40 letters from A to Z, digits and hyphens"),
        ("Code", "GRÄZ", "Use 3 to 40 letters from A to Z, digits and hyphens"),
        ("Code", "graz-2018", "There is such a code already. Choose another one"),
        ("How many codes", "101", "Give a whole number from 1 to 100"),
        ("Reduced fee", "450", "Give an amount below the fee of the category, or leave this empty"),
        ("Reduced fee", "cheap", "Give an amount of at most 1,000,000, as in 450 or 450.00"),
        ("How many people can use it", "0", "Give a whole number from 1 to 20000, or leave this empty"),
        ("Until", "tomorrow", "Give the date and time in the form"),
    ] {
        let page = ada.sends(new().await.fill(label, typed)).await;
        page.must_be(422);
        assert!(page.error_beside(label).is_some_and(|error| error.starts_with(words)), "{label}: {:?}", page.errors());
        assert_eq!((page.errors().len(), page.form("Save").value(label).as_str()), (1, typed));
    }
    let page = ada.sends(new().await.tick("Keep places for them")).await;
    let error = page.must_be(422).error_beside("How many people can use it").unwrap_or_default();
    assert_eq!(error, "Say how many people can use the code, so that as many places are kept");
    let page = ada.sends(new().await.fill("Code", "ABC").fill("How many codes", "2")).await;
    let error = page.must_be(422).error_beside("Code").unwrap_or_default();
    assert_eq!(error, "Leave this empty, so that each of the codes gets a random text");
    let page = ada.sends(code(&ada, "GRAZ-2018").await.form("Save").fill("Code", "")).await;
    assert_eq!(page.must_be(422).error_beside("Code").as_deref(), Some("Give the code"));
    assert_eq!(count(&app, "select count(*) from code").await, 1);
}

#[tokio::test]
async fn two_people_who_change_a_code_at_once_lose_nothing() {
    let app = TestApp::start().await;
    let (ada, olga) = (app.administrator().await, app.organiser().await);
    makes(&ada, "GRAZ-2018", "University", |form| form).await;
    let slow = code(&olga, "GRAZ-2018").await.form("Save").choose("Category", "Member city");
    let quick = code(&ada, "GRAZ-2018").await.form("Save").fill("For", "City of Graz");
    ada.sends(quick).await.must_be(200);
    let page = olga.sends(slow).await;
    page.must_be(409).must_say("while you were typing").must_say("Member city");
    olga.sends(page.form("Save")).await.must_be(200);
    let row = ada.opens(CODES).await.row("GRAZ-2018");
    assert_eq!((row[1].as_str(), row[2].as_str()), ("Member city", "City of Graz"));
}

#[tokio::test]
async fn a_code_is_removed_only_while_nobody_has_used_it() {
    let app = TestApp::start().await;
    let ada = app.administrator().await;
    makes(&ada, "GRAZ-2018", "University", |form| form).await;
    makes(&ada, "LINZ-2018", "University", |form| form).await;
    let early = ada.follows(&code(&ada, "GRAZ-2018").await, "Remove …").await;
    sends_with(&app.delegate(), "GRAZ-2018", "Anna", "University").await.must_say("You are registered");
    let refused = ada.sends(early.form("Yes, remove it")).await;
    refused.must_be(409).must_say("GRAZ-2018 cannot be removed").must_say("One person uses it.");
    // Its category stays, too.
    let moved = code(&ada, "GRAZ-2018").await.form("Save").choose("Category", "Member city");
    let page = ada.sends(moved).await;
    let error = page.must_be(422).error_beside("Category").unwrap_or_default();
    assert_eq!(error, "People have used this code, so its category stays. Add another code");
    let sure = ada.follows(&code(&ada, "LINZ-2018").await, "Remove …").await;
    ada.sends(sure.form("Yes, remove it")).await.must_say("The code is removed.").must_not_say("LINZ-2018");
}

#[tokio::test]
async fn somebody_who_registers_while_the_code_is_removed_reads_that_it_is_unknown() {
    let app = TestApp::start().await;
    let ada = app.administrator().await;
    makes(&ada, "GRAZ-2018", "University", |form| form).await;
    let delegate = app.delegate();
    let page = delegate.opens("/leipzig-2018/register?code=GRAZ-2018").await;
    let form = crate::waiting::filled(page.form("Register"), "Anna", "University");
    let sure = ada.follows(&code(&ada, "GRAZ-2018").await, "Remove …").await;
    ada.sends(sure.form("Yes, remove it")).await.must_be(200);
    let page = delegate.sends(form).await;
    assert!(page.must_be(422).body.contains("We do not know this code"));
    assert_eq!(page.form("Register").value_in("You", "Name"), "Anna");
}

#[tokio::test]
async fn a_category_that_a_code_is_for_says_so_and_stays() {
    let app = TestApp::start().await;
    let ada = app.administrator().await;
    makes(&ada, "GRAZ-2018", "University", |form| form).await;
    let category = ada.follows(&ada.opens("/administration/leipzig-2018").await, "University").await;
    let page = ada.follows(&category, "Remove …").await;
    page.must_say("University cannot be removed").must_say("One code is for this category.");
    registers(&app.delegate(), "Anna", "anna@graz.example").await.must_say("You are registered");
}

#[tokio::test]
async fn a_category_with_codes_in_use_is_not_left_to_staff_alone() {
    let app = TestApp::start().await;
    let ada = app.administrator().await;
    makes(&ada, "GUEST", "University", |form| form).await;
    let form = crate::categories::category(&ada, "University").await.form("Save");
    let page = ada.sends(form.choose("Who can choose it", "Only staff")).await;
    page.must_be(422).must_say("This category has codes that can be used. End them before only staff can choose it");
}
