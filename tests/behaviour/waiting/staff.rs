//! Staff see the waiting list and its history, and move somebody.

use super::{MEMBER_CITY, becomes, cancels, full_with_anna, joins, limits, none, offer_to, queue, sends, state, wrong};
use crate::{
    registering::count,
    support::{MailServer, Page, Person, TestApp},
};

const WAITING: &str = "/staff/leipzig-2018/waiting";

async fn moves(staff: &Person, who: &str, position: &str, reason: &str) -> Page {
    let form = staff.opens(WAITING).await.form("Move");
    staff.sends(form.choose("Who", who).fill("New number in the queue", position).fill("Reason", reason)).await
}

#[tokio::test]
async fn staff_see_each_queue_the_open_offers_and_what_became_of_earlier_ones() {
    let app = full_with_anna().await;
    limits(&app.db, "university", Some(0)).await;
    for name in ["Boris", "Carla", "Dora"] {
        joins(&app, name).await;
    }
    sends(&app.delegate(), "Ulla", "University (waiting list)").await.must_say("You are on the waiting list");
    cancels(&app, "Anna").await;
    let (boris, path) = (app.delegate(), offer_to(&app, "Boris").await);
    let between = boris.opens(&format!("{path}/decline")).await;
    boris.sends(between.form("Yes, decline")).await.must_say("declined");
    let staff = app.staff().await;
    let attendees = staff.opens("/staff/leipzig-2018/attendees").await;
    let page = staff.follows(&attendees, "Waiting list").await;
    assert_eq!(page.texts("main h2"), ["Member city", "University", "Move somebody", "Open offers", "Earlier offers"]);
    assert_eq!(page.row("Dora")[..3], ["1", "Dora", "City of Graz"]);
    assert_eq!(page.row("Ulla")[0], "1");
    assert!(page.row("Carla")[0].starts_with("Carla") && page.row("Carla")[4] == "not yet", "{:?}", page.row("Carla"));
    assert_eq!(page.row("Boris")[3], "declined");
    staff.follows(&page, "Dora").await.must_say("number 1 in the queue of this category").must_say("waiting");
    staff.opens("/staff/leipzig-2018/attendees?state=offered").await.must_say("Carla").must_not_say("Dora");
}

#[tokio::test]
async fn staff_move_somebody_with_a_reason_that_stays_in_the_history() {
    let app = full_with_anna().await;
    for name in ["Boris", "Carla", "Dora", "Emil"] {
        joins(&app, name).await;
    }
    limits(&app.db, "university", Some(0)).await;
    sends(&app.delegate(), "Ulla", "University (waiting list)").await.must_say("You are on the waiting list");
    let staff = app.staff().await;
    let page = moves(&staff, "Emil, number 4 (Member city, City of Graz)", "1", "Speaks on Monday").await;
    page.must_be(200).must_say("Moved.");
    assert_eq!(queue(&app.db).await, ["Emil", "Boris", "Carla", "Dora", "Ulla"]);
    moves(&staff, "Emil, number 1 (Member city, City of Graz)", "3", "After all not").await.must_say("Moved.");
    assert_eq!(queue(&app.db).await, ["Boris", "Carla", "Emil", "Dora", "Ulla"]);
    moves(&staff, "Boris, number 1 (Member city, City of Graz)", "99", "He said so").await.must_say("Moved.");
    assert_eq!(queue(&app.db).await, ["Carla", "Emil", "Dora", "Ulla", "Boris"]);
    let boris = staff.follows(&staff.opens(WAITING).await, "Boris").await;
    boris
        .must_say("Moved on the waiting list by")
        .must_say("Number in the queue: 1 →became 4")
        .must_say("Reason: He said so");
    cancels(&app, "Anna").await;
    assert_eq!(state(&app.db, "Carla").await, "offered");
    none(&wrong(&app.db).await);
}

