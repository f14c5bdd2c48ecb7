//! Staff choose many attendees in the list and do something with all of them.

use super::{
    desk_list::{ATTENDEES, names},
    registering::{count, registers},
};
use crate::support::{Form, MailServer, Page, Person, TestApp};

async fn three(app: &TestApp) {
    for (name, email) in
        [("Anna Abel", "a@graz.example"), ("Boris Berg", "b@graz.example"), ("Carla Cohn", "c@linz.example")]
    {
        registers(&app.delegate(), name, email).await;
    }
}

async fn id(app: &TestApp, name: &str) -> String {
    let statement = "select id::text from attendee where name = $1";
    sqlx::query_scalar(statement).bind(name).fetch_one(&app.db).await.expect("the attendee")
}

/// Opens the form that cancels all of this list.
async fn cancelling(staff: &Person, query: &str) -> Page {
    let list = staff.opens(&format!("{ATTENDEES}?{query}")).await;
    let all = list.texts("button").into_iter().find(|words| words.starts_with("With all")).expect("the button");
    let many = staff.sends(list.form(&all)).await;
    staff.follows(&many, "Cancel them …").await
}

fn sure(page: &Page) -> Form {
    let button =
        page.texts("main form button").into_iter().find(|words| words.starts_with("Cancel")).expect("the button");
    page.form(&button)
}

async fn limits(app: &TestApp, places: i32) {
    sqlx::query("update capacity set places = $1 where category_id is null")
        .bind(places)
        .execute(&app.db)
        .await
        .expect("a limit");
}

#[tokio::test]
async fn those_who_are_ticked_are_named_before_anything_happens() {
    let app = TestApp::start().await;
    three(&app).await;
    let staff = app.staff().await;
    let list = staff.opens(ATTENDEES).await;
    let (anna, carla) = (id(&app, "Anna Abel").await, id(&app, "Carla Cohn").await);
    let many = staff.opens(&format!("/staff/leipzig-2018/many?scope=chosen&view=&id={anna}&id={carla}")).await;
    assert_eq!(many.heading(), "2 attendees");
    many.must_say("Anna Abel, Carla Cohn.").must_not_say("Boris Berg");
    assert_eq!(names(&staff.follows(&many, "Back to the list").await), ["Anna Abel", "Carla Cohn"]);
    staff.sends(list.form("With the chosen …")).await.must_say("Nobody is chosen");
    let all = staff.sends(staff.opens(&format!("{ATTENDEES}?q=graz.example")).await.form("With all 2 …")).await;
    all.must_say("Anna Abel, Boris Berg.");
}

#[tokio::test]
async fn many_are_cancelled_at_once_and_come_back_at_once() {
    let server = MailServer::start().await;
    let app = TestApp::start_with(|settings| server.serves(settings)).await;
    three(&app).await;
    let staff = app.staff().await;
    let page = cancelling(&staff, "q=graz.example").await;
    page.must_say("Cancel 2 attendees?").must_say("Anna Abel, Boris Berg.");
    staff.sends(sure(&page)).await.must_be(422).must_say("Give the reason");
    // The message is shown before it is sent.
    let form = sure(&page).fill("Reason", "Their city withdrew").fill("Message", "We are sorry.");
    let shown = staff.sends(form).await;
    shown.must_be(200).must_say("This is sent to all of them and their contacts");
    assert_eq!(count(&app, "select count(*) from attendee where state = 'cancelled'").await, 0);
    let done = staff.sends(sure(&shown)).await;
    done.must_say("Cancelled: 2 attendees").must_say("Their city withdrew");
    assert_eq!(count(&app, "select count(*) from attendee where state = 'cancelled'").await, 2);
    assert_eq!(count(&app, "select taken::bigint from capacity where category_id is null").await, 1);
    assert_eq!(count(&app, "select count(*) from message where kind = 'cancellation'").await, 2);
    // It is found again by any of them.
    let boris = staff.opens(&format!("{ATTENDEES}/{}", id(&app, "Boris Berg").await)).await;
    let done = staff.follows(&boris, "Cancelled together with 1 other").await;
    let undone = staff.sends(done.form("Undo for all of them")).await;
    undone.must_say("All of them are back.");
    assert_eq!(count(&app, "select count(*) from attendee where state = 'confirmed'").await, 3);
    // A second undo in another tab changes nothing.
    staff.sends(done.form("Undo for all of them")).await.must_be(200);
    assert_eq!(count(&app, "select count(*) from audit where kind = 'attendee_reinstated'").await, 2);
}

