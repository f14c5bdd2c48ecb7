//! Two people use a code at the same moment.

use tokio::task::JoinSet;

use super::{REGISTER, makes};
use crate::{
    registering::count,
    support::TestApp,
    waiting::{MEMBER_CITY, filled, limits, none, wrong},
};

#[tokio::test]
async fn of_many_who_use_the_last_use_of_a_code_at_once_one_registers_and_the_others_read_that_it_is_used_up() {
    let app = TestApp::start().await;
    makes(&app.administrator().await, "GRAZ-2018", "Member city", |form| form.fill("How many people can use it", "1"))
        .await;
    let mut opened = Vec::new();
    for number in 0..4 {
        let delegate = app.delegate();
        let page = delegate.opens(&format!("{REGISTER}?code=GRAZ-2018")).await;
        opened.push((delegate, filled(page.form("Register"), &format!("Delegate {number}"), "Member city")));
    }
    let sending: JoinSet<_> =
        opened.into_iter().map(|(delegate, form)| async move { delegate.sends(form).await }).collect();
    let pages = sending.join_all().await;
    let (registered, refused): (Vec<_>, Vec<_>) = pages.iter().partition(|page| page.says("You are registered"));
    assert_eq!(registered.len(), 1);
    for page in refused {
        page.must_be(422);
        assert!(
            page.error_beside("Code").is_some_and(|words| words.contains("Everybody whom this code is for")),
            "{:?}",
            page.errors()
        );
    }
    assert_eq!(count(&app, "select count(*) from registration").await, 1);
    assert_eq!(count(&app, "select count(*) from message where registration_id is null").await, 0);
    none(&wrong(&app.db).await);
}

#[tokio::test]
async fn those_with_kept_places_and_those_without_a_code_register_at_once_and_each_gets_what_there_is() {
    let app = TestApp::start().await;
    limits(&app.db, MEMBER_CITY, Some(12)).await;
    limits(&app.db, "", Some(12)).await;
    makes(&app.administrator().await, "GRAZ-2018", "Member city", |form| {
        form.fill("How many people can use it", "8").tick("Keep places for them")
    })
    .await;
    let (mut opened, mut sending) = (Vec::new(), JoinSet::new());
    for number in 0..16 {
        let delegate = app.delegate();
        let query = if number % 2 == 0 { "?code=GRAZ-2018" } else { "" };
        let page = delegate.opens(&format!("{REGISTER}{query}")).await;
        opened.push((number, delegate, filled(page.form("Register"), &format!("Delegate {number}"), "Member city")));
    }
    for (number, delegate, form) in opened {
        sending.spawn(async move {
            let mut page = delegate.sends(form).await;
            if page.has_form("Join the waiting list") {
                page = delegate.sends(page.form("Join the waiting list")).await;
            }
            (number % 2 == 0, page.says("You are registered"), page.text())
        });
    }
    let done = sending.join_all().await;
    for (has_code, is_registered, text) in &done {
        assert!(*is_registered || !*has_code && text.contains("You are on the waiting list"), "{has_code} {text}");
    }
    assert_eq!(done.iter().filter(|(has_code, is_registered, _)| !has_code && *is_registered).count(), 4);
    none(&wrong(&app.db).await);
}
