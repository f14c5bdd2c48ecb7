//! What staff do with dietary and access needs: reading, recording and deleting them.

use reqwest::Method;

use super::{
    desk::{opened, two_from_graz},
    desk_list::ATTENDEES,
    registering::count,
};
use crate::support::TestApp;

pub async fn boris_has_needs(app: &TestApp) {
    sqlx::query(
        "insert into attendee_needs (attendee_id, conference_id, dietary, access, consent_wording, consented_at)
         select id, conference_id, 'no nuts', 'step-free', 'I agree to that', now() from attendee where name like 'Boris%'",
    )
    .execute(&app.db)
    .await
    .expect("needs");
}

#[tokio::test]
async fn reading_needs_is_a_separate_step_that_the_history_shows() {
    let app = TestApp::start().await;
    two_from_graz(&app).await;
    boris_has_needs(&app).await;
    let staff = app.staff().await;
    let boris = opened(&staff, "Boris Maier").await;
    let needs = staff.follows(&boris, "Read dietary and access needs").await;
    for words in
        ["Boris Maier", "no nuts", "step-free", "I agree to that", "The history records that you have read them"]
    {
        needs.must_say(words);
    }
    assert_eq!(needs.header("cache-control"), "no-store");
    let name = staff.account.clone().expect("an account").name;
    let told = format!("Dietary and access needs read by {name}");
    staff.follows(&needs, "Boris Maier").await.must_say(&told).must_not_say("nuts");
    opened(&staff, "Anna Gruber").await.must_not_say(&told);
    let read =
        "select count(*) from audit where kind = 'needs_read' and account_id is not null and conference_id is not null
         and attendee_id = (select attendee_id from attendee_needs) and registration_id is not null";
    assert_eq!(count(&app, read).await, 1);
    // The history shows each time, but not a page that a browser only prefetched.
    let early = staff.asks(Method::GET, &needs.path, &[("sec-purpose", "prefetch;prerender")], None).await;
    assert_eq!((early.status().as_u16(), early.text().await.expect("text").as_str()), (204, ""));
    assert_eq!(count(&app, read).await, 1);
    staff.opens(&needs.path).await.must_say("no nuts");
    assert_eq!(count(&app, read).await, 2);
}

#[tokio::test]
async fn needs_are_recorded_and_deleted_for_a_caller() {
    let app = TestApp::start().await;
    two_from_graz(&app).await;
    let staff = app.staff().await;
    let form = staff.follows(&opened(&staff, "Boris Maier").await, "Correct").await.form("Save");
    let refused = staff.sends(form.fill("Dietary needs", "no nuts")).await;
    refused.must_be(422);
    assert_eq!(refused.form("Save").value("Dietary needs"), "no nuts");
    let agreed = refused
        .texts("label")
        .into_iter()
        .find(|words| words.starts_with("This person has told us that they agree"))
        .expect("the statement");
    let page = staff.sends(refused.form("Save").tick(&agreed)).await;
    page.must_say("Corrected.").must_say("Dietary and access needs changed by Robin").must_not_say("no nuts");
    // Correcting something else leaves them as they are, and does not show them.
    let form = staff.follows(&page, "Correct").await;
    form.must_say("Dietary or access needs are recorded.").must_not_say("no nuts");
    staff.sends(form.form("Save").fill("Job title", "Mayor")).await.must_say("Corrected.");
    let needs = staff.follows(&opened(&staff, "Boris Maier").await, "Read dietary and access needs").await;
    needs.must_say("no nuts").must_say(&agreed);
    let page = staff.sends(needs.form("Delete the needs")).await;
    page.must_say("The needs are deleted.").must_say("Consent for dietary and access needs withdrawn by Robin");
    assert_eq!(count(&app, "select count(*) from attendee_needs").await, 0);
}

#[tokio::test]
async fn if_no_needs_are_recorded_the_history_shows_no_reading() {
    let app = TestApp::start().await;
    two_from_graz(&app).await;
    boris_has_needs(&app).await;
    let staff = app.staff().await;
    let anna = opened(&staff, "Anna Gruber").await;
    anna.must_say("No dietary or access needs are recorded");
    assert_eq!(anna.find_link("Read dietary and access needs"), None);
    let needs = staff.opens(&format!("{}/needs", anna.path)).await;
    needs.must_say("No dietary or access needs are recorded").must_not_say("nuts");
    assert_eq!(count(&app, "select count(*) from audit where kind = 'needs_read'").await, 0);
    staff.tries(&format!("{ATTENDEES}/01900000-0000-7000-8000-000000000000/needs")).await.must_be(404);
}
