//! A coordinator registers a group of one organisation, typed or pasted from a spreadsheet.

mod adding;
mod pasting;
mod problems;

use std::fmt::Write;

use crate::{
    owing::app_with_fees,
    registering::{count, filled, mails},
    support::{Form, LEIPZIG, MailServer, Page, Person, TestApp},
};

const PASTE: &str = "Rows of the spreadsheet";
const ADD: &str = "Add these people";

/// Opens the form and fills in everything about the contact, who attends as person 1.
async fn contact(delegate: &Person) -> Form {
    let page = delegate.opens(&format!("{LEIPZIG}/register")).await;
    filled(page.form(ADD), "Anna Gruber", "anna@graz.example")
}

/// Pastes rows into the form.
async fn pastes(delegate: &Person, rows: &str) -> Page {
    delegate.sends(contact(delegate).await.fill(PASTE, rows)).await
}

/// Returns rows as a spreadsheet copies them, of people with these numbers.
fn rows(numbers: impl Iterator<Item = usize>) -> String {
    numbers.fold(String::new(), |mut rows, number| {
        let _ = writeln!(rows, "Person {number:02}\tperson-{number}@graz.example\tHead of IT\tUniversity");
        rows
    })
}

/// Returns the names of the people on the form, in order.
fn people(page: &Page) -> Vec<String> {
    let form = page.form("Register");
    let names = (1..).map_while(|number| form.hidden(&format!("attendee-{number}-name")));
    names.collect()
}

/// Returns how many people are folded to one line, which has the address.
fn folded(page: &Page) -> usize {
    page.texts("[role=group] > details > summary").iter().filter(|summary| summary.contains('@')).count()
}

#[tokio::test]
async fn fifty_people_are_pasted_and_get_one_confirmation_and_a_link_each() {
    let server = MailServer::start().await;
    let app = TestApp::start_with(|settings| server.serves(settings)).await;
    let delegate = app.delegate();
    let page = pastes(&delegate, &rows(2..=50)).await;
    page.must_be(200).must_say("49 people added from the spreadsheet.").must_say("Nobody is registered yet.");
    assert_eq!(people(&page).len(), 50);
    assert!(!page.has_form("Add a colleague") && !page.has_form(ADD));
    page.must_say("You can register up to 50 people with one form.");
    let page = delegate.sends(page.form("Register")).await;
    page.must_say("You are registered").must_say("Person 50, University");

    assert_eq!(count(&app, "select count(*) from attendee where state = 'confirmed'").await, 50);
    assert_eq!(count(&app, "select count(*) from registration").await, 1);
    let kinds = mails(&app).await;
    let sent = |kind: &str| kinds.iter().filter(|(one, _)| one == kind).count();
    assert_eq!(
        (sent("operations_confirmation"), sent("contact_confirmation"), sent("attendee_confirmation")),
        (1, 1, 49)
    );
    let confirmation = server.mail_to("anna@graz.example").await;
    for words in ["Person 02", "Person 50"] {
        assert!(confirmation.text().contains(words), "{}", confirmation.text());
    }
    let theirs = server.mail_to("person-7@graz.example").await;
    let page = delegate.opens(&theirs.link("/manage/")).await;
    page.must_say("Your place").must_say("Person 07").must_not_say("Person 08").must_not_say("Anna Gruber");
}

#[tokio::test]
async fn a_form_of_fifty_people_is_short_until_somebody_has_an_error() {
    let app = TestApp::start().await;
    let delegate = app.delegate();
    let page = pastes(&delegate, &rows(2..=50)).await;
    // The contact's fields are shown, because they are elsewhere on the form.
    assert_eq!(folded(&page), 49);
    page.must_say("Person 31, person-31@graz.example, University");
    let sent = page.form("Register").forge("attendee-31-email", "person-31@graz");
    let page = delegate.sends(sent).await;
    page.must_be(422);
    assert_eq!(page.summary(), ["Person 31: Give the e-mail address in the form name@city.eu"]);
    assert_eq!(folded(&page), 48);
    assert_eq!(page.attributes("[role=group] > details[open]", "open").len(), 0);
    let five = delegate.sends(contact(&delegate).await.fill(PASTE, &rows(2..=5))).await;
    assert_eq!(folded(&five), 0);
}

