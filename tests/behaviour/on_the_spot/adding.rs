//! Staff add a person to a registration.

use time::macros::datetime;

use super::{count, mails, overridden, registers};
use crate::{
    desk::opened,
    support::{Form, Page, Person, TestApp},
    waiting::{MEMBER_CITY, limits, queue},
};

const ADD: &str = "Add this person";

async fn asks(staff: &Person, name: &str) -> Page {
    staff.follows(&opened(staff, name).await, "Add a person to this registration").await
}

fn filled(form: Form, name: &str) -> Form {
    let mut form = form.fill("Name", name).fill("E-mail", &super::address(name));
    let words = form.choices("Category").into_iter().find(|words| words.starts_with("Member city")).expect("it");
    form.choose("Category", &words)
}

async fn with_anna() -> (TestApp, Person) {
    let app = TestApp::start().await;
    let staff = app.staff().await;
    registers(&staff, "Anna Gruber", "Member city").await.must_say("Registered.");
    (app, staff)
}

#[tokio::test]
async fn a_person_is_added_to_a_registration_for_a_caller() {
    let (app, staff) = with_anna().await;
    sqlx::query("delete from message").execute(&app.db).await.expect("an empty outbox");
    let page = staff.sends(filled(asks(&staff, "Anna Gruber").await.form(ADD), "Boris Maier")).await;
    page.must_be(200).must_say("Added.").must_say("Boris Maier").must_say("Added to the registration by Robin");
    let kinds: Vec<_> = mails(&app).await.into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(kinds, ["change", "attendee_confirmation", "operations_change"]);
    assert_eq!(count(&app, "select count(*) from registration").await, 1);
    // A second click leads to the same person.
    let again = filled(asks(&staff, "Anna Gruber").await.form(ADD), "Boris Maier");
    staff.sends(again).await.must_be(200).must_say("is on this registration already");
    assert_eq!(count(&app, "select count(*) from attendee").await, 2);
}

#[tokio::test]
async fn nobody_but_operations_is_told_if_the_box_is_not_ticked() {
    let (app, staff) = with_anna().await;
    sqlx::query("delete from message").execute(&app.db).await.expect("an empty outbox");
    let form = filled(asks(&staff, "Anna Gruber").await.form(ADD), "Boris Maier");
    staff.sends(form.untick("Tell the person and the contact by e-mail")).await.must_say("Added.");
    let told: Vec<_> = mails(&app).await.into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(told, ["operations_change"]);
}

#[tokio::test]
async fn without_a_free_place_the_person_waits_or_there_is_one_more() {
    let (app, staff) = with_anna().await;
    limits(&app.db, MEMBER_CITY, Some(1)).await;
    sqlx::query("delete from message").execute(&app.db).await.expect("an empty outbox");
    let page = staff.sends(filled(asks(&staff, "Anna Gruber").await.form(ADD), "Boris Maier")).await;
    page.must_be(422).must_say("Member city is full (one place)");
    staff.sends(page.form("Put on the waiting list")).await.must_be(200).must_say("Added to the waiting list.");
    assert_eq!(queue(&app.db).await, ["Boris Maier"]);
    let kinds: Vec<_> = mails(&app).await.into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(kinds, ["change", "waiting", "operations_change"]);
    let page = staff.sends(filled(asks(&staff, "Anna Gruber").await.form(ADD), "Carla Conti")).await;
    page.must_say("One person on the waiting list is passed over.");
    let page = staff.sends(page.form("Add all the same").fill("Reason", "She speaks")).await;
    page.must_be(200).must_say("Added.").must_say("Reason: She speaks");
    assert_eq!(overridden(&app).await.len(), 3);
    assert_eq!(count(&app, "select count(*) from capacity where places = 2 and taken = 2").await, 1);
    assert_eq!(queue(&app.db).await, ["Boris Maier"], "nobody who waits is offered the new place");
}

#[tokio::test]
async fn after_the_end_and_after_changes_are_closed_a_reason_is_needed() {
    let (app, staff) = with_anna().await;
    let form = filled(asks(&staff, "Anna Gruber").await.form(ADD), "Boris Maier");
    sqlx::query("update registration_settings set changes_until = '2018-01-01'")
        .execute(&app.db)
        .await
        .expect("frozen");
    let page = staff.sends(form).await;
    page.must_be(422).must_say("Changes have been closed since");
    let page = staff.sends(page.form("Add all the same")).await;
    page.must_be(422);
    assert!(page.error_beside("Reason").is_some());
    app.it_is(datetime!(2100-01-01 12:00 UTC));
    let staff = app.staff().await;
    let page = staff.sends(page.form("Add all the same").fill("Reason", "A mistake of ours")).await;
    page.must_be(422).must_say("Registration closed on").must_say("Changes have been closed since");
    let form = page.form("Add all the same");
    assert_eq!(form.value("Reason"), "A mistake of ours", "the reason is still there, but the new rule is asked about");
    staff.sends(form).await.must_be(200).must_say("Added.");
}

#[tokio::test]
async fn a_registration_has_at_most_fifty_people_and_an_unknown_one_is_not_found() {
    let (app, staff) = with_anna().await;
    sqlx::query(
        "insert into attendee (id, conference_id, registration_id, position, name, name_folded, email, email_normalised, job_title,
             category_id, state, created_at)
         select gen_random_uuid(), conference_id, registration_id, n, 'N' || n, 'n' || n, 'n@graz.example', 'n@graz.example', '',
             category_id, 'confirmed', now()
         from attendee, generate_series(2, 50) n",
    )
    .execute(&app.db)
    .await
    .expect("49 more");
    asks(&staff, "Anna Gruber").await.must_say("as many as it can have");
    let unknown = "/staff/leipzig-2018/registrations/00000000-0000-7000-8000-000000000000/add";
    staff.tries(unknown).await.must_be(404);
}
