//! Staff and the waiting list: undoing cancellations, and taking somebody off the list.

use super::{MEMBER_CITY, cancels, full_with_anna, joins, limits, none, state, wrong};
use crate::{registering::count, support::TestApp};

#[tokio::test]
async fn a_cancellation_is_not_undone_while_somebody_waits_for_the_place() {
    let app = full_with_anna().await;
    joins(&app, "Boris").await;
    cancels(&app, "Anna").await;
    let staff = app.staff().await;
    let anna = staff.follows(&staff.opens("/staff/leipzig-2018/attendees").await, "Anna").await;
    // The place is offered to Boris.
    let between = staff.follows(&anna, "Undo the cancellation …").await;
    between.must_say("No place is free at the moment. Member city is full (1 of 1).").must_not_say("come first");
    // After the conference has begun nobody is offered a place, but those who wait are not skipped either.
    sqlx::query("update conference set registration_closes = null").execute(&app.db).await.expect("the default");
    joins_late(&app, "Carla").await;
    limits(&app.db, MEMBER_CITY, Some(2)).await;
    let refused = staff.sends(staff.opens(&between.path).await.form("Undo the cancellation")).await;
    refused.must_be(409).must_say("Not undone: others wait for the place. One person on the waiting list comes first");
    assert_eq!(state(&app.db, "Anna").await, "cancelled");
    cancels(&app, "Carla").await;
    staff
        .sends(staff.opens(&between.path).await.form("Undo the cancellation"))
        .await
        .must_say("The cancellation is undone.");
    assert_eq!(state(&app.db, "Anna").await, "confirmed");
    none(&wrong(&app.db).await);
}

/// Joins just before the conference begins, and then it begins.
async fn joins_late(app: &TestApp, name: &str) {
    app.it_is(time::macros::datetime!(2018-05-26 22:00 UTC));
    app.delegate().opens_until("/leipzig-2018/register", |page| page.says("Waiting list for")).await;
    joins(app, name).await;
    let open = "update offer set offered_at = '2018-05-01Z', remind_at = '2018-12-01Z', lapses_at = '2019-01-01Z'";
    sqlx::query(open).execute(&app.db).await.expect("it stays open");
    app.it_is(time::macros::datetime!(2018-05-28 08:00 UTC));
}

#[tokio::test]
async fn somebody_who_was_cancelled_while_waiting_can_get_a_place_if_one_is_free() {
    let app = full_with_anna().await;
    joins(&app, "Boris").await;
    cancels(&app, "Boris").await;
    limits(&app.db, MEMBER_CITY, Some(2)).await;
    let staff = app.staff().await;
    let boris = staff.follows(&staff.opens("/staff/leipzig-2018/attendees").await, "Boris").await;
    let between = staff.follows(&boris, "Undo the cancellation …").await;
    staff.sends(between.form("Undo the cancellation")).await.must_say("The cancellation is undone.");
    assert_eq!(state(&app.db, "Boris").await, "confirmed");
    none(&wrong(&app.db).await);
}

#[tokio::test]
async fn staff_take_somebody_off_the_waiting_list_and_send_the_mail_about_it_again() {
    let app = full_with_anna().await;
    joins(&app, "Boris").await;
    let staff = app.staff().await;
    let boris = staff.follows(&staff.opens("/staff/leipzig-2018/attendees").await, "Boris").await;
    let sent = staff.sends(boris.form("Send the mail about the waiting list to boris@graz.example")).await;
    sent.must_say("On its way.");
    assert_eq!(count(&app, "select count(*) from message where kind = 'waiting'").await, 2);
    let between = staff.follows(&boris, "Cancel …").await;
    between.must_say("has no place, so no place becomes free");
    staff.sends(between.form("Take off the waiting list").fill("Reason", "Asked for it")).await.must_say("Cancelled.");
    assert_eq!(state(&app.db, "Boris").await, "cancelled");
    none(&wrong(&app.db).await);
}
