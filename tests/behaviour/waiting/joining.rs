//! Delegates join the waiting list with the same form.

use serde_json::json;
use time::macros::datetime;

use super::{
    MEMBER_CITY, address, cancels, filled, full_with_anna, joins, kinds_of, limits, mails_of, none, open_form, queue,
    secret_of, sends, state, takes, wrong,
};
use crate::{
    registering::count,
    support::{LEIPZIG, MailServer, TestApp, programme},
};

const REGISTER: &str = "/leipzig-2018/register";

#[tokio::test]
async fn a_full_category_stays_choosable_and_says_waiting_list() {
    let app = full_with_anna().await;
    let page = app.delegate().opens(REGISTER).await;
    page.must_say("Waiting list for: Member city. No places are left there.");
    let mut form = page.form("Register");
    assert!(form.choices("Category").contains(&"Member city (waiting list)".to_owned()));
    assert!(form.choices("Category").contains(&"University".to_owned()));
    let page = joins(&app, "Boris").await;
    page.must_say("Boris, Member city: number 1 in the queue of this category, as it is now");
    assert!(page.find_link("Add to calendar").is_none(), "there is no date to keep yet");
    joins(&app, "Carla").await.must_say("number 2 in the queue");
    assert_eq!(queue(&app.db).await, ["Boris", "Carla"]);
    assert_eq!(count(&app, "select count(*) from place").await, 1);
    none(&wrong(&app.db).await);
}

#[tokio::test]
async fn a_full_conference_shows_the_form_and_says_that_everybody_will_wait() {
    let app = TestApp::start().await;
    limits(&app.db, "", Some(1)).await;
    takes(&app, "Anna").await;
    let page = app.delegate().opens_until(LEIPZIG, |page| page.says("You can join the waiting list.")).await;
    assert_eq!(page.link("Join the waiting list"), REGISTER);
    let page = app.delegate().opens(REGISTER).await;
    page.must_say("All places are taken. Everybody whom you register joins the waiting list.");
    assert!(page.has_form("Join the waiting list") && !page.has_form("Register"));
    sends(&app.delegate(), "Boris", "University (waiting list)").await.must_say("You are on the waiting list");
    assert_eq!(state(&app.db, "Boris").await, "waiting");
}

#[tokio::test]
async fn if_a_category_fills_up_meanwhile_the_form_comes_back_and_nobody_waits_without_having_been_told() {
    let app = TestApp::start().await;
    limits(&app.db, MEMBER_CITY, Some(1)).await;
    let slow = app.delegate();
    let filled_in = filled(slow.opens(REGISTER).await.form("Register"), "Boris", "Member city");
    takes(&app, "Anna").await;
    let page = slow.sends(filled_in).await;
    page.must_be(422).must_say("No place is left for Boris").must_say("You are not registered yet.");
    page.must_say("There was no place for Boris (Member city).");
    assert_eq!(count(&app, "select count(*) from registration").await, 1);
    let again = page.form("Join the waiting list");
    assert_eq!(again.value_in("You", "Name"), "Boris");
    assert_eq!(again.value("Category"), "Member city (waiting list)");
    assert!(page.title().starts_with("Error:"), "{}", page.title());
    slow.sends(again).await.must_say("You are on the waiting list").must_say("number 1 in the queue");

    // A form that says so for one category says nothing about another.
    let other = app.delegate();
    let sent = filled(other.opens(REGISTER).await.form("Register"), "Carla", "University");
    limits(&app.db, "university", Some(0)).await;
    other.sends(sent).await.must_be(422).must_say("No place is left for Carla");
}

#[tokio::test]
async fn people_of_a_group_get_places_in_the_order_of_the_form_and_the_rest_wait() {
    let app = TestApp::start().await;
    limits(&app.db, MEMBER_CITY, Some(2)).await;
    let delegate = app.delegate();
    let page = delegate.opens(REGISTER).await;
    let mut page = delegate.sends(filled(page.form("Add a colleague"), "Anna", "Member city")).await;
    for _ in 0..2 {
        page = delegate.sends(page.form("Add a colleague")).await;
    }
    let mut sent = page.form("Register");
    for (person, name) in [("Person 2", "Boris"), ("Person 3", "Carla"), ("Person 4", "Dora")] {
        sent = sent.fill_in(person, "Name", name).fill_in(person, "E-mail", &address(name));
    }
    let page = delegate.sends(sent.choose_in("Person 3", "Category", "University")).await;
    page.must_be(422).must_say("There was no place for Dora (Member city).");
    let page = delegate.sends(page.form("Join the waiting list")).await;
    page.must_say("You are registered").must_say("Dora, Member city: number 1");
    for (name, wanted) in [("Anna", "confirmed"), ("Boris", "confirmed"), ("Carla", "confirmed"), ("Dora", "waiting")] {
        assert_eq!(state(&app.db, name).await, wanted, "{name}");
    }
    let told = mails_of(&app.db, "Anna").await;
    let told: Vec<_> = told.iter().map(|(kind, to)| (kind.as_str(), to.as_str())).collect();
    assert_eq!(
        told,
        [
            ("operations_confirmation", "operations@majorcities.eu"),
            ("contact_confirmation", "anna@graz.example"),
            ("attendee_confirmation", "boris@graz.example"),
            ("attendee_confirmation", "carla@graz.example"),
            ("waiting", "dora@graz.example"),
        ]
    );
    // Each sees their own position, the contact everybody's.
    let of_dora = format!("/manage/{}", secret_of(&app.db, "Dora", true).await);
    delegate
        .opens(&of_dora)
        .await
        .must_say("On the waiting list, number 1 in the queue of this category")
        .must_not_say("Anna");
    let of_anna = format!("/manage/{}", secret_of(&app.db, "Anna", false).await);
    delegate.opens(&of_anna).await.must_say("On the waiting list, number 1").must_say("Confirmed");
    none(&wrong(&app.db).await);
}

