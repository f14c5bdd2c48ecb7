//! The list of attendees as a file: recipes, columns, formats, rights and what is recorded; long files; lists for paper.

mod long;
mod printed;
mod recipes;

use reqwest::Method;

use super::registering::{count, filled, form};
use crate::support::{LEIPZIG, Person, TestApp, read_csv, read_table, sheet};

/// The names of people, some of which are difficult for spreadsheets.
pub const NAMES: [&str; 5] = [
    "=cmd|' /C calc'!A0",
    "Žofie \"Zoe\" Řehořová; Ph.D., O’Neill",
    "محمد عبد الرحمن بن عبد العزيز",
    "Maria-Antonietta Wolfeschlegelsteinhausenbergerdorff-Ångström",
    "0042",
];

/// Returns the bytes of a file.
pub async fn file(person: &Person, kind: &str, query: &str) -> Vec<u8> {
    let path = format!("/staff{LEIPZIG}/attendees.{kind}?{query}");
    let answer = person.asks(Method::GET, &path, &[], None).await;
    assert_eq!(answer.status(), 200, "{path}");
    answer.bytes().await.expect("a file").to_vec()
}

/// Registers everybody in [`NAMES`], each with a difficult purchase order, address and telephone number.
pub async fn registered(app: &TestApp) {
    for (number, name) in NAMES.into_iter().enumerate() {
        let delegate = app.delegate();
        let sent = filled(form(&delegate).await, name, &format!("person{number}@graz.example"))
            .fill("Telephone", ["+43 316 872-0", "0316872", "00431", "", "+49-40"][number])
            .fill("Purchase-order number", ["00815", "=1+1", "-7", "@po", "1e5"][number])
            .fill("Invoice address", "Town \"hall\"\n=2+2\nHauptplatz 1; 8010 Graz");
        delegate.sends(sent).await.must_say("You are registered");
    }
}

/// Returns a cell of a CSV file without the tab that keeps it from being a formula.
fn unguarded(cell: &str) -> String {
    cell.lines().map(|line| line.strip_prefix('\t').unwrap_or(line)).collect::<Vec<_>>().join("\n").replace(";\t", ";")
}

/// Returns what a workbook has for a text with this number format.
fn text<'a>(format: &'a str, text: &'a str) -> (&'a str, &'a str, &'a str) {
    if text.is_empty() { ("nothing", "General", "") } else { ("str", format, text) }
}

#[tokio::test]
async fn a_file_is_read_by_other_programs_as_the_database_has_it() {
    let app = TestApp::start().await;
    registered(&app).await;
    let saved: Vec<(String, String, String, String, String, String)> = sqlx::query_as(
        "select attendee.name, reference, contact_telephone, purchase_order, invoice_address,
             to_char(registration.created_at at time zone 'Europe/Berlin', 'YYYY-MM-DD HH24:MI')
         from attendee join registration on registration.id = registration_id order by attendee.created_at desc, attendee.id desc",
    )
    .fetch_all(&app.db)
    .await
    .expect("the attendees");
    let staff = app.staff().await;
    let asked = "sort=newest&recipe=columns&field=name&field=reference&field=contact-telephone&field=purchase-order\
                 &field=invoice-address&field=registered";
    let headings =
        ["Reference", "Name", "Contact's telephone", "Registered", "Purchase-order number", "Invoice address"];
    for (word, separator) in [("comma", ","), ("semicolon", ";"), ("tab", "\t")] {
        let bytes = file(&staff, "csv", &format!("{asked}&separator={word}")).await;
        assert!(bytes.starts_with(b"\xEF\xBB\xBF\"Reference\""), "the mark of UTF-8");
        let rows = read_csv(&bytes, separator);
        assert_eq!(rows[0], headings);
        let read: Vec<_> =
            rows[1..].iter().map(|row| row.iter().map(|cell| unguarded(cell)).collect::<Vec<_>>()).collect();
        let expected: Vec<_> = saved
            .iter()
            .map(|(name, reference, telephone, order, address, at)| {
                vec![reference, name, telephone, at, order, address]
            })
            .map(|row| row.into_iter().cloned().collect::<Vec<_>>())
            .collect();
        assert_eq!(read, expected, "{word}");
        for cell in rows.iter().flatten().flat_map(|cell| cell.split(['\n', ';'])) {
            assert!(!cell.starts_with(['=', '+', '-', '@', '\'']), "a formula, or a visible apostrophe: {cell}");
        }
    }
    let tables = read_table(&file(&staff, "xlsx", asked).await, "xlsx");
    assert_eq!(tables.len(), 1);
    assert_eq!(tables[0]["frozen"], "A2", "the heading stays");
    assert_eq!(tables[0]["filter"], "A1:F6");
    assert!(tables[0]["widths"].as_array().expect("widths").iter().all(|width| width.as_f64() > Some(8.0)));
    let rows = sheet(&tables[0]);
    assert_eq!(rows[0].iter().map(|(.., value)| value.as_str().expect("a text")).collect::<Vec<_>>(), headings);
    for (row, (name, reference, telephone, order, address, at)) in rows[1..].iter().zip(&saved) {
        let cells: Vec<_> =
            row.iter().map(|(kind, format, value)| (&**kind, &**format, value.as_str().expect("a text"))).collect();
        assert_eq!(
            cells,
            [
                text("@", reference),
                text("General", name),
                text("@", telephone),
                ("datetime", "yyyy-mm-dd hh:mm", at),
                text("@", order),
                text("General", address),
            ]
        );
    }
    assert_eq!(rows.len(), 1 + NAMES.len());
}

