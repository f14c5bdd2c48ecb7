//! Organisers add questions to the registration form, delegates answer them, and staff read the answers.

use super::{
    desk::opened,
    desk_list::ATTENDEES,
    managing::link,
    registering::{count, filled, form, registers},
};
use crate::support::{Form, LEIPZIG, Page, Person, TestApp};

const QUESTIONS: &str = "/administration/leipzig-2018/questions";
const REGISTER: &str = "/leipzig-2018/register";

/// Adds a question with this kind of answer and returns the list of questions.
pub async fn adds(ada: &Person, text: &str, kind: &str, change: impl FnOnce(Form) -> Form) -> Page {
    let new = ada.follows(&ada.opens(QUESTIONS).await, "New question").await.form("Save");
    let new = new.fill("Question", text).fill("We use this to …", "plan the tables").choose("Answer", kind);
    let page = ada.sends(change(new)).await;
    page.must_say("Saved.");
    page
}

pub async fn asks_for_shirts(app: &TestApp) -> Person {
    let ada = app.administrator().await;
    adds(&ada, "T-shirt size", "One of the choices", |form| {
        form.fill("Choices", "Small\nVery large").tick("An answer is required")
    })
    .await;
    ada
}

#[tokio::test]
async fn the_form_asks_a_new_question_with_its_purpose() {
    let app = TestApp::start().await;
    app.delegate().opens(REGISTER).await.must_not_say("plan the tables");
    let ada = app.administrator().await;
    let list =
        adds(&ada, "Which city do you travel from?", "One line", |form| form.fill("Help", "By train, the first")).await;
    list.must_say("One line")
        .must_say("Each attendee")
        .must_say("Everybody at the desk")
        .must_say("As delegates see them");
    let page = app.delegate().opens(REGISTER).await;
    page.must_say("Which city do you travel from? (optional)");
    page.must_say("By train, the first. We use this to plan the tables.");
    let sent = filled(page.form("Register"), "Anna", "anna@graz.example");
    app.delegate().sends(sent.fill("Which city do you travel from?", "Vienna")).await.must_say("You are registered");
    opened(&app.staff().await, "Anna").await.must_say("Which city do you travel from? Vienna");
}

#[tokio::test]
async fn every_kind_of_question_is_answered_and_shown_at_the_desk_and_to_the_delegate() {
    let app = TestApp::start().await;
    let ada = app.administrator().await;
    let choices = |form: Form| form.fill("Choices", "By train\nOn foot, all the way\nBy car");
    for (text, kind) in [
        ("Hobby", "One line"),
        ("About you", "Several lines"),
        ("Guests", "A number"),
        ("Arrival", "A day"),
        ("First time", "Yes or no"),
    ] {
        adds(&ada, text, kind, |form| form).await;
    }
    adds(&ada, "Way here", "One of the choices", choices).await;
    adds(&ada, "Ways around", "Any of the choices", choices).await;
    let anna = app.delegate();
    let sent = filled(form(&anna).await, "Anna", "anna@graz.example")
        .fill("Hobby", "Choir")
        .fill("About you", "I sing.\nOften.")
        .fill("Guests", "2,50")
        .fill("Arrival", "2018-05-27")
        .choose("First time", "Yes")
        .choose("Way here", "On foot, all the way")
        .tick_in("Ways around", "By train")
        .tick_in("Ways around", "On foot, all the way");
    anna.sends(sent).await.must_say("You are registered");
    let desk = opened(&app.staff().await, "Anna").await;
    for page in [desk, anna.opens(&link(&app, None).await).await] {
        for words in [
            "Hobby Choir",
            "About you I sing. Often.",
            "Guests 2.5",
            "Arrival Sunday 27 May 2018",
            "First time Yes",
            "Way here On foot, all the way",
            "Ways around By train; On foot, all the way",
        ] {
            page.must_say(words);
        }
    }
}

