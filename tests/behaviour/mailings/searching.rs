//! Finding mails in the outbox, and sending waiting ones at once.

use super::{app_with, count, execute, people, previewed, until};
use crate::support::{MailServer, TestApp};

const MAIL: &str = "/staff/leipzig-2018/messages";

#[tokio::test]
async fn mails_are_found_by_address_and_subject_whatever_their_state() {
    let server = MailServer::start().await;
    server.answers_about("p0002@city.example", "451 4.7.1 Greylisted");
    let app = app_with(&server).await;
    people(&app.db, 3).await;
    let staff = app.staff().await;
    let page = previewed(&staff, "", "Hello {name}").await;
    staff.sends(page.form("Send 3 e-mails")).await.must_say("On its way.");
    until(&app.db, "select count(*) from message where reply is not null", 3).await;
    let search = |words: &'static str| {
        let staff = staff.clone();
        async move {
            let form = staff.opens(MAIL).await.form("Search").fill("Address or subject", words);
            staff.sends(form).await.texts("tbody th a").len()
        }
    };
    for (words, found) in [
        ("p0001@city", 1),
        ("P0002@CITY.example", 1),
        ("mailto:p0003@city.example", 1),
        ("bus to the", 3),
        ("nobody", 0),
        ("100%", 0),
        ("p000_", 0),
    ] {
        assert_eq!(search(words).await, found, "{words}");
    }
    let form = staff.opens(MAIL).await.form("Search").fill("Address or subject", "city.example");
    let found = staff.sends(form).await;
    staff.follows(&found, "Waiting (1)").await.must_say("p0002@city.example").must_not_say("p0001@city.example");
    let huge = "a".repeat(10_000);
    staff.opens(&format!("{MAIL}?q={huge}")).await.must_say("No e-mails were found.");
    staff.opens(&format!("{MAIL}?q=%00%ff&state=lost&before=x&mailing=y")).await.must_be(200);
}

#[tokio::test]
async fn mails_that_wait_for_another_attempt_are_sent_at_once() {
    let server = MailServer::start().await;
    server.answers("451 4.7.1 Greylisted");
    let app = app_with(&server).await;
    people(&app.db, 3).await;
    let staff = app.staff().await;
    let page = previewed(&staff, "", "Hello {name}").await;
    staff.sends(page.form("Send 3 e-mails")).await.must_say("On its way.");
    until(&app.db, "select count(*) from message where reply is not null", 3).await;
    server.recovers();
    let waiting = staff.opens(&format!("{MAIL}?state=waiting")).await;
    waiting.must_say("to keep spam away. Nothing needs to be done.");
    staff.sends(waiting.form("Send all waiting e-mails now")).await.must_say("On their way.");
    server.received(3).await;
    assert_eq!(count(&app.db, "select count(*) from audit where kind = 'messages_sent_now'").await, 1);
}

#[tokio::test]
async fn discarded_mails_have_a_list_of_their_own() {
    let app = TestApp::start().await;
    people(&app.db, 1).await;
    execute(
        &app.db,
        "insert into message (id, conference_id, kind, recipient, registration_id, state)
         select gen_random_uuid(), conference_id, 'contact_confirmation', 'contact@city.example', id, 'discarded' from registration",
    )
    .await;
    let staff = app.staff().await;
    staff.opens(&format!("{MAIL}?state=discarded")).await.must_say("contact@city.example");
    staff.opens(&format!("{MAIL}?state=sent")).await.must_not_say("contact@city.example");
}
