//! Somebody who waits owes nothing until they have a place.

use super::{MEMBER_CITY, cancels, limits, offer_to, secret_of, sends, state};
use crate::{categories::sets_fee, registering::count, support::TestApp};

#[tokio::test]
async fn the_fee_is_owed_from_the_moment_an_offer_is_accepted() {
    let app = TestApp::start().await;
    sets_fee(&app.administrator().await, "450").await;
    limits(&app.db, MEMBER_CITY, Some(1)).await;
    sends(&app.delegate(), "Anna", "Member city: EUR 450.00").await.must_say("You are registered");
    let page = sends(&app.delegate(), "Boris", "Member city: EUR 450.00 (waiting list)").await;
    page.must_say("You are on the waiting list").must_not_say("What you owe");
    let owed = "select coalesce(sum(amount_cents), 0)::bigint from charge join attendee on attendee.id = attendee_id where name = 'Boris'";
    assert_eq!(count(&app, owed).await, 0);
    cancels(&app, "Anna").await;
    assert_eq!((state(&app.db, "Boris").await.as_str(), count(&app, owed).await), ("offered", 0));
    let boris = app.delegate();
    let page = boris.opens(&offer_to(&app, "Boris").await).await;
    boris.sends(page.form("Accept the place")).await.must_say("You have the place");
    assert_eq!(count(&app, owed).await, 45_000);
}

#[tokio::test]
async fn somebody_who_stops_waiting_owes_nothing() {
    let app = TestApp::start().await;
    sets_fee(&app.administrator().await, "450").await;
    limits(&app.db, MEMBER_CITY, Some(1)).await;
    sends(&app.delegate(), "Anna", "Member city: EUR 450.00").await.must_say("You are registered");
    sends(&app.delegate(), "Boris", "Member city: EUR 450.00 (waiting list)").await.must_be(200);
    cancels(&app, "Boris").await;
    assert_eq!(state(&app.db, "Boris").await, "cancelled");
    assert_eq!(count(&app, "select count(*) from charge").await, 1);
}

#[tokio::test]
async fn an_offer_says_what_the_place_costs_and_nobody_accepts_another_fee_than_was_shown() {
    let app = TestApp::start().await;
    let ada = app.administrator().await;
    sets_fee(&ada, "450").await;
    limits(&app.db, MEMBER_CITY, Some(1)).await;
    sends(&app.delegate(), "Anna", "Member city: EUR 450.00").await.must_say("You are registered");
    sends(&app.delegate(), "Boris", "Member city: EUR 450.00 (waiting list)").await.must_be(200);
    cancels(&app, "Anna").await;
    let boris = app.delegate();
    let own = boris.opens(&offer_to(&app, "Boris").await).await;
    own.must_say("The contact of your registration owes a fee").must_not_say("EUR");
    let contact = format!("/offers/{}", secret_of(&app.db, "Boris", false).await);
    let page = boris.opens(&contact).await;
    page.must_say("EUR 450.00, owed from the moment the place is accepted");
    sets_fee(&ada, "790").await;
    let page = boris.sends(page.form("Accept the place")).await;
    page.must_be(409).must_say("Not accepted yet: the fee has changed.").must_say("EUR 790.00");
    assert_eq!(state(&app.db, "Boris").await, "offered");
    boris.sends(page.form("Accept the place")).await.must_say("You have the place");
    assert_eq!(count(&app, "select sum(amount_cents)::bigint from charge join attendee on attendee.id = attendee_id where name = 'Boris'").await, 79_000);
}
