//! What staff do on the page of one attendee: notes, sort names, cancelling with or without a word to the attendee.

use super::{
    desk::opened,
    desk_list::{ATTENDEES, names},
    registering::{count, registers},
    signing_in::{PASSWORD, signs_in, with_password},
};
use crate::support::{MailServer, Page, Person, TestApp};

async fn cancelling(staff: &Person, name: &str) -> Page {
    staff.follows(&opened(staff, name).await, "Cancel …").await
}

#[tokio::test]
async fn a_cancellation_says_to_the_delegate_only_what_staff_write_for_them_and_shows_it_before() {
    let server = MailServer::start().await;
    let app = TestApp::start_with(|settings| server.serves(settings)).await;
    registers(&app.delegate(), "Anna Gruber", "anna@graz.example").await;
    server.received(2).await;
    let staff = app.staff().await;
    let form = cancelling(&staff, "Anna Gruber").await.form("Cancel the place");
    let form =
        form.fill("Reason", "Did not pay after three reminders").fill("Message", "We are sorry.\nSee you next year!");
    let shown = staff.sends(form).await;
    shown.must_be(200).must_say("This is sent to anna@graz.example").must_say("See you next year!");
    assert_eq!(count(&app, "select count(*) from attendee where state = 'cancelled'").await, 0);
    // A message that is changed after it was shown is shown again.
    let changed = staff.sends(shown.form("Cancel the place").fill("Message", "We are sorry.")).await;
    changed.must_say("This is sent to anna@graz.example");
    staff
        .sends(changed.form("Cancel the place"))
        .await
        .must_say("Cancelled.")
        .must_say("Did not pay after three reminders");
    let mails = server.received(4).await;
    let texts: Vec<_> = mails.iter().map(crate::support::Mail::text).collect();
    let delegate = texts
        .iter()
        .find(|text| text.contains("We are sorry."))
        .unwrap_or_else(|| panic!("no mail to the delegate: {texts:#?}"));
    assert!(!delegate.contains("reminders"), "{delegate}");
    let operations = texts.iter().find(|text| text.contains("three reminders")).expect("a mail to operations");
    assert!(!operations.contains("sorry"), "{operations}");
}

#[tokio::test]
async fn a_duplicate_is_cancelled_without_a_mail_to_the_delegate_unless_staff_say_so() {
    let server = MailServer::start().await;
    let app = TestApp::start_with(|settings| server.serves(settings)).await;
    registers(&app.delegate(), "Anna Gruber", "anna@graz.example").await;
    registers(&app.delegate(), "Boris Maier", "boris@graz.example").await;
    sqlx::query(
        "update attendee set name = 'Anna Gruber', name_folded = 'anna gruber', email = 'anna@graz.example',
             email_normalised = 'anna@graz.example', is_another = true where name = 'Boris Maier'",
    )
    .execute(&app.db)
    .await
    .expect("the same person");
    server.received(4).await;
    let staff = app.staff().await;
    let page = staff.follows(&opened(&staff, "Anna Gruber").await, "Cancel …").await;
    page.must_say("nobody is told unless you say so");
    let form = page.form("Cancel the place").fill("Reason", "Registered twice");
    assert!(form.ticked_in("E-mails").is_empty());
    staff.sends(form).await.must_say("Cancelled.");
    let about = "select count(*) from message where kind = 'cancellation'";
    assert_eq!(count(&app, about).await, 0);
    assert_eq!(count(&app, "select count(*) from message where kind = 'operations_cancellation'").await, 1);
}

