//! Backing up and restoring with PostgreSQL's own programs, on a server of `DATABASE_URL` and on our own. Every table
//! is compared.
#![allow(clippy::disallowed_methods, reason = "these tests watch processes from outside, without a runtime")]

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::PermissionsExt,
    path::Path,
    time::{Duration, Instant},
};

use conference::clock::Clock;
use serde_json::Value;
use sqlx::{PgPool, postgres::PgPoolOptions};

use crate::{
    instances::House,
    program::{Ended, Folder, Program, User, command, run},
    serving_role::{OWNER, SERVING, house, runs, url_of},
    starting::users,
    support::{LEIPZIG, MailServer, empty_database, registration::registers},
};

/// No server listens at this address, so mails wait.
const NO_MAIL_SERVER: &str = "smtp://127.0.0.1:1";

/// The rows of each table.
pub type Tables = BTreeMap<String, Vec<Value>>;

/// Reads all tables.
pub async fn tables(db: &PgPool) -> Tables {
    let names: Vec<String> = sqlx::query_scalar(
        "select relname::text from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'",
    )
    .fetch_all(db)
    .await
    .expect("the tables");
    let mut tables = Tables::new();
    for name in names {
        let rows = format!("select to_jsonb(one) from {name} one order by to_jsonb(one)::text");
        let rows = sqlx::query_scalar(sqlx::AssertSqlSafe(rows)).fetch_all(db).await.expect("its rows");
        tables.insert(name, rows);
    }
    tables
}

/// Fails unless `restored` contains what `before` contained, apart from the changes that a restore makes on purpose.
fn must_be_restored(mut before: Tables, mut restored: Tables) {
    for waiting in before.get_mut("message").expect("the mails").iter_mut().filter(|one| one["state"] == "waiting") {
        waiting["state"] = "held".into();
    }
    for (table, column) in [("login", "revoked_at"), ("account_link", "used_at"), ("preview_link", "revoked_at")] {
        for tables in [&mut before, &mut restored] {
            for row in tables.get_mut(table).expect("the table") {
                row[column] = (!row[column].is_null()).into();
            }
        }
        for row in before.get_mut(table).expect("the table") {
            row[column] = true.into();
        }
    }
    for tables in [&mut before, &mut restored] {
        for row in tables.get_mut("scheduled_release").expect("the table") {
            row["cancelled_at"] = (!row["cancelled_at"].is_null()).into();
        }
    }
    for row in before.get_mut("scheduled_release").expect("the table") {
        row["cancelled_at"] = true.into();
    }
    let open = |offer: &&mut Value| offer["ended_at"].is_null();
    for offer in restored.get_mut("offer").expect("the offers").iter_mut().filter(open) {
        let tomorrow = Clock::default().now().date() + time::Duration::DAY;
        let lapses_at = offer["lapses_at"].as_str().expect("an instant");
        assert!(*lapses_at > *tomorrow.to_string(), "{lapses_at}");
        offer["lapses_at"] = Value::Null;
    }
    for offer in before.get_mut("offer").expect("the offers").iter_mut().filter(open) {
        offer["lapses_at"] = Value::Null;
    }
    let audit = restored.get_mut("audit").expect("the audit log");
    let noted = audit.iter().position(|one| one["kind"] == "backup_restored").expect("the restore is in the audit log");
    assert_eq!(audit.remove(noted)["actor"], "program");
    before.insert("rate_limit".to_owned(), Vec::new());
    for rows in before.values_mut().chain(restored.values_mut()) {
        rows.sort_by_key(Value::to_string);
    }
    assert_eq!(before.keys().collect::<Vec<_>>(), restored.keys().collect::<Vec<_>>());
    for (table, rows) in &before {
        assert_eq!(rows, &restored[table], "{table}");
    }
}

