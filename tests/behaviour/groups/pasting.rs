//! Rows become people on the form.

use super::{ADD, PASTE, contact, pastes, people, rows};
use crate::{
    registering::{count, filled},
    support::{LEIPZIG, TestApp},
};

#[tokio::test]
async fn rows_are_read_as_spreadsheets_and_files_have_them() {
    let app = TestApp::start().await;
    let delegate = app.delegate();
    for pasted in [
        "Boris Maier\tboris@graz.example\tCIO\tUniversity\nCarla\tcarla@graz.example\t\t\n",
        "Name\tE-mail\tJob title\tCategory\n\nBoris Maier\tboris@graz.example\tCIO\tUNIVERSITY\t\t\n\n\nCarla\tcarla@graz.example",
        "NAME; e-mail\nBoris Maier; boris@graz.example; CIO; university\nCarla; carla@graz.example;;",
        "\"Boris Maier\",\"boris@graz.example\",\"CIO\",\"University\"\nCarla,carla@graz.example\n",
        "\u{A0}Boris\u{A0}Maier\tboris@graz.example\t\"C\nIO\"\t University\u{A0}\n\t\t\t\nCarla\tmailto:carla@graz.example",
    ] {
        let page = pastes(&delegate, pasted).await;
        page.must_be(200).must_say("2 people added from the spreadsheet.");
        let form = page.form("Register");
        assert_eq!(people(&page)[1..], ["Boris Maier", "Carla"], "{pasted:?}");
        assert_eq!(form.value_in("Person 2", "E-mail"), "boris@graz.example");
        assert_eq!(form.value_in("Person 2", "Job title").replace(' ', ""), "CIO");
        assert_eq!(form.value_in("Person 2", "Category"), "University");
        assert_eq!(form.value_in("Person 3", "E-mail"), "carla@graz.example");
        assert_eq!(form.value_in("Person 3", "Category"), "Member city", "like person 1");
        assert_eq!(form.value(PASTE), "");
    }
}

#[tokio::test]
async fn people_are_typed_and_pasted_on_one_form() {
    let app = TestApp::start().await;
    let delegate = app.delegate();
    let page = delegate.opens(&format!("{LEIPZIG}/register")).await;
    let page = delegate.sends(page.form("Add a colleague")).await;
    let sent = filled(page.form(ADD), "Anna Gruber", "anna@graz.example")
        .choose_in("Person 2", "Category", "Member city")
        .fill_in("Person 2", "Name", "Typed")
        .fill_in("Person 2", "E-mail", "typed@graz.example")
        .fill(PASTE, &rows(3..=4));
    let page = delegate.sends(sent).await;
    assert_eq!(people(&page)[1..], ["Typed", "Person 03", "Person 04"]);
    let page = delegate.sends(page.form("Remove person 3")).await;
    let page = delegate.sends(page.form("Add a colleague")).await;
    let sent =
        page.form("Register").fill_in("Person 4", "Name", "Last").fill_in("Person 4", "E-mail", "last@graz.example");
    delegate
        .sends(sent)
        .await
        .must_say("You are registered")
        .must_say("Person 04, University")
        .must_say("Last, Member");
    assert_eq!(count(&app, "select count(*) from attendee").await, 4);
}

#[tokio::test]
async fn pasted_people_fill_the_blocks_in_which_nothing_was_typed() {
    let app = TestApp::start().await;
    let delegate = app.delegate();
    let page = delegate.sends(contact(&delegate).await.forge("do", "add")).await;
    let page = delegate.sends(page.form(ADD).fill(PASTE, &rows(1..=2))).await;
    assert_eq!(people(&page)[1..], ["Person 01", "Person 02"]);
    let others = contact(&delegate).await.choose("Will you attend?", "I am only registering others");
    let page = delegate.sends(others.fill(PASTE, "Boris\tboris@graz.example\n")).await;
    assert_eq!(people(&page), ["Boris"]);
    assert_eq!(page.form("Register").value_in("Person 1", "Category"), "Member city");
    delegate.sends(page.form("Register")).await.must_say("Your colleague is registered");
}

#[tokio::test]
async fn nobody_who_was_pasted_is_forgotten_when_register_is_pressed() {
    let app = TestApp::start().await;
    let delegate = app.delegate();
    let page = delegate.opens(&format!("{LEIPZIG}/register")).await;
    let sent = filled(page.form("Register"), "Anna Gruber", "anna@graz.example").fill(PASTE, &rows(2..=3));
    let page = delegate.sends(sent).await;
    page.must_be(200).must_say("2 people added from the spreadsheet.").must_say("Nobody is registered yet.");
    assert_eq!(count(&app, "select count(*) from registration").await, 0);
    delegate.sends(page.form("Register")).await.must_say("You are registered");
    assert_eq!(count(&app, "select count(*) from attendee").await, 3);
}

#[tokio::test]
async fn other_buttons_leave_what_was_pasted_in_its_field() {
    let app = TestApp::start().await;
    let delegate = app.delegate();
    let rows = rows(2..=3);
    let page = delegate.sends(contact(&delegate).await.fill(PASTE, &rows).forge("do", "add")).await;
    assert_eq!(page.form(ADD).value(PASTE).trim(), rows.trim());
    assert_eq!(page.attributes("details[open] textarea", "name"), ["pasted"]);
}

#[tokio::test]
async fn formulas_and_markup_in_cells_stay_text() {
    let app = TestApp::start().await;
    let delegate = app.delegate();
    let hostile = "=HYPERLINK(\"\"https://evil.example\"\")";
    let page = pastes(
        &delegate,
        &format!("\"{hostile}\"\ta@graz.example\t<script>alert(1)</script>\t\n<b>Bo</b>\tb@graz\t\t\n"),
    )
    .await;
    page.must_be(422).must_say("Row 2, “<b>Bo</b>”");
    assert!(!page.body.contains("<b>Bo") && !page.body.contains("<script>alert"), "{}", page.body);
    let page = delegate.sends(page.form("Register").fill(PASTE, "")).await;
    page.must_say("You are registered").must_say(&hostile.replace("\"\"", "\""));
    let staff = app.staff().await;
    let file = staff.opens("/staff/leipzig-2018/attendees.csv").await;
    assert!(file.body.contains("\"\t=HYPERLINK(\"\"https://evil.example\"\")\""), "{}", file.body);
}
