//! Staff help a caller: they read, correct and cancel an attendee, and send the confirmation again.

use reqwest::Method;

use super::{
    desk_list::ATTENDEES,
    desk_needs::boris_has_needs,
    registering::{count, filled, form, mails},
};
use crate::support::{MailServer, Page, Person, TestApp};

/// Anna registers herself and Boris.
pub async fn two_from_graz(app: &TestApp) {
    let delegate = app.delegate();
    let page = delegate.sends(form(&delegate).await.forge("do", "add")).await;
    let sent = filled(page.form("Register"), "Anna Gruber", "anna@graz.example")
        .fill("Telephone", "+43 316 872")
        .fill("Purchase-order number", "PO 4711")
        .fill("Invoice address", "Town hall\nHauptplatz 1")
        .fill_in("Person 2", "Name", "Boris Maier")
        .fill_in("Person 2", "E-mail", "boris@graz.example")
        .choose_in("Person 2", "Category", "University");
    delegate.sends(sent).await.must_say("You are registered");
}

pub async fn opened(staff: &Person, name: &str) -> Page {
    let list = staff.opens(ATTENDEES).await;
    staff.follows(&list, name).await
}

#[tokio::test]
async fn a_contacts_telephone_number_is_a_link_only_if_it_can_be_dialled() {
    let app = TestApp::start().await;
    two_from_graz(&app).await;
    let staff = app.staff().await;
    assert_eq!(opened(&staff, "Boris Maier").await.find_link("+43 316 872").as_deref(), Some("tel:+43316872"));
    sqlx::query("update registration set contact_telephone = 'ask at the desk 7'").execute(&app.db).await.expect("it");
    let page = opened(&staff, "Boris Maier").await;
    page.must_say("ask at the desk 7");
    assert_eq!(page.find_link("ask at the desk 7"), None);
}

#[tokio::test]
async fn a_mail_about_one_attendee_of_a_group_links_to_that_attendee() {
    let server = MailServer::start().await;
    let app = TestApp::start_with(|settings| server.serves(settings)).await;
    two_from_graz(&app).await;
    let staff = app.staff().await;
    let boris = opened(&staff, "Boris Maier").await;
    let form = staff.follows(&boris, "Cancel …").await.form("Cancel the place");
    staff.sends(form.fill("Reason", "Registered twice")).await.must_say("Cancelled");
    let mails = server.received(6).await;
    let to_operations =
        mails.iter().find(|mail| mail.subject().contains("(1 attendee)")).expect("a mail to operations");
    assert_eq!(to_operations.link("/staff/"), boris.path);
    // The three mails about the cancellation and Boris's own confirmation. The two others are about the whole
    // registration.
    let listed = staff.opens("/staff/leipzig-2018/messages").await.links();
    assert_eq!(listed.iter().filter(|(_, to)| *to == boris.path).count(), 4);
}

#[tokio::test]
async fn one_page_shows_everything_about_an_attendee_except_their_needs() {
    let app = TestApp::start().await;
    two_from_graz(&app).await;
    boris_has_needs(&app).await;
    let staff = app.staff().await;
    let page = opened(&staff, "Boris Maier").await;
    assert_eq!(page.heading(), "Boris Maier");
    for words in [
        "boris@graz.example",
        "University",
        "confirmed",
        "City of Graz",
        "Graz, Austria",
        "Anna Gruber",
        "anna@graz.example",
        "+43 316 872",
        "PO 4711",
        "Hauptplatz 1",
        "Dietary or access needs are recorded",
        "Confirmation for the contact",
        "Registered by the delegate",
    ] {
        page.must_say(words);
    }
    page.must_not_say("nuts").must_not_say("step-free");
    assert_eq!(page.header("cache-control"), "no-store");
    for action in ["Correct", "Cancel …"] {
        staff.follows(&page, action).await.must_not_say("nuts").must_not_say("step-free");
    }
    for list in [ATTENDEES, "/staff/leipzig-2018/messages"] {
        staff.opens(list).await.must_not_say("nuts").must_not_say("step-free");
    }
    assert_eq!(count(&app, "select count(*) from audit where kind = 'needs_read'").await, 0);
    staff.tries(&format!("{ATTENDEES}/01900000-0000-7000-8000-000000000000")).await.must_be(404);
    staff.tries(&format!("{ATTENDEES}/anna")).await.must_be(404);
}

