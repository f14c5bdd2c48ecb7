//! The counts that the desk's figures and lists are read from, and what pages say while they are not up to date.

use std::time::Duration;

use tokio::time::sleep;

use crate::{
    desk_list::ATTENDEES,
    registering::registers,
    serving_role::{OWNER, SERVING, house, runs, url_of},
    support::{Person, TestApp},
};

/// What the counts say and the people do not, or the other way round.
const WRONG: &str = "
    with people as (
        select attendee.conference_id, attendee.state, attendee.category_id, registration.country, registration.organisation,
            (attendee.created_at at time zone time_zone)::date as day, listed.city, listed.organisation as folded,
            attendee_needs.attendee_id is not null as has_needs, coalesce(owed_cents > paid_cents, false) as owes
        from attendee join conference on conference.id = conference_id join registration on registration.id = registration_id
        join attendee_listing listed on listed.attendee_id = attendee.id
        left join attendee_needs on attendee_needs.attendee_id = attendee.id
        left join balance on balance.registration_id = attendee.registration_id
    ), expected as (
        select conference_id, kind, value, of_state as state, count(*) as number
        from people cross join lateral (values
            ('all', '', state), ('day', day::text, state), ('category', category_id::text, state), ('country', country, state),
            ('city', city, state), ('needs', case when has_needs then '' end, state), ('owes', case when owes then '' end, state),
            ('organisation', case when state = 'confirmed' then folded end, '')) as its (kind, value, of_state)
        where value is not null group by 1, 2, 3, 4
    ), counted as (
        select conference_id, kind, value, state, number from attendee_count where number > 0
    ), amounts as (
        select conference_id, case when owed_cents > paid_cents then 'open' when owed_cents < paid_cents then 'overpaid'
            else 'settled' end as kind, count(*), sum(owed_cents), sum(paid_cents)
        from balance group by 1, 2
    ), sums as (
        select conference_id, kind, registrations, owed_cents, paid_cents from balance_count where registrations > 0
    )
    select kind || ' ' || value || ' ' || state || ': ' || number
    from ((table expected except table counted) union all (table counted except table expected)) one
    union all
    select two::text from ((table amounts except table sums) union all (table sums except table amounts)) two";

/// Opens a page until it shows the latest changes.
async fn opens_current(staff: &Person, path: &str) {
    staff.opens_until(path, |page| page.status == 200 && !page.says("added or changed at once")).await;
}

#[tokio::test]
async fn the_counts_agree_with_the_people_whatever_happens_to_them() {
    let house = house().await;
    assert!(runs(&house, OWNER, &["migrate", "--serve-as", SERVING]).await.success);
    let added = runs(&house, SERVING, &["demo", "--sessions", "1", "--attendees", "600"]).await;
    assert!(added.success, "{}", added.said);
    let slug = added.said.split(' ').next().expect("its slug").to_owned();
    let overview = format!("/staff/{slug}");
    let instance = house.program(&[("DATABASE_URL", &url_of(&house, SERVING))]).await;
    let staff = house.signed_in("staff", &instance).await;
    opens_current(&staff, &overview).await;
    // Places that become free are offered in the meantime, so the counts may be a moment behind.
    let wrong = async || {
        let mut wrong = Vec::new();
        for _ in 0..50 {
            wrong = sqlx::query_scalar::<_, String>(WRONG).fetch_all(&house.db).await.expect("a comparison");
            if wrong.is_empty() {
                break;
            }
            sleep(Duration::from_millis(200)).await;
        }
        wrong
    };
    assert_eq!(wrong().await, [""; 0], "after they were added");
    for statement in [
        "update attendee set state = 'cancelled', cancelled_at = now() where state = 'confirmed' and name < 'K'",
        "update attendee set category_id = (select id from category where slug = 'staff' and conference_id = attendee.conference_id)
         where name > 'S'",
        "update registration set country = 'NO', city = 'Bergen', organisation = 'Bergen kommune' where country = 'AT'",
        "delete from attendee_needs where attendee_id in (select attendee_id from attendee_needs limit 10)",
        "insert into payment (id, conference_id, registration_id, amount_cents, paid_on, account_id, created_at)
         select gen_random_uuid(), conference_id, registration_id, owed_cents + 100, current_date, (select id from account limit 1), now()
         from balance limit 50",
        // In this zone, most people registered on another day.
        "update conference set time_zone = 'Pacific/Auckland' where is_demonstration",
    ] {
        // The facts of a conference are those of its release, except here.
        for one in [
            "alter table conference disable trigger check_facts",
            statement,
            "alter table conference enable trigger check_facts",
        ] {
            sqlx::query(one).execute(&house.db).await.expect(one);
        }
        opens_current(&staff, &overview).await;
        assert_eq!(wrong().await, [""; 0], "{statement}");
    }
    let removed = runs(&house, OWNER, &["demo", "--remove"]).await;
    assert!(removed.success, "{}", removed.said);
    let left = "select (select count(*) from attendee_counted) + (select count(*) from attendee_count) + (select count(*) from balance_counted)";
    let left: i64 = sqlx::query_scalar(left).fetch_one(&house.db).await.expect("numbers");
    assert_eq!(left, 0);
}

#[tokio::test]
async fn pages_say_when_the_latest_changes_are_missing_and_do_not_wait_for_them() {
    let app = TestApp::start().await;
    registers(&app.delegate(), "Anna Gruber", "anna@graz.example").await;
    let staff = app.staff().await;
    let pages = ["/staff/leipzig-2018", ATTENDEES, "/staff/leipzig-2018/owed", "/staff/leipzig-2018/export"];
    for page in pages {
        opens_current(&staff, page).await;
    }
    // As if another instance had much to fill in.
    let mut busy = app.db.begin().await.expect("a transaction");
    sqlx::query("select pg_advisory_xact_lock(hashtextextended('attendee_listing', 0))")
        .execute(&mut *busy)
        .await
        .expect("the lock");
    registers(&app.delegate(), "Boris Maier", "boris@graz.example").await.must_say("You are registered");
    for page in pages {
        let begun = std::time::Instant::now();
        staff.opens(page).await.must_be(200).must_say("Many people were added or changed at once.");
        assert!(begun.elapsed() < Duration::from_secs(2), "{page}: {:?}", begun.elapsed());
    }
    // Nobody would see in a file that somebody is missing.
    let filtered = format!("{ATTENDEES}.csv?country=AT");
    staff.tries(&filtered).await.must_be(503).must_say("Many people were added or changed at once.");
    assert_eq!(staff.opens(&format!("{ATTENDEES}.csv")).await.body.lines().count(), 3, "a file of everybody");
    busy.rollback().await.expect("the lock is free");
    for page in pages {
        opens_current(&staff, page).await;
    }
    staff.opens("/staff/leipzig-2018").await.must_say("2 confirmed");
    assert_eq!(staff.opens(&filtered).await.body.lines().count(), 3);
}