#[tokio::test]
async fn those_who_cannot_come_back_are_named_and_can_join_the_waiting_list() {
    let app = TestApp::start().await;
    three(&app).await;
    limits(&app, 3).await;
    let staff = app.staff().await;
    let page = cancelling(&staff, "q=graz.example").await;
    let done =
        staff.sends(sure(&page).fill("Reason", "By mistake").untick("Tell the attendees and their contacts")).await;
    registers(&app.delegate(), "Dora Dorn", "d@wels.example").await;
    let undone = staff.sends(done.form("Undo for all of them")).await;
    undone.must_say("One person could not return").must_say("Boris Berg");
    let queued = staff.sends(undone.form("Put them on the waiting list")).await;
    queued.must_say("All of them are back.");
    assert_eq!(count(&app, "select count(*) from attendee where state = 'waiting' and name = 'Boris Berg'").await, 1);
    assert_eq!(count(&app, "select taken::bigint from capacity where category_id is null").await, 3);
    staff.sends(undone.form("Put them on the waiting list")).await.must_be(200);
    assert_eq!(count(&app, "select count(*) from message where kind = 'waiting'").await, 1);
    assert_eq!(count(&app, "select count(*) from message where kind = 'cancellation'").await, 0);
}

#[tokio::test]
async fn nobody_is_cancelled_if_the_list_has_changed_since_the_form_was_opened() {
    let app = TestApp::start().await;
    three(&app).await;
    let staff = app.staff().await;
    let page = cancelling(&staff, "q=graz.example").await;
    registers(&app.delegate(), "Emil Engel", "e@graz.example").await;
    let refused = staff.sends(sure(&page).fill("Reason", "Their city withdrew")).await;
    refused.must_be(409).must_say("The list has changed").must_say("Emil Engel");
    assert_eq!(count(&app, "select count(*) from attendee where state = 'cancelled'").await, 0);
    let done = staff.sends(sure(&refused)).await;
    done.must_say("Cancelled: 3 attendees").must_say("Their city withdrew");
}

#[tokio::test]
async fn the_category_of_many_is_changed_as_far_as_it_has_places_and_changed_back() {
    let app = TestApp::start().await;
    three(&app).await;
    sqlx::query(
        "update capacity set places = 2 from category where category.id = category_id and category.name = 'University'",
    )
    .execute(&app.db)
    .await
    .expect("a limit");
    let staff = app.staff().await;
    let list = staff.opens(ATTENDEES).await;
    let many = staff.sends(list.form("With all 3 …")).await;
    let page = staff.follows(&many, "Change the category …").await;
    let refused = staff.sends(page.form("Change 3 attendees")).await;
    refused.must_be(422).must_say("Choose a category").must_say("Give the reason");
    let form = page.form("Change 3 attendees").choose("Category", "University").fill("Reason", "They teach");
    let done = staff.sends(form).await;
    done.must_say("Category changed: 2 attendees").must_say("The category had no place for one person.");
    done.must_say("Carla Cohn");
    let in_university =
        "select count(*) from attendee join category on category.id = category_id where category.name = 'University'";
    assert_eq!(count(&app, in_university).await, 2);
    let undone = staff.sends(done.form("Undo for all of them")).await;
    undone.must_say("All of them are back.");
    assert_eq!(count(&app, in_university).await, 0);
}

#[tokio::test]
async fn people_who_are_only_similar_are_never_taken_all_at_once() {
    let app = TestApp::start().await;
    registers(&app.delegate(), "Katharina Steinbrecher", "ks@graz.example").await;
    let staff = app.staff().await;
    let list = staff.opens(&format!("{ATTENDEES}?q=steinbrehcer")).await;
    assert_eq!(names(&list), ["Katharina Steinbrecher"]);
    assert!(
        list.has_form("With the chosen …") && !list.texts("button").iter().any(|words| words.starts_with("With all"))
    );
    assert!(list.find_link("Save as a file or print").is_none() && list.find_link("Write to these …").is_none());
    // Nor by an address that somebody has kept.
    for page in ["many?view=q%3Dsteinbrehcer", "many/cancel?q=steinbrehcer"] {
        staff.opens(&format!("/staff/leipzig-2018/{page}")).await.must_not_say("Katharina");
    }
    let file = staff.opens("/staff/leipzig-2018/attendees.csv?q=steinbrehcer&recipe=everyone").await;
    file.must_not_say("Katharina");
}

