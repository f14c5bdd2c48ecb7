//! A rule stands against it: the page says which, and a reason or the waiting list is the way on.

use time::macros::datetime;

use super::{NEW, count, filled, overridden, registers};
use crate::{
    support::TestApp,
    waiting::{MEMBER_CITY, joins, limits, queue, state, takes},
};

const ANYWAY: &str = "Register all the same";

#[tokio::test]
async fn registering_after_the_end_needs_a_reason_that_stands_in_the_history() {
    let app = TestApp::start().await;
    sqlx::query("update conference set registration_closes = '2019-01-01 00:00Z'")
        .execute(&app.db)
        .await
        .expect("closed");
    let staff = app.staff().await;
    staff.opens_until(NEW, |_| true).await;
    app.it_is(datetime!(2019-02-01 12:00 UTC));
    let staff = app.staff().await;
    // The form says so when it is opened, but nobody has to type the reason first.
    let opened = staff.opens(NEW).await;
    opened.must_say("Registration closed on");
    assert_eq!(opened.attributes("#attendee-1-name", "autofocus").len(), 1);
    let page = registers(&staff, "Anna Gruber", "Member city").await;
    page.must_be(422).must_say("A rule stands against this").must_say("Registration closed on");
    page.must_not_say("waiting list");
    assert_eq!(page.form(ANYWAY).value("Name"), "Anna Gruber");
    let page = staff.sends(page.form(ANYWAY)).await;
    page.must_be(422);
    assert!(page.error_beside("Reason").is_some(), "without a reason, nobody is registered");
    assert_eq!(count(&app, "select count(*) from attendee").await, 0);
    let page = staff.sends(page.form(ANYWAY).fill("Reason", "Invited by the mayor.")).await;
    page.must_be(200).must_say("Registered.").must_say("Reason: Invited by the mayor.");
    page.must_say("Against it: Registration closed on");
    let form = filled(staff.opens(NEW).await.form(ANYWAY), "Boris Maier", "Member city");
    staff.sends(form.fill("Reason", "At the door")).await.must_be(200).must_say("Registered.");
}

#[tokio::test]
async fn a_reason_that_was_not_asked_for_overrides_nothing() {
    let app = TestApp::start().await;
    limits(&app.db, MEMBER_CITY, Some(0)).await;
    let staff = app.staff().await;
    let form = filled(staff.opens(NEW).await.form("Register"), "Anna Gruber", "Member city");
    let page = staff.sends(form.forge("reason", "Because")).await;
    page.must_be(422).must_say("Member city is full (0 places)");
    assert_eq!(page.form(ANYWAY).value("Reason"), "Because");
    assert_eq!(count(&app, "select count(*) from attendee").await, 0);
}

#[tokio::test]
async fn categories_that_are_hidden_or_closed_need_a_reason() {
    let app = TestApp::start().await;
    let staff = app.staff().await;
    for (statement, option, rule) in [
        (
            "update category set access = 'code'",
            "University (with a code)",
            "University is only for people with a code",
        ),
        ("update category set access = 'public', closes = '2018-01-01'", "University (closed)", "University closed on"),
        ("update category set closes = null, opens = '2100-01-01'", "University (not open yet)", "University opens on"),
    ] {
        sqlx::query(sqlx::AssertSqlSafe(format!("{statement} where slug = 'university'")))
            .execute(&app.db)
            .await
            .expect("it");
        let name = format!("Anna {}", option.len());
        let page = registers(&staff, &name, option).await;
        page.must_be(422).must_say(rule);
        staff.sends(page.form(ANYWAY).fill("Reason", "A guest")).await.must_say("Registered.").must_say(rule);
    }
}

#[tokio::test]
async fn a_full_category_gets_one_more_place_or_the_caller_waits() {
    let app = TestApp::start().await;
    limits(&app.db, MEMBER_CITY, Some(1)).await;
    limits(&app.db, "", Some(1)).await;
    takes(&app, "Anna").await;
    joins(&app, "Boris").await;
    let staff = app.staff().await;
    let page = registers(&staff, "Carla Conti", "Member city").await;
    page.must_be(422).must_say("Rules stand against this");
    assert_eq!(page.attributes("#reason", "autofocus").len(), 1, "the field with the reason has focus");
    page.must_say("Member city is full (one place)").must_say("The conference is full (one place)");
    page.must_say("Member city from 1 to 2, the conference from 1 to 2.");
    page.must_say("One person on the waiting list is passed over.");
    // The waiting list needs no reason.
    let waits = staff.sends(page.form("Put on the waiting list")).await;
    waits.must_be(200).must_say("On the waiting list.").must_say("number 2 in the queue");
    assert_eq!(queue(&app.db).await, ["Boris", "Carla Conti"]);
    assert_eq!(overridden(&app).await, []);
    // With a reason, there is one place more, and nobody who waits gets it.
    let page = registers(&staff, "Dora Duda", "Member city").await;
    page.must_say("2 people on the waiting list are passed over.");
    let page = staff.sends(page.form(ANYWAY).fill("Reason", "A speaker")).await;
    page.must_be(200).must_say("confirmed").must_say("Passed over on the waiting list: 2");
    assert_eq!(
        (state(&app.db, "Boris").await, state(&app.db, "Dora Duda").await),
        ("waiting".into(), "confirmed".into())
    );
    let raised: Vec<_> = overridden(&app).await.into_iter().filter(|(field, ..)| field.starts_with("places")).collect();
    let one_more = |field: &str| (field.to_owned(), "1".to_owned(), "2".to_owned());
    assert_eq!(raised, [one_more("places_of_category"), one_more("places_of_conference")]);
    let full = "select count(*) from capacity where places = 2 and taken = 2";
    assert_eq!(count(&app, full).await, 2);
}

#[tokio::test]
async fn what_is_owed_is_right_after_an_override() {
    let app = TestApp::start().await;
    let ada = app.administrator().await;
    crate::categories::sets_fee(&ada, "450").await;
    limits(&app.db, MEMBER_CITY, Some(0)).await;
    let staff = app.staff().await;
    let page = registers(&staff, "Anna Gruber", "Member city: EUR 450.00 (full)").await;
    let page = staff.sends(page.form(ANYWAY).fill("Reason", "A guest")).await;
    page.must_be(200).must_say("EUR 450.00");
    let page = registers(&staff, "Boris Maier", "Member city").await;
    staff.sends(page.form("Put on the waiting list")).await.must_say("On the waiting list.").must_not_say("EUR 450.00");
    assert_eq!(count(&app, "select sum(amount_cents)::bigint from charge").await, 45_000);
}

#[tokio::test]
async fn a_fee_that_changes_while_staff_type_is_said_before_anybody_owes_it() {
    let app = TestApp::start().await;
    let ada = app.administrator().await;
    crate::categories::sets_fee(&ada, "450").await;
    let staff = app.staff().await;
    let form = filled(staff.opens(NEW).await.form("Register"), "Anna Gruber", "Member city");
    sqlx::query("update category set fee_cents = 50000 where slug = 'member-city'").execute(&app.db).await.expect("it");
    let page = staff.sends(form).await;
    page.must_be(422);
    assert!(page.error_beside("Category").is_some_and(|error| error.contains("EUR 500.00 now")), "{:?}", page.errors());
    staff.sends(page.form("Register")).await.must_be(200).must_say("EUR 500.00");
}