/// Puts rows into every table that delegates and staff fill, and makes a backup while the program serves.
async fn fills_all_tables(house: &House, url: &str) {
    let settings =
        [("DATABASE_URL", url), ("SMTP_URL", NO_MAIL_SERVER), ("OPERATIONS_ADDRESS", "operations@desk.example")];
    let instance = house.program(&settings).await;
    for (number, name) in ["Željka Horvat", "Tab\tand \\backslash", "Ærø O'Neill"].into_iter().enumerate() {
        let page = registers(&instance.delegate(number), name, &format!("delegate-{number}@city.example")).await;
        page.must_say("You are registered");
    }
    house.signed_in("organiser", &instance).await.opens("/organisers/leipzig-2018/sessions").await.must_be(200);
    sqlx::raw_sql(
        "create type colour as enum ('red'); create view everybody as select name from attendee; create sequence counter;
         grant select on everybody, counter to web, keeper;
         insert into attendee_needs (attendee_id, conference_id, dietary, access, consent_wording, consented_at)
             select id, conference_id, E'no nuts\\nno fish', '', 'I agree', now() from attendee limit 1;
         insert into account_link (id, account_id, hash, expires_at)
             select gen_random_uuid(), id, sha256('link'), now() + interval '1 day' from account limit 1;
         insert into preview_link (id, conference_id, hash, account_id, created_at)
             select gen_random_uuid(), conference.id, sha256('link'), account.id, now() from conference, account limit 1;
         insert into offer (id, conference_id, attendee_id, place_id, offered_at, lapses_at, remind_at, ended_at, outcome)
             select gen_random_uuid(), place.conference_id, attendee_id, place.id, since, since + interval '1 hour', since + interval '50 minutes', ended, outcome
             from (select * from place limit 1) as place,
                 (values (now(), 'lapsed'), (null::timestamptz, null)) as one (ended, outcome);
         insert into resumed_form (id, account_id, path, fields)
             select gen_random_uuid(), id, '/organisers', '[[\"text\", \"a \\\\ b\"]]' from account limit 1",
    )
    .execute(&house.db)
    .await
    .expect("a superuser can do this");
    // A backup can be made while the program serves.
    let (folder, file) = place_for_a_backup();
    let made = runs(house, SERVING, &["backup", &file]).await;
    assert!(made.success && made.said.contains("is backed up in"), "{}", made.said);
    drop(folder);
    tokio::task::spawn_blocking(move || instance.program.ends_well()).await.expect("the task ends");
}

/// Creates a folder and returns it with the path of a backup in it.
fn place_for_a_backup() -> (Folder, String) {
    let folder = Folder::for_user(User::Ordinary);
    let file = folder.path().join("conference.backup").display().to_string();
    (folder, file)
}

/// Sets up a server of `DATABASE_URL` with an owning and a serving role, data, and a backup of them.
async fn backed_up() -> (House, Folder, String) {
    let house = house().await;
    assert!(runs(&house, OWNER, &["migrate", "--serve-as", SERVING]).await.success);
    fills_all_tables(&house, &url_of(&house, SERVING)).await;
    sqlx::raw_sql(
        "insert into scheduled_release (id, conference_id, account_id, due_at, note, created_at)
         select gen_random_uuid(), conference.id, account.id, due_at, note, now() from conference, account,
             (values (now() - interval '1 hour', 'due'), (now() + interval '1 hour', 'later')) as one (due_at, note)",
    )
    .execute(&house.db)
    .await
    .expect("two publications");
    let (folder, file) = place_for_a_backup();
    let made = runs(&house, SERVING, &["backup", &file]).await;
    assert!(made.success, "{}", made.said);
    (house, folder, file)
}

/// Runs `restore` as the role that owns the database. The test closes its own connections first, because a restore
/// refuses to run while anybody else is connected.
async fn restores(house: &mut House, file: &str, replace: bool) -> Ended {
    house.db.close().await;
    let arguments: &[&str] = if replace { &["restore", "--replace", file] } else { &["restore", file] };
    let ended = runs(house, OWNER, arguments).await;
    house.db = PgPoolOptions::new().max_connections(2).connect_lazy(&house.url).expect("an address");
    ended
}