#[tokio::test]
async fn wrong_and_missing_answers_are_refused_beside_their_questions_and_everything_typed_stays() {
    let app = TestApp::start().await;
    let ada = asks_for_shirts(&app).await;
    adds(&ada, "Guests", "A number", |form| form).await;
    adds(&ada, "Ways around", "Any of the choices", |form| form.fill("Choices", "By bus\nOn foot")).await;
    let anna = app.delegate();
    let empty = anna.sends(form(&anna).await).await;
    empty.must_be(422).must_say("7 things need your attention").must_say("Answer “T-shirt size”");
    let sent =
        filled(form(&anna).await, "Anna", "anna@graz.example").fill("Guests", "two").tick_in("Ways around", "On foot");
    let again = anna.sends(sent).await;
    again.must_be(422).must_say("2 things need your attention");
    again.must_say("Answer “T-shirt size”").must_say("“Guests”: give a number, such as 12 or 2.5");
    let form = again.form("Register");
    assert_eq!((form.value("Guests").as_str(), form.ticked_in("Ways around")), ("two", vec!["On foot".to_owned()]));
    anna.sends(form.fill("Guests", "2").choose("T-shirt size", "Very large")).await.must_say("You are registered");
    assert_eq!(count(&app, "select count(*) from answer").await, 3);
}

#[tokio::test]
async fn a_question_for_one_category_is_asked_of_its_delegates_only() {
    let app = TestApp::start().await;
    let ada = app.administrator().await;
    adds(&ada, "Faculty", "One line", |form| {
        form.tick("An answer is required").tick_in("Only of these categories", "University")
    })
    .await
    .must_say("Each attendee: University");
    let anna = app.delegate();
    let page = anna.opens(REGISTER).await;
    page.must_say("Only for University.");
    // She is not of that category, so it need not be answered, and an answer is not kept.
    let sent = filled(page.form("Register"), "Anna", "anna@graz.example").fill("Faculty", "Law");
    anna.sends(sent).await.must_say("You are registered");
    assert_eq!(count(&app, "select count(*) from answer").await, 0);
    let sent = filled(form(&anna).await, "Ben", "ben@graz.example").choose_in("Person 1:", "Category", "University");
    let again = anna.sends(sent).await;
    again.must_be(422).must_say("Answer “Faculty”");
    // Once the category is chosen, only the questions for it are shown.
    anna.sends(again.form("Register").fill("Faculty", "Law")).await.must_say("You are registered");
    let other = filled(form(&anna).await, "Cleo", "cleo@graz.example").fill_in("You", "E-mail", "");
    anna.sends(other).await.must_be(422).must_not_say("Faculty (optional)").must_not_say("Only for University");
}

#[tokio::test]
async fn a_question_about_the_registration_is_asked_once_and_only_the_contact_sees_the_answer() {
    let app = TestApp::start().await;
    let ada = app.administrator().await;
    adds(&ada, "Cost centre", "One line", |form| form.choose("Asked of", "The contact, once for the registration"))
        .await;
    adds(&ada, "Hobby", "One line", |form| form).await;
    let anna = app.delegate();
    let page = anna.sends(form(&anna).await.forge("do", "add")).await;
    let sent = filled(page.form("Register"), "Anna", "anna@graz.example")
        .fill_in("Person 2", "Name", "Boris")
        .fill_in("Person 2", "E-mail", "boris@graz.example")
        .choose_in("Person 2", "Category", "Member city")
        .fill_in("Person 1", "Hobby", "Choir")
        .fill_in("Person 2", "Hobby", "Chess")
        .fill("Cost centre", "4711");
    anna.sends(sent).await.must_say("You are registered");
    let contact = anna.opens(&link(&app, None).await).await;
    contact.must_say("Cost centre 4711").must_say("Hobby Choir").must_say("Hobby Chess");
    let boris = anna.opens(&link(&app, Some("Boris")).await).await;
    boris.must_say("Hobby Chess").must_not_say("Choir").must_not_say("4711");
    opened(&app.staff().await, "Boris")
        .await
        .must_say("Cost centre 4711")
        .must_say("Hobby Chess")
        .must_not_say("Choir");
}

