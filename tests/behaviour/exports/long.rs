//! The file of a long list: slow readers, several downloads, and the order of the lines.

use std::time::{Duration, Instant};

use reqwest::Method;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    time::timeout,
};

use crate::{
    desk_list::{ATTENDEES, many},
    registering::registers,
    support::{Person, TestApp, read_csv},
};

const FILE: &str = "/staff/leipzig-2018/attendees.csv";
/// Ten times this many attendees give a file that is larger than the buffers of a connection.
const REGISTRATIONS: i32 = 900;

/// Adds 9,000 attendees with long job titles.
async fn crowd(app: &TestApp) {
    many(app, REGISTRATIONS).await;
    sqlx::query(
        "insert into attendee (id, conference_id, registration_id, position, name, name_folded, email, email_normalised,
             job_title, category_id, state, created_at)
         select gen_random_uuid(), conference_id, registration_id, 1 + n, name || ' ' || n, name_folded || ' ' || n, email,
             email_normalised, repeat('€', 200), category_id, state, created_at
         from attendee, generate_series(1, 9) n",
    )
    .execute(&app.db)
    .await
    .expect("their colleagues");
    let staff = app.staff().await;
    staff.opens_until(ATTENDEES, |page| page.says("9,000 attendees") && !page.says("added or changed at once")).await;
}

/// Requests the file and reads only the start of the response.
async fn starts_a_download(app: &TestApp, person: &Person) -> TcpStream {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_recv_buffer_size(4096).expect("a small buffer");
    let port = app.url().rsplit(':').next().and_then(|port| port.parse().ok()).expect("a port");
    let mut stream = socket.connect(([127, 0, 0, 1], port).into()).await.expect("it listens");
    let request = format!("GET {FILE} HTTP/1.1\r\nHost: localhost\r\nCookie: {}\r\n\r\n", person.cookies());
    stream.write_all(request.as_bytes()).await.expect("the connection is open");
    let mut beginning = [0; 12];
    stream.read_exact(&mut beginning).await.expect("an answer");
    assert_eq!(beginning, *b"HTTP/1.1 200");
    stream
}

/// Whether a response has as many bytes as it announced.
fn is_whole(response: &[u8]) -> bool {
    let Some(end) = response.windows(4).position(|bytes| bytes == b"\r\n\r\n") else { return false };
    let head = String::from_utf8_lossy(&response[..end]).to_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
    length == Some(response.len() - end - 4)
}

#[tokio::test]
async fn stalled_downloads_keep_nobody_else_waiting() {
    let app = TestApp::start().await;
    crowd(&app).await;
    let mut stalled = Vec::new();
    for _ in 0..20 {
        stalled.push(starts_a_download(&app, &app.staff().await).await);
    }
    let staff = app.staff().await;
    let asked = Instant::now();
    staff.opens(ATTENDEES).await.must_say("9,000 attendees");
    registers(&app.delegate(), "Anna", "anna@graz.example").await.must_say("You are registered");
    assert_eq!(staff.opens(FILE).await.body.lines().count(), 9_002);
    // If each download held a database connection, everybody would wait until the server ends the downloads after half
    // a minute.
    assert!(asked.elapsed() < Duration::from_secs(20), "{:?}", asked.elapsed());
    let held = "select count(*) from pg_stat_activity
                where datname = current_database() and state like 'idle in transaction%'";
    let held: i64 = sqlx::query_scalar(held).fetch_one(&app.db).await.expect("the server's view");
    assert_eq!(held, 0, "a connection is held for somebody who does not read");
}

