//! What is the same for every request: headers, limits and the log.

use std::{
    future::poll_fn,
    pin::pin,
    task::Poll,
    time::{Duration, Instant},
};

use reqwest::Method;
use sqlx::{ConnectOptions, postgres::PgConnectOptions};
use tokio::{io::AsyncWriteExt, net::TcpStream, time::sleep};

use crate::{
    program::{Folder, Program, User},
    support::{LEIPZIG, Person, TestApp, registration::registers},
};

#[tokio::test]
async fn every_response_has_the_security_headers() {
    let app = TestApp::start().await;
    let anna = app.delegate();
    let pages =
        [LEIPZIG, "/leipzig-2018/register", "/sign-in", "/nothing-here", "/health/live", "/favicon.ico", "/staff"];
    for (method, path) in pages.map(|path| (Method::GET, path)).into_iter().chain([(Method::POST, "/health/live")]) {
        // The first response is rendered; the second may come from the cache.
        for _ in 0..2 {
            let answer = anna.asks(method.clone(), path, &[], None).await;
            let header = |name: &str| answer.headers().get(name).map_or("", |value| value.to_str().unwrap_or("?"));
            let policy = header("content-security-policy");
            for part in ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"] {
                assert!(policy.contains(part), "{path}: {policy}");
            }
            assert!(policy.contains("manifest-src 'self'"), "{path}: {policy}");
            assert!(!policy.contains("unsafe"), "{path}: {policy}");
            assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
            assert_eq!(header("referrer-policy"), "same-origin", "{path}");
            assert!(header("permissions-policy").contains("camera=()"), "{path}");
            assert_eq!(header("strict-transport-security"), "", "no HSTS without https");
            assert_eq!(header("set-cookie"), "", "nobody gets a cookie before signing in: {path}");
        }
    }
    app.stop().await;
}

#[tokio::test]
async fn with_https_browsers_are_told_to_use_https_only() {
    let https = conference::config::PublicUrl::parse("https://conference.example").expect("an address");
    let app = TestApp::start_with(|settings| settings.public_url = Some(https)).await;
    for path in [LEIPZIG, "/nothing-here"] {
        let answer = app.delegate().asks(Method::GET, path, &[], None).await;
        let hsts = answer.headers().get("strict-transport-security").and_then(|value| value.to_str().ok());
        assert!(hsts.is_some_and(|hsts| hsts.contains("max-age=31536000")), "{path}: {hsts:?}");
    }
    app.stop().await;
}

#[tokio::test]
async fn a_malformed_url_gets_a_page_of_ours_with_status_400_or_404() {
    let app = TestApp::start().await;
    for path in [
        "/%00",
        "/leipzig-2018/sessions/%00",
        "/manage/%FF",
        "/set-password/%FF",
        "/manage/x/cancel?attendee=1",
        "/sign-in?next=/a&next=/b",
    ] {
        let answer = app.delegate().asks(Method::GET, path, &[], None).await;
        assert!(matches!(answer.status().as_u16(), 400 | 404), "{path}: {}", answer.status());
        assert!(answer.text().await.expect("a page").contains("<h1"), "{path}");
    }
    app.stop().await;
}

#[tokio::test]
async fn a_trailing_slash_leads_to_the_page_and_never_to_another_site() {
    let app = TestApp::start().await;
    let anna = app.delegate();
    for (path, to) in [
        ("/leipzig-2018/", "/leipzig-2018"),
        ("/leipzig-2018/programme/?day=2018-05-29", "/leipzig-2018/programme?day=2018-05-29"),
    ] {
        let answer = anna.asks(Method::GET, path, &[], None).await;
        let location = answer.headers().get("location").and_then(|location| location.to_str().ok());
        assert_eq!((answer.status().as_u16(), location), (301, Some(to)), "{path}");
    }
    for path in ["//evil.example/", "/\\evil.example/", "/a//evil.example/"] {
        let answer = anna.asks(Method::GET, path, &[], None).await;
        assert!(!answer.headers().contains_key("location"), "{path}");
    }
    app.stop().await;
}

