//! The waiting list: joining it, offers of places, and what staff do with it.

mod at_once;
mod at_random;
mod fees;
mod joining;
mod lapsing;
mod offers;
mod staff;

use sqlx::PgPool;
use uuid::Uuid;

use crate::support::{Form, Page, Person, TestApp, secret};

pub const MEMBER_CITY: &str = "member-city";

/// Limits a category, or with an empty slug the whole conference. `None` is no limit. Nobody is told, as when another program does it.
pub async fn limits(db: &PgPool, slug: &str, places: Option<i32>) {
    sqlx::query(
        "update capacity set places = $2
         where case when $1 = '' then category_id is null
                    else category_id = (select id from category where slug = $1) end",
    )
    .bind(slug)
    .bind(places)
    .execute(db)
    .await
    .expect("a limit");
}

/// Starts the program with one place for member cities, which Anna has.
async fn full_with_anna() -> TestApp {
    let app = TestApp::start().await;
    limits(&app.db, MEMBER_CITY, Some(1)).await;
    takes(&app, "Anna").await;
    app
}

/// Registers somebody who gets a place in the category of member cities.
pub async fn takes(app: &TestApp, name: &str) -> Page {
    let page = sends(&app.delegate(), name, "Member city").await;
    page.must_say("You are registered");
    page
}

/// Registers somebody who has to wait for a place in the category of member cities.
pub async fn joins(app: &TestApp, name: &str) -> Page {
    let page = sends(&app.delegate(), name, "Member city (waiting list)").await;
    page.must_say("You are on the waiting list");
    page
}

/// Fills in and sends the form for one person, whose address begins with their name.
pub async fn sends(delegate: &Person, name: &str, category: &str) -> Page {
    let form = filled(open_form(&delegate.opens("/leipzig-2018/register").await), name, category);
    delegate.sends(form).await
}

/// Returns the form, whatever its main button says.
pub fn open_form(page: &Page) -> Form {
    page.form(if page.has_form("Register") { "Register" } else { "Join the waiting list" })
}

/// Fills in the form for one person. The category is given by the beginning of its words.
pub fn filled(form: Form, name: &str, category: &str) -> Form {
    let mut form = form
        .fill_in("You", "Name", name)
        .fill_in("You", "E-mail", &address(name))
        .fill("Organisation", "City of Graz")
        .fill("City", "Graz")
        .choose("Country", "Austria");
    let offered = form.choices("Category");
    let words = offered.iter().find(|words| words.starts_with(category)).expect("the category");
    form.choose_in("Person 1:", "Category", words)
}

pub fn address(name: &str) -> String {
    format!("{}@graz.example", name.to_lowercase().replace(' ', "."))
}

/// Creates the secret of a link as in mails: the attendee's own, or the one of the contact who registered them.
pub async fn secret_of(db: &PgPool, name: &str, own: bool) -> String {
    let (secret, hash) = secret();
    sqlx::query(
        "insert into link (id, conference_id, hash, purpose, registration_id, attendee_id)
         select $1, conference_id, $2, 'manage', registration_id, case when $4 then id end from attendee where name = $3",
    )
    .bind(Uuid::now_v7())
    .bind(hash)
    .bind(name)
    .bind(own)
    .execute(db)
    .await
    .expect("a link");
    secret
}

/// Cancels somebody with their own link.
pub async fn cancels(app: &TestApp, name: &str) {
    let secret = secret_of(&app.db, name, true).await;
    let delegate = app.delegate();
    let between = delegate.opens(&format!("/manage/{secret}/cancel")).await;
    delegate.sends(between.form("Yes, cancel")).await.must_be(200);
}

/// Returns the address of the page on which somebody answers an offer.
pub async fn offer_to(app: &TestApp, name: &str) -> String {
    format!("/offers/{}", secret_of(&app.db, name, true).await)
}