#[tokio::test]
async fn a_second_download_ends_the_first_of_the_same_person_only() {
    let app = TestApp::start().await;
    crowd(&app).await;
    let (robin, other) = (app.staff().await, app.staff().await);
    let mut first = starts_a_download(&app, &robin).await;
    let mut others = starts_a_download(&app, &other).await;
    assert_eq!(robin.opens(FILE).await.body.lines().count(), 9_001, "the second one is whole");
    let mut bytes = Vec::new();
    timeout(Duration::from_secs(10), first.read_to_end(&mut bytes)).await.expect("it ends").expect("it can be read");
    assert!(!is_whole(&bytes), "a file that is cut short is not taken for a whole one");
    bytes.clear();
    while !is_whole(&bytes) {
        assert!(others.read_buf(&mut bytes).await.expect("it goes on") > 0, "it was cut short");
    }
}

#[tokio::test]
async fn a_long_file_contains_each_attendee_once_and_in_the_order_of_the_page() {
    let app = TestApp::start().await;
    many(&app, 999).await;
    let staff = app.staff().await;
    let number = |line: &str| line.split("\"Person ").nth(1).and_then(|rest| rest.get(..3)?.parse::<u32>().ok());
    let everybody: Vec<u32> = (1..=999).collect();
    for (order, falls) in [("name", false), ("organisation", true), ("newest", true)] {
        for (asked, found) in [
            ("", &everybody[..]),
            ("q=person", &everybody),
            ("q=organisation+city&state=confirmed", &everybody),
            // The number of the second attendee's organisation.
            ("q=person+123", &[123, 877]),
            ("q=nobody", &[]),
        ] {
            let answer = staff.asks(Method::GET, &format!("{FILE}?{asked}&sort={order}"), &[], None).await;
            let file = answer.text().await.expect("a file");
            let mut listed: Vec<u32> = file.lines().filter_map(number).collect();
            if falls {
                listed.reverse();
            }
            assert_eq!(listed, found, "{asked} by {order}");
        }
    }
}

#[tokio::test]
async fn a_file_is_a_snapshot_while_rows_change() {
    let app = TestApp::start().await;
    crowd(&app).await;
    let staff = app.staff().await;
    let db = app.db.clone();
    // Everybody moves to the end of the list, again and again.
    let changing = tokio::spawn(async move {
        loop {
            for statement in [
                "update attendee set name = 'z' || name, name_folded = 'z' || name_folded
                 where id in (select id from attendee order by name limit 200)",
                "update attendee set state = 'cancelled', cancelled_at = now()
                 where id in (select id from attendee where state = 'confirmed' limit 20)",
            ] {
                sqlx::query(statement).execute(&db).await.expect("changes");
            }
        }
    });
    for _ in 0..3 {
        let file = staff.asks(Method::GET, FILE, &[], None).await.bytes().await.expect("a file");
        let rows = read_csv(&file, ",");
        let people: std::collections::HashSet<_> =
            rows.iter().map(|row| (&row[0], row[1].trim_start_matches('z'))).collect();
        assert_eq!((rows.len(), people.len()), (9_001, 9_001), "each attendee has exactly one line");
    }
    changing.abort();
}

#[tokio::test]
async fn nothing_is_left_of_a_file_whose_reader_goes_away() {
    let app = TestApp::start().await;
    crowd(&app).await;
    let staff = app.staff().await;
    let before = temporary_files();
    drop(starts_a_download(&app, &staff).await);
    // Another one goes away while the file is still being written.
    let path = FILE.replace("csv", "xlsx");
    let asked = timeout(Duration::from_millis(300), staff.asks(Method::GET, &path, &[], None)).await;
    drop(asked);
    let until = Instant::now() + Duration::from_mins(1);
    while temporary_files() > before {
        assert!(Instant::now() < until, "a temporary file is still open");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(staff.opens(FILE).await.body.lines().count(), 9_001, "the next file is whole");
}

/// Returns how many files without a name this process has open, which contains the server.
fn temporary_files() -> usize {
    let open = std::fs::read_dir("/proc/self/fd").expect("the open files");
    let targets = open.filter_map(|entry| std::fs::read_link(entry.ok()?.path()).ok());
    let temporary = std::env::temp_dir();
    targets.filter(|path| path.starts_with(&temporary) && path.to_string_lossy().ends_with("(deleted)")).count()
}
