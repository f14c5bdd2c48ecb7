//! What the desk prints, with many people from many countries.

use super::{demonstration, tour};
use crate::support::TestApp;

#[tokio::test]
async fn the_overview_is_printed_on_one_sheet_and_lists_leave_no_space_beside_the_boxes() {
    let app = TestApp::start().await;
    let slug = demonstration(&app, &["--sessions", "1", "--attendees", "400"]).await;
    tour(&app, Some("staff"), async move |mut tour| {
        // Until all of them are counted.
        tour.browser.opens_until(&format!("/staff/{slug}/attendees"), "400 attendees").await;
        tour.opens("overview-with-many", &format!("/staff/{slug}")).await;
        let countries =
            "return [...document.querySelectorAll('h2')].find(heading => heading.textContent === 'Countries')
            .closest('section').querySelectorAll('tbody tr').length";
        assert!(tour.browser.script(countries).await.as_u64().is_some_and(|countries| countries > 20));
        assert_eq!(tour.browser.sheets().await, 1);
        for list in ["door", "organisation", "category"] {
            tour.opens(&format!("printed-{list}-with-many"), &format!("/staff/{slug}/printed?list={list}")).await;
            let print = serde_json::json!({ "media": "print" });
            tour.browser.devtools("Emulation.setEmulatedMedia", print).await;
            let width = "return document.querySelector('table.printed td:has(> .tick)').getBoundingClientRect().width";
            assert!(tour.browser.script(width).await.as_f64().is_some_and(|width| width < 40.0), "{list}");
            tour.browser.devtools("Emulation.setEmulatedMedia", serde_json::json!({ "media": "" })).await;
        }
        tour
    })
    .await;
}
