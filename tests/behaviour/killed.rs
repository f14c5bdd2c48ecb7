//! The program is killed in the middle of a transfer, a cancellation or an answer to an offer, at each table that it writes: nothing of
//! it has happened, and it can be done again.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::{
    instances::{House, Instance},
    support::{Form, Person},
    waiting::{filled, limits, none, open_form, secret_of, wrong},
};

/// Anna and Clara have the two places of member cities, for which they owe a fee, and Boris and Emil wait.
async fn house() -> (House, Instance) {
    let house = House::new().await;
    let instance = house.program(&[]).await;
    sqlx::raw_sql(
        "update registration_settings set account_holder = 'MCE', iban = 'DE02120300000000202051';
         update category set fee_cents = 45000 where slug = 'member-city'",
    )
    .execute(&house.db)
    .await
    .expect("a fee");
    limits(&house.db, "member-city", Some(2)).await;
    for (number, name) in ["Anna", "Clara", "Boris", "Emil"].into_iter().enumerate() {
        let delegate = instance.delegate(number);
        let form = filled(open_form(&delegate.opens("/leipzig-2018/register").await), name, "Member city");
        let page = delegate.sends(form).await;
        let page = if page.has_form("Join the waiting list") {
            delegate.sends(page.form("Join the waiting list")).await
        } else {
            page
        };
        page.must_be(200);
    }
    (house, instance)
}

/// What the database says about people, places, amounts, ended links and mails. (Mails that are being sent make links.)
async fn all(house: &House) -> Vec<String> {
    sqlx::query_scalar(
        "select concat_ws(' ', name, email, state, category_id, queue_rank, revision) from attendee
         union all select concat_ws(' ', attendee_id, state) from place
         union all select concat_ws(' ', attendee_id, outcome) from offer
         union all select concat_ws(' ', attendee_id, amount_cents) from charge
         union all select 'taken ' || coalesce(category_id::text, '') || taken from capacity
         union all select 'revoked ' || id from link where revoked_at is not null
         union all select 'message ' || id from message
         union all select 'audit ' || id from audit
         order by 1",
    )
    .fetch_all(&house.db)
    .await
    .expect("the tables")
}

/// Waits until a transaction that holds a registration wants to write this table.
async fn wait_until_it_writes(house: &House, table: &str) {
    let deadline = Instant::now() + Duration::from_secs(20);
    let waiting = "select exists (
        select from pg_locks wanted join pg_locks held on held.pid = wanted.pid and held.granted
        where not wanted.granted and wanted.relation = $1::regclass and held.relation = 'registration'::regclass)";
    while !sqlx::query_scalar::<_, bool>(waiting).bind(table).fetch_one(&house.db).await.expect("the locks") {
        assert!(Instant::now() < deadline, "it does not write {table}");
        sleep(Duration::from_millis(10)).await;
    }
}

/// Sends a form, and kills the program when it is about to write each of these tables. Then sends it once more, and returns the
/// program that answered.
async fn is_killed_at(house: &House, mut instance: Instance, tables: &[&str], path: &str, form: &str) -> Instance {
    let opens = async |instance: &Instance| -> (Person, Form) {
        let delegate = instance.delegate(9);
        let page = delegate.opens(path).await;
        let form = page.form(form);
        let form = if path.contains("transfer") {
            form.fill("Name", "Dora").fill("E-mail", "dora@graz.example")
        } else {
            form
        };
        (delegate, form)
    };
    for table in tables {
        let (delegate, form) = opens(&instance).await;
        let before = all(house).await;
        let mut lock = house.db.begin().await.expect("a transaction");
        let statement = format!("lock table {table} in share row exclusive mode");
        sqlx::query(sqlx::AssertSqlSafe(statement)).execute(&mut *lock).await.expect("the lock");
        let sending = tokio::spawn(async move { delegate.sends_over_a_bad_line(&form).await.is_ok() });
        wait_until_it_writes(house, table).await;
        instance.program.kill();
        assert!(!sending.await.expect("the task"), "nobody is told that it is done");
        lock.rollback().await.expect("the lock is released");
        let busy = "select exists (select from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and xact_start is not null)";
        while sqlx::query_scalar::<_, bool>(busy).fetch_one(&house.db).await.expect("the sessions") {
            sleep(Duration::from_millis(10)).await;
        }
        assert_eq!(all(house).await, before, "killed before it writes {table}");
        instance = house.program(&[]).await;
    }
    let (delegate, form) = opens(&instance).await;
    delegate.sends(form).await.must_be(200);
    none(&wrong(&house.db).await);
    instance
}

async fn states(house: &House) -> Vec<(String, String)> {
    sqlx::query_as("select name, state from attendee order by name").fetch_all(&house.db).await.expect("them")
}

#[tokio::test]
async fn a_transfer_a_cancellation_and_an_offer_that_are_cut_off_by_a_kill_have_not_happened_at_all() {
    let (house, instance) = house().await;
    let manage = format!("/manage/{}", secret_of(&house.db, "Anna", true).await);
    let path = format!("{manage}/transfer");
    let tables = ["attendee", "audit", "link", "message"];
    let instance = is_killed_at(&house, instance, &tables, &path, "Transfer the place").await;

    // The cancellation offers the place to Boris in the same transaction.
    let path = format!("/manage/{}/cancel", secret_of(&house.db, "Clara", true).await);
    let tables = ["attendee", "audit", "message", "place", "offer"];
    let instance = is_killed_at(&house, instance, &tables, &path, "Yes, cancel").await;
    let is = |name: &str, state: &str| (name.to_owned(), state.to_owned());
    let after = [is("Boris", "offered"), is("Clara", "cancelled"), is("Dora", "confirmed"), is("Emil", "waiting")];
    assert_eq!(states(&house).await, after);

    let offer = format!("/offers/{}", secret_of(&house.db, "Boris", true).await);
    let tables = ["offer", "place", "attendee", "charge", "audit", "message"];
    let instance = is_killed_at(&house, instance, &tables, &offer, "Accept the place").await;
    assert_eq!(states(&house).await[0], is("Boris", "confirmed"));

    // Boris gives it back, and Emil declines it.
    let path = format!("/manage/{}/cancel", secret_of(&house.db, "Boris", true).await);
    let instance = is_killed_at(&house, instance, &[], &path, "Yes, cancel").await;
    let offer = format!("/offers/{}/decline", secret_of(&house.db, "Emil", true).await);
    let tables = ["offer", "attendee", "audit", "message", "place"];
    is_killed_at(&house, instance, &tables, &offer, "Yes, decline").await;
    assert_eq!(states(&house).await[3], is("Emil", "cancelled"));
}