#[tokio::test]
async fn the_page_asks_for_a_recipe_and_the_address_of_the_file_has_the_choices() {
    let app = TestApp::start().await;
    registered(&app).await;
    let staff = app.staff().await;
    let page = staff.opens(&format!("/staff{LEIPZIG}/export?q=person1%40graz.example&after=x")).await;
    page.must_say("has 1 attendee").must_say("For the caterer").must_say("Save for Excel (XLSX)");
    let sent = page
        .form("Save as CSV")
        .choose("What the file contains", "Badges")
        .choose("Separator", "Semicolon: for spreadsheets with a decimal comma, such as German ones");
    let file = staff.sends(sent).await;
    assert_eq!(file.header("content-disposition"), "attachment; filename=\"badges-leipzig-2018.csv\"");
    assert_eq!(
        file.body.lines().next(),
        Some("\u{FEFF}\"Name\";\"Organisation\";\"City\";\"Country\";\"Category\";\"Reference\"")
    );
    assert_eq!(file.body.lines().count(), 2);
    let query: Vec<(String, String)> = sqlx::query_as("select field, after from audit_value order by field")
        .fetch_all(&app.db)
        .await
        .expect("the log");
    let recorded: Vec<_> = query.iter().map(|(field, value)| (&**field, &**value)).collect();
    assert_eq!(recorded, [("q", "person1@graz.example"), ("recipe", "badges")]);
}

#[tokio::test]
async fn an_old_or_incomplete_address_of_a_file_shows_the_page_with_what_is_wrong() {
    let app = TestApp::start().await;
    let staff = app.staff().await;
    for (query, message) in [
        ("recipe=hotels&q=anna", "This kind of file is not offered any more. Choose another"),
        ("recipe=columns&q=anna", "Choose at least one column"),
        ("recipe=columns&field=name&field=hotel&q=anna", "One of the columns is not offered any more."),
        ("separator=pipe&q=anna", "Choose one of these separators"),
    ] {
        for kind in ["csv", "xlsx"] {
            let page = staff.tries(&format!("/staff{LEIPZIG}/attendees.{kind}?{query}")).await;
            page.must_be(422).must_say(message).must_say("One thing needs your attention");
            assert_eq!(page.attributes("input[name=q]", "value"), ["anna"], "the view stays");
        }
    }
    let page = staff.tries(&format!("/staff{LEIPZIG}/attendees.csv?recipe=columns&field=name&field=hotel")).await;
    assert_eq!(page.attributes("input[name=field][checked]", "value"), ["name"], "what was chosen stays");
    let long = "x".repeat(10_000);
    let file = staff.opens(&format!("/staff{LEIPZIG}/attendees.csv?q={long}")).await;
    assert_eq!(file.body.lines().count(), 1);
    assert_eq!(count(&app, "select count(*) from audit where kind = 'attendees_exported'").await, 1);
}
