//! When connections run short: who loses theirs, and who does not.

use std::{
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    time::{sleep, timeout},
};

use crate::program::{Folder, Program, User, as_user, command};

/// What the program needs itself, and 64 visitors' connections, which is the least it takes.
const FEW_FILES: u32 = 192;
const ROOM: usize = 64;
const HOME: &str = "GET /leipzig-2018 HTTP/1.1\r\nHost: localhost\r\n\r\n";

/// The same command where no more than this many files may be open, whatever it does.
fn limited_to(files: u32, command: &Command, user: User) -> Command {
    limited(&format!("-n {files}"), command, user)
}

fn limited(limit: &str, command: &Command, user: User) -> Command {
    let mut limited = as_user(user, Path::new("/bin/sh"));
    limited.args(["-c", &format!("ulimit {limit} && exec \"$0\" \"$@\"")]);
    limited.arg(command.get_program()).args(command.get_args()).current_dir("/").env_clear();
    limited.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    limited
}

/// A program with room for few connections.
fn small(settings: &[(&str, &str)]) -> (Folder, Program) {
    let folder = Folder::for_user(User::Ordinary);
    let mut limited = limited_to(FEW_FILES, &command(&folder, User::Ordinary, &[]), User::Ordinary);
    limited.envs(settings.iter().copied());
    let mut program = Program::spawn(limited, &folder);
    program.waits_for("The conference is open at");
    program.waits_for("First administrator");
    (folder, program)
}

/// A connection from the last of these addresses: 127.0.0.N.
async fn connects(program: &Program, n: u8) -> TcpStream {
    let port = program.url().rsplit(':').next().and_then(|port| port.parse().ok()).expect("a port");
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.bind(([127, 0, 0, n], 0).into()).expect("all of 127/8 is this machine");
    socket.connect(([127, 0, 0, 1], port).into()).await.expect("it listens")
}

async fn connect(program: &Program, n: u8, count: usize) -> Vec<TcpStream> {
    let mut connections = Vec::new();
    for _ in 0..count {
        connections.push(connects(program, n).await);
    }
    connections
}

/// Asks for the home page over this connection; the whole answer must come, and soon.
async fn reads_home(connection: &mut TcpStream) {
    connection.write_all(HOME.as_bytes()).await.expect("the connection is open");
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"</html>\n") && !bytes.ends_with(b"</html>") {
        let read = timeout(Duration::from_secs(8), connection.read_buf(&mut bytes)).await.expect("an answer in time");
        assert!(read.expect("an answer") > 0, "the connection was closed: {}", String::from_utf8_lossy(&bytes));
    }
    assert!(bytes.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&bytes));
}

/// Whether the other side has left this connection alone.
async fn is_open(connection: &mut TcpStream) -> bool {
    timeout(Duration::from_millis(20), connection.read(&mut [0])).await.is_err()
}

async fn open_of(connections: &mut [TcpStream]) -> usize {
    let mut open = 0;
    for connection in connections {
        open += usize::from(is_open(connection).await);
    }
    open
}

#[tokio::test]
async fn whoever_takes_all_connections_loses_idle_ones_to_those_who_come() {
    let (_folder, program) = small(&[]);
    let mut hall = connect(&program, 3, 20).await;
    for connection in &mut hall {
        reads_home(connection).await;
    }
    // More than there is room for, the rest in the backlog.
    let mut taker = connect(&program, 2, ROOM + 40).await;
    for (number, connection) in taker.iter_mut().enumerate() {
        // A third says nothing, a third begins a request, a third a form.
        let words =
            ["", "GET / HTTP/1.1\r\n", "POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n"];
        // Some are closed by now.
        let _ = connection.write_all(words[number % 3].as_bytes()).await;
    }
    sleep(Duration::from_millis(1500)).await;
    for n in 10..20 {
        let asked = Instant::now();
        reads_home(&mut connects(&program, n).await).await;
        assert!(asked.elapsed() < Duration::from_secs(4), "{:?}", asked.elapsed());
    }
    for connection in &mut hall {
        reads_home(connection).await;
    }
    assert!(open_of(&mut taker).await < ROOM, "the one who holds most has lost some");
    program.ends_well();
}

#[tokio::test]
async fn slow_senders_of_one_address_lose_their_connections_when_none_is_idle() {
    let (_folder, program) = small(&[]);
    let mut senders = connect(&program, 2, ROOM).await;
    let begun = "POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n\
                 Content-Length: 9000\r\n\r\nemail=";
    for connection in &mut senders {
        connection.write_all(begun.as_bytes()).await.expect("the connection is open");
    }
    let asked = Instant::now();
    reads_home(&mut connects(&program, 3).await).await;
    assert!(asked.elapsed() < Duration::from_secs(8), "{:?}", asked.elapsed());
    assert!(open_of(&mut senders).await >= ROOM - 3, "nobody loses more than is needed");
}

#[tokio::test]
async fn a_trusted_proxy_holds_as_many_connections_as_it_likes() {
    let (_folder, program) = small(&[("TRUSTED_PROXIES", "127.0.0.2")]);
    let mut proxy = connect(&program, 2, 50).await;
    let mut others = connect(&program, 3, ROOM - 50).await;
    sleep(Duration::from_millis(1500)).await;
    reads_home(&mut connects(&program, 4).await).await;
    assert_eq!(open_of(&mut proxy).await, 50);
    assert!(open_of(&mut others).await < ROOM - 50);
}

#[test]
fn the_start_and_check_say_that_few_files_may_be_open() {
    let said = |files: u32, arguments: &[&str]| -> String {
        let folder = Folder::for_user(User::Ordinary);
        let limited: Command = limited_to(files, &command(&folder, User::Ordinary, arguments), User::Ordinary);
        let mut program = Program::spawn(limited, &folder);
        if arguments.is_empty() {
            program.waits_for("First administrator");
            return program.ends_with_words();
        }
        program.ended().said
    };
    for arguments in [&[][..], &["check"]] {
        let few = said(512, arguments);
        assert!(
            few.contains("512 files") && few.contains("384 connections") && few.contains("ulimit -n 65536"),
            "{few}"
        );
        let many = said(4096, arguments);
        assert!(!many.contains("ulimit"), "{many}");
    }
}

#[test]
fn a_low_limit_of_open_files_is_raised_as_far_as_the_system_lets_it() {
    let folder = Folder::for_user(User::Ordinary);
    let mut program =
        Program::spawn(limited("-Sn 256", &command(&folder, User::Ordinary, &[]), User::Ordinary), &folder);
    program.waits_for("First administrator");
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", program.id())).expect("its limits");
    let files = limits.lines().find_map(|line| line.strip_prefix("Max open files")).expect("one of them is this");
    let numbers: Vec<u64> = files.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    assert_eq!(numbers[0], numbers[1].min(65_536), "{files}");
    program.ends_well();
}