#[tokio::test]
async fn a_group_has_one_set_of_amounts_which_only_the_contact_sees() {
    let server = MailServer::start().await;
    let (app, _) = app_with_fees(&server).await;
    let delegate = app.delegate();
    let page = delegate.opens(&format!("{LEIPZIG}/register")).await;
    let sent = page
        .form(ADD)
        .fill_in("You", "Name", "Anna Gruber")
        .fill_in("You", "E-mail", "anna@graz.example")
        .fill("Organisation", "City of Graz")
        .fill("City", "Graz")
        .choose("Country", "Austria")
        .choose_in("Person 1:", "Category", "Member city: EUR 450.00")
        .fill(PASTE, &rows(2..=12));
    let page = delegate.sends(sent).await;
    let sent = page
        .form("Register")
        .fill_in("Person 2", "Dietary needs", "no nuts")
        .tick_in("Person 2", &crate::registering::consent_words(2));
    let page = delegate.sends(sent).await;
    page.must_say("EUR 4,300.00");
    assert_eq!(count(&app, "select count(*) from charge").await, 12);
    let confirmation = server.mail_to("anna@graz.example").await;
    assert_eq!(confirmation.text().matches("4,300.00").count(), 2, "{}", confirmation.text());
    for number in [2, 3] {
        let theirs = server.mail_to(&format!("person-{number}@graz.example")).await;
        assert!(!theirs.text().contains("EUR"), "{}", theirs.text());
        let page = delegate.opens(&theirs.link("/manage/")).await;
        page.must_say(&format!("Person {number:02}")).must_not_say("EUR").must_not_say("nuts");
        assert_eq!(page.says("We store dietary or access needs"), number == 2);
    }
}

#[tokio::test]
async fn two_groups_of_fifty_register_at_once_and_a_third_waits() {
    let app = TestApp::start().await;
    let hall = app.delegate();
    for group in 0..3 {
        let people = rows(2..=50).replace("@graz", &format!("@group-{group}"));
        let page = hall
            .sends(
                contact(&hall)
                    .await
                    .fill_in("You", "E-mail", &format!("anna@group-{group}.example"))
                    .fill(PASTE, &people),
            )
            .await;
        let page = hall.sends(page.form("Register")).await;
        match group {
            0 | 1 => page.must_be(200).must_say("You are registered"),
            _ => page.must_be(429).must_say("We have received many registrations from your network"),
        };
    }
    assert_eq!(count(&app, "select count(*) from attendee").await, 100);
    assert_eq!(count(&app, "select count(*) from message").await, 102, "no limit is passed and no mail is lost");
}

#[tokio::test]
async fn each_of_a_group_waits_for_themselves() {
    let app = TestApp::start().await;
    sqlx::query("update capacity set places = 30 where category_id is null").execute(&app.db).await.expect("a limit");
    let delegate = app.delegate();
    let page = pastes(&delegate, &rows(2..=50)).await;
    let page = delegate.sends(page.form("Register")).await;
    page.must_be(422).must_say("Not enough places are left");
    let page = delegate.sends(page.form("Join the waiting list")).await;
    page.must_say("You are registered");
    let by_state = "select count(*) from attendee where state = 'confirmed'";
    assert_eq!(count(&app, by_state).await, 30);
    assert_eq!(count(&app, "select count(*) from attendee where state = 'waiting' and position > 30").await, 20);
    let page = delegate.opens(&crate::managing::link(&app, None).await).await;
    page.must_say("30 confirmed, 20 waiting").must_say("number 20 in the queue");
}
