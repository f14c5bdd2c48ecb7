//! The contact adds several people later, all at once.

use super::{ADD, PASTE, rows};
use crate::{
    managing::{cancels, taken, three_from_graz},
    questions::asks_for_shirts,
    registering::{count, mails},
    support::{Form, Person, TestApp},
};

async fn several(delegate: &Person, contact: &str) -> Form {
    let page = delegate.opens(contact).await;
    delegate.follows(&page, "Add several people …").await.form(ADD)
}

#[tokio::test]
async fn several_people_are_added_with_one_notice_and_a_confirmation_each() {
    let app = TestApp::start().await;
    let [contact, boris, _] = three_from_graz(&app).await;
    let anna = app.delegate();
    let form = several(&anna, &contact).await;
    let pasted = rows(4..=6) + "Gina\tPerson-6@graz.example\t\tMember city\nHugo\tanna@graz.example\t\tMember city\n";
    let page = anna.sends(form.fill(PASTE, &pasted)).await;
    assert_eq!(page.redirected_by, Some(303));
    page.must_say("Added.").must_say("8 confirmed").must_say("person-4@graz.example").must_say("Gina");
    assert_eq!(taken(&app).await, [8, 4, 4]);
    let sent: Vec<_> = mails(&app).await;
    let sent: Vec<_> = sent.iter().map(|(kind, to)| (kind.as_str(), to.as_str())).collect();
    assert_eq!(
        sent,
        [
            ("change", "anna@graz.example"),
            ("attendee_confirmation", "person-4@graz.example"),
            ("attendee_confirmation", "person-5@graz.example"),
            ("attendee_confirmation", "person-6@graz.example"),
            ("operations_change", "operations@majorcities.eu"),
        ]
    );
    assert_eq!(count(&app, "select count(*) from audit where kind = 'attendee_added'").await, 5);
    anna.tries(&format!("{boris}/add-people")).await.must_be(404);
}

#[tokio::test]
async fn several_people_are_added_only_if_every_row_is_right() {
    let app = TestApp::start().await;
    let [contact, ..] = three_from_graz(&app).await;
    let anna = app.delegate();
    let form = several(&anna, &contact).await;
    let pasted =
        "Dora\tdora@graz.example\t\tUniversity\nboris\tBORIS@graz.example\t\tUniversity\nEmil\temil@graz.example\n";
    let page = anna.sends(form.clone().fill(PASTE, pasted)).await;
    page.must_be(422);
    assert_eq!(
        page.summary(),
        [
            "Row 2, “boris”: Somebody on this registration has the same name and e-mail address. Delete this row",
            "Row 3, “Emil”: Give the category: “Member city”, “Non-member city”, “University”, “Other public \
             organisation” or “Private organisation”",
        ]
    );
    assert_eq!(page.form(ADD).value(PASTE), pasted);
    let page = anna.sends(form.clone().fill(PASTE, &rows(1..=48))).await;
    let words = "You pasted 48 rows. One registration can have 50 people, and there are 3 already. Leave at most 47 here, \
                 and register the others with another form";
    assert_eq!(page.must_be(422).summary(), [words]);
    sqlx::query("update capacity set places = 3 from category where category.id = category_id and slug = 'university'")
        .execute(&app.db)
        .await
        .expect("a limit");
    let page = anna.sends(form.clone().fill(PASTE, &rows(1..=3))).await;
    assert_eq!(page.must_be(422).summary().len(), 1, "{:?}", page.summary());
    page.must_say("Not enough places are left for all of them, so nobody was added.");
    assert_eq!(page.form(ADD).value(PASTE), rows(1..=3));
    asks_for_shirts(&app).await;
    let page = anna.sends(form.fill(PASTE, &rows(1..=2))).await;
    page.must_be(422).must_say("People in one of these categories have to answer a question.");
    assert_eq!((taken(&app).await, count(&app, "select count(*) from message").await), (vec![3, 2, 1], 0));
}

#[tokio::test]
async fn the_contact_of_a_large_group_sees_who_is_confirmed_waiting_and_cancelled() {
    let app = TestApp::start().await;
    let [contact, ..] = three_from_graz(&app).await;
    let anna = app.delegate();
    anna.sends(several(&anna, &contact).await.fill(PASTE, &rows(4..=50))).await.must_say("50 confirmed");
    let page = anna.opens(&contact).await;
    assert!(page.find_link("Add several people …").is_none() && page.find_link("Add a person …").is_none());
    assert_eq!(page.texts("[role=group] > details > summary").len(), 50);
    for name in ["Boris", "Person 31"] {
        let page = anna.opens(&contact).await;
        cancels(&anna, &page, &format!("Cancel for {name} …"), "Yes, cancel").await;
    }
    sqlx::query("update attendee set state = 'waiting', queue_rank = 1 where name = 'Person 32'")
        .execute(&app.db)
        .await
        .expect("somebody who waits");
    let page = anna.opens(&contact).await;
    page.must_say("47 confirmed, 1 waiting, 2 cancelled");
    let page = anna.follows(&page, "Transfer the place of Person 33 …").await;
    let form = page.form("Transfer the place").fill("Name", "Zoe").fill("E-mail", "zoe@graz.example");
    anna.sends(form).await.must_say("Transferred.").must_say("Zoe").must_not_say("person-33@graz.example");
}
