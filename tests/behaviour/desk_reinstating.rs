//! Staff undo a cancellation if a place is free.

use super::{
    desk::{opened, two_from_graz},
    desk_list::ATTENDEES,
    registering::{count, registers},
    waiting::limits,
};
use crate::support::{Mail, MailServer, Page, Person, TestApp};

const UNDO: &str = "Undo the cancellation";
const ANYWAY: &str = "Undo the cancellation all the same";

async fn cancels(staff: &Person, name: &str) {
    let between = staff.follows(&opened(staff, name).await, "Cancel …").await;
    let sent = between.form("Cancel the place").fill("Reason", "He cannot travel.");
    staff.sends(sent).await.must_say("Cancelled.");
}

/// Opens the page that asks whether to undo the cancellation.
async fn asks(staff: &Person, name: &str) -> Page {
    staff.follows(&opened(staff, name).await, "Undo the cancellation …").await
}

async fn taken(app: &TestApp) -> Vec<i32> {
    sqlx::query_scalar("select taken from capacity where taken > 0 order by taken desc")
        .fetch_all(&app.db)
        .await
        .expect("counters")
}

fn to<'a>(mails: &'a [Mail], address: &str) -> &'a Mail {
    mails.iter().find(|mail| mail.to == [address]).expect("a mail to them")
}

#[tokio::test]
async fn undoing_a_cancellation_takes_a_place_again_and_sends_mails() {
    let server = MailServer::start().await;
    let app = TestApp::start_with(|settings| server.serves(settings)).await;
    two_from_graz(&app).await;
    let staff = app.staff().await;
    cancels(&staff, "Boris Maier").await;
    let before = server.received(6).await;
    assert_eq!(taken(&app).await, [1, 1]);

    let between = asks(&staff, "Boris Maier").await;
    between.must_not_say("Already registered again").must_not_say("A rule stands against this");
    let page = staff.sends(between.form(UNDO)).await;
    assert_eq!(page.redirected_by, Some(303));
    page.must_say("The cancellation is undone.").must_say("confirmed");
    let name = staff.account.clone().expect("an account").name;
    page.must_say(&format!("Cancellation undone by {name}"));
    page.must_say("Reason it was cancelled: He cannot travel.").must_not_say("nothing");
    assert!(page.find_link("Undo the cancellation …").is_none() && page.find_link("Cancel …").is_some());
    assert_eq!(taken(&app).await, [2, 1, 1]);
    assert_eq!(count(&app, "select count(*) from place where state = 'held'").await, 2);

    let all = server.received(9).await;
    let new: Vec<Mail> = all.into_iter().filter(|mail| before.iter().all(|old| old.raw != mail.raw)).collect();
    let boris = to(&new, "boris@graz.example");
    assert!(boris.subject().starts_with("You are registered again"), "{}", boris.subject());
    for words in [boris.text(), boris.html()] {
        assert!(words.contains("We have undone your cancellation."), "{words}");
        assert!(!words.contains("has done this for you"), "{words}");
    }
    app.delegate().opens(&boris.link("/manage/")).await.must_say("Boris Maier").must_say("Confirmed");
    let anna = to(&new, "anna@graz.example");
    assert!(anna.subject().starts_with("Registered again"), "{}", anna.subject());
    assert!(anna.text().contains("We have undone the cancellation for Boris Maier"), "{}", anna.text());
    app.delegate().opens(&anna.link("/manage/")).await.must_not_say("is cancelled");
    let operations = to(&new, "operations@majorcities.eu");
    assert!(operations.subject().starts_with("Cancellation undone"), "{}", operations.subject());
    assert!(operations.text().contains("The cancellation for Boris Maier has been undone"), "{}", operations.text());
    let boris = opened(&staff, "Boris Maier").await.path;
    assert_eq!(operations.link("/staff/"), boris.split('?').next().unwrap_or_default());
}

#[tokio::test]
async fn a_cancellation_is_not_undone_if_somebody_else_has_the_place() {
    let app = TestApp::start().await;
    two_from_graz(&app).await;
    sqlx::query("update capacity set places = 2 where category_id is null").execute(&app.db).await.expect("a limit");
    let staff = app.staff().await;
    cancels(&staff, "Boris Maier").await;
    let between = asks(&staff, "Boris Maier").await;
    registers(&app.delegate(), "Dora", "dora@linz.example").await.must_say("You are registered");
    let mails = count(&app, "select count(*) from message").await;
    let page = staff.sends(between.form(UNDO)).await;
    page.must_be(409).must_say("Not undone yet.").must_say("Boris Maier is still cancelled");
    page.must_say("The conference is full (2 places)").must_not_say("University is full");
    assert_eq!(page.attributes("input[name=reason]", "autofocus").len(), 1, "the reason has the focus");
    opened(&staff, "Boris Maier").await.must_say("He cannot travel.");
    assert_eq!(count(&app, "select count(*) from attendee where state = 'cancelled'").await, 1);
    assert_eq!(count(&app, "select count(*) from place where state = 'held'").await, 2);
    assert_eq!(count(&app, "select count(*) from message").await, mails, "nobody is told what did not happen");
    assert_eq!(count(&app, "select count(*) from audit where kind = 'attendee_reinstated'").await, 0);
}

