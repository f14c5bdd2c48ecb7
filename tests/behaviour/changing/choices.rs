//! The category of an attendee, and answers to the questions that organisers ask.

use super::{OPERATIONS, says, to};
use crate::{
    categories::{category, sets_fee},
    managing::{link, three_from_graz},
    owing::{app_with_fees, two_from_graz},
    questions::{adds, asks_for_shirts},
    registering::{count, filled, form, mails},
    support::{MailServer, Page, Person, TestApp},
    waiting::{limits, none, wrong},
};

/// Opens the page on which the category and the answers of this attendee are changed.
async fn opens(delegate: &Person, link: &str, name: &str) -> Page {
    let page = delegate.opens(link).await;
    let words = page.links().into_iter().find(|(said, _)| said.starts_with("Change category") && said.ends_with(name));
    delegate.opens(&words.unwrap_or_else(|| panic!("no link for {name}")).1).await
}

async fn category_of(app: &TestApp, name: &str) -> String {
    sqlx::query_scalar(
        "select category.name from attendee join category on category.id = category_id where attendee.name = $1",
    )
    .bind(name)
    .fetch_one(&app.db)
    .await
    .expect("the category")
}

async fn owed(app: &TestApp) -> i64 {
    count(app, "select coalesce(sum(amount_cents), 0)::bigint from charge").await
}

#[tokio::test]
async fn the_contact_changes_a_category_and_sees_the_difference_before_and_what_is_owed_after() {
    let server = MailServer::start().await;
    let (app, _) = app_with_fees(&server).await;
    two_from_graz(&app).await;
    let before = server.received(3).await;
    let anna = app.delegate();
    let page = opens(&anna, &link(&app, None).await, "Boris Maier").await;
    let mut form = page.form("Save");
    let offered = form.choices("Category");
    for words in [
        "University (as now)",
        "Member city: EUR 450.00 (EUR 100.00 more)",
        "Private organisation: free (EUR 350.00 less)",
    ] {
        assert!(offered.contains(&words.to_owned()), "{offered:?}");
    }
    let page = anna.sends(form.choose("Category", "Member city: EUR 450.00 (EUR 100.00 more)")).await;
    page.must_say("Corrected.").must_say("EUR 900.00");
    assert_eq!((category_of(&app, "Boris Maier").await.as_str(), owed(&app).await), ("Member city", 90_000));
    none(&wrong(&app.db).await);
    let mut told = server.received(6).await;
    told.retain(|mail| before.iter().all(|old| old.raw != mail.raw));
    for words in ["Category", "before: University", "now: Member city", "What you owe", "EUR 900.00"] {
        says(to(&told, "anna@graz.example"), words);
    }
    let boris = to(&told, "boris@graz.example");
    says(boris, "now: Member city");
    assert!(!boris.text().contains("EUR"), "{}", boris.text());
    says(to(&told, OPERATIONS), "now: Member city");
    says(to(&told, OPERATIONS), "EUR 900.00");
    // Back again, and it costs what was agreed at first.
    let page = opens(&anna, &link(&app, None).await, "Boris Maier").await;
    let form = page.form("Save").choose("Category", "University: EUR 350.00 (EUR 100.00 less)");
    anna.sends(form).await.must_say("Corrected.").must_say("EUR 800.00");
    let staff = app.staff().await;
    let page = crate::desk::opened(&staff, "Boris Maier").await;
    page.must_say("Category changed by the delegate").must_say("Category: Member city").must_say("became University");
}

#[tokio::test]
async fn with_an_attendees_own_link_only_what_costs_the_same_can_be_chosen_and_no_amount_is_shown() {
    let server = MailServer::start().await;
    let (app, ada) = app_with_fees(&server).await;
    two_from_graz(&app).await;
    let boris = link(&app, Some("Boris Maier")).await;
    let him = app.delegate();
    let page = opens(&him, &boris, "Boris Maier").await;
    page.must_not_say("EUR").must_say("There is no other category with a free place that can be chosen here now.");
    ada.sends(category(&ada, "Private organisation").await.form("Save").fill("Fee", "350")).await.must_be(200);
    let page = opens(&him, &boris, "Boris Maier").await;
    page.must_not_say("EUR");
    let mut form = page.form("Save");
    assert_eq!(form.choices("Category"), ["University (as now)", "Private organisation"]);
    let member: String = sqlx::query_scalar("select id::text from category where slug = 'member-city'")
        .fetch_one(&app.db)
        .await
        .expect("it");
    let page = him.sends(page.form("Save").forge("attendee-1-category", &member)).await;
    page.must_be(422).must_say("This category has no free place now.");
    him.sends(form.choose("Category", "Private organisation")).await.must_say("Corrected.");
    assert_eq!((category_of(&app, "Boris Maier").await.as_str(), owed(&app).await), ("Private organisation", 80_000));
}

