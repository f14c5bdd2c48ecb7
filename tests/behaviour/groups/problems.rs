//! Rows with problems stay in the field, each with what is wrong; the others become people.

use std::time::Instant;

use super::{ADD, PASTE, contact, pastes, people, rows};
use crate::{
    registering::count,
    support::{Page, TestApp},
};

/// Checks that the summary and the list beside the field say the same, and returns it.
fn problems(page: &Page) -> Vec<String> {
    let beside = page.texts("#pasted-error li");
    let beside: Vec<_> = beside.iter().map(|one| one.trim_start_matches("Error:").trim().to_owned()).collect();
    assert_eq!(page.summary(), beside);
    assert_eq!(page.attributes("textarea[aria-invalid=true]", "aria-describedby"), ["pasted-hint pasted-error"]);
    beside
}

#[tokio::test]
async fn each_kind_of_problem_is_named_with_its_row() {
    let app = TestApp::start().await;
    let delegate = app.delegate();
    let long = "x".repeat(201);
    for (row, problem) in [
        ("\tboris@graz.example", "Row 1, “boris@graz.example”: Name: Give the name".to_owned()),
        ("Boris", "Row 1, “Boris”: E-mail: Give the e-mail address".to_owned()),
        ("Boris\tboris@graz", "Row 1, “Boris”: E-mail: Give the e-mail address in the form name@city.eu".to_owned()),
        (
            "Boris\tboris@graz.example\tCIO\tGuest",
            "Row 1, “Boris”: “Guest” is not a category. Use “Member city”, “Non-member city”, \
             “University”, “Other public organisation” or “Private organisation”"
                .to_owned(),
        ),
        ("anna  GRUBER\tAnna@Graz.example", "Row 1, “anna GRUBER”: Person 1 has the same name and e-mail address. Delete this row".to_owned()),
        (
            &format!("Boris\tboris@graz.example\t{long}"),
            "Row 1, “Boris”: Job title: Use at most 200 characters".to_owned(),
        ),
        (
            &format!("{long}\tx"),
            format!("Row 1, “{}…”: Name: Use at most 200 characters. E-mail: Give the e-mail address in the form name@city.eu", "x".repeat(40)),
        ),
        (
            "Boris\tboris@graz.example\t\tUniversity\t+43 316",
            "Row 1, “Boris”: There are more than four columns. Paste the name, e-mail, job title and category, in this order"
                .to_owned(),
        ),
        ("Bo\u{202E}ris\tboris@graz.example", "Row 1, “Bo\u{202E}ris”: Name: Write this on one line, without special control characters".to_owned()),
    ] {
        let page = pastes(&delegate, row).await;
        page.must_be(422);
        assert_eq!(problems(&page), [problem], "{row}");
        assert_eq!(page.form(ADD).value(PASTE).trim_end(), row);
        assert_eq!(people(&page).len(), 1);
    }
    let page = pastes(&delegate, " \t\n\nName\tE-mail\n").await;
    assert_eq!(problems(page.must_be(422)), ["Paste at least one row with a name and an e-mail address"]);
    assert_eq!(count(&app, "select count(*) from registration").await, 0);
}

#[tokio::test]
async fn only_rows_with_problems_stay_in_the_field_and_are_added_once_they_are_corrected() {
    let app = TestApp::start().await;
    let delegate = app.delegate();
    let pasted = "Name\tE-mail\nBoris\tboris@graz.example\t\nCarla\tcarla@graz\t\nDora\tdora@graz.example\nBoris\tBoris@graz.example\n";
    let page = pastes(&delegate, pasted).await;
    page.must_be(422).must_say("2 people added from the spreadsheet.");
    assert_eq!(
        problems(&page),
        [
            "Row 3, “Carla”: E-mail: Give the e-mail address in the form name@city.eu",
            "Row 5, “Boris”: Row 2 has the same name and e-mail address. Delete one of the two",
        ]
    );
    assert_eq!(people(&page)[1..], ["Boris", "Dora"]);
    assert_eq!(page.form(ADD).value(PASTE), "Carla\tcarla@graz\t\nBoris\tBoris@graz.example\n");
    assert_eq!(page.form("Register").value("Organisation"), "City of Graz");
    // The button for adding is not pressed again, and still nothing is registered without the row.
    let page = delegate.sends(page.form("Register")).await;
    assert_eq!(
        problems(page.must_be(422)),
        [
            "Row 1, “Carla”: E-mail: Give the e-mail address in the form name@city.eu",
            "Row 2, “Boris”: Person 2 has the same name and e-mail address. Delete this row",
        ]
    );
    let page = delegate.sends(page.form(ADD).fill(PASTE, "Carla\tcarla@graz.example")).await;
    assert_eq!(people(page.must_be(200))[1..], ["Boris", "Dora", "Carla"]);
    delegate.sends(page.form("Register")).await.must_say("You are registered");
    assert_eq!(count(&app, "select count(*) from attendee").await, 4);
}