#[tokio::test]
async fn a_cancellation_is_not_undone_if_the_category_is_full() {
    let app = TestApp::start().await;
    two_from_graz(&app).await;
    let staff = app.staff().await;
    cancels(&staff, "Boris Maier").await;
    sqlx::query("update capacity set places = 0 from category where category.id = category_id and slug = 'university'")
        .execute(&app.db)
        .await
        .expect("a limit");
    let between = asks(&staff, "Boris Maier").await;
    between.must_say("University is full (0 places)").must_not_say("conference is full");
    assert!(!between.has_form(UNDO), "only with a reason");
    let page = staff.sends(between.form(ANYWAY)).await;
    page.must_be(422);
    assert!(page.error_beside("Reason").is_some());
    assert_eq!(taken(&app).await, [1, 1]);
    // With a reason there is one more place.
    let page = staff.sends(page.form(ANYWAY).fill("Reason", "Our mistake")).await;
    page.must_say("The cancellation is undone.").must_say("Reason: Our mistake");
    assert_eq!(taken(&app).await, [2, 1, 1]);
    assert_eq!(count(&app, "select places::bigint from capacity where places is not null").await, 1);
}

#[tokio::test]
async fn if_no_place_is_free_the_attendee_can_join_the_waiting_list_instead() {
    let app = TestApp::start().await;
    two_from_graz(&app).await;
    let staff = app.staff().await;
    cancels(&staff, "Boris Maier").await;
    limits(&app.db, "", Some(1)).await;
    sqlx::query("delete from message").execute(&app.db).await.expect("an empty outbox");
    let page = staff.sends(asks(&staff, "Boris Maier").await.form("Put on the waiting list")).await;
    page.must_say("On the waiting list.").must_say("number 1 in the queue");
    assert_eq!(taken(&app).await, [1, 1]);
    assert_eq!(count(&app, "select count(*) from message where kind = 'waiting'").await, 2, "Boris and the contact");
    // Her place is offered to Boris. With a reason there is another one for her.
    cancels(&staff, "Anna Gruber").await;
    let page = asks(&staff, "Anna Gruber").await;
    page.must_say("The conference is full (one place)");
    let form = page.form(ANYWAY).fill("Reason", "She speaks").untick("Tell the person and the contact by e-mail");
    let mails = count(&app, "select count(*) from message where kind <> 'operations_confirmation'").await;
    staff.sends(form).await.must_say("The cancellation is undone.");
    let after = count(&app, "select count(*) from message where kind <> 'operations_confirmation'").await;
    assert_eq!(after, mails, "only operations are told");
}

#[tokio::test]
async fn two_people_who_undo_the_same_cancellation_at_once_take_one_place_and_send_one_mail() {
    let app = TestApp::start().await;
    two_from_graz(&app).await;
    let (eva, tom) = (app.staff().await, app.staff().await);
    cancels(&eva, "Boris Maier").await;
    sqlx::query("delete from message").execute(&app.db).await.expect("an empty outbox");
    let (of_eva, of_tom) = (asks(&eva, "Boris Maier").await, asks(&tom, "Boris Maier").await);
    let (one, other) = tokio::join!(eva.sends(of_eva.form(UNDO)), tom.sends(of_tom.form(UNDO)));
    one.must_be(200).must_say("confirmed");
    other.must_be(200).must_say("confirmed");
    assert_eq!(taken(&app).await, [2, 1, 1]);
    assert_eq!(count(&app, "select count(*) from message").await, 3, "the contact, Boris and operations");
    assert_eq!(count(&app, "select count(*) from audit where kind = 'attendee_reinstated'").await, 1);
    eva.opens(&of_eva.path).await.must_say("Boris Maier is not cancelled");
}

#[tokio::test]
async fn the_page_says_if_the_person_has_registered_again() {
    let app = TestApp::start().await;
    two_from_graz(&app).await;
    let staff = app.staff().await;
    cancels(&staff, "Boris Maier").await;
    registers(&app.delegate(), "boris maier", "Boris@graz.example").await.must_say("You are registered");
    let reference: String = sqlx::query_scalar(
        "select reference from registration join attendee on registration_id = registration.id where name = 'boris maier'",
    )
    .fetch_one(&app.db)
    .await
    .expect("his second registration");
    let between = asks(&staff, "Boris Maier").await;
    between.must_say("Already registered again").must_say(&reference).must_say("two places are taken for one person");
    assert!(between.link(&format!("registration {reference}")).starts_with(ATTENDEES));

    // Nobody can be on the same registration twice.
    let page = staff.follows(&opened(&staff, "Anna Gruber").await, "Correct").await;
    let anna = page.form("Save").fill_in("Attendee", "Name", "Boris Maier");
    staff.sends(anna.fill_in("Attendee", "E-mail", "boris@graz.example")).await.must_say("Corrected.");
    let page = staff.sends(between.form(UNDO)).await;
    page.must_be(409).must_say("The same person already has a place on this registration");
    for page in [page, staff.opens(&between.path).await] {
        page.must_not_say("two places are taken").must_not_say("gets a place again");
        assert!(!page.has_form(UNDO), "there is nothing to undo");
        let links = page.links().into_iter().filter(|(words, _)| words == "Boris Maier").map(|(_, to)| to);
        assert_eq!(links.collect::<std::collections::BTreeSet<_>>().len(), 2, "to both of them");
    }
    assert_eq!(count(&app, "select count(*) from attendee where state = 'cancelled'").await, 1);
}

#[tokio::test]
async fn the_page_names_the_others_of_a_group_who_stay_cancelled() {
    let app = TestApp::start().await;
    two_from_graz(&app).await;
    let staff = app.staff().await;
    let between = staff.follows(&opened(&staff, "Boris Maier").await, "Cancel …").await;
    let all = between.form("Cancel the place").forge("who", "all").fill("Reason", "They cannot travel.");
    staff.sends(all).await.must_say("Cancelled.");
    let between = asks(&staff, "Boris Maier").await;
    between.must_say("One colleague on the same registration will stay cancelled: Anna Gruber.");
    staff.follows(&between, "Anna Gruber").await.must_say("Undo the cancellation …");
}
