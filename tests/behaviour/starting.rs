//! Starting and stopping the program: the first start, several instances, crashes, and invalid settings. These tests
//! run the program itself.
#![allow(clippy::disallowed_methods, reason = "these tests watch processes from outside, without a runtime")]

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::Path,
    time::{Duration, Instant},
};

use crate::program::{Folder, Program, User, command, is_root, on_terminal, run};

/// The users to test with. Only root can also run the program as root.
pub fn users() -> Vec<User> {
    if is_root() { vec![User::Root, User::Ordinary] } else { vec![User::Ordinary] }
}

#[test]
fn a_first_start_serves_and_its_data_survive_a_restart() {
    for user in users() {
        let folder = Folder::for_user(user);
        let program = Program::start(&folder, user);
        assert_eq!(program.get("/health/ready").status, 200);
        assert!(program.get("/leipzig-2018").body.contains("Leipzig"), "an empty database gets the conference");
        let said = program.said();
        assert!(said.contains(&format!("Data:   {}", folder.data().join("postgres").display())), "{said}");
        assert!(said.contains("Mail:   written as files in"), "{said}");
        assert!(said.contains("drafts, to be completed"), "{said}");
        assert!(said.contains("Leipzig 2018 is over and is an example: registration stays open"), "{said}");
        assert!(said.contains("conference user add --email"), "{said}");
        assert!(!said.contains("/set-password/"), "secrets are not in a log: {said}");

        // A command uses the PostgreSQL of the running server.
        let added = run(&folder, user, &["user", "add", "--email", "anna@city.example", "--role", "staff"]);
        assert!(added.success, "{}", added.said);
        assert!(added.said.contains(&format!("{}/set-password/", program.url())), "{}", added.said);
        let place = folder.data().join("postgres").display().to_string();
        assert!(added.said.contains(&place), "it says in which database: {}", added.said);
        program.ends_well();
        // A command also works if no server is running.
        let reset = run(&folder, user, &["user", "reset", "--email", "anna@city.example"]);
        assert!(reset.success && reset.said.contains(&place), "{}", reset.said);

        let program = Program::start(&folder, user);
        let again = run(&folder, user, &["user", "add", "--email", "Anna@city.example", "--role", "staff"]);
        assert!(!again.success && again.said.contains("already"), "the account is still there: {}", again.said);
        program.ends_well();
        assert!(folder.postgres().is_none(), "the last one out stops the server");
    }
}

#[test]
fn on_a_terminal_the_first_administrator_gets_a_link() {
    let folder = Folder::for_user(User::Ordinary);
    let mut program = Program::spawn(on_terminal(&command(&folder, User::Ordinary, &[])), &folder);
    program.waits_for("The conference is open at");
    program.waits_for("/set-password/");
    program.kill();
}

#[test]
fn several_processes_share_one_server_and_the_last_one_stops_it() {
    let folder = Folder::for_user(User::Ordinary);
    // Six processes start at once with a folder that does not exist yet. One of them creates the database.
    let mut six: Vec<_> = (0..6).map(|_| Program::spawn(command(&folder, User::Ordinary, &[]), &folder)).collect();
    for program in &mut six {
        program.waits_for("The conference is open at");
        assert_eq!(program.get("/health/ready").status, 200);
    }
    let server = folder.postgres().expect("one server");
    let last = six.pop().expect("six of them");
    for program in six {
        program.ends_well();
    }
    assert_eq!(folder.postgres(), Some(server), "it is still used");
    assert_eq!(last.get("/health/ready").status, 200);
    last.ends_well();
    assert_eq!(folder.postgres(), None);
}

#[test]
fn after_kill_9_the_next_start_uses_the_server_whether_it_runs_or_has_crashed() {
    let folder = Folder::for_user(User::Ordinary);
    let mut program = Program::start(&folder, User::Ordinary);
    let server = folder.postgres().expect("a server");
    program.kill();
    assert_eq!(folder.postgres(), Some(server), "the server survives the program");

    let mut program = Program::start(&folder, User::Ordinary);
    assert_eq!(folder.postgres(), Some(server), "and is joined");
    // Now both are killed.
    program.kill();
    folder.kill_postgres();

    let program = Program::start(&folder, User::Ordinary);
    assert_ne!(folder.postgres(), Some(server));
    assert_eq!(program.get("/leipzig-2018").status, 200);
    program.ends_well();
}