#[tokio::test]
async fn with_51_people_nothing_is_added_and_nothing_is_lost() {
    let app = TestApp::start().await;
    let delegate = app.delegate();
    let fifty = rows(1..=50);
    let page = pastes(&delegate, &fifty).await;
    let words = "You pasted 50 rows. One registration can have 50 people, and there is one already. Leave at most 49 here, \
                 and register the others with another form";
    assert_eq!(problems(page.must_be(422)), [words]);
    assert_eq!(page.form(ADD).value(PASTE), fifty);
    assert_eq!(people(&page).len(), 1);
    let others = page.form(ADD).choose("Will you attend?", "I am only registering others");
    let page = delegate.sends(others).await;
    assert_eq!(people(page.must_be(200)).len(), 50, "person 1 was empty");
    let page = delegate.sends(page.form("Register").forge("pasted", &rows(51..=51)).forge("do", "paste")).await;
    let words = "You pasted 1 rows. One registration can have 50 people, and there are 50 already. Register the others with another form";
    assert_eq!(problems(page.must_be(422)), [words.replace("1 rows", "one row")]);
    assert_eq!(page.form(ADD).value(PASTE), rows(51..=51));
}

#[tokio::test]
async fn five_thousand_rows_get_a_clear_answer_at_once() {
    let app = TestApp::start().await;
    let delegate = app.delegate();
    let many = rows(1..=5000).replace("Head of IT", "Leiterin Öffentlichkeitsarbeit und Digitalisierung");
    let sent = contact(&delegate).await.fill(PASTE, &many);
    assert!(sent.body().len() > 500_000, "{} bytes", sent.body().len());
    let began = Instant::now();
    let page = delegate.sends(sent).await;
    let took = began.elapsed();
    let words = "You pasted 5,000 rows. One registration can have 50 people, and there is one already. Leave at most 49 here, \
                 and register the others with another form";
    assert_eq!(problems(page.must_be(422)), [words]);
    println!("5,000 rows took {took:?}");
    assert!(took.as_secs() < 5, "{took:?}");
    let form = page.form("Register");
    assert_eq!(
        (form.value("Organisation"), form.value_in("You", "Name")),
        ("City of Graz".to_owned(), "Anna Gruber".to_owned())
    );
    assert_eq!(page.form(ADD).value(PASTE), many);
    // Twenty times as much is refused before it is read, and the browser's Back button brings the form as it was.
    let page = delegate.sends(contact(&delegate).await.fill(PASTE, &many.repeat(4))).await;
    page.must_be(413)
        .must_say("Nothing was saved. Go back, shorten the long texts or paste fewer rows, and send the form again.");
}

#[tokio::test]
async fn a_category_that_is_full_has_a_waiting_list_and_one_that_is_closed_is_refused() {
    let app = TestApp::start().await;
    let delegate = app.delegate();
    sqlx::query("update capacity set places = 0 from category where category.id = category_id and slug = 'university'")
        .execute(&app.db)
        .await
        .expect("a limit");
    let page = pastes(&delegate, &rows(2..=2)).await;
    page.must_be(200);
    assert_eq!(page.form("Register").value_in("Person 2", "Category"), "University (waiting list)");
    sqlx::query("update category set closes = '2017-01-01' where slug = 'university'")
        .execute(&app.db)
        .await
        .expect("a closing time");
    let page = pastes(&delegate, &rows(2..=2)).await;
    assert_eq!(
        problems(page.must_be(422)),
        ["Row 1, “Person 02”: “University” is full or closed. Use another category, or contact us"]
    );
}

#[tokio::test]
async fn a_row_without_a_category_is_asked_for_one_if_person_1_has_none() {
    let app = TestApp::start().await;
    let delegate = app.delegate();
    let page = delegate
        .sends(
            contact(&delegate)
                .await
                .choose_in("Person 1", "Category", "Choose one")
                .fill(PASTE, "Boris\tboris@graz.example"),
        )
        .await;
    page.must_be(200);
    let page = delegate.sends(page.form("Register")).await;
    assert_eq!(page.summary(), ["Person 1: Choose a category", "Person 2: Choose a category"]);
}
