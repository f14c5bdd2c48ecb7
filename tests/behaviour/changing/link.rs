//! "Send me my link again", and links that do not work.

use std::time::Duration;

use reqwest::Method;
use tokio::time::{Instant, sleep};

use super::{Graz, to};
use crate::{
    managing::three_from_graz,
    registering::{count, registers},
    support::{LEIPZIG, Page, Person, TestApp},
};

const ASK: &str = "/leipzig-2018/my-registration";

async fn asks(delegate: &Person, email: &str) -> Page {
    let form = delegate.opens(ASK).await.form("Send me my link");
    delegate.sends(form.fill("E-mail", email)).await
}

#[tokio::test]
async fn a_contact_gets_the_link_again_however_the_address_is_written() {
    let mut graz = Graz::registers().await;
    let anna = graz.app.delegate();
    asks(&anna, "ANNA@Graz.example").await.must_be(200).must_say("Check your e-mail");
    let told = graz.told(1).await;
    let mail = to(&told, "anna@graz.example");
    assert!(mail.subject().starts_with("Your link"), "{}", mail.subject());
    anna.opens(&mail.link("/manage/")).await.must_say("Your registration").must_say("Carla");
    anna.opens(&graz.anna).await.must_say("Your registration");
    assert_eq!(mail.text().matches("/manage/").count(), 1, "{}", mail.text());
}

#[tokio::test]
async fn an_attendee_gets_only_their_own_link() {
    let mut graz = Graz::registers().await;
    let boris = graz.app.delegate();
    asks(&boris, "boris@graz.example").await.must_say("Check your e-mail");
    let told = graz.told(1).await;
    let page = boris.opens(&to(&told, "boris@graz.example").link("/manage/")).await;
    page.must_say("Your place").must_not_say("Carla");
}

#[tokio::test]
async fn one_mail_brings_a_link_to_each_registration() {
    let mut graz = Graz::registers().await;
    registers(&graz.app.delegate(), "Boris Maier", "boris@graz.example").await.must_say("You are registered");
    graz.told(2).await;
    asks(&graz.app.delegate(), "boris@graz.example").await.must_say("Check your e-mail");
    let told = graz.told(1).await;
    let mail = to(&told, "boris@graz.example");
    assert!(mail.subject().starts_with("Your links"), "{}", mail.subject());
    assert_eq!(mail.text().matches("/manage/").count(), 2, "{}", mail.text());
}

#[tokio::test]
async fn the_response_is_the_same_whether_or_not_somebody_is_registered() {
    let app = TestApp::start().await;
    three_from_graz(&app).await;
    let known = asks(&app.delegate(), "anna@graz.example").await;
    let unknown = asks(&app.delegate(), "nobody@graz.example").await;
    assert_eq!(known.status, unknown.status);
    assert_eq!(known.body.replace("anna@", "nobody@"), unknown.body);
    let deadline = Instant::now() + Duration::from_secs(15);
    while count(&app, "select count(*) from message where kind = 'link'").await < 1 {
        assert!(Instant::now() < deadline, "no mail was queued");
        sleep(Duration::from_millis(50)).await;
    }
    sleep(Duration::from_millis(300)).await;
    assert_eq!(count(&app, "select count(*) from message").await, 1, "nobody else gets a mail");
}

#[tokio::test]
async fn a_response_does_not_wait_until_the_address_is_looked_up() {
    let app = TestApp::start().await;
    three_from_graz(&app).await;
    let form = app.delegate().opens(ASK).await.form("Send me my link");
    let mut lock = app.db.begin().await.expect("a transaction");
    sqlx::query("lock table attendee in access exclusive mode")
        .execute(&mut *lock)
        .await
        .expect("nobody can look it up");
    let delegate = app.delegate();
    let sent = tokio::time::timeout(Duration::from_secs(5), delegate.sends(form.fill("E-mail", "anna@graz.example")));
    sent.await.expect("it does not wait").must_say("Check your e-mail");
}

