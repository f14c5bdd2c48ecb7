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
    page.must_say("Registered").must_say("the delegate").must_say("List of attendees saved as a file");
    let form = page.form("Show").choose("What", "List of attendees saved as a file");
    let exported = ada.sends(form).await;
    assert_eq!(exported.rows().len(), 1);
    exported.must_say("Robin staff");
    let nothing = ada.sends(exported.form("Show").fill("To", "2001-01-01")).await;
    nothing.must_say("Nothing of this kind is recorded.");
    ada.opens(&format!("{LOG}?kind=x&account=1&from=no&before=2")).await.must_say("List of attendees saved");
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

#[tokio::test]
async fn the_log_is_saved_as_a_file_which_the_log_records() {
    let app = TestApp::start().await;
    registers(&app.delegate(), "Anna Gruber", "anna@graz.example").await;
    let (staff, ada) = (app.staff().await, app.administrator().await);
    let sent = staff.follows(&crate::desk::opened(&staff, "Anna Gruber").await, "Correct").await.form("Save");
    staff.sends(sent.fill("Job title", "=SUM(1)")).await.must_say("Corrected.");
    let log = ada.sends(ada.opens(LOG).await.form("Show").choose("What", "Attendee corrected")).await;
    let file = ada.follows(&log, "Save these entries as CSV").await;
    assert_eq!(file.header("content-type"), "text/csv; charset=utf-8; header=present");
    assert_eq!(file.header("content-disposition"), "attachment; filename=\"audit-log.csv\"");
    file.must_say("Attendee corrected")
        .must_say("Robin staff")
        .must_say("job title: =SUM(1)")
        .must_not_say("Registered");
    let workbook = ada.follows(&log, "as an Excel workbook").await;
    assert_eq!(workbook.header("content-disposition"), "attachment; filename=\"audit-log.xlsx\"");
    let log = ada.sends(ada.opens(LOG).await.form("Show").choose("What", "Audit log saved as a file")).await;
    assert_eq!(log.rows().len(), 2);
    log.must_say("kind: attendee_corrected");
}

#[tokio::test]
async fn days_of_the_log_begin_and_end_as_at_the_conference() {
    let app = TestApp::start().await;
    let ada = app.administrator().await;
    for at in ["2018-05-01 21:59:59", "2018-05-01 22:00", "2018-05-02 21:59:59", "2018-05-02 22:00"] {
        sqlx::query(
            "insert into audit (id, actor, kind, at) values (gen_random_uuid(), 'program', 'item_saved', $1::timestamp at time zone 'UTC')",
        )
        .bind(at)
        .execute(&app.db)
        .await
        .expect("an entry");
    }
    let page = ada.opens(&format!("{LOG}?kind=item_saved&from=2018-05-02&to=2018-05-02")).await;
    assert_eq!(page.rows().len(), 2);
    page.must_say("Wednesday 2 May 2018, 00:00 CEST").must_say("Europe/Berlin");
}