#[test]
fn a_server_that_is_killed_is_started_again_by_the_running_program() {
    let folder = Folder::for_user(User::Ordinary);
    let program = Program::start(&folder, User::Ordinary);
    assert_eq!(program.get("/health/ready").status, 200);
    assert_eq!(program.get("/leipzig-2018").status, 200);
    // Holds the lock, as if another process were starting the server, so that it stays stopped for now.
    let starting = folder.holds_start();
    folder.kill_postgres();
    assert_eq!(program.get("/health/ready").status, 503);
    assert_eq!(program.get("/leipzig-2018").status, 200, "kept pages are served meanwhile");
    drop(starting);
    let killed = Instant::now();
    while program.get("/health/ready").status != 200 {
        assert!(killed.elapsed() < Duration::from_secs(20), "the server does not come back");
        std::thread::sleep(Duration::from_millis(100));
    }
    program.ends_well();
}

#[test]
fn after_sigterm_open_requests_finish_and_the_program_exits_with_0_within_ten_seconds() {
    let folder = Folder::for_user(User::Ordinary);
    let program = Program::start(&folder, User::Ordinary);
    // An idle connection, an unused one, and one that is sending a form.
    let rests = program.connect();
    rests.send("GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert!(rests.receive_some().contains("live"));
    let _opened = program.connect();
    let sends = program.connect();
    sends.send(
        "POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: 12\r\n\r\nemail",
    );
    std::thread::sleep(Duration::from_millis(200));
    let asked = Instant::now();
    program.terminate();
    std::thread::sleep(Duration::from_millis(200));
    sends.send("=nobody");
    let answer = sends.receive_some();
    assert!(answer.starts_with("HTTP/1.1 4"), "what was begun is answered: {answer}");
    let status = program.wait();
    assert!(status.success(), "{status}");
    assert!(asked.elapsed() < Duration::from_secs(10), "it took {:?}", asked.elapsed());
}

#[tokio::test]
async fn the_private_server_listens_on_no_port_and_syncs_its_data() {
    use sqlx::{ConnectOptions, postgres::PgConnectOptions};

    let folder = Folder::for_user(User::Ordinary);
    let program = Program::start(&folder, User::Ordinary);
    let as_role = |role: &str| {
        let options = PgConnectOptions::new_without_pgpass().socket(folder.socket()).port(5432);
        options.username(role).database("conference")
    };
    let mut connection = as_role("conference_owner").connect().await.expect("this user may");
    for (setting, value) in [
        ("listen_addresses", ""),
        ("fsync", "on"),
        ("full_page_writes", "on"),
        ("data_checksums", "on"),
        ("server_encoding", "UTF8"),
    ] {
        let shown = sqlx::query_scalar::<_, String>("select current_setting($1)").bind(setting);
        assert_eq!(shown.fetch_one(&mut connection).await.expect("a setting"), value, "{setting}");
    }
    let mode = fs::metadata(folder.data().join("postgres")).expect("the folder").permissions().mode();
    assert_eq!(mode & 0o777, 0o700, "nobody else looks into it");

    // The server's role cannot change the audit log or the tables themselves.
    let mut serving = as_role("conference").connect().await.expect("this user may");
    for refused in ["delete from audit", "update audit set kind = ''", "truncate audit", "drop table audit"] {
        let error = sqlx::query(refused).execute(&mut serving).await.expect_err(refused);
        assert_eq!(
            error.as_database_error().and_then(sqlx::error::DatabaseError::code).as_deref(),
            Some("42501"),
            "{refused}"
        );
    }
    sqlx::query("insert into audit (id, actor, kind) values (gen_random_uuid(), 'program', 'trial')")
        .execute(&mut serving)
        .await
        .expect("the audit log grows");
    program.ends_well();
}

#[test]
fn an_invalid_setting_stops_the_start_with_its_name_its_value_and_an_example() {
    let folder = Folder::for_user(User::Ordinary);
    for (name, value, said) in [
        (
            "LISTEN",
            "8080",
            "LISTEN is wrong: \"8080\" is not an address with a port. For example: LISTEN=127.0.0.1:8080",
        ),
        ("PUBLIC_URL", "conference.example.eu", "PUBLIC_URL is wrong: \"conference.example.eu\""),
        ("DATABASE_URL", "mysql://me:s3cret@host/db", "DATABASE_URL is wrong: \"mysql://me:***@host/db\""),
        (
            "SMTP_URL",
            "smtp://me:s3cret@host:25",
            "OPERATIONS_ADDRESS is missing: it must be set together with SMTP_URL",
        ),
        ("MAIL_FROM", "nobody", "MAIL_FROM is wrong: \"nobody\""),
        ("TRUSTED_PROXIES", "10.0.0.0/99", "TRUSTED_PROXIES is wrong: \"10.0.0.0/99\""),
        ("LOG", "a=b=c", "LOG is wrong: \"a=b=c\""),
    ] {
        let mut command = command(&folder, User::Ordinary, &[]);
        command.env(name, value);
        let ended = Program::spawn(command, &folder).ended();
        assert!(!ended.success, "{name}");
        assert!(ended.said.contains(said), "{}", ended.said);
        assert!(!ended.said.contains("s3cret"), "{}", ended.said);
    }
    assert!(!folder.data().exists(), "nothing was begun");
}

#[test]
fn the_error_names_an_address_that_is_in_use() {
    let folder = Folder::for_user(User::Ordinary);
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let mut command = command(&folder, User::Ordinary, &[]);
    command.env("LISTEN", taken.local_addr().expect("its address").to_string());
    let ended = Program::spawn(command, &folder).ended();
    assert!(!ended.success && ended.said.contains("LISTEN is wrong: 127.0.0.1:"), "{}", ended.said);
}

#[test]
fn the_error_for_data_of_another_release_names_both_releases() {
    let folder = Folder::for_user(User::Ordinary);
    Program::start(&folder, User::Ordinary).ends_well();
    let version = folder.data().join("postgres/cluster/PG_VERSION");
    let written = fs::read_to_string(&version).expect("the version");
    fs::write(&version, "13\n").expect("this test may");
    let ended = Program::spawn(command(&folder, User::Ordinary, &[]), &folder).ended();
    assert!(!ended.success);
    for word in ["written by PostgreSQL 13", written.trim(), "install", "dump"] {
        assert!(ended.said.contains(word), "{word}: {}", ended.said);
    }
    assert_eq!(ended.said.trim().lines().count(), 1, "one sentence: {}", ended.said);
    fs::write(&version, "").expect("this test may");
    let ended = Program::spawn(command(&folder, User::Ordinary, &[]), &folder).ended();
    assert!(!ended.success && ended.said.contains("PG_VERSION is missing or empty"), "{}", ended.said);
}

#[test]
fn the_error_names_a_postgres_bin_without_postgresql() {
    let folder = Folder::for_user(User::Ordinary);
    let mut command = command(&folder, User::Ordinary, &["--install"]);
    command.env("POSTGRES_BIN", "/nowhere");
    let ended = Program::spawn(command, &folder).ended();
    assert!(!ended.success && ended.said.contains("POSTGRES_BIN is wrong: postgres and initdb"), "{}", ended.said);
    assert!(ended.said.contains("/nowhere"), "{}", ended.said);
    assert_eq!(ended.said.trim().lines().count(), 1, "one sentence: {}", ended.said);
    assert!(!folder.data().exists(), "nothing was begun");
}

#[test]
fn the_error_names_a_folder_that_cannot_be_written() {
    let folder = Folder::for_user(User::Ordinary);
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o555)).expect("this test may");
    let ended = Program::spawn(command(&folder, User::Ordinary, &[]), &folder).ended();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).expect("this test may");
    assert!(!ended.success && ended.said.contains("cannot be used"), "{}", ended.said);
    assert!(ended.said.contains("DATA_DIR"), "it says what to do: {}", ended.said);
    assert_eq!(ended.said.trim().lines().count(), 1, "one sentence: {}", ended.said);
}

