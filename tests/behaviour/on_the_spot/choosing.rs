//! Staff change the category and the answers of somebody, and answer an offer for them.

use super::{count, mails, overridden, registers};
use crate::{
    desk::opened,
    questions::adds,
    support::{Page, Person, TestApp},
    waiting::{MEMBER_CITY, cancels, joins, limits, queue, state, takes},
};

async fn choices(staff: &Person, name: &str) -> Page {
    staff.follows(&opened(staff, name).await, "Category and answers").await
}

#[tokio::test]
async fn the_category_is_changed_for_a_caller_after_the_difference_was_shown() {
    let app = TestApp::start().await;
    let ada = app.administrator().await;
    crate::categories::sets_fee(&ada, "450").await;
    let staff = app.staff().await;
    registers(&staff, "Anna Gruber", "Member city").await.must_say("EUR 450.00");
    sqlx::query("delete from message").execute(&app.db).await.expect("an empty outbox");
    let page = choices(&staff, "Anna Gruber").await;
    let mut form = page.form("Save");
    assert!(
        form.choices("Category").contains(&"University: free (EUR 450.00 less)".to_owned()),
        "{:?}",
        form.choices("Category")
    );
    let page = staff.sends(form.choose("Category", "University: free (EUR 450.00 less)")).await;
    page.must_be(200).must_say("Saved.").must_say("University").must_say("Category changed by Robin");
    assert_eq!(count(&app, "select sum(amount_cents)::bigint from charge").await, 0);
    let kinds: Vec<_> = mails(&app).await.into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(kinds, ["change", "operations_change"]);
    let form = choices(&staff, "Anna Gruber")
        .await
        .form("Save")
        .choose("Category", "Member city: EUR 450.00 (EUR 450.00 more)");
    staff.sends(form.untick("Tell the person and the contact by e-mail")).await.must_say("Saved.");
    assert_eq!(mails(&app).await.len(), 3, "only operations are told");
}

#[tokio::test]
async fn a_full_category_gets_one_more_place_and_those_who_wait_are_named() {
    let app = TestApp::start().await;
    limits(&app.db, MEMBER_CITY, Some(1)).await;
    limits(&app.db, "", Some(2)).await;
    takes(&app, "Anna").await;
    joins(&app, "Boris").await;
    let staff = app.staff().await;
    registers(&staff, "Carla Conti", "University").await.must_say("Registered.");
    let form = choices(&staff, "Carla Conti").await.form("Save");
    let page = staff.sends(form.choose("Category", "Member city (full)")).await;
    page.must_be(422).must_say("Member city is full (one place)").must_not_say("The conference is full");
    page.must_say("One person on the waiting list is passed over.");
    assert!(!page.has_form("Put on the waiting list"), "she has a place");
    let page = staff.sends(page.form("Save all the same")).await;
    page.must_be(422);
    assert!(page.error_beside("Reason").is_some());
    let page = staff.sends(page.form("Save all the same").fill("Reason", "Our mistake")).await;
    page.must_be(200).must_say("Saved.").must_say("Reason: Our mistake");
    let full = "select count(*) from capacity where category_id is not null and places = 2 and taken = 2";
    assert_eq!(count(&app, full).await, 1);
    assert_eq!(
        count(&app, "select count(*) from capacity where category_id is null and places = 2 and taken = 2").await,
        1
    );
    assert_eq!(state(&app.db, "Boris").await, "waiting");
}

#[tokio::test]
async fn after_changes_are_closed_a_reason_is_needed_and_two_people_do_not_overwrite_each_other() {
    let app = TestApp::start().await;
    let (eva, tom) = (app.staff().await, app.staff().await);
    registers(&eva, "Anna Gruber", "Member city").await.must_say("Registered.");
    let (first, second) =
        (choices(&eva, "Anna Gruber").await.form("Save"), choices(&tom, "Anna Gruber").await.form("Save"));
    sqlx::query("update registration_settings set changes_until = '2018-01-01'")
        .execute(&app.db)
        .await
        .expect("frozen");
    let page = eva.sends(first.choose("Category", "University")).await;
    page.must_be(422).must_say("Changes have been closed since");
    eva.sends(page.form("Save all the same").fill("Reason", "He called in time")).await.must_say("Saved.");
    assert_eq!(overridden(&app).await.len(), 2);
    let page = tom.sends(second.choose("Category", "Other public organisation")).await;
    page.must_be(409).must_say("Somebody else changed this while you were typing").must_say("University");
    assert_eq!(page.form("Save").value("Category"), "Other public organisation");
}

