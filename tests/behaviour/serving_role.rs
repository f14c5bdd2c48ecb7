//! A PostgreSQL role that serves but does not own the tables: somebody who learns its password cannot change the audit
//! log. The owner migrates.

use sqlx::{Connection, PgConnection};

use crate::{
    editing::{WORLD_CAFE, editor},
    instances::House,
    program::{Ended, Folder, Program, User, command},
    signing_in::{PASSWORD, sets_password, signs_in},
    support::{LEIPZIG, registration::registers},
};

/// The role that owns the database.
pub const OWNER: &str = "keeper";
/// The role that serves.
pub const SERVING: &str = "web";

/// Sets up a server on which one role owns the database and another may log in.
pub async fn house() -> House {
    let house = House::new().await;
    for statement in ["create role keeper login", "create role web login", "alter database conference owner to keeper"]
    {
        sqlx::query(statement).execute(&house.db).await.expect("a superuser can do this");
    }
    house
}

pub fn url_of(house: &House, role: &str) -> String {
    house.url.replace("postgres@", &format!("{role}@"))
}

/// Runs the program with these arguments as this role until it ends.
pub async fn runs(house: &House, role: &str, arguments: &[&str]) -> Ended {
    let folder = Folder::for_user(User::Ordinary);
    let mut command = command(&folder, User::Ordinary, arguments);
    command.env("DATABASE_URL", url_of(house, role));
    tokio::task::spawn_blocking(move || Program::spawn(command, &folder).ended()).await.expect("the task ends")
}

#[tokio::test]
async fn a_role_that_does_not_own_the_tables_serves_and_cannot_change_the_audit_log() {
    let house = house().await;
    let migrated = runs(&house, OWNER, &["migrate", "--serve-as", "web"]).await;
    assert!(migrated.success && migrated.said.contains("The role web can serve from it"), "{}", migrated.said);

    let instance = house.program(&[("DATABASE_URL", &url_of(&house, SERVING))]).await;
    registers(&instance.delegate(1), "Željka Horvat", "zeljka@graz.example").await.must_say("You are registered");
    let added = runs(&house, SERVING, &["user", "add", "--email", "olga@city.example", "--role", "organiser"]).await;
    assert!(added.success, "{}", added.said);
    let link = added.said.lines().find_map(|line| line.find("/set-password/").map(|at| line[at..].to_owned()));
    let olga = instance.delegate(2);
    sets_password(&olga, &link.expect("a link"), PASSWORD).await.must_be(200);
    signs_in(&olga, "olga@city.example", PASSWORD).await.must_be(200);
    let form = editor(&olga, WORLD_CAFE).await.form("Save and publish");
    olga.sends(form.fill("Text", "Bring a question.")).await.must_say("Saved and published.");
    instance.delegate(3).opens(&format!("{LEIPZIG}/sessions/world-cafe")).await.must_say("Bring a question.");
    let kinds: Vec<String> =
        sqlx::query_scalar("select kind from audit order by id").fetch_all(&house.db).await.expect("the audit log");
    for kind in ["registration_kept", "account_added", "password_set", "item_saved"] {
        assert!(kinds.iter().any(|noted| noted == kind), "{kind} is not in {kinds:?}");
    }

    let mut web = PgConnection::connect(&url_of(&house, SERVING)).await.expect("the role can log in");
    for statement in [
        "delete from audit",
        "update audit set kind = ''",
        "truncate audit",
        "truncate audit cascade",
        "update audit_value set before = 'forged'",
        "delete from audit_value",
        "insert into audit (id, at, actor, kind) values (gen_random_uuid(), '2000-01-01', 'program', 'forged')",
        "alter table audit disable trigger audit_only_grows",
        "drop trigger audit_only_grows on audit",
        "create or replace function audit_only_grows() returns trigger language plpgsql as 'begin return null; end'",
        "drop table audit cascade",
        "set role keeper",
        "set session_replication_role = replica",
        "insert into _sqlx_migrations (version, description, success, checksum, execution_time) values (1, '', true, '', 0)",
        "update _sqlx_migrations set success = false",
        "delete from _sqlx_migrations",
    ] {
        let refused = sqlx::query(statement).execute(&mut web).await.expect_err(statement);
        let code = refused.as_database_error().and_then(sqlx::error::DatabaseError::code);
        assert_eq!(code.as_deref(), Some("42501"), "{statement}: {refused}");
    }
    let left: i64 = sqlx::query_scalar("select count(*) from audit").fetch_one(&house.db).await.expect("a number");
    assert_eq!(usize::try_from(left).expect("a number"), kinds.len());
}

