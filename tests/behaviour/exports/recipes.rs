//! What each recipe contains, and who may read needs.

use super::{file, registered};
use crate::{
    desk::opened,
    on_the_spot,
    owing::{app_with_fees, two_from_graz},
    questions::adds,
    registering::{count, registers},
    support::{MailServer, TestApp, read_csv, read_table, sheet},
};

/// Gives each attendee needs, in this order of their names.
async fn need(app: &TestApp, needs: &[(&str, &str)]) {
    for (number, (dietary, access)) in needs.iter().enumerate() {
        sqlx::query(
            "insert into attendee_needs (attendee_id, conference_id, dietary, access, consent_wording, consented_at)
             select id, conference_id, $2, $3, 'I agree', now() from attendee order by created_at, id offset $1 limit 1",
        )
        .bind(i64::try_from(number).expect("a small number"))
        .bind(dietary)
        .bind(access)
        .execute(&app.db)
        .await
        .expect("needs");
    }
}

#[tokio::test]
async fn the_caterer_gets_dietary_needs_counted_and_by_person_and_each_reading_is_recorded() {
    let app = TestApp::start().await;
    for name in ["Anna", "Ben", "Cem", "Dana", "Eva"] {
        registers(&app.delegate(), name, &format!("{name}@graz.example")).await.must_say("You are registered");
    }
    need(
        &app,
        &[("Vegetarian", ""), ("vegetarian", "wheelchair"), ("=vegan", ""), ("", "hearing loop"), ("halal", "")],
    )
    .await;
    sqlx::query("update attendee set state = 'cancelled', cancelled_at = now() where name = 'Eva'")
        .execute(&app.db)
        .await
        .expect("a cancellation");
    let staff = app.staff().await;
    let rows = read_csv(&file(&staff, "csv", "recipe=caterer").await, ",");
    let needs: Vec<_> = rows.iter().map(|row| row.iter().take(2).map(|cell| cell.trim()).collect::<Vec<_>>()).collect();
    assert_eq!(
        needs,
        [
            vec!["Dietary needs", "Name"],
            vec!["Vegetarian", "Anna"],
            vec!["vegetarian", "Ben"],
            vec!["=vegan", "Cem"],
            vec![],
            vec!["Dietary needs", "People"],
            vec!["Vegetarian", "2"],
            vec!["=vegan", "1"],
        ]
    );
    let of_needs = "select count(*) from audit where kind = 'needs_read' and account_id is not null and attendee_id in
        (select id from attendee where name in ('Anna', 'Ben', 'Cem', 'Eva'))";
    assert_eq!(count(&app, of_needs).await, 3, "not of Eva, who does not come and is not in the file");
    assert_eq!(count(&app, "select count(*) from audit where kind = 'needs_read'").await, 3);
    assert_eq!(count(&app, "select count(*) from audit_value where field = 'recipe' and after = 'caterer'").await, 1);
    let tables = read_table(&file(&staff, "xlsx", "recipe=access").await, "xlsx");
    let names: Vec<_> = tables.iter().map(|table| table["name"].as_str().expect("a name")).collect();
    assert_eq!(names, ["Access needs", "Counted"]);
    let counted = sheet(&tables[1]);
    assert_eq!((&*counted[1][1].0, counted[1][1].2.as_i64()), ("int", Some(1)));
    assert_eq!(count(&app, "select count(*) from audit where kind = 'needs_read'").await, 5);
    for recipe in ["everyone", "badges", "invoices", "places", "cancellations", "columns&column=name&field=answers"] {
        let text = String::from_utf8(file(&staff, "csv", &format!("recipe={recipe}")).await).expect("UTF-8");
        assert!(!text.contains("egetarian") && !text.contains("wheelchair"), "{recipe}: {text}");
    }
    assert_eq!(count(&app, "select count(*) from audit where kind = 'needs_read'").await, 5);
}