#[tokio::test]
async fn a_full_category_is_not_offered_and_a_last_place_that_is_gone_changes_nothing() {
    let app = TestApp::start().await;
    let [contact, ..] = three_from_graz(&app).await;
    limits(&app.db, "university", Some(2)).await;
    let anna = app.delegate();
    let form = opens(&anna, &contact, "Boris").await.form("Save").choose("Category", "University");
    limits(&app.db, "university", Some(1)).await;
    let page = anna.sends(form).await;
    page.must_be(422);
    assert_eq!(
        page.error_beside("Category").as_deref(),
        Some("This category has no free place now. Choose another one, or leave it as it is")
    );
    let offered = opens(&anna, &contact, "Boris").await.form("Save").choices("Category");
    assert!(offered.contains(&"Private organisation".to_owned()) && !offered.contains(&"University".to_owned()));
    assert_eq!(category_of(&app, "Boris").await, "Member city");
    assert!(mails(&app).await.is_empty());
    none(&wrong(&app.db).await);
}

#[tokio::test]
async fn two_who_want_the_last_place_of_a_category_do_not_both_get_it() {
    let app = TestApp::start().await;
    let [contact, ..] = three_from_graz(&app).await;
    limits(&app.db, "university", Some(2)).await;
    let (one, other) = (app.delegate(), app.delegate());
    let first = opens(&one, &contact, "Anna").await.form("Save").choose("Category", "University");
    let second = opens(&other, &contact, "Boris").await.form("Save").choose("Category", "University");
    let (first, second) = tokio::join!(one.sends(first), other.sends(second));
    let mut statuses = [first.status, second.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 422]);
    none(&wrong(&app.db).await);
}

#[tokio::test]
async fn the_place_that_somebody_leaves_is_offered_to_the_next_at_once() {
    let app = TestApp::start().await;
    let [contact, ..] = three_from_graz(&app).await;
    limits(&app.db, "member-city", Some(2)).await;
    crate::waiting::joins(&app, "Dora").await;
    let anna = app.delegate();
    let form = opens(&anna, &contact, "Boris").await.form("Save").choose("Category", "University");
    anna.sends(form).await.must_say("Corrected.");
    assert_eq!(crate::waiting::state(&app.db, "Dora").await, "offered");
    none(&wrong(&app.db).await);
    // Nobody overtakes those who wait.
    crate::waiting::joins(&app, "Emil").await;
    let offered = opens(&anna, &contact, "Boris").await.form("Save").choices("Category");
    assert!(!offered.contains(&"Member city".to_owned()), "{offered:?}");
}

#[tokio::test]
async fn somebody_who_waits_goes_to_the_end_of_the_other_queue() {
    let app = TestApp::start().await;
    three_from_graz(&app).await;
    limits(&app.db, "", Some(3)).await;
    for (name, category) in [("Dora", "Member city (waiting list)"), ("Emil", "University (waiting list)")] {
        crate::waiting::sends(&app.delegate(), name, category).await.must_say("You are on the waiting list");
    }
    let dora = format!("/manage/{}", crate::waiting::secret_of(&app.db, "Dora", false).await);
    let delegate = app.delegate();
    let page = opens(&delegate, &dora, "Dora").await;
    page.must_say("In another category, the place in the queue is the last.");
    let page = delegate.sends(page.form("Save").choose("Category", "University")).await;
    page.must_say("Corrected.").must_say("number 2 in the queue");
    assert_eq!(crate::waiting::queue(&app.db).await, ["Emil", "Dora"]);
    none(&wrong(&app.db).await);
}