#[tokio::test]
async fn answers_that_few_may_see_are_read_with_the_needs_and_each_reading_is_recorded() {
    let app = TestApp::start().await;
    let ada = app.administrator().await;
    adds(&ada, "Allergies", "One line", |form| form.choose("Answers are seen by", "Only people who may read needs"))
        .await;
    let anna = app.delegate();
    let sent = filled(form(&anna).await, "Anna", "anna@graz.example").fill("Allergies", "peanuts");
    anna.sends(sent).await.must_say("You are registered");
    let staff = app.staff().await;
    let page = opened(&staff, "Anna").await;
    page.must_say("There are answers that only people who may read needs can see.").must_not_say("peanuts");
    staff.follows(&page, "Read dietary and access needs").await.must_say("Allergies peanuts");
    opened(&staff, "Anna").await.must_say("Dietary and access needs read by").must_not_say("peanuts");
    let file = staff.opens("/staff/leipzig-2018/attendees.csv").await.body;
    assert!(!file.contains("Allergies") && !file.contains("peanuts"), "{file}");
    // It stays so for this answer if later ones may be seen by everybody.
    let page = ada.follows(&ada.opens(QUESTIONS).await, "Allergies").await;
    ada.sends(page.form("Save").choose("Answers are seen by", "Everybody at the desk")).await.must_say("Saved.");
    opened(&staff, "Anna").await.must_not_say("peanuts");
    let file = staff.opens("/staff/leipzig-2018/attendees.csv").await.body;
    assert!(file.contains("Allergies") && !file.contains("peanuts"), "{file}");
}

#[tokio::test]
async fn earlier_answers_keep_the_words_in_which_they_were_asked() {
    let app = TestApp::start().await;
    let ada = asks_for_shirts(&app).await;
    let anna = app.delegate();
    let sent = filled(form(&anna).await, "Anna", "anna@graz.example").choose("T-shirt size", "Very large");
    anna.sends(sent).await.must_say("You are registered");
    let page = ada.follows(&ada.opens(QUESTIONS).await, "T-shirt size").await;
    page.must_say("One person has answered this question.");
    let changed = page.form("Save").fill("Question", "Shirt").fill("Choices", "S\nXL");
    ada.sends(changed).await.must_say("Saved.").must_say("Shirt");
    opened(&app.staff().await, "Anna").await.must_say("T-shirt size Very large");
    let sent = filled(form(&anna).await, "Ben", "ben@graz.example").choose("Shirt", "XL");
    anna.sends(sent).await.must_say("You are registered");
    // A file has a column for each wording of the question.
    let file = app.staff().await.opens("/staff/leipzig-2018/attendees.csv").await.body;
    assert!(file.lines().next().expect("a heading").ends_with("\"Shirt\",\"T-shirt size\""), "{file}");
    assert!(file.contains("\"\",\"Very large\"\r\n") && file.contains("\"XL\",\"\"\r\n"), "{file}");
}

#[tokio::test]
async fn a_question_that_changes_while_the_form_is_filled_in_is_shown_before_anything_is_saved() {
    let app = TestApp::start().await;
    let ada = asks_for_shirts(&app).await;
    let anna = app.delegate();
    let sent = filled(form(&anna).await, "Anna", "anna@graz.example").choose("T-shirt size", "Small");
    let page = ada.follows(&ada.opens(QUESTIONS).await, "T-shirt size").await;
    ada.sends(page.form("Save").fill("Question", "Size of your hat").fill("Choices", "Small\nTall"))
        .await
        .must_say("Saved.");
    let again = anna.sends(sent).await;
    again.must_be(422).must_say("A question has changed").must_say("You are not registered yet");
    assert_eq!(count(&app, "select count(*) from registration").await, 0);
    let form = again.form("Register");
    assert_eq!(form.value("City"), "Graz");
    anna.sends(form.choose("Size of your hat", "Tall")).await.must_say("You are registered");
}