#[tokio::test]
async fn more_people_than_can_be_changed_at_once_are_only_written_to_and_saved() {
    let app = TestApp::start().await;
    crate::mailings::people(&app.db, 2001).await;
    let staff = app.staff().await;
    let many = staff.sends(staff.opens(ATTENDEES).await.form("With all 2,001 …")).await;
    assert_eq!(many.heading(), "More than 2,000 attendees");
    many.must_say("At most 2,000 attendees can be cancelled or changed at once.");
    assert!(many.find_link("Write to them …").is_some() && many.find_link("Save as a file or print …").is_some());
    assert!(many.find_link("Cancel them …").is_none() && many.find_link("Change the category …").is_none());
    for what in ["cancel", "category"] {
        let page = staff.opens(&format!("/staff/leipzig-2018/many/{what}")).await;
        page.must_say("At most 2,000 attendees");
        assert!(page.texts("main form button").is_empty());
    }
    // A form that was opened for fewer does nothing to more.
    let form = sure(&staff.opens("/staff/leipzig-2018/many/cancel?q=0001").await);
    staff.sends(form.fill("Reason", "x").to("/staff/leipzig-2018/many/cancel")).await.must_be(409);
    assert_eq!(count(&app, "select count(*) from attendee where state = 'cancelled'").await, 0);
}

#[tokio::test]
async fn whoever_was_not_told_of_a_change_is_not_told_that_it_is_undone() {
    let app = TestApp::start().await;
    three(&app).await;
    let staff = app.staff().await;
    sqlx::query("delete from message").execute(&app.db).await.expect("an empty outbox");
    let untold = "Tell the attendees and their contacts";
    let form = sure(&cancelling(&staff, "q=graz.example").await).fill("Reason", "By mistake").untick(untold);
    staff.sends(staff.sends(form).await.form("Undo for all of them")).await.must_say("All of them are back.");
    let page = staff.opens("/staff/leipzig-2018/many/category?q=graz.example").await;
    let form =
        page.form("Change 2 attendees").choose("Category", "University").fill("Reason", "By mistake").untick(untold);
    staff.sends(staff.sends(form).await.form("Undo for all of them")).await.must_say("All of them are back.");
    assert_eq!(count(&app, "select count(*) from message where kind not like 'operations%'").await, 0);
}

/// Cancels those of Graz at once, without telling them, and returns the page of the batch.
async fn cancelled(staff: &Person) -> Page {
    let form = sure(&cancelling(staff, "q=graz.example").await).fill("Reason", "Their city withdrew");
    staff.sends(form.untick("Tell the attendees and their contacts")).await
}

#[tokio::test]
async fn undoing_leaves_what_somebody_has_decided_since_then() {
    let app = TestApp::start().await;
    three(&app).await;
    let staff = app.staff().await;
    let batch = cancelled(&staff).await;
    // Boris returns and withdraws himself.
    let boris = staff.opens(&format!("{ATTENDEES}/{}", id(&app, "Boris Berg").await)).await;
    let undo = staff.follows(&boris, "Undo the cancellation …").await;
    let boris = staff.sends(undo.form("Undo the cancellation")).await;
    let cancel = staff.follows(&boris, "Cancel …").await;
    staff.sends(cancel.form("Cancel the place").fill("Reason", "He is ill")).await.must_say("Cancelled.");
    let undone = staff.sends(batch.form("Undo for all of them")).await;
    undone.must_say("Somebody has decided something else about one person").must_say("Boris Berg");
    undone.must_not_say("could not return");
    assert!(!undone.has_form("Put them on the waiting list"), "he does not wait either");
    staff.sends(batch.form("Undo for all of them").to(&format!("{}/wait", batch.path))).await.must_be(200);
    let states = "select count(*) from attendee where state = 'cancelled' and name = 'Boris Berg' and cancel_reason = 'He is ill'";
    assert_eq!(count(&app, states).await, 1);
    assert_eq!(count(&app, "select count(*) from attendee where state = 'confirmed'").await, 2);
}

#[tokio::test]
async fn undoing_a_change_of_category_leaves_those_who_have_another_one_by_now() {
    let app = TestApp::start().await;
    three(&app).await;
    let staff = app.staff().await;
    let page = staff.opens("/staff/leipzig-2018/many/category?q=graz.example").await;
    let batch = staff
        .sends(page.form("Change 2 attendees").choose("Category", "University").fill("Reason", "They teach"))
        .await;
    let boris = staff.opens(&format!("{ATTENDEES}/{}/choices", id(&app, "Boris Berg").await)).await;
    staff.sends(boris.form("Save").choose("Category", "Other public organisation")).await.must_say("Saved.");
    let undone = staff.sends(batch.form("Undo for all of them")).await;
    undone.must_say("Somebody has decided something else about one person").must_say("Boris Berg");
    let other = "select count(*) from attendee join category on category.id = category_id
                 where category.name = 'Other public organisation' and attendee.name = 'Boris Berg'";
    assert_eq!(count(&app, other).await, 1);
    let university =
        "select count(*) from attendee join category on category.id = category_id where category.name = 'University'";
    assert_eq!(count(&app, university).await, 0);
}
