//! Asking the program to end at a bad moment: while it waits for the private server, starts it or starts it again.
#![allow(clippy::disallowed_methods, reason = "these tests watch processes from outside, without a runtime")]

use std::{
    thread::sleep,
    time::{Duration, Instant},
};

use crate::program::{Folder, Program, User, command, run};

/// Checks that the program ends with status 0 within ten seconds.
fn must_end_soon(program: Program) {
    let asked = Instant::now();
    let status = program.wait();
    assert!(status.success(), "{status}");
    assert!(asked.elapsed() < Duration::from_secs(10), "it took {:?}", asked.elapsed());
}

#[test]
fn sigterm_ends_a_start_that_waits_for_another_start() {
    let folder = Folder::for_user(User::Ordinary);
    Program::start(&folder, User::Ordinary).ends_well();
    let _another = folder.holds_start();
    let program = Program::spawn(command(&folder, User::Ordinary, &[]), &folder);
    sleep(Duration::from_millis(700));
    program.terminate();
    must_end_soon(program);
}

#[test]
fn sigterm_in_the_middle_of_a_start_leaves_no_server_behind() {
    for moment in [100, 400, 700, 900, 1100] {
        let folder = Folder::for_user(User::Ordinary);
        let program = Program::spawn(command(&folder, User::Ordinary, &[]), &folder);
        sleep(Duration::from_millis(moment));
        program.terminate();
        must_end_soon(program);
        assert_eq!(folder.postgres_processes(), [0; 0], "after {moment} ms");
    }
}

#[test]
fn sigterm_ends_a_start_whose_server_does_not_answer() {
    let folder = Folder::for_user(User::Ordinary);
    let mut program = Program::start(&folder, User::Ordinary);
    program.kill();
    let frozen = folder.freezes_postgres();
    let program = Program::spawn(command(&folder, User::Ordinary, &[]), &folder);
    sleep(Duration::from_millis(700));
    program.terminate();
    must_end_soon(program);
    drop(frozen);
    let since = Instant::now();
    while !folder.postgres_processes().is_empty() {
        assert!(since.elapsed() < Duration::from_secs(10), "the server was asked to end and does so as soon as it can");
        sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_stop_while_a_killed_server_is_started_again_leaves_none_behind() {
    for moment in [0, 15, 40] {
        let folder = Folder::for_user(User::Ordinary);
        let mut program = Program::start(&folder, User::Ordinary);
        folder.kill_postgres();
        program.waits_for("ended unexpectedly; starting it again");
        sleep(Duration::from_millis(moment));
        program.terminate();
        must_end_soon(program);
        assert_eq!(folder.postgres_processes(), [0; 0], "after {moment} ms");
    }
}

#[test]
fn a_request_that_arrives_just_after_sigterm_is_answered_and_its_connection_closed() {
    const PAGE: &str = "GET /leipzig-2018 HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let folder = Folder::for_user(User::Ordinary);
    let program = Program::start(&folder, User::Ordinary);
    let (idle, fresh) = (program.connect(), program.connect());
    idle.send(PAGE);
    assert!(idle.receive_whole().starts_with("HTTP/1.1 200"));
    program.terminate();
    sleep(Duration::from_millis(300));
    for connection in [idle, fresh] {
        connection.send(PAGE);
        let answer = connection.receive_whole().to_lowercase();
        assert!(answer.starts_with("http/1.1 200") && answer.contains("\r\nconnection: close\r\n"), "{answer}");
        assert!(!connection.is_open());
    }
    must_end_soon(program);
}

#[test]
fn closing_the_terminal_ends_the_program_except_under_nohup() {
    let folder = Folder::for_user(User::Ordinary);
    let started_by = |starter: &[&str]| {
        let inner = command(&folder, User::Ordinary, &[]);
        let mut outer = std::process::Command::new(starter[0]);
        outer.args(&starter[1..]).arg(inner.get_program()).current_dir("/").env_clear();
        outer.envs(inner.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let mut program = Program::spawn(outer, &folder);
        program.waits_for("First administrator");
        program
    };
    // As in a terminal, even if the tests themselves run under nohup.
    let program = started_by(&["env", "--default-signal=HUP"]);
    program.signal("HUP");
    must_end_soon(program);
    assert_eq!(folder.postgres_processes(), [0; 0]);

    let program = started_by(&["nohup"]);
    program.signal("HUP");
    sleep(Duration::from_millis(500));
    assert_eq!(program.get("/health/ready").status, 200);
    program.ends_well();
}

#[test]
fn a_command_that_is_asked_to_end_stops_the_server_that_it_started() {
    for name in ["TERM", "INT", "HUP"] {
        let folder = Folder::for_user(User::Ordinary);
        let program = Program::spawn(command(&folder, User::Ordinary, &["migrate"]), &folder);
        sleep(Duration::from_millis(900));
        program.signal(name);
        let ended = program.ended();
        assert!(ended.success || ended.said.contains("asked to end before"), "{}", ended.said);
        assert_eq!(folder.postgres_processes(), [0; 0], "SIG{name}");
    }
    let folder = Folder::for_user(User::Ordinary);
    assert!(run(&folder, User::Ordinary, &["migrate"]).success);
}