#[tokio::test]
async fn two_people_who_change_a_question_at_once_lose_nothing() {
    let app = TestApp::start().await;
    let ada = asks_for_shirts(&app).await;
    let (bea, path) =
        (app.administrator().await, ada.opens(QUESTIONS).await.find_link("T-shirt size").expect("a link"));
    let (first, second) = (ada.opens(&path).await, bea.opens(&path).await);
    ada.sends(first.form("Save").fill("Help", "European sizes")).await.must_say("Saved.");
    let sent =
        second.form("Save").tick_in("Only of these categories", "University").choose("Answer", "Any of the choices");
    let page = bea.sends(sent).await;
    page.must_be(409)
        .must_say("Not saved.")
        .must_say("European sizes")
        .must_say("University")
        .must_say("Any of the choices");
    bea.sends(page.form("Save")).await.must_say("Saved.");
    let saved = bea.opens(&path).await;
    let form = saved.form("Save");
    assert_eq!((form.value("Help").as_str(), form.ticked_in("Only of these categories").len()), ("European sizes", 1));
}

#[tokio::test]
async fn bad_settings_of_a_question_are_refused_with_what_to_do() {
    let app = TestApp::start().await;
    let ada = app.administrator().await;
    let new = || async { ada.opens(&format!("{QUESTIONS}/new")).await.form("Save") };
    let page = ada
        .sends(
            new()
                .await
                .choose("Answer", "One of the choices")
                .fill("Choices", "Only one")
                .fill("Place in the order", "0"),
        )
        .await;
    page.must_be(422).must_say("4 things need your attention");
    page.must_say("Give at least two choices, one on each line").must_say("Give a whole number from 1 to 999");
    let filled = |form: Form| form.fill("Question", "Size").fill("We use this to …", "order");
    let twice = filled(new().await).choose("Answer", "Any of the choices").fill("Choices", "S\nM\ns");
    ada.sends(twice).await.must_be(422).must_say("Line 3 has the same choice as an earlier line");
    let unused = filled(new().await).fill("Choices", "S\nM");
    ada.sends(unused).await.must_be(422).must_say("Only questions with choices have choices");
    let once = filled(new().await).choose("Asked of", "The contact, once for the registration");
    let page = ada.sends(once.tick_in("Only of these categories", "University")).await;
    page.must_be(422).must_say("Only a question to each attendee can be limited to categories");
    assert_eq!(count(&app, "select count(*) from question").await, 0);
}

#[tokio::test]
async fn a_question_is_removed_only_while_nobody_has_answered_it() {
    let app = TestApp::start().await;
    let ada = asks_for_shirts(&app).await;
    let page = ada.follows(&ada.opens(QUESTIONS).await, "T-shirt size").await;
    let early = ada.follows(&page, "Remove this question …").await;
    let anna = app.delegate();
    let sent = filled(form(&anna).await, "Anna", "anna@graz.example").choose("T-shirt size", "Small");
    anna.sends(sent).await.must_say("You are registered");
    let refused = ada.sends(early.form("Yes, remove it")).await;
    refused.must_be(409).must_say("This question cannot be removed").must_say("One person has answered it.");
    // Whom it asks cannot change either, but it can be asked no longer.
    let page = ada.follows(&refused, "Back to the question").await;
    let other = page.form("Save").choose("Asked of", "The contact, once for the registration");
    ada.sends(other).await.must_be(422).must_say("This question has been answered");
    ada.sends(page.form("Save").untick("The registration form asks it")).await.must_say("no longer asked");
    anna.opens(REGISTER).await.must_not_say("T-shirt size");
    registers(&anna, "Ben", "ben@graz.example").await.must_say("You are registered");
    opened(&app.staff().await, "Anna").await.must_say("T-shirt size Small");

    adds(&ada, "Hobby", "One line", |form| form).await;
    let page = ada.follows(&ada.opens(QUESTIONS).await, "Hobby").await;
    let sure = ada.follows(&page, "Remove this question …").await;
    ada.sends(sure.form("Yes, remove it")).await.must_say("Removed.").must_not_say("Hobby");
    assert_eq!(count(&app, "select count(*) from question").await, 1);
}

