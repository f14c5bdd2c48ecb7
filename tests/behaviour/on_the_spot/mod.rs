//! What staff do for a caller: registering somebody, adding a person, changing the category and answers, and answering an offer.

mod adding;
mod alike;
mod choosing;
mod overriding;
mod together;

use super::registering::{count, mails};
use crate::support::{Form, LEIPZIG, MailServer, Page, Person, TestApp};

pub const NEW: &str = "/staff/leipzig-2018/attendees/new";

/// Fills in the form that staff open for a caller. The category is given by the beginning of its words.
pub fn filled(form: Form, name: &str, category: &str) -> Form {
    let mut form = form
        .fill("Name", name)
        .fill("E-mail", &address(name))
        .fill("Organisation", "City of Graz")
        .fill("City", "Graz")
        .choose("Country", "Austria");
    let offered = form.choices("Category");
    let words = offered.iter().find(|words| words.starts_with(category)).expect("the category").clone();
    form.choose("Category", &words)
}

pub fn address(name: &str) -> String {
    format!("{}@graz.example", name.to_lowercase().replace(' ', "."))
}

/// Registers somebody for a caller.
pub async fn registers(staff: &Person, name: &str, category: &str) -> Page {
    staff.sends(filled(staff.opens(NEW).await.form("Register"), name, category)).await
}

/// Returns what the history says of rules that were overridden, last first: what stood against it, the reason, and what was raised.
pub async fn overridden(app: &TestApp) -> Vec<(String, String, String)> {
    sqlx::query_as(
        "select field, before, after from audit_value join audit on audit.id = audit_id
         where kind = 'rule_overridden' order by audit.id desc, field",
    )
    .fetch_all(&app.db)
    .await
    .expect("the audit log")
}

#[tokio::test]
async fn staff_register_a_caller_and_read_the_reference_out() {
    let server = MailServer::start().await;
    let app = TestApp::start_with(|settings| server.serves(settings)).await;
    let staff = app.staff().await;
    let form = staff.follows(&staff.opens("/staff/leipzig-2018/attendees").await, "Register somebody").await;
    let page = staff.sends(filled(form.form("Register"), "Anna Gruber", "Member city")).await;
    page.must_be(200).must_say("Registered.").must_say("Anna Gruber").must_say("confirmed");
    let name = staff.account.clone().expect("an account").name;
    page.must_say(&format!("Registered by {name}"));
    let reference: String =
        sqlx::query_scalar("select reference from registration").fetch_one(&app.db).await.expect("one");
    assert_eq!(page.texts(".reference"), [reference]);
    // Whoever is registered is the contact, and gets one mail; operations get theirs.
    let mails = server.received(2).await;
    assert!(mails.iter().any(|mail| mail.to == ["anna.gruber@graz.example"]));
    assert!(mails.iter().any(|mail| mail.to == ["operations@majorcities.eu"]));
    assert_eq!(count(&app, "select count(*) from registration where contact_attendee_id is not null").await, 1);
    assert_eq!(count(&app, "select count(*) from registration where privacy_revision_id is not null").await, 1);
    // The next form keeps nothing of this one.
    let next = staff.follows(&page, "Register another").await.form("Register");
    assert_eq!(
        (next.value("Name"), next.value("City"), next.value("Country")),
        (String::new(), String::new(), "Choose one".to_owned())
    );
}

#[tokio::test]
async fn the_mails_to_the_person_and_the_contact_are_optional() {
    let app = TestApp::start().await;
    let staff = app.staff().await;
    let form = filled(staff.opens(NEW).await.form("Register"), "Anna Gruber", "Member city");
    let form = form.fill("Contact’s name", "Zita Novak").fill("Contact’s e-mail", "zita@graz.example");
    let page = staff.sends(form.clone().untick("Send the confirmation to the person and the contact")).await;
    page.must_say("Registered.").must_say("Zita Novak");
    assert_eq!(mails(&app).await, [("operations_confirmation".to_owned(), "operations@majorcities.eu".to_owned())]);
    let page = staff.sends(filled(staff.opens(NEW).await.form("Register"), "Boris Maier", "Member city")).await;
    page.must_say("Registered.");
    assert_eq!(mails(&app).await.len(), 3, "the box is ticked when the form is opened");
}