#[tokio::test]
async fn answers_are_changed_for_a_caller_and_those_for_few_stay_hidden() {
    let app = TestApp::start().await;
    let staff = app.staff().await;
    let ada = app.administrator().await;
    adds(&ada, "Which hotel?", "One line", |form| form).await;
    registers(&staff, "Anna Gruber", "Member city").await.must_say("Registered.");
    let form = choices(&staff, "Anna Gruber").await.form("Save").fill("Which hotel?", "Fürstenhof");
    let page = staff.sends(form).await;
    page.must_be(200).must_say("Saved.").must_say("Fürstenhof").must_say("Answers changed by Robin");
    sqlx::query("update question_version set readers = 'needs'").execute(&app.db).await.expect("for few");
    let page = choices(&staff, "Anna Gruber").await;
    page.must_not_say("Fürstenhof").must_not_say("Which hotel?");
}

#[tokio::test]
async fn answers_about_the_registration_are_changed_for_a_caller() {
    let app = TestApp::start().await;
    let staff = app.staff().await;
    let ada = app.administrator().await;
    registers(&staff, "Anna Gruber", "Member city").await.must_say("Registered.");
    assert!(opened(&staff, "Anna Gruber").await.find_link("Answers about the registration").is_none());
    adds(&ada, "Which cost centre?", "One line", |form| {
        form.choose("Asked of", "The contact, once for the registration")
    })
    .await;
    let asked = staff.follows(&opened(&staff, "Anna Gruber").await, "Answers about the registration").await;
    asked.must_say("Answers about registration").must_not_say("Category");
    let page = staff.sends(asked.form("Save").fill("Which cost centre?", "4711")).await;
    page.must_be(200).must_say("Saved.").must_say("4711").must_say("Answers changed by Robin");
    // Who opened the form before does not replace it unseen.
    let late = staff.sends(asked.form("Save").fill("Which cost centre?", "0815")).await;
    late.must_be(409).must_say("4711");
    staff.sends(late.form("Save")).await.must_say("Saved.").must_say("0815");
}

#[tokio::test]
async fn somebody_cancelled_or_gone_has_no_choices() {
    let app = TestApp::start().await;
    let staff = app.staff().await;
    registers(&staff, "Anna Gruber", "Member city").await.must_say("Registered.");
    let page = choices(&staff, "Anna Gruber").await;
    cancels(&app, "Anna Gruber").await;
    staff.sends(page.form("Save").choose("Category", "University")).await.must_be(409).must_say("is cancelled");
    assert!(opened(&staff, "Anna Gruber").await.find_link("Category and answers").is_none());
    staff.tries("/staff/leipzig-2018/attendees/00000000-0000-7000-8000-000000000000/choices").await.must_be(404);
}

/// Starts the program with an offer to Boris, and Carla behind him.
async fn offered() -> (TestApp, Person) {
    let app = TestApp::start().await;
    limits(&app.db, MEMBER_CITY, Some(1)).await;
    takes(&app, "Anna").await;
    joins(&app, "Boris").await;
    joins(&app, "Carla").await;
    cancels(&app, "Anna").await;
    crate::waiting::becomes(&app.db, "Boris", "offered").await;
    let staff = app.staff().await;
    (app, staff)
}

#[tokio::test]
async fn an_offer_is_accepted_for_a_caller() {
    let (app, staff) = offered().await;
    let page = staff.follows(&opened(&staff, "Boris").await, "Answer the offer …").await;
    page.must_say("A place is offered to Boris").must_say("Member city");
    let form = page.form("Accept the place");
    staff.sends(form.clone()).await.must_be(200).must_say("The place is accepted.").must_say("Offer accepted by Robin");
    assert_eq!(
        (state(&app.db, "Boris").await, queue(&app.db).await),
        ("confirmed".to_owned(), vec!["Carla".to_owned()])
    );
    // A second click changes nothing.
    staff.sends(form).await.must_be(409).must_say("Boris has a place.");
}

#[tokio::test]
async fn an_offer_is_declined_for_a_caller_and_goes_to_the_next() {
    let (app, staff) = offered().await;
    let page = staff.follows(&opened(&staff, "Boris").await, "Answer the offer …").await;
    staff.sends(page.form("Decline the place")).await.must_be(200).must_say("offered to the next person");
    assert_eq!((state(&app.db, "Boris").await, state(&app.db, "Carla").await), ("cancelled".into(), "offered".into()));
    opened(&staff, "Boris").await.must_say("Offer declined by Robin");
}

#[tokio::test]
async fn an_offer_that_has_lapsed_meanwhile_is_not_accepted() {
    let (app, staff) = offered().await;
    let page = staff.follows(&opened(&staff, "Boris").await, "Answer the offer …").await;
    app.it_is(app.now() + time::Duration::days(30));
    let staff = app.staff().await;
    staff.sends(page.form("Accept the place")).await.must_be(409).must_say("No offer to Boris can be answered");
    assert_eq!(count(&app, "select count(*) from attendee where name = 'Boris' and state = 'confirmed'").await, 0);
}