#[tokio::test]
async fn capitals_in_a_url_lead_to_the_page_and_never_to_another_site() {
    let app = TestApp::start().await;
    let anna = app.delegate();
    for (path, to) in [
        ("/LEIPZIG-2018", "/leipzig-2018"),
        ("/Leipzig-2018/Programme/", "/leipzig-2018/programme"),
        ("/leipzig-2018/Sessions/World-Cafe?from=Mail", "/leipzig-2018/sessions/world-cafe?from=Mail"),
        ("/leipzig-2018/pages/IMPRINT", "/leipzig-2018/pages/imprint"),
        ("/leipzig-2018/programme.ICS", "/leipzig-2018/programme.ics"),
        ("/Sign-In", "/sign-in"),
        ("/Programme", "/programme"),
        // A page that needs a login is first redirected to its proper URL.
        ("/Staff/Leipzig-2018/Attendees/?q=Anna", "/staff/leipzig-2018/attendees?q=Anna"),
    ] {
        for method in [Method::GET, Method::HEAD] {
            let answer = anna.asks(method, path, &[], None).await;
            let location = answer.headers().get("location").and_then(|location| location.to_str().ok());
            assert_eq!((answer.status().as_u16(), location), (301, Some(to)), "{path}");
        }
    }
    for path in ["/NOTHING", "/Nothing/Here", "/leipzig-2018/Nothing/", "//EVIL.example/", "/\\EVIL.example"] {
        let answer = anna.asks(Method::GET, path, &[], None).await;
        assert_eq!((answer.status().as_u16(), answer.headers().get("location")), (404, None), "{path}");
    }
    let sent = anna.asks(Method::POST, "/Leipzig-2018/Register", &[], Some("name=Anna".into())).await;
    assert_eq!(sent.status(), 404, "a form is accepted only at its exact URL");
    app.stop().await;
}

#[tokio::test]
async fn a_secret_in_a_url_keeps_its_capitals() {
    let app = TestApp::start().await;
    let anna = app.delegate();
    let link = app.account("staff").await.password_link(&app.db, app.now()).await;
    let receipt = registers(&anna, "Anna Gruber", "anna@graz.example").await.path;
    for address in [&link, &receipt] {
        anna.opens(address).await;
        let with_slash = anna.asks(Method::GET, &format!("{address}/"), &[], None).await;
        assert_eq!(with_slash.status(), 301);
        assert_eq!(with_slash.headers()["location"], **address);
    }
    for (address, capitals) in [
        (&link, link.replace("/set-password/", "/Set-Password/")),
        (&receipt, receipt.replace("/leipzig-2018/registered/", "/Leipzig-2018/Registered/")),
    ] {
        let answer = anna.asks(Method::GET, &capitals, &[], None).await;
        assert_eq!(
            (answer.status().as_u16(), &answer.headers()["location"]),
            (301, &address.parse().expect("a header"))
        );
    }
    let secret = link.rsplit('/').next().expect("a secret").to_uppercase();
    let elsewhere = anna.asks(Method::GET, &format!("/Set-Password/{secret}"), &[], None).await;
    assert_eq!((elsewhere.status().as_u16(), elsewhere.headers().get("location")), (410, None));
    app.stop().await;
}

#[tokio::test]
async fn a_method_that_a_page_does_not_allow_is_answered_with_those_that_it_allows() {
    let app = TestApp::start().await;
    let answer = app.delegate().asks(Method::DELETE, LEIPZIG, &[], None).await;
    assert_eq!(answer.status(), 405);
    assert!(answer.headers()["allow"].to_str().expect("text").contains("GET"));
    let head = app.delegate().asks(Method::HEAD, LEIPZIG, &[], None).await;
    assert_eq!(head.status(), 200);
    assert!(head.bytes().await.expect("an end").is_empty());
    app.stop().await;
}

#[test]
fn each_request_is_one_line_in_the_log_without_secrets_from_its_url() {
    let folder = Folder::for_user(User::Ordinary);
    let mut program = Program::start(&folder, User::Ordinary);
    let secret = "S3cretS3cretS3cretS3cretS3cretS3cretS3cret";
    assert_eq!(program.get(&format!("/confirm-email/{secret}")).status, 404);
    program.waits_for("/confirm-email/{token}");
    let answer = program.get(&format!("/manage/{secret}?note={secret}"));
    assert_eq!(answer.status, 404);
    program.waits_for("/manage/{token}");
    let said = program.said();
    let line = said.lines().find(|line| line.contains("/manage/{token}")).expect("its line");
    let line: serde_json::Value = serde_json::from_str(line).expect("JSON");
    assert_eq!((&line["method"], &line["status"]), (&"GET".into(), &404.into()));
    assert!(line["ms"].is_number(), "{line}");
    let id = line["id"].as_str().expect("a reference");
    assert!(answer.body.contains(id), "the page shows the reference that is in the log");
    let ended = program.ends_with_words();
    assert!(!ended.contains(secret), "{ended}");
}