#[tokio::test]
async fn errors_at_the_desk_stay_in_its_frame_with_a_way_on() {
    let app = TestApp::start().await;
    let staff = app.staff().await;
    let gone = staff.tries(&format!("{ATTENDEES}/01900000-0000-7000-8000-000000000000")).await;
    gone.must_be(404).must_say("Sign out").must_say("Reference:");
    staff.follows(&gone, "Go to “Overview”").await.must_be(200).must_say("Annual conference");
    assert!(gone.find_link("Waiting list").is_some() && gone.find_link("Imprint").is_none());
    let refused = staff.tries("/administration").await;
    refused.must_be(403).must_say("Sign out").must_say("does not have the role");
    sqlx::query("alter table saved_view rename to gone_view").execute(&app.db).await.expect("a fault");
    let fault = staff.tries("/staff/leipzig-2018/views").await;
    fault.must_be(500).must_say("Sign out").must_say("This is our fault");
    app.delegate().tries("/nowhere").await.must_be(404).must_not_say("Sign out");
}

#[tokio::test]
async fn a_correction_is_saved_found_by_the_search_and_in_the_history() {
    let app = TestApp::start().await;
    two_from_graz(&app).await;
    let staff = app.staff().await;
    let page = staff.follows(&opened(&staff, "Boris Maier").await, "Correct").await;
    let sent = page
        .form("Save")
        .fill_in("Attendee", "Name", "Boris Mayer")
        .fill_in("Attendee", "Job title", "CIO")
        .fill("Organisation", "Stadt Graz");
    let page = staff.sends(sent).await;
    assert_eq!((page.redirected_by, page.heading().as_str()), (Some(303), "Boris Mayer"));
    page.must_say("Corrected.").must_say("Stadt Graz").must_say("CIO");
    page.must_say("Name: Boris Maier").must_say("became Boris Mayer").must_say("Organisation: City of Graz");
    let name = staff.account.clone().expect("an account").name;
    page.must_say(&format!("Attendee corrected by {name}"));
    // The shared details are shown for the colleague too, and the search finds both.
    opened(&staff, "Anna Gruber").await.must_say("Stadt Graz").must_say("Registration corrected");
    let form = staff.opens(ATTENDEES).await.form("Search");
    let found = staff.sends(form.fill("Find an attendee", "stadt mayer")).await;
    assert!(found.find_link("Boris Mayer").is_some());
    found.must_say("1 attendee found");
    assert_eq!(count(&app, "select count(*) from audit where kind = 'attendee_corrected'").await, 1);
    // Saving without a change adds nothing to the history.
    let page = staff.follows(&opened(&staff, "Boris Mayer").await, "Correct").await;
    staff.sends(page.form("Save")).await.must_be(200);
    assert_eq!(count(&app, "select count(*) from audit where kind like '%corrected'").await, 2);
}

#[tokio::test]
async fn a_correction_with_errors_shows_each_of_them() {
    let app = TestApp::start().await;
    two_from_graz(&app).await;
    let staff = app.staff().await;
    let page = staff.follows(&opened(&staff, "Boris Maier").await, "Correct").await;
    let sent = page
        .form("Save")
        .fill_in("Attendee", "Name", " ")
        .fill_in("Attendee", "E-mail", "boris@graz")
        .fill("Organisation", &"x".repeat(201))
        .forge("contact_name", "Anna\r\nBcc: all@graz.example");
    let again = staff.sends(sent).await;
    again.must_be(422).must_say("4 things need your attention");
    assert_eq!(again.form("Save").value_in("Attendee", "E-mail"), "boris@graz");
    assert_eq!(again.errors().len(), 4, "{:?}", again.errors());
    let twice =
        page.form("Save").fill_in("Attendee", "Name", "ANNA Gruber").fill_in("Attendee", "E-mail", "Anna@graz.example");
    staff.sends(twice).await.must_be(422).must_say("has the same name and e-mail address");
    assert_eq!(count(&app, "select count(*) from audit where kind like '%corrected'").await, 0);
}