#[tokio::test]
async fn check_and_the_start_say_whether_the_role_can_change_the_audit_log() {
    let house = house().await;
    assert!(runs(&house, OWNER, &["migrate", "--serve-as", "web"]).await.success);
    let (of_owner, of_web) = (runs(&house, OWNER, &["check"]).await, runs(&house, SERVING, &["check"]).await);
    assert!(
        of_owner.said.contains("up to date; the server's role keeper can change the audit log"),
        "{}",
        of_owner.said
    );
    assert!(of_owner.said.contains("public: DATABASE_URL should name a role that cannot"), "{}", of_owner.said);
    assert!(of_web.said.contains("up to date; the server's role web cannot change the audit log"), "{}", of_web.said);
    assert!(!of_web.said.contains("DATABASE_URL should name a role"), "{}", of_web.said);

    for (role, warns) in [(OWNER, true), (SERVING, false)] {
        let mut instance = house.program(&[("DATABASE_URL", &url_of(&house, role))]).await;
        instance.program.waits_for("To do:  PUBLIC_URL");
        let said =
            tokio::task::spawn_blocking(move || instance.program.ends_with_words()).await.expect("the task ends");
        assert_eq!(said.contains(&format!("as the role {role} can;")), warns, "{said}");
    }
}

#[tokio::test]
async fn a_serving_role_is_told_what_the_owner_has_to_run() {
    let house = house().await;
    assert!(runs(&house, OWNER, &["migrate"]).await.success);
    let words = "run `conference migrate --serve-as web` with the DATABASE_URL of its owner, the role keeper";
    for arguments in [&[] as &[&str], &["check"], &["migrate"]] {
        let ended = runs(&house, SERVING, arguments).await;
        let said = ended.said;
        assert!(!ended.success && said.contains("it has no rights on some tables") && said.contains(words), "{said}");
    }
    assert!(runs(&house, OWNER, &["migrate", "--serve-as", "web"]).await.success);
    let again = runs(&house, SERVING, &["migrate"]).await;
    assert!(again.success && again.said.contains("up to date"), "nothing needs to be done: {}", again.said);

    // As if this release had one more migration.
    sqlx::query("delete from _sqlx_migrations where version = (select max(version) from _sqlx_migrations)")
        .execute(&house.db)
        .await
        .expect("a superuser can do this");
    for arguments in [&[] as &[&str], &["check"]] {
        let ended = runs(&house, SERVING, arguments).await;
        let said = ended.said;
        assert!(!ended.success && said.contains("one migration is missing") && said.contains(words), "{said}");
    }
}

#[tokio::test]
async fn serve_as_accepts_only_a_role_that_cannot_change_the_audit_log() {
    let house = house().await;
    let nobody = runs(&house, OWNER, &["migrate", "--serve-as", "nobody"]).await;
    assert!(!nobody.success && nobody.said.contains("there is no role nobody"), "{}", nobody.said);
    assert!(nobody.said.contains("CREATE ROLE nobody LOGIN"), "{}", nobody.said);
    sqlx::query("grant keeper to web").execute(&house.db).await.expect("a superuser can do this");
    for arguments in [
        &["migrate", "--serve-as", "keeper"],
        &["migrate", "--serve-as", "web"],
        &["migrate", "--serve-as", "postgres"],
    ] {
        let refused = runs(&house, OWNER, arguments).await;
        assert!(!refused.success && refused.said.contains("can still change the audit log"), "{}", refused.said);
    }
    sqlx::query("revoke keeper from web").execute(&house.db).await.expect("a superuser can do this");
    // The owner of a database may drop what others own in it, and before PostgreSQL 16 a role with CREATEROLE could
    // make itself a member of any other role.
    let old = "select current_setting('server_version_num')::integer < 160000";
    let old: bool = sqlx::query_scalar(old).fetch_one(&house.db).await.expect("a version");
    let ways = [
        ("alter database conference owner to web", "alter database conference owner to keeper", true),
        ("grant pg_execute_server_program to web", "revoke pg_execute_server_program from web", true),
        ("alter role web createrole", "alter role web nocreaterole", old),
    ];
    for (give, take, refuses) in ways {
        sqlx::query(give).execute(&house.db).await.expect("a superuser can do this");
        let answer = runs(&house, OWNER, &["migrate", "--serve-as", "web"]).await;
        assert_eq!(answer.success, !refuses, "{give}: {}", answer.said);
        sqlx::query(take).execute(&house.db).await.expect("a superuser can do this");
    }
    assert!(runs(&house, OWNER, &["migrate", "--serve-as", "web"]).await.success);
    let by_itself = runs(&house, SERVING, &["migrate", "--serve-as", "web"]).await;
    assert!(
        !by_itself.success && by_itself.said.contains("the DATABASE_URL of its owner, the role keeper"),
        "{}",
        by_itself.said
    );
}
