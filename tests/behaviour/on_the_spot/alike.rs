//! Somebody like the caller is registered already.

use super::{NEW, count, filled, registers};
use crate::support::TestApp;

#[tokio::test]
async fn somebody_with_the_address_and_a_name_like_it_is_shown_first() {
    let app = TestApp::start().await;
    let staff = app.staff().await;
    registers(&staff, "Anna Gruber", "Member city").await.must_say("Registered.");
    let like = |form, name: &str| filled(form, name, "Member city").fill("E-mail", "Anna.Gruber@GRAZ.example");
    for name in ["Anna Gruber", "Gruber, Anna", "A. Grüber"] {
        let page = staff.sends(like(staff.opens(NEW).await.form("Register"), name)).await;
        page.must_be(409).must_say("Is this the same person?").must_say("City of Graz").must_say("confirmed");
        let links = page.links();
        let open =
            links.iter().find(|(words, _)| words.starts_with("Open the existing one: Anna Gruber")).expect("a link");
        staff.opens(&open.1).await.must_say("Anna Gruber").must_say("City of Graz");
        assert_eq!(page.form("It is somebody else").value("Name"), name, "what was typed is still there");
    }
    // Somebody else of the same office is not in question.
    let page = staff.sends(like(staff.opens(NEW).await.form("Register"), "Boris Maier")).await;
    page.must_say("Registered.");
    assert_eq!(count(&app, "select count(*) from attendee").await, 2);
}

#[tokio::test]
async fn somebody_else_of_the_same_name_and_address_is_registered_after_the_question() {
    let app = TestApp::start().await;
    let staff = app.staff().await;
    registers(&staff, "Anna Gruber", "Member city").await.must_say("Registered.");
    let page = registers(&staff, "Anna Gruber", "Member city").await;
    page.must_be(409);
    let page = staff.sends(page.form("It is somebody else")).await;
    page.must_be(200).must_say("Registered.").must_say("Same name and address:");
    assert_eq!(count(&app, "select count(*) from attendee where is_another").await, 1);
    // A third one is asked about again, because nobody has said anything about these two.
    registers(&staff, "Anna Gruber", "Member city").await.must_be(409).must_say("Is one of these the same person?");
}

#[tokio::test]
async fn after_the_question_the_rules_are_asked_about_and_the_answer_is_kept() {
    let app = TestApp::start().await;
    let staff = app.staff().await;
    registers(&staff, "Anna Gruber", "Member city").await.must_say("Registered.");
    crate::waiting::limits(&app.db, crate::waiting::MEMBER_CITY, Some(1)).await;
    let form = filled(staff.opens(NEW).await.form("Register"), "Anna Gruber", "Member city");
    let page = staff.sends(form).await;
    page.must_be(409);
    let page = staff.sends(page.form("It is somebody else")).await;
    page.must_be(422).must_say("is full");
    staff.sends(page.form("Put on the waiting list")).await.must_be(200).must_say("On the waiting list.");
}

#[tokio::test]
async fn somebody_who_is_cancelled_is_not_in_question() {
    let app = TestApp::start().await;
    let staff = app.staff().await;
    registers(&staff, "Anna Gruber", "Member city").await.must_say("Registered.");
    crate::waiting::cancels(&app, "Anna Gruber").await;
    registers(&staff, "Anna Gruber", "Member city").await.must_be(200).must_say("Registered.");
}
