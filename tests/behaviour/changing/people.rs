//! Adding people, and undoing a cancellation.

use super::{Graz, OPERATIONS, says, to};
use crate::{
    managing::{cancels, taken, three_from_graz},
    questions::asks_for_shirts,
    registering::{count, registers},
    support::{Form, Page, Person, TestApp},
};

async fn add(delegate: &Person, contact: &str) -> Form {
    let page = delegate.opens(contact).await;
    delegate.follows(&page, "Add a person …").await.form("Add this person")
}

fn dora(form: Form) -> Form {
    form.fill("Name", "Dora").fill("E-mail", "dora@graz.example").choose("Category", "University")
}

/// Undoes a cancellation on the page of a link.
async fn undoes(delegate: &Person, link: &str, whose: &str) -> Page {
    let page = delegate.opens(link).await;
    delegate.sends(page.form(&format!("Undo the cancellation of {whose}"))).await
}

#[tokio::test]
async fn the_contact_adds_a_person_who_gets_a_place_and_a_confirmation() {
    let mut graz = Graz::registers().await;
    let anna = graz.app.delegate();
    let form = dora(add(&anna, &graz.anna).await).fill("Job title", "CIO").fill("Dietary needs", "no nuts");
    let page = anna.sends(form.clone()).await;
    page.must_be(422).must_say("Tick this to agree, or delete the needs.");
    let label = "This person agrees that the conference staff may use this information to arrange food and access, and for nothing else. They can withdraw their consent at any time.";
    let page = anna.sends(form.tick(label)).await;
    assert_eq!(page.redirected_by, Some(303));
    page.must_say("Added. Dora has a place.").must_say("dora@graz.example");
    assert_eq!(taken(&graz.app).await, [4, 2, 2]);
    assert_eq!(count(&graz.app, "select count(*) from attendee_needs where dietary = 'no nuts'").await, 1);
    let told = graz.told(3).await;
    let dora = to(&told, "dora@graz.example");
    assert!(dora.subject().starts_with("You are registered"), "{}", dora.subject());
    anna.opens(&dora.link("/manage/")).await.must_say("Your place").must_not_say("Boris");
    says(to(&told, "anna@graz.example"), "Dora was added to your registration");
    says(to(&told, OPERATIONS), "A delegate added Dora to the registration.");
    let staff = graz.app.staff().await;
    let page = staff.opens("/staff/leipzig-2018/attendees?q=dora").await;
    staff.follows(&page, "Dora").await.must_say("Added to the registration by the delegate");
}

#[tokio::test]
async fn a_person_is_added_only_if_everything_is_right() {
    let app = TestApp::start().await;
    let [contact, boris, _] = three_from_graz(&app).await;
    let anna = app.delegate();
    let form = add(&anna, &contact).await;
    let page = anna.sends(form.clone()).await;
    page.must_be(422);
    let fields: Vec<String> = page.errors().into_iter().map(|(_, message)| message).collect();
    assert_eq!(fields, ["Give the name", "Give the e-mail address", "Choose a category"]);
    let page = anna
        .sends(form.clone().fill("Name", "BORIS").fill("E-mail", "Boris@graz.example").choose("Category", "University"))
        .await;
    page.must_be(422).must_say("same name and e-mail address");
    anna.tries(&format!("{boris}/add")).await.must_be(404);
    anna.sends(dora(form).to(&format!("{boris}/add"))).await.must_be(404);
    assert_eq!(taken(&app).await, [3, 2, 1]);
}

#[tokio::test]
async fn nobody_is_added_without_a_place() {
    let app = TestApp::start().await;
    let [contact, ..] = three_from_graz(&app).await;
    let anna = app.delegate();
    let form = dora(add(&anna, &contact).await);
    sqlx::query("update capacity set places = 1 from category where category.id = category_id and slug = 'university'")
        .execute(&app.db)
        .await
        .expect("a limit");
    let page = anna.sends(form.clone()).await;
    page.must_be(422).must_say("This category is now full. Choose another one, or contact us");
    assert_eq!(page.form("Add this person").value("Name"), "Dora");
    sqlx::query("update capacity set places = 3 where category_id is null").execute(&app.db).await.expect("a limit");
    anna.sends(form).await.must_be(422).must_say("No place is left at the conference.");
    let page = anna.opens(&contact).await;
    anna.follows(&page, "Add a person …").await.must_say("No places are left.");
    assert_eq!(taken(&app).await, [3, 2, 1]);
    assert_eq!(count(&app, "select count(*) from message").await, 0);
}

#[tokio::test]
async fn a_registration_has_at_most_fifty_people_and_cancelled_ones_do_not_count() {
    let app = TestApp::start().await;
    let [contact, ..] = three_from_graz(&app).await;
    let anna = app.delegate();
    let form = add(&anna, &contact).await;
    let one = |n: usize| {
        let form = form.clone().fill("Name", &format!("Person {n}")).fill("E-mail", &format!("p{n}@graz.example"));
        form.choose("Category", "Member city")
    };
    let rows: Vec<_> = (4..=49).map(|n| format!("Person {n}\tp{n}@graz.example\t\tMember city")).collect();
    let page = anna.opens(&contact).await;
    let several = anna.follows(&page, "Add several people …").await.form("Add these people");
    anna.sends(several.fill("Rows of the spreadsheet", &rows.join("\n"))).await.must_say("Added.");
    // Two at once for the last one.
    let (first, second) = tokio::join!(anna.sends(one(50)), anna.sends(one(51)));
    let full = "This registration has 50 people, the most that it can have.";
    assert_eq!([&first, &second].iter().filter(|page| page.says("Added.")).count(), 1);
    assert!([&first, &second].iter().any(|page| page.says(full) || page.redirected_by == Some(303)));
    assert_eq!(taken(&app).await[0], 50);
    assert!(anna.opens(&contact).await.find_link("Add a person …").is_none());
    let page = anna.opens(&contact).await;
    cancels(&anna, &page, "Cancel for Boris …", "Yes, cancel").await;
    anna.sends(one(52)).await.must_say("Added.");
    assert_eq!(taken(&app).await[0], 50);
}

