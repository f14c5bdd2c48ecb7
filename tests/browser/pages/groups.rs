//! Groups of fifty people: the form, its problems, and the page of the manage link.

use super::{public::manage_link, tour};
use crate::{
    groups::{fills_in_the_contact, pastes},
    support::TestApp,
};

fn rows(numbers: impl Iterator<Item = usize>) -> String {
    let names = ["Željka Horvat", "Maximilian Obermayr-Hinterleitner", "Bo Li", "Ana Sofía Fernández de la Vega"];
    let row = |n: usize| {
        format!(
            "{} {n}\tfirstname.lastname-{n}@city-of-graz.example\tHead of IT\tOther public organisation\n",
            names[n % 4]
        )
    };
    numbers.map(row).collect()
}

#[tokio::test]
async fn a_group_of_fifty_passes_all_checks() {
    let app = TestApp::start().await;
    let db = app.db.clone();
    let registered = app.url().to_owned();
    tour(&app, None, async move |mut tour| {
        let browser = tour.browser.clone();
        fills_in_the_contact(&browser).await;
        browser.clicks("Add several people from a spreadsheet").await;
        tour.checks("group-empty").await;
        browser.clicks("Rows of the spreadsheet").await;
        pastes(&browser, &rows(2..=47)).await;
        browser.clicks("Add these people").await;
        browser.sees("46 people added from the spreadsheet.").await;
        tour.checks("group-added").await;
        browser.clicks("Add several people from a spreadsheet").await;
        browser.clicks("Rows of the spreadsheet").await;
        let wrong = "Carla\tcarla@graz\nDora\tdora@graz.example\t\tGuest\n\tx@graz.example\t\t\tand more\n";
        pastes(&browser, wrong).await;
        browser.clicks("Add these people").await;
        browser.sees("3 things need your attention").await;
        tour.checks("group-with-problems").await;
        browser
            .fills(
                "Rows of the spreadsheet",
                "Carla; carla@graz.example\nDora; dora@graz.example\nEva; eva@graz.example",
            )
            .await;
        browser.clicks("Add these people").await;
        browser.sees("3 people added from the spreadsheet.").await;
        browser.clicks("Register").await;
        browser.sees("You are registered").await;
        tour.checks("group-registered").await;
        assert!(browser.path().await.contains("/registered/"), "{registered}");
        tour
    })
    .await;
    for change in [
        "update attendee set state = 'cancelled', cancelled_at = now(), cancel_cause = 'delegate' where position in (7, 8)",
        "update place set state = 'given_back' where attendee_id in (select id from attendee where state = 'cancelled')",
    ] {
        sqlx::query(change).execute(&db).await.expect("two who are cancelled");
    }
    let [link, other] = [manage_link(&app).await, manage_link(&app).await];
    tour(&app, None, async move |mut tour| {
        tour.opens("group-managed", &link).await;
        let path = format!("{other}/add-people");
        tour.opens("group-add-several", &path).await;
        tour.browser.clicks("Rows of the spreadsheet").await;
        pastes(&tour.browser, "Carla\tcarla@graz\nDora\tdora@graz.example").await;
        tour.browser.clicks("Add these people").await;
        tour.browser.sees("2 things need your attention").await;
        tour.checks("group-add-several-with-problems").await;
        tour
    })
    .await;
}
