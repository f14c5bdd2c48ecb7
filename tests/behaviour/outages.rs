//! While the database cannot be used: what people see, what the health check reports, and how service resumes.

use std::time::Duration;

use reqwest::Method;
use sqlx::PgPool;
use tokio::time::{Instant, sleep};

use crate::{
    editing::{WORLD_CAFE, editor},
    instances::House,
    program::{Folder, Program, User, command},
    registering::{count, filled, form, registers},
    support::{Account, DatabaseProxy, Form, LEIPZIG, Page, Person, TestApp, database},
};

#[tokio::test]
async fn a_proxy_that_accepts_and_closes_connections_counts_as_an_unavailable_database() {
    let (app, proxy) = behind_a_proxy().await;
    let anna = app.delegate();
    let filled = filled(form(&anna).await, "Anna Gruber", "anna@graz.example");
    proxy.closes();
    for _ in 0..3 {
        let unseen = anna.tries(&format!("{LEIPZIG}/sessions/skills")).await;
        unseen.must_be(503).must_say("Nothing has been lost");
        assert!(!unseen.header("retry-after").is_empty());
        must_contain_the_form(&sends_in_a_second(&anna, &filled).await, &filled);
        anna.tries("/health/ready").await.must_be(503);
    }
    proxy.forwards();
    ready(&anna).await;
    anna.sends(filled).await.must_be(200).must_say("You are registered");
}

#[tokio::test]
async fn a_read_only_database_is_not_ready_and_registration_resumes_once_it_is_writable() {
    let app = TestApp::start().await;
    let anna = app.delegate();
    let filled = filled(form(&anna).await, "Anna Gruber", "anna@graz.example");
    database::makes_read_only(&app.db, "on").await;
    not_ready(&anna).await;
    let answer = sends_in_a_second(&anna, &filled).await;
    must_contain_the_form(&answer, &filled);
    assert!(!answer.header("retry-after").is_empty());
    database::makes_read_only(&app.db, "off").await;
    ready(&anna).await;
    anna.sends(answer.form("Send again")).await.must_be(200).must_say("You are registered");
    // No read-only session is left in the pool.
    for number in 0..20 {
        registers(&app.delegate(), "Ben Huber", &format!("ben-{number}@graz.example")).await.must_be(200);
    }
}

#[tokio::test]
async fn sessions_that_become_read_only_count_as_an_unavailable_database() {
    let house = House::new().await;
    let instance = house.program(&[]).await;
    let anna = instance.delegate(1);
    let filled = filled(form(&anna).await, "Anna Gruber", "anna@graz.example");
    alter_system(&house.db, "alter system set default_transaction_read_only = on").await;
    anna.opens_until("/health/ready", |page| page.status == 503 && page.says("the database is read-only")).await;
    must_contain_the_form(&sends_in_a_second(&anna, &filled).await, &filled);
    alter_system(&house.db, "alter system reset default_transaction_read_only").await;
    ready(&anna).await;
    anna.sends(filled).await.must_be(200).must_say("You are registered");
}

#[tokio::test]
async fn the_program_waits_for_a_standby_to_be_promoted() {
    let house = House::new().await;
    let instance = house.program(&[]).await;
    let anna = instance.delegate(1);
    let filled = filled(form(&anna).await, "Anna Gruber", "anna@graz.example");
    house.cluster.becomes_standby();
    not_ready(&anna).await;
    let answer = sends_in_a_second(&anna, &filled).await;
    must_contain_the_form(&answer, &filled);

    let folder = Folder::for_user(User::Ordinary);
    let mut starting = command(&folder, User::Ordinary, &[]);
    starting.env("DATABASE_URL", &house.url);
    let (mut another, folder) = waits_for(Program::spawn(starting, &folder), folder, "does not answer").await;
    house.cluster.promote();
    (another, _) = waits_for(another, folder, "The conference is open at").await;
    another.ends_well();
    ready(&anna).await;
    anna.sends(answer.form("Send again")).await.must_be(200).must_say("You are registered");
}

#[tokio::test]
async fn a_start_waits_for_a_server_that_is_down_behind_a_proxy() {
    let house = House::new().await;
    let proxy = DatabaseProxy::to(&house.url);
    proxy.closes();
    let folder = Folder::for_user(User::Ordinary);
    let mut starting = command(&folder, User::Ordinary, &[]);
    starting.env("DATABASE_URL", &proxy.url);
    let (program, folder) = waits_for(Program::spawn(starting, &folder), folder, "does not answer").await;
    proxy.forwards();
    let (program, _folder) = waits_for(program, folder, "The conference is open at").await;
    program.ends_well();
}

#[tokio::test]
async fn a_form_sent_while_postgresql_is_down_can_be_sent_again_from_the_page_and_is_saved_once() {
    let house = House::new().await;
    let instance = house.program(&[]).await;
    let anna = instance.delegate(1);
    let filled = filled(form(&anna).await, "Anna \"Nan\" Gruber <& Co>", "anna@graz.example")
        .fill("Invoice address", "Town hall\nHauptplatz 1");
    house.cluster.kill();
    let answer = sends_in_a_second(&anna, &filled).await;
    answer.must_be(503).must_say("Everything you typed is on this page");
    let again = sends_in_a_second(&anna, &answer.form("Send again")).await;
    must_contain_the_form(&again, &filled);
    house.cluster.up();
    ready(&anna).await;
    anna.sends(again.form("Send again")).await.must_be(200).must_say("You are registered");
    anna.sends(again.form("Send again")).await.must_be(200).must_say("You are registered");
    let kept: i64 =
        sqlx::query_scalar("select count(*) from registration").fetch_one(&house.db).await.expect("a number");
    assert_eq!(kept, 1);
}

