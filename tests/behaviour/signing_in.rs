//! People with accounts sign in, stay signed in and are signed out.

use conference::config::PublicUrl;
use reqwest::Method;
use time::Duration;

use crate::support::{Account, LEIPZIG, Page, Person, TestApp};

pub const PASSWORD: &str = "correct horse battery staple";

/// Mails with a link to set a password.
const LINKS: &str = "message where kind = 'set_password'";

pub async fn sets_password(person: &Person, link: &str, password: &str) -> Page {
    let form = person.opens(link).await.form("Set password");
    person.sends(form.fill("New password", password).fill("New password again", password)).await
}

/// Creates an account with this role and a password; nobody is signed in.
pub async fn with_password(app: &TestApp, role: &str) -> Account {
    let account = app.account(role).await;
    let link = account.password_link(&app.db, app.now()).await;
    sets_password(&app.delegate(), &link, PASSWORD).await.must_be(200).must_say("Your new password is set");
    account
}

pub async fn signs_in(person: &Person, email: &str, password: &str) -> Page {
    let form = person.opens("/sign-in").await.form("Sign in");
    person.sends(form.fill("E-mail", email).fill("Password", password)).await
}

async fn count(app: &TestApp, what: &str) -> i64 {
    sqlx::query_scalar(sqlx::AssertSqlSafe(format!("select count(*) from {what}")))
        .fetch_one(&app.db)
        .await
        .expect("a number")
}

#[tokio::test]
async fn somebody_with_a_password_signs_in_and_out() {
    let app = TestApp::start().await;
    let account = with_password(&app, "administrator").await;
    let person = app.delegate();
    person.opens("/sign-in").await;
    assert_eq!(person.cookies(), "", "no cookie before signing in");

    let page = signs_in(&person, &account.email.to_uppercase(), PASSWORD).await;
    assert_eq!((page.path.as_str(), page.status), ("/administration", 200));
    let stolen = person.cookies();

    let page = person.sends(person.opens("/account").await.form("Sign out")).await;
    page.must_say("You are signed out");
    assert!(person.cookies().starts_with("browser=") && !person.cookies().contains("login="), "{}", person.cookies());
    let answer = person.asks(Method::GET, "/account", &[("cookie", &stolen)], None).await;
    assert_eq!(answer.headers()["location"], "/sign-in?next=%2Faccount", "a login that has ended no longer works");
}

#[tokio::test]
async fn the_login_cookie_is_hidden_from_scripts_and_other_sites() {
    let app = TestApp::start().await;
    let account = with_password(&app, "staff").await;
    let body = format!("email={}&password={}", account.email.replace('@', "%40"), PASSWORD.replace(' ', "+"));
    let origin = [("origin", app.url())];
    let answer = app.delegate().asks(Method::POST, "/sign-in", &origin, Some(body.clone())).await;
    let cookie = answer.headers()["set-cookie"].to_str().expect("text");
    assert!(cookie.ends_with("; Path=/; HttpOnly; SameSite=Lax"), "{cookie}");

    let app = TestApp::start_with(|settings| {
        settings.public_url = PublicUrl::parse("https://conference.example").ok();
    })
    .await;
    let account = with_secure_password(&app).await;
    let body = format!("email={}&password={}", account.email.replace('@', "%40"), PASSWORD.replace(' ', "+"));
    let origin = [("origin", "https://conference.example")];
    let answer = app.delegate().asks(Method::POST, "/sign-in", &origin, Some(body)).await;
    let cookie = answer.headers()["set-cookie"].to_str().expect("text");
    assert!(cookie.starts_with("__Host-login=") && cookie.contains("; Secure"), "{cookie}");
}

/// Does the same as [`with_password`] on a site whose public URL is not the one that the test connects to.
async fn with_secure_password(app: &TestApp) -> Account {
    let account = app.account("staff").await;
    let body = format!("new-password={0}&repeated-password={0}", PASSWORD.replace(' ', "+"));
    let origin = [("origin", "https://conference.example")];
    let link = account.password_link(&app.db, app.now()).await;
    let answer = app.delegate().asks(Method::POST, &link, &origin, Some(body)).await;
    assert_eq!(answer.status(), 303);
    account
}