#[tokio::test]
async fn two_people_who_correct_at_once_lose_nothing_and_the_second_decides() {
    let app = TestApp::start().await;
    two_from_graz(&app).await;
    let (eva, tom) = (app.staff().await, app.staff().await);
    let page = tom.follows(&opened(&tom, "Boris Maier").await, "Correct").await;
    let eva_page = eva.follows(&opened(&eva, "Boris Maier").await, "Correct").await;
    eva.sends(eva_page.form("Save").fill_in("Attendee", "Job title", "Mayor")).await.must_say("Corrected.");
    let toms = page.form("Save").fill_in("Attendee", "Name", "Boris Mayer").fill_in("Attendee", "Job title", "CIO");
    let both = tom.sends(toms).await;
    both.must_be(409).must_say("Not saved.").must_say("Mayor").must_say("Boris Maier");
    let form = both.form("Save mine");
    assert_eq!(form.value("Job title"), "CIO");
    tom.sends(form).await.must_say("Corrected.").must_say("CIO");
    assert_eq!(count(&app, "select count(*) from attendee where name = 'Boris Mayer' and job_title = 'CIO'").await, 1);
}

#[tokio::test]
async fn correcting_an_address_ends_the_links_sent_to_the_old_one() {
    let app = TestApp::start().await;
    two_from_graz(&app).await;
    sqlx::query(
        "insert into link (id, conference_id, hash, purpose, registration_id, attendee_id)
         select gen_random_uuid(), conference_id, sha256(id::text::bytea), 'manage', registration_id, id from attendee",
    )
    .execute(&app.db)
    .await
    .expect("links");
    let staff = app.staff().await;
    let page = staff.follows(&opened(&staff, "Boris Maier").await, "Correct").await;
    let page = staff.sends(page.form("Save").fill_in("Attendee", "E-mail", "b.maier@graz.example")).await;
    page.must_say("no longer work");
    let ended: Vec<String> = sqlx::query_scalar(
        "select name from attendee join link on hash = sha256(attendee.id::text::bytea) where revoked_at is not null",
    )
    .fetch_all(&app.db)
    .await
    .expect("links");
    assert_eq!(ended, ["Boris Maier"]);
}

#[tokio::test]
async fn the_confirmation_can_be_sent_again_up_to_a_limit() {
    let app = TestApp::start().await;
    two_from_graz(&app).await;
    let staff = app.staff().await;
    sqlx::query("delete from message").execute(&app.db).await.expect("an empty outbox");
    let page = opened(&staff, "Boris Maier").await;
    for _ in 0..3 {
        let sent = staff.sends(page.form("Send the confirmation to boris@graz.example")).await;
        sent.must_be(200).must_say("On its way.").must_say("Confirmation sent again");
    }
    let refused = staff.sends(page.form("Send the confirmation to boris@graz.example")).await;
    refused.must_be(429).must_say("Not sent.").must_say("10 minutes");
    assert_eq!(refused.attributes(".notice[role=alert][tabindex='-1']", "autofocus").len(), 1, "the refusal has focus");
    assert_eq!(mails(&app).await, vec![("attendee_confirmation".into(), "boris@graz.example".into()); 3]);
    staff.sends(page.form("Send the contact’s confirmation to anna@graz.example")).await.must_say("On its way.");
    assert_eq!(mails(&app).await[3], ("contact_confirmation".into(), "anna@graz.example".into()));
    // Somebody who is both contact and attendee gets the contact's mail, which contains everything.
    let anna = opened(&staff, "Anna Gruber").await;
    assert!(!anna.has_form("Send the contact’s confirmation to anna@graz.example"));
    staff.sends(anna.form("Send the confirmation to anna@graz.example")).await.must_say("On its way.");
    assert_eq!(mails(&app).await[4].0, "contact_confirmation");
}

