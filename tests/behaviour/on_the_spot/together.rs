//! Double clicks, and two people at the desk at once.

use super::{NEW, count, filled, registers};
use crate::{
    support::TestApp,
    waiting::{MEMBER_CITY, limits},
};

#[tokio::test]
async fn a_double_click_registers_once() {
    let app = TestApp::start().await;
    let staff = app.staff().await;
    let form = filled(staff.opens(NEW).await.form("Register"), "Anna Gruber", "Member city");
    let (one, other) = tokio::join!(staff.sends(form.clone()), staff.sends(form.clone()));
    for page in [one, other, staff.sends(form).await] {
        page.must_be(200).must_say("Registered.").must_say("Anna Gruber");
    }
    assert_eq!(count(&app, "select count(*) from attendee").await, 1);
    assert_eq!(count(&app, "select count(*) from message").await, 2);
}

#[tokio::test]
async fn a_form_that_is_used_twice_asks_before_it_registers_somebody_else() {
    let app = TestApp::start().await;
    let staff = app.staff().await;
    let form = staff.opens(NEW).await.form("Register");
    staff.sends(filled(form.clone(), "Anna Gruber", "Member city")).await.must_say("Registered.");
    let page = staff.sends(filled(form, "Boris Maier", "Member city")).await;
    page.must_be(409).must_say("Nobody was registered now.").must_say("with other details");
    staff.sends(page.form("Register")).await.must_be(200).must_say("Registered.").must_say("Boris Maier");
    assert_eq!(count(&app, "select count(*) from attendee").await, 2);
}

#[tokio::test]
async fn of_two_people_at_the_desk_one_gets_the_last_place_and_the_other_is_asked() {
    let app = TestApp::start().await;
    limits(&app.db, MEMBER_CITY, Some(1)).await;
    let (eva, tom) = (app.staff().await, app.staff().await);
    let (anna, boris) =
        tokio::join!(registers(&eva, "Anna Gruber", "Member city"), registers(&tom, "Boris Maier", "Member city"));
    let mut seen = [anna.status, boris.status];
    seen.sort_unstable();
    assert_eq!(seen, [200, 422], "{}\n{}", anna.text(), boris.text());
    let (refused, by) = if anna.status == 422 { (anna, eva) } else { (boris, tom) };
    refused.must_say("Member city is full (one place)");
    by.sends(refused.form("Register all the same").fill("Reason", "Both were told yes")).await.must_say("Registered.");
    assert_eq!(count(&app, "select count(*) from capacity where places = 2 and taken = 2").await, 1);
}

#[tokio::test]
async fn of_two_people_who_override_at_once_each_gets_a_place() {
    let app = TestApp::start().await;
    limits(&app.db, MEMBER_CITY, Some(0)).await;
    let (eva, tom) = (app.staff().await, app.staff().await);
    let anna = registers(&eva, "Anna Gruber", "Member city").await.form("Register all the same");
    let boris = registers(&tom, "Boris Maier", "Member city").await.form("Register all the same");
    let (anna, boris) = tokio::join!(eva.sends(anna.fill("Reason", "Guest")), tom.sends(boris.fill("Reason", "Guest")));
    anna.must_be(200).must_say("Registered.");
    boris.must_be(200).must_say("Registered.");
    assert_eq!(count(&app, "select count(*) from capacity where places = 2 and taken = 2").await, 1);
}

#[tokio::test]
async fn the_same_person_whom_two_people_register_at_once_is_registered_once() {
    let app = TestApp::start().await;
    let (eva, tom) = (app.staff().await, app.staff().await);
    let (one, other) =
        tokio::join!(registers(&eva, "Anna Gruber", "Member city"), registers(&tom, "Anna Gruber", "Member city"));
    let mut seen = [one.status, other.status];
    seen.sort_unstable();
    assert_eq!(seen, [200, 409]);
    assert_eq!(count(&app, "select count(*) from attendee").await, 1);
}
