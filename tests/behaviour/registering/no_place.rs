//! A delegate registers when there is no place and no waiting list, because the conference has begun, or registration is not open.

use std::time::{Duration, Instant};

use time::macros::datetime;
use tokio::{task::JoinSet, time::sleep};

use super::{REGISTER, count, filled, form, nothing_is_saved, registers};
use crate::support::{LEIPZIG, TestApp};

#[tokio::test]
async fn a_category_that_has_filled_up_meanwhile_is_refused_and_another_can_be_chosen() {
    let app = TestApp::start().await;
    app.conference_begins().await;
    sqlx::query(
        "update capacity set places = 1 from category where category.id = category_id and slug = 'member-city'",
    )
    .execute(&app.db)
    .await
    .expect("a limit");
    let slow = app.delegate();
    let filled_in = filled(form(&slow).await, "Anna", "anna@graz.example");
    registers(&app.delegate(), "Boris", "boris@graz.example").await.must_say("You are registered");

    let page = slow.sends(filled_in).await;
    page.must_be(422);
    let words = "This category is now full. Choose another one, or contact us";
    assert_eq!(page.errors(), [("Category".to_owned(), words.to_owned())]);
    page.must_say("No places left for: Member city");
    assert_eq!(count(&app, "select count(*) from registration").await, 1);
    assert_eq!(page.form("Register").value_in("You", "Name"), "Anna");
    assert_eq!(page.form("Register").value("Category"), "Member city (full)");
    let sent = page.form("Register").choose("Category", "University");
    slow.sends(sent).await.must_say("You are registered");

    let mut fresh = form(&app.delegate()).await;
    assert!(!fresh.choices("Category").iter().any(|category| category.starts_with("Member city")));
}

#[tokio::test]
async fn more_people_than_places_left_are_refused() {
    let app = TestApp::start().await;
    app.conference_begins().await;
    sqlx::query("update capacity set places = 1 where category_id is null").execute(&app.db).await.expect("a limit");
    let delegate = app.delegate();
    let page = delegate.sends(filled(form(&delegate).await, "Anna", "anna@graz.example").forge("do", "add")).await;
    let sent =
        page.form("Register").fill_in("Person 2", "Name", "Boris").fill_in("Person 2", "E-mail", "boris@graz.example");
    let page = delegate.sends(sent).await;
    page.must_be(422).must_say("Only one place is left at the conference. Register one person, or contact us");
    nothing_is_saved(&app).await;
    let page = delegate.sends(page.form("Remove person 2")).await;
    delegate.sends(page.form("Register")).await.must_say("You are registered");
}

#[tokio::test]
async fn when_the_conference_is_full_a_form_is_refused_and_can_be_sent_again_later() {
    let app = TestApp::start().await;
    app.conference_begins().await;
    sqlx::query("update capacity set places = 1 where category_id is null").execute(&app.db).await.expect("a limit");
    let (quick, slow) = (app.delegate(), app.delegate());
    let filled_in = filled(form(&slow).await, "Anna", "anna@graz.example");
    let first = filled(form(&quick).await, "Boris", "boris@graz.example");
    quick.sends(first.clone()).await.must_say("You are registered");

    app.delegate().opens(REGISTER).await.must_say("The conference is full").must_not_say("You are not registered");
    let refused = slow.sends(filled_in.clone()).await;
    refused.must_be(422).must_say("You are not registered.");
    assert_eq!(refused.heading(), "The conference is full");
    assert!(refused.title().starts_with("The conference is full"), "{}", refused.title());
    let adding = slow.sends(filled_in.forge("do", "add")).await;
    adding.must_be(422).must_say("You are not registered.");
    quick.sends(first).await.must_say("You are registered");
    assert_eq!(count(&app, "select count(*) from registration").await, 1);

    sqlx::query("update capacity set places = 2 where category_id is null").execute(&app.db).await.expect("a place");
    let added = slow.sends(adding.form("Try again")).await;
    assert_eq!(added.form("Register").value_in("You", "Name"), "Anna");
    added.must_say("Person 2");
    slow.sends(refused.form("Try again")).await.must_say("You are registered").must_say("Anna");
}