#[tokio::test]
async fn restoring_a_backup_into_an_empty_database_restores_every_table() {
    let (house, _folder, file) = backed_up().await;
    let before = tables(&house.db).await;
    for table in
        ["registration", "attendee_needs", "place", "offer", "message", "audit", "login", "account_link", "rate_limit"]
    {
        assert!(!before[table].is_empty(), "{table} is empty");
    }
    let mode = fs::metadata(&file).expect("the backup").permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "only its owner can read it");
    assert!(!Path::new(&format!("{file}.part")).exists());

    let url = empty_database(&house.cluster, "elsewhere").await;
    sqlx::query("alter database elsewhere owner to keeper").execute(&house.db).await.expect("a superuser can do this");
    let mut elsewhere = House { db: PgPoolOptions::new().connect_lazy(&url).expect("an address"), url, ..house };
    let restored = restores(&mut elsewhere, &file, false).await;
    assert!(restored.success && restored.said.contains("was restored from"), "{}", restored.said);
    assert!(
        restored.said.contains("run `conference migrate --serve-as ROLE` before you start it"),
        "{}",
        restored.said
    );
    assert!(restored.said.contains("2 scheduled publications are cancelled, because"), "{}", restored.said);
    must_be_restored(before, tables(&elsewhere.db).await);
    let owners: Vec<String> =
        sqlx::query_scalar("select distinct tableowner::text from pg_tables where schemaname = 'public'")
            .fetch_all(&elsewhere.db)
            .await
            .expect("the owners");
    assert_eq!(owners, [OWNER]);
}

#[tokio::test]
async fn mails_that_were_waiting_in_a_backup_are_sent_only_after_staff_release_them() {
    let (mut house, _folder, file) = backed_up().await;
    let waited: i64 = sqlx::query_scalar("select count(*) from message where state = 'waiting'")
        .fetch_one(&house.db)
        .await
        .expect("a number");
    assert!(waited >= 6, "each registration has a mail for its contact and one for operations: {waited}");
    let restored = restores(&mut house, &file, true).await;
    assert!(restored.success, "{}", restored.said);
    assert!(restored.said.contains(&format!("{waited} mails that were waiting")), "{}", restored.said);
    assert!(restored.said.contains("/staff/leipzig-2018/messages?state=held"), "{}", restored.said);

    let server = MailServer::start().await;
    let url = url_of(&house, SERVING);
    let smtp = server.url();
    let settings = [
        ("DATABASE_URL", url.as_str()),
        ("SMTP_URL", smtp.as_str()),
        ("OPERATIONS_ADDRESS", "operations@desk.example"),
    ];
    let instance = house.program(&settings).await;
    let staff = house.signed_in("staff", &instance).await;
    // Once a new mail has been sent, the older ones would have been sent too.
    registers(&instance.delegate(9), "Anna Nagy", "anna@graz.example").await.must_say("You are registered");
    server.mail_to("anna@graz.example").await;
    assert_eq!(server.received(2).await.len(), 2, "Anna's mail and the one to operations");
    let mails = staff.opens("/staff/leipzig-2018/messages").await;
    mails.must_say(&format!("{waited} e-mails are held."));
    staff.sends(mails.form("Release all")).await.must_say("Released.").must_say("No e-mails are held.");
    server.mail_to("delegate-0@city.example").await;
    server.received(usize::try_from(waited).expect("a number") + 2).await;
}