#[tokio::test]
async fn the_reference_on_an_error_page_is_in_the_log_with_the_cause() {
    let folder = Folder::for_user(User::Ordinary);
    let mut program = Program::start(&folder, User::Ordinary);
    let options = PgConnectOptions::new_without_pgpass().socket(folder.socket()).port(5432);
    let owner = options.username("conference_owner").database("conference");
    let mut connection = owner.connect().await.expect("this user can connect");
    sqlx::query("alter table page_content rename to mislaid")
        .execute(&mut connection)
        .await
        .expect("the owner can do this");
    // The home page and the programme would come from the cache.
    let answer = program.get("/leipzig-2018/pages/imprint");
    assert_eq!(answer.status, 500, "{}", answer.body);
    program.waits_for("/{c}/pages/{slug}");
    let said = program.said();
    let line = said.lines().find(|line| line.contains("a request failed")).expect("its line");
    let line: serde_json::Value = serde_json::from_str(line).expect("JSON");
    assert!(line["error"].as_str().is_some_and(|words| words.contains("page_content")), "the cause: {line}");
    assert_eq!(line["database"], "42P01");
    assert!(answer.body.contains(line["id"].as_str().expect("a reference")), "{line}");
    assert!(!answer.body.contains("42P01"), "the page does not reveal the cause");
    program.ends_well();
}

#[test]
fn cached_pages_are_logged_with_their_route_like_others() {
    let folder = Folder::for_user(User::Ordinary);
    let program = Program::start(&folder, User::Ordinary);
    for path in ["/leipzig-2018", "/leipzig-2018/programme", "/leipzig-2018/sessions/world-cafe"] {
        for _ in 0..2 {
            assert_eq!(program.get(path).status, 200);
        }
    }
    // Cached after a request with another spelling of its URL.
    assert_eq!(program.get("/Leipzig-2018/Pages/Imprint").status, 301);
    assert_eq!(program.get("/leipzig-2018/pages/imprint").status, 200);
    let said = program.ends_with_words();
    for route in ["/{c}", "/{c}/programme", "/{c}/sessions/{slug}", "/{c}/pages/{slug}"] {
        assert_eq!(said.matches(&format!("\"route\":\"{route}\"")).count(), 2, "{said}");
    }
}