#[tokio::test]
async fn a_form_with_errors_keeps_what_was_typed_and_says_what_is_wrong() {
    let app = TestApp::start().await;
    let staff = app.staff().await;
    let form = filled(staff.opens(NEW).await.form("Register"), "Anna Gruber", "Member city");
    let form = form
        .fill("E-mail", "anna at graz")
        .fill("City", "")
        .fill("Contact’s name", "Zita")
        .fill("Dietary needs", "no nuts");
    let page = staff.sends(form).await;
    page.must_be(422);
    for label in ["E-mail", "City", "Contact’s e-mail"] {
        assert!(page.error_beside(label).is_some(), "{label}: {:?}", page.errors());
    }
    assert_eq!(page.summary().len(), 4, "{:?}", page.errors());
    let form = page.form("Register");
    assert_eq!((form.value("E-mail"), form.value("Contact’s name")), ("anna at graz".to_owned(), "Zita".to_owned()));
    let form = form.fill("E-mail", "anna@graz.example").fill("City", "Graz").fill("Contact’s name", "");
    let form = form.tick("This person has told us that they agree that the conference staff may use this information to arrange food and access, and for nothing else. They can withdraw their consent at any time.");
    staff.sends(form).await.must_be(200).must_say("Registered.");
    let wording: String =
        sqlx::query_scalar("select consent_wording from attendee_needs").fetch_one(&app.db).await.expect("needs");
    assert!(wording.starts_with("This person has told us"), "{wording}");
}

#[tokio::test]
async fn city_and_country_can_stand_in_the_address() {
    let app = TestApp::start().await;
    let form = app.staff().await.opens(&format!("{NEW}?country=AT&city=Graz&mail=")).await.form("Register");
    assert_eq!((form.value("City"), form.value("Country")), ("Graz".to_owned(), "Austria".to_owned()));
}

#[tokio::test]
async fn a_category_that_only_staff_assign_needs_no_reason() {
    let app = TestApp::start().await;
    sqlx::query("update category set access = 'staff' where slug = 'university'").execute(&app.db).await.expect("it");
    let staff = app.staff().await;
    assert!(staff.opens(NEW).await.form("Register").offers("Category", "University (only staff)"));
    registers(&staff, "Anna Gruber", "University").await.must_be(200).must_say("Registered.").must_say("University");
    assert_eq!(overridden(&app).await, []);
}

#[tokio::test]
async fn staff_meet_no_limit_on_places_or_mails() {
    let app = TestApp::start().await;
    let staff = app.staff().await;
    for number in 0..12 {
        let name = format!("Nr{}", (b'a' + number) as char);
        let form = filled(staff.opens(NEW).await.form("Register"), &name.repeat(2), "Member city");
        staff.sends(form.fill("E-mail", "office@graz.example")).await.must_say("Registered.");
    }
    assert_eq!(count(&app, "select count(*) from message where recipient = 'office@graz.example'").await, 12);
    assert_eq!(count(&app, "select count(*) from rate_limit").await, 0);
}

#[tokio::test]
async fn a_form_survives_the_end_of_the_login_and_a_flood_of_text_is_refused() {
    let app = TestApp::start().await;
    let staff = app.staff().await;
    let form = filled(staff.opens(NEW).await.form("Register"), "Anna Gruber", "Member city");
    let long = form.clone().fill("Name", &"a".repeat(5000)).fill("Organisation", &"b".repeat(10_000));
    let page = staff.sends(long).await;
    page.must_be(422);
    assert!(page.error_beside("Name").is_some() && page.error_beside("Organisation").is_some());
    app.delegate().opens(&format!("{LEIPZIG}/register")).await;
    sqlx::query("delete from login").execute(&app.db).await.expect("no logins");
    let page = staff.sends(form).await;
    assert!(page.has_form("Sign in"), "{}", page.text());
    assert_eq!(page.form("Sign in").hidden("resumed-attendee-1-name").as_deref(), Some("Anna Gruber"));
    assert_eq!(count(&app, "select count(*) from attendee").await, 0);
}

#[tokio::test]
async fn without_a_privacy_notice_the_page_says_why_nobody_is_registered() {
    let app = TestApp::start().await;
    sqlx::query("update item set published_id = null where id = (select item_id from slug where slug = 'privacy')")
        .execute(&app.db)
        .await
        .expect("no notice");
    let staff = app.staff().await;
    let page = registers(&staff, "Anna Gruber", "Member city").await;
    page.must_be(422).must_say("this conference has no privacy notice");
    assert_eq!(page.form("Register").value("Name"), "Anna Gruber");
}
