//! What staff do for a caller: registering, adding, changing the category, and answering an offer.

use super::{one, tour};
use crate::support::{LEIPZIG, TestApp, registration::registers};

#[tokio::test]
async fn registering_and_adding_pass_all_checks_in_every_state() {
    let app = TestApp::start().await;
    registers(&app.delegate(), "Anna Gruber", "anna@graz.example").await.must_be(200);
    let staff = format!("/staff{LEIPZIG}");
    let anna = one(&app, "select id::text from attendee").await;
    let registration = one(&app, "select id::text from registration").await;
    sqlx::query("update category set access = 'code' where slug = 'university'").execute(&app.db).await.expect("it");
    let db = app.db.clone();
    tour(&app, Some("staff"), async move |mut tour| {
        tour.opens("on-the-spot", &format!("{staff}/attendees/new?country=AT")).await;
        tour.browser.clicks("Register").await;
        tour.browser.sees("need your attention").await;
        tour.checks("on-the-spot-wrong").await;
        tour.opens("on-the-spot-again", &format!("{staff}/attendees/new?country=AT&city=Graz")).await;
        for (label, text) in [("Name", "Gruber, Anna"), ("E-mail", "anna@graz.example"), ("Organisation", "Graz")] {
            tour.browser.fills(label, text).await;
        }
        tour.browser.chooses("Category", "University (with a code)").await;
        tour.browser.clicks("Register").await;
        tour.browser.sees("Is this the same person?").await;
        tour.checks("on-the-spot-alike").await;
        sqlx::query("update capacity set places = taken").execute(&db).await.expect("a full conference");
        tour.browser.clicks("It is somebody else").await;
        tour.browser.sees("Rules stand against this").await;
        tour.checks("on-the-spot-against").await;
        tour.browser.clicks("Register all the same").await;
        tour.browser.sees("attention").await;
        tour.checks("on-the-spot-without-reason").await;
        tour.browser.fills("Reason", "A guest of the mayor").await;
        tour.browser.clicks("Register all the same").await;
        tour.browser.sees("Tell the caller the reference").await;
        tour.checks("on-the-spot-registered").await;
        tour.opens("add", &format!("{staff}/registrations/{registration}/add")).await;
        for (label, text) in [("Name", "Boris Maier"), ("E-mail", "boris@graz.example")] {
            tour.browser.fills(label, text).await;
        }
        tour.browser.chooses("Category", "Member city (full)").await;
        tour.browser.clicks("Add this person").await;
        tour.browser.sees("stand against this").await;
        tour.checks("add-against").await;
        tour.browser.clicks("Put on the waiting list").await;
        tour.browser.sees("Added to the waiting list.").await;
        tour.checks("add-waiting").await;
        tour.opens("choices", &format!("{staff}/attendees/{anna}/choices")).await;
        tour.browser.chooses("Category", "University (full)").await;
        tour.browser.clicks("Save").await;
        tour.browser.sees("stand against this").await;
        tour.checks("choices-against").await;
        tour.opens("offer-none", &format!("{staff}/attendees/{anna}/offer")).await;
        // Anna cancels, so her place is offered to Boris.
        tour.opens("offer-before", &format!("{staff}/attendees/{anna}/cancel")).await;
        tour.browser.fills("Reason", "Telephoned").await;
        tour.browser.clicks("Cancel the place").await;
        tour.browser.sees("Cancelled.").await;
        let boris: String = sqlx::query_scalar("select id::text from attendee where state = 'offered'")
            .fetch_one(&db)
            .await
            .expect("an offer");
        tour.opens("offered", &format!("{staff}/attendees/{boris}/offer")).await;
        tour.browser.clicks("Accept the place").await;
        tour.browser.sees("The place is accepted.").await;
        tour.opens("choices-none", &format!("{staff}/attendees/{anna}/choices")).await;
        tour
    })
    .await;
}