#[tokio::test]
async fn no_response_reveals_whether_an_address_has_an_account() {
    let app = TestApp::start().await;
    let known = with_password(&app, "staff").await;
    let invited = app.account("staff").await;
    let gone = with_password(&app, "staff").await;
    sqlx::query("update account set active = false where id = $1").bind(gone.id).execute(&app.db).await.expect("gone");
    let person = app.delegate();
    let mut answers = Vec::new();
    for email in [known.email.as_str(), &invited.email, &gone.email, "nobody@city.example"] {
        let page = signs_in(&person, email, "not the password at all").await;
        page.must_be(422);
        let asked = person.opens("/forgotten-password").await.form("Send the link").fill("E-mail", email);
        let asked = person.sends(asked).await;
        asked.must_be(200);
        answers.push((page.text(), page.errors(), asked.text().replace(email, "ADDRESS")));
    }
    assert!(answers.windows(2).all(|two| two[0] == two[1]), "{answers:#?}");
}

/// Waits for mails to this address with these words, among those that were written as files, and returns their texts.
pub async fn mails(app: &TestApp, recipient: &str, words: &str) -> Vec<String> {
    for _ in 0..200 {
        let files = std::fs::read_dir(app.mail_folder()).into_iter().flatten().flatten();
        let whole = files.filter(|file| file.path().extension().is_some_and(|ending| ending == "eml"));
        let mails: Vec<Vec<u8>> = whole.filter_map(|file| std::fs::read(file.path()).ok()).collect();
        let parsed = mails.iter().filter_map(|mail| mail_parser::MessageParser::default().parse(mail));
        let to = |mail: &mail_parser::Message<'_>| {
            mail.to().and_then(|to| to.first()?.address().map(|address| address == recipient)).unwrap_or(false)
        };
        let texts = parsed.filter(to).filter_map(|mail| mail.body_text(0).map(String::from));
        let texts: Vec<String> = texts.filter(|text| text.contains(words)).collect();
        if !texts.is_empty() {
            return texts;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("no mail to {recipient}");
}

#[tokio::test]
async fn a_forgotten_password_can_be_replaced_with_the_link_in_the_mail() {
    let app = TestApp::start().await;
    let account = with_password(&app, "administrator").await;
    let person = app.delegate();
    let form = person.follows(&person.opens("/sign-in").await, "Forgotten your password?").await.form("Send the link");
    person.sends(form.clone().fill("E-mail", "nobody")).await.must_be(422);
    person.sends(form.clone().fill("E-mail", "nobody@city.example")).await.must_be(200);
    person.sends(form.fill("E-mail", &account.email)).await.must_say("Check your e-mail");

    let mail = mails(&app, &account.email, "/set-password/").await.remove(0);
    let start = mail.find(&format!("{}/set-password/", app.url())).expect("a link");
    let link = mail[start + app.url().len()..].split_whitespace().next().expect("its path");
    let new = "a quite different password";
    sets_password(&person, link, new).await.must_say("Your new password is set");
    signs_in(&person, &account.email, PASSWORD).await.must_be(422);
    signs_in(&person, &account.email, new).await.must_be(200);
    assert_eq!(count(&app, LINKS).await, 1, "nobody has an account under the other address");
}

#[tokio::test]
async fn an_address_gets_at_most_three_links_at_a_time() {
    let app = TestApp::start().await;
    let account = with_password(&app, "staff").await;
    for _ in 0..5 {
        let person = app.delegate();
        let form = person.opens("/forgotten-password").await.form("Send the link");
        person.sends(form.fill("E-mail", &account.email)).await.must_be(200).must_say("Check your e-mail");
    }
    // The mails are queued after the response, so that the response time reveals nothing.
    let deadline = tokio::time::Instant::now() + std::time::Duration::from_secs(15);
    while count(&app, LINKS).await < 3 {
        assert!(tokio::time::Instant::now() < deadline, "three mails were expected");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    assert_eq!(count(&app, LINKS).await, 3);
}

#[tokio::test]
async fn a_link_to_set_a_password_works_once_and_opening_it_does_not_use_it_up() {
    let app = TestApp::start().await;
    let account = app.account("administrator").await;
    let (link, other) =
        (account.password_link(&app.db, app.now()).await, account.password_link(&app.db, app.now()).await);
    let person = app.delegate();
    for _ in 0..3 {
        person.opens(&link).await.must_say(&account.email);
    }
    sets_password(&person, &link, PASSWORD).await.must_say("Your new password is set");
    person.tries(&link).await.must_be(410).must_say("no longer works");
    person.tries(&other).await.must_be(410);
    person.tries("/set-password/abc").await.must_be(410);
    signs_in(&person, &account.email, PASSWORD).await.must_be(200);
}

#[tokio::test]
async fn a_link_to_set_a_password_expires() {
    let app = TestApp::start().await;
    let link = app.account("staff").await.password_link(&app.db, app.now()).await;
    let person = app.delegate();
    let form = person.opens(&link).await.form("Set password");
    app.it_is(app.now() + Duration::hours(25));
    person.tries(&link).await.must_be(410);
    let form = form.fill("New password", PASSWORD).fill("New password again", PASSWORD);
    person.sends(form).await.must_be(410);
}

#[tokio::test]
async fn a_password_that_is_easy_to_guess_or_mistyped_is_refused_with_an_error() {
    let app = TestApp::start().await;
    let account = app.account("staff").await;
    let link = account.password_link(&app.db, app.now()).await;
    let person = app.delegate();
    for (password, words) in [
        ("", "Give a new password"),
        ("short", "at least 12 characters"),
        (account.email.as_str(), "easy to guess"),
        ("justinbieber", "easy to guess"),
        ("Kongresshalle1", "Use three or more words that are not about you or the conference"),
        (&"long".repeat(51), "at most 200 characters"),
    ] {
        let page = sets_password(&person, &link, password).await;
        page.must_be(422);
        assert!(page.error_beside("New password").is_some_and(|error| error.contains(words)), "{:?}", page.errors());
        page.must_not_say("value=\"short\"");
    }
    let form = person.opens(&link).await.form("Set password");
    let page = person.sends(form.fill("New password", PASSWORD).fill("New password again", "something else")).await;
    assert!(page.error_beside("New password again").is_some_and(|error| error.contains("differ")));
}

#[tokio::test]
async fn a_new_password_ends_all_other_logins() {
    let app = TestApp::start().await;
    let account = with_password(&app, "administrator").await;
    let (here, elsewhere) = (app.delegate(), app.delegate());
    for person in [&here, &elsewhere] {
        signs_in(person, &account.email, PASSWORD).await.must_be(200);
    }
    let new = "a quite different password";
    let form = here.opens("/account").await.form("Change password");
    let form = form.fill("New password", new).fill("New password again", new);
    let page = here.sends(form.clone().fill("Current password", "wrong")).await;
    assert_eq!(page.error_beside("Current password").as_deref(), Some("This is not your current password"));
    here.sends(form.fill("Current password", PASSWORD)).await.must_be(200).must_say("Your new password is set");
    here.opens("/account").await.must_say(&account.email);
    elsewhere.tries("/account").await.must_say("Forgotten your password?");

    sets_password(&app.delegate(), &account.password_link(&app.db, app.now()).await, PASSWORD).await;
    here.tries("/account").await.must_say("Forgotten your password?");
}

#[tokio::test]
async fn a_person_can_end_their_other_logins() {
    let app = TestApp::start().await;
    let account = with_password(&app, "administrator").await;
    let (office, phone, lost) = (app.delegate(), app.delegate(), app.delegate());
    for person in [&office, &phone, &lost] {
        signs_in(person, &account.email, PASSWORD).await.must_be(200);
    }
    let page = office.opens("/account").await;
    assert_eq!(page.rows().len(), 3);
    office.sends(page.form("Sign out everywhere else")).await.must_be(200);
    for person in [&phone, &lost] {
        person.tries("/account").await.must_say("Forgotten your password?");
    }
    assert_eq!(office.opens("/account").await.rows().len(), 1);
}

#[tokio::test]
async fn a_login_ends_when_it_is_not_used_and_after_a_week() {
    let app = TestApp::start().await;
    let person = app.administrator().await;
    person.opens("/account").await;
    app.it_is(app.now() + Duration::hours(13));
    person.tries("/account").await.must_say("Forgotten your password?");

    let busy = app.administrator().await;
    for _ in 0..16 {
        assert_eq!(busy.opens("/account").await.path, "/account");
        app.it_is(app.now() + Duration::hours(10));
    }
    app.it_is(app.now() + Duration::hours(10));
    busy.tries("/account").await.must_say("Forgotten your password?");
}

#[tokio::test]
async fn signing_in_leads_back_and_never_to_another_site() {
    let app = TestApp::start().await;
    let account = with_password(&app, "administrator").await;
    let person = app.delegate();
    let page = person.opens("/administration/accounts").await;
    assert!(page.path.starts_with("/sign-in"));
    let page = person.sends(page.form("Sign in").fill("E-mail", &account.email).fill("Password", PASSWORD)).await;
    assert_eq!(page.path, "/administration/accounts");
    assert_eq!(
        person.opens("/sign-in?next=/account").await.path,
        "/account",
        "somebody who is signed in need not sign in again"
    );

    for evil in ["https://evil.example/", "//evil.example", "/\\evil.example", "/\t/evil.example"] {
        let person = app.delegate();
        let form = person.opens("/sign-in").await.form("Sign in").forge("next", evil);
        let page = person.sends(form.fill("E-mail", &account.email).fill("Password", PASSWORD)).await;
        assert_eq!(page.path, "/administration", "{evil:?}");
    }
}

#[tokio::test]
async fn a_form_sent_after_the_login_ended_is_still_there_after_signing_in_again() {
    let app = TestApp::start().await;
    let account = with_password(&app, "administrator").await;
    let person = app.delegate();
    signs_in(&person, &account.email, PASSWORD).await;
    let facts = format!("/organisers{LEIPZIG}/facts");
    let theme = "Ready? \"Yes\" & <no>, said Łódź";
    let form = person.opens(&facts).await.form("Save and publish").fill("Theme", theme).fill("Hosts", "Łódź and Graz");
    app.it_is(app.now() + Duration::hours(13));

    let page = person.sends(form).await;
    page.must_be(401).must_say("Your text is not lost");
    let page = person.sends(page.form("Sign in").fill("E-mail", &account.email).fill("Password", "mistyped")).await;
    page.must_be(422).must_say("Your text is not lost");
    let page = person.sends(page.form("Sign in").fill("E-mail", &account.email).fill("Password", PASSWORD)).await;
    assert!(page.path.starts_with(&format!("{facts}?resumed=")), "{}", page.path);
    page.must_say("Not saved yet");
    let form = page.form("Save and publish");
    assert_eq!((form.value("Theme").as_str(), form.value("Hosts").as_str()), (theme, "Łódź and Graz"));
    person.opens(&facts).await.must_not_say("Łódź");

    person.sends(form).await.must_be(200).must_say("Saved");
    assert_eq!(person.opens(&facts).await.form("Save and publish").value("Theme"), theme);
    assert_eq!(count(&app, "resumed_form").await, 0, "the stored form is deleted after use");
}

#[tokio::test]
async fn a_stored_form_is_shown_to_nobody_else() {
    let app = TestApp::start().await;
    let (account, other) = (with_password(&app, "administrator").await, app.administrator().await);
    let person = app.delegate();
    let facts = format!("/organisers{LEIPZIG}/facts");
    let form = other.opens(&facts).await.form("Save and publish").fill("Theme", "Mine alone");
    let page = person.sends(form).await;
    let page = person.sends(page.form("Sign in").fill("E-mail", &account.email).fill("Password", PASSWORD)).await;
    page.must_be(200).must_say("Not saved yet");
    let resumed = page.path;
    other.opens(&resumed).await.must_not_say("Mine alone");
    other.opens(&format!("/administration?{}", resumed.split('?').nth(1).unwrap_or_default())).await;
    app.it_is(app.now() + Duration::hours(25));
    signs_in(&person, &account.email, PASSWORD).await;
    person.opens(&resumed).await.must_not_say("Mine alone");
}

#[tokio::test]
async fn a_password_is_never_stored_with_a_form() {
    let app = TestApp::start().await;
    let person = app.administrator().await;
    let form = person.opens("/account").await.form("Change password");
    let form = form.fill("Current password", "present secret words").fill("New password", "new secret words");
    app.it_is(app.now() + Duration::hours(13));
    let page = person.sends(form).await;
    page.must_be(401).must_not_say("secret words").must_not_say("Your text is not lost");
}

#[tokio::test]
async fn a_long_text_survives_signing_in_again() {
    let app = TestApp::start().await;
    let account = with_password(&app, "administrator").await;
    let person = app.delegate();
    let settings = format!("/administration{LEIPZIG}");
    let words = "Ein langer Text. ".repeat(12_000);
    let body = |text: &str| format!("places={}&revision=1", text.replace(' ', "+"));
    let headers = [("origin", app.url())];
    let answer = person.asks(Method::POST, &settings, &headers, Some(body(&words))).await;
    assert_eq!(answer.status(), 401);
    let form = person.opens("/sign-in").await.form("Sign in").forge("next", &settings).forge("resumed-places", &words);
    let page = person.sends(form.fill("E-mail", &account.email).fill("Password", PASSWORD)).await;
    assert_eq!(page.form("Save and publish").value("Places in all"), words);
    let answer = app.delegate().asks(Method::POST, &settings, &headers, Some(body(&words.repeat(2)))).await;
    assert_eq!(answer.status(), 413);
}

#[tokio::test]
async fn a_sign_in_form_of_another_site_is_refused() {
    let app = TestApp::start().await;
    let headers = [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")];
    let answer = app.delegate().asks(Method::POST, "/sign-in", &headers, Some("email=a&password=b".into())).await;
    assert_eq!(answer.status(), 403);
}
