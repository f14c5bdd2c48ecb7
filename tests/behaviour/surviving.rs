//! What survives a crash, and what visitors get before and after one.
#![allow(clippy::disallowed_methods, reason = "these tests watch processes from outside, without a runtime")]

use std::{
    fs,
    process::{Child, Stdio},
    time::{Duration, Instant},
};

use crate::program::{Folder, Program, User, as_user};

#[test]
fn processes_that_a_crashed_server_left_behind_are_ended_and_the_start_goes_on() {
    let folder = Folder::for_user(User::Ordinary);
    let mut program = Program::start(&folder, User::Ordinary);
    let left: Vec<_> = folder.postgres_processes().into_iter().filter(|pid| Some(*pid) != folder.postgres()).collect();
    assert!(!left.is_empty(), "PostgreSQL is more than one process");
    // While they are suspended, they neither notice that their server is gone nor react to SIGTERM.
    std::mem::forget(folder.freezes_postgres());
    program.kill();
    folder.kill_postgres();
    let started = Instant::now();
    let program = Program::start(&folder, User::Ordinary);
    assert!(started.elapsed() < Duration::from_secs(25), "{:?}", started.elapsed());
    assert_eq!(program.get("/health/ready").status, 200);
    let now = folder.postgres_processes();
    assert!(left.iter().all(|pid| !now.contains(pid)), "{left:?} of {now:?}");
    program.ends_well();
}

/// A process that has PostgreSQL's name but does not belong to a server.
struct Stranger(Child);

impl Drop for Stranger {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_process_in_the_data_folder_that_no_server_left_behind_is_reported_and_not_ended() {
    let folder = Folder::for_user(User::Ordinary);
    Program::start(&folder, User::Ordinary).ends_well();
    let program = folder.path().join("postgres");
    fs::copy("/bin/sleep", &program).expect("a program");
    // As if somebody were repairing the cluster by hand with `postgres --single`.
    let mut command = as_user(User::Ordinary, &program);
    command.arg("600").current_dir(folder.data().join("postgres/cluster")).stdin(Stdio::null());
    let mut stranger = Stranger(command.spawn().expect("it can be run"));
    let ended = Program::spawn(crate::program::command(&folder, User::Ordinary, &[]), &folder).ended();
    let words = format!("process {} of an earlier PostgreSQL is still running in", stranger.0.id());
    assert!(!ended.success && ended.said.contains(&words), "{}", ended.said);
    assert!(matches!(stranger.0.try_wait(), Ok(None)), "it still runs");
}

#[test]
fn the_home_page_and_the_programme_are_rendered_at_the_start_and_served_without_the_database() {
    let folder = Folder::for_user(User::Ordinary);
    let program = Program::start(&folder, User::Ordinary);
    let starting = folder.holds_start();
    folder.kill_postgres();
    for path in ["/", "/leipzig-2018", "/leipzig-2018/programme"] {
        let answer = program.get(path);
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
    }
    drop(starting);
    let said = program.ends_with_words();
    assert_eq!(said.matches("\"route\":\"/{c}/programme\"").count(), 1, "only visitors' requests are logged: {said}");
}
