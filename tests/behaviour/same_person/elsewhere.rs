//! Other ways in which somebody gets the name and address of somebody else: nothing fails, and the desk shows both.

use super::{BUTTON, Site, named, people, to};
use crate::{
    managing::{cancels, link, three_from_graz},
    registering::{count, registers},
    support::{Page, Person, TestApp},
};

/// Opens the page of Dora, found with these words.
async fn opened(staff: &Person, words: &str) -> Page {
    let list = staff.opens(&format!("/staff/leipzig-2018/attendees?q={words}")).await;
    staff.follows(&list, "Dora").await
}

/// Registers Anna, Boris and Carla, and Dora apart from them. Returns the contact's link of the three.
async fn three_and_dora(app: &TestApp) -> String {
    let [contact, ..] = three_from_graz(app).await;
    let dora = app.delegate();
    let form = super::again(&dora, "Dora", "dora@linz.example").await;
    dora.sends(form).await.must_say("You are registered");
    contact
}

#[tokio::test]
async fn adding_and_transferring_to_somebody_who_is_registered_already_tells_nothing_and_the_desk_shows_both() {
    let app = TestApp::start().await;
    let contact = three_and_dora(&app).await;
    let anna = app.delegate();
    let form = anna.opens(&format!("{contact}/add")).await.form("Add this person");
    let form = form.fill("Name", "Dora").fill("E-mail", "dora@linz.example").choose("Category", "Member city");
    anna.sends(form).await.must_say("Added.").must_not_say("already");
    assert_eq!(count(&app, "select count(*) from attendee where name = 'Dora' and is_another").await, 1);
    let staff = app.staff().await;
    opened(&staff, "dora").await.must_say("Same name and address:");
    let reference: Vec<String> = sqlx::query_scalar(
        "select reference from registration where exists (select from attendee where registration_id = registration.id and name = 'Dora')",
    )
    .fetch_all(&app.db)
    .await
    .expect("two");
    for (one, other) in [(0, 1), (1, 0)] {
        let page = opened(&staff, &reference[one]).await;
        staff.follows(&page, &format!("registration {}", reference[other])).await.must_say("Dora");
    }
    // Twice on one registration stays an error beside the field.
    let form = anna.opens(&format!("{contact}/add")).await.form("Add this person");
    let form = form.fill("Name", "dora").fill("E-mail", "dora@linz.example").choose("Category", "Member city");
    anna.sends(form).await.must_be(422);

    let page = anna.opens(&contact).await;
    cancels(&anna, &page, "Cancel for Dora …", "Yes, cancel").await;
    opened(&staff, &reference[0]).await.must_not_say("Same name and address");
    let page = anna.opens(&contact).await;
    let form = anna.follows(&page, "Transfer the place of Boris …").await.form("Transfer the place");
    anna.sends(form.fill("Name", "Dora").fill("E-mail", "dora@linz.example")).await.must_say("Transferred.");
    let marked = "select count(*) from attendee where name = 'Dora' and is_another and state = 'confirmed'";
    assert_eq!(count(&app, marked).await, 1);
}

#[tokio::test]
async fn a_correction_to_the_name_and_address_of_somebody_else_is_saved_and_one_away_from_it_too() {
    let app = TestApp::start().await;
    three_and_dora(&app).await;
    let staff = app.staff().await;
    let page = staff.opens("/staff/leipzig-2018/attendees?q=boris").await;
    let page = staff.follows(&page, "Boris").await;
    let correct = async |name: &str, email: &str| {
        let form = staff.follows(&staff.opens(&page.path).await, "Correct").await.form("Save");
        staff.sends(form.fill_in("Attendee", "Name", name).fill_in("Attendee", "E-mail", email)).await
    };
    correct("Dora", "dora@linz.example").await.must_say("Corrected.").must_say("Same name and address:");
    assert!(people(&app).await.contains(&("Dora".to_owned(), true)));
    correct("Boris", "boris@graz.example").await.must_say("Corrected.").must_not_say("Same name and address");
    assert!(people(&app).await.iter().all(|(_, another)| !another));
    // The next registration of Boris is asked about again.
    let delegate = app.delegate();
    delegate.sends(super::again(&delegate, "Boris", "boris@graz.example").await).await.must_say(super::CHECK);
}