#[test]
fn the_error_names_a_full_disk() {
    if !is_root() {
        return eprintln!("skipped: only root can mount a small disk");
    }
    let folder = Folder::for_user(User::Root);
    let inner = command(&folder, User::Root, &[]);
    let mount = format!("mount -t tmpfs -o size=12m none '{}' && exec \"$0\"", folder.path().display());
    let mut small = std::process::Command::new("unshare");
    small.args(["-m", "sh", "-c", &mount]).arg(inner.get_program());
    small.env_clear().envs(inner.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let ended = Program::spawn(small, &folder).ended();
    if ended.said.contains("unshare") || ended.said.contains("mount") {
        return eprintln!("skipped: this root may not mount");
    }
    assert!(!ended.success && ended.said.contains("no space is left on the disk"), "{}", ended.said);
    assert_eq!(ended.said.trim().lines().count(), 1, "one sentence: {}", ended.said);
}

#[test]
fn a_folder_with_a_long_path_works() {
    let folder = Folder::for_user(User::Ordinary).with_long_path();
    let program = Program::start(&folder, User::Ordinary);
    assert_eq!(program.get("/health/ready").status, 200);
    program.ends_well();
}

#[test]
fn as_root_the_data_are_elsewhere_if_the_user_postgres_cannot_reach_the_home_folder() {
    if !is_root() {
        return eprintln!("skipped: only root runs PostgreSQL as somebody else");
    }
    let folder = Folder::for_user(User::Root);
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700)).expect("root may");
    let program = Program::start(&folder, User::Root);
    let said = program.said();
    let place = said.lines().find_map(|line| line.trim().strip_prefix("Data:")).expect("a place").trim().to_owned();
    assert!(place.starts_with("/var/lib/conference/"), "{said}");
    assert_eq!(program.get("/health/ready").status, 200);
    program.ends_well();
    // Existing data stay where they are, even if the home folder becomes reachable.
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).expect("root may");
    let program = Program::start(&folder, User::Root);
    assert!(program.said().contains(&place));
    program.ends_well();
    fs::remove_dir_all(Path::new(&place)).expect("it is this test's own");
}

