//! Guessing passwords and asking for other people's links: what attackers get, what still works for the owner, and what
//! is logged.

use std::time::Duration;

use reqwest::Method;
use tokio::time::{Instant, sleep};

use super::{
    program::{Folder, Program, User, run},
    signing_in::{PASSWORD, sets_password, signs_in, with_password},
};
use crate::support::{Account, Person, TestApp};

#[tokio::test]
async fn wrong_passwords_block_only_the_network_that_they_come_from() {
    let app = TestApp::start().await;
    let account = with_password(&app, "administrator").await;
    let attacker = app.delegate().at("203.0.113.1");
    for _ in 0..10 {
        signs_in(&attacker, &account.email, "a wrong password").await.must_be(422);
    }
    let page = signs_in(&attacker, &account.email, PASSWORD).await;
    page.must_be(429).must_say("too many attempts");
    assert!(page.header("retry-after").parse::<u32>().is_ok_and(|seconds| seconds > 0));
    signs_in(&app.delegate(), &account.email, PASSWORD).await.must_be(200);
}

#[tokio::test]
async fn an_account_attacked_from_many_networks_still_opens_for_its_owner() {
    let app = TestApp::start().await;
    let account = with_password(&app, "administrator").await;
    for network in 0..26 {
        let attacker = app.delegate().at(&format!("203.0.113.{network}"));
        for _ in 0..2 {
            signs_in(&attacker, &account.email, "a wrong password").await.must_be(422);
        }
    }
    let late = app.delegate().at("203.0.113.100");
    for _ in 0..3 {
        signs_in(&late, &account.email, "a wrong password").await.must_be(422);
    }
    signs_in(&late, &account.email, "a wrong password").await.must_be(429);
    signs_in(&app.delegate(), &account.email, PASSWORD).await.must_be(200);
}

/// Returns four spellings of the same address.
fn spellings(email: &str) -> [String; 4] {
    let (local, domain) = email.split_once('@').expect("an address");
    let wide: String = domain
        .chars()
        .map(|c| if c.is_ascii_lowercase() { char::from_u32(u32::from(c) + 0xFEE0).unwrap_or(c) } else { c })
        .collect();
    [
        email.to_owned(),
        email.to_uppercase(),
        format!("{local}@{wide}"),
        format!("{local}@{}", domain.replace('.', "\u{AD}.")),
    ]
}

async fn asks_for_a_link(person: &Person, email: &str) {
    let form = person.opens("/forgotten-password").await.form("Send the link");
    person.sends(form.fill("E-mail", email)).await.must_be(200).must_say("Check your e-mail");
}

