//! The file of a long list: slow readers, several downloads, and the order of the lines.

use std::time::{Duration, Instant};

use reqwest::Method;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    time::timeout,
};

use super::{
    desk_list::{ATTENDEES, many},
    registering::registers,
};
use crate::support::{Person, TestApp};

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
    let end = |bytes: &[u8]| bytes.ends_with(b"\r\n0\r\n\r\n");
    let mut bytes = Vec::new();
    timeout(Duration::from_secs(10), first.read_to_end(&mut bytes)).await.expect("it ends").expect("it can be read");
    assert!(!end(&bytes), "a file that is cut short is not taken for a whole one");
    bytes.clear();
    while !end(&bytes) {
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
