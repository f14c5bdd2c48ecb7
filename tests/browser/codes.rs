//! A delegate gives a code with the keyboard alone, and with a browser that does not run scripts.

use thirtyfour::Key;

use crate::{
    driver::{Browser, Options, browse},
    support::{LEIPZIG, TestApp},
};

/// Makes a code that lowers the fee of universities and keeps places, and one whose time is over.
pub async fn makes_codes(app: &TestApp) {
    sqlx::raw_sql(
        "update registration_settings set account_holder = 'Major Cities of Europe', iban = 'DE89370400440532013000';
         update category set fee_cents = 45000 where slug = 'university';
         insert into code (id, conference_id, code, category_id, audience, fee_cents, uses, reserves, until, ended_at)
         select gen_random_uuid(), category.conference_id, new.code, category.id, 'City of Graz', 20000, 5, true, until, until
         from category, (values ('GRAZ-2018', null), ('OVER', timestamptz '2018-03-01 11:00+00')) as new (code, until)
         where slug = 'university'",
    )
    .execute(&app.db)
    .await
    .expect("codes");
}

/// Checks that the code was applied, and registers.
async fn registers(anna: &Browser) {
    anna.sees("Code GRAZ-2018 is for the category “University”, for EUR 200.00 each.").await;
    anna.sees("5 more people can use it").await;
    anna.fills_in("You", "Name", "Anna Gruber").await;
    anna.fills_in("You", "E-mail", "anna@graz.example").await;
    anna.fills("Organisation", "City of Graz").await;
    anna.chooses("Country", "Austria").await;
    anna.clicks("Register").await;
    anna.sees("You are registered").await;
}

async fn pays_what_the_code_says(app: &TestApp) {
    let owed: (String, i64) =
        sqlx::query_as("select description, amount_cents from charge").fetch_one(&app.db).await.expect("one line");
    assert_eq!(owed, ("Fee, University, with code GRAZ-2018".to_owned(), 20_000));
}

#[tokio::test]
async fn a_delegate_applies_a_code_by_keyboard_alone_and_reads_at_once_what_it_does() {
    let app = TestApp::start().await;
    makes_codes(&app).await;
    browse(app.url(), Options::default(), async |anna: Browser| {
        anna.opens(&format!("{LEIPZIG}/register")).await;
        anna.tabs_to("City").await;
        anna.presses("Graz").await;
        anna.tabs_to("Code").await;
        anna.presses("graz-2018").await;
        anna.tabs_to("Apply the code").await;
        anna.presses(Key::Enter).await;
        anna.sees("5 more people can use it").await;
        assert!(anna.focused().await.starts_with("Code GRAZ-2018"), "{}", anna.focused().await);
        registers(&anna).await;
    })
    .await;
    pays_what_the_code_says(&app).await;
}

#[tokio::test]
async fn a_delegate_applies_a_code_without_scripts() {
    let app = TestApp::start().await;
    makes_codes(&app).await;
    let options = Options { without_script: true, ..Options::default() };
    browse(app.url(), options, async |anna: Browser| {
        anna.opens(&format!("{LEIPZIG}/register")).await;
        anna.fills("City", "Graz").await;
        anna.fills("Code", "graz-2018").await;
        anna.clicks("Apply the code").await;
        registers(&anna).await;
    })
    .await;
    pays_what_the_code_says(&app).await;
}