#[tokio::test]
async fn a_restore_replaces_data_only_with_the_option_replace_and_while_nobody_is_connected() {
    let (mut house, _folder, file) = backed_up().await;
    let before = tables(&house.db).await;
    let url = url_of(&house, SERVING);
    let instance = house.program(&[("DATABASE_URL", &url)]).await;
    registers(&instance.delegate(9), "Anna Nagy", "anna@graz.example").await.must_say("You are registered");
    let later = tables(&house.db).await;

    let refused = restores(&mut house, &file, false).await;
    assert!(
        !refused.success && refused.said.contains("is not empty (registrations: 4, accounts: 1)"),
        "{}",
        refused.said
    );
    assert!(refused.said.contains("add --replace"), "{}", refused.said);
    let in_use = restores(&mut house, &file, true).await;
    assert!(!in_use.success && in_use.said.contains("stop the server, restore"), "{}", in_use.said);
    tokio::task::spawn_blocking(move || instance.program.ends_well()).await.expect("the task ends");
    let not_owner = runs(&house, SERVING, &["restore", "--replace", &file]).await;
    assert!(!not_owner.success && not_owner.said.contains("the DATABASE_URL of the role keeper"), "{}", not_owner.said);
    assert_eq!(tables(&house.db).await["registration"], later["registration"], "nothing has changed so far");

    let restored = restores(&mut house, &file, true).await;
    assert!(restored.success, "{}", restored.said);
    assert!(!restored.said.contains("--serve-as"), "the role that served can serve again: {}", restored.said);
    must_be_restored(before, tables(&house.db).await);
    let instance = house.program(&[("DATABASE_URL", &url)]).await;
    registers(&instance.delegate(10), "Anna Nagy", "anna@graz.example").await.must_say("You are registered");
}

