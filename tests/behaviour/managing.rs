//! A delegate follows the link in the mail, sees the registration and cancels.

use sha2::{Digest, Sha256};
use sqlx::Row;
use uuid::Uuid;

use super::registering::{count, filled, form, mails};
use crate::support::{Page, Person, TestApp};

/// Registers Anna, Boris and Carla. Anna is the contact.
pub async fn registers_three(app: &TestApp) {
    let delegate = app.delegate();
    let page = delegate.sends(form(&delegate).await.forge("do", "add")).await;
    let page = delegate.sends(page.form("Add a colleague")).await;
    let sent = filled(page.form("Register"), "Anna", "anna@graz.example")
        .fill("Purchase-order number", "PO 4711")
        .fill("Invoice address", "Town hall\nHauptplatz 1")
        .fill_in("Person 2", "Name", "Boris")
        .fill_in("Person 2", "E-mail", "boris@graz.example")
        .choose_in("Person 2", "Category", "Member city")
        .fill_in("Person 3", "Name", "Carla")
        .fill_in("Person 3", "E-mail", "carla@graz.example")
        .choose_in("Person 3", "Category", "University");
    delegate.sends(sent).await.must_say("You are registered");
}

/// Registers Anna, Boris and Carla and returns their manage links in this order. Anna is the contact.
pub async fn three_from_graz(app: &TestApp) -> [String; 3] {
    registers_three(app).await;
    sqlx::query("delete from message").execute(&app.db).await.expect("an empty outbox");
    [link(app, None).await, link(app, Some("Boris")).await, link(app, Some("Carla")).await]
}

/// Creates a manage link like those in mails, for this attendee or for the contact, and returns its path.
pub async fn link(app: &TestApp, attendee: Option<&str>) -> String {
    let mut secret = [0; 32];
    getrandom::fill(&mut secret).expect("random bytes");
    sqlx::query(
        "insert into link (id, conference_id, hash, purpose, registration_id, attendee_id)
         select $1, conference_id, $2, 'manage', id, (select id from attendee where name = $3) from registration",
    )
    .bind(Uuid::now_v7())
    .bind(Sha256::digest(secret).as_slice())
    .bind(attendee)
    .execute(&app.db)
    .await
    .expect("a link");
    format!("/manage/{}", data_encoding::BASE64URL_NOPAD.encode(&secret))
}

async fn states(app: &TestApp) -> Vec<(String, String, String)> {
    let rows = sqlx::query("select name, attendee.state, place.state from attendee join place on attendee_id = attendee.id order by position")
        .fetch_all(&app.db)
        .await
        .expect("attendees");
    rows.iter().map(|row| (row.get(0), row.get(1), row.get(2))).collect()
}

pub async fn taken(app: &TestApp) -> Vec<i32> {
    sqlx::query_scalar("select taken from capacity where taken > 0 order by taken desc")
        .fetch_all(&app.db)
        .await
        .expect("counters")
}

/// Follows the link with these words to the confirmation page and presses its button.
pub async fn cancels(delegate: &Person, page: &Page, link: &str, button: &str) -> Page {
    let confirmation = delegate.follows(page, link).await;
    confirmation.must_say("can take the place");
    delegate.sends(confirmation.form(button)).await
}

#[tokio::test]
async fn the_contact_sees_the_whole_registration() {
    let app = TestApp::start().await;
    let [contact, ..] = three_from_graz(&app).await;
    let page = app.delegate().opens(&contact).await;
    for words in [
        "Anna",
        "Boris",
        "Carla",
        "University",
        "City of Graz",
        "Graz, Austria",
        "PO 4711",
        "Hauptplatz 1",
        "Confirmed",
    ] {
        page.must_say(words);
    }
    assert_eq!(page.header("cache-control"), "no-store");
    assert_eq!(page.header("referrer-policy"), "same-origin");
    assert_eq!(page.attributes("meta[name=robots]", "content"), ["noindex"]);
}