#[tokio::test]
async fn a_long_queue_has_pages_and_whoever_was_chosen_is_listed_on_the_first() {
    let app = full_with_anna().await;
    joins(&app, "Boris").await;
    limits(&app.db, "university", Some(0)).await;
    sends(&app.delegate(), "Ulla", "University (waiting list)").await.must_say("You are on the waiting list");
    sqlx::query(
        "insert into attendee (id, conference_id, registration_id, position, name, name_folded, email, email_normalised, job_title,
             category_id, state, queue_rank, created_at)
         select gen_random_uuid(), conference_id, registration_id, n, 'Person ' || n, 'person ' || n, 'p' || n || '@city.example',
             'p' || n || '@city.example', '', category_id, state, nextval('queue_rank'), created_at
         from attendee, generate_series(2, 120) n where name = 'Boris' order by n",
    )
    .execute(&app.db)
    .await
    .expect("119 more");
    let staff = app.staff().await;
    let first = staff.opens(WAITING).await;
    first.must_say("1–50 of 120").must_say("Person 50").must_not_say("Person 51").must_say("Ulla");
    let second = staff.follows(&first, "Next page").await;
    second.must_say("51–100 of 120").must_not_say("Person 50").must_not_say("Ulla");
    assert_eq!(second.row("Person 51")[0], "51");
    let last = staff.follows(&second, "Next page").await;
    last.must_say("101–120 of 120").must_say("Person 120").must_not_say("Next page");
    staff.follows(&staff.follows(&last, "Previous page").await, "The whole waiting list").await.must_say("Ulla");
    let person = staff.follows(&last, "Person 120").await;
    let chosen = staff.follows(&person, "Move …").await;
    assert_eq!(chosen.row("Person 120")[0], "120");
    let moved = staff.sends(chosen.form("Move").fill("New number in the queue", "70").fill("Reason", "Speaks")).await;
    moved.must_say("Moved.").must_not_say("Person 69");
    assert_eq!(moved.row("Person 120")[0], "70");
    // The queue became shorter while somebody read its last page.
    let shorter = last.path.replace("from=101", "from=151");
    staff.opens(&shorter).await.must_say("1–50 of 120").must_say("Person 50");
    let nobody = staff.opens(&format!("{WAITING}?category={}&from=500", uuid::Uuid::nil())).await;
    nobody.must_say("Nobody waits here any more").must_say("The whole waiting list");
}

#[tokio::test]
async fn a_move_without_a_person_a_position_or_a_reason_is_refused_beside_the_field() {
    let app = full_with_anna().await;
    joins(&app, "Boris").await;
    joins(&app, "Carla").await;
    let staff = app.staff().await;
    let refused = staff.sends(staff.opens(WAITING).await.form("Move").fill("New number in the queue", "first")).await;
    refused.must_be(422);
    let wrong: Vec<_> = refused.errors().into_iter().map(|(field, _)| field).collect();
    assert_eq!(wrong, ["Who", "New number in the queue", "Reason"]);
    assert_eq!(refused.form("Move").value("New number in the queue"), "first");
    // Somebody who does not wait any more.
    let form = staff.opens(WAITING).await.form("Move").choose("Who", "Boris, number 1 (Member city, City of Graz)");
    cancels(&app, "Boris").await;
    let refused = staff.sends(form.fill("New number in the queue", "1").fill("Reason", "A friend")).await;
    refused.must_be(422);
    assert_eq!(refused.error_beside("Who").as_deref(), Some("Choose somebody who waits"));
    assert_eq!(count(&app, "select count(*) from audit where kind = 'attendee_moved'").await, 0);
}

#[tokio::test]
async fn a_cancellation_is_not_undone_while_somebody_waits_for_the_place() {
    let app = full_with_anna().await;
    joins(&app, "Boris").await;
    cancels(&app, "Anna").await;
    let staff = app.staff().await;
    let anna = staff.follows(&staff.opens("/staff/leipzig-2018/attendees").await, "Anna").await;
    // The place is offered to Boris.
    let between = staff.follows(&anna, "Undo the cancellation …").await;
    between.must_say("Member city is full (one place)").must_not_say("passed over");
    // After the conference has begun nobody is offered a place, but those who wait are not skipped either.
    sqlx::query("update conference set registration_closes = null").execute(&app.db).await.expect("the default");
    joins_late(&app, "Carla").await;
    limits(&app.db, MEMBER_CITY, Some(2)).await;
    let refused = staff.sends(staff.opens(&between.path).await.form("Undo the cancellation all the same")).await;
    refused.must_be(422).must_say("People wait for a place in Member city");
    refused.must_say("One person on the waiting list is passed over.");
    assert!(!refused.has_form("Put on the waiting list"), "nobody is offered a place any more");
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

#[tokio::test]
async fn staff_send_an_offer_again_to_whoever_has_lost_the_mail() {
    let server = MailServer::start().await;
    let app = TestApp::start_with(|settings| server.serves(settings)).await;
    limits(&app.db, MEMBER_CITY, Some(0)).await;
    joins(&app, "Boris").await;
    limits(&app.db, MEMBER_CITY, Some(1)).await;
    becomes(&app.db, "Boris", "offered").await;
    server.received(4).await;
    let staff = app.staff().await;
    let boris = staff.follows(&staff.opens("/staff/leipzig-2018/attendees").await, "Boris").await;
    staff.sends(boris.form("Send the offer to boris@graz.example")).await.must_say("On its way.");
    let mut offers = server.received(5).await;
    offers.retain(|mail| mail.subject().starts_with("A place is free for you"));
    assert_eq!(offers.len(), 2);
    let offer = offers.pop().expect("the second");
    let delegate = app.delegate();
    let page = delegate.opens(&offer.link("/offers/")).await;
    delegate.sends(page.form("Accept the place")).await.must_say("You have the place");
}