#[tokio::test]
async fn a_file_that_cannot_be_restored_leaves_the_database_unchanged() {
    let (mut house, folder, good) = backed_up().await;
    let in_folder = |name: &str| folder.path().join(name).display().to_string();
    let bytes = fs::read(&good).expect("the backup");
    fs::write(in_folder("empty"), "").expect("a file in the folder");
    fs::write(in_folder("letter"), "Dear operations,\n".repeat(100)).expect("a file in the folder");
    fs::write(in_folder("cut"), &bytes[..bytes.len() * 2 / 3]).expect("a file in the folder");
    let mut bad = bytes.clone();
    let end = bad.len();
    bad[end / 3..end / 3 + 2000].fill(0x55);
    fs::write(in_folder("damaged"), bad).expect("a file in the folder");
    // A backup of another program's database.
    sqlx::query("create database other").execute(&house.db).await.expect("a superuser can do this");
    foreign_dump(&house, "other", &in_folder("other"));
    // A backup that looks as if a newer release had made it.
    let newer = "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
                 values (29991231000000, 'later', true, '', 0)";
    sqlx::query(newer).execute(&house.db).await.expect("a superuser can do this");
    let made = runs(&house, OWNER, &["backup", &in_folder("newer")]).await;
    assert!(made.success, "{}", made.said);
    sqlx::query("delete from _sqlx_migrations where description = 'later'")
        .execute(&house.db)
        .await
        .expect("a superuser can do this");

    let before = tables(&house.db).await;
    for (name, words) in [
        ("missing", "cannot be used"),
        ("empty", "this is not a backup made by `conference backup`"),
        ("letter", "this is not a backup made by `conference backup`"),
        ("other", "this is not a backup made by `conference backup`"),
        ("newer", "by a newer or different release of the program"),
        ("cut", ""),
        ("damaged", ""),
    ] {
        let refused = restores(&mut house, &in_folder(name), true).await;
        assert!(!refused.success && refused.said.contains(words), "{name}: {}", refused.said);
        assert_eq!(refused.said.trim().lines().count(), 1, "one sentence: {}", refused.said);
        assert_eq!(tables(&house.db).await, before, "{name}");
    }
    // The whole transaction is also rolled back if PostgreSQL refuses one of its statements.
    sqlx::raw_sql("create schema aside;
         create function aside.refuse() returns event_trigger language plpgsql as
             'begin raise exception ''no more functions''; end';
         create event trigger refuse on ddl_command_start when tag in ('CREATE FUNCTION') execute function aside.refuse()")
        .execute(&house.db)
        .await
        .expect("a superuser can do this");
    let before = tables(&house.db).await;
    let refused = restores(&mut house, &good, true).await;
    assert!(!refused.success && refused.said.contains("no more functions"), "{}", refused.said);
    assert_eq!(tables(&house.db).await, before);
}

/// Makes a backup with `pg_dump` alone.
fn foreign_dump(house: &House, database: &str, file: &str) {
    // The folder of the server's programs may contain links to only some of them, so follow the link.
    let server = house.cluster.program("pg_ctl").canonicalize().expect("it is installed");
    let mut dump = std::process::Command::new(server.with_file_name("pg_dump"));
    dump.args(["--format=custom", "--file", file, "--dbname", &house.cluster.url(database)]);
    assert!(dump.status().expect("pg_dump runs").success());
    fs::set_permissions(file, fs::Permissions::from_mode(0o644)).expect("our own file");
}

#[tokio::test]
async fn a_backup_that_fails_leaves_the_previous_one_unchanged() {
    let house = house().await;
    let (folder, file) = place_for_a_backup();
    let nothing = runs(&house, OWNER, &["backup", &file]).await;
    assert!(!nothing.success && nothing.said.contains("there is nothing to back up"), "{}", nothing.said);
    assert!(!Path::new(&file).exists() && !Path::new(&format!("{file}.part")).exists());

    assert!(runs(&house, OWNER, &["migrate"]).await.success);
    fs::write(&file, "the backup of yesterday").expect("a file in the folder");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).expect("our own file");
    // The role that serves has no rights yet.
    let refused = runs(&house, SERVING, &["backup", &file]).await;
    assert!(!refused.success && refused.said.contains("that owns the tables, keeper"), "{}", refused.said);
    // Limit files to a few kilobytes, as if the disk were full.
    let program = command(&folder, User::Ordinary, &[]).get_program().to_owned();
    let mut limited = command(&folder, User::Ordinary, &[]);
    limited = {
        let mut shell = std::process::Command::new("sh");
        shell.args(["-c", "ulimit -f 8; exec \"$0\" backup \"$1\""]).arg(program).arg(&file);
        shell.envs(limited.get_envs().filter_map(|(name, value)| Some((name, value?))));
        shell.env("DATABASE_URL", url_of(&house, OWNER));
        shell
    };
    let (ended, folder) = tokio::task::spawn_blocking(move || (Program::spawn(limited, &folder).ended(), folder))
        .await
        .expect("the task ends");
    assert!(!ended.success && ended.said.contains("no backup was made"), "{}", ended.said);
    let nowhere = folder.path().join("nowhere/backup").display().to_string();
    for path in [nowhere, folder.path().display().to_string()] {
        let refused = runs(&house, OWNER, &["backup", &path]).await;
        assert!(!refused.success && refused.said.contains("cannot be used"), "{}", refused.said);
    }
    assert_eq!(fs::read_to_string(&file).expect("it is there"), "the backup of yesterday");
    assert!(!Path::new(&format!("{file}.part")).exists(), "nothing unfinished is left");

    let made = runs(&house, OWNER, &["backup", &file]).await;
    assert!(made.success, "{}", made.said);
    let meta = fs::metadata(&file).expect("the backup");
    assert_eq!(
        meta.permissions().mode() & 0o777,
        0o600,
        "it replaces the previous backup but does not take over its permissions"
    );
}

#[tokio::test]
async fn a_backup_of_an_older_release_is_brought_up_to_date() {
    let (mut house, folder, _) = backed_up().await;
    // As before the release that added notes about attendees.
    sqlx::raw_sql("drop table attendee_note; delete from _sqlx_migrations where version = 20261127105000")
        .execute(&house.db)
        .await
        .expect("a superuser can do this");
    let old = folder.path().join("old").display().to_string();
    let made = runs(&house, OWNER, &["backup", &old]).await;
    assert!(made.success, "{}", made.said);
    let restored = restores(&mut house, &old, true).await;
    assert!(restored.success, "{}", restored.said);
    assert!(tables(&house.db).await.contains_key("attendee_note"), "the migration was applied");
    let url = url_of(&house, SERVING);
    let instance = house.program(&[("DATABASE_URL", &url)]).await;
    registers(&instance.delegate(9), "Anna Nagy", "anna@graz.example").await.must_say("You are registered");
}