#[test]
fn while_postgresql_hangs_the_health_check_fails_at_once_and_visitors_get_503_in_the_end() {
    let folder = Folder::for_user(User::Ordinary);
    let program = Program::start(&folder, User::Ordinary);
    let register = "/leipzig-2018/register";
    assert_eq!(program.get(register).status, 200);
    let frozen = folder.freezes_postgres();
    let visitor = program.connect();
    visitor.send(&format!("GET {register} HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    let asked = Instant::now();
    assert_eq!(program.get("/health/ready").status, 503);
    assert!(asked.elapsed() < Duration::from_secs(3), "{:?}", asked.elapsed());
    let answer = visitor.receive_some().to_lowercase();
    assert!(answer.starts_with("http/1.1 503"), "it is not the visitor who is slow: {answer}");
    assert!(answer.contains("retry-after: 5"), "{answer}");
    drop(frozen);
    let asked = Instant::now();
    while program.get(register).status != 200 {
        assert!(asked.elapsed() < Duration::from_secs(10), "pages did not come back with the database");
    }
    let said = program.ends_with_words();
    let line = said.lines().find(|line| line.contains("\"target\":\"request\"") && line.contains("\"status\":503,"));
    assert!(line.is_some(), "{said}");
    assert!(!said.contains("\"route\":\"none\""), "{said}");
}

#[test]
fn a_body_that_does_not_arrive_is_answered_with_408() {
    let folder = Folder::for_user(User::Ordinary);
    let program = Program::start(&folder, User::Ordinary);
    let connection = program.connect();
    connection.send(
        "POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: 12\r\n\r\nemail",
    );
    let answer = connection.receive_some();
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    program.ends_well();
}

#[test]
fn a_body_that_is_too_large_is_refused_before_it_is_read_and_its_sender_gets_the_response() {
    let folder = Folder::for_user(User::Ordinary);
    let program = Program::start(&folder, User::Ordinary);
    let head =
        "POST /leipzig-2018/register HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded";
    // With Content-Length, and sent to its end, as browsers do.
    let connection = program.connect();
    connection.send(&format!("{head}\r\nContent-Length: 1100000\r\n\r\n"));
    connection.send(&"a".repeat(1_100_000));
    assert!(connection.receive_some().starts_with("HTTP/1.1 413"));
    // Without Content-Length.
    let connection = program.connect();
    connection.send(&format!("{head}\r\nTransfer-Encoding: chunked\r\n\r\n"));
    let chunk = format!("10000\r\n{}\r\n", "a".repeat(0x10000));
    for _ in 0..16 {
        connection.send(&chunk);
    }
    connection.send("1\r\na\r\n0\r\n\r\n");
    assert!(connection.receive_some().starts_with("HTTP/1.1 413"));
    program.ends_well();
}

#[test]
fn too_many_large_forms_at_once_are_refused_and_nobody_else_has_to_wait() {
    let folder = Folder::for_user(User::Ordinary);
    let program = Program::start(&folder, User::Ordinary);
    let head = "POST /leipzig-2018/register HTTP/1.1\r\nHost: localhost\r\nContent-Type: \
                application/x-www-form-urlencoded\r\nContent-Length: 40000\r\n\r\nname=";
    let slow: Vec<_> = (0..64)
        .map(|_| {
            let connection = program.connect();
            connection.send(head);
            connection
        })
        .collect();
    let whole = format!("{head}{}", "a".repeat(40_000 - 5));
    // It takes the program a moment to notice that other connections have come or gone.
    let answered = |expected: &str| {
        let started = Instant::now();
        loop {
            let late = program.connect();
            late.send(&whole);
            let answer = late.receive_some();
            if answer.starts_with(expected) {
                return answer;
            }
            assert!(started.elapsed() < Duration::from_secs(20), "{answer}");
        }
    };
    let answer = answered("HTTP/1.1 429");
    assert!(answer.to_lowercase().contains("retry-after: 5"), "{answer}");
    assert_eq!(program.get("/leipzig-2018/register").status, 200);
    drop(slow);
    answered("HTTP/1.1 422");
    program.ends_well();
}

#[tokio::test]
async fn strangers_who_send_large_forms_slowly_do_not_delay_people_who_are_signed_in() {
    let app = TestApp::start().await;
    let address = app.url().strip_prefix("http://").expect("an address").to_owned();
    let mut slow = Vec::new();
    for number in 0..140 {
        let path = ["/leipzig-2018/register", "/organisers/leipzig-2018/pages/new"][number % 2];
        let mut connection = TcpStream::connect(&address).await.expect("it listens");
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n\
             Content-Length: 40000\r\n\r\nname="
        );
        connection.write_all(head.as_bytes()).await.expect("the connection is open");
        slow.push(connection);
    }
    let same_site = [("sec-fetch-site", "same-origin")];
    let large = || Some(format!("name={}", "a".repeat(40_000)));
    let registers = async |person: Person| {
        person.asks(Method::POST, "/leipzig-2018/register", &same_site, large()).await.status().as_u16()
    };
    assert_eq!(
        registers(app.delegate().at("127.0.0.1")).await,
        429,
        "all forms from one network count towards one limit"
    );
    let mut elsewhere = Vec::new();
    for _ in 0..8 {
        elsewhere.push(registers(app.delegate()).await);
    }
    assert!(
        elsewhere.iter().filter(|status| **status == 422).count() >= 6,
        "other networks are not affected: {elsewhere:?}"
    );
    let organiser = app.organiser().await;
    let asked = Instant::now();
    let page = organiser.asks(Method::POST, "/organisers/leipzig-2018/pages/new", &same_site, large()).await;
    assert_eq!(page.status(), 422);
    assert!(asked.elapsed() < Duration::from_secs(3), "{:?}", asked.elapsed());
}

#[test]
fn a_client_that_sends_its_headers_too_slowly_is_disconnected() {
    let folder = Folder::for_user(User::Ordinary);
    let program = Program::start(&folder, User::Ordinary);
    let connection = program.connect();
    let started = Instant::now();
    connection.send("GET / HTTP/1.1\r\nHost: localhost\r\n");
    // Nothing more is sent, so the connection must be closed.
    while connection.is_open() {
        assert!(started.elapsed() < Duration::from_secs(40), "it is still open");
    }
    assert!(started.elapsed() > Duration::from_secs(10), "slow connections have enough time");
    program.ends_well();
}

#[tokio::test]
async fn a_request_that_is_cancelled_while_it_begins_a_transaction_leaves_none_open() {
    let app = TestApp::start().await;
    app.delegate().opens("/").await;
    let mut left = 0;
    while left < 20 {
        // The first poll sends the statement. Usually its result has not arrived yet, and the future is dropped before
        // it does.
        let mut begin = pin!(app.pool.begin());
        let looked = poll_fn(|context| Poll::Ready(begin.as_mut().poll(context))).await;
        left += u32::from(looked.is_pending());
    }
    while app.pool.num_idle() < app.pool.size() as usize {
        sleep(Duration::from_millis(10)).await;
    }
    let open = "select count(*) from pg_stat_activity
                where datname = current_database() and state like 'idle in transaction%'";
    let started = Instant::now();
    // A connection that is closed disappears within a moment; one that is left in its transaction would stay for ten
    // seconds.
    while sqlx::query_scalar::<_, i64>(open).fetch_one(&app.db).await.expect("the server's view") > 0 {
        assert!(started.elapsed() < Duration::from_secs(5), "a transaction stays open");
        sleep(Duration::from_millis(50)).await;
    }
}