#[tokio::test]
async fn notes_are_read_by_staff_only_and_can_be_removed() {
    let app = TestApp::start().await;
    registers(&app.delegate(), "Anna Gruber", "anna@graz.example").await;
    let staff = app.staff().await;
    let page = opened(&staff, "Anna Gruber").await;
    let refused = staff.sends(page.form("Add the note")).await;
    refused.must_be(422);
    assert_eq!(refused.errors()[0].1, "Write the note");
    let long = staff.sends(page.form("Add the note").fill("New note", &"x".repeat(2001))).await;
    long.must_be(422);
    assert_eq!(long.form("Add the note").value("New note").len(), 2001);
    let noted =
        staff.sends(page.form("Add the note").fill("New note", "Calls again on Monday.\nNeeds a letter.")).await;
    noted.must_say("Noted.").must_say("Calls again on Monday.");
    let colleague = app.staff().await;
    let page = opened(&colleague, "Anna Gruber").await;
    page.must_say("Needs a letter.");
    let removed = colleague.sends(page.form("Remove this note")).await;
    removed.must_say("The note is removed.").must_not_say("Needs a letter.");
    staff.sends(page.form("Remove this note")).await.must_be(200);
    assert_eq!(count(&app, "select count(*) from audit where kind in ('note_added', 'note_removed')").await, 2);
}

#[tokio::test]
async fn the_list_is_sorted_by_last_names_and_staff_can_correct_them() {
    let app = TestApp::start().await;
    for name in ["Jan van der Berg", "Anna Zeller", "Zoe Adam"] {
        let email = format!("{}@graz.example", name.split(' ').next().expect("a name").to_lowercase());
        registers(&app.delegate(), name, &email).await;
    }
    let staff = app.staff().await;
    let sorted = format!("{ATTENDEES}?sort=sort-name");
    assert_eq!(names(&staff.opens(&sorted).await), ["Zoe Adam", "Jan van der Berg", "Anna Zeller"]);
    let form = staff.follows(&opened(&staff, "Jan van der Berg").await, "Correct").await.form("Save");
    let saved = staff.sends(form.fill("Sort name", "van der Berg, Jan")).await;
    saved.must_say("Corrected.").must_say("Sort name");
    assert_eq!(names(&staff.opens(&sorted).await), ["Zoe Adam", "Jan van der Berg", "Anna Zeller"]);
    let form = staff.follows(&opened(&staff, "Anna Zeller").await, "Correct").await.form("Save");
    staff.sends(form.fill("Sort name", "Aa")).await.must_say("Corrected.");
    assert_eq!(names(&staff.opens(&sorted).await), ["Anna Zeller", "Zoe Adam", "Jan van der Berg"]);
}

#[tokio::test]
async fn an_attendees_page_shows_only_the_mails_to_that_person_and_the_others_apart() {
    let app = TestApp::start().await;
    let delegate = app.delegate();
    let page = delegate.sends(super::registering::form(&delegate).await.forge("do", "add")).await;
    let sent = super::registering::filled(page.form("Register"), "Anna Gruber", "anna@graz.example")
        .fill_in("Person 2", "Name", "Boris Maier")
        .fill_in("Person 2", "E-mail", "boris@graz.example")
        .choose_in("Person 2", "Category", "University");
    delegate.sends(sent).await.must_say("You are registered");
    let staff = app.staff().await;
    let boris = opened(&staff, "Boris Maier").await;
    let lists = boris.texts("ul.mails");
    assert_eq!(lists.len(), 2);
    assert!(lists[0].contains("boris@graz.example") && !lists[0].contains("anna@graz.example"), "{lists:?}");
    assert!(lists[1].contains("anna@graz.example") && lists[1].contains("operations"), "{lists:?}");
    let anna = opened(&staff, "Anna Gruber").await;
    assert!(anna.texts("ul.mails")[0].contains("anna@graz.example"));
    anna.must_say("City of Graz");
}

#[tokio::test]
async fn a_note_survives_the_end_of_a_login() {
    let app = TestApp::start().await;
    registers(&app.delegate(), "Anna Gruber", "anna@graz.example").await;
    let account = with_password(&app, "staff").await;
    let staff = app.delegate();
    signs_in(&staff, &account.email, PASSWORD).await;
    let form = opened(&staff, "Anna Gruber").await.form("Add the note").fill("New note", "Calls back on Monday");
    app.it_is(app.now() + time::Duration::hours(13));
    let asked = staff.sends(form).await;
    asked.must_be(401);
    let back = staff.sends(asked.form("Sign in").fill("E-mail", &account.email).fill("Password", PASSWORD)).await;
    back.must_be(200).must_say("Not saved yet.");
    staff.sends(back.form("Add the note")).await.must_say("Noted.").must_say("Calls back on Monday");
}
