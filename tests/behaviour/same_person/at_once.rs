//! Several forms with the same people at the same time.

use tokio::task::JoinSet;

use super::{CHECK, again, people, two};
use crate::{registering::count, support::TestApp};

#[tokio::test]
async fn of_many_forms_at_once_with_a_new_person_one_registers_and_the_others_are_asked() {
    let app = TestApp::start().await;
    let mut sent = JoinSet::new();
    for number in 0..6 {
        let delegate = app.delegate();
        let form = again(&delegate, "Anna", "anna@graz.example").await.fill("City", &format!("City {number}"));
        sent.spawn(async move { delegate.sends(form).await });
    }
    let pages = sent.join_all().await;
    let registered = pages.iter().filter(|page| page.says("You are registered")).count();
    let asked = pages.iter().filter(|page| page.says(CHECK)).count();
    assert_eq!((registered, asked), (1, 5));
    assert_eq!(people(&app).await.len(), 1);
    assert_eq!(count(&app, "select count(*) from message where kind = 'already_registered'").await, 5);
    assert_eq!(count(&app, "select taken::bigint from capacity where category_id is null").await, 1);
}

#[tokio::test]
async fn two_colleagues_who_register_each_other_at_once_are_registered_once_each() {
    let app = TestApp::start().await;
    for round in 0..5 {
        let (one, other) = (app.delegate(), app.delegate());
        let anna = format!("anna{round}@graz.example");
        let boris = format!("boris{round}@graz.example");
        let first = two(&one, ("Anna", &anna), ("Boris", &boris)).await;
        let second = two(&other, ("Boris", &boris), ("Anna", &anna)).await;
        let (first, second) = tokio::join!(one.sends(first), other.sends(second));
        for page in [&first, &second] {
            page.must_be(200);
            assert!(page.says("registered") || page.says(CHECK), "{}", page.text());
        }
        assert_eq!(people(&app).await.len(), 2 * (round + 1));
    }
}

#[tokio::test]
async fn while_a_category_is_full_nobody_who_joins_at_once_waits_twice() {
    let app = TestApp::start().await;
    sqlx::query("update capacity set places = 0 where category_id is null").execute(&app.db).await.expect("a limit");
    app.delegate().opens_until("/leipzig-2018/register", |page| page.has_form("Join the waiting list")).await;
    let mut sent = JoinSet::new();
    for number in 0..4 {
        let delegate = app.delegate();
        let page = delegate.opens("/leipzig-2018/register").await;
        let form = page
            .form("Join the waiting list")
            .fill_in("You", "Name", "Anna")
            .fill_in("You", "E-mail", "anna@graz.example")
            .fill("Organisation", "City of Graz")
            .fill("City", &format!("City {number}"))
            .choose("Country", "Austria")
            .choose_in("Person 1:", "Category", "Member city (waiting list)");
        sent.spawn(async move { delegate.sends(form).await });
    }
    let pages = sent.join_all().await;
    assert_eq!(pages.iter().filter(|page| page.says("You are on the waiting list")).count(), 1);
    assert_eq!(pages.iter().filter(|page| page.says(CHECK)).count(), 3);
    assert_eq!(people(&app).await.len(), 1);
}