#[tokio::test]
async fn the_questions_of_the_new_category_are_asked_and_answers_that_it_does_not_need_are_deleted() {
    let app = TestApp::start().await;
    let ada = app.administrator().await;
    adds(&ada, "Which city association?", "One line", |form| form.tick_in("Only of these categories", "Member city"))
        .await;
    adds(&ada, "Which faculty?", "One line", |form| {
        form.tick_in("Only of these categories", "University").tick("An answer is required")
    })
    .await;
    let anna = app.delegate();
    let sent = filled(form(&anna).await, "Anna", "anna@graz.example").fill("Which city association?", "Eurocities");
    anna.sends(sent).await.must_say("You are registered");
    let contact = link(&app, None).await;
    let page = opens(&anna, &contact, "Anna").await;
    assert_eq!(page.form("Save").value("Which city association?"), "Eurocities");
    let page = anna.sends(page.form("Save").choose("Category", "University")).await;
    page.must_be(422);
    assert_eq!(page.error_beside("Which faculty?").as_deref(), Some("Answer “Which faculty?”"));
    anna.sends(page.form("Save").fill("Which faculty?", "Law"))
        .await
        .must_say("Corrected.")
        .must_say("Law")
        .must_not_say("Eurocities");
    assert_eq!(category_of(&app, "Anna").await, "University");
    assert_eq!(count(&app, "select count(*) from answer").await, 1);
}

#[tokio::test]
async fn answers_are_changed_and_no_mail_contains_them() {
    let app = TestApp::start().await;
    let ada = asks_for_shirts(&app).await;
    adds(&ada, "Table for the dinner", "One line", |form| {
        form.choose("Asked of", "The contact, once for the registration")
    })
    .await;
    let anna = app.delegate();
    let sent = filled(form(&anna).await, "Anna", "anna@graz.example").choose("T-shirt size", "Small");
    anna.sends(sent.fill("Table for the dinner", "Near the band")).await.must_say("You are registered");
    sqlx::query("delete from message").execute(&app.db).await.expect("an empty outbox");
    let contact = link(&app, None).await;
    let page = opens(&anna, &contact, "Anna").await;
    anna.sends(page.form("Save")).await.must_not_say("Corrected.");
    assert!(mails(&app).await.is_empty());
    let page = anna.sends(page.form("Save").choose("T-shirt size", "Very large")).await;
    page.must_say("Corrected.").must_say("T-shirt size Very large");
    let page = anna.follows(&page, "Change answers").await;
    let page = anna.sends(page.form("Save").fill("Table for the dinner", "Far from the band")).await;
    page.must_say("Corrected.").must_say("Far from the band");
    assert_eq!(count(&app, "select count(*) from message where data::text ~ 'band|large'").await, 0);
    assert_eq!(count(&app, "select count(*) from message").await, 4);
    let page = crate::desk::opened(&app.staff().await, "Anna").await;
    page.must_say("T-shirt size Very large").must_say("Answers changed by the delegate");
}

#[tokio::test]
async fn of_two_people_who_answer_at_once_the_second_sees_what_is_saved_and_decides() {
    let app = TestApp::start().await;
    asks_for_shirts(&app).await;
    let anna = app.delegate();
    let sent = filled(form(&anna).await, "Anna", "anna@graz.example").choose("T-shirt size", "Small");
    anna.sends(sent).await.must_say("You are registered");
    let contact = link(&app, None).await;
    let (first, second) = (opens(&anna, &contact, "Anna").await, opens(&anna, &contact, "Anna").await);
    anna.sends(first.form("Save").choose("T-shirt size", "Very large")).await.must_say("Corrected.");
    let page = anna.sends(second.form("Save").choose("Category", "University")).await;
    page.must_be(409).must_say("Not saved.").must_say("T-shirt size Very large");
    let form = page.form("Save");
    assert_eq!((form.value("Category"), form.value("T-shirt size")), ("University".to_owned(), "Small".to_owned()));
    anna.sends(form).await.must_say("Corrected.").must_say("T-shirt size Small");
}

#[tokio::test]
async fn a_fee_that_changed_since_the_form_was_opened_is_shown_before_it_is_owed() {
    let server = MailServer::start().await;
    let (app, ada) = app_with_fees(&server).await;
    two_from_graz(&app).await;
    let anna = app.delegate();
    let form = opens(&anna, &link(&app, None).await, "Boris Maier").await.form("Save");
    let form = form.choose("Category", "Member city: EUR 450.00 (EUR 100.00 more)");
    sets_fee(&ada, "475").await;
    let page = anna.sends(form).await;
    page.must_be(422);
    assert_eq!(
        page.error_beside("Category").as_deref(),
        Some("The fee has changed: EUR 450.00 before, EUR 475.00 now. If you agree, send the form again")
    );
    assert_eq!(owed(&app).await, 80_000);
    anna.sends(page.form("Save")).await.must_say("Corrected.");
    assert_eq!(owed(&app).await, 92_500);
}