#[tokio::test]
async fn when_every_category_is_full_the_conference_is_full() {
    let app = TestApp::start().await;
    app.conference_begins().await;
    sqlx::query("update capacity set places = 0 from category where category.id = category_id and access = 'public'")
        .execute(&app.db)
        .await
        .expect("limits");
    app.delegate().opens(REGISTER).await.must_say("The conference is full");
}

#[tokio::test]
async fn before_registration_opens_the_form_says_when_in_the_conferences_time_zone() {
    let app = TestApp::start().await;
    let filled_in = filled(form(&app.delegate()).await, "Anna", "anna@graz.example");
    sqlx::query("update conference set registration_opens = $1, registration_closes = $2")
        .bind(datetime!(2040-01-15 08:00 UTC))
        .bind(datetime!(2040-05-20 21:59 UTC))
        .execute(&app.db)
        .await
        .expect("a window");
    let page = app.delegate().opens_until(REGISTER, |page| page.says("Registration is not open yet")).await;
    page.must_say("Sunday 15 January 2040, 09:00 (CET, local time in Leipzig)");
    app.delegate().sends(filled_in).await.must_be(422).must_say("Registration is not open yet");
    nothing_is_saved(&app).await;
}

#[tokio::test]
async fn after_registration_closes_the_form_says_when_it_closed() {
    let app = TestApp::start().await;
    let delegate = app.delegate();
    let (in_time, late) = (form(&delegate).await, form(&delegate).await);
    let in_time = filled(in_time, "Anna", "anna@graz.example");
    delegate.sends(in_time.clone()).await.must_say("You are registered");
    sqlx::query("update conference set registration_closes = $1")
        .bind(datetime!(2018-05-20 21:59 UTC))
        .execute(&app.db)
        .await
        .expect("a window");
    let page = app.delegate().opens_until(REGISTER, |page| page.says("Registration is closed")).await;
    page.must_say("Sunday 20 May 2018, 23:59 (CEST, local time in Leipzig)");
    page.must_not_say("You are not registered");
    let refused = delegate.sends(filled(late, "Boris", "boris@graz.example")).await;
    refused.must_be(422).must_say("You are not registered.");
    assert_eq!(refused.heading(), "Registration is closed");
    assert!(refused.title().starts_with("Registration is closed"), "{}", refused.title());
    delegate.sends(in_time).await.must_say("You are registered");
    assert_eq!(count(&app, "select count(*) from registration").await, 1);
}

#[tokio::test]
async fn all_pages_give_the_same_day_for_registration_that_closed_at_midnight() {
    let app = TestApp::start().await;
    sqlx::query("update conference set registration_closes = null").execute(&app.db).await.expect("no closing time");
    let page = app.delegate().opens_until(REGISTER, |page| page.says("Registration is closed")).await;
    page.must_say("Registration closed on Wednesday 30 May 2018, 24:00 (CEST, local time in Leipzig)");
    app.delegate().opens(LEIPZIG).await.must_say("Registration closed on Wednesday 30 May 2018.");
}

#[tokio::test]
async fn the_desk_stays_fast_while_many_registrations_wait_for_the_last_places() {
    let app = TestApp::start().await;
    let staff = app.staff().await;
    let mut filled_in = Vec::new();
    for number in 0..20 {
        let delegate = app.delegate();
        let form = filled(form(&delegate).await, "Anna Gruber", &format!("anna@city-{number}.example"));
        filled_in.push((delegate, form));
    }
    // Lock the counters of places, so that all registrations have to wait.
    let mut lock = app.db.begin().await.expect("a transaction");
    sqlx::query("select from capacity for update").execute(&mut *lock).await.expect("the counters");
    let mut sent = JoinSet::new();
    for (delegate, form) in filled_in {
        sent.spawn(async move { delegate.sends(form).await });
    }
    sleep(Duration::from_millis(500)).await;
    let asked = Instant::now();
    staff.opens("/staff/leipzig-2018/attendees").await;
    assert!(asked.elapsed() < Duration::from_secs(1), "the desk waited for {:?}", asked.elapsed());
    lock.rollback().await.expect("the counters are free");
    for page in sent.join_all().await {
        page.must_say("You are registered");
    }
}