/// Returns the state of an attendee.
pub async fn state(db: &PgPool, name: &str) -> String {
    sqlx::query_scalar("select state from attendee where name = $1").bind(name).fetch_one(db).await.expect("them")
}

/// Waits until an attendee is in this state, which a job brings about.
pub async fn becomes(db: &PgPool, name: &str, wanted: &str) {
    for _ in 0..300 {
        if state(db, name).await == wanted {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("{name} is {} and not {wanted}", state(db, name).await);
}

/// Returns the names of those who wait, in the order of their ranks.
pub async fn queue(db: &PgPool) -> Vec<String> {
    sqlx::query_scalar("select name from attendee where queue_rank is not null order by queue_rank")
        .fetch_all(db)
        .await
        .expect("the queue")
}

/// Lists the kinds and recipients of the mails about an attendee's registration, in order, without those before it.
async fn mails_of(db: &PgPool, name: &str) -> Vec<(String, String)> {
    sqlx::query_as(
        "select kind, recipient from message
         where registration_id = (select registration_id from attendee where name = $1) order by id",
    )
    .bind(name)
    .fetch_all(db)
    .await
    .expect("the mails")
}

/// Lists the kinds of these mails.
async fn kinds_of(db: &PgPool, name: &str) -> Vec<String> {
    mails_of(db, name).await.into_iter().map(|(kind, _)| kind).collect()
}

/// What must hold at every commit, as a list of what does not.
pub async fn wrong(db: &PgPool) -> Vec<String> {
    sqlx::query_scalar(
        "with counted as (
             select capacity.*, (select count(*) from place
                 where place.conference_id = capacity.conference_id and state <> 'given_back'
                     and (capacity.category_id is null or place.category_id = capacity.category_id))
                 + (select coalesce(sum(kept), 0) from code
                 where code.conference_id = capacity.conference_id
                     and (capacity.category_id is null or code.category_id = capacity.category_id)) as found
             from capacity
         ), whole as (select * from capacity where category_id is null)
         select 'counted ' || taken || ' places, but ' || found || ' are taken' from counted where taken <> found
         union all
         select taken || ' of ' || places || ' places are taken' from counted where taken > places
         union all
         select name || ' waits although a place is free'
         from attendee join capacity on capacity.category_id = attendee.category_id, whole
         where queue_rank is not null and (capacity.places is null or capacity.taken < capacity.places)
             and (whole.places is null or whole.taken < whole.places)
         union all
         select code || ' counts ' || used || ' uses and ' || placed || ' places, but has ' || users || ' and ' || places
         from code
         cross join lateral (
             select count(*) as users from attendee where code_id = code.id and state <> 'cancelled') as users
         cross join lateral (
             select count(*) as places from place where code_id = code.id and state <> 'given_back') as places
         where used <> users or placed <> places or used > uses
         union all
         select attendee.name || ' waits although a place is kept for ' || code
         from attendee join code on code.id = code_id where attendee.state = 'waiting' and kept > 0
         union all
         select name || ' has a place with another code' from attendee join place on place.attendee_id = attendee.id
         where place.state <> 'given_back' and place.code_id is distinct from attendee.code_id
         union all
         select name || ' is ' || state || ' with the places ' || coalesce(places, '') || ' and ' || offers || ' open offers'
         from attendee
         cross join lateral (
             select string_agg(place.state, ',') as places from place
             where attendee_id = attendee.id and place.state <> 'given_back') as places
         cross join lateral (
             select count(*) as offers from offer where attendee_id = attendee.id and ended_at is null) as offers
         where (state, coalesce(places, ''), offers)
             not in (('confirmed', 'held', 0), ('offered', 'offered', 1), ('waiting', '', 0), ('cancelled', '', 0))",
    )
    .fetch_all(db)
    .await
    .expect("the tables")
}

#[track_caller]
pub fn none(wrong: &[String]) {
    assert!(wrong.is_empty(), "{wrong:?}");
}