/// Waits until at least this many mails with a link to set a password are queued and a moment longer, and returns all
/// their recipients.
async fn linked(app: &TestApp, at_least: usize) -> Vec<String> {
    let deadline = Instant::now() + Duration::from_secs(15);
    loop {
        let recipients: Vec<String> =
            sqlx::query_scalar("select recipient from message where kind = 'set_password' order by id")
                .fetch_all(&app.db)
                .await
                .expect("a list");
        if recipients.len() >= at_least {
            // The program queues the mails after it has responded.
            sleep(Duration::from_millis(400)).await;
            return sqlx::query_scalar("select recipient from message where kind = 'set_password' order by id")
                .fetch_all(&app.db)
                .await
                .expect("a list");
        }
        assert!(Instant::now() < deadline, "{at_least} mails were expected: {recipients:?}");
        sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_link_goes_to_the_accounts_own_address_and_never_to_a_look_alike() {
    let app = TestApp::start().await;
    let account = account_with_address(&app, "admin@majorcities.example").await;
    let person = app.delegate();
    for alike in ["admin@majorcİtİes.example", "admin@majorcıties.example", "admin@mаjorcities.example"] {
        asks_for_a_link(&person, alike).await;
    }
    asks_for_a_link(&person, " mailto:ADMIN@ＭＡＪＯＲＣＩＴＩＥＳ.example\u{200B}").await;
    assert_eq!(linked(&app, 1).await, [account.email], "the stored address, whatever was typed to find it");
}

/// Creates an account with this address.
async fn account_with_address(app: &TestApp, email: &str) -> Account {
    let mut account = with_password(app, "administrator").await;
    sqlx::query("update account set email = $2, email_normalised = $2 where id = $1")
        .bind(account.id)
        .bind(email)
        .execute(&app.db)
        .await
        .expect("another address");
    email.clone_into(&mut account.email);
    account
}

#[tokio::test]
async fn two_accounts_cannot_have_one_address_in_two_spellings() {
    let app = TestApp::start().await;
    let account = app.account("staff").await;
    let administrator = app.administrator().await;
    for same in spellings(&account.email) {
        let form = administrator.opens("/administration/accounts/new").await.form("Send the invitation");
        let form = form.fill("Name", "Somebody else").fill("E-mail", &same).tick_in("At every conference", "staff");
        let page = administrator.sends(form).await;
        page.must_be(422);
        assert!(page.error_beside("E-mail").is_some_and(|error| error.contains("already")), "{:?}", page.errors());
    }
}

#[tokio::test]
async fn another_spelling_of_an_address_gives_no_extra_attempts_and_no_extra_mails() {
    let app = TestApp::start().await;
    let account = with_password(&app, "administrator").await;
    let attacker = app.delegate().at("203.0.113.1");
    for attempt in 0..10 {
        let email = &spellings(&account.email)[attempt % 4];
        signs_in(&attacker, email, "a wrong password").await.must_be(422);
    }
    for attempt in 0..48 {
        // Further attempts are refused, even if the account has had so many attempts that it counts as attacked.
        signs_in(&attacker, &spellings(&account.email)[attempt % 4], PASSWORD).await.must_be(429);
    }
    for _ in 0..2 {
        for email in spellings(&account.email) {
            asks_for_a_link(&attacker, &email).await;
        }
    }
    assert_eq!(linked(&app, 3).await, [account.email.as_str(); 3]);
}

#[tokio::test]
async fn a_browser_that_has_signed_in_before_has_attempts_of_its_own() {
    let app = TestApp::start().await;
    let account = with_password(&app, "staff").await;
    let office = "203.0.113.7";
    let known = app.delegate().at(office);
    signs_in(&known, &account.email, PASSWORD).await.must_be(200);
    known.sends(known.opens("/account").await.form("Sign out")).await;

    // Somebody on the same network guesses until the network has no attempts left.
    let guesser = app.delegate().at(office);
    for _ in 0..9 {
        signs_in(&guesser, &account.email, "a wrong password").await.must_be(422);
    }
    signs_in(&guesser, &account.email, PASSWORD).await.must_be(429);
    signs_in(&known, &account.email, PASSWORD).await.must_be(200);
    known.sends(known.opens("/account").await.form("Sign out")).await;

    // The browser's own attempts are limited too, and do not count for other accounts.
    for _ in 0..9 {
        signs_in(&known, &account.email, "a wrong password").await.must_be(422);
    }
    signs_in(&known, &account.email, PASSWORD).await.must_be(429);
    let other = with_password(&app, "staff").await;
    for _ in 0..10 {
        signs_in(&guesser, &other.email, "a wrong password").await.must_be(422);
    }
    signs_in(&known, &other.email, PASSWORD).await.must_be(429);
}

#[tokio::test]
async fn a_browser_secret_that_we_did_not_issue_is_replaced() {
    let app = TestApp::start().await;
    let account = with_password(&app, "staff").await;
    let planted = "A".repeat(43);
    let body = format!("email={}&password={}", account.email.replace('@', "%40"), PASSWORD.replace(' ', "+"));
    let cookie = format!("browser={planted}");
    let headers = [("origin", app.url()), ("cookie", cookie.as_str())];
    let answer = app.delegate().asks(Method::POST, "/sign-in", &headers, Some(body)).await;
    let given: Vec<_> = answer.headers().get_all("set-cookie").iter().filter_map(|value| value.to_str().ok()).collect();
    let browser = given.iter().find(|cookie| cookie.starts_with("browser=")).expect("its cookie");
    assert!(!browser.contains(&planted), "{browser}");
    assert!(browser.ends_with("; Path=/; HttpOnly; SameSite=Lax; Max-Age=7776000"), "{browser}");
}

/// Returns the lines of a JSON log with this message.
fn lines(said: &str, words: &str) -> Vec<serde_json::Value> {
    let lines = said.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    lines.filter(|line| line["message"] == words).collect()
}

#[tokio::test]
async fn failed_sign_ins_and_refused_requests_are_logged_with_account_and_network() {
    let folder = Folder::for_user(User::Ordinary);
    let program = Program::start(&folder, User::Ordinary);
    let email = "anna@city.example";
    let added = run(&folder, User::Ordinary, &["user", "add", "--email", email, "--role", "staff"]);
    let link =
        added.said.lines().find_map(|line| line.find("/set-password/").map(|start| &line[start..])).expect("a link");
    let anna = Person::new(&program.url(), "127.0.0.1");
    sets_password(&anna, link, PASSWORD).await.must_be(200);
    signs_in(&anna, email, PASSWORD).await.must_be(200);
    anna.tries("/administration").await.must_be(403);

    let attacker = Person::new(&program.url(), "127.0.0.1");
    signs_in(&attacker, "nobody@city.example", "a wrong password").await.must_be(422);
    for _ in 0..9 {
        signs_in(&attacker, email, "a wrong password").await.must_be(422);
    }
    signs_in(&attacker, email, PASSWORD).await.must_be(429);

    let said = program.ends_with_words();
    let failed = lines(&said, "a sign-in failed");
    assert_eq!(failed.len(), 10, "{said}");
    assert!(failed[0]["account"].is_null(), "nobody has this address: {}", failed[0]);
    let account = &failed[1]["account"];
    assert!(account.as_str().is_some_and(|id| id.parse::<uuid::Uuid>().is_ok()), "{}", failed[1]);
    let refused = lines(&said, "a request was refused");
    let seen: Vec<_> = refused.iter().map(|line| (&line["status"], &line["account"])).collect();
    assert_eq!(seen, [(&403.into(), account), (&429.into(), account)]);
    for line in failed.iter().chain(&refused) {
        assert_eq!(line["network"], "127.0.0.1", "{line}");
    }
    assert!(
        !said.contains(email) && !said.contains("nobody@city.example"),
        "e-mail addresses stay out of the log: {said}"
    );
}
