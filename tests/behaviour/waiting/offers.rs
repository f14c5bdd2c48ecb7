//! A place that becomes free is offered at once, in order, and the offer is answered.

use time::{Duration, macros::datetime};

use super::{
    MEMBER_CITY, becomes, cancels, full_with_anna, joins, kinds_of, limits, none, offer_to, queue, secret_of, sends,
    state, takes, wrong,
};
use crate::{
    registering::count,
    support::{LEIPZIG, MailServer, TestApp},
};

const SETTINGS: &str = "/administration/leipzig-2018";

#[tokio::test]
async fn a_place_given_back_is_offered_at_once_to_whoever_waits_longest() {
    let server = MailServer::start().await;
    let app = TestApp::start_with(|settings| server.serves(settings)).await;
    limits(&app.db, MEMBER_CITY, Some(1)).await;
    takes(&app, "Anna").await;
    joins(&app, "Boris").await;
    joins(&app, "Carla").await;
    server.received(6).await;
    cancels(&app, "Anna").await;
    assert_eq!(state(&app.db, "Boris").await, "offered", "in the same transaction");
    assert_eq!(queue(&app.db).await, ["Carla"]);
    none(&wrong(&app.db).await);
    let all = server.received(10).await;
    let offer = all.iter().find(|mail| mail.subject().starts_with("A place is free for you")).expect("an offer");
    assert_eq!(offer.to, ["boris@graz.example"]);
    assert!(all.iter().any(|mail| mail.subject().starts_with("Place offered")), "operations are told");
    let boris = app.delegate();
    let page = boris.opens(&offer.link("/offers/")).await;
    assert_eq!(page.heading(), "A place is free for you");
    page.must_say("Boris").must_say("Member city").must_say("local time in Leipzig");
    let page = boris.sends(page.form("Accept the place")).await;
    assert_eq!((page.redirected_by, page.heading().as_str()), (Some(303), "You have the place"));
    assert_eq!(state(&app.db, "Boris").await, "confirmed");
    boris.follows(&page, "See the registration").await.must_say("Confirmed");
    none(&wrong(&app.db).await);
    let all = server.received(12).await;
    assert!(
        all.iter().any(|mail| mail.subject().starts_with("You are registered: ") && mail.to == ["boris@graz.example"])
    );
    assert!(all.iter().any(|mail| mail.subject().starts_with("Offer accepted")));
}

#[tokio::test]
async fn an_offer_accepted_twice_or_in_two_tabs_gives_one_place_and_says_so() {
    let app = full_with_anna().await;
    joins(&app, "Boris").await;
    cancels(&app, "Anna").await;
    let (boris, path) = (app.delegate(), offer_to(&app, "Boris").await);
    let tabs = [boris.opens(&path).await, boris.opens(&path).await];
    let (one, other) =
        tokio::join!(boris.sends(tabs[0].form("Accept the place")), boris.sends(tabs[1].form("Accept the place")));
    for page in [one, other, boris.sends(tabs[0].form("Accept the place")).await, boris.opens(&path).await] {
        page.must_be(200).must_say("You have the place");
    }
    // Declining in another tab changes nothing either.
    let declining = boris.opens(&format!("{path}/decline")).await;
    declining.must_say("You have the place");
    assert_eq!(count(&app, "select count(*) from place where state = 'held'").await, 1);
    assert_eq!(
        count(
            &app,
            "select count(*) from message where kind = 'contact_confirmation' and data ->> 'accepted' is not null"
        )
        .await,
        1
    );
    assert_eq!(count(&app, "select count(*) from audit where kind = 'offer_accepted'").await, 1);
    none(&wrong(&app.db).await);
}