#[tokio::test]
async fn an_attendee_sees_and_cancels_only_their_own_place() {
    let app = TestApp::start().await;
    let [_, boris, _] = three_from_graz(&app).await;
    let delegate = app.delegate();
    let page = delegate.opens(&boris).await;
    page.must_say("Boris").must_say("City of Graz");
    for words in ["Anna", "Carla", "PO 4711", "Hauptplatz", "carla@"] {
        page.must_not_say(words);
    }
    let carla: Uuid =
        sqlx::query_scalar("select id from attendee where name = 'Carla'").fetch_one(&app.db).await.expect("Carla");
    delegate.tries(&format!("{boris}/cancel?attendee={carla}")).await.must_be(404);
    let confirmation = delegate.follows(&page, "Cancel for Boris …").await;
    let forged = confirmation.form("Yes, cancel").to(&format!("{boris}/cancel?attendee={carla}"));
    delegate.sends(forged).await.must_be(404);
    assert_eq!(taken(&app).await, [3, 2, 1]);

    let page = delegate.sends(confirmation.form("Yes, cancel")).await;
    page.must_be(200).must_say("Your place is cancelled");
    assert_eq!(page.redirected_by, Some(303));
    let state = |name: &str, state: &str, place: &str| (name.to_owned(), state.to_owned(), place.to_owned());
    assert_eq!(
        states(&app).await,
        [
            state("Anna", "confirmed", "held"),
            state("Boris", "cancelled", "given_back"),
            state("Carla", "confirmed", "held")
        ]
    );
    assert_eq!(taken(&app).await, [2, 1, 1], "the place is free again, at the conference and in the category");
}

#[tokio::test]
async fn the_contact_cancels_one_attendee_and_the_others_stay() {
    let app = TestApp::start().await;
    let [contact, boris, carla] = three_from_graz(&app).await;
    let delegate = app.delegate();
    let page = delegate.opens(&contact).await;
    let page = cancels(&delegate, &page, "Cancel for Carla …", "Yes, cancel").await;
    page.must_say("Cancelled").must_say("Cancel for all 2 …");
    app.delegate().opens(&carla).await.must_say("Your place is cancelled");
    app.delegate().opens(&boris).await.must_say("Confirmed");
    let told: Vec<_> = mails(&app).await;
    let told: Vec<_> = told.iter().map(|(kind, to)| (kind.as_str(), to.as_str())).collect();
    assert_eq!(
        told,
        [
            ("cancellation", "anna@graz.example"),
            ("cancellation", "carla@graz.example"),
            ("operations_cancellation", "operations@majorcities.eu"),
        ]
    );
    assert_eq!(
        count(&app, "select count(*) from audit where kind = 'attendee_cancelled' and attendee_id is not null").await,
        1
    );
}

#[tokio::test]
async fn the_contact_cancels_all_attendees_at_once() {
    let app = TestApp::start().await;
    let [contact, ..] = three_from_graz(&app).await;
    let delegate = app.delegate();
    let page = delegate.opens(&contact).await;
    let page = cancels(&delegate, &page, "Cancel for all 3 …", "Yes, cancel for all 3").await;
    page.must_say("Everybody on this registration is cancelled");
    assert!(page.find_link("Cancel for Anna …").is_none());
    assert_eq!(taken(&app).await, [0; 0]);
    assert_eq!(mails(&app).await.len(), 4, "one mail for each address, and one for operations");
}

#[tokio::test]
async fn the_confirmation_page_leads_back_without_cancelling() {
    let app = TestApp::start().await;
    let [contact, boris, _] = three_from_graz(&app).await;
    let delegate = app.delegate();
    let page = delegate.opens(&contact).await;
    let confirmation = delegate.follows(&page, "Cancel for all 3 …").await;
    confirmation.must_say("Cancel for all 3?").must_say("Boris");
    delegate.follows(&confirmation, "Keep the places").await.must_say("Confirmed");
    let confirmation = delegate.opens(&format!("{boris}/cancel")).await;
    confirmation.must_say("Cancel for Boris?").must_not_say("Carla");
    assert_eq!(taken(&app).await, [3, 2, 1]);
}

#[tokio::test]
async fn cancelling_a_second_time_changes_nothing_and_sends_no_more_mails() {
    let app = TestApp::start().await;
    let [contact, ..] = three_from_graz(&app).await;
    let delegate = app.delegate();
    let page = delegate.opens(&contact).await;
    let confirmation = delegate.follows(&page, "Cancel for Boris …").await;
    let (first, second) = tokio::join!(
        delegate.sends(confirmation.form("Yes, cancel")),
        delegate.sends(confirmation.form("Yes, cancel"))
    );
    first.must_be(200);
    first.must_say("A confirmation is on its way by e-mail.");
    second.must_be(200);
    assert_eq!(taken(&app).await, [2, 1, 1]);
    assert_eq!(mails(&app).await.len(), 3);
    let gone = delegate.opens(&confirmation.path).await;
    assert_eq!(gone.path, contact, "nothing is left to confirm");
}