#[tokio::test]
async fn whoever_registered_free_of_charge_owes_nothing_when_there_are_fees_later() {
    let app = TestApp::start().await;
    let [contact, ..] = three_from_graz(&app).await;
    sets_fee(&app.administrator().await, "450").await;
    let anna = app.delegate();
    let page = anna.opens(&contact).await;
    let form = anna.follows(&page, "Add a person …").await.form("Add this person");
    let form =
        form.fill("Name", "Dora").fill("E-mail", "dora@graz.example").choose("Category", "Member city: EUR 450.00");
    anna.sends(form).await.must_say("Added.");
    assert_eq!(owed(&app).await, 45_000, "only Dora’s");
    let page = anna.opens(&contact).await;
    let page = anna.follows(&page, "Cancel for Boris …").await;
    let page = anna.sends(page.form("Yes, cancel")).await;
    anna.sends(page.form("Undo the cancellation of Boris")).await.must_say("The cancellation is undone.");
    assert_eq!(owed(&app).await, 45_000, "Boris’s place is still free of charge");
}

#[tokio::test]
async fn the_difference_counts_from_what_is_owed_with_a_code_and_the_code_is_lost() {
    let server = MailServer::start().await;
    let (app, ada) = app_with_fees(&server).await;
    crate::codes::makes(&ada, "FRIENDS", "University", |form| form.fill("Reduced fee", "99")).await;
    let anna = app.delegate();
    let page = anna.opens("/leipzig-2018/register?code=FRIENDS").await;
    let form = crate::waiting::filled(page.form("Register"), "Anna", "University: EUR 99.00");
    anna.sends(form).await.must_say("You are registered");
    let page = opens(&anna, &link(&app, None).await, "Anna").await;
    page.must_say("and the code no longer counts.");
    let mut form = page.form("Save");
    let offered = form.choices("Category");
    for words in ["Member city: EUR 450.00 (EUR 351.00 more)", "Private organisation: free (EUR 99.00 less)"] {
        assert!(offered.contains(&words.to_owned()), "{offered:?}");
    }
    let own = opens(&anna, &link(&app, Some("Anna")).await, "Anna").await;
    own.must_say("Only the contact of your registration can choose a category that costs more or less.");
}

#[tokio::test]
async fn answers_that_few_may_see_stay_hidden_from_the_contact_and_stay_as_they_are() {
    let app = TestApp::start().await;
    let ada = asks_for_shirts(&app).await;
    adds(&ada, "Interpreter", "One line", |form| form.choose("Answers are seen by", "Only people who may read needs"))
        .await;
    sqlx::query("update question_version set required = false").execute(&app.db).await.expect("no required answers");
    let [contact, boris, _] = three_from_graz(&app).await;
    let (anna, him) = (app.delegate(), app.delegate());
    let form = opens(&him, &boris, "Boris").await.form("Save").fill("Interpreter", "Sign language");
    him.sends(form).await.must_say("Corrected.").must_say("Sign language");
    anna.opens(&contact).await.must_not_say("Sign language");
    let page = opens(&anna, &contact, "Boris").await;
    page.must_not_say("Interpreter").must_not_say("Sign language");
    anna.sends(page.form("Save").choose("T-shirt size", "Small")).await.must_say("Corrected.");
    him.opens(&boris).await.must_say("Sign language");
}

#[tokio::test]
async fn of_choices_that_are_sent_at_once_from_one_form_only_the_first_is_saved() {
    let app = TestApp::start().await;
    let [contact, ..] = three_from_graz(&app).await;
    let anna = app.delegate();
    let form = opens(&anna, &contact, "Boris").await.form("Save");
    let [one, other] = ["University", "Private organisation"].map(|category| form.clone().choose("Category", category));
    let (one, other) = tokio::join!(anna.sends(one), anna.sends(other));
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
    none(&wrong(&app.db).await);
}

#[tokio::test]
async fn with_an_own_link_nobody_waits_for_a_place_that_costs_another_fee() {
    let server = MailServer::start().await;
    let (app, _) = app_with_fees(&server).await;
    limits(&app.db, "", Some(0)).await;
    crate::waiting::sends(&app.delegate(), "Dora", "University").await.must_say("You are on the waiting list");
    let own = format!("/manage/{}", crate::waiting::secret_of(&app.db, "Dora", true).await);
    let dora = app.delegate();
    opens(&dora, &own, "Dora").await.must_not_say("EUR").must_say("There is no other category with a free place");
}
