//! The contact of a registration: one who attends has the name and address of the attendee.

use super::{
    desk::{opened, two_from_graz},
    desk_list::ATTENDEES,
    registering::mails,
};
use crate::support::{Form, Page, Person, TestApp};

/// Corrects an attendee and returns the attendee's page.
async fn corrects(staff: &Person, name: &str, change: impl FnOnce(Form) -> Form) -> Page {
    let page = staff.follows(&opened(staff, name).await, "Correct").await;
    let page = staff.sends(change(page.form("Save"))).await;
    page.must_say("Corrected.");
    page
}

/// Returns the contact of the registration, and whether it is an attendee.
async fn contact(app: &TestApp) -> (String, String, bool) {
    sqlx::query_as(
        "select name, email, contact_attendee_id is not null from contact join registration on id = registration_id",
    )
    .fetch_one(&app.db)
    .await
    .expect("the contact")
}

fn is(name: &str, email: &str, attends: bool) -> (String, String, bool) {
    (name.to_owned(), email.to_owned(), attends)
}

#[tokio::test]
async fn a_contact_who_attends_is_corrected_once_for_both() {
    let app = TestApp::start().await;
    two_from_graz(&app).await;
    assert_eq!(contact(&app).await, is("Anna Gruber", "anna@graz.example", true));
    let staff = app.staff().await;
    let page = corrects(&staff, "Anna Gruber", |form| {
        form.fill_in("Attendee", "Name", "Anna Huber").fill_in("Attendee", "E-mail", "anna.huber@graz.example")
    })
    .await;
    page.must_say("Name: Anna Gruber").must_say("became Anna Huber").must_not_say("Registration corrected");
    page.must_say("The links in earlier mails to the old address no longer work.");
    assert_eq!(contact(&app).await, is("Anna Huber", "anna.huber@graz.example", true));
    // The colleague's page shows the contact, and the search finds the colleague by the contact's new name.
    opened(&staff, "Boris Maier").await.must_say("anna.huber@graz.example").must_not_say("Gruber");
    staff.opens(&format!("{ATTENDEES}?q=huber")).await.must_say("Boris Maier").must_say("2 attendees found");
    staff.opens(&format!("{ATTENDEES}?q=gruber")).await.must_not_say("Boris Maier");
    // The confirmation that is sent again goes to the new address.
    staff.sends(page.form("Send the confirmation to anna.huber@graz.example")).await.must_say("On its way.");
    assert_eq!(mails(&app).await[3], ("contact_confirmation".into(), "anna.huber@graz.example".into()));
}

#[tokio::test]
async fn correcting_a_colleague_leaves_the_contact_as_it_is() {
    let app = TestApp::start().await;
    two_from_graz(&app).await;
    let staff = app.staff().await;
    corrects(&staff, "Boris Maier", |form| form.fill("Organisation", "Stadt Graz")).await;
    assert_eq!(contact(&app).await, is("Anna Gruber", "anna@graz.example", true));
}

#[tokio::test]
async fn somebody_else_becomes_the_contact_and_the_attendee_stays() {
    let app = TestApp::start().await;
    two_from_graz(&app).await;
    let staff = app.staff().await;
    let page = corrects(&staff, "Anna Gruber", |form| {
        form.fill("Contact", "Clara Office").fill("Contact’s e-mail", "office@graz.example")
    })
    .await;
    page.must_say("Registration corrected").must_say("Contact: Anna Gruber").must_say("became Clara Office");
    assert_eq!(page.heading(), "Anna Gruber");
    assert_eq!(contact(&app).await, is("Clara Office", "office@graz.example", false));
    // From now on, a correction of the attendee is not one of the contact.
    corrects(&staff, "Anna Gruber", |form| form.fill_in("Attendee", "Name", "Anna Huber")).await;
    assert_eq!(contact(&app).await, is("Clara Office", "office@graz.example", false));
}

#[tokio::test]
async fn a_colleague_who_becomes_the_contact_is_one_record_from_then_on() {
    let app = TestApp::start().await;
    two_from_graz(&app).await;
    let staff = app.staff().await;
    corrects(&staff, "Anna Gruber", |form| {
        form.fill("Contact", "boris maier").fill("Contact’s e-mail", "Boris@Graz.example")
    })
    .await;
    assert_eq!(contact(&app).await, is("Boris Maier", "boris@graz.example", true));
    corrects(&staff, "Boris Maier", |form| form.fill_in("Attendee", "E-mail", "maier@graz.example")).await;
    assert_eq!(contact(&app).await, is("Boris Maier", "maier@graz.example", true));
}

#[tokio::test]
async fn a_contact_is_somebody_or_an_attendee_of_the_same_registration_and_never_both() {
    let app = TestApp::start().await;
    two_from_graz(&app).await;
    for (wrong, constraint) in [
        ("contact_name = 'Anna Gruber', contact_email = 'anna@graz.example'", "registration_contact_once"),
        ("contact_attendee_id = null", "registration_contact_once"),
        ("contact_attendee_id = gen_random_uuid()", "registration_contact_attendee"),
    ] {
        let sql = format!("update registration set {wrong}");
        let error = sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&app.db).await.expect_err("refused");
        let refused = error.as_database_error().and_then(sqlx::error::DatabaseError::constraint).map(str::to_owned);
        assert_eq!(refused.as_deref(), Some(constraint), "{wrong}");
    }
}