#[tokio::test]
async fn a_place_that_was_given_back_can_be_taken() {
    let app = TestApp::start().await;
    let [contact, ..] = three_from_graz(&app).await;
    sqlx::query("update capacity set places = 3 where category_id is null").execute(&app.db).await.expect("a limit");
    let delegate = app.delegate();
    delegate.opens("/register").await.must_say("All places are taken");
    let page = delegate.opens(&contact).await;
    cancels(&delegate, &page, "Cancel for Boris …", "Yes, cancel").await;
    let sent = filled(form(&delegate).await, "Dora", "dora@linz.example");
    delegate.sends(sent).await.must_say("You are registered");
    delegate.opens("/register").await.must_say("All places are taken");
}

#[tokio::test]
async fn somebody_who_cancelled_can_be_registered_again() {
    let app = TestApp::start().await;
    let [contact, ..] = three_from_graz(&app).await;
    let delegate = app.delegate();
    let page = delegate.opens(&contact).await;
    cancels(&delegate, &page, "Cancel for all 3 …", "Yes, cancel for all 3").await;
    let sent = filled(form(&delegate).await, "Anna", "anna@graz.example");
    delegate.sends(sent).await.must_say("You are registered");
}

#[tokio::test]
async fn a_revoked_link_and_an_invented_one_open_nothing() {
    let app = TestApp::start().await;
    let [contact, ..] = three_from_graz(&app).await;
    let delegate = app.delegate();
    let confirmation = delegate.opens(&format!("{contact}/cancel")).await;
    sqlx::query("update link set revoked_at = now()").execute(&app.db).await.expect("revoked");
    delegate.tries(&contact).await.must_be(404);
    delegate.tries(&format!("{contact}/cancel")).await.must_be(404);
    delegate.sends(confirmation.form("Yes, cancel for all 3")).await.must_be(404);
    delegate.tries(&format!("/manage/{}", "A".repeat(43))).await.must_be(404);
    assert_eq!(taken(&app).await, [3, 2, 1]);
}

#[tokio::test]
async fn dietary_and_access_needs_are_not_shown_on_the_page_of_a_manage_link() {
    let app = TestApp::start().await;
    let [contact, ..] = three_from_graz(&app).await;
    sqlx::query(
        "insert into attendee_needs (attendee_id, conference_id, dietary, access, consent_wording, consented_at)
         select id, conference_id, 'no nuts', 'step-free', 'I agree', now() from attendee",
    )
    .execute(&app.db)
    .await
    .expect("needs");
    app.delegate().opens(&contact).await.must_not_say("no nuts").must_not_say("step-free");
}

/// Adds needs for Boris and Carla, but not for Anna.
async fn add_needs(app: &TestApp) {
    sqlx::query(
        "insert into attendee_needs (attendee_id, conference_id, dietary, access, consent_wording, consented_at)
         select id, conference_id, 'no nuts', 'step-free', 'I agree', now() from attendee where name <> 'Anna'",
    )
    .execute(&app.db)
    .await
    .expect("needs");
}

async fn attendees_with_needs(app: &TestApp) -> Vec<String> {
    sqlx::query_scalar("select name from attendee join attendee_needs on attendee_id = id order by position")
        .fetch_all(&app.db)
        .await
        .expect("needs")
}

#[tokio::test]
async fn the_contact_withdraws_consent_for_one_attendee_and_the_needs_are_deleted() {
    let app = TestApp::start().await;
    let [contact, ..] = three_from_graz(&app).await;
    add_needs(&app).await;
    let delegate = app.delegate();
    let page = delegate.opens(&contact).await;
    assert!(page.find_link("Withdraw consent for Anna …").is_none(), "Anna has no needs");
    let confirmation = delegate.follows(&page, "Withdraw consent for Boris …").await;
    confirmation
        .must_say("We delete these needs")
        .must_say("We can no longer take these needs into account")
        .must_not_say("no nuts");
    assert_eq!(attendees_with_needs(&app).await, ["Boris", "Carla"], "opening the confirmation page changes nothing");
    let page = delegate.sends(confirmation.form("Withdraw consent and delete the needs")).await;
    page.must_be(200).must_say("Consent withdrawn. We have deleted the dietary and access needs of Boris.");
    assert!(page.find_link("Withdraw consent for Boris …").is_none());
    assert_eq!(attendees_with_needs(&app).await, ["Carla"]);
    // Pressing the button again changes nothing and is not logged again.
    delegate.sends(confirmation.form("Withdraw consent and delete the needs")).await.must_be(200);
    assert_eq!(count(&app, "select count(*) from audit where kind = 'consent_withdrawn' and fields = '{}'").await, 1);
    let staff = app.staff().await;
    let list = staff.opens("/staff/leipzig-2018/attendees").await;
    let boris = staff.follows(&list, "Boris").await;
    boris.must_say("Consent for dietary and access needs withdrawn by the delegate").must_not_say("no nuts");
    boris.must_say("Consent was withdrawn on").must_not_say("No dietary or access needs are recorded");
    let carla = staff.follows(&list, "Carla").await;
    carla.must_say("Dietary or access needs are recorded").must_not_say("withdrawn by the delegate");
    staff.follows(&carla, "Read dietary and access needs").await.must_say("no nuts");
}