#[tokio::test]
async fn a_declined_place_goes_to_the_next_after_a_page_in_between() {
    let app = full_with_anna().await;
    joins(&app, "Boris").await;
    joins(&app, "Carla").await;
    cancels(&app, "Anna").await;
    let (boris, path) = (app.delegate(), offer_to(&app, "Boris").await);
    let open = boris.opens(&path).await;
    let between = boris.follows(&open, "Decline …").await;
    between.must_say("Decline the place?").must_say("offered to the next person on the waiting list immediately");
    boris.follows(&between, "Go back to the offer").await.must_say("Accept the place");
    let page = boris.sends(between.form("Yes, decline")).await;
    page.must_say("The place was declined").must_say("no longer on the waiting list");
    assert_eq!((state(&app.db, "Boris").await, state(&app.db, "Carla").await), ("cancelled".into(), "offered".into()));
    none(&wrong(&app.db).await);
    assert_eq!(kinds_of(&app.db, "Boris").await[4..], ["cancellation", "operations_cancellation"]);
    let staff = app.staff().await;
    let list = staff.opens("/staff/leipzig-2018/attendees").await;
    staff
        .follows(&list, "Boris")
        .await
        .must_say("the place that was offered was declined")
        .must_say("Offer declined by the delegate");
    // Accepting in another tab comes too late.
    boris.sends(open.form("Accept the place")).await.must_say("The place was declined");
    assert_eq!(state(&app.db, "Boris").await, "cancelled");
}

#[tokio::test]
async fn the_contact_answers_for_a_colleague_and_an_attendee_only_for_themself() {
    let app = TestApp::start().await;
    limits(&app.db, "", Some(0)).await;
    let delegate = app.delegate();
    let page = delegate.opens("/leipzig-2018/register").await;
    let page = delegate.sends(page.form("Add a colleague")).await;
    let form = page.form("Join the waiting list").choose_in("Person 2", "Category", "University (waiting list)");
    let sent = form.fill_in("You", "Name", "Anna");
    let sent =
        sent.fill_in("You", "E-mail", "anna@graz.example").fill("Organisation", "City of Graz").fill("City", "Graz");
    let sent = sent.choose("Country", "Austria").choose_in("Person 1:", "Category", "University (waiting list)");
    let sent = sent.fill_in("Person 2", "Name", "Boris").fill_in("Person 2", "E-mail", "boris@graz.example");
    delegate.sends(sent).await.must_say("You are on the waiting list").must_say("Boris, University: number 2");
    let staff = app.administrator().await;
    let form = staff.opens(SETTINGS).await.form("Save and publish").fill("Places in all", "2");
    staff.sends(form).await.must_be(200);
    let (contact, own) = (secret_of(&app.db, "Anna", false).await, secret_of(&app.db, "Anna", true).await);
    let manage = delegate.opens(&format!("/manage/{contact}")).await;
    manage.must_say("A place is offered until");
    let page = delegate.follows(&manage, "Accept or decline for Boris …").await;
    assert_eq!(page.heading(), "A place is free for Boris");
    delegate.sends(page.form("Accept the place")).await.must_say("Boris has the place");
    let of_boris: String =
        sqlx::query_scalar("select id::text from attendee where name = 'Boris'").fetch_one(&app.db).await.expect("him");
    delegate.tries(&format!("/offers/{own}?attendee={of_boris}")).await.must_be(404);
    delegate.opens(&format!("/offers/{own}")).await.must_say("A place is free for you");
    assert_eq!(state(&app.db, "Anna").await, "offered");
    let several = delegate.opens(&format!("/offers/{contact}")).await;
    assert!(several.path.starts_with("/manage/"), "the contact chooses for whom to answer");
}