#[test]
fn a_start_tries_to_reach_the_database_for_half_a_minute() {
    let folder = Folder::for_user(User::Ordinary);
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").and_then(|taken| taken.local_addr()).expect("a free port");
    let mut command = command(&folder, User::Ordinary, &[]);
    command.env("DATABASE_URL", format!("postgres://me:s3cret@{nobody}/conference"));
    let started = Instant::now();
    let mut program = Program::spawn(command, &folder);
    program.waits_for("does not answer");
    let ended = program.ended();
    assert!(!ended.success);
    assert!((25..45).contains(&started.elapsed().as_secs()), "{:?}", started.elapsed());
    assert!(
        ended.said.contains(&format!("{nobody}/conference (DATABASE_URL) did not answer for 30 s")),
        "{}",
        ended.said
    );
    assert!(!ended.said.contains("s3cret"), "{}", ended.said);
    assert!(!folder.data().exists(), "nothing else was started");
}

#[test]
fn the_start_and_check_warn_about_unencrypted_mail() {
    let folder = Folder::for_user(User::Ordinary);
    let mut start = command(&folder, User::Ordinary, &[]);
    start.env("SMTP_URL", "smtp://me:s3cret@mail.invalid:25").env("OPERATIONS_ADDRESS", "desk@city.example");
    let mut program = Program::spawn(start, &folder);
    program.waits_for("To do:  SMTP_URL lets mails, and any password, go to mail.invalid unencrypted");
    program.ends_well();
    let mut check = command(&folder, User::Ordinary, &["check"]);
    check.env("SMTP_URL", "smtp://mail.invalid:25?tls=opportunistic").env("OPERATIONS_ADDRESS", "desk@city.example");
    let said = Program::spawn(check, &folder).ended().said;
    assert!(said.contains("public: SMTP_URL lets mails, and any password, go to mail.invalid unencrypted"), "{said}");
    let mut check = command(&folder, User::Ordinary, &["check"]);
    check.env("SMTP_URL", "smtp://localhost:1").env("OPERATIONS_ADDRESS", "desk@city.example");
    let said = Program::spawn(check, &folder).ended().said;
    assert!(!said.contains("unencrypted"), "{said}");
}

#[test]
fn the_start_and_check_warn_if_root_runs_the_program() {
    for user in users() {
        let folder = Folder::for_user(user);
        let program = Program::start(&folder, user);
        let said = program.said();
        program.ends_well();
        let checked = run(&folder, user, &["check"]).said;
        for (said, label) in [(said, "User:   root"), (checked, "User      root")] {
            assert_eq!(said.contains(label), user == User::Root, "{said}");
        }
    }
}

#[test]
fn check_reports_what_works_and_what_does_not() {
    let folder = Folder::for_user(User::Ordinary);
    Program::start(&folder, User::Ordinary).ends_well();
    let good = run(&folder, User::Ordinary, &["check"]);
    assert!(good.success, "{}", good.said);
    for word in [
        "Settings  good",
        "Database  good",
        "the server's role conference cannot change the audit log",
        "Mail      good",
        "PUBLIC_URL should be",
    ] {
        assert!(good.said.contains(word), "{}", good.said);
    }
    let mut command = command(&folder, User::Ordinary, &["check"]);
    command.env("SMTP_URL", "smtp://me:s3cret@127.0.0.1:1").env("OPERATIONS_ADDRESS", "desk@city.example");
    let bad = Program::spawn(command, &folder).ended();
    assert!(!bad.success && bad.said.contains("Mail      WRONG"), "{}", bad.said);
    assert!(!bad.said.contains("s3cret"), "{}", bad.said);
}