#[tokio::test]
async fn an_editors_text_comes_back_even_though_the_login_cannot_be_checked() {
    let (app, proxy) = behind_a_proxy().await;
    let organiser = app.organiser().await;
    let form = editor(&organiser, WORLD_CAFE).await.form("Save and publish");
    let text = format!("{}\n\n{}", form.value("Text"), "Bring a friend. ".repeat(2000));
    let filled = form.fill("Text", &text);
    proxy.closes();
    let answer = sends_in_a_second(&organiser, &filled).await;
    must_contain_the_form(&answer, &filled);
    // A response to a script does not repeat the form, because the page still has it.
    let preview = [("hx-request", "true"), ("sec-fetch-site", "same-origin")];
    let part = organiser.asks(Method::POST, "/organisers/leipzig-2018/preview", &preview, Some(filled.body())).await;
    assert_eq!(part.status(), 503);
    assert!(!part.text().await.expect("an answer").contains("Bring a friend"));
    proxy.forwards();
    ready(&organiser).await;
    organiser.sends(answer.form("Send again")).await.must_be(200);
    organiser.opens_until(&format!("{LEIPZIG}/sessions/world-cafe"), |page| page.says("Bring a friend")).await;
}

#[tokio::test]
async fn no_password_is_sent_back_in_the_page() {
    let (app, proxy) = behind_a_proxy().await;
    let account = app.account("staff").await;
    let anna = app.delegate();
    let sign_in = anna.opens("/sign-in").await.form("Sign in");
    let one_time_link = account.password_link(&app.db, app.now()).await;
    let set_password = anna.opens(&one_time_link).await.form("Set password");
    proxy.closes();
    let answer = anna.sends(sign_in.fill("E-mail", &account.email).fill("Password", "correct horse")).await;
    answer.must_be(503).must_not_say("correct horse").must_say("You will be asked for yours again");
    let chosen = set_password.fill("New password", "correct horse battery staple");
    let answer_to_chosen = anna.sends(chosen).await;
    answer_to_chosen.must_be(503).must_not_say("correct horse").must_say("You will be asked for yours again");
    proxy.forwards();
    ready(&anna).await;
    let asked_again = anna.sends(answer.form("Send again")).await;
    asked_again.must_be(422);
    assert_eq!(asked_again.form("Sign in").value("E-mail"), account.email);
    let asked_again = anna.sends(answer_to_chosen.form("Send again")).await;
    asked_again.must_be(422);
    assert!(asked_again.has_form("Set password"));
}

#[tokio::test]
async fn a_form_without_fields_can_be_sent_again_too() {
    let (app, proxy) = behind_a_proxy().await;
    let anna = app.delegate();
    registers(&anna, "Anna Gruber", "anna@graz.example").await;
    let account = Account::create(&app.db, Some("staff")).await;
    let secret = account.login(&app.db, app.now()).await;
    let staff = app.delegate().signed_in(account, &secret);
    let list = staff.opens("/account").await;
    let sign_out = list.form("Sign out");
    proxy.closes();
    let answer = sends_in_a_second(&staff, &sign_out).await;
    must_contain_the_form(&answer, &sign_out);
    proxy.forwards();
    ready(&staff).await;
    staff.sends(answer.form("Send again")).await.must_be(200).must_say("You are signed out");
    assert_eq!(count(&app, "select count(*) from registration").await, 1);
}

/// Starts the program with a proxy in front of its database.
async fn behind_a_proxy() -> (TestApp, DatabaseProxy) {
    let mut proxy = None;
    let app = TestApp::start_with(|settings| {
        use secrecy::ExposeSecret;
        let url = settings.database_url.as_ref().expect("the test's database");
        let to = DatabaseProxy::to(url.expose_secret());
        settings.database_url = Some(to.url.as_str().into());
        proxy = Some(to);
    })
    .await;
    (app, proxy.expect("a proxy"))
}

/// Sends a form and checks that it is answered within a second.
async fn sends_in_a_second(person: &Person, form: &Form) -> Page {
    let sent = Instant::now();
    let answer = person.sends(form.clone()).await;
    assert!(sent.elapsed() < Duration::from_secs(1), "it took {:?}", sent.elapsed());
    answer
}

/// Checks that the page has status 503 and contains the complete form, ready to be sent again.
#[track_caller]
fn must_contain_the_form(answer: &Page, sent: &Form) {
    answer.must_be(503);
    let again = answer.form("Send again");
    assert_eq!(again.goes_to(), sent.goes_to());
    assert_eq!(again.body(), sent.body());
}

/// Waits until the program is ready, and until it will ping each of its connections before using it: it pings only
/// those that were idle for more than a second.
async fn ready(person: &Person) {
    sleep(Duration::from_secs(1)).await;
    person.opens_until("/health/ready", |page| page.status == 200).await;
}

/// Waits until the program is not ready.
async fn not_ready(person: &Person) {
    person.opens_until("/health/ready", |page| page.status == 503).await;
}

/// Waits for these words in the program's output without blocking the test.
async fn waits_for(mut program: Program, folder: Folder, words: &'static str) -> (Program, Folder) {
    let waited = tokio::task::spawn_blocking(move || {
        program.waits_for(words);
        (program, folder)
    });
    waited.await.expect("the program prints them")
}

async fn alter_system(db: &PgPool, statement: &'static str) {
    sqlx::query(statement).execute(db).await.expect("a superuser can do this");
    sqlx::query("select pg_reload_conf()").execute(db).await.expect("a superuser can do this");
}