#[tokio::test]
async fn more_places_are_offered_to_as_many_as_there_are_and_removing_the_limit_to_all() {
    let app = full_with_anna().await;
    for name in ["Boris", "Carla", "Dora", "Emil"] {
        joins(&app, name).await;
    }
    let ada = app.administrator().await;
    let category = ada.follows(&ada.opens(SETTINGS).await, "Member city").await;
    ada.sends(category.form("Save").fill("Places", "3")).await.must_be(200);
    assert_eq!(queue(&app.db).await, ["Dora", "Emil"]);
    none(&wrong(&app.db).await);
    let category = ada.follows(&ada.opens(SETTINGS).await, "Member city").await;
    ada.sends(category.form("Save").fill("Places", "")).await.must_be(200);
    assert_eq!(queue(&app.db).await, [""; 0]);
    assert_eq!(count(&app, "select count(*) from offer where ended_at is null").await, 4);
    none(&wrong(&app.db).await);
}

#[tokio::test]
async fn fewer_places_than_are_taken_or_offered_are_refused() {
    let app = full_with_anna().await;
    joins(&app, "Boris").await;
    cancels(&app, "Anna").await;
    let ada = app.administrator().await;
    let category = ada.follows(&ada.opens(SETTINGS).await, "Member city").await;
    let words = "1 place is already taken. Give at least 1. 1 of them is offered to somebody on the waiting list";
    let refused = ada.sends(category.form("Save").fill("Places", "0")).await;
    refused.must_be(422);
    assert_eq!(refused.error_beside("Places").as_deref(), Some(words));
    let refused = ada.sends(ada.opens(SETTINGS).await.form("Save and publish").fill("Places in all", "0")).await;
    assert_eq!(refused.error_beside("Places in all").as_deref(), Some(words));
    assert_eq!(state(&app.db, "Boris").await, "offered");
}

#[tokio::test]
async fn a_place_of_the_whole_conference_goes_to_whoever_waits_longest_among_those_whose_category_has_one() {
    let app = TestApp::start().await;
    limits(&app.db, "", Some(2)).await;
    limits(&app.db, MEMBER_CITY, Some(1)).await;
    takes(&app, "Anna").await;
    sends(&app.delegate(), "Ulla", "University").await.must_say("You are registered");
    sends(&app.delegate(), "Boris", "Member city (waiting list)").await.must_say("You are on the waiting list");
    sends(&app.delegate(), "Uwe", "University (waiting list)").await.must_say("You are on the waiting list");
    sends(&app.delegate(), "Carla", "Member city (waiting list)")
        .await
        .must_say("number 2 in the queue of this category");
    cancels(&app, "Ulla").await;
    assert_eq!(queue(&app.db).await, ["Boris", "Carla"], "the category of Boris is full");
    none(&wrong(&app.db).await);
    cancels(&app, "Anna").await;
    assert_eq!(queue(&app.db).await, ["Carla"]);
    none(&wrong(&app.db).await);
}

#[tokio::test]
async fn an_offer_is_withdrawn_when_the_attendee_is_cancelled() {
    let app = full_with_anna().await;
    joins(&app, "Boris").await;
    joins(&app, "Carla").await;
    cancels(&app, "Anna").await;
    let path = offer_to(&app, "Boris").await;
    let open = app.delegate().opens(&path).await;
    let staff = app.staff().await;
    let boris = staff.follows(&staff.opens("/staff/leipzig-2018/attendees").await, "Boris").await;
    boris.must_say("A place is offered");
    let between = staff.follows(&boris, "Cancel …").await;
    staff
        .sends(between.form("Cancel the place").fill("Reason", "Ill"))
        .await
        .must_say("cancelled by the operations desk");
    for page in [app.delegate().opens(&path).await, app.delegate().sends(open.form("Accept the place")).await] {
        page.must_say("The offer was withdrawn");
    }
    assert_eq!(state(&app.db, "Carla").await, "offered");
    none(&wrong(&app.db).await);
}