#[tokio::test]
async fn cancelling_requires_a_reason_and_frees_the_place() {
    let app = TestApp::start().await;
    two_from_graz(&app).await;
    let staff = app.staff().await;
    let between = staff.follows(&opened(&staff, "Boris Maier").await, "Cancel …").await;
    between.must_say("The place becomes free").must_say("Only Boris Maier");
    staff.sends(between.form("Cancel the place")).await.must_be(422).must_say("Give the reason");
    assert_eq!(count(&app, "select count(*) from attendee where state = 'cancelled'").await, 0);
    let sent = between.form("Cancel the place").fill("Reason", "Called: he is ill.\nColleague comes.");
    let page = staff.sends(sent).await;
    page.must_say("Cancelled.")
        .must_say("Called: he is ill.")
        .must_say("cancelled")
        .must_say("Cancellation for operations");
    assert!(!page.has_form("Send the confirmation to boris@graz.example"));
    assert_eq!(count(&app, "select taken::bigint from capacity where category_id is null").await, 1);
    let form = staff.opens(ATTENDEES).await.form("Search").choose("Status", "cancelled");
    let list = staff.sends(form).await;
    assert_eq!(list.texts("tbody th a"), ["Boris Maier"]);
    let boris = list.link("Boris Maier");
    let (path, _) = boris.split_once('?').expect("the list to go back to");
    staff.opens(&format!("{path}/cancel")).await.must_say("is already cancelled");
}

#[tokio::test]
async fn a_whole_registration_can_be_cancelled_at_once() {
    let app = TestApp::start().await;
    two_from_graz(&app).await;
    let staff = app.staff().await;
    let between = staff.follows(&opened(&staff, "Boris Maier").await, "Cancel …").await;
    let everybody = "All 2 attendees on this registration who are still coming or waiting: Anna Gruber, Boris Maier";
    let sent = between.form("Cancel the place").choose("Who is not coming", everybody).fill("Reason", "No budget");
    staff.sends(sent).await.must_say("Cancelled.");
    assert_eq!(
        count(&app, "select count(*) from attendee where state = 'cancelled' and cancel_reason = 'No budget'").await,
        2
    );
    assert_eq!(count(&app, "select taken::bigint from capacity where category_id is null").await, 0);
}

#[tokio::test]
async fn nothing_is_lost_if_the_login_ends_while_somebody_types() {
    let app = TestApp::start().await;
    two_from_graz(&app).await;
    let staff = app.staff().await;
    let page = staff.follows(&opened(&staff, "Boris Maier").await, "Correct").await;
    sqlx::query("update login set revoked_at = now()").execute(&app.db).await.expect("logins end");
    let sent = page.form("Save").fill_in("Attendee", "Name", "Boris Mayer").fill_in("Attendee", "Job title", "CIO");
    let asked = staff.sends(sent).await;
    asked.must_be(401).must_say("Sign in");
    assert!(asked.body.contains("Boris Mayer"), "the sign-in page carries what was typed");
}

#[tokio::test]
async fn a_resumed_form_is_marked_as_not_saved() {
    let app = TestApp::start().await;
    two_from_graz(&app).await;
    let staff = app.staff().await;
    let path = format!("{}/correct", staff.opens(ATTENDEES).await.link("Boris Maier"));
    let resumed: uuid::Uuid = sqlx::query_scalar(
        "insert into resumed_form (id, account_id, path, fields)
         values (gen_random_uuid(), $1, $2, '[[\"name\", \"Boris Mayer\"], [\"revision\", \"1\"]]') returning id",
    )
    .bind(staff.account.as_ref().expect("an account").id)
    .bind(&path)
    .fetch_one(&app.db)
    .await
    .expect("a form");
    let page = staff.opens(&format!("{path}?resumed={resumed}")).await;
    page.must_say("Not saved yet.");
    assert_eq!(page.form("Save").value_in("Attendee", "Name"), "Boris Mayer");
    assert_eq!(count(&app, "select count(*) from attendee where name = 'Boris Maier'").await, 1);
}

#[tokio::test]
async fn a_search_after_the_login_has_ended_reloads_the_whole_page() {
    let app = TestApp::start().await;
    let answer = app.delegate().asks(Method::GET, &format!("{ATTENDEES}?q=a"), &[("hx-request", "true")], None).await;
    assert_eq!((answer.status().as_u16(), answer.headers()["hx-refresh"].to_str().ok()), (204, Some("true")));
    assert_eq!(answer.text().await.expect("text"), "");
}

#[tokio::test]
async fn organisers_cannot_see_attendees() {
    let app = TestApp::start().await;
    two_from_graz(&app).await;
    let organiser = app.organiser().await;
    for path in [ATTENDEES.to_owned(), format!("{ATTENDEES}.csv"), "/staff".to_owned()] {
        assert_eq!(organiser.asks(Method::GET, &path, &[], None).await.status(), 403, "{path}");
    }
}