#[tokio::test]
async fn the_privacy_notice_lists_the_questions_with_their_purposes() {
    let app = TestApp::start().await;
    let anna = app.delegate();
    anna.opens(&format!("{LEIPZIG}/pages/privacy")).await.must_not_say("What else the registration form asks");
    let ada = asks_for_shirts(&app).await;
    adds(&ada, "Allergies", "One line", |form| form.choose("Answers are seen by", "Only people who may read needs"))
        .await;
    let said = |page: &Page| page.says("Allergies");
    let page = anna.opens_until(&format!("{LEIPZIG}/pages/privacy"), said).await;
    for page in [page, anna.opens(REGISTER).await] {
        page.must_say("What else the registration form asks")
            .must_say("T-shirt size to plan the tables the conference staff");
        page.must_say("Allergies (optional) to plan the tables the staff who may see dietary and access needs");
    }
    anna.opens(&format!("{LEIPZIG}/pages/imprint")).await.must_not_say("What else the registration form asks");
}

#[tokio::test]
async fn the_database_refuses_an_answer_that_does_not_fit_its_question_or_its_person() {
    let app = TestApp::start().await;
    let ada = asks_for_shirts(&app).await;
    adds(&ada, "Cost centre", "One line", |form| form.choose("Asked of", "The contact, once for the registration"))
        .await;
    let anna = app.delegate();
    let sent = filled(form(&anna).await, "Anna", "anna@graz.example").choose("T-shirt size", "Small");
    anna.sends(sent).await.must_say("You are registered");
    for (wrong, constraint) in [
        ("attendee_id = null", "answer_of_whom"),
        ("attendee_id = gen_random_uuid()", "answer_attendee"),
        ("question_id = (select id from question where asked_of = 'registration')", "answer_question"),
        ("version_id = (select version_id from question where asked_of = 'registration')", "answer_version"),
        ("value = '{}'", "answer_value_number"),
    ] {
        let sql = format!("update answer set {wrong}");
        let error = sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&app.db).await.expect_err("refused");
        let refused = error.as_database_error().and_then(sqlx::error::DatabaseError::constraint).map(str::to_owned);
        assert_eq!(refused.as_deref(), Some(constraint), "{wrong}");
    }
    app.staff().await.opens(ATTENDEES).await.must_say("Anna");
}

#[tokio::test]
async fn in_the_file_answers_stand_below_the_words_that_they_answer() {
    let app = TestApp::start().await;
    let ada = app.administrator().await;
    adds(&ada, "Do you eat meat?", "Yes or no", |form| form).await;
    let anna = app.delegate();
    let sent = filled(form(&anna).await, "Anna", "anna@graz.example").choose("Do you eat meat?", "No");
    anna.sends(sent).await.must_say("You are registered");
    let page = ada.follows(&ada.opens(QUESTIONS).await, "Do you eat meat?").await;
    ada.sends(page.form("Save").fill("Question", "Are you a vegetarian?")).await.must_say("Saved.");
    let boris = app.delegate();
    let sent = filled(form(&boris).await, "Boris", "boris@graz.example").choose("Are you a vegetarian?", "Yes");
    boris.sends(sent).await.must_say("You are registered");
    let file = app.staff().await.opens("/staff/leipzig-2018/attendees.csv").await.body;
    let lines: Vec<_> = file.lines().collect();
    assert!(lines[0].ends_with(r#""Are you a vegetarian?","Do you eat meat?""#), "{}", lines[0]);
    assert!(lines.iter().any(|line| line.contains("Anna") && line.ends_with(r#","","no""#)), "{file}");
    assert!(lines.iter().any(|line| line.contains("Boris") && line.ends_with(r#","yes","""#)), "{file}");
}