#[tokio::test]
async fn a_delegate_undoes_their_own_cancellation_while_a_place_is_free() {
    let mut graz = Graz::registers().await;
    let boris = graz.app.delegate();
    let page = boris.opens(&graz.boris).await;
    cancels(&boris, &page, "Cancel for Boris …", "Yes, cancel").await.must_say("Your place is cancelled");
    graz.told(3).await;
    let page = undoes(&boris, &graz.boris, "Boris").await;
    page.must_say("The cancellation is undone. Boris has a place again.").must_say("Confirmed");
    assert_eq!(taken(&graz.app).await, [3, 2, 1]);
    let told = graz.told(3).await;
    assert!(to(&told, "boris@graz.example").subject().starts_with("You are registered again"));
    assert!(to(&told, OPERATIONS).subject().starts_with("Cancellation undone"));
    let staff = graz.app.staff().await;
    let page = staff.opens("/staff/leipzig-2018/attendees").await;
    staff.follows(&page, "Boris").await.must_say("Cancellation undone by the delegate");
    // The button of a page that is still open changes nothing and sends no mail.
    let mails = count(&graz.app, "select count(*) from message").await;
    let page = boris.opens(&graz.anna).await;
    cancels(&boris, &page, "Cancel for Carla …", "Yes, cancel").await;
    let again = boris.opens(&graz.carla).await.form("Undo the cancellation of Carla");
    boris.sends(again.clone()).await.must_say("The cancellation is undone.");
    boris.sends(again).await.must_be(200).must_say("Confirmed");
    assert_eq!(count(&graz.app, "select count(*) from message").await, mails + 6);
}

#[tokio::test]
async fn a_cancellation_is_not_undone_if_the_place_is_taken_or_the_person_is_there_again() {
    let app = TestApp::start().await;
    let [contact, ..] = three_from_graz(&app).await;
    let anna = app.delegate();
    let page = anna.opens(&contact).await;
    cancels(&anna, &page, "Cancel for Boris …", "Yes, cancel").await;
    let form = add(&anna, &contact).await.fill("Name", "boris").fill("E-mail", "boris@graz.example");
    anna.sends(form.choose("Category", "University")).await.must_say("Added.");
    assert!(!anna.opens(&contact).await.has_form("Undo the cancellation of Boris"), "he is there again");
    let page = anna.opens(&contact).await;
    cancels(&anna, &page, "Cancel for boris …", "Yes, cancel").await;
    sqlx::query("update capacity set places = 3 where category_id is null").execute(&app.db).await.expect("a limit");
    registers(&app.delegate(), "Emil", "emil@linz.example").await.must_say("You are registered");
    let page = undoes(&anna, &contact, "Boris").await;
    page.must_say("Not undone: no place is free.").must_say("Cancelled");
    assert_eq!(taken(&app).await[0], 3);
    assert_eq!(count(&app, "select count(*) from audit where kind = 'attendee_reinstated'").await, 0);
}

#[tokio::test]
async fn a_delegate_cannot_undo_what_staff_cancelled() {
    let app = TestApp::start().await;
    let [contact, boris, _] = three_from_graz(&app).await;
    let anna = app.delegate();
    let page = anna.opens(&contact).await;
    cancels(&anna, &page, "Cancel for Boris …", "Yes, cancel").await;
    let undo = anna.opens(&boris).await.form("Undo the cancellation of Boris");
    anna.sends(undo.clone()).await.must_say("The cancellation is undone.");
    let staff = app.staff().await;
    let page = staff.opens("/staff/leipzig-2018/attendees").await;
    let page = staff.follows(&page, "Boris").await;
    let page = staff.follows(&page, "Cancel …").await;
    staff.sends(page.form("Cancel the place").fill("Reason", "Twice.")).await.must_say("Cancelled.");
    let page = anna.opens(&boris).await;
    page.must_say("Your place is cancelled.").must_not_say("Undo");
    anna.sends(undo).await.must_say("Your place is cancelled.").must_not_say("is undone");
    assert_eq!(taken(&app).await, [2, 1, 1]);
}

#[tokio::test]
async fn a_person_who_is_added_answers_the_questions_and_answers_go_with_whoever_gives_the_place_away() {
    let app = TestApp::start().await;
    let [contact, ..] = three_from_graz(&app).await;
    asks_for_shirts(&app).await;
    let anna = app.delegate();
    let form = dora(add(&anna, &contact).await);
    let page = anna.sends(form.clone()).await;
    page.must_be(422);
    assert_eq!(page.errors().len(), 1, "{:?}", page.errors());
    anna.sends(form.choose("T-shirt size", "Very large")).await.must_say("Added.").must_say("Very large");
    let page = anna.opens(&contact).await;
    let form = anna.follows(&page, "Transfer the place of Dora …").await.form("Transfer the place");
    let page = anna.sends(form.fill("Name", "Emil").fill("E-mail", "emil@graz.example")).await;
    page.must_say("Transferred.").must_not_say("Very large");
    assert_eq!(count(&app, "select count(*) from answer").await, 0);
}