#[tokio::test]
async fn a_mailbox_gets_three_mails_and_a_network_has_a_limit() {
    let app = TestApp::start().await;
    three_from_graz(&app).await;
    let delegate = app.delegate();
    for n in 0..30 {
        let spelling = if n % 2 == 0 { "anna@graz.example" } else { "Anna@graz.example" };
        asks(&delegate, spelling).await.must_be(200);
    }
    let page = asks(&delegate, "anna@graz.example").await;
    page.must_be(429).must_say("Too many attempts");
    asks(&app.delegate(), "anna@graz.example").await.must_be(200);
    sleep(Duration::from_secs(1)).await;
    assert_eq!(count(&app, "select count(*) from message where kind = 'link'").await, 3);
}

#[tokio::test]
async fn the_form_the_closed_page_and_a_dead_link_lead_to_it() {
    let app = TestApp::start().await;
    let [contact, ..] = three_from_graz(&app).await;
    let delegate = app.delegate();
    let page = delegate.opens(&format!("{LEIPZIG}/register")).await;
    delegate.follows(&page, "Send me my link again").await.must_say("With your link you see and change");
    sqlx::query("update link set revoked_at = now()").execute(&app.db).await.expect("revoked");
    for path in
        [contact.clone(), format!("/manage/{}", "A".repeat(43)), format!("{contact}/details"), "/manage/x".into()]
    {
        let page = delegate.tries(&path).await;
        page.must_be(404).must_say("This link does not work");
        delegate.follows(&page, "Send me my link again").await;
    }
    sqlx::query("update conference set registration_closes = now() - interval '1 day'")
        .execute(&app.db)
        .await
        .expect("closed");
    let page = delegate.opens_until(&format!("{LEIPZIG}/register"), |page| page.says("Registration is closed")).await;
    delegate.follows(&page, "Send me my link again").await;
    asks(&delegate, "x").await.must_be(422).must_say("Give the e-mail address in the form name@city.eu");
}

#[tokio::test]
async fn one_network_sends_only_so_many_forms_with_links() {
    let app = TestApp::start().await;
    let [_, boris, _] = three_from_graz(&app).await;
    let guesser = app.delegate();
    for n in 0..100 {
        let path = format!("/manage/{n:A>43}/undo");
        let answer = guesser.asks(Method::POST, &path, &[("sec-fetch-site", "same-origin")], Some(String::new())).await;
        assert_eq!(answer.status().as_u16(), 404, "{n}");
    }
    for path in [
        "cancel",
        "undo",
        "details",
        "email",
        "add",
        "transfer",
        "registration",
        "withdraw?attendee=01900000-0000-7000-8000-000000000001",
    ] {
        let path = format!("{boris}/{path}");
        let answer = guesser.asks(Method::POST, &path, &[("sec-fetch-site", "same-origin")], Some(String::new())).await;
        assert_eq!(answer.status().as_u16(), 429, "{path}");
        assert!(answer.headers().contains_key("retry-after"));
    }
    let confirm = format!("/confirm-email/{}", "A".repeat(43));
    let answer = guesser.asks(Method::POST, &confirm, &[("sec-fetch-site", "same-origin")], Some(String::new())).await;
    assert_eq!(answer.status().as_u16(), 429);
    guesser.opens(&boris).await.must_say("Confirmed");
    let page = app.delegate().opens(&boris).await;
    page.must_say("Cancel for Boris …");
}

#[tokio::test]
async fn one_link_sends_a_limited_number_of_forms_and_so_of_mails() {
    let app = TestApp::start().await;
    let [contact, boris, _] = crate::managing::three_from_graz(&app).await;
    let delegate = app.delegate();
    let page = delegate.opens(&contact).await;
    let path = page.link("Change e-mail address of Boris");
    let mut sent = 0;
    loop {
        let form = delegate.opens(&path).await.form("Send the link");
        let page = delegate.sends(form.fill("New e-mail address", &format!("stranger{sent}@linz.example"))).await;
        if page.status == 429 {
            break;
        }
        sent += 1;
    }
    assert_eq!(sent, 30);
    // Another link has its own number.
    let page = delegate.opens(&boris).await;
    let form = delegate.follows(&page, "Correct the details of Boris").await.form("Save").fill("Job title", "CIO");
    delegate.sends(form).await.must_say("Corrected.");
}