#[tokio::test]
async fn invoices_have_one_line_for_each_registration_with_its_amounts_as_numbers() {
    let server = MailServer::start().await;
    let (app, _) = app_with_fees(&server).await;
    two_from_graz(&app).await;
    sqlx::query(
        "insert into payment (id, conference_id, registration_id, amount_cents, paid_on, account_id, created_at)
         select gen_random_uuid(), registration.conference_id, registration.id, 10050, '2018-03-01', account.id, now()
         from registration, account limit 1",
    )
    .execute(&app.db)
    .await
    .expect("a payment");
    let staff = app.staff().await;
    let tables = read_table(&file(&staff, "xlsx", "recipe=invoices").await, "xlsx");
    let rows = sheet(&tables[0]);
    assert_eq!(rows.len(), 2, "one line for two attendees");
    let of = |heading: &str| {
        let column = rows[0].iter().position(|(.., value)| value == heading).expect(heading);
        let (kind, format, value) = &rows[1][column];
        (kind.as_str(), format.as_str(), value.clone())
    };
    assert_eq!(of("Purchase-order number"), ("str", "@", "PO 4711".into()));
    assert_eq!(of("Invoice address"), ("str", "General", "Town hall\nHauptplatz 1".into()));
    for (heading, amount) in [("Owed", 800.0), ("Paid", 100.5), ("Open", 699.5)] {
        let (kind, format, value) = of(heading);
        assert!(matches!(kind, "int" | "float") && format == "#,##0.00", "{kind} {format}");
        assert_eq!(value.as_f64(), Some(amount), "{heading}");
    }
    assert_eq!(of("Currency").2, "EUR");
    assert_eq!(of("Due").0, "datetime");
    let rows = read_csv(&file(&staff, "csv", "recipe=invoices&separator=semicolon").await, ";");
    let tail: Vec<_> = rows[1].iter().skip(9).take(4).map(String::as_str).collect();
    assert_eq!(tail, ["800,00", "100,50", "699,50", "EUR"]);
    let rows = read_csv(&file(&staff, "csv", "recipe=invoices").await, ",");
    let tail: Vec<_> = rows[1].iter().skip(9).take(4).map(String::as_str).collect();
    assert_eq!(tail, ["800.00", "100.50", "699.50", "EUR"]);
}

#[tokio::test]
async fn cities_and_countries_are_counted_without_those_who_do_not_come() {
    let app = TestApp::start().await;
    registered(&app).await;
    sqlx::query(
        "with one as (select registration_id as id from attendee order by created_at limit 1)
         update registration set city = 'graz ', country = 'SI' from one where registration.id = one.id",
    )
    .execute(&app.db)
    .await
    .expect("another city");
    sqlx::query("update attendee set state = 'cancelled', cancelled_at = now() where name = '0042'")
        .execute(&app.db)
        .await
        .expect("a cancellation");
    let staff = app.staff().await;
    let rows = read_csv(&file(&staff, "csv", "recipe=places").await, ",");
    let expected: [&[&str]; 6] = [
        &["City", "Country", "People"],
        &["Graz", "Austria", "3"],
        &["graz ", "Slovenia", "1"],
        &[],
        &["Country", "People"],
        &["Austria", "3"],
    ];
    assert_eq!(rows[..6], expected.map(|row| row.iter().map(|&cell| cell.to_owned()).collect::<Vec<_>>()));
    let tables = read_table(&file(&staff, "xlsx", "recipe=places").await, "xlsx");
    assert_eq!(tables.iter().map(|table| &table["name"]).collect::<Vec<_>>(), ["Cities", "Countries"]);
}

#[tokio::test]
async fn cancellations_say_when_by_whom_and_why() {
    let app = TestApp::start().await;
    registered(&app).await;
    sqlx::query(
        "update attendee set state = 'cancelled', cancelled_at = '2018-03-01 13:30Z', cancel_cause = 'staff', cancel_reason = '=Ill'
         where name = '0042'",
    )
    .execute(&app.db)
    .await
    .expect("a cancellation");
    let staff = app.staff().await;
    let rows = read_csv(&file(&staff, "csv", "recipe=cancellations").await, ",");
    assert_eq!(rows.len(), 2);
    assert_eq!(rows[0][5..8], ["Cancelled", "Cancelled by", "Reason it was cancelled"]);
    assert_eq!(rows[1][5..8], ["2018-03-01 14:30", "staff", "\t=Ill"]);
}

#[tokio::test]
async fn answers_that_only_few_may_read_by_now_are_in_no_file() {
    let app = TestApp::start().await;
    let ada = app.administrator().await;
    adds(&ada, "Which hotel?", "One line", |form| form).await;
    let staff = app.staff().await;
    on_the_spot::registers(&staff, "Anna Gruber", "Member city").await.must_say("Registered.");
    let form = staff.follows(&opened(&staff, "Anna Gruber").await, "Category and answers").await.form("Save");
    staff.sends(form.fill("Which hotel?", "Fürstenhof")).await.must_say("Saved.");
    let files = async || {
        let everyone = file(&staff, "csv", "recipe=everyone").await;
        let chosen = file(&staff, "csv", "recipe=columns&field=name&field=answers").await;
        [everyone, chosen].map(|file| String::from_utf8(file).expect("UTF-8"))
    };
    assert!(files().await.iter().all(|text| text.contains("Which hotel?") && text.contains("Fürstenhof")));
    // An organiser decides that only people who may read needs see them.
    let page = ada.follows(&ada.opens("/administration/leipzig-2018/questions").await, "Which hotel?").await;
    let form = page.form("Save").choose("Answers are seen by", "Only people who may read needs");
    ada.sends(form).await.must_say("Saved.");
    assert!(files().await.iter().all(|text| !text.contains("hotel") && !text.contains("Fürstenhof")));
}