#[tokio::test]
async fn nobody_is_offered_a_place_once_the_conference_has_begun() {
    let app = full_with_anna().await;
    joins(&app, "Boris").await;
    sqlx::query("update conference set registration_closes = null").execute(&app.db).await.expect("the default");
    app.it_is(datetime!(2018-05-27 22:00 UTC));
    cancels(&app, "Anna").await;
    tokio::time::sleep(std::time::Duration::from_secs(3)).await;
    assert_eq!(state(&app.db, "Boris").await, "waiting");
    // An offer that is made before ends at the latest when the conference begins.
    app.it_is(datetime!(2018-05-27 12:00 UTC));
    becomes(&app.db, "Boris", "offered").await;
    let page = app.delegate().opens(&offer_to(&app, "Boris").await).await;
    page.must_say("Answer by Monday 28 May 2018, 00:00 CEST");
}

#[tokio::test]
async fn an_offer_that_spans_a_change_of_clocks_lasts_its_hours_and_says_the_local_time() {
    let app = full_with_anna().await;
    joins(&app, "Boris").await;
    // Saturday noon; the clocks go forward on Sunday 25 March 2018 at 2:00.
    app.it_is(datetime!(2018-03-24 11:00 UTC));
    cancels(&app, "Anna").await;
    let path = offer_to(&app, "Boris").await;
    app.delegate().opens(&path).await.must_say("Answer by Monday 26 March 2018, 13:00 CEST");
    let (hours, remind): (i64, i64) = sqlx::query_as(
        "select (extract(epoch from lapses_at - offered_at) / 3600)::int8, (extract(epoch from remind_at - offered_at) / 3600)::int8 from offer",
    )
    .fetch_one(&app.db)
    .await
    .expect("the offer");
    assert_eq!((hours, remind), (48, 24));
    app.it_is(datetime!(2018-03-26 10:59 UTC));
    let page = app.delegate().opens(&path).await;
    app.delegate().sends(page.form("Accept the place")).await.must_say("You have the place");
}

#[tokio::test]
async fn places_that_become_free_unnoticed_are_offered_within_seconds() {
    let app = full_with_anna().await;
    joins(&app, "Boris").await;
    limits(&app.db, MEMBER_CITY, Some(2)).await;
    becomes(&app.db, "Boris", "offered").await;
    none(&wrong(&app.db).await);
}

#[tokio::test]
async fn a_newcomer_does_not_get_the_place_that_somebody_waits_for() {
    let app = full_with_anna().await;
    joins(&app, "Boris").await;
    let late = app.delegate();
    let form = late.opens("/leipzig-2018/register").await;
    cancels(&app, "Anna").await;
    assert!(form.has_form("Register"));
    let page = sends(&late, "Carla", "Member city (waiting list)").await;
    page.must_say("You are on the waiting list").must_say("number 1 in the queue");
    assert_eq!((state(&app.db, "Boris").await, state(&app.db, "Carla").await), ("offered".into(), "waiting".into()));
}

#[tokio::test]
async fn the_time_to_answer_is_what_the_settings_say() {
    let app = full_with_anna().await;
    joins(&app, "Boris").await;
    let ada = app.administrator().await;
    for bad in ["0", "721", "soon", ""] {
        let refused =
            ada.sends(ada.opens(SETTINGS).await.form("Save and publish").fill("Hours to answer an offer", bad)).await;
        refused.must_be(422);
        let words = "Give a whole number from 1 to 720";
        assert_eq!(refused.error_beside("Hours to answer an offer").as_deref(), Some(words), "{bad}");
    }
    let form = ada.opens(SETTINGS).await.form("Save and publish");
    assert_eq!(form.value("Hours to answer an offer"), "48");
    ada.sends(form.fill("Hours to answer an offer", "3")).await.must_say("Saved");
    cancels(&app, "Anna").await;
    let open: (time::OffsetDateTime, time::OffsetDateTime) =
        sqlx::query_as("select offered_at, lapses_at from offer").fetch_one(&app.db).await.expect("the offer");
    assert_eq!(open.1 - open.0, Duration::hours(3));
    assert!(app.delegate().opens(LEIPZIG).await.status == 200);
}
