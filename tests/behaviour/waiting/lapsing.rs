//! Offers that nobody answers: the reminder, the end, and who is offered the place then.

use std::time::Duration;

use time::macros::datetime;
use tokio::time::sleep;

use super::{
    MEMBER_CITY, becomes, cancels, full_with_anna, joins, kinds_of, limits, none, offer_to, queue, state, takes, wrong,
};
use crate::{
    registering::count,
    support::{MailServer, TestApp},
};

/// Boris has been offered a place at noon in Leipzig, and Carla waits.
async fn offered_at_noon() -> TestApp {
    let app = full_with_anna().await;
    app.it_is(datetime!(2018-03-01 11:00 UTC));
    joins(&app, "Boris").await;
    joins(&app, "Carla").await;
    cancels(&app, "Anna").await;
    app
}

#[tokio::test]
async fn an_offer_that_nobody_answers_lapses_and_the_next_is_offered_the_place() {
    let app = offered_at_noon().await;
    let path = offer_to(&app, "Boris").await;
    let open = app.delegate().opens(&path).await;
    open.must_say("Answer by Saturday 3 March 2018, 12:00 CET");
    app.it_is(datetime!(2018-03-03 10:59 UTC));
    sleep(Duration::from_secs(3)).await;
    assert_eq!(state(&app.db, "Boris").await, "offered");
    app.it_is(datetime!(2018-03-03 11:00 UTC));
    becomes(&app.db, "Carla", "offered").await;
    assert_eq!(state(&app.db, "Boris").await, "cancelled");
    none(&wrong(&app.db).await);
    assert_eq!(
        kinds_of(&app.db, "Boris").await[2..],
        ["offer", "operations_offer", "offer_reminder", "offer_lapsed", "operations_cancellation"]
    );
    // Whoever answers after it has lapsed reads so.
    for page in [app.delegate().sends(open.form("Accept the place")).await, app.delegate().opens(&path).await] {
        page.must_be(200)
            .must_say("The offer has ended")
            .must_say("Nobody answered by Saturday 3 March 2018, 12:00 CET");
    }
    assert_eq!(state(&app.db, "Boris").await, "cancelled");
    let staff = app.staff().await;
    let list = staff.opens("/staff/leipzig-2018/attendees").await;
    let boris = staff.follows(&list, "Boris").await;
    boris.must_say("the offer of a place was not answered in time").must_say("Offer lapsed by the program");
}

#[tokio::test]
async fn an_answer_at_the_very_instant_at_which_an_offer_ends_comes_too_late() {
    let app = offered_at_noon().await;
    let path = offer_to(&app, "Boris").await;
    let open = app.delegate().opens(&path).await;
    // Another instance, which died, has claimed it, so only the answer itself decides.
    sqlx::query("update offer set claimed_until = now() + interval '1 hour'").execute(&app.db).await.expect("a lease");
    let ends: time::OffsetDateTime =
        sqlx::query_scalar("select lapses_at from offer").fetch_one(&app.db).await.expect("the offer");
    app.it_is(ends);
    app.delegate().opens(&path).await.must_say("The offer has ended");
    app.delegate().sends(open.form("Accept the place")).await.must_say("The offer has ended");
    assert_eq!((state(&app.db, "Boris").await, state(&app.db, "Carla").await), ("cancelled".into(), "offered".into()));
    none(&wrong(&app.db).await);
}

#[tokio::test]
async fn one_reminder_is_sent_after_half_of_the_time() {
    let server = MailServer::start().await;
    let app = TestApp::start_with(|settings| server.serves(settings)).await;
    limits(&app.db, MEMBER_CITY, Some(1)).await;
    takes(&app, "Anna").await;
    app.it_is(datetime!(2018-03-01 11:00 UTC));
    joins(&app, "Boris").await;
    cancels(&app, "Anna").await;
    app.it_is(datetime!(2018-03-02 10:59 UTC));
    sleep(Duration::from_secs(3)).await;
    assert_eq!(count(&app, "select count(*) from message where kind = 'offer_reminder'").await, 0);
    app.it_is(datetime!(2018-03-02 11:01 UTC));
    let reminder = loop {
        let mails = server.mails();
        if let Some(mail) =
            mails.into_iter().find(|mail| mail.subject().starts_with("Please answer: a place is free for you"))
        {
            break mail;
        }
        sleep(Duration::from_millis(100)).await;
    };
    assert_eq!(reminder.to, ["boris@graz.example"]);
    assert!(reminder.text().contains("Answer by Saturday 3 March 2018, 12:00 CET"), "{}", reminder.text());
    app.delegate().opens(&reminder.link("/offers/")).await.must_say("Accept the place");
    sleep(Duration::from_secs(3)).await;
    assert_eq!(count(&app, "select count(*) from message where kind = 'offer_reminder'").await, 1);
}

#[tokio::test]
async fn no_reminder_is_sent_once_an_offer_is_answered() {
    let app = offered_at_noon().await;
    let (boris, path) = (app.delegate(), offer_to(&app, "Boris").await);
    boris.sends(boris.opens(&path).await.form("Accept the place")).await.must_say("You have the place");
    app.it_is(datetime!(2018-03-04 11:00 UTC));
    sleep(Duration::from_secs(3)).await;
    assert_eq!(count(&app, "select count(*) from message where kind = 'offer_reminder'").await, 0);
    assert_eq!((state(&app.db, "Boris").await, queue(&app.db).await), ("confirmed".into(), vec!["Carla".to_owned()]));
}

/// What is committed with a claim, and what is left behind when an instance dies before the offer has lapsed.
#[tokio::test]
async fn an_offer_whose_instance_died_between_claim_and_lapse_lapses_once_its_lease_has_ended() {
    let app = offered_at_noon().await;
    let does = async |statement: &'static str| {
        sqlx::query(statement).execute(&app.db).await.expect("the owner may do this");
    };
    does("update offer set claimed_until = now() + interval '1 hour'").await;
    app.it_is(datetime!(2018-03-03 11:00 UTC));
    sleep(Duration::from_secs(3)).await;
    assert_eq!(state(&app.db, "Boris").await, "offered", "another instance has claimed it");
    // The first try fails after everything but the commit.
    does("create function fail() returns trigger language plpgsql as $$ begin raise 'the disk is full'; end $$").await;
    does("create trigger fail before insert on offer execute function fail()").await;
    does("update offer set claimed_until = now()").await;
    sleep(Duration::from_secs(3)).await;
    assert_eq!(state(&app.db, "Boris").await, "offered", "it has failed as a whole");
    none(&wrong(&app.db).await);
    does("drop trigger fail on offer").await;
    does("update offer set claimed_until = now()").await;
    becomes(&app.db, "Carla", "offered").await;
    none(&wrong(&app.db).await);
    assert_eq!(count(&app, "select count(*) from audit where kind = 'offer_lapsed'").await, 1);
}
