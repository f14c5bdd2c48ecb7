//! `PgBouncer` between the program and its database.

use crate::{
    instances::House,
    program::{Folder, Program, User, command},
    registering::registers,
    support::PgBouncer,
};

#[tokio::test]
async fn a_pooler_that_shares_sessions_is_refused_and_the_error_says_what_to_set() {
    let house = House::new().await;
    for mode in ["transaction", "statement"] {
        let pooler = PgBouncer::before(&house.cluster, mode);
        for arguments in [&[][..], &["check"]] {
            let folder = Folder::for_user(User::Ordinary);
            let mut command = command(&folder, User::Ordinary, arguments);
            command.env("DATABASE_URL", pooler.url("conference"));
            let ended = tokio::task::spawn_blocking(move || Program::spawn(command, &folder).ended());
            let ended = ended.await.expect("an end");
            assert!(!ended.success && ended.said.contains("set pool_mode = session"), "{mode}: {}", ended.said);
        }
    }
}

#[tokio::test]
async fn a_session_pooler_works_with_its_default_settings() {
    let house = House::new().await;
    let pooler = PgBouncer::before(&house.cluster, "session");
    let instance = house.program(&[("DATABASE_URL", &pooler.url("conference"))]).await;
    for number in 0..8 {
        let page = registers(&instance.delegate(number), "Anna", &format!("anna-{number}@graz.example")).await;
        page.must_be(200).must_say("You are registered");
    }
    let of_program = "select count(*) from pg_stat_activity where application_name = 'conference'";
    let sessions: i64 = sqlx::query_scalar(of_program).fetch_one(&house.db).await.expect("a number");
    assert!((2..=17).contains(&sessions), "at most as many as the README says: {sessions}");
    // One of them listens, so an edit on another instance is noticed through the pooler too.
    let direct = house.program(&[]).await;
    let administrator = house.signed_in("administrator", &direct).await;
    let facts = administrator.opens("/organisers/leipzig-2018/facts").await;
    administrator.sends(facts.form("Save and publish").fill("Fax", "+49 341 1001")).await.must_be(200);
    instance.delegate(1).opens_until("/leipzig-2018", |home| home.says("+49 341 1001")).await;
    instance.program.ends_well();
}