#[tokio::test]
async fn whoever_was_told_to_wait_gets_a_place_if_one_has_become_free() {
    let app = full_with_anna().await;
    let delegate = app.delegate();
    let sent = filled(open_form(&delegate.opens(REGISTER).await), "Boris", "Member city (waiting list)");
    cancels(&app, "Anna").await;
    delegate.sends(sent).await.must_say("You are registered").must_not_say("waiting list");
}

#[tokio::test]
async fn the_mails_say_who_waits_and_the_position_when_they_are_sent() {
    let server = MailServer::start().await;
    let app = TestApp::start_with(|settings| server.serves(settings)).await;
    limits(&app.db, MEMBER_CITY, Some(0)).await;
    joins(&app, "Anna").await;
    let mail = server.mail_to("anna@graz.example").await;
    assert!(mail.subject().starts_with("On the waiting list: Leipzig"), "{}", mail.subject());
    for words in [mail.text(), mail.html()] {
        assert!(words.contains("on the waiting list as number 1"), "{words}");
    }
    app.delegate().opens(&mail.link("/manage/")).await.must_say("On the waiting list, number 1");
    let to_operations = server.mail_to("operations@majorcities.eu").await;
    assert!(to_operations.subject().contains("(0 attendees, 1 waiting)"), "{}", to_operations.subject());
    assert_eq!(kinds_of(&app.db, "Anna").await, ["operations_confirmation", "waiting"]);
}

#[tokio::test]
async fn somebody_who_leaves_the_waiting_list_frees_no_place_and_reads_fitting_words() {
    let app = full_with_anna().await;
    joins(&app, "Boris").await;
    joins(&app, "Carla").await;
    let secret = secret_of(&app.db, "Boris", true).await;
    let delegate = app.delegate();
    let page = delegate.opens(&format!("/manage/{secret}")).await;
    let between = delegate.follows(&page, "Leave the waiting list for Boris …").await;
    between
        .must_say("Take Boris off the waiting list?")
        .must_say("The number in the queue is lost")
        .must_not_say("the place");
    delegate.follows(&between, "Stay on the waiting list").await;
    let page = delegate.sends(between.form("Yes, cancel")).await;
    page.must_say("cancelled with the link in a mail");
    assert_eq!(queue(&app.db).await, ["Carla"]);
    let data: serde_json::Value = sqlx::query_scalar("select data from message where kind = 'cancellation'")
        .fetch_one(&app.db)
        .await
        .expect("one");
    assert_eq!(data["waited"], data["attendees"]);
    assert_eq!(kinds_of(&app.db, "Boris").await[2..], ["cancellation", "operations_cancellation"]);
    let of_carla = format!("/manage/{}", secret_of(&app.db, "Carla", true).await);
    delegate.opens(&of_carla).await.must_say("number 1 in the queue");
    none(&wrong(&app.db).await);
}

#[tokio::test]
async fn when_the_conference_has_begun_nobody_can_join_the_waiting_list() {
    let app = full_with_anna().await;
    sqlx::query("update conference set registration_closes = null").execute(&app.db).await.expect("the default");
    let begins = datetime!(2018-05-27 22:00 UTC);
    app.it_is(begins - time::Duration::MINUTE);
    // Once the page says the new closing time, the server knows it.
    let page = app.delegate().opens_until(REGISTER, |page| page.says("Wednesday 30 May 2018, 24:00")).await;
    page.must_say("Waiting list for: Member city");
    let late = filled(page.form("Register"), "Boris", "Member city (waiting list)");
    app.it_is(begins);
    let page = app.delegate().sends(late).await;
    page.must_be(422).must_say("This category is now full. Choose another one, or contact us");
    app.delegate().opens(REGISTER).await.must_say("No places left for: Member city");
    // The days of the conference decide, in its time zone.
    programme::changes_facts(&app.db, json!({ "starts_on": "2018-05-29", "ends_on": "2018-05-30" })).await;
    app.delegate().opens_until(REGISTER, |page| page.says("Waiting list for: Member city")).await;
}
