//! Two instances serve one waiting list, and one of them is killed.

use std::time::Duration;

use sqlx::PgPool;
use tokio::{task::JoinSet, time::sleep};

use super::{MEMBER_CITY, filled, limits, none, open_form, queue, secret_of, wrong};
use crate::instances::{House, Instance};

/// Registers so many people at once on these instances, all of whom join the waiting list if they are asked.
async fn register(instances: &[Instance], number: usize) {
    let mut sent = JoinSet::new();
    for number in 0..number {
        let delegate = instances[number % instances.len()].delegate(number);
        sent.spawn(async move {
            let page = delegate.opens("/leipzig-2018/register").await;
            let mut page = delegate.sends(filled(open_form(&page), &format!("Delegate {number}"), "Member city")).await;
            if page.has_form("Join the waiting list") {
                page = delegate.sends(page.form("Join the waiting list")).await;
            }
            assert!(page.says("You are registered") || page.says("You are on the waiting list"), "{}", page.text());
        });
    }
    sent.join_all().await;
}

async fn count(db: &PgPool, query: &'static str) -> i64 {
    sqlx::query_scalar(query).fetch_one(db).await.expect("a number")
}

async fn names(db: &PgPool, query: &'static str) -> Vec<String> {
    sqlx::query_scalar(query).fetch_all(db).await.expect("names")
}

/// Waits until a query gives no row, for at most half a minute.
async fn until_none(db: &PgPool, query: &'static str) {
    for _ in 0..600 {
        if count(db, query).await == 0 {
            return;
        }
        sleep(Duration::from_millis(50)).await;
    }
    panic!("{query} is {}", count(db, query).await);
}

const CONFIRMED: &str = "select name from attendee where state = 'confirmed'";
const OFFERED: &str = "select name from offer join attendee on attendee.id = attendee_id order by offer.id";

#[tokio::test]
async fn of_many_who_register_at_once_on_two_instances_some_get_all_places_and_the_rest_wait_and_follow_in_order() {
    let house = House::new().await;
    let instances = [house.program(&[]).await, house.program(&[]).await];
    limits(&house.db, MEMBER_CITY, Some(10)).await;
    register(&instances, 40).await;
    let confirmed = names(&house.db, CONFIRMED).await;
    let waiting = queue(&house.db).await;
    assert_eq!((confirmed.len(), waiting.len()), (10, 30));
    none(&wrong(&house.db).await);
    // All ten cancel at once.
    let mut cancelling = JoinSet::new();
    for (number, name) in confirmed.into_iter().enumerate() {
        let (delegate, secret) = (instances[number % 2].delegate(number), secret_of(&house.db, &name, true).await);
        cancelling.spawn(async move {
            let between = delegate.opens(&format!("/manage/{secret}/cancel")).await;
            delegate.sends(between.form("Yes, cancel")).await.must_be(200);
        });
    }
    cancelling.join_all().await;
    none(&wrong(&house.db).await);
    assert_eq!(queue(&house.db).await, waiting[10..]);
    assert_eq!(names(&house.db, OFFERED).await, waiting[..10]);
}

#[tokio::test]
async fn when_one_instance_is_killed_the_other_lets_every_offer_lapse_once_and_offers_the_places_in_order() {
    let house = House::new().await;
    let mut instances = [house.program(&[]).await, house.program(&[]).await];
    limits(&house.db, MEMBER_CITY, Some(0)).await;
    register(&instances, 30).await;
    let waiting = queue(&house.db).await;
    limits(&house.db, MEMBER_CITY, Some(10)).await;
    until_none(&house.db, "select 20 - count(*) from attendee where queue_rank is not null").await;
    none(&wrong(&house.db).await);
    let due = "update offer set offered_at = now() - interval '2 days', lapses_at = now(), remind_at = now() - interval '1 day'";
    sqlx::query(due).execute(&house.db).await.expect("the offers");
    while count(&house.db, "select count(*) from offer where outcome = 'lapsed'").await == 0 {
        sleep(Duration::from_millis(5)).await;
    }
    instances[0].program.kill();
    // The lease of what it had claimed ends.
    sqlx::query("update offer set claimed_until = now() where ended_at is null")
        .execute(&house.db)
        .await
        .expect("the lease");
    until_none(&house.db, "select 10 - count(*) from offer where outcome = 'lapsed'").await;
    until_none(&house.db, "select 10 - count(*) from offer where ended_at is null").await;
    none(&wrong(&house.db).await);
    assert_eq!(queue(&house.db).await, waiting[20..]);
    for noted in [
        "select count(*) from audit where kind = 'offer_lapsed'",
        "select count(*) from message where kind = 'offer_lapsed'",
        "select count(*) from attendee where state = 'cancelled' and cancel_cause = 'lapsed'",
    ] {
        assert_eq!(count(&house.db, noted).await, 10, "{noted}");
    }
    let offered = names(&house.db, OFFERED).await;
    let mut sorted = offered.clone();
    sorted.sort_by_key(|name| waiting.iter().position(|other| other == name));
    assert_eq!(offered, sorted, "in the order of the queue");
}