#[tokio::test]
async fn a_backup_that_is_interrupted_leaves_nothing_behind() {
    let house = house().await;
    assert!(runs(&house, OWNER, &["migrate"]).await.success);
    let (folder, file) = place_for_a_backup();
    // A lock keeps the backup from finishing.
    let mut lock = house.db.begin().await.expect("a transaction");
    sqlx::query("lock table attendee in access exclusive mode")
        .execute(&mut *lock)
        .await
        .expect("a superuser can do this");
    let mut backup = command(&folder, User::Ordinary, &["backup", &file]);
    backup.env("DATABASE_URL", url_of(&house, OWNER));
    let program = Program::spawn(backup, &folder);
    let deadline = Instant::now() + Duration::from_secs(30);
    let waits = "select count(*) from pg_locks where not granted and relation = 'attendee'::regclass";
    while sqlx::query_scalar::<_, i64>(waits).fetch_one(&house.db).await.expect("a number") == 0 {
        assert!(Instant::now() < deadline, "the backup did not reach the table");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(Path::new(&format!("{file}.part")).exists());
    let said = tokio::task::spawn_blocking(move || program.ends_with_words()).await.expect("the task ends");
    assert!(said.contains("asked to end before it had finished"), "{said}");
    assert!(!Path::new(&file).exists() && !Path::new(&format!("{file}.part")).exists());
    drop(lock);
}

#[tokio::test]
async fn a_backup_of_our_own_server_can_be_restored_into_an_empty_data_dir() {
    for user in users() {
        let folder = Folder::for_user(user);
        let file = folder.path().join("conference.backup");
        let name = file.display().to_string();
        let none = run(&folder, user, &["backup", &name]);
        assert!(!none.success && none.said.contains("there is no database under DATA_DIR"), "{}", none.said);

        let program = Program::start(&folder, user);
        let added = run(&folder, user, &["user", "add", "--email", "anna@city.example", "--role", "staff"]);
        assert!(added.success, "{}", added.said);
        let before = tables(&private(&folder)).await;
        let while_it_serves = run(&folder, user, &["backup", &name]);
        assert!(while_it_serves.success, "{}", while_it_serves.said);
        program.ends_well();
        let while_nothing_runs = run(&folder, user, &["backup", &name]);
        assert!(while_nothing_runs.success, "{}", while_nothing_runs.said);
        assert!(folder.postgres().is_none(), "the server that the backup started is stopped again");

        let other = Folder::for_user(user);
        let restored = run(&other, user, &["restore", &name]);
        assert!(restored.success, "{}", restored.said);
        assert!(!restored.said.contains("--serve-as"), "{}", restored.said);
        let program = Program::start(&other, user);
        assert!(program.get(LEIPZIG).body.contains("Leipzig"));
        must_be_restored(before, tables(&private(&other)).await);
        let refused = run(&other, user, &["restore", &name]);
        assert!(!refused.success && refused.said.contains("is not empty"), "{}", refused.said);
        program.ends_well();
        let replaced = run(&other, user, &["restore", "--replace", &name]);
        assert!(replaced.success, "{}", replaced.said);
        Program::start(&other, user).ends_well();
    }
}

/// Connects to our own server while it runs.
fn private(folder: &Folder) -> PgPool {
    let url = format!("postgres://conference_owner@localhost/conference?host={}", folder.socket().display());
    PgPoolOptions::new().max_connections(1).connect_lazy(&url).expect("an address")
}