#[tokio::test]
async fn an_attendee_withdraws_only_their_own_consent() {
    let app = TestApp::start().await;
    let [_, boris, carla] = three_from_graz(&app).await;
    add_needs(&app).await;
    let delegate = app.delegate();
    let page = delegate.opens(&boris).await;
    let confirmation = delegate.follows(&page, "Withdraw consent for Boris …").await;
    let of_carla = delegate.opens(&carla).await.link("Withdraw consent for Carla …").replace(&carla, &boris);
    delegate.tries(&of_carla).await.must_be(404);
    delegate.sends(confirmation.form("Withdraw consent and delete the needs").to(&of_carla)).await.must_be(404);
    assert_eq!(attendees_with_needs(&app).await, ["Boris", "Carla"]);
    delegate.sends(confirmation.form("Withdraw consent and delete the needs")).await.must_say("Consent withdrawn.");
    assert_eq!(attendees_with_needs(&app).await, ["Carla"]);
    let again = delegate.opens(&confirmation.path).await;
    assert_eq!(again.path, boris, "nothing is left to confirm");
}

#[tokio::test]
async fn delegates_who_cancel_and_delegates_who_register_at_once_all_succeed() {
    let app = TestApp::start().await;
    let [contact, boris, carla] = three_from_graz(&app).await;
    let delegate = app.delegate();
    let mut work = tokio::task::JoinSet::new();
    for number in 0..12 {
        let delegate = app.delegate();
        work.spawn(async move {
            let sent = filled(form(&delegate).await, "Somebody", &format!("somebody{number}@linz.example"));
            delegate.sends(sent).await.must_say("You are registered");
        });
    }
    for link in [contact, boris, carla] {
        let delegate = delegate.clone();
        work.spawn(async move {
            let confirmation = delegate.tries(&format!("{link}/cancel")).await;
            for button in ["Yes, cancel", "Yes, cancel for all 3", "Yes, cancel for all 2"] {
                if confirmation.has_form(button) {
                    delegate.sends(confirmation.form(button)).await.must_be(200);
                }
            }
        });
    }
    while let Some(done) = work.join_next().await {
        done.expect("nobody is refused");
    }
    assert_eq!(taken(&app).await, [12, 12]);
    assert_eq!(count(&app, "select count(*) from place where state = 'held'").await, 12);
}

#[tokio::test]
async fn every_statement_that_changes_places_updates_the_counters() {
    let app = TestApp::start().await;
    three_from_graz(&app).await;
    assert_eq!(taken(&app).await, [3, 2, 1], "the conference, member cities, universities");
    let changes = async |statement: &'static str| sqlx::query(statement).execute(&app.db).await;
    changes("update place set state = 'given_back'").await.expect("all are given back");
    assert!(taken(&app).await.is_empty());
    changes("update place set state = 'held' where attendee_id in (select id from attendee where name <> 'Boris')")
        .await
        .expect("two are taken again");
    assert_eq!(taken(&app).await, [2, 1, 1]);
    changes("update place set since = now()").await.expect("nothing is given back or taken");
    assert_eq!(taken(&app).await, [2, 1, 1]);
    changes("update capacity set places = 2 where category_id is null").await.expect("they fit");
    let refused = changes("update place set state = 'held'").await.expect_err("one too many");
    assert_eq!(refused.as_database_error().and_then(|error| error.constraint()), Some("capacity_holds"));
    changes("delete from place").await.expect("nothing points to a place");
    assert!(taken(&app).await.is_empty());
}
