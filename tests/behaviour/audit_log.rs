//! Administrators read who did what and when.

use super::registering::registers;
use crate::support::TestApp;

const LOG: &str = "/administration/audit";

#[tokio::test]
async fn administrators_find_who_did_what() {
    let app = TestApp::start().await;
    registers(&app.delegate(), "Anna Gruber", "anna@graz.example").await;
    let (staff, ada) = (app.staff().await, app.administrator().await);
    staff.opens("/staff/leipzig-2018/attendees.csv").await.must_be(200);
    let page = ada.follows(&ada.opens("/administration").await, "Open the audit log").await;
    page.must_say("registration kept").must_say("the delegate").must_say("attendees exported");
    let form = page.form("Show").choose("What", "attendees exported");
    let exported = ada.sends(form).await;
    assert_eq!(exported.rows().len(), 1);
    exported.must_say("Robin staff");
    let nothing = ada.sends(exported.form("Show").fill("To", "2001-01-01")).await;
    nothing.must_say("Nothing of this kind is recorded.");
    ada.opens(&format!("{LOG}?kind=x&account=1&from=no&before=2")).await.must_say("attendees exported");
    staff.tries(LOG).await.must_be(403);
    app.organiser().await.tries(LOG).await.must_be(403);
}

#[tokio::test]
async fn the_log_is_read_page_by_page() {
    let app = TestApp::start().await;
    let ada = app.administrator().await;
    sqlx::query(
        "insert into audit (id, actor, kind) select ('01900000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, 'program', 'item_saved'
         from generate_series(1, 150) n",
    )
    .execute(&app.db)
    .await
    .expect("entries");
    let first = ada.opens(&format!("{LOG}?kind=item_saved")).await;
    assert_eq!(first.rows().len(), 100);
    let second = ada.follows(&first, "Older entries").await;
    assert_eq!(second.rows().len(), 50);
    assert!(second.find_link("Older entries").is_none());
}
