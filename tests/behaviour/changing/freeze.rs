//! From the date that is set, manage links only show the registration.

use time::Duration;

use crate::{
    managing::{taken, three_from_graz},
    registering::{count, mails},
    support::TestApp,
};

async fn until(app: &TestApp, sql: &'static str) {
    sqlx::query(sql).execute(&app.db).await.expect("the setting");
}

const PAST: &str = "update registration_settings set changes_until = now() - interval '1 minute'";

#[tokio::test]
async fn an_administrator_sets_the_date_and_delegates_read_it() {
    let app = TestApp::start().await;
    let [contact, ..] = three_from_graz(&app).await;
    app.delegate().opens(&contact).await.must_not_say("until");
    let ada = app.administrator().await;
    let form = ada.opens("/administration/leipzig-2018").await.form("Save and publish");
    assert_eq!(form.value("Changes until"), "");
    let page = ada.sends(form.fill("Changes until", "2099-05-20T18:00")).await;
    page.must_say("Saved.");
    assert_eq!(page.form("Save and publish").value("Changes until"), "2099-05-20T18:00");
    app.delegate()
        .opens(&contact)
        .await
        .must_say("You can change this registration here until Wednesday 20 May 2099, 18:00");
    app.it_is(app.now() + Duration::days(365 * 80));
    app.delegate()
        .opens(&contact)
        .await
        .must_say("Nothing can be changed here any more, since Wednesday 20 May 2099, 18:00");
}

#[tokio::test]
async fn after_the_date_the_page_is_read_only_and_says_how_to_ask() {
    let app = TestApp::start().await;
    let [contact, boris, _] = three_from_graz(&app).await;
    let delegate = app.delegate();
    let open = delegate.opens(&boris).await;
    let paths: Vec<String> =
        ["Correct the details of", "Change e-mail address of", "Transfer the place of", "Cancel for"]
            .map(|words| {
                let found = open.links().into_iter().find(|(said, _)| said.starts_with(words));
                found.unwrap_or_else(|| panic!("no link {words}")).1
            })
            .into();
    until(&app, PAST).await;
    let page = delegate.opens(&contact).await;
    page.must_say("Nothing can be changed here any more, since").must_say("write to operations@majorcities.eu or call");
    page.must_say("Boris").must_say("Confirmed").must_say("PO 4711");
    for words in ["Correct", "Change e-mail", "Transfer", "Cancel", "Add a person", "Undo"] {
        assert!(page.links().iter().all(|(said, _)| !said.starts_with(words)), "{words}");
    }
    for path in paths.into_iter().chain([format!("{contact}/add"), format!("{contact}/registration")]) {
        let page = delegate.opens(&path).await;
        assert!(page.path == boris || page.path == contact, "{path} leads to {}", page.path);
    }
}

#[tokio::test]
async fn every_form_that_was_open_at_the_date_changes_nothing() {
    let app = TestApp::start().await;
    let [contact, boris, carla] = three_from_graz(&app).await;
    let delegate = app.delegate();
    let page = delegate.opens(&carla).await;
    let cancel = delegate.follows(&page, "Cancel for Carla …").await.form("Yes, cancel");
    delegate.sends(cancel).await.must_say("Your place is cancelled");
    let undo = delegate.opens(&carla).await.form("Undo the cancellation of Carla");
    let page = delegate.opens(&boris).await;
    let forms = [
        delegate.follows(&page, "Correct the details of Boris").await.form("Save").fill("Name", "Somebody"),
        delegate
            .follows(&page, "Change e-mail address of Boris")
            .await
            .form("Send the link")
            .fill("New e-mail address", "x@linz.example"),
        delegate
            .follows(&page, "Transfer the place of Boris …")
            .await
            .form("Transfer the place")
            .fill("Name", "Dora")
            .fill("E-mail", "dora@graz.example"),
        delegate.follows(&page, "Cancel for Boris …").await.form("Yes, cancel"),
        undo,
    ];
    let page = delegate.opens(&contact).await;
    let of_contact = [
        delegate.follows(&page, "Correct these details").await.form("Save").fill("City", "Linz"),
        delegate
            .follows(&page, "Add a person …")
            .await
            .form("Add this person")
            .fill("Name", "Emil")
            .fill("E-mail", "emil@graz.example")
            .choose("Category", "Member city"),
    ];
    until(&app, PAST).await;
    sqlx::query("delete from message").execute(&app.db).await.expect("an empty outbox");
    for form in forms.into_iter().chain(of_contact) {
        let page = delegate.sends(form).await;
        assert_eq!(page.redirected_by, Some(303));
        page.must_say("Not changed. The time for changes is over.").must_say("Nothing can be changed here any more");
    }
    assert!(mails(&app).await.is_empty());
    assert_eq!(taken(&app).await, [2, 2]);
    assert_eq!(count(&app, "select count(*) from attendee where name in ('Anna', 'Boris', 'Carla')").await, 3);
}

#[tokio::test]
async fn consent_can_be_withdrawn_at_any_time() {
    let app = TestApp::start().await;
    let [_, boris, _] = three_from_graz(&app).await;
    sqlx::query(
        "insert into attendee_needs (attendee_id, conference_id, dietary, access, consent_wording, consented_at)
         select id, conference_id, 'no nuts', '', 'I agree', now() from attendee where name = 'Boris'",
    )
    .execute(&app.db)
    .await
    .expect("needs");
    until(&app, PAST).await;
    let delegate = app.delegate();
    let page = delegate.opens(&boris).await;
    let page = delegate.follows(&page, "Withdraw consent for Boris …").await;
    delegate.sends(page.form("Withdraw consent and delete the needs")).await.must_say("Consent withdrawn.");
    assert_eq!(count(&app, "select count(*) from attendee_needs").await, 0);
}
