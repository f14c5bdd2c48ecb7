//! Four people register with and without codes, cancel, undo, answer offers and change codes, at random and at once: whatever they do,
//! the counters are true after each step.

use sqlx::PgPool;

use super::{CODES, REGISTER};
use crate::{
    dice::Dice,
    support::{Person, TestApp},
    waiting::{filled, limits, none, open_form, secret_of, wrong},
};

/// Each code, and the category that it is for. The first two keep places.
const CODES_OF: [(&str, &str); 3] = [("GRAZ", "Member city"), ("LINZ", "University"), ("WELS", "Member city")];
const CATEGORIES: [&str; 2] = ["Member city", "University"];

async fn somebody(db: &PgPool, state: &str, dice: &mut Dice) -> Option<String> {
    let names: Vec<String> = sqlx::query_scalar("select name from attendee where state = $1 order by name")
        .bind(state)
        .fetch_all(db)
        .await
        .expect("names");
    (!names.is_empty()).then(|| names[dice.throw(names.len())].clone())
}

/// Registers with a code or, with the last number, without.
async fn registers(delegate: &Person, name: &str, dice: &mut Dice) {
    let (code, category) = match dice.throw(4) {
        3 => ("", CATEGORIES[dice.throw(2)]),
        number => CODES_OF[number],
    };
    let page = delegate.tries(&format!("{REGISTER}?code={code}")).await;
    if page.status == 422 {
        assert!(page.error_beside("Code").is_some(), "{}", page.text());
        return;
    }
    let mut page = delegate.sends(filled(open_form(&page), name, category)).await;
    if page.has_form("Join the waiting list") && page.error_beside("Code").is_none() {
        page = delegate.sends(page.form("Join the waiting list")).await;
    }
    assert!(
        page.says("You are registered")
            || page.says("You are on the waiting list")
            || page.error_beside("Code").is_some(),
        "{} {}",
        page.status,
        page.text()
    );
}

async fn presses(person: &Person, path: &str, button: &str) {
    let page = person.opens(path).await;
    if page.has_form(button) {
        let status = person.sends(page.form(button)).await.status;
        assert!([200, 409].contains(&status), "{button}: {status}");
    }
}

async fn changes_code(ada: &Person, dice: &mut Dice) {
    let (code, _) = CODES_OF[dice.throw(3)];
    let page = ada.follows(&ada.opens(CODES).await, code).await;
    if dice.throw(4) == 0 && page.find_link("End now …").is_some() {
        let sure = ada.follows(&page, "End now …").await;
        ada.sends(sure.form("Yes, end it")).await.must_be(200);
        return;
    }
    let form = page.form("Save").fill("Until", "").fill("How many people can use it", &(1 + dice.throw(5)).to_string());
    let form = if dice.throw(3) == 0 { form.untick("Keep places for them") } else { form.tick("Keep places for them") };
    let status = ada.sends(form).await.status;
    assert!([200, 409, 422].contains(&status), "changing a code: {status}");
}

async fn does(person: &Person, delegate: &Person, db: &PgPool, name: &str, dice: &mut Dice) -> Option<usize> {
    let what = dice.throw(11);
    match what {
        0..4 => registers(delegate, name, dice).await,
        4 | 5 => {
            let state = if what == 4 { "confirmed" } else { "waiting" };
            let secret = secret_of(db, &somebody(db, state, dice).await?, true).await;
            presses(delegate, &format!("/manage/{secret}/cancel"), "Yes, cancel").await;
        }
        6 => {
            let secret = secret_of(db, &somebody(db, "offered", dice).await?, true).await;
            presses(delegate, &format!("/offers/{secret}"), "Accept the place").await;
        }
        7 => {
            let secret = secret_of(db, &somebody(db, "offered", dice).await?, true).await;
            presses(delegate, &format!("/offers/{secret}/decline"), "Yes, decline").await;
        }
        8 => {
            let name = somebody(db, "cancelled", dice).await?;
            let id: String = sqlx::query_scalar("select id::text from attendee where name = $1")
                .bind(name)
                .fetch_one(db)
                .await
                .expect("them");
            presses(person, &format!("/staff/leipzig-2018/attendees/{id}/reinstate"), "Undo the cancellation").await;
        }
        _ => changes_code(person, dice).await,
    }
    Some(what)
}

#[tokio::test]
async fn whatever_four_people_do_with_codes_at_once_no_place_and_no_use_is_given_twice() {
    let app = TestApp::start().await;
    for (slug, places) in [("member-city", 6), ("university", 4), ("", 9)] {
        limits(&app.db, slug, Some(places)).await;
    }
    let ada = app.administrator().await;
    for (number, (code, category)) in CODES_OF.into_iter().enumerate() {
        super::makes(&ada, code, category, |form| {
            let form = form.fill("How many people can use it", "2");
            if number < 2 { form.tick("Keep places for them") } else { form }
        })
        .await;
    }
    let mut people = tokio::task::JoinSet::new();
    for number in 0..4_u64 {
        let (person, db) = (app.administrator().await, app.db.clone());
        let delegate = app.delegate().at(&format!("203.0.113.{number}"));
        people.spawn(async move {
            let mut dice = Dice(0x9E37_79B9_7F4A_7C15 ^ (number + 1));
            let mut done = Vec::new();
            for operation in 0..40 {
                let name = format!("Person {number} {operation}");
                done.extend(does(&person, &delegate, &db, &name, &mut dice).await);
                let wrong = wrong(&db).await;
                assert!(wrong.is_empty(), "after {operation} operations, last {:?}: {wrong:?}", done.last());
            }
            done
        });
    }
    let done: Vec<usize> = people.join_all().await.into_iter().flatten().collect();
    for what in 0..11 {
        assert!(done.contains(&what), "nobody did number {what}: {done:?}");
    }
    none(&wrong(&app.db).await);
}
