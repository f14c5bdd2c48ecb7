//! The owner of an account is notified of changes to it.

use std::time::Duration;

use reqwest::Method;
use tokio::{process::Command, time::sleep};

use super::app_with;
use crate::{
    signing_in::{PASSWORD, signs_in},
    support::{Account, MailServer, Person, TestApp},
};

const FIREFOX: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0";

/// Submits a new password, and the current one if the form asks for it, from Firefox on Windows.
async fn sets_password(app: &TestApp, person: &Person, path: &str, present: &str, new: &str) {
    let [present, new] = [present, new].map(|words| words.replace(' ', "+"));
    let body = format!("present-password={present}&new-password={new}&repeated-password={new}");
    let headers = [("origin", app.url()), ("user-agent", FIREFOX)];
    assert_eq!(person.asks(Method::POST, path, &headers, Some(body)).await.status(), 303);
}

fn page_of(account: &Account) -> String {
    format!("/administration/accounts/{}", account.id)
}

#[tokio::test]
async fn the_owner_is_notified_of_a_password_that_was_set_with_a_link() {
    let server = MailServer::start().await;
    let app = app_with(&server).await;
    let account = app.account("staff").await;
    let link = account.password_link(&app.db, app.now()).await;
    let person = app.delegate().at("203.0.113.7");
    sets_password(&app, &person, &link, "", PASSWORD).await;
    let mail = server.mail_to(&account.email).await;
    assert_eq!(mail.subject(), "A new password was set for your account");
    for words in ["with a one-time link", "Firefox on Windows", "203.0.113.7", "If it was not you"] {
        assert!(mail.text().contains(words) && mail.html().contains(words), "{words} is missing in\n{}", mail.text());
    }
    let year = app.now().year().to_string();
    assert!(mail.text().contains(&year), "it says when:\n{}", mail.text());
    assert_eq!(mail.link("/forgotten-password"), "/forgotten-password");
    for secret in [PASSWORD, link.as_str(), "/set-password/"] {
        assert!(!mail.text().contains(secret) && !mail.html().contains(secret), "{secret} in\n{}", mail.text());
    }
}

#[tokio::test]
async fn the_owner_is_notified_of_a_password_that_was_changed_by_somebody_signed_in() {
    let server = MailServer::start().await;
    let app = app_with(&server).await;
    let account = app.account("administrator").await;
    let person = app.delegate();
    sets_password(&app, &person, &account.password_link(&app.db, app.now()).await, "", PASSWORD).await;
    server.mail_to(&account.email).await;
    signs_in(&person, &account.email, PASSWORD).await.must_be(200);
    sets_password(&app, &person, "/account/password", PASSWORD, "a quite different password").await;
    let mails = server.received(2).await;
    assert!(mails.iter().all(|mail| mail.to == [account.email.as_str()]));
    assert!(!mails[1].text().contains("with a one-time link"), "{}", mails[1].text());
    // A refused form changes nothing.
    let form = person.opens("/account").await.form("Change password");
    person.sends(form.fill("Current password", "wrong")).await.must_be(422);
    sleep(Duration::from_millis(500)).await;
    assert_eq!(server.mails().len(), 2);
}

#[tokio::test]
async fn the_owner_is_notified_of_changed_roles_and_of_no_other_change() {
    let server = MailServer::start().await;
    let app = app_with(&server).await;
    let (ada, bea) = (app.administrator().await, app.account("staff").await);
    bea.also_is(&app.db, "organiser", None).await;
    let form = ada.opens(&page_of(&bea)).await.form("Save");
    ada.sends(form.clone()).await.must_say("Saved");
    ada.sends(form.clone().fill("Name", "Bea B.")).await.must_say("Saved");
    let form = form.untick_in("At every conference", "staff").tick_in("Only at Leipzig 2018", "staff");
    ada.sends(form).await.must_say("Saved");
    let mail = server.received(1).await.remove(0);
    assert_eq!(
        (mail.to[0].as_str(), mail.subject().as_str()),
        (bea.email.as_str(), "The roles of your account were changed")
    );
    let by = format!("By: {}", ada.account.expect("an account").name);
    for line in ["Before: organiser, staff", "Now: organiser, staff (Leipzig 2018)", by.as_str()] {
        assert!(mail.text().lines().any(|found| found == line), "{line} is missing in\n{}", mail.text());
    }
}

#[tokio::test]
async fn the_owner_is_notified_once_of_deactivation_and_of_reactivation() {
    let server = MailServer::start().await;
    let app = app_with(&server).await;
    let (ada, bea) = (app.administrator().await, app.account("staff").await);
    let form = ada.opens(&format!("{}/deactivate", page_of(&bea))).await.form("Deactivate");
    ada.sends(form.clone()).await.must_be(200).must_say("deactivated");
    assert_eq!(server.mail_to(&bea.email).await.subject(), "Your account was deactivated");
    ada.sends(form).await.must_be(200);
    let form = ada.opens(&page_of(&bea)).await.form("Reactivate");
    ada.sends(form.clone()).await.must_be(200);
    ada.sends(form).await.must_be(200);
    let subjects: Vec<_> = server.received(2).await.iter().map(crate::support::Mail::subject).collect();
    assert_eq!(subjects, ["Your account was deactivated", "Your account was reactivated"]);
    sleep(Duration::from_millis(500)).await;
    assert_eq!(server.mails().len(), 2, "a second click changes nothing");
}

#[tokio::test]
async fn the_mail_with_a_link_names_the_administrator_who_created_it() {
    let server = MailServer::start().await;
    let app = app_with(&server).await;
    let (ada, bea) = (app.administrator().await, app.account("staff").await);
    sets_password(&app, &app.delegate(), &bea.password_link(&app.db, app.now()).await, "", PASSWORD).await;
    server.mail_to(&bea.email).await;
    ada.sends(ada.opens(&page_of(&bea)).await.form("Send a new link")).await.must_be(200);
    let mails = server.received(2).await;
    let mail = mails.iter().find(|mail| mail.text().contains("/set-password/")).expect("the mail with the link");
    let by = format!("{}, who administers the website", ada.account.expect("an account").name);
    for words in [by.as_str(), "If you did not ask for it, reply to this mail"] {
        assert!(mail.text().contains(words) && mail.html().contains(words), "{words} is missing in\n{}", mail.text());
    }
    assert!(!mail.text().contains("do nothing"), "{}", mail.text());
}

#[tokio::test]
async fn the_owner_is_notified_of_a_link_that_was_created_on_the_command_line() {
    let server = MailServer::start().await;
    let app = app_with(&server).await;
    let account = app.account("staff").await;
    let reset = Command::new(env!("CARGO_BIN_EXE_conference"))
        .args(["user", "reset", "--email", &account.email])
        .env_clear()
        .env("DATABASE_URL", app.database_url())
        .output()
        .await
        .expect("the command runs");
    assert!(reset.status.success(), "{}", String::from_utf8_lossy(&reset.stderr));
    let printed = String::from_utf8_lossy(&reset.stdout).into_owned();
    let mail = server.mail_to(&account.email).await;
    assert_eq!(mail.subject(), "A link to set a new password for your account was made");
    assert!(printed.contains("/set-password/") && !mail.text().contains("/set-password/"), "{}", mail.text());
}