#[tokio::test]
async fn a_new_address_that_somebody_else_of_the_name_has_is_confirmed() {
    let app = TestApp::start().await;
    let contact = three_and_dora(&app).await;
    sqlx::query("update attendee set name = 'Dora', name_folded = 'dora' where name = 'Boris'")
        .execute(&app.db)
        .await
        .expect("a namesake");
    let anna = app.delegate();
    let form = anna.follows(&anna.opens(&contact).await, "Change e-mail address of Dora").await.form("Send the link");
    anna.sends(form.fill("New e-mail address", "dora@linz.example")).await.must_say("Check the new mailbox.");
    let (secret, hash) = crate::support::secret();
    sqlx::query(
        "insert into link (id, conference_id, hash, purpose, registration_id, attendee_id, email_change_id)
         select gen_random_uuid(), conference_id, $1, 'confirm_email', registration_id, attendee_id, id from email_change",
    )
    .bind(hash)
    .execute(&app.db)
    .await
    .expect("a link");
    let page = anna.opens(&format!("/confirm-email/{secret}")).await;
    anna.sends(page.form("Confirm dora@linz.example")).await.must_say("The new address is confirmed");
    assert_eq!(count(&app, "select count(*) from attendee where name = 'Dora' and is_another").await, 1);
}

#[tokio::test]
async fn the_cancellation_of_somebody_who_registered_again_is_undone_only_by_staff() {
    let app = TestApp::start().await;
    registers(&app.delegate(), "Anna", "anna@graz.example").await.must_say("You are registered");
    let manage = link(&app, None).await;
    let anna = app.delegate();
    let page = anna.opens(&manage).await;
    cancels(&anna, &page, "Cancel the registration …", "Yes, cancel").await;
    registers(&app.delegate(), "Anna", "anna@graz.example").await.must_say("You are registered");
    assert!(!anna.opens(&manage).await.has_form("Undo the cancellation of Anna"));
    assert_eq!(people(&app).await, named(&[("Anna", false)]));
    let staff = app.staff().await;
    let list = staff.opens("/staff/leipzig-2018/attendees?state=cancelled").await;
    let page = staff.follows(&list, "Anna").await;
    let page = staff.follows(&page, "Undo the cancellation …").await;
    page.must_say("Already registered again");
    staff.sends(page.form("Undo the cancellation")).await.must_say("undone").must_say("Same name and address:");
}

#[tokio::test]
async fn the_history_at_the_desk_says_that_the_form_was_sent_again() {
    let mut site = Site::with_anna().await;
    let delegate = site.app.delegate();
    let page = site.asked(&delegate).await;
    let staff = site.app.staff().await;
    let list = staff.opens("/staff/leipzig-2018/attendees").await;
    let anna = staff.follows(&list, "Anna").await;
    anna.must_say("Registration of the same name and address sent, not completed")
        .must_say("Registered already, or another person");
    anna.must_not_say("Same name and address:");
    delegate.sends(page.form(BUTTON)).await.must_say("You are registered");
    staff.opens(&anna.path).await.must_say("Same name and address:");
    registers(&site.app.delegate(), "Boris", "anna@graz.example").await.must_say("You are registered");
    let search = staff.opens("/staff/leipzig-2018/attendees").await.form("Search");
    let found = staff.sends(search.tick("have the name and address of somebody else")).await;
    assert_eq!(found.rows().len(), 2, "both of the name Anna");
    found.must_not_say("Boris");
    let manage = to(&site.seen, "anna@graz.example").link("/manage/");
    let page = delegate.opens(&manage).await;
    cancels(&delegate, &page, "Cancel the registration …", "Yes, cancel").await;
    assert_eq!(staff.opens(&found.path).await.rows().len(), 0, "only one of them is left");
}

#[tokio::test]
async fn a_mail_that_waits_while_the_place_is_transferred_is_not_sent() {
    let mut site = Site::with_anna().await;
    let delegate = site.app.delegate();
    let two = super::two(&delegate, ("Clara", "clara@graz.example"), ("Boris", "boris@graz.example")).await;
    delegate.sends(two).await.must_say("Boris, Member city");
    let told = site.told(3).await;
    let manage = to(&told, "clara@graz.example").link("/manage/");
    site.server.answers("451 4.7.1 Try again later");
    delegate.sends(super::again(&delegate, "Boris", "boris@graz.example").await).await.must_say(super::CHECK);
    let page = delegate.opens(&manage).await;
    let form = delegate.follows(&page, "Transfer the place of Boris …").await.form("Transfer the place");
    delegate.sends(form.fill("Name", "Dora").fill("E-mail", "dora@linz.example")).await.must_say("Transferred.");
    let discarded = "select count(*) from message where kind = 'already_registered' and state = 'discarded'";
    assert_eq!(count(&site.app, discarded).await, 1);
}
